#include "publish/control_item.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "publish/fence.h"

namespace smelt::publish {
namespace {

using dynamodb::Value;
using ::testing::HasSubstr;

ControlItem Full() {
  ControlItem control;
  control.epoch = 4;
  control.beat = 17;
  control.held = true;
  control.owner = "someone";
  control.lease_millis = 60'000;
  control.lease_expires_millis = 1'750'000'000'000;
  control.published = SourceState{"select", {{"a", 3}, {"b", 9}}};
  control.publish_number = 2;
  control.item_count = 100;
  control.unfinished = {SourceState{"select", {{"a", 4}, {"b", 9}}}, SourceState{"other", {}}};
  control.everything = true;
  control.adopting = true;
  control.capacity = CapacityLease{{5, 6}, 70, 1'750'000'000'000};
  return control;
}

dynamodb::KeySchema Key() {
  dynamodb::KeySchema key;
  key.partition = {"id", dynamodb::ValueType::kNumber};
  key.sort = dynamodb::KeyAttribute{"sort", dynamodb::ValueType::kBinary};
  return key;
}

TEST(ControlItemTest, SurvivesItsTable) {
  for (const ControlItem& control : {Full(), ControlItem()}) {
    const dynamodb::Item item = ToItem(Key(), control);
    EXPECT_TRUE(HasControlKey(Key(), item));
    const auto parsed = ParseControlItem(item);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, control);
  }
}

TEST(ControlItemTest, WhatIsNotOursIsNamed) {
  const dynamodb::Item good = ToItem(Key(), Full());
  for (const auto& [name, value] : good) {
    if (name == "id" || name == "sort") continue;
    dynamodb::Item bad = good;
    bad.insert_or_assign(name, Value(dynamodb::Binary{"?"}));
    EXPECT_EQ(ParseControlItem(bad).status().code(), absl::StatusCode::kDataLoss) << name;
  }
  dynamodb::Item newer = good;
  newer.insert_or_assign("format", Value(dynamodb::Number(2)));
  EXPECT_EQ(ParseControlItem(newer).status().code(), absl::StatusCode::kUnimplemented);
}

TEST(ControlItemTest, KnowsTheStatesThatTheItemsMayBeAt) {
  ControlItem control;
  EXPECT_TRUE(control.Bases().empty());
  control.unfinished = {{"q", {{"a", 2}}}};
  EXPECT_TRUE(control.Bases().empty());  // the first publish never finished
  control.published = SourceState{"q", {{"a", 1}}};
  EXPECT_EQ(control.Bases().size(), 2u);
  control.everything = true;
  EXPECT_TRUE(control.Bases().empty());
}

TEST(FenceTest, OrdersByEpochAndThenByPublish) {
  EXPECT_LT(FormatFence(1, 9), FormatFence(2, 1));
  EXPECT_LT(FormatFence(9, 1), FormatFence(10, 1));
  EXPECT_LT(FormatFence(3, 9), FormatFence(3, 10));
}

}  // namespace
}  // namespace smelt::publish
