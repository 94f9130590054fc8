#include "publish/capacity.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "publish/publisher.h"
#include "publish/test_faulty_client.h"
#include "publish/test_memory_client.h"

namespace smelt::publish {
namespace {

using dynamodb::Throughput;

constexpr int64_t kStartMicros = 1'750'000'000'000'000;
const SourceState kFirst = {"select", {{"gold", 1}}};

TEST(WriteUnitsForTest, BringsTheLoadInFiveMinutesWithinItsBounds) {
  EXPECT_EQ(WriteUnitsFor(30'000, 5, 4000), 100);
  EXPECT_EQ(WriteUnitsFor(300, 5, 4000), 5);
  EXPECT_EQ(WriteUnitsFor(1e9, 5, 4000), 4000);
  EXPECT_EQ(WriteUnitsFor(1e9, 5000, 4000), 5000);
}

// Items of 100 units each: a few of them are a load for 2 units a second.
class BigRows : public DiffSource {
 public:
  absl::Status Next(std::vector<ItemChange>* batch) override {
    batch->clear();
    for (; next_ < 8; ++next_) {
      dynamodb::Item item;
      item.emplace("id", dynamodb::Value(dynamodb::Number(next_)));
      item.emplace("text", dynamodb::Value(std::string(100 * 1024, 'x')));
      batch->push_back({ChangeKind::kPut, std::move(item)});
    }
    return absl::OkStatus();
  }
  absl::Status Rewind() override {
    next_ = 0;
    return absl::OkStatus();
  }
  int64_t unchanged() const override { return 0; }

 private:
  int64_t next_ = 0;
};

class CapacityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    sink_.name = sink_.options.table = "table";
    sink_.options.capacity = CapacityMode::kAuto;
    sink_.key.partition = {"id", dynamodb::ValueType::kNumber};
  }
  absl::Status PublishRows(dynamodb::Client& client) {
    BigRows rows;
    return Publish(client, clock_, {sink_, kFirst, {}}, options_, &rows).status();
  }
  Throughput Now() { return memory_.DescribeTable("table")->throughput; }

  base::FakeClock clock_{kStartMicros};
  MemoryClient memory_;
  Sink sink_;
  PublishOptions options_;
};

TEST_F(CapacityTest, IsRaisedForTheLoadAndGivenBack) {
  ASSERT_TRUE(memory_.CreateTable({"table", sink_.key, Throughput{3, 2}}).ok());
  ASSERT_TRUE(PublishRows(memory_).ok());
  EXPECT_EQ(memory_.throughputs(), (std::vector<Throughput>{{3, 3}, {3, 2}}));
  EXPECT_FALSE(ReadPublished(memory_, clock_, sink_).value()->capacity_expired);
}

TEST_F(CapacityTest, OnDemandAndByDefaultItIsLeftAlone) {
  ASSERT_TRUE(PublishRows(memory_).ok());
  memory_.Clear();
  ASSERT_TRUE(memory_.CreateTable({"table", sink_.key, Throughput{3, 2}}).ok());
  sink_.options.capacity = CapacityMode::kNone;
  ASSERT_TRUE(PublishRows(memory_).ok());
  EXPECT_TRUE(memory_.throughputs().empty());
}

TEST_F(CapacityTest, IsGivenBackAfterACrashAtAnyCall) {
  for (int64_t crash_at = 0;; ++crash_at) {
    memory_.Clear();
    ASSERT_TRUE(memory_.CreateTable({"table", sink_.key, Throughput{3, 2}}).ok());
    FaultyClient crashing(&memory_, &clock_,
                          {.crash_at_call = crash_at, .crash_after_effect = crash_at % 2 == 0});
    PublishRows(crashing).IgnoreError();
    if (crashing.calls() <= crash_at) break;
    const auto published = ReadPublished(memory_, clock_, sink_);
    ASSERT_TRUE(published.ok());
    clock_.Advance(options_.lease_micros * 2);
    if (crash_at % 3 == 0) {
      ASSERT_TRUE(GiveBackCapacity(memory_, clock_, sink_, options_).ok());
    } else {
      ASSERT_TRUE(PublishRows(memory_).ok());
    }
    EXPECT_EQ(Now(), (Throughput{3, 2})) << "crash at call " << crash_at;
  }
}

TEST_F(CapacityTest, SaysThatADeadPublisherLeftItRaised) {
  ASSERT_TRUE(memory_.CreateTable({"table", sink_.key, Throughput{3, 2}}).ok());
  FaultyClient crashing(&memory_, &clock_, {.crash_at_call = 12});
  ASSERT_FALSE(PublishRows(crashing).ok());
  ASSERT_EQ(Now().write_units, 3);
  clock_.Advance(options_.lease_micros * 10);
  EXPECT_TRUE(ReadPublished(memory_, clock_, sink_).value()->capacity_expired);
  ASSERT_TRUE(GiveBackCapacity(memory_, clock_, sink_, options_).ok());
  EXPECT_EQ(Now().write_units, 2);
  EXPECT_FALSE(ReadPublished(memory_, clock_, sink_).value()->capacity_expired);
}

TEST_F(CapacityTest, WhatSomebodyElseSetMeanwhileIsLeftAsItIs) {
  ASSERT_TRUE(memory_.CreateTable({"table", sink_.key, Throughput{3, 2}}).ok());
  FaultyClient crashing(&memory_, &clock_, {.crash_at_call = 12});
  ASSERT_FALSE(PublishRows(crashing).ok());
  dynamodb::UpdateTableRequest update;
  update.table = "table";
  update.throughput = Throughput{8, 8};
  ASSERT_TRUE(memory_.UpdateTable(update).ok());
  ASSERT_TRUE(GiveBackCapacity(memory_, clock_, sink_, options_).ok());
  EXPECT_EQ(Now(), (Throughput{8, 8}));
}

}  // namespace
}  // namespace smelt::publish
