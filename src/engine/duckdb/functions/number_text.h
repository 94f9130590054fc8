#pragma once

// Numbers as Java and Spark write and read them. Pure; thread-safe.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace smelt::duck {

using Int128 = __int128;

// Double.toString and Float.toString: "1.0", "1.0E10", "NaN", "Infinity".
std::string JavaDouble(double value);
std::string JavaFloat(float value);

// A whole number between min and max, with white space around; no fraction, no exponent.
std::optional<int64_t> ParseInteger(std::string_view text, int64_t min, int64_t max);
// As Double.parseDouble, and "inf", "nan" in any case.
std::optional<double> ParseDouble(std::string_view text);
std::optional<float> ParseFloat(std::string_view text);
// Spark's words for true and false.
std::optional<bool> ParseBoolean(std::string_view text);

enum class DecimalParse { kOk, kInvalid, kOverflow };
// The unscaled value at `scale`, rounded half up; kOverflow where it needs more than `precision`
// digits.
DecimalParse ParseDecimal(std::string_view text, int precision, int scale, Int128* unscaled);
// "-3.75".
std::string FormatDecimal(Int128 unscaled, int scale);
// As BigDecimal.valueOf(value).setScale(scale, HALF_UP): by the digits that Double.toString shows.
DecimalParse DecimalFromDouble(double value, int precision, int scale, Int128* unscaled);

Int128 PowerOfTen(int exponent);  // 0..38

// decimal arithmetic with 256 bits between, rounded half up; false where the result has more than
// `precision` digits.
bool MultiplyDecimal(Int128 a, Int128 b, int drop_digits, int precision, Int128* result);
// a * 10^shift / b; b is not 0.
bool DivideDecimal(Int128 a, Int128 b, int shift, int precision, Int128* result);
bool AddDecimal(Int128 a, int scale_a, Int128 b, int scale_b, int precision, int scale,
                Int128* result);
// Moves the value from one scale to another.
bool RescaleDecimal(Int128 value, int from_scale, int to_scale, int precision, Int128* result);

enum class Rounding { kHalfUp, kHalfEven, kFloor, kCeiling, kDown };
// value / 10^digits, rounded.
Int128 DropDigits(Int128 value, int digits, Rounding rounding);
// As BigDecimal(Double.toString(value)).setScale(scale, rounding), for any scale.
double RoundDouble(double value, int scale, Rounding rounding);

}  // namespace smelt::duck
