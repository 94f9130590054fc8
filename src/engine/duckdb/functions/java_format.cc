#include "engine/duckdb/functions/java_format.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>

#include "base/status.h"
#include "engine/duckdb/functions/number_text.h"
#include "engine/duckdb/functions/text_functions.h"

namespace smelt::duck {
namespace {

struct Specifier {
  std::string flags;
  int width = -1;
  int precision = -1;
  char conversion = 0;
  bool Has(char flag) const { return flags.find(flag) != std::string::npos; }
};

std::string Fit(const Specifier& specifier, std::string text) {
  const int missing = specifier.width - CharCount(text);
  if (missing <= 0) return text;
  const std::string blanks(static_cast<size_t>(missing), ' ');
  return specifier.Has('-') ? text + blanks : blanks + text;
}

// Sign, grouping, zeros and width of a number's digits.
std::string FitNumber(const Specifier& specifier, bool negative, std::string digits) {
  if (specifier.Has(',')) digits = GroupThousands(digits);
  std::string prefix;
  std::string suffix;
  if (negative && specifier.Has('(')) {
    prefix = "(";
    suffix = ")";
  } else if (negative) {
    prefix = "-";
  } else if (specifier.Has('+')) {
    prefix = "+";
  } else if (specifier.Has(' ')) {
    prefix = " ";
  }
  if (specifier.Has('0')) {
    const int missing =
        specifier.width - static_cast<int>(prefix.size() + digits.size() + suffix.size());
    if (missing > 0) digits.insert(0, static_cast<size_t>(missing), '0');
  }
  return Fit(specifier, prefix + digits + suffix);
}

std::string ShowValue(const FormatArgument& argument) {
  if (std::holds_alternative<std::monostate>(argument)) return "null";
  if (const auto* value = std::get_if<bool>(&argument)) return *value ? "true" : "false";
  if (const auto* value = std::get_if<int64_t>(&argument)) return std::to_string(*value);
  if (const auto* value = std::get_if<double>(&argument)) return JavaDouble(*value);
  if (const auto* value = std::get_if<DecimalText>(&argument)) return value->digits;
  return std::get<std::string>(argument);
}

// Digits of |value| with `places` behind the point, rounded half up by the shortest digits as Java
// does.
std::string FixedPoint(double value, int places) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return "Infinity";
  Int128 unscaled = 0;
  if (DecimalFromDouble(value, 38, places, &unscaled) != DecimalParse::kOk) {
    return fmt::format("{:.{}f}", value, places);
  }
  return FormatDecimal(unscaled, places);
}

absl::StatusOr<std::string> FormatOne(const Specifier& specifier, const FormatArgument& argument) {
  const auto mismatch = [&] {
    return base::InvalidArgument("[INVALID_PARAMETER_VALUE] format_string: %{} does not take {}",
                                 std::string(1, specifier.conversion), ShowValue(argument));
  };
  const bool is_null = std::holds_alternative<std::monostate>(argument);
  const char kind =
      static_cast<char>(std::tolower(static_cast<unsigned char>(specifier.conversion)));
  std::string text;
  if (kind == 's' || kind == 'b' || (is_null && kind != 'c')) {
    text = ShowValue(argument);
    if (kind == 'b')
      text = is_null ? "false" : std::holds_alternative<bool>(argument) ? text : "true";
    if (specifier.precision >= 0) text = std::string(CharRange(text, 0, specifier.precision));
    text = Fit(specifier, std::move(text));
  } else if (kind == 'c') {
    const auto* code = std::get_if<int64_t>(&argument);
    if (is_null) {
      text = "null";
    } else if (code == nullptr || *code < 0 || *code > 255) {
      return mismatch();
    } else {
      text = Chr(*code);
    }
    text = Fit(specifier, std::move(text));
  } else if (kind == 'd' || kind == 'x' || kind == 'o') {
    const auto* value = std::get_if<int64_t>(&argument);
    if (value == nullptr) return mismatch();
    if (kind == 'd') {
      const std::string digits = std::to_string(*value);
      text = FitNumber(specifier, *value < 0, *value < 0 ? digits.substr(1) : digits);
    } else {
      std::string digits = kind == 'x' ? fmt::format("{:x}", static_cast<uint64_t>(*value))
                                       : fmt::format("{:o}", static_cast<uint64_t>(*value));
      if (specifier.Has('#')) digits = (kind == 'x' ? "0x" : "0") + digits;
      text = FitNumber(specifier, false, std::move(digits));
    }
  } else if (kind == 'f') {
    // Spark hands its own decimals to the formatter, which takes them for %s only.
    const auto* value = std::get_if<double>(&argument);
    if (value == nullptr) return mismatch();
    const int places = specifier.precision < 0 ? 6 : specifier.precision;
    text = FitNumber(specifier, std::signbit(*value), FixedPoint(std::fabs(*value), places));
  } else if (kind == 'e') {
    const auto* value = std::get_if<double>(&argument);
    if (value == nullptr) return mismatch();
    text = FitNumber(specifier, std::signbit(*value),
                     fmt::format("{:.{}e}", std::fabs(*value),
                                 specifier.precision < 0 ? 6 : specifier.precision));
  } else {
    return base::InvalidArgument("[INVALID_PARAMETER_VALUE] format_string: %{} is not supported",
                                 std::string(1, specifier.conversion));
  }
  return std::isupper(static_cast<unsigned char>(specifier.conversion)) ? Upper(text) : text;
}

}  // namespace

absl::StatusOr<std::string> JavaFormat(std::string_view format,
                                       const std::vector<FormatArgument>& arguments) {
  std::string out;
  size_t next = 0;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      out += format[i];
      continue;
    }
    Specifier specifier;
    size_t index = 0;
    size_t at = i + 1;
    // "%1$s" names its argument.
    size_t digits = at;
    while (digits < format.size() && std::isdigit(static_cast<unsigned char>(format[digits])))
      ++digits;
    if (digits > at && digits < format.size() && format[digits] == '$') {
      index = static_cast<size_t>(std::stoi(std::string(format.substr(at, digits - at))));
      at = digits + 1;
    }
    while (at < format.size() &&
           std::string_view("-#+ 0,(").find(format[at]) != std::string_view::npos)
      specifier.flags += format[at++];
    const auto read_number = [&](int* number) {
      if (at < format.size() && std::isdigit(static_cast<unsigned char>(format[at]))) {
        *number = 0;
        while (at < format.size() && std::isdigit(static_cast<unsigned char>(format[at])) &&
               *number < 100000)
          *number = *number * 10 + (format[at++] - '0');
      }
    };
    read_number(&specifier.width);
    if (at < format.size() && format[at] == '.') {
      ++at;
      read_number(&specifier.precision);
    }
    if (at >= format.size())
      return base::InvalidArgument(
          "[INVALID_PARAMETER_VALUE] format_string: '{}' ends inside a specifier", format);
    specifier.conversion = format[at];
    i = at;
    if (specifier.conversion == '%') {
      out += Fit(specifier, "%");
    } else if (specifier.conversion == 'n') {
      out += '\n';
    } else {
      const size_t place = index > 0 ? index - 1 : next++;
      if (place >= arguments.size())
        return base::InvalidArgument(
            "[INVALID_PARAMETER_VALUE] format_string: '{}' has more specifiers than arguments",
            format);
      SMELT_ASSIGN_OR_RETURN(const std::string text, FormatOne(specifier, arguments[place]));
      out += text;
    }
  }
  return out;
}

}  // namespace smelt::duck
