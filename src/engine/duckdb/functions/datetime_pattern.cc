// Many lines because one table of pattern letters serves parsing and formatting alike.

#include "engine/duckdb/functions/datetime_pattern.h"

#include <fmt/format.h>

#include <array>
#include <cctype>

#include "base/status.h"

namespace smelt::duck {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

bool IsNumericLetter(char letter, int count) {
  if (letter == 'M' || letter == 'L' || letter == 'Q' || letter == 'q') return count <= 2;
  return std::string_view("yudHhkKmsSDF").find(letter) != std::string_view::npos;
}

bool IsFixedWidth(char letter, int count) {
  return letter == 'S' || (letter != 'y' && letter != 'D' && count == 2) ||
         (letter == 'y' && count == 2) || (letter == 'D' && count == 3);
}

// "+05:30" in the shapes of X, x, Z.
std::string FormatOffset(int64_t seconds, char letter, int count) {
  if (seconds == 0 && (letter == 'X' || (letter == 'Z' && count == 5))) return "Z";
  const char sign = seconds < 0 ? '-' : '+';
  const int64_t magnitude = seconds < 0 ? -seconds : seconds;
  const int64_t hours = magnitude / 3600;
  const int64_t minutes = magnitude / 60 % 60;
  const int64_t rest = magnitude % 60;
  if (letter == 'Z' && count <= 3) return fmt::format("{}{:02}{:02}", sign, hours, minutes);
  if (letter == 'O' || letter == 'Z') {
    if (count == 5) {
      return rest == 0 ? fmt::format("{}{:02}:{:02}", sign, hours, minutes)
                       : fmt::format("{}{:02}:{:02}:{:02}", sign, hours, minutes, rest);
    }
    if (seconds == 0) return "GMT";
    if (count == 4) return fmt::format("GMT{}{:02}:{:02}", sign, hours, minutes);
    return minutes == 0 ? fmt::format("GMT{}{}", sign, hours)
                        : fmt::format("GMT{}{}:{:02}", sign, hours, minutes);
  }
  switch (count) {
    case 1:
      return minutes == 0 ? fmt::format("{}{:02}", sign, hours)
                          : fmt::format("{}{:02}{:02}", sign, hours, minutes);
    case 2:
      return fmt::format("{}{:02}{:02}", sign, hours, minutes);
    case 3:
      return fmt::format("{}{:02}:{:02}", sign, hours, minutes);
    case 4:
      return rest == 0 ? fmt::format("{}{:02}{:02}", sign, hours, minutes)
                       : fmt::format("{}{:02}{:02}{:02}", sign, hours, minutes, rest);
    default:
      return rest == 0 ? fmt::format("{}{:02}:{:02}", sign, hours, minutes)
                       : fmt::format("{}{:02}:{:02}:{:02}", sign, hours, minutes, rest);
  }
}

std::string Padded(int64_t value, int width) { return fmt::format("{:0{}}", value, width); }

bool StartsWithIgnoreCase(std::string_view text, std::string_view prefix) {
  if (text.size() < prefix.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[i])) !=
        std::tolower(static_cast<unsigned char>(prefix[i]))) {
      return false;
    }
  }
  return true;
}

// The place of the name that the text starts with, from 1; the longest wins.
template <size_t kCount>
std::optional<int> MatchName(const std::array<std::string_view, kCount>& names, bool is_short,
                             std::string_view text, size_t* at) {
  for (size_t i = 0; i < kCount; ++i) {
    const std::string_view name = is_short ? names[i].substr(0, 3) : names[i];
    if (StartsWithIgnoreCase(text.substr(*at), name)) {
      *at += name.size();
      return static_cast<int>(i) + 1;
    }
  }
  return std::nullopt;
}

}  // namespace

struct DateTimePattern::Fields {
  std::optional<int64_t> year, month, day, day_of_year, hour, minute, second, micros, hour12, half;
  const Zone* zone = nullptr;
  bool is_consistent = true;

