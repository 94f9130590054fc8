#pragma once

// DynamoDB's number texts on their way to machine types. Almost all are short decimals, which take
// a path without Number.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/data_type.h"
#include "dynamodb/export/column.h"
#include "dynamodb/value/number.h"

namespace smelt::dynamodb {

// coefficient / 10^scale.
struct ShortDecimal {
  int64_t coefficient;
  int scale;
};

// A text of at most 18 digits without exponent; nullopt for any other, valid or not.
inline std::optional<ShortDecimal> ParseShortDecimal(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 18) return std::nullopt;
  int64_t coefficient = 0;
  size_t point = text.size();
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned digit = static_cast<unsigned char>(text[i]) - unsigned{'0'};
    if (digit <= 9) {
      coefficient = coefficient * 10 + digit;
    } else if (text[i] == '.' && point == text.size() && i > 0 && i + 1 < text.size()) {
      point = i;
    } else {
      return std::nullopt;
    }
  }
  const int scale = point == text.size() ? 0 : static_cast<int>(text.size() - point) - 1;
  return ShortDecimal{negative ? -coefficient : coefficient, scale};
}

// The value as an int64_t, an unscaled decimal(precision, scale) or a double; nullopt where it does
// not fit without losing a digit (a double takes the nearest), or is no number.
std::optional<int64_t> ToLong(std::string_view text);
std::optional<Int128> ToDecimal(std::string_view text, int precision, int scale);
std::optional<double> ToDouble(std::string_view text);
bool IsNumber(std::string_view text);

// What a set of numbers needs: whether all are int64_t, how many digits stand before and after the
// point.
struct NumberExtent {
  bool all_long = true;
  int integer_digits = 0;
  int fraction_digits = 0;

  void Add(std::string_view text);
  void Merge(const NumberExtent& other);
  // bigint, decimal(38,s), or string where neither holds every digit.
  base::DataType Type() const;
};

}  // namespace smelt::dynamodb
