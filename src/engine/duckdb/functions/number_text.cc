#include "engine/duckdb/functions/number_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>
#include <cmath>
#include <limits>

#include "engine/duckdb/functions/datetime_text.h"

namespace smelt::duck {
namespace {

using Wide = boost::multiprecision::int512_t;

// Shortest digits that read back as the value, and the decimal point's place: 0.d1d2d3 *
// 10^exponent.
struct Digits {
  std::string digits;
  int exponent = 0;
};

template <typename Float>
Digits Shortest(Float magnitude) {
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof(buffer), magnitude, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<size_t>(end - buffer));
  const size_t e = text.find('e');
  Digits result;
  for (const char c : text.substr(0, e)) {
    if (c != '.') result.digits += c;
  }
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(),
                  result.exponent);
  ++result.exponent;
  while (result.digits.size() > 1 && result.digits.back() == '0') result.digits.pop_back();
  return result;
}

template <typename Float>
std::string JavaText(Float value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  std::string text = std::signbit(value) ? "-" : "";
  const Float magnitude = std::fabs(value);
  if (magnitude == 0) return text + "0.0";
  const Digits shortest = Shortest(magnitude);
  const std::string& digits = shortest.digits;
  const int exponent = shortest.exponent;
  const int size = static_cast<int>(digits.size());
  if (magnitude >= Float(1e-3) && magnitude < Float(1e7)) {
    if (exponent <= 0)
      return text + "0." + std::string(static_cast<size_t>(-exponent), '0') + digits;
    if (size <= exponent)
      return text + digits + std::string(static_cast<size_t>(exponent - size), '0') + ".0";
    return text + digits.substr(0, static_cast<size_t>(exponent)) + "." +
           digits.substr(static_cast<size_t>(exponent));
  }
  return text + digits[0] + "." + (size > 1 ? digits.substr(1) : "0") + "E" +
         std::to_string(exponent - 1);
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) == y;
         });
}

template <typename Float>
std::optional<Float> ParseFloating(std::string_view text) {
  text = TrimControl(text);
  std::string_view body = text;
  bool negative = false;
  if (!body.empty() && (body[0] == '-' || body[0] == '+')) {
    negative = body[0] == '-';
    body.remove_prefix(1);
  }
  if (EqualsIgnoreCase(body, "inf") || EqualsIgnoreCase(body, "infinity")) {
    return negative ? -std::numeric_limits<Float>::infinity()
                    : std::numeric_limits<Float>::infinity();
  }
  if (EqualsIgnoreCase(body, "nan")) {
    // Java reads a sign only before the exact spelling.
    if (body.size() != text.size() && body != "NaN") return std::nullopt;
    return std::numeric_limits<Float>::quiet_NaN();
  }
  if (body.empty() || !(std::isdigit(static_cast<unsigned char>(body[0])) || body[0] == '.'))
    return std::nullopt;
  Float value = 0;
  const auto [end, error] = std::from_chars(body.data(), body.data() + body.size(), value);
  if (error == std::errc::invalid_argument) return std::nullopt;
  std::string_view rest = body.substr(static_cast<size_t>(end - body.data()));
  if (error == std::errc::result_out_of_range) {
    // Too great is infinite and too small is zero, in Java; the exponent's sign tells which.
    const size_t e = body.find_first_of("eE");
    const bool is_small = e != std::string_view::npos && e + 1 < body.size()
                              ? body[e + 1] == '-'
                              : body[0] == '0' || body[0] == '.';
    value = is_small ? Float(0) : std::numeric_limits<Float>::infinity();
  }
  if (rest.size() == 1 && std::string_view("dDfF").find(rest[0]) != std::string_view::npos)
    rest = {};
  if (!rest.empty()) return std::nullopt;
  return negative ? -value : value;
}

bool Fits(Wide value, int precision) {
  const Wide limit = Wide(PowerOfTen(precision));
  return value < limit && value > -limit;
}

