#pragma once

// Time comes from a Clock, so that tests own it. Wall time is microseconds since the Unix epoch,
// UTC.

#include <absl/status/statusor.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace smelt::base {

class Clock {
 public:
  virtual ~Clock() = default;
  // Wall time; may jump.
  virtual int64_t NowMicros() = 0;
  // Never goes back; for durations and leases.
  virtual int64_t MonotonicMicros() = 0;
  virtual void SleepMicros(int64_t micros) = 0;

  // The machine's clock. Thread-safe.
  static Clock* Real();
};

// Stands still until it is told to move; sleeping moves it. Thread-safe.
class FakeClock : public Clock {
 public:
  explicit FakeClock(int64_t start_micros) : now_micros_(start_micros) {}
  int64_t NowMicros() override;
  int64_t MonotonicMicros() override;
  void SleepMicros(int64_t micros) override { Advance(micros); }
  void Advance(int64_t micros);

 private:
  std::mutex mutex_;
  int64_t now_micros_;
};

// "2026-01-02T03:04:05.678Z" (milliseconds, as DynamoDB and Delta write it).
std::string FormatIsoMillis(int64_t micros);
// Parses ISO 8601 with 'Z' or an offset, any number of fractional digits (beyond microseconds they
// are cut).
absl::StatusOr<int64_t> ParseIsoMicros(std::string_view text);

}  // namespace smelt::base