  void Set(std::optional<int64_t>& field, int64_t value) {
    if (field && *field != value) is_consistent = false;
    field = value;
  }
};

absl::StatusOr<DateTimePattern> DateTimePattern::Compile(std::string_view pattern, Use use) {
  DateTimePattern compiled;
  size_t at = 0;
  SMELT_RETURN_IF_ERROR(CompileInto(pattern, &at, false, use, &compiled.elements_));
  return compiled;
}

absl::Status DateTimePattern::CompileInto(std::string_view pattern, size_t* at, bool is_nested,
                                          Use use, std::vector<Element>* elements) {
  const auto add_literal = [&](std::string_view text) {
    if (!elements->empty() && elements->back().letter == 0) {
      elements->back().literal += text;
    } else {
      elements->push_back({0, 0, std::string(text), {}});
    }
  };
  const auto invalid = [&](std::string_view why) {
    return base::InvalidArgument("[INVALID_DATETIME_PATTERN] '{}': {}", pattern, why);
  };
  while (*at < pattern.size()) {
    const char c = pattern[*at];
    if (c == '\'') {
      size_t end = *at + 1;
      std::string text;
      for (; end < pattern.size(); ++end) {
        if (pattern[end] != '\'') {
          text += pattern[end];
        } else if (end + 1 < pattern.size() && pattern[end + 1] == '\'') {
          text += '\'';
          ++end;
        } else {
          break;
        }
      }
      if (end >= pattern.size()) return invalid("a quote is not closed");
      add_literal(end == *at + 1 ? "'" : text);
      *at = end + 1;
    } else if (c == '[') {
      ++*at;
      Element element;
      element.letter = '[';
      SMELT_RETURN_IF_ERROR(CompileInto(pattern, at, true, use, &element.optional));
      elements->push_back(std::move(element));
    } else if (c == ']') {
      if (!is_nested) return invalid("']' without '['");
      ++*at;
      return absl::OkStatus();
    } else if (std::isalpha(static_cast<unsigned char>(c))) {
      size_t end = *at;
      while (end < pattern.size() && pattern[end] == c) ++end;
      const int count = static_cast<int>(end - *at);
      const auto refuse = [&](std::string_view why) {
        return base::InvalidArgument(
            "[INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION] '{}': the letter "
            "'{}' {}",
            pattern, c, why);
      };
      static constexpr std::string_view kKnown = "GyDMLdQqEFahHkKmsSVzOXxZ";
      if (kKnown.find(c) == std::string_view::npos) return refuse("is not supported");
      if (use == Use::kParse && std::string_view("EFQqG").find(c) != std::string_view::npos) {
        return refuse("is for formatting only");
      }
      const int longest = c == 'S'                                       ? 9
                          : c == 'y'                                     ? 6
                          : c == 'D'                                     ? 3
                          : c == 'M' || c == 'L' || c == 'E' || c == 'G' ? 4
                          : c == 'Q' || c == 'q'                         ? 4
                          : c == 'X' || c == 'x' || c == 'Z'             ? 5
                          : c == 'z' || c == 'O'                         ? 4
                          : c == 'a' || c == 'F'                         ? 1
                                                                         : 2;
      if (count > longest || (c == 'V' && count != 2) || (c == 'O' && count != 1 && count != 4)) {
        return invalid(fmt::format("{} times '{}' is not supported", count, c));
      }
      elements->push_back({c, count, {}, {}});
      *at = end;
    } else if (c == '#' || c == '{' || c == '}') {
      return invalid("'#', '{' and '}' are reserved");
    } else {
      add_literal(std::string_view(&pattern[*at], 1));
      ++*at;
    }
  }
  // A missing ']' at the end is allowed.
  return absl::OkStatus();
}

std::string DateTimePattern::Format(Timestamp instant, const Zone& zone) const {
  std::string out;
  const LocalTimestamp local = zone.ToLocal(instant);
  for (const Element& element : elements_) FormatElement(element, local, instant, &zone, &out);
  return out;
}

