#include "engine/duckdb/dialect/literal.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <regex>
#include <string_view>
#include <vector>

#include "engine/duckdb/dialect/translator.h"
#include "sql/token.h"

namespace smelt::duck {
namespace {

using sql::Literal;

std::string CastText(const std::string& text, std::string_view type) {
  return fmt::format("CAST({} AS {})", StringText(text), type);
}

std::string DecimalCast(const std::string& text) {
  // Spark takes the digits that are written, leading zeros apart; the scale is what stands behind
  // the point.
  std::string digits;
  bool fraction = false;
  int scale = 0;
  for (const char c : text) {
    if (c == '.') fraction = true;
    if (c < '0' || c > '9') continue;
    if (fraction) ++scale;
    if (!digits.empty() || c != '0') digits += c;
  }
  const int precision = std::max({static_cast<int>(digits.size()), scale, 1});
  return CastText(text, fmt::format("DECIMAL({}, {})", precision, scale));
}

std::optional<int64_t> ToInt64(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Without a suffix a number is an INT, else a BIGINT, else a DECIMAL.
std::string IntegerText(const std::string& text) {
  const std::optional<int64_t> value = ToInt64(text);
  if (!value) return DecimalCast(text);
  const bool fits = *value >= std::numeric_limits<int32_t>::min() &&
                    *value <= std::numeric_limits<int32_t>::max();
  if (*value >= 0) return std::to_string(*value);
  return CastText(text, fits ? "INTEGER" : "BIGINT");
}

absl::StatusOr<std::string> SizedText(const std::string& text, int64_t least, int64_t most,
                                      std::string_view type) {
  const std::optional<int64_t> value = ToInt64(text);
  if (!value || *value < least || *value > most) {
    return base::InvalidArgument("{} is out of the range of {}", text, type);
  }
  return CastText(text, type);
}

template <typename T>
absl::StatusOr<std::string> SizedText(const std::string& text, std::string_view type) {
  return SizedText(text, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), type);
}

// ---- Intervals ----

constexpr int64_t kMicrosPerSecond = 1000000;

struct Amount {
  int64_t months = 0, days = 0, micros = 0;
};

// What one of a unit is worth; nullopt for a unit that does not exist.
std::optional<Amount> UnitAmount(std::string_view unit) {
  std::string name = sql::ToLower(unit);
  if (name.size() > 1 && name.back() == 's') name.pop_back();
  if (name == "year") return Amount{12, 0, 0};
  if (name == "quarter") return Amount{3, 0, 0};
  if (name == "month") return Amount{1, 0, 0};
  if (name == "week") return Amount{0, 7, 0};
  if (name == "day") return Amount{0, 1, 0};
  if (name == "hour") return Amount{0, 0, 3600 * kMicrosPerSecond};
  if (name == "minute") return Amount{0, 0, 60 * kMicrosPerSecond};
  if (name == "second") return Amount{0, 0, kMicrosPerSecond};
  if (name == "millisecond") return Amount{0, 0, 1000};
  if (name == "microsecond") return Amount{0, 0, 1};
  return std::nullopt;
}

// Adds `value` units, a number that only seconds may have a fraction of.
absl::Status AddPart(Amount& sum, std::string_view value, std::string_view unit) {
  const std::optional<Amount> one = UnitAmount(unit);
  if (!one) return base::InvalidArgument("'{}' is not a unit of time", unit);
  static const std::regex kNumber(R"(\s*([+-]?)(\d{1,18})?(?:\.(\d{1,9}))?\s*)");
  std::cmatch match;
  if (!std::regex_match(value.data(), value.data() + value.size(), match, kNumber) ||
      (!match[2].matched && !match[3].matched)) {
    return base::InvalidArgument("'{}' is not a number of {}", value, unit);
  }
  const int64_t whole = match[2].matched ? ToInt64(match[2].str()).value_or(0) : 0;
  std::string fraction = match[3].str();
  if (!fraction.empty() && one->micros != kMicrosPerSecond) {
    return base::InvalidArgument("only seconds can have a fraction, not {}", unit);
  }
  fraction.resize(6, '0');
  const int sign = match[1].str() == "-" ? -1 : 1;
  const int64_t part = one->micros == kMicrosPerSecond ? ToInt64(fraction).value_or(0) : 0;
  const auto add = [&](int64_t& to, int64_t factor, int64_t more, int64_t limit) {
    int64_t product = 0;
    return !__builtin_mul_overflow(whole, factor, &product) &&
           !__builtin_add_overflow(product, more, &product) &&
           !__builtin_add_overflow(to, sign * product, &to) && to <= limit && to >= -limit;
  };
  constexpr int64_t kMostInt = std::numeric_limits<int32_t>::max();
  if (!add(sum.months, one->months, 0, kMostInt) || !add(sum.days, one->days, 0, kMostInt) ||
      !add(sum.micros, one->micros, part, std::numeric_limits<int64_t>::max())) {
    return base::InvalidArgument("the interval is too long");
  }
  return absl::OkStatus();
}

// '1-2' YEAR TO MONTH, '1 02:03:04.5' DAY TO SECOND and what is between.
absl::Status AddRange(Amount& sum, const std::string& value, const std::string& from,
                      const std::string& to) {
  static const std::vector<std::string> kUnits = {"day", "hour", "minute", "second"};
  const auto singular = [](std::string unit) {
    if (unit.size() > 1 && unit.back() == 's') unit.pop_back();
    return unit;
  };
  std::smatch match;
  static const std::regex kYearMonth(R"(\s*([+-]?)(\d+)-(\d{1,2})\s*)");
  if (singular(from) == "year" && singular(to) == "month") {
    if (!std::regex_match(value, match, kYearMonth)) {
      return base::InvalidArgument("'{}' is not of the form years-months", value);
    }
    SMELT_RETURN_IF_ERROR(AddPart(sum, match[1].str() + match[2].str(), "year"));
    return AddPart(sum, match[1].str() + match[3].str(), "month");
  }
  const auto first = std::find(kUnits.begin(), kUnits.end(), singular(from));
  const auto last = std::find(kUnits.begin(), kUnits.end(), singular(to));
  if (first == kUnits.end() || last == kUnits.end() || last <= first) {
    return base::InvalidArgument("an interval cannot go from {} to {}", from, to);
  }
  static const std::regex kSplit(R"([ :])");
  std::string body = value;
  const size_t begin = body.find_first_not_of(" +-");
  const bool negative = body.find('-') < begin;
  body =
      begin == std::string::npos ? "" : body.substr(begin, body.find_last_not_of(' ') - begin + 1);
  std::vector<std::string> fields(std::sregex_token_iterator(body.begin(), body.end(), kSplit, -1),
                                  {});
  if (fields.size() != static_cast<size_t>(last - first) + 1) {
    return base::InvalidArgument("'{}' is not an interval from {} to {}", value, from, to);
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    SMELT_RETURN_IF_ERROR(AddPart(sum, (negative ? "-" : "") + fields[i], *(first + i)));
  }
  return absl::OkStatus();
}

// '1 month 2 days 3.5 seconds', which may begin with the word interval.
absl::Status AddUnitsInText(Amount& sum, const std::string& value) {
  static const std::regex kPart(R"(\s*([+-]?\s*\d*\.?\d+)\s+([A-Za-z]+)\s*)");
  static const std::regex kPrefix(R"(\s*interval\s+)", std::regex::icase);
  std::string rest =
      std::regex_replace(value, kPrefix, "", std::regex_constants::format_first_only);
  std::smatch match;
  bool any = false;
  while (std::regex_search(rest, match, kPart, std::regex_constants::match_continuous)) {
    std::string number = match[1].str();
    number.erase(std::remove(number.begin(), number.end(), ' '), number.end());
    SMELT_RETURN_IF_ERROR(AddPart(sum, number, match[2].str()));
    rest = match.suffix();
    any = true;
  }
  if (!any || !rest.empty()) return base::InvalidArgument("'{}' is not an interval", value);
  return absl::OkStatus();
}

std::string TypeName(const std::string& name) {
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  return plain ? name : sql::QuoteIdentifier(name);
}

}  // namespace

absl::StatusOr<std::string> LiteralText(const Literal& literal) {
  switch (literal.kind) {
    case Literal::Kind::kNull:
      return "NULL";
    case Literal::Kind::kBoolean:
      return literal.text;
    case Literal::Kind::kInteger:
      return IntegerText(literal.text);
    case Literal::Kind::kTinyint:
      return SizedText<int8_t>(literal.text, "TINYINT");
    case Literal::Kind::kSmallint:
      return SizedText<int16_t>(literal.text, "SMALLINT");
    case Literal::Kind::kBigint:
      return SizedText<int64_t>(literal.text, "BIGINT");
    case Literal::Kind::kDecimal:
      if (literal.text.find_first_of("eE") != std::string::npos) {
        return base::Unimplemented("a decimal literal with an exponent is not supported");
      }
      return DecimalCast(literal.text);
    case Literal::Kind::kFloat:
      return CastText(literal.text, "FLOAT");
    case Literal::Kind::kDouble:
      return CastText(literal.text, "DOUBLE");
    case Literal::Kind::kString:
      return StringText(literal.text);
    case Literal::Kind::kBinary:
      return fmt::format("from_hex({})", StringText(literal.text));
    case Literal::Kind::kDate:
      return fmt::format("spark_cast({}, 'date')", StringText(literal.text));
    case Literal::Kind::kTimestamp:
    case Literal::Kind::kTimestampLtz:
      return fmt::format("spark_cast({}, 'timestamp')", StringText(literal.text));
    case Literal::Kind::kTimestampNtz:
      return fmt::format("spark_cast({}, 'timestamp_ntz')", StringText(literal.text));
  }
  return base::Internal("a literal of no kind");
}

absl::StatusOr<std::string> IntervalText(const sql::Interval& interval) {
  Amount sum;
  bool named = false;
  for (const sql::Interval::Part& part : interval.parts) {
    if (part.unit.empty()) {
      SMELT_RETURN_IF_ERROR(AddUnitsInText(sum, part.value));
    } else if (!part.to.empty()) {
      SMELT_RETURN_IF_ERROR(AddRange(sum, part.value, part.unit, part.to));
    } else {
      named = true;
      SMELT_RETURN_IF_ERROR(AddPart(sum, part.value, part.unit));
    }
  }
  if (named && sum.months != 0 && (sum.days != 0 || sum.micros != 0)) {
    return base::InvalidArgument("an interval of months cannot have days or seconds, too");
  }
  return fmt::format("INTERVAL '{} months {} days {} microseconds'", sum.months, sum.days,
                     sum.micros);
}

std::string TypeText(const base::DataType& type) {
  using base::TypeKind;
  switch (type.kind()) {
    case TypeKind::kArray:
      return fmt::format("array<{}>", TypeText(type.element()));
    case TypeKind::kMap:
      return fmt::format("map<{},{}>", TypeText(type.key()), TypeText(type.value()));
    case TypeKind::kStruct: {
      std::string fields;
      for (const base::Field& field : type.fields()) {
        fields += fmt::format("{}{}:{}", fields.empty() ? "" : ",", TypeName(field.name),
                              TypeText(field.type));
      }
      return fmt::format("struct<{}>", fields);
    }
    default:
      return type.ToString();
  }
}

}  // namespace smelt::duck
