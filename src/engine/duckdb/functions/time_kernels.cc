#include "engine/duckdb/functions/time_kernels.h"

#include <algorithm>
#include <array>

namespace smelt::duck {
namespace {

std::string UpperAscii(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return upper;
}

constexpr int64_t MicrosOf(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMicrosecond:
      return 1;
    case TimeUnit::kMillisecond:
      return 1000;
    case TimeUnit::kSecond:
      return kMicrosPerSecond;
    case TimeUnit::kMinute:
      return 60 * kMicrosPerSecond;
    case TimeUnit::kHour:
      return 3600 * kMicrosPerSecond;
    case TimeUnit::kDay:
      return kMicrosPerDay;
    case TimeUnit::kWeek:
      return 7 * kMicrosPerDay;
    default:
      return 0;
  }
}

int MonthsOf(TimeUnit unit) {
  return unit == TimeUnit::kMonth ? 1 : unit == TimeUnit::kQuarter ? 3 : 12;
}

}  // namespace

std::optional<TimeUnit> ParseTruncUnit(std::string_view name) {
  struct Name {
    std::string_view text;
    TimeUnit unit;
  };
  static constexpr Name kNames[] = {{"YEAR", TimeUnit::kYear},
                                    {"YYYY", TimeUnit::kYear},
                                    {"YY", TimeUnit::kYear},
                                    {"QUARTER", TimeUnit::kQuarter},
                                    {"MONTH", TimeUnit::kMonth},
                                    {"MON", TimeUnit::kMonth},
                                    {"MM", TimeUnit::kMonth},
                                    {"WEEK", TimeUnit::kWeek},
                                    {"DAY", TimeUnit::kDay},
                                    {"DD", TimeUnit::kDay},
                                    {"HOUR", TimeUnit::kHour},
                                    {"MINUTE", TimeUnit::kMinute},
                                    {"SECOND", TimeUnit::kSecond},
                                    {"MILLISECOND", TimeUnit::kMillisecond},
                                    {"MICROSECOND", TimeUnit::kMicrosecond}};
  const std::string upper = UpperAscii(name);
  for (const Name& known : kNames) {
    if (known.text == upper) return known.unit;
  }
  return std::nullopt;
}

std::optional<TimeUnit> ParseUnit(std::string_view name) {
  const std::string upper = UpperAscii(name);
  if (upper == "DAYOFYEAR") return TimeUnit::kDay;
  if (upper == "YYYY" || upper == "YY" || upper == "MM" || upper == "MON" || upper == "DD")
    return std::nullopt;
  return ParseTruncUnit(upper);
}

int64_t TruncateMicros(int64_t local_micros, TimeUnit unit) {
  if (unit <= TimeUnit::kDay) return FloorDiv(local_micros, MicrosOf(unit)) * MicrosOf(unit);
  const int64_t days = FloorDiv(local_micros, kMicrosPerDay);
  if (unit == TimeUnit::kWeek) return (days - IsoDayOfWeek(days) + 1) * kMicrosPerDay;
  const Civil civil = CivilFromDays(days);
  const int months = MonthsOf(unit);
  return DaysFromCivil(civil.year, (civil.month - 1) / months * months + 1, 1) * kMicrosPerDay;
}

int64_t UnitsBetween(TimeUnit unit, int64_t from_micros, int64_t to_micros) {
  if (unit <= TimeUnit::kWeek) return (to_micros - from_micros) / MicrosOf(unit);
  const Civil from = CivilFromMicros(from_micros);
  const Civil to = CivilFromMicros(to_micros);
  int64_t months = (to.year - from.year) * 12 + to.month - from.month;
  // A month counts once the day and the time of the start are reached.
  const int64_t rest_from = from.day * kMicrosPerDay + FloorMod(from_micros, kMicrosPerDay);
  const int64_t rest_to = to.day * kMicrosPerDay + FloorMod(to_micros, kMicrosPerDay);
  if (months > 0 && rest_to < rest_from) --months;
  if (months < 0 && rest_to > rest_from) ++months;
  return months / MonthsOf(unit);
}