std::string DateTimePattern::FormatLocal(LocalTimestamp local) const {
  std::string out;
  for (const Element& element : elements_) {
    FormatElement(element, local, {local.micros}, &Zone::Utc(), &out);
  }
  return out;
}

void DateTimePattern::FormatElement(const Element& element, LocalTimestamp local, Timestamp instant,
                                    const Zone* zone, std::string* out) {
  const int count = element.count;
  const Civil civil = CivilFromMicros(local.micros);
  const int64_t days = FloorDiv(local.micros, kMicrosPerDay);
  switch (element.letter) {
    case 0:
      *out += element.literal;
      return;
    case '[':
      for (const Element& part : element.optional) FormatElement(part, local, instant, zone, out);
      return;
    case 'G':
      *out += count == 4 ? (civil.year > 0 ? "Anno Domini" : "Before Christ")
                         : (civil.year > 0 ? "AD" : "BC");
      return;
    case 'y': {
      // The year of the era.
      const int64_t year = civil.year > 0 ? civil.year : 1 - civil.year;
      if (count == 2) {
        *out += Padded(year % 100, 2);
      } else {
        if (count >= 4 && year > 9999 && count == 4) *out += '+';
        *out += Padded(year, count);
      }
      return;
    }
    case 'M':
    case 'L':
      if (count <= 2) {
        *out += Padded(civil.month, count);
      } else {
        const std::string_view name = kMonths[static_cast<size_t>(civil.month - 1)];
        *out += count == 3 ? name.substr(0, 3) : name;
      }
      return;
    case 'Q':
    case 'q': {
      const int quarter = (civil.month - 1) / 3 + 1;
      static constexpr std::array<std::string_view, 4> kNames = {"1st quarter", "2nd quarter",
                                                                 "3rd quarter", "4th quarter"};
      if (count <= 2) {
        *out += Padded(quarter, count);
      } else if (count == 3) {
        *out += fmt::format("Q{}", quarter);
      } else {
        *out += kNames[static_cast<size_t>(quarter - 1)];
      }
      return;
    }
    case 'D':
      *out += Padded(DayOfYear(days), count);
      return;
    case 'd':
      *out += Padded(civil.day, count);
      return;
    case 'F':
      *out += Padded((civil.day - 1) % 7 + 1, count);
      return;
    case 'E': {
      const std::string_view name = kWeekdays[static_cast<size_t>(IsoDayOfWeek(days) - 1)];
      *out += count <= 3 ? name.substr(0, 3) : name;
      return;
    }
    case 'a':
      *out += civil.hour < 12 ? "AM" : "PM";
      return;
    case 'H':
      *out += Padded(civil.hour, count);
      return;
    case 'k':
      *out += Padded(civil.hour == 0 ? 24 : civil.hour, count);
      return;
    case 'h':
      *out += Padded(civil.hour % 12 == 0 ? 12 : civil.hour % 12, count);
      return;
    case 'K':
      *out += Padded(civil.hour % 12, count);
      return;
    case 'm':
      *out += Padded(civil.minute, count);
      return;
    case 's':
      *out += Padded(civil.second, count);
      return;
    case 'S':
      *out += fmt::format("{:06}000", civil.micros).substr(0, static_cast<size_t>(count));
      return;
    case 'V':
      *out += zone->id();
      return;
    case 'z':
      *out += zone->Abbreviation(instant);
      return;
    default:
      *out += FormatOffset(zone->OffsetSeconds(instant), element.letter, count);
  }
}

