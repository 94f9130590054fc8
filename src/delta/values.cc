#include "delta/values.h"

#include <fmt/format.h>
#include <strings.h>

#include <charconv>
#include <chrono>
#include <limits>

namespace smelt::delta {
namespace {

using base::TypeKind;

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

// Takes digits and separators off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool Done() const { return at_ == text_.size(); }
  bool Take(char c) {
    if (Done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // Between `least` and `most` digits.
  std::optional<int64_t> Digits(size_t least, size_t most) {
    int64_t value = 0;
    size_t count = 0;
    for (; count < most && !Done() && text_[at_] >= '0' && text_[at_] <= '9'; ++count, ++at_) {
      value = value * 10 + (text_[at_] - '0');
    }
    if (count < least) return std::nullopt;
    return value;
  }
  // The digits after a point as millionths; those beyond the sixth are passed over.
  int64_t Fraction() {
    int64_t value = 0;
    for (int place = 0;; ++place) {
      const std::optional<int64_t> digit = Digits(1, 1);
      if (!digit && place >= 6) return value;
      if (place < 6) value = value * 10 + digit.value_or(0);
    }
  }

 private:
  const std::string_view text_;
  size_t at_ = 0;
};

std::optional<int64_t> TakeDate(Scanner& in) {
  const bool negative = in.Take('-');
  const auto year = in.Digits(4, 6);
  if (!year || !in.Take('-')) return std::nullopt;
  const auto month = in.Digits(1, 2);
  if (!month || !in.Take('-')) return std::nullopt;
  const auto day = in.Digits(1, 2);
  if (!day || *year > 32'767) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year(static_cast<int>(negative ? -*year : *year)),
      std::chrono::month(static_cast<unsigned>(*month)),
      std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// Microseconds to subtract for a zone's offset; nullopt where there is none that can be read.
std::optional<int64_t> TakeZone(Scanner& in) {
  if (in.Done() || in.Take('Z')) return 0;
  const bool negative = in.Take('-');
  if (!negative && !in.Take('+')) return std::nullopt;
  const auto hours = in.Digits(2, 2);
  if (!hours) return std::nullopt;
  in.Take(':');
  const int64_t minutes = in.Digits(2, 2).value_or(0);
  const int64_t offset = (*hours * 60 + minutes) * 60 * kMicrosPerSecond;
  return negative ? -offset : offset;
}

std::optional<int64_t> ParseTimestamp(std::string_view text) {
  Scanner in(text);
  const auto days = TakeDate(in);
  if (!days) return std::nullopt;
  int64_t micros = *days * kMicrosPerDay;
  if (in.Done()) return micros;
  if (!in.Take(' ') && !in.Take('T')) return std::nullopt;
  const auto hour = in.Digits(1, 2);
  if (!hour || !in.Take(':')) return std::nullopt;
  const auto minute = in.Digits(2, 2);
  if (!minute) return std::nullopt;
  const int64_t second = in.Take(':') ? in.Digits(2, 2).value_or(99) : 0;
  if (*hour > 23 || *minute > 59 || second > 59) return std::nullopt;
  micros += ((*hour * 60 + *minute) * 60 + second) * kMicrosPerSecond;
  if (in.Take('.')) micros += in.Fraction();
  in.Take(' ');
  const auto offset = TakeZone(in);
  if (!offset || !in.Done()) return std::nullopt;
  return micros - *offset;
}

template <typename T>
std::optional<int64_t> ParseInteger(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> ParseDouble(std::string_view text) {
  // Spark and DuckDB write Infinity and NaN in several ways; from_chars reads "inf", "infinity" and
  // "nan" in any case.
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<DecimalValue> ParseDecimal(std::string_view text, int max_scale) {
  Scanner in(text);
  const bool negative = in.Take('-');
  DecimalValue value;
  int digits = 0;
  bool fraction = false;
  while (!in.Done()) {
    if (!fraction && in.Take('.')) {
      fraction = true;
      continue;
    }
    const auto digit = in.Digits(1, 1);
    if (!digit) return std::nullopt;
    if (fraction && value.scale == max_scale) {
      if (*digit != 0) return std::nullopt;
      continue;
    }
    value.unscaled = value.unscaled * 10 + *digit;
    if (value.unscaled != 0) ++digits;
    if (fraction) ++value.scale;
    if (digits > 38) return std::nullopt;
  }
  if (text.size() <= static_cast<size_t>(negative)) return std::nullopt;
  for (; value.scale < max_scale; ++value.scale) {
    if (digits != 0 && ++digits > 38) return std::nullopt;
    value.unscaled *= 10;
  }
  if (negative) value.unscaled = -value.unscaled;
  return value;
}

template <typename T>
std::optional<Value> AsValue(std::optional<T> value) {
  if (!value) return std::nullopt;
  return Value(*std::move(value));
}

}  // namespace

std::optional<Value> ParseValue(const base::DataType& type, std::string_view text) {
  switch (type.kind()) {
    case TypeKind::kBoolean: {
      const std::string word(text);
      if (strcasecmp(word.c_str(), "true") == 0) return Value(true);
      if (strcasecmp(word.c_str(), "false") == 0) return Value(false);
      return std::nullopt;
    }
    case TypeKind::kByte:
      return AsValue(ParseInteger<int8_t>(text));
    case TypeKind::kShort:
      return AsValue(ParseInteger<int16_t>(text));
    case TypeKind::kInteger:
      return AsValue(ParseInteger<int32_t>(text));
    case TypeKind::kLong:
      return AsValue(ParseInteger<int64_t>(text));
    case TypeKind::kFloat: {
      const std::optional<double> value = ParseDouble(text);
      if (!value) return std::nullopt;
      return Value(static_cast<double>(static_cast<float>(*value)));
    }
    case TypeKind::kDouble:
      return AsValue(ParseDouble(text));
    case TypeKind::kDecimal:
      return AsValue(ParseDecimal(text, type.scale()));
    case TypeKind::kString:
    case TypeKind::kBinary:
      return Value(std::string(text));
    case TypeKind::kDate: {
      Scanner in(text);
      const auto days = TakeDate(in);
      if (!days || !in.Done()) return std::nullopt;
      return Value(*days);
    }
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
      return AsValue(ParseTimestamp(text));
    default:
      return std::nullopt;
  }
}

std::partial_ordering Compare(const Value& a, const Value& b) {
  if (a.index() != b.index()) return std::partial_ordering::unordered;
  return std::visit(
      [&b](const auto& left) -> std::partial_ordering {
        using T = std::decay_t<decltype(left)>;
        const T& right = std::get<T>(b);
        if constexpr (std::is_same_v<T, DecimalValue>) {
          if (left.scale != right.scale) return std::partial_ordering::unordered;
          if (left.unscaled == right.unscaled) return std::partial_ordering::equivalent;
          return left.unscaled < right.unscaled ? std::partial_ordering::less
                                                : std::partial_ordering::greater;
        } else if constexpr (std::is_same_v<T, std::string>) {
          return left.compare(right) <=> 0;  // char_traits compares as unsigned bytes
        } else {
          return left <=> right;
        }
      },
      a);
}

std::string FormatDate(int64_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string FormatTimestamp(int64_t micros) {
  int64_t days = micros / kMicrosPerDay;
  int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    --days;
  }
  const int64_t seconds = rest / kMicrosPerSecond;
  std::string text = fmt::format("{} {:02}:{:02}:{:02}", FormatDate(days), seconds / 3600,
                                 seconds / 60 % 60, seconds % 60);
  if (rest % kMicrosPerSecond != 0) text += fmt::format(".{:06}", rest % kMicrosPerSecond);
  return text;
}

}  // namespace smelt::delta
