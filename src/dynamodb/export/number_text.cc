#include "dynamodb/export/number_text.h"

#include <algorithm>

namespace smelt::dynamodb {

namespace {

constexpr int kMaxPrecision = 38;

constexpr std::array<Int128, kMaxPrecision + 1> MakePowersOfTen() {
  std::array<Int128, kMaxPrecision + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr auto kPowersOfTen = MakePowersOfTen();

Int128 Magnitude(Int128 value) { return value < 0 ? -value : value; }

}  // namespace

std::optional<int64_t> ToLong(std::string_view text) {
  const std::optional<ShortDecimal> decimal = ParseShortDecimal(text);
  if (decimal && decimal->scale == 0) return decimal->coefficient;
  const absl::StatusOr<Number> number = Number::Parse(text);
  return number.ok() ? number->ToInt64() : std::nullopt;
}

std::optional<Int128> ToDecimal(std::string_view text, int precision, int scale) {
  const std::optional<ShortDecimal> decimal = ParseShortDecimal(text);
  if (decimal && decimal->scale <= scale && scale - decimal->scale <= 19) {
    // At most 18 + 19 digits: this cannot overflow.
    const Int128 unscaled =
        decimal->coefficient * kPowersOfTen[static_cast<size_t>(scale - decimal->scale)];
    if (Magnitude(unscaled) < kPowersOfTen[static_cast<size_t>(precision)]) return unscaled;
    return std::nullopt;
  }
  const absl::StatusOr<Number> number = Number::Parse(text);
  if (!number.ok()) return std::nullopt;
  if (number->is_zero()) return Int128{0};
  const int shift = scale + number->exponent();
  if (shift < 0 || number->digits() + shift > precision) return std::nullopt;
  const Int128 magnitude =
      static_cast<Int128>(number->coefficient()) * kPowersOfTen[static_cast<size_t>(shift)];
  return number->is_negative() ? -magnitude : magnitude;
}

std::optional<double> ToDouble(std::string_view text) {
  const std::optional<ShortDecimal> decimal = ParseShortDecimal(text);
  // Both sides are exact as doubles, so the quotient is the nearest.
  if (decimal && decimal->coefficient < (int64_t{1} << 53) &&
      decimal->coefficient > -(int64_t{1} << 53)) {
    return static_cast<double>(decimal->coefficient) /
           static_cast<double>(kPowersOfTen[static_cast<size_t>(decimal->scale)]);
  }
  const absl::StatusOr<Number> number = Number::Parse(text);
  if (!number.ok()) return std::nullopt;
  return number->ToDouble();
}

bool IsNumber(std::string_view text) {
  return ParseShortDecimal(text).has_value() || Number::Parse(text).ok();
}

void NumberExtent::Add(std::string_view text) {
  const std::optional<ShortDecimal> decimal = ParseShortDecimal(text);
  if (decimal) {
    // The service writes no needless zeros but the one before a point, which needs no place of its
    // own.
    if (text[0] == '-') text.remove_prefix(1);
    if (text[0] == '0') text.remove_prefix(1);
    const int digits = static_cast<int>(text.size()) - (decimal->scale > 0 ? 1 : 0);
    integer_digits = std::max(integer_digits, digits - decimal->scale);
    if (decimal->scale > 0) {
      all_long = false;
      fraction_digits = std::max(fraction_digits, decimal->scale);
    }
    return;
  }
  const absl::StatusOr<Number> number = Number::Parse(text);
  if (!number.ok()) return;  // fits no column; its values will be rescued
  if (!number->ToInt64()) all_long = false;
  integer_digits = std::max(integer_digits, number->digits() + number->exponent());
  fraction_digits = std::max(fraction_digits, -number->exponent());
}

void NumberExtent::Merge(const NumberExtent& other) {
  all_long = all_long && other.all_long;
  integer_digits = std::max(integer_digits, other.integer_digits);
  fraction_digits = std::max(fraction_digits, other.fraction_digits);
}

base::DataType NumberExtent::Type() const {
  if (all_long) return base::DataType(base::TypeKind::kLong);
  if (integer_digits + fraction_digits <= kMaxPrecision) {
    return base::DataType::Decimal(kMaxPrecision, fraction_digits);
  }
  return base::DataType(base::TypeKind::kString);
}

}  // namespace smelt::dynamodb