bool DateTimePattern::ParseElements(const std::vector<Element>& elements, std::string_view text,
                                    size_t* at, Fields* fields) {
  for (size_t i = 0; i < elements.size(); ++i) {
    const Element& element = elements[i];
    if (element.letter == 0) {
      if (!StartsWithIgnoreCase(text.substr(*at), element.literal)) return false;
      *at += element.literal.size();
    } else if (element.letter == '[') {
      Fields tried = *fields;
      size_t tried_at = *at;
      if (ParseElements(element.optional, text, &tried_at, &tried)) {
        *fields = tried;
        *at = tried_at;
      }
    } else {
      // Digits that the numbers right behind it need: "yyyyMMdd".
      int reserved = 0;
      for (size_t next = i + 1;
           next < elements.size() && IsNumericLetter(elements[next].letter, elements[next].count) &&
           IsFixedWidth(elements[next].letter, elements[next].count);
           ++next) {
        reserved += elements[next].letter == 'S' ? 1 : elements[next].count;
      }
      if (!ParseField(element, reserved, text, at, fields)) return false;
    }
  }
  return true;
}

bool DateTimePattern::ParseField(const Element& element, int reserved, std::string_view text,
                                 size_t* at, Fields* fields) {
  const int count = element.count;
  const auto number = [&](int least, int most) -> std::optional<int64_t> {
    int available = 0;
    while (*at + static_cast<size_t>(available) < text.size() &&
           std::isdigit(static_cast<unsigned char>(text[*at + static_cast<size_t>(available)]))) {
      ++available;
    }
    int digits = std::min(available, most);
    if (digits > least) digits = std::max(least, std::min(digits, available - reserved));
    if (digits < least || digits == 0) return std::nullopt;
    int64_t value = 0;
    for (int i = 0; i < digits; ++i) value = value * 10 + (text[(*at)++] - '0');
    return value;
  };
  const auto plain = [&](std::optional<int64_t>& field, int64_t low, int64_t high) {
    const auto value = count == 1 ? number(1, 9) : number(count, count);
    if (!value || *value < low || *value > high) return false;
    fields->Set(field, *value);
    return true;
  };
  switch (element.letter) {
    case 'y': {
      std::optional<int64_t> year;
      if (count == 2) {
        year = number(2, 2);
        if (year) *year += 2000;
      } else if (count >= 4) {
        const bool has_sign = *at < text.size() && text[*at] == '+';
        if (has_sign) ++*at;
        year = has_sign ? number(count + 1, 9) : number(count, count);
      } else {
        year = number(count, 9);
      }
      if (!year || *year < 1) return false;
      fields->Set(fields->year, *year);
      return true;
    }
    case 'M':
    case 'L':
      if (count <= 2) return plain(fields->month, 1, 12);
      if (const auto month = MatchName(kMonths, count == 3, text, at)) {
        fields->Set(fields->month, *month);
        return true;
      }
      return false;
    case 'd':
      return plain(fields->day, 1, 31);
    case 'D': {
      const auto value = number(count, 3);
      if (!value || *value < 1 || *value > 366) return false;
      fields->Set(fields->day_of_year, *value);
      return true;
    }
    case 'H':
      return plain(fields->hour, 0, 23);
    case 'k': {
      std::optional<int64_t> clock;
      if (!plain(clock, 1, 24)) return false;
      fields->Set(fields->hour, *clock % 24);
      return true;
    }
    case 'h': {
      std::optional<int64_t> clock;
      if (!plain(clock, 1, 12)) return false;
      fields->Set(fields->hour12, *clock % 12);
      return true;
    }
    case 'K':
      return plain(fields->hour12, 0, 11);
    case 'm':
      return plain(fields->minute, 0, 59);
    case 's':
      return plain(fields->second, 0, 59);
    case 'S': {
      int64_t micros = 0;
      int digits = 0;
      for (; digits < count && *at < text.size() &&
             std::isdigit(static_cast<unsigned char>(text[*at]));
           ++digits, ++*at) {
        if (digits < 6) micros = micros * 10 + (text[*at] - '0');
      }
      if (digits == 0) return false;
      for (; digits < 6; ++digits) micros *= 10;
      fields->Set(fields->micros, micros);
      return true;
    }
    case 'a':
      if (StartsWithIgnoreCase(text.substr(*at), "AM")) {
        fields->Set(fields->half, 0);
      } else if (StartsWithIgnoreCase(text.substr(*at), "PM")) {
        fields->Set(fields->half, 1);
      } else {
        return false;
      }
      *at += 2;
      return true;
    default: {
      // A zone: the longest text that names one.
      const std::string_view rest = text.substr(*at);
      const bool is_offset = std::string_view("XxZ").find(element.letter) != std::string_view::npos;
      size_t size = 0;
      while (size < rest.size()) {
        const auto c = static_cast<unsigned char>(rest[size]);
        const bool belongs = std::isdigit(c) || c == '+' || c == '-' || c == ':' ||
                             (is_offset ? c == 'Z' : std::isalpha(c) || c == '/' || c == '_');
        if (!belongs) break;
        ++size;
      }
      for (; size > 0; --size) {
        const std::string_view id = rest.substr(0, size);
        if (is_offset) {
          const bool takes_z =
              element.letter == 'X' || (element.letter == 'Z' && element.count == 5);
          if (id == "Z" ? !takes_z : id[0] != '+' && id[0] != '-') continue;
          const bool has_colon = id.find(':') != std::string_view::npos;
          const bool wants_colon =
              element.letter == 'Z' ? element.count == 5 : element.count == 3 || element.count == 5;
          if (id != "Z" && has_colon != wants_colon) continue;
          if (id != "Z" && element.count >= 2 && size < 5) continue;
        }
        if (const Zone* zone = Zone::Find(id)) {
          fields->zone = zone;
          *at += size;
          return true;
        }
      }
      return false;
    }
  }
}