Wide WidePower(int exponent) {
  Wide power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// value / divisor, rounded half up (away from zero).
Wide DivideHalfUp(const Wide& value, const Wide& divisor) {
  Wide quotient = value / divisor;
  const Wide rest = abs(value - quotient * divisor);
  if (rest * 2 >= abs(divisor)) quotient += (value < 0) == (divisor < 0) ? 1 : -1;
  return quotient;
}

// The digits of a plain or scientific number: unscaled * 10^-scale, exact but for digits beyond any
// decimal.
struct Unscaled {
  bool negative = false;
  std::string digits;  // without leading zeros
  int64_t scale = 0;
};

std::optional<Unscaled> ReadNumber(std::string_view text) {
  Unscaled number;
  size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) number.negative = text[i++] == '-';
  bool has_digit = false;
  bool after_point = false;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !after_point) {
      after_point = true;
    } else if (text[i] >= '0' && text[i] <= '9') {
      has_digit = true;
      if (!number.digits.empty() || text[i] != '0') number.digits += text[i];
      number.scale += after_point;
    } else {
      break;
    }
  }
  if (!has_digit) return std::nullopt;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return std::nullopt;
    ++i;
    if (i < text.size() && text[i] == '+') ++i;
    int exponent = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + text.size(), exponent);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    number.scale -= exponent;
  }
  return number;
}

// Rounds to `scale`; nullopt where more than 38 digits are left of it.
std::optional<Int128> ToScale(const Unscaled& number, int scale, Rounding rounding) {
  if (number.digits.empty()) return Int128(0);
  const int64_t drop = number.scale - scale;
  std::string kept = number.digits;
  bool up = false;
  if (drop > 0) {
    const int64_t size = static_cast<int64_t>(kept.size());
    const std::string dropped = drop >= size ? kept : kept.substr(static_cast<size_t>(size - drop));
    kept = drop >= size ? "" : kept.substr(0, static_cast<size_t>(size - drop));
    const bool is_zero = dropped.find_first_not_of('0') == std::string::npos;
    // The first dropped place is zero where the number is shorter than what is dropped.
    const char first = drop > size ? '0' : dropped[0];
    const bool is_half = first == '5' && dropped.find_first_not_of('0', 1) == std::string::npos;
    switch (rounding) {
      case Rounding::kHalfUp:
        up = first >= '5';
        break;
      case Rounding::kHalfEven:
        up = first > '5' ||
             (first == '5' && (!is_half || (!kept.empty() && (kept.back() - '0') % 2 == 1)));
        break;
      case Rounding::kFloor:
        up = number.negative && !is_zero;
        break;
      case Rounding::kCeiling:
        up = !number.negative && !is_zero;
        break;
      case Rounding::kDown:
        break;
    }
  } else if (static_cast<int64_t>(kept.size()) - drop > 39) {
    return std::nullopt;
  } else {
    kept.append(static_cast<size_t>(-drop), '0');
  }
  if (kept.size() > 38) return std::nullopt;
  Int128 value = 0;
  for (const char c : kept) value = value * 10 + (c - '0');
  value += up;
  return number.negative ? -value : value;
}

DecimalParse Checked(const std::optional<Int128>& value, int precision, Int128* unscaled) {
  if (!value) return DecimalParse::kOverflow;
  const Int128 limit = PowerOfTen(precision);
  if (*value >= limit || *value <= -limit) return DecimalParse::kOverflow;
  *unscaled = *value;
  return DecimalParse::kOk;
}

}  // namespace

std::string JavaDouble(double value) { return JavaText(value); }
std::string JavaFloat(float value) { return JavaText(value); }

std::optional<int64_t> ParseInteger(std::string_view text, int64_t min, int64_t max) {
  text = TrimControl(text);
  if (!text.empty() && text[0] == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text[0] == '-') return std::nullopt;
  }
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (value < min || value > max) return std::nullopt;
  return value;
}

std::optional<double> ParseDouble(std::string_view text) { return ParseFloating<double>(text); }
std::optional<float> ParseFloat(std::string_view text) { return ParseFloating<float>(text); }

std::optional<bool> ParseBoolean(std::string_view text) {
  text = TrimControl(text);
  for (const std::string_view word : {"t", "true", "y", "yes", "1"}) {
    if (EqualsIgnoreCase(text, word)) return true;
  }
  for (const std::string_view word : {"f", "false", "n", "no", "0"}) {
    if (EqualsIgnoreCase(text, word)) return false;
  }
  return std::nullopt;
}

DecimalParse ParseDecimal(std::string_view text, int precision, int scale, Int128* unscaled) {
  const auto number = ReadNumber(TrimControl(text));
  if (!number) return DecimalParse::kInvalid;
  return Checked(ToScale(*number, scale, Rounding::kHalfUp), precision, unscaled);
}

DecimalParse DecimalFromDouble(double value, int precision, int scale, Int128* unscaled) {
  if (!std::isfinite(value)) return DecimalParse::kInvalid;
  return Checked(ToScale(*ReadNumber(JavaDouble(value)), scale, Rounding::kHalfUp), precision,
                 unscaled);
}

