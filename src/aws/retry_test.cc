#include "aws/retry.h"

#include <gtest/gtest.h>

#include "base/status.h"

namespace smelt::aws {
namespace {

TEST(ClassifyTest, ByCodeAndStatus) {
  EXPECT_EQ(ClassifyAnswer(400, "ProvisionedThroughputExceededException"), ErrorKind::kThrottling);
  EXPECT_EQ(ClassifyAnswer(400, "ThrottlingException"), ErrorKind::kThrottling);
  EXPECT_EQ(ClassifyAnswer(429, ""), ErrorKind::kThrottling);
  EXPECT_EQ(ClassifyAnswer(503, "SlowDown"), ErrorKind::kThrottling);
  EXPECT_EQ(ClassifyAnswer(500, "InternalServerError"), ErrorKind::kTransient);
  EXPECT_EQ(ClassifyAnswer(503, ""), ErrorKind::kTransient);
  EXPECT_EQ(ClassifyAnswer(400, "RequestTimeout"), ErrorKind::kTransient);
  EXPECT_EQ(ClassifyAnswer(403, "RequestTimeTooSkewed"), ErrorKind::kClockSkew);
  EXPECT_EQ(ClassifyAnswer(400, "ConditionalCheckFailedException"), ErrorKind::kPermanent);
  EXPECT_EQ(ClassifyAnswer(400, "ValidationException"), ErrorKind::kPermanent);
  EXPECT_EQ(ClassifyAnswer(501, ""), ErrorKind::kPermanent);
}

TEST(ClassifyTest, ByWhatTheConnectionDid) {
  EXPECT_EQ(ClassifyTransport(base::Unavailable("reset")), ErrorKind::kTransient);
  EXPECT_EQ(ClassifyTransport(base::DeadlineExceeded("slow")), ErrorKind::kTransient);
  EXPECT_EQ(ClassifyTransport(base::DataLoss("cut")), ErrorKind::kTransient);
  EXPECT_EQ(ClassifyTransport(base::FailedPrecondition("certificate")), ErrorKind::kPermanent);
}

TEST(RetryBudgetTest, IsUsedUpByAnOutageAndRefilledBySuccess) {
  RetryBudget budget(20);
  EXPECT_EQ(budget.Take(ErrorKind::kTransient), 10);
  EXPECT_EQ(budget.Take(ErrorKind::kThrottling), 5);
  EXPECT_EQ(budget.Take(ErrorKind::kTransient), 0);
  EXPECT_EQ(budget.Take(ErrorKind::kThrottling), 5);
  EXPECT_EQ(budget.Take(ErrorKind::kThrottling), 0);
  budget.GiveBack(0);  // a success without a retry
  EXPECT_EQ(budget.tokens(), 1);
  budget.GiveBack(10);  // a success after one
  EXPECT_EQ(budget.tokens(), 11);
  for (int i = 0; i < 20; ++i) budget.GiveBack(10);
  EXPECT_EQ(budget.tokens(), 20);
}

TEST(BackoffTest, IsSpreadEvenlyBelowADoublingCeiling) {
  Backoff backoff(1000, 16'000, 1);
  const int64_t ceilings[] = {1000, 2000, 4000, 8000, 16'000, 16'000, 16'000};
  for (int64_t retry = 0; retry < 7; ++retry) {
    int64_t sum = 0, most = 0;
    for (int i = 0; i < 2000; ++i) {
      const int64_t delay = backoff.DelayMicros(retry);
      ASSERT_GE(delay, 0);
      sum += delay;
      most = std::max(most, delay);
    }
    EXPECT_LE(most, ceilings[retry]);
    EXPECT_NEAR(sum / 2000, ceilings[retry] / 2, ceilings[retry] / 20);
  }
  EXPECT_LE(backoff.DelayMicros(1000), 16'000);
}

}  // namespace
}  // namespace smelt::aws