std::optional<LocalTimestamp> DateTimePattern::Resolve(std::string_view text,
                                                       const Zone** zone) const {
  Fields fields;
  size_t at = 0;
  if (!ParseElements(elements_, text, &at, &fields) || at != text.size() || !fields.is_consistent) {
    return std::nullopt;
  }
  Civil civil;
  civil.year = fields.year.value_or(1970);
  civil.month = static_cast<int>(fields.month.value_or(1));
  civil.day = static_cast<int>(fields.day.value_or(1));
  if (fields.day_of_year && fields.year) {
    if (*fields.day_of_year > (IsLeapYear(civil.year) ? 366 : 365)) return std::nullopt;
    const Civil resolved = CivilFromDays(DaysFromCivil(civil.year, 1, 1) + *fields.day_of_year - 1);
    if ((fields.month && resolved.month != civil.month) ||
        (fields.day && resolved.day != civil.day)) {
      return std::nullopt;
    }
    civil = resolved;
  }
  if (!IsValidDate(civil.year, civil.month, civil.day)) return std::nullopt;
  if (fields.hour) {
    civil.hour = static_cast<int>(*fields.hour);
    if (fields.hour12 && civil.hour % 12 != *fields.hour12) return std::nullopt;
    if (fields.half && civil.hour / 12 != *fields.half) return std::nullopt;
  } else {
    civil.hour = static_cast<int>(fields.hour12.value_or(0) + 12 * fields.half.value_or(0));
  }
  civil.minute = static_cast<int>(fields.minute.value_or(0));
  civil.second = static_cast<int>(fields.second.value_or(0));
  civil.micros = static_cast<int>(fields.micros.value_or(0));
  *zone = fields.zone;
  return LocalTimestamp{MicrosFromCivil(civil)};
}

std::optional<Timestamp> DateTimePattern::Parse(std::string_view text, const Zone& zone) const {
  const Zone* parsed_zone = nullptr;
  const auto local = Resolve(text, &parsed_zone);
  if (!local) return std::nullopt;
  return (parsed_zone == nullptr ? zone : *parsed_zone).ToInstant(*local);
}

std::optional<LocalTimestamp> DateTimePattern::ParseLocal(std::string_view text) const {
  const Zone* ignored = nullptr;
  return Resolve(text, &ignored);
}

}  // namespace smelt::duck
