#include "publish/row_item.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/status.h"
#include "dynamodb/value/value_json.h"
#include "publish/control_item.h"

namespace smelt::publish {
namespace {

using dynamodb::Item;
using dynamodb::KeySchema;
using dynamodb::Number;
using dynamodb::Value;
using dynamodb::ValueType;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Text(const absl::StatusOr<Value>& value) {
  if (!value.ok()) return base::Message(value.status());
  std::string text;
  dynamodb::AppendJson(*value, &text);
  return text;
}

KeySchema Key(ValueType partition, std::optional<ValueType> sort = {}) {
  KeySchema key;
  key.partition = {"id", partition};
  if (sort) key.sort = dynamodb::KeyAttribute{"at", *sort};
  return key;
}

Item ItemOf(Value id, std::optional<Value> at = {}) {
  Item item;
  item.emplace("id", std::move(id));
  if (at) item.emplace("at", *std::move(at));
  return item;
}

TEST(ValueFromTest, DoublesKeepEveryDigitInTheirShortestForm) {
  EXPECT_EQ(Text(ValueFromDouble(0.1)), R"({"N":"0.1"})");
  EXPECT_EQ(Text(ValueFromDouble(1e16)), R"({"N":"10000000000000000"})");
  EXPECT_EQ(Text(ValueFromDouble(-2.5e-7)), R"({"N":"-0.00000025"})");
  EXPECT_EQ(Text(ValueFromDouble(-0.0)), R"({"N":"0"})");
  EXPECT_EQ(Text(ValueFromDouble(123456789.12345679)), R"({"N":"123456789.12345679"})");
  EXPECT_EQ(Text(ValueFromFloat(0.1F)), R"({"N":"0.1"})");
}

TEST(ValueFromTest, WhatDynamoDbHasNoNumberForIsRefused) {
  EXPECT_THAT(Text(ValueFromDouble(std::nan(""))), HasSubstr("NaN is no number"));
  EXPECT_THAT(Text(ValueFromDouble(-INFINITY)), HasSubstr("-Infinity is no number"));
  EXPECT_THAT(Text(ValueFromDouble(1e300)), HasSubstr("1e+300 is no number"));
  EXPECT_THAT(Text(ValueFromDouble(1e-300)), HasSubstr("1e-300 is no number"));
  EXPECT_THAT(Text(ValueFromDecimal("1.2.3")), HasSubstr("1.2.3 is no number"));
}

TEST(ValueFromTest, DecimalsAndIntegersAreExact) {
  EXPECT_EQ(Text(ValueFromDecimal("99999999999999999999999999999999999.999")),
            R"({"N":"99999999999999999999999999999999999.999"})");
  EXPECT_EQ(Text(ValueFromInteger(std::numeric_limits<int64_t>::min())),
            R"({"N":"-9223372036854775808"})");
}

TEST(ValueFromTest, TimesAreIsoTexts) {
  EXPECT_EQ(Text(ValueFromDate(0)), R"({"S":"1970-01-01"})");
  EXPECT_EQ(Text(ValueFromDate(-719162)), R"({"S":"0001-01-01"})");
  EXPECT_EQ(Text(ValueFromTimestamp(1'767'323'045'678'901)),
            R"({"S":"2026-01-02T03:04:05.678901Z"})");
  EXPECT_EQ(Text(ValueFromTimestamp(1'767'323'045'678'000)), R"({"S":"2026-01-02T03:04:05.678Z"})");
  EXPECT_EQ(Text(ValueFromTimestamp(-1'000'000)), R"({"S":"1969-12-31T23:59:59Z"})");
  EXPECT_EQ(Text(ValueFromTimestampNtz(-1)), R"({"S":"1969-12-31T23:59:59.999999"})");
}

TEST(ValueFromTest, TheRestIsWhatItIs) {
  EXPECT_EQ(Text(ValueFromBool(true)), R"({"BOOL":true})");
  EXPECT_EQ(Text(ValueFromString("")), R"({"S":""})");
  EXPECT_EQ(Text(ValueFromBinary(std::string_view("\0\1", 2))), R"({"B":"AAE="})");
}

TEST(ItemBuilderTest, NamesColumnAndKeyOfAValueThatDoesNotFit) {
  const KeySchema key = Key(ValueType::kString, ValueType::kNumber);
  ItemBuilder builder(&key);
  builder.Set("score", ValueFromDouble(std::nan("")));
  builder.Set("id", ValueFromString("x"));
  builder.Set("at", ValueFromInteger(7));
  EXPECT_EQ(base::Message(builder.Finish().status()),
            "column score of the row with id='x', at=7: NaN is no number that DynamoDB holds; "
            "select nullif(..) or another value in its place");
  builder.Set("id", ValueFromString("x"));
  builder.Set("at", ValueFromInteger(8));
  EXPECT_EQ(builder.Finish().value(), ItemOf(Value("x"), Value(Number(8))));
}

TEST(CheckItemTest, AKeyCanBeNeitherNullNorEmptyNorOfAnotherType) {
  const KeySchema key = Key(ValueType::kString, ValueType::kBinary);
  const auto message = [&](const Item& item) { return base::Message(CheckItem(key, item)); };
  const Value bytes(dynamodb::Binary{"b"});
  EXPECT_EQ(message(ItemOf(Value("a"), bytes)), "");
  EXPECT_THAT(message(ItemOf(Value("a"))),
              AllOf(HasSubstr("key column at is NULL"), HasSubstr("id='a', at=NULL")));
  EXPECT_THAT(message(ItemOf(Value(), bytes)), HasSubstr("key column id is NULL"));
  EXPECT_THAT(message(ItemOf(Value(""), bytes)),
              AllOf(HasSubstr("key column id is empty"), HasSubstr("at=X'62'")));
  EXPECT_THAT(message(ItemOf(Value(true), bytes)), HasSubstr("is BOOL"));
  EXPECT_EQ(message(ItemOf(Value(std::string(2048, 'k')), bytes)), "");
  EXPECT_THAT(message(ItemOf(Value(std::string(2049, 'k')), bytes)), HasSubstr("2049 bytes"));
  EXPECT_THAT(message(ItemOf(Value("a"), Value(dynamodb::Binary{std::string(1025, 'k')}))),
              HasSubstr("at most 1024"));
}

TEST(CheckItemTest, TheMirrorsOwnNamesAndKeysAreReserved) {
  for (ValueType type : {ValueType::kString, ValueType::kNumber, ValueType::kBinary}) {
    const KeySchema key = Key(type);
    EXPECT_THAT(base::Message(CheckItem(key, ControlKey(key))), HasSubstr("reserved"));
  }
  // With a sort key, only both together are.
  const KeySchema both = Key(ValueType::kString, ValueType::kString);
  EXPECT_TRUE(CheckItem(both, ItemOf(Value("_smelt_control"), Value("x"))).ok());
  Item item = ItemOf(Value("a"));
  item.emplace("_smelt_fence", Value("x"));
  EXPECT_THAT(base::Message(CheckItem(Key(ValueType::kString), item)),
              HasSubstr("column _smelt_fence begins with _smelt_"));
}

TEST(CheckItemTest, TheFenceCountsTowardsTheSize) {
  const KeySchema key = Key(ValueType::kString);
  Item item = ItemOf(Value("a"));
  // "id" + "a" + "text" and the fence's name and value leave this much.
  const size_t room = 400 * 1024 - 3 - 4 - 12 - 25;
  item.insert_or_assign("text", Value(std::string(room, 'x')));
  EXPECT_TRUE(CheckItem(key, item).ok());
  item.insert_or_assign("text", Value(std::string(room + 1, 'x')));
  EXPECT_THAT(base::Message(CheckItem(key, item)), HasSubstr("at most 409600"));
}

TEST(CheckItemTest, ListsAndMapsNestThirtyTwoDeep) {
  const KeySchema key = Key(ValueType::kString);
  Value value(1 == 1);
  for (int i = 0; i < 32; ++i) value = Value(dynamodb::List{value});
  Item item = ItemOf(Value("a"));
  item.insert_or_assign("deep", value);
  EXPECT_TRUE(CheckItem(key, item).ok());
  item.insert_or_assign("deep", Value(dynamodb::List{value}));
  EXPECT_THAT(base::Message(CheckItem(key, item)), HasSubstr("deeper than 32"));
}

}  // namespace
}  // namespace smelt::publish
