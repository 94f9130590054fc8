#pragma once

// When to ask again, and how long to wait before: exponential backoff with full jitter, under a
// budget that is shared by all requests of a client, so that an outage is not answered with a storm
// of retries.

#include <absl/status/status.h>

#include <cstdint>
#include <mutex>
#include <random>
#include <string_view>

namespace smelt::aws {

enum class ErrorKind {
  kPermanent,   // asking again changes nothing
  kThrottling,  // nothing was done; ask again, later
  kTransient,   // 5xx, lost connection, timeout: it may have been done
  kClockSkew,   // our clock may be off: if the answer's Date says so, ask again by that
};

// An error answer: HTTP status and the service's error code
// ("ProvisionedThroughputExceededException").
ErrorKind ClassifyAnswer(int http_status, std::string_view code);
// No answer: what HttpClient::Send failed with.
ErrorKind ClassifyTransport(const absl::Status& status);

// A bucket of tokens: a retry takes some, a request that succeeds gives back what its last retry
// took, or one where it needed none. Thread-safe.
class RetryBudget {
 public:
  explicit RetryBudget(int64_t capacity = 500) : capacity_(capacity), tokens_(capacity) {}

  // The tokens that a retry of this kind takes, or 0 where too few are left: do not retry.
  int64_t Take(ErrorKind kind);
  // `taken` by the last Take of the request that succeeded; 0: it needed no retry.
  void GiveBack(int64_t taken);
  int64_t tokens() const;

 private:
  const int64_t capacity_;
  mutable std::mutex mutex_;
  int64_t tokens_;  // under mutex_
};

// Thread-safe.
class Backoff {
 public:
  Backoff(int64_t base_micros, int64_t cap_micros, uint64_t seed = std::random_device{}())
      : base_micros_(base_micros), cap_micros_(cap_micros), random_(seed) {}

  // Uniform between 0 and min(cap, base * 2^retry); `retry` counts from 0.
  int64_t DelayMicros(int64_t retry);

 private:
  const int64_t base_micros_;
  const int64_t cap_micros_;
  std::mutex mutex_;
  std::mt19937_64 random_;  // under mutex_
};

}  // namespace smelt::aws
