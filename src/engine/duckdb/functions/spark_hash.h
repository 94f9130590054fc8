#pragma once

// Spark's hash (Murmur3, 32 bits) and xxhash64, as they treat each type. Both run over several
// columns by taking the last result as the next seed; a NULL leaves the seed as it is. Pure.

#include <cstdint>
#include <string_view>

namespace smelt::duck {

struct Murmur3 {
  using Value = int32_t;
  static constexpr Value kSeed = 42;
  static Value Int(int32_t value, Value seed);
  static Value Long(int64_t value, Value seed);
  static Value Text(std::string_view bytes, Value seed);
};

struct XxHash64 {
  using Value = int64_t;
  static constexpr Value kSeed = 42;
  static Value Int(int32_t value, Value seed);
  static Value Long(int64_t value, Value seed);
  static Value Text(std::string_view bytes, Value seed);
};

}  // namespace smelt::duck
