#include "publish/lease.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "publish/test_faulty_client.h"
#include "publish/test_memory_client.h"

namespace smelt::publish {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kStartMicros = 1'750'000'000'000'000;
constexpr int64_t kSecond = 1'000'000;

absl::Status Accept(const std::optional<ControlItem>&) { return absl::OkStatus(); }
void Nothing(ControlItem*) {}

// A clock during whose sleeps something happens.
class BusyClock : public base::FakeClock {
 public:
  using FakeClock::FakeClock;
  void SleepMicros(int64_t micros) override {
    Advance(micros);
    if (during_sleep) during_sleep();
  }
  std::function<void()> during_sleep;
};

class LeaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    key_.partition = {"id", dynamodb::ValueType::kNumber};
    ASSERT_TRUE(memory_.CreateTable({"table", key_, {}}).ok());
  }
  Lease Make(dynamodb::Client* client = nullptr, LeaseOptions options = {}) {
    return Lease(client == nullptr ? &memory_ : client, &clock_, "table", key_, options);
  }

  BusyClock clock_{kStartMicros};
  MemoryClient memory_;
  dynamodb::KeySchema key_;
};

TEST_F(LeaseTest, IsTakenGivenBackAndTakenAgainWithoutWaiting) {
  Lease first = Make();
  ASSERT_TRUE(first.Take(Accept, Nothing).ok());
  EXPECT_EQ(first.control().epoch, 1);
  EXPECT_EQ(first.stop_at_micros(), kStartMicros + 59 * kSecond);
  ASSERT_TRUE(first.Release([](ControlItem* control) { control->item_count = 5; }).ok());

  Lease second = Make();
  ASSERT_TRUE(second.Take(Accept, Nothing).ok());
  EXPECT_EQ(second.control().epoch, 2);
  EXPECT_EQ(second.control().item_count, 5);
  EXPECT_EQ(clock_.MonotonicMicros(), kStartMicros);
}

TEST_F(LeaseTest, WaitsForAHolderThatVanishedLongerThanItsLease) {
  Lease vanished = Make();
  ASSERT_TRUE(vanished.Take(Accept, Nothing).ok());
  clock_.Advance(10 * kSecond);
  Lease next = Make();
  ASSERT_TRUE(next.Take(Accept, Nothing).ok());
  EXPECT_GT(clock_.MonotonicMicros(), kStartMicros + 71 * kSecond);
  EXPECT_EQ(vanished.Update(Nothing).code(), absl::StatusCode::kAborted);
}

TEST_F(LeaseTest, DoesNotDisturbAHolderThatIsAlive) {
  Lease holder = Make();
  ASSERT_TRUE(holder.Take(Accept, Nothing).ok());
  clock_.during_sleep = [&] { ASSERT_TRUE(holder.RenewIfDue().ok()); };
  Lease other = Make();
  const absl::Status status = other.Take(Accept, Nothing);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(base::Message(status), HasSubstr("another publisher"));
  EXPECT_TRUE(holder.Update(Nothing).ok());
}

TEST_F(LeaseTest, TakesWhatIsGivenBackWhileItWaits) {
  Lease holder = Make();
  ASSERT_TRUE(holder.Take(Accept, Nothing).ok());
  int sleeps = 0;
  clock_.during_sleep = [&] {
    if (++sleeps == 3) {
      ASSERT_TRUE(holder.Release(Nothing).ok());
    }
  };
  Lease other = Make();
  ASSERT_TRUE(other.Take(Accept, Nothing).ok());
  EXPECT_EQ(sleeps, 3);
}

TEST_F(LeaseTest, ALeaseLongExpiredIsTakenAtOnce) {
  Lease vanished = Make();
  ASSERT_TRUE(vanished.Take(Accept, Nothing).ok());
  clock_.Advance(3600 * kSecond);
  Lease next = Make();
  ASSERT_TRUE(next.Take(Accept, Nothing).ok());
  EXPECT_EQ(clock_.MonotonicMicros(), kStartMicros + 3600 * kSecond);
}

TEST_F(LeaseTest, ASoleOwnerNeedNotWait) {
  Lease vanished = Make();
  ASSERT_TRUE(vanished.Take(Accept, Nothing).ok());
  Lease next = Make(nullptr, {.sole_owner = true});
  ASSERT_TRUE(next.Take(Accept, Nothing).ok());
  EXPECT_EQ(clock_.MonotonicMicros(), kStartMicros);
}

TEST_F(LeaseTest, ItsOwnWriteWhoseAnswerWasLostIsRecognised) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    memory_.Clear();
    SetUp();
    FaultyClient faulty(&memory_, &clock_,
                        {.throttle_share = 0.3, .lost_answer_share = 0.6, .seed = seed});
    Lease lease = Make(&faulty);
    ASSERT_TRUE(lease.Take(Accept, Nothing).ok());
    ASSERT_TRUE(lease.Update([](ControlItem* control) { control->item_count = 1; }).ok());
    ASSERT_TRUE(lease.Release(Nothing).ok());
    EXPECT_EQ(ReadControlItem(memory_, "table", key_).value(), lease.control());
  }
}

TEST_F(LeaseTest, OfTwoThatTakeItAtOnceOneIsTurnedAway) {
  Lease first = Make();
  Lease second = Make();
  // The second comes between the first's look and its write.
  absl::Status of_second;
  const absl::Status of_first = first.Take(
      [&](const std::optional<ControlItem>&) {
        of_second = second.Take(Accept, Nothing);
        return absl::OkStatus();
      },
      Nothing);
  EXPECT_TRUE(of_second.ok()) << of_second;
  EXPECT_EQ(of_first.code(), absl::StatusCode::kAborted);
}

TEST_F(LeaseTest, IsNotTakenWhereTheJudgeRefuses) {
  Lease lease = Make();
  EXPECT_EQ(
      lease
          .Take([](const std::optional<ControlItem>&) { return base::FailedPrecondition("no"); },
                Nothing)
          .code(),
      absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(memory_.writes(), 0);
}

TEST_F(LeaseTest, IsRenewedWhenAThirdOfItHasPassed) {
  Lease lease = Make();
  ASSERT_TRUE(lease.Take(Accept, Nothing).ok());
  clock_.Advance(19 * kSecond);
  ASSERT_TRUE(lease.RenewIfDue().ok());
  EXPECT_EQ(memory_.writes(), 1);
  clock_.Advance(2 * kSecond);
  ASSERT_TRUE(lease.RenewIfDue().ok());
  EXPECT_EQ(memory_.writes(), 2);
  EXPECT_EQ(lease.stop_at_micros(), kStartMicros + 80 * kSecond);
}

}  // namespace
}  // namespace smelt::publish
