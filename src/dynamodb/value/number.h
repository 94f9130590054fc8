#pragma once

// Number: DynamoDB's N. A decimal of up to 38 significant digits between 1E-130 and 9.99..E+125 in
// magnitude, exact: nothing here goes through a double. A value type; always normalised, so equal
// numbers have equal fields.

#include <absl/status/statusor.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smelt::dynamodb {

using UInt128 = unsigned __int128;

class Number {
 public:
  static constexpr int kMaxDigits = 38;
  static constexpr int kMaxExponent = 125;   // of the first digit
  static constexpr int kMinExponent = -130;  // of the first digit

  Number() = default;  // zero
  explicit Number(int64_t value);

  // Any decimal notation that the service takes ("-1.50", ".5", "1e3"). kInvalidArgument with the
  // service's own message.
  static absl::StatusOr<Number> Parse(std::string_view text);
  // coefficient * 10^exponent; kInvalidArgument with the service's own message where it is out of
  // range.
  static absl::StatusOr<Number> Make(bool negative, UInt128 coefficient, int exponent);

  // The service's canonical text: plain notation without an exponent, no trailing zeros ("1.5",
  // "0.001", "100000").
  std::string ToString() const;

  bool is_zero() const { return coefficient_ == 0; }
  bool is_negative() const { return negative_; }
  // The value is coefficient() * 10^exponent(); the coefficient has no trailing zero, zero is 0 *
  // 10^0.
  UInt128 coefficient() const { return coefficient_; }
  int exponent() const { return exponent_; }
  int digits() const;  // significant ones; 1 for zero
  bool is_integer() const { return exponent_ >= 0; }
  // nullopt where the value is no integer or does not fit.
  std::optional<int64_t> ToInt64() const;
  double ToDouble() const;  // nearest

  // Exact, then rounded half up to 38 digits as the service does; kInvalidArgument on overflow.
  static absl::StatusOr<Number> Add(const Number& a, const Number& b);
  static absl::StatusOr<Number> Subtract(const Number& a, const Number& b);
  Number Negated() const;

  // Bytes whose memcmp order is the numeric order, a shorter prefix first.
  std::string EncodeOrdered() const;
  static absl::StatusOr<Number> DecodeOrdered(std::string_view bytes);

  friend bool operator==(const Number&, const Number&) = default;
  friend std::strong_ordering operator<=>(const Number& a, const Number& b);

 private:
  bool negative_ = false;
  int16_t exponent_ = 0;
  UInt128 coefficient_ = 0;
};

}  // namespace smelt::dynamodb
