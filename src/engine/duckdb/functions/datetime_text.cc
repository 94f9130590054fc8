#include "engine/duckdb/functions/datetime_text.h"

#include <fmt/format.h>

namespace smelt::duck {
namespace {

// Reads the parts of a date and a time from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool done() const { return position_ == text_.size(); }
  char peek() const { return done() ? '\0' : text_[position_]; }
  bool Skip(char c) {
    if (peek() != c) return false;
    ++position_;
    return true;
  }
  // Between min and max digits.
  std::optional<int64_t> Number(size_t min_digits, size_t max_digits) {
    int64_t value = 0;
    const size_t start = position_;
    while (!done() && peek() >= '0' && peek() <= '9') {
      if (position_ - start == max_digits) return std::nullopt;
      value = value * 10 + (text_[position_++] - '0');
    }
    if (position_ - start < min_digits) return std::nullopt;
    return value;
  }
  // Any number of digits, the first six as microseconds.
  int Fraction() {
    int micros = 0;
    int digits = 0;
    for (; !done() && peek() >= '0' && peek() <= '9'; ++position_) {
      if (digits < 6) {
        micros = micros * 10 + (peek() - '0');
        ++digits;
      }
    }
    for (; digits < 6; ++digits) micros *= 10;
    return micros;
  }
  std::string_view Rest() { return text_.substr(position_); }
  void Rewind() { position_ = 0; }

 private:
  std::string_view text_;
  size_t position_ = 0;
};

struct Parsed {
  Civil civil;
  bool has_date = true;
  std::string_view zone;
};

// After the date: "[h]h:[m]m:[s]s[.fraction][zone]"; minutes and seconds may be missing.
bool ReadTime(Reader& reader, Parsed& parsed) {
  const auto hour = reader.Number(1, 2);
  if (!hour) return false;
  parsed.civil.hour = static_cast<int>(*hour);
  if (reader.done()) return true;
  if (!reader.Skip(':')) return false;
  const auto minute = reader.Number(1, 2);
  if (!minute) return false;
  parsed.civil.minute = static_cast<int>(*minute);
  if (reader.done()) return true;
  if (!reader.Skip(':')) return false;
  const auto second = reader.Number(1, 2);
  if (!second) return false;
  parsed.civil.second = static_cast<int>(*second);
  if (reader.Skip('.')) parsed.civil.micros = reader.Fraction();
  parsed.zone = reader.Rest();
  return true;
}

std::optional<Parsed> Parse(std::string_view text) {
  text = TrimControl(text);
  if (text.empty()) return std::nullopt;
  Reader reader(text);
  Parsed parsed;
  if (reader.Skip('T')) {
    parsed.has_date = false;
    if (!ReadTime(reader, parsed)) return std::nullopt;
  } else {
    const bool negative = reader.peek() == '-';
    const bool has_sign = reader.Skip('-') || reader.Skip('+');
    const size_t colon = text.find_first_not_of("0123456789");
    if (!has_sign && colon != std::string_view::npos && colon <= 2 && text[colon] == ':') {
      parsed.has_date = false;
      if (!ReadTime(reader, parsed)) return std::nullopt;
    } else {
      const auto year = reader.Number(4, 6);
      if (!year) return std::nullopt;
      parsed.civil.year = negative ? -*year : *year;
      if (!reader.done()) {
        if (!reader.Skip('-')) return std::nullopt;
        const auto month = reader.Number(1, 2);
        if (!month) return std::nullopt;
        parsed.civil.month = static_cast<int>(*month);
        if (!reader.done()) {
          if (!reader.Skip('-')) return std::nullopt;
          const auto day = reader.Number(1, 2);
          if (!day) return std::nullopt;
          parsed.civil.day = static_cast<int>(*day);
          if (!reader.done()) {
            if (!reader.Skip(' ') && !reader.Skip('T')) return std::nullopt;
            if (!ReadTime(reader, parsed)) return std::nullopt;
          }
        }
      }
    }
  }
  const Civil& civil = parsed.civil;
  if (!IsValidDate(civil.year, civil.month, civil.day) ||
      !IsValidTime(civil.hour, civil.minute, civil.second)) {
    return std::nullopt;
  }
  return parsed;
}

std::string_view TrimSpaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string FormatYear(int64_t year) {
  if (year > 9999) return fmt::format("+{}", year);
  if (year < 0) return fmt::format("-{:04}", -year);
  return fmt::format("{:04}", year);
}

}  // namespace

std::string_view TrimControl(std::string_view text) {
  const auto is_blank = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f;
  };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<Date> ParseDate(std::string_view text) {
  text = TrimControl(text);
  if (text.empty()) return std::nullopt;
  Reader reader(text);
  const bool negative = reader.peek() == '-';
  if (!reader.Skip('-')) reader.Skip('+');
  int64_t parts[3] = {0, 1, 1};
  for (int i = 0; i < 3; ++i) {
    const auto part = i == 0 ? reader.Number(4, 7) : reader.Number(1, 2);
    if (!part) return std::nullopt;
    parts[i] = *part;
    if (reader.done()) break;
    if (i < 2 ? !reader.Skip('-') : (reader.peek() != ' ' && reader.peek() != 'T')) {
      return std::nullopt;
    }
  }
  const int64_t year = negative ? -parts[0] : parts[0];
  if (!IsValidDate(year, static_cast<int>(parts[1]), static_cast<int>(parts[2]))) {
    return std::nullopt;
  }
  return Date{static_cast<int32_t>(
      DaysFromCivil(year, static_cast<int>(parts[1]), static_cast<int>(parts[2])))};
}

std::optional<Timestamp> ParseTimestamp(std::string_view text, const Zone& zone,
                                        std::optional<Date> today) {
  auto parsed = Parse(text);
  if (!parsed) return std::nullopt;
  const Zone* in = &zone;
  if (!parsed->zone.empty()) {
    in = Zone::Find(TrimSpaces(parsed->zone));
    if (in == nullptr) return std::nullopt;
  }
  if (!parsed->has_date) {
    if (!today) return std::nullopt;
    const Civil date = CivilFromDays(today->days);
    parsed->civil.year = date.year;
    parsed->civil.month = date.month;
    parsed->civil.day = date.day;
  }
  return in->ToInstant({MicrosFromCivil(parsed->civil)});
}

std::optional<LocalTimestamp> ParseLocalTimestamp(std::string_view text) {
  const auto parsed = Parse(text);
  if (!parsed || !parsed->has_date) return std::nullopt;
  if (!parsed->zone.empty() && Zone::Find(TrimSpaces(parsed->zone)) == nullptr) return std::nullopt;
  return LocalTimestamp{MicrosFromCivil(parsed->civil)};
}

std::string FormatDate(Date date) {
  const Civil civil = CivilFromDays(date.days);
  return fmt::format("{}-{:02}-{:02}", FormatYear(civil.year), civil.month, civil.day);
}

std::string FormatLocalTimestamp(LocalTimestamp timestamp) {
  const Civil civil = CivilFromMicros(timestamp.micros);
  std::string text = fmt::format("{}-{:02}-{:02} {:02}:{:02}:{:02}", FormatYear(civil.year),
                                 civil.month, civil.day, civil.hour, civil.minute, civil.second);
  if (civil.micros != 0) {
    text += fmt::format(".{:06}", civil.micros);
    while (text.back() == '0') text.pop_back();
  }
  return text;
}

}  // namespace smelt::duck
