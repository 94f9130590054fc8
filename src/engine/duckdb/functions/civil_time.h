#pragma once

// Dates of the proleptic Gregorian calendar, and time zones. Pure; thread-safe.

#include <absl/time/time.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/duckdb/functions/values.h"

namespace smelt::duck {

struct Civil {
  int64_t year = 1970;
  int month = 1;  // 1..12
  int day = 1;    // 1..31
  int hour = 0;
  int minute = 0;
  int second = 0;
  int micros = 0;
};

bool IsLeapYear(int64_t year);
int DaysInMonth(int64_t year, int month);
// Any month and day that are in range; check with IsValidDate first.
int64_t DaysFromCivil(int64_t year, int month, int day);
bool IsValidDate(int64_t year, int month, int day);
bool IsValidTime(int hour, int minute, int second);

Civil CivilFromDays(int64_t days);
Civil CivilFromMicros(int64_t local_micros);
int64_t MicrosFromCivil(const Civil& civil);

// 1 = Monday .. 7 = Sunday.
int IsoDayOfWeek(int64_t days);
int DayOfYear(int64_t days);
// ISO 8601: the week of that date, and the year that the week belongs to.
int IsoWeek(int64_t days, int64_t* week_year = nullptr);

// The date `months` later; a day that the month lacks becomes its last one.
int64_t AddMonths(int64_t days, int64_t months);

class Zone {
 public:
  static const Zone& Utc();
  // Java's zone ids as Spark takes them: 'Z', '+5:30', 'UTC+1', 'Europe/Paris', 'PST'. nullptr
  // where unknown. The result lives for ever.
  static const Zone* Find(std::string_view id);

  bool is_utc() const { return is_utc_; }
  const std::string& id() const { return id_; }
  int64_t OffsetSeconds(Timestamp instant) const;
  LocalTimestamp ToLocal(Timestamp instant) const;
  // A local time that a gap skips moves on by the gap; of two, the earlier one: as java.time does.
  Timestamp ToInstant(LocalTimestamp local) const;
  // "UTC", "CET": the short name in force.
  std::string Abbreviation(Timestamp instant) const;

 private:
  Zone(std::string id, absl::TimeZone zone, bool is_utc)
      : id_(std::move(id)), zone_(zone), is_utc_(is_utc) {}

  std::string id_;
  absl::TimeZone zone_;
  bool is_utc_;
};

}  // namespace smelt::duck
