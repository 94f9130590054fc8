#pragma once

// Values of Spark's types as the pure function files see them; DuckDB's are the same bits.

#include <cstdint>
#include <string>
#include <string_view>

namespace smelt::duck {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

struct Date {  // days since 1970-01-01
  int32_t days;
};
struct Timestamp {  // an instant, microseconds since the epoch
  int64_t micros;
};
struct LocalTimestamp {  // TIMESTAMP_NTZ: the same, of a clock without a zone
  int64_t micros;
};
struct Interval {
  int32_t months;
  int32_t days;
  int64_t micros;
};
struct BytesView {  // BINARY, in
  std::string_view bytes;
};
struct Bytes {  // BINARY, out
  std::string bytes;
};

inline int64_t FloorDiv(int64_t a, int64_t b) {
  return a / b - ((a % b != 0) && ((a % b < 0) != (b < 0)));
}
inline int64_t FloorMod(int64_t a, int64_t b) { return a - FloorDiv(a, b) * b; }

}  // namespace smelt::duck
