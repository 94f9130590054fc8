#include "engine/duckdb/functions/civil_time.h"

#include <absl/time/civil_time.h>

#include <map>
#include <mutex>

namespace smelt::duck {
namespace {

// Java's short ids (java.time.ZoneId.SHORT_IDS).
const std::map<std::string_view, std::string_view>& ShortIds() {
  static const auto* ids =
      new std::map<std::string_view, std::string_view>{{"ACT", "Australia/Darwin"},
                                                       {"AET", "Australia/Sydney"},
                                                       {"AGT", "America/Argentina/Buenos_Aires"},
                                                       {"ART", "Africa/Cairo"},
                                                       {"AST", "America/Anchorage"},
                                                       {"BET", "America/Sao_Paulo"},
                                                       {"BST", "Asia/Dhaka"},
                                                       {"CAT", "Africa/Harare"},
                                                       {"CNT", "America/St_Johns"},
                                                       {"CST", "America/Chicago"},
                                                       {"CTT", "Asia/Shanghai"},
                                                       {"EAT", "Africa/Addis_Ababa"},
                                                       {"ECT", "Europe/Paris"},
                                                       {"EST", "-05:00"},
                                                       {"HST", "-10:00"},
                                                       {"IET", "America/Indiana/Indianapolis"},
                                                       {"IST", "Asia/Kolkata"},
                                                       {"JST", "Asia/Tokyo"},
                                                       {"MIT", "Pacific/Apia"},
                                                       {"MST", "-07:00"},
                                                       {"NET", "Asia/Yerevan"},
                                                       {"NST", "Pacific/Auckland"},
                                                       {"PLT", "Asia/Karachi"},
                                                       {"PNT", "America/Phoenix"},
                                                       {"PRT", "America/Puerto_Rico"},
                                                       {"PST", "America/Los_Angeles"},
                                                       {"SST", "Pacific/Guadalcanal"},
                                                       {"VST", "Asia/Ho_Chi_Minh"}};
  return *ids;
}

// "+5", "+05", "+0530", "+5:30", "+05:3", "+05:30:15" in seconds.
std::optional<int64_t> ParseOffset(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  int parts[3] = {0, 0, 0};
  text.remove_prefix(1);
  const bool has_colon = text.find(':') != std::string_view::npos;
  int part = 0;
  int digits = 0;
  for (const char c : text) {
    if (c == ':') {
      if (digits == 0 || ++part > 2) return std::nullopt;
      digits = 0;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    if (digits == 2) {
      if (has_colon || ++part > 2) return std::nullopt;
      digits = 0;
    }
    parts[part] = parts[part] * 10 + (c - '0');
    ++digits;
  }
  if (digits == 0 || (!has_colon && part > 0 && digits != 2)) return std::nullopt;
  if (parts[0] > 18 || parts[1] > 59 || parts[2] > 59) return std::nullopt;
  const int64_t seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
  if (seconds > 18 * 3600) return std::nullopt;
  return sign * seconds;
}

}  // namespace

bool IsLeapYear(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int DaysInMonth(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[month - 1];
}

bool IsValidDate(int64_t year, int month, int day) {
  return month >= 1 && month <= 12 && day >= 1 && day <= DaysInMonth(year, month);
}

bool IsValidTime(int hour, int minute, int second) {
  return hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
}

int64_t DaysFromCivil(int64_t year, int month, int day) {
  // Years begin in March here, so that the leap day is the last one; eras are 400 years.
  year -= month <= 2;
  const int64_t era = FloorDiv(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

Civil CivilFromDays(int64_t days) {
  days += 719468;
  const int64_t era = FloorDiv(days, 146097);
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  Civil civil;
  civil.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  civil.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  civil.year = year_of_era + era * 400 + (civil.month <= 2);
  return civil;
}

Civil CivilFromMicros(int64_t local_micros) {
  Civil civil = CivilFromDays(FloorDiv(local_micros, kMicrosPerDay));
  int64_t rest = FloorMod(local_micros, kMicrosPerDay);
  civil.micros = static_cast<int>(rest % kMicrosPerSecond);
  rest /= kMicrosPerSecond;
  civil.second = static_cast<int>(rest % 60);
  civil.minute = static_cast<int>(rest / 60 % 60);
  civil.hour = static_cast<int>(rest / 3600);
  return civil;
}

int64_t MicrosFromCivil(const Civil& civil) {
  const int64_t days = DaysFromCivil(civil.year, civil.month, civil.day);
  const int64_t seconds = days * 86400 + civil.hour * 3600 + civil.minute * 60 + civil.second;
  return seconds * kMicrosPerSecond + civil.micros;
}

int IsoDayOfWeek(int64_t days) { return static_cast<int>(FloorMod(days + 3, 7)) + 1; }

int DayOfYear(int64_t days) {
  return static_cast<int>(days - DaysFromCivil(CivilFromDays(days).year, 1, 1)) + 1;
}

int IsoWeek(int64_t days, int64_t* week_year) {
  // A week belongs to the year of its Thursday.
  const int64_t thursday = days - IsoDayOfWeek(days) + 4;
  if (week_year != nullptr) *week_year = CivilFromDays(thursday).year;
  return (DayOfYear(thursday) - 1) / 7 + 1;
}

int64_t AddMonths(int64_t days, int64_t months) {
  const Civil civil = CivilFromDays(days);
  const int64_t month_index = civil.year * 12 + civil.month - 1 + months;
  const int64_t year = FloorDiv(month_index, 12);
  const int month = static_cast<int>(FloorMod(month_index, 12)) + 1;
  return DaysFromCivil(year, month, std::min(civil.day, DaysInMonth(year, month)));
}

const Zone& Zone::Utc() {
  static const Zone* utc = new Zone("UTC", absl::UTCTimeZone(), true);
  return *utc;
}

const Zone* Zone::Find(std::string_view id) {
  static std::mutex mutex;
  static auto* known = new std::map<std::string, const Zone*, std::less<>>;
  const std::lock_guard lock(mutex);
  const auto found = known->find(id);
  if (found != known->end()) return found->second;

  std::string_view resolved = id;
  if (const auto short_id = ShortIds().find(id); short_id != ShortIds().end()) {
    resolved = short_id->second;
  }
  const Zone* zone = nullptr;
  if (resolved == "Z" || resolved == "UTC" || resolved == "GMT" || resolved == "UT" ||
      resolved == "Etc/UTC") {
    zone = resolved == "UTC" || resolved == "Z"
               ? &Utc()
               : new Zone(std::string(id), absl::UTCTimeZone(), true);
  } else {
    std::string_view offset_text = resolved;
    for (const std::string_view prefix : {"UTC", "GMT", "UT"}) {
      if (offset_text.size() > prefix.size() && offset_text.substr(0, prefix.size()) == prefix) {
        offset_text.remove_prefix(prefix.size());
        break;
      }
    }
    if (const auto offset = ParseOffset(offset_text)) {
      zone =
          new Zone(std::string(id), absl::FixedTimeZone(static_cast<int>(*offset)), *offset == 0);
    } else {
      absl::TimeZone loaded;
      // Region names have letters only at their start: no path of the file system may be named.
      const bool is_region = !resolved.empty() &&
                             std::isalpha(static_cast<unsigned char>(resolved[0])) &&
                             resolved.find("..") == std::string_view::npos;
      if (is_region && absl::LoadTimeZone(std::string(resolved), &loaded)) {
        zone = new Zone(std::string(id), loaded, false);
      }
    }
  }
  if (zone != nullptr) known->emplace(std::string(id), zone);
  return zone;
}

int64_t Zone::OffsetSeconds(Timestamp instant) const {
  return is_utc_ ? 0 : zone_.At(absl::FromUnixMicros(instant.micros)).offset;
}

LocalTimestamp Zone::ToLocal(Timestamp instant) const {
  return {instant.micros + OffsetSeconds(instant) * kMicrosPerSecond};
}

Timestamp Zone::ToInstant(LocalTimestamp local) const {
  if (is_utc_) return {local.micros};
  const Civil civil = CivilFromMicros(local.micros);
  const absl::CivilSecond second(civil.year, civil.month, civil.day, civil.hour, civil.minute,
                                 civil.second);
  return {absl::ToUnixMicros(zone_.At(second).pre) + civil.micros};
}

std::string Zone::Abbreviation(Timestamp instant) const {
  if (is_utc_) return "UTC";
  return zone_.At(absl::FromUnixMicros(instant.micros)).zone_abbr;
}

}  // namespace smelt::duck