std::string FormatDecimal(Int128 unscaled, int scale) {
  std::string digits;
  const bool negative = unscaled < 0;
  unsigned __int128 rest = negative ? -static_cast<unsigned __int128>(unscaled)
                                    : static_cast<unsigned __int128>(unscaled);
  do {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  while (static_cast<int>(digits.size()) <= scale) digits += '0';
  std::reverse(digits.begin(), digits.end());
  if (scale > 0) digits.insert(digits.size() - static_cast<size_t>(scale), ".");
  return negative ? "-" + digits : digits;
}

Int128 PowerOfTen(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

bool MultiplyDecimal(Int128 a, Int128 b, int drop_digits, int precision, Int128* result) {
  const Wide product = DivideHalfUp(Wide(a) * Wide(b), WidePower(drop_digits));
  if (!Fits(product, precision)) return false;
  *result = static_cast<Int128>(product);
  return true;
}

bool DivideDecimal(Int128 a, Int128 b, int shift, int precision, Int128* result) {
  // Most values fit 128 bits all the way.
  constexpr Int128 kSmall = Int128(1) << 62;
  if (shift <= 18 && a < kSmall && a > -kSmall) {
    const Int128 shifted = a * PowerOfTen(shift);
    Int128 quotient = shifted / b;
    const Int128 rest = shifted - quotient * b;
    const Int128 magnitude = b < 0 ? -b : b;
    if ((rest < 0 ? -rest : rest) >= magnitude - (rest < 0 ? -rest : rest))
      quotient += (shifted < 0) == (b < 0) ? 1 : -1;
    const Int128 limit = PowerOfTen(precision);
    if (quotient >= limit || quotient <= -limit) return false;
    *result = quotient;
    return true;
  }
  const Wide quotient = shift >= 0 ? DivideHalfUp(Wide(a) * WidePower(shift), Wide(b))
                                   : DivideHalfUp(Wide(a), Wide(b) * WidePower(-shift));
  if (!Fits(quotient, precision)) return false;
  *result = static_cast<Int128>(quotient);
  return true;
}

bool AddDecimal(Int128 a, int scale_a, Int128 b, int scale_b, int precision, int scale,
                Int128* result) {
  const int common = std::max(scale_a, scale_b);
  const Wide sum = Wide(a) * WidePower(common - scale_a) + Wide(b) * WidePower(common - scale_b);
  const Wide rounded = scale < common ? DivideHalfUp(sum, WidePower(common - scale))
                                      : sum * WidePower(scale - common);
  if (!Fits(rounded, precision)) return false;
  *result = static_cast<Int128>(rounded);
  return true;
}

bool RescaleDecimal(Int128 value, int from_scale, int to_scale, int precision, Int128* result) {
  if (to_scale < from_scale) {
    const Int128 rounded = DropDigits(value, from_scale - to_scale, Rounding::kHalfUp);
    const Int128 limit = PowerOfTen(precision);
    if (rounded >= limit || rounded <= -limit) return false;
    *result = rounded;
    return true;
  }
  return MultiplyDecimal(value, PowerOfTen(to_scale - from_scale), 0, precision, result);
}

Int128 DropDigits(Int128 value, int digits, Rounding rounding) {
  if (digits <= 0) return value;
  if (digits > 38) {
    if (rounding == Rounding::kFloor) return value < 0 ? -1 : 0;
    if (rounding == Rounding::kCeiling) return value > 0 ? 1 : 0;
    return 0;
  }
  const Int128 power = PowerOfTen(digits);
  Int128 quotient = value / power;
  const Int128 rest = value % power;
  const Int128 magnitude = rest < 0 ? -rest : rest;
  const int away = value < 0 ? -1 : 1;
  switch (rounding) {
    case Rounding::kHalfUp:
      if (magnitude >= power - magnitude) quotient += away;
      break;
    case Rounding::kHalfEven:
      if (magnitude > power - magnitude || (magnitude == power - magnitude && quotient % 2 != 0))
        quotient += away;
      break;
    case Rounding::kFloor:
      if (rest < 0) --quotient;
      break;
    case Rounding::kCeiling:
      if (rest > 0) ++quotient;
      break;
    case Rounding::kDown:
      break;
  }
  return quotient;
}

double RoundDouble(double value, int scale, Rounding rounding) {
  if (!std::isfinite(value) || value == 0) return value;
  const auto number = *ReadNumber(JavaDouble(value));
  if (number.scale <= scale) return value;
  const auto rounded = ToScale(number, scale, rounding);
  if (!rounded) return value;
  const std::string text = FormatDecimal(*rounded, 0) + "e" + std::to_string(-scale);
  double result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

}  // namespace smelt::duck
