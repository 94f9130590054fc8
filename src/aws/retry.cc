#include "aws/retry.h"

#include <algorithm>
#include <array>

namespace smelt::aws {
namespace {

constexpr int64_t kThrottlingCost = 5;
constexpr int64_t kTransientCost = 10;

template <size_t kSize>
bool IsOneOf(std::string_view code, const std::array<std::string_view, kSize>& codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// "Retry behavior" of the AWS SDKs and Tools Reference Guide.
constexpr std::array<std::string_view, 13> kThrottlingCodes = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete",
};
constexpr std::array<std::string_view, 3> kTransientCodes = {
    "RequestTimeout", "RequestTimeoutException", "InternalServerError"};
constexpr std::array<std::string_view, 5> kClockSkewCodes = {
    "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "SignatureDoesNotMatch",
    "InvalidSignatureException"};

}  // namespace

ErrorKind ClassifyAnswer(int http_status, std::string_view code) {
  if (IsOneOf(code, kThrottlingCodes) || http_status == 429) return ErrorKind::kThrottling;
  if (IsOneOf(code, kClockSkewCodes)) return ErrorKind::kClockSkew;
  if (IsOneOf(code, kTransientCodes)) return ErrorKind::kTransient;
  if (http_status == 500 || http_status == 502 || http_status == 503 || http_status == 504) {
    return ErrorKind::kTransient;
  }
  return ErrorKind::kPermanent;
}

ErrorKind ClassifyTransport(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kDataLoss:
      return ErrorKind::kTransient;
    default:
      return ErrorKind::kPermanent;
  }
}

int64_t RetryBudget::Take(ErrorKind kind) {
  const int64_t cost = kind == ErrorKind::kTransient ? kTransientCost : kThrottlingCost;
  std::lock_guard lock(mutex_);
  if (tokens_ < cost) return 0;
  tokens_ -= cost;
  return cost;
}

void RetryBudget::GiveBack(int64_t taken) {
  std::lock_guard lock(mutex_);
  tokens_ = std::min(capacity_, tokens_ + std::max<int64_t>(taken, 1));
}

int64_t RetryBudget::tokens() const {
  std::lock_guard lock(mutex_);
  return tokens_;
}

int64_t Backoff::DelayMicros(int64_t retry) {
  const int64_t doublings = std::clamp<int64_t>(retry, 0, 30);
  const int64_t ceiling =
      base_micros_ > (cap_micros_ >> doublings) ? cap_micros_ : base_micros_ << doublings;
  std::lock_guard lock(mutex_);
  return std::uniform_int_distribution<int64_t>(0, ceiling)(random_);
}

}  // namespace smelt::aws
