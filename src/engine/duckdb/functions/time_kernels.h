#pragma once

// Spark's functions of dates and times, as function objects for KernelCall. Pure.

#include <absl/status/statusor.h>

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "engine/duckdb/functions/datetime_pattern.h"
#include "engine/duckdb/functions/datetime_text.h"
#include "engine/duckdb/functions/number_text.h"

namespace smelt::duck {

enum class TimeUnit {
  kMicrosecond,
  kMillisecond,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
};

// "MONTH", "mm", "mon".. as trunc and date_trunc take them.
std::optional<TimeUnit> ParseTruncUnit(std::string_view name);
// "MONTH", "DAYOFYEAR".. as timestampdiff and timestampadd take them.
std::optional<TimeUnit> ParseUnit(std::string_view name);

int64_t TruncateMicros(int64_t local_micros, TimeUnit unit);
// Whole units from one local time to the other, towards zero.
int64_t UnitsBetween(TimeUnit unit, int64_t from_micros, int64_t to_micros);

inline int32_t DaysOf(int64_t local_micros) {
  return static_cast<int32_t>(FloorDiv(local_micros, kMicrosPerDay));
}

// Keeps the last pattern compiled.
class PatternCache {
 public:
  explicit PatternCache(DateTimePattern::Use use) : use_(use) {}
  absl::StatusOr<const DateTimePattern*> Get(std::string_view pattern) {
    if (compiled_ == nullptr || pattern != pattern_) {
      SMELT_ASSIGN_OR_RETURN(DateTimePattern compiled, DateTimePattern::Compile(pattern, use_));
      compiled_ = std::make_unique<DateTimePattern>(std::move(compiled));
      pattern_ = pattern;
    }
    return compiled_.get();
  }

