#include "base/clock.h"

#include <chrono>
#include <cstdio>
#include <thread>

#include "base/status.h"

namespace smelt::base {
namespace {

class RealClock : public Clock {
 public:
  int64_t NowMicros() override {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  int64_t MonotonicMicros() override {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
  void SleepMicros(int64_t micros) override {
    std::this_thread::sleep_for(std::chrono::microseconds(micros));
  }
};

constexpr int64_t kMicrosPerSecond = 1'000'000;

}  // namespace

Clock* Clock::Real() {
  static RealClock clock;
  return &clock;
}

int64_t FakeClock::NowMicros() {
  std::lock_guard lock(mutex_);
  return now_micros_;
}

int64_t FakeClock::MonotonicMicros() { return NowMicros(); }

void FakeClock::Advance(int64_t micros) {
  std::lock_guard lock(mutex_);
  now_micros_ += micros;
}

std::string FormatIsoMillis(int64_t micros) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(micros)};
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(floor<std::chrono::milliseconds>(time) - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

absl::StatusOr<int64_t> ParseIsoMicros(std::string_view text) {
  const std::string copy(text);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  const auto fail = [&] {
    return InvalidArgument("'{}' is not a time such as 2026-01-02T03:04:05.678Z", copy);
  };
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2d%*[T ]%2d:%2d:%2d%n", &year, &month, &day, &hour,
                  &minute, &second, &used) != 6) {
    return fail();
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return fail();
  size_t at = used;
  int64_t fraction = 0, scale = kMicrosPerSecond;
  if (at < copy.size() && copy[at] == '.') {
    for (++at; at < copy.size() && copy[at] >= '0' && copy[at] <= '9'; ++at) {
      if (scale == 1) continue;
      scale /= 10;
      fraction += (copy[at] - '0') * scale;
    }
  }
  int64_t offset_minutes = 0;
  if (at < copy.size() && (copy[at] == '+' || copy[at] == '-')) {
    int hours = 0, minutes = 0, length = 0;
    if (std::sscanf(copy.c_str() + at + 1, "%2d:%2d%n", &hours, &minutes, &length) != 2) {
      return fail();
    }
    offset_minutes = (copy[at] == '-' ? -1 : 1) * (hours * 60 + minutes);
    at += 1 + length;
  } else if (at < copy.size() && copy[at] == 'Z') {
    ++at;
  }
  if (at != copy.size()) return fail();
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const int64_t seconds = ((days * 24 + hour) * 60 + minute - offset_minutes) * 60 + second;
  return seconds * kMicrosPerSecond + fraction;
}

}  // namespace smelt::base
