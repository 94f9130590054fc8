#pragma once

// StrongInt<Tag, T>: an integer that is a version, a batch number or a row count and cannot be
// taken for another. Ordered, hashable, no arithmetic but ++ and Next().

#include <fmt/format.h>

#include <compare>
#include <cstdint>
#include <functional>

namespace smelt::base {

template <typename Tag, typename T = int64_t>
class StrongInt {
 public:
  using ValueType = T;
  constexpr StrongInt() = default;
  constexpr explicit StrongInt(T value) : value_(value) {}
  constexpr T value() const { return value_; }
  constexpr StrongInt Next() const { return StrongInt(value_ + 1); }
  constexpr StrongInt& operator++() {
    ++value_;
    return *this;
  }
  friend constexpr auto operator<=>(StrongInt, StrongInt) = default;

 private:
  T value_{};
};

}  // namespace smelt::base

template <typename Tag, typename T>
struct std::hash<smelt::base::StrongInt<Tag, T>> {
  size_t operator()(smelt::base::StrongInt<Tag, T> id) const { return std::hash<T>()(id.value()); }
};

template <typename Tag, typename T>
struct fmt::formatter<smelt::base::StrongInt<Tag, T>> : fmt::formatter<T> {
  template <typename Context>
  auto format(smelt::base::StrongInt<Tag, T> id, Context& context) const {
    return fmt::formatter<T>::format(id.value(), context);
  }
};