 private:
  DateTimePattern::Use use_;
  std::string pattern_;
  std::unique_ptr<DateTimePattern> compiled_;
};

// ---- parts of a date or a time

enum class DatePart {
  kYear,
  kQuarter,
  kMonth,
  kWeek,
  kDay,
  kDayOfWeek,     // 1 = Sunday
  kDayOfWeekIso,  // 1 = Monday
  kWeekday,       // 0 = Monday
  kDayOfYear,
  kYearOfWeek,
};

template <DatePart kPart>
struct PartOfDate {
  int32_t operator()(Date date) const {
    const int32_t days = date.days;
    switch (kPart) {
      case DatePart::kYear:
        return static_cast<int32_t>(CivilFromDays(days).year);
      case DatePart::kQuarter:
        return (CivilFromDays(days).month - 1) / 3 + 1;
      case DatePart::kMonth:
        return CivilFromDays(days).month;
      case DatePart::kWeek:
        return IsoWeek(days);
      case DatePart::kDay:
        return CivilFromDays(days).day;
      case DatePart::kDayOfWeek:
        return IsoDayOfWeek(days) % 7 + 1;
      case DatePart::kDayOfWeekIso:
        return IsoDayOfWeek(days);
      case DatePart::kWeekday:
        return IsoDayOfWeek(days) - 1;
      case DatePart::kDayOfYear:
        return DayOfYear(days);
      case DatePart::kYearOfWeek: {
        int64_t year = 0;
        IsoWeek(days, &year);
        return static_cast<int32_t>(year);
      }
    }
    return 0;
  }
};

// The remainder of the local time by `kModulus` seconds, in units of `kUnit` seconds.
template <int64_t kModulus, int64_t kUnit>
struct PartOfTime {
  explicit PartOfTime(const Zone& session_zone) : zone(session_zone) {}
  int32_t operator()(Timestamp time) const {
    const int64_t seconds = FloorDiv(zone.ToLocal(time).micros, kMicrosPerSecond);
    return static_cast<int32_t>(FloorMod(seconds, kModulus) / kUnit);
  }
  const Zone& zone;
};
using HourOf = PartOfTime<86400, 3600>;
using MinuteOf = PartOfTime<3600, 60>;
using SecondOf = PartOfTime<60, 1>;

// The seconds with their fraction, as microseconds: the unscaled value of decimal(8,6).
struct SecondMicrosOf {
  explicit SecondMicrosOf(const Zone& session_zone) : zone(session_zone) {}
  int32_t operator()(Timestamp time) const {
    return static_cast<int32_t>(FloorMod(zone.ToLocal(time).micros, 60 * kMicrosPerSecond));
  }
  const Zone& zone;
};

struct DayName {
  std::string operator()(Date date) const {
    static constexpr const char* kNames[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    return kNames[IsoDayOfWeek(date.days) - 1];
  }
};
struct MonthName {
  std::string operator()(Date date) const {
    static constexpr const char* kNames[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return kNames[CivilFromDays(date.days).month - 1];
  }
};

// ---- calendar arithmetic

struct AddMonthsToDate {
  Date operator()(Date date, int32_t months) const {
    return {static_cast<int32_t>(AddMonths(date.days, months))};
  }
};
struct DateDifference {
  int32_t operator()(Date end, Date start) const { return end.days - start.days; }
};
struct LastDay {
  Date operator()(Date date) const {
    const Civil civil = CivilFromDays(date.days);
    return {date.days + DaysInMonth(civil.year, civil.month) - civil.day};
  }
};
struct NextDay {
  absl::StatusOr<Date> operator()(Date date, std::string_view day_name) const;
};
struct MakeDate {
  absl::StatusOr<Date> operator()(int32_t year, int32_t month, int32_t day) const {
    if (!IsValidDate(year, month, day)) {
      return base::InvalidArgument(
          "[DATETIME_FIELD_OUT_OF_BOUNDS] Invalid date '{}-{}-{}'. If necessary set "
          "\"spark.sql.ansi.enabled\" to \"false\" to bypass this error.",
          year, month, day);
    }
    return Date{static_cast<int32_t>(DaysFromCivil(year, month, day))};
  }
};
struct MonthsBetween {
  explicit MonthsBetween(const Zone& session_zone) : zone(session_zone) {}
  double operator()(Timestamp a, Timestamp b, bool rounds) const;
  const Zone& zone;
};

// Seconds have six digits behind the point: `second_micros`.
std::optional<int64_t> MakeLocalMicros(int32_t year, int32_t month, int32_t day, int32_t hour,
                                       int32_t minute, int64_t second_micros);

struct TimestampDifference {
  explicit TimestampDifference(const Zone& session_zone) : zone(session_zone) {}
  absl::StatusOr<int64_t> operator()(std::string_view unit_name, Timestamp from,
                                     Timestamp to) const {
    const auto unit = ParseUnit(unit_name);
    if (!unit)
      return base::InvalidArgument(
          "[INVALID_PARAMETER_VALUE.DATETIME_UNIT] '{}' is no unit of time", unit_name);
    // Hours and less are of the time line, days and more of the calendar.
    if (*unit <= TimeUnit::kHour) return UnitsBetween(*unit, from.micros, to.micros);
    return UnitsBetween(*unit, zone.ToLocal(from).micros, zone.ToLocal(to).micros);
  }
  const Zone& zone;
};

struct TimestampPlus {
  explicit TimestampPlus(const Zone& session_zone) : zone(session_zone) {}
  absl::StatusOr<Timestamp> operator()(std::string_view unit_name, int64_t count,
                                       Timestamp time) const;
  const Zone& zone;
};

// ---- truncation

struct DateTrunc {
  explicit DateTrunc(const Zone& session_zone) : zone(session_zone) {}
  std::optional<Timestamp> operator()(std::string_view unit_name, Timestamp time) const {
    const auto unit = ParseTruncUnit(unit_name);
    if (!unit) return std::nullopt;
    if (*unit <= TimeUnit::kSecond) return Timestamp{TruncateMicros(time.micros, *unit)};
    return zone.ToInstant({TruncateMicros(zone.ToLocal(time).micros, *unit)});
  }
  const Zone& zone;
};
struct TruncDate {
  std::optional<Date> operator()(Date date, std::string_view unit_name) const {
    const auto unit = ParseTruncUnit(unit_name);
    if (!unit || *unit < TimeUnit::kWeek) return std::nullopt;
    return Date{DaysOf(TruncateMicros(date.days * kMicrosPerDay, *unit))};
  }
};

// ---- text

struct DateFormat {
  explicit DateFormat(const Zone& session_zone) : zone(session_zone) {}
  absl::StatusOr<std::string> operator()(Timestamp time, std::string_view pattern) {
    SMELT_ASSIGN_OR_RETURN(const auto* compiled, patterns.Get(pattern));
    return compiled->Format(time, zone);
  }
  const Zone& zone;
  PatternCache patterns{DateTimePattern::Use::kFormat};
};
struct FromUnixTime {
  explicit FromUnixTime(const Zone& session_zone) : format(session_zone) {}
  absl::StatusOr<std::string> operator()(int64_t seconds, std::string_view pattern) {
    return format({seconds * kMicrosPerSecond}, pattern);
  }
  DateFormat format;
};

template <bool kTry>
struct ParseWithPattern {
  explicit ParseWithPattern(const Zone& session_zone) : zone(session_zone) {}
  absl::StatusOr<std::optional<Timestamp>> operator()(std::string_view text,
                                                      std::string_view pattern) {
    SMELT_ASSIGN_OR_RETURN(const auto* compiled, patterns.Get(pattern));
    const auto parsed = compiled->Parse(text, zone);
    if (!parsed && !kTry) {
      return base::InvalidArgument(
          "[CANNOT_PARSE_TIMESTAMP] Text '{}' could not be parsed with the pattern '{}'. Use "
          "`try_to_timestamp` to tolerate invalid "
          "input string and return NULL instead.",
          text, pattern);
    }
    return parsed;
  }
  const Zone& zone;
  PatternCache patterns{DateTimePattern::Use::kParse};
};
struct ParseLocalWithPattern {
  absl::StatusOr<LocalTimestamp> operator()(std::string_view text, std::string_view pattern) {
    SMELT_ASSIGN_OR_RETURN(const auto* compiled, patterns.Get(pattern));
    const auto parsed = compiled->ParseLocal(text);
    if (!parsed)
      return base::InvalidArgument(
          "[CANNOT_PARSE_TIMESTAMP] Text '{}' could not be parsed with the pattern '{}'", text,
          pattern);
    return *parsed;
  }
  PatternCache patterns{DateTimePattern::Use::kParse};
};

// ---- zones and epochs

template <bool kToUtc>
struct ShiftZone {
  absl::StatusOr<Timestamp> operator()(Timestamp time, std::string_view zone_id) const {
    const Zone* zone = Zone::Find(zone_id);
    if (zone == nullptr)
      return base::InvalidArgument("[INVALID_TIMEZONE] '{}' is no time zone", zone_id);
    if (kToUtc) return zone->ToInstant({time.micros});
    return Timestamp{zone->ToLocal(time).micros};
  }
};
struct ConvertZone {
  absl::StatusOr<LocalTimestamp> operator()(std::string_view from, std::string_view to,
                                            LocalTimestamp time) const {
    const Zone* source = Zone::Find(from);
    const Zone* target = Zone::Find(to);
    if (source == nullptr || target == nullptr) {
      return base::InvalidArgument("[INVALID_TIMEZONE] '{}' is no time zone",
                                   source == nullptr ? from : to);
    }
    return target->ToLocal(source->ToInstant(time));
  }
};

template <int64_t kScale>
struct FromEpoch {
  absl::StatusOr<Timestamp> operator()(int64_t count) const {
    int64_t micros = 0;
    if (__builtin_mul_overflow(count, kScale, &micros))
      return base::InvalidArgument("[ARITHMETIC_OVERFLOW] long overflow");
    return Timestamp{micros};
  }
};
template <int64_t kScale>
struct ToEpoch {
  int64_t operator()(Timestamp time) const { return FloorDiv(time.micros, kScale); }
};
struct UnixDate {
  int32_t operator()(Date date) const { return date.days; }
};
struct DateFromUnixDate {
  Date operator()(int32_t days) const { return {days}; }
};

}  // namespace smelt::duck