absl::StatusOr<Date> NextDay::operator()(Date date, std::string_view day_name) const {
  static constexpr std::array<std::string_view, 7> kNames = {
      "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"};
  const std::string upper = UpperAscii(day_name);
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (upper == kNames[i] || upper == kNames[i].substr(0, 2) || upper == kNames[i].substr(0, 3)) {
      const int wanted = static_cast<int>(i) + 1;
      const int ahead = (wanted - IsoDayOfWeek(date.days) + 7) % 7;
      return Date{date.days + (ahead == 0 ? 7 : ahead)};
    }
  }
  return base::InvalidArgument("[ILLEGAL_DAY_OF_WEEK] Illegal input for day of week: {}.",
                               day_name);
}

double MonthsBetween::operator()(Timestamp a, Timestamp b, bool rounds) const {
  const int64_t local_a = zone.ToLocal(a).micros;
  const int64_t local_b = zone.ToLocal(b).micros;
  const Civil first = CivilFromMicros(local_a);
  const Civil second = CivilFromMicros(local_b);
  const auto months =
      static_cast<double>((first.year - second.year) * 12 + first.month - second.month);
  const bool first_is_last = first.day == DaysInMonth(first.year, first.month);
  const bool second_is_last = second.day == DaysInMonth(second.year, second.month);
  if (first.day == second.day || (first_is_last && second_is_last)) return months;
  const int64_t seconds = (first.day - second.day) * int64_t{86400} +
                          FloorMod(FloorDiv(local_a, kMicrosPerSecond), 86400) -
                          FloorMod(FloorDiv(local_b, kMicrosPerSecond), 86400);
  const double difference = months + static_cast<double>(seconds) / (31.0 * 86400.0);
  return rounds ? std::floor(difference * 1e8 + 0.5) / 1e8 : difference;
}

std::optional<int64_t> MakeLocalMicros(int32_t year, int32_t month, int32_t day, int32_t hour,
                                       int32_t minute, int64_t second_micros) {
  const bool is_next_minute = second_micros == 60 * kMicrosPerSecond;
  if (!IsValidDate(year, month, day) || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second_micros < 0 || (second_micros >= 60 * kMicrosPerSecond && !is_next_minute)) {
    return std::nullopt;
  }
  return DaysFromCivil(year, month, day) * kMicrosPerDay +
         (hour * int64_t{60} + minute) * 60 * kMicrosPerSecond + second_micros;
}

absl::StatusOr<Timestamp> TimestampPlus::operator()(std::string_view unit_name, int64_t count,
                                                    Timestamp time) const {
  const auto unit = ParseUnit(unit_name);
  if (!unit)
    return base::InvalidArgument("[INVALID_PARAMETER_VALUE.DATETIME_UNIT] '{}' is no unit of time",
                                 unit_name);
  int64_t added = 0;
  if (*unit <= TimeUnit::kHour) {
    if (__builtin_mul_overflow(count, MicrosOf(*unit), &added) ||
        __builtin_add_overflow(time.micros, added, &added)) {
      return base::InvalidArgument("[DATETIME_OVERFLOW] Datetime operation overflow");
    }
    return Timestamp{added};
  }
  const int64_t local = zone.ToLocal(time).micros;
  int64_t days = FloorDiv(local, kMicrosPerDay);
  constexpr int64_t kMost = 200'000'000;
  if (count > kMost || count < -kMost)
    return base::InvalidArgument("[DATETIME_OVERFLOW] Datetime operation overflow");
  days = *unit <= TimeUnit::kWeek ? days + count * (MicrosOf(*unit) / kMicrosPerDay)
                                  : AddMonths(days, count * MonthsOf(*unit));
  if (__builtin_mul_overflow(days, kMicrosPerDay, &added))
    return base::InvalidArgument("[DATETIME_OVERFLOW] Datetime operation overflow");
  return zone.ToInstant({added + FloorMod(local, kMicrosPerDay)});
}

}  // namespace smelt::duck
