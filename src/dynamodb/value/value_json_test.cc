#include "dynamodb/value/value_json.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "dynamodb/value/item_size.h"
#include "dynamodb/value/key_schema.h"

namespace smelt::dynamodb {
namespace {

std::string ErrorOf(std::string_view value) {
  const absl::StatusOr<Item> item = ItemFromText("{\"a\":" + std::string(value) + "}");
  return item.ok() ? "" : base::Message(item.status());
}

Item Parsed(std::string_view text) {
  absl::StatusOr<Item> item = ItemFromText(text);
  EXPECT_TRUE(item.ok()) << item.status();
  return item.ok() ? *item : Item();
}

TEST(ValueJsonTest, EveryTypeGoesThereAndBack) {
  const std::string text =
      R"({"b":{"B":"AAEC"},"bool":{"BOOL":true},"bs":{"BS":["AA==","AQ=="]},"l":{"L":[{"S":"x"},{"L":[]}]},)"
      R"("m":{"M":{"k\"":{"N":"1.5"}}},"n":{"N":"-0.001"},"ns":{"NS":["-1","2"]},"null":{"NULL":true},)"
      R"("s":{"S":"tab\tand\u0001 é"},"ss":{"SS":["a","b"]}})";
  const Item item = Parsed(text);
  EXPECT_EQ(item.at("b").binary(), std::string("\0\1\2", 3));
  EXPECT_EQ(ToText(item), text);
  EXPECT_EQ(base::Json::parse(text), ToJson(item));
  EXPECT_EQ(Parsed(ToText(item)), item);
}

TEST(ValueJsonTest, NumbersAreNormalisedAndSetsHaveNoOrder) {
  EXPECT_EQ(ToText(Parsed(R"({"n":{"N":"01.500"}})")), R"({"n":{"N":"1.5"}})");
  EXPECT_EQ(Parsed(R"({"s":{"SS":["b","a"]},"n":{"NS":["2","1.0"]}})"),
            Parsed(R"({"s":{"SS":["a","b"]},"n":{"NS":["1","2.00"]}})"));
}

TEST(ValueJsonTest, RefusesInTheServicesWords) {
  const std::string invalid = "One or more parameter values were invalid: ";
  EXPECT_EQ(
      ErrorOf("{}"),
      "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  EXPECT_EQ(
      ErrorOf(R"({"S":"a","N":"1"})"),
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
      "supported datatypes");
  EXPECT_EQ(ErrorOf(R"({"NULL":false})"),
            invalid + "Null attribute value types must have the value of true");
  EXPECT_EQ(ErrorOf(R"({"SS":[]})"), invalid + "An string set  may not be empty");
  EXPECT_EQ(ErrorOf(R"({"NS":[]})"), invalid + "An number set  may not be empty");
  EXPECT_EQ(ErrorOf(R"({"BS":[]})"), invalid + "Binary sets should not be empty");
  EXPECT_EQ(ErrorOf(R"({"SS":["a","a"]})"),
            invalid + "Input collection [a, a] contains duplicates.");
  EXPECT_EQ(ErrorOf(R"({"NS":["1","1.0"]})"), "Input collection contains duplicates");
  EXPECT_EQ(ErrorOf(R"({"BS":["Yg==","Yg=="]})"),
            invalid + "Input collection [Yg==, Yg==]of type BS contains duplicates.");
  EXPECT_EQ(ErrorOf(R"({"N":""})"), "The parameter cannot be converted to a numeric value");
}

TEST(ValueJsonTest, AWrongShapeIsASerializationError) {
  for (const char* value :
       {R"("text")", R"({"S":5})", R"({"N":1})", R"({"BOOL":"true"})", R"({"L":{}})", R"({"M":[]})",
        R"({"SS":"a"})", R"({"B":"%%"})", R"({"SS":[1]})", "null"}) {
    const absl::StatusOr<Item> item = ItemFromText("{\"a\":" + std::string(value) + "}");
    EXPECT_EQ(item.status().code(), absl::StatusCode::kOutOfRange) << value;
  }
}

std::string Nested(int depth) {
  std::string text;
  for (int i = 0; i < depth; ++i) text += i % 2 == 0 ? R"({"L":[)" : R"({"M":{"k":)";
  text += R"({"S":"x"})";
  for (int i = depth - 1; i >= 0; --i) text += i % 2 == 0 ? "]}" : "}}";
  return text;
}

TEST(ValueJsonTest, NestingEndsAt32) {
  EXPECT_EQ(ErrorOf(Nested(32)), "");
  EXPECT_EQ(ErrorOf(Nested(33)), "Nesting Levels have exceeded supported limits");
}

TEST(ItemSizeTest, FollowsTheDocumentedRules) {
  EXPECT_EQ(SizeBytes(Parsed(R"({"id":{"S":"é"}})")), 4);
  EXPECT_EQ(SizeBytes(Parsed(R"({"n":{"N":"123"}})")), 1 + 3);
  EXPECT_EQ(SizeBytes(Parsed(R"({"n":{"N":"-123"}})")), 1 + 4);
  EXPECT_EQ(SizeBytes(Parsed(R"({"n":{"NULL":true},"b":{"BOOL":false}})")), 4);
  EXPECT_EQ(SizeBytes(Parsed(R"({"l":{"L":[]}})")), 1 + 3);
  EXPECT_EQ(SizeBytes(Parsed(R"({"m":{"M":{"ab":{"S":"xyz"}}}})")), 1 + 3 + 1 + 2 + 3);
  EXPECT_EQ(SizeBytes(Parsed(R"({"l":{"L":[{"S":"x"},{"S":"yy"}]}})")), 1 + 3 + 2 + 3);
  EXPECT_EQ(SizeBytes(Parsed(R"({"s":{"SS":["a","bb"]},"b":{"B":"AAEC"}})")), 1 + 3 + 1 + 3);
}

TEST(ItemSizeTest, RefusesItemsOver400Kilobytes) {
  Item item = {{"a", Value(std::string(400 * 1024 - 1, 'x'))}};
  EXPECT_TRUE(CheckItemSize(item).ok());
  item.emplace("b", Value(true));
  EXPECT_EQ(base::Message(CheckItemSize(item)), "Item size has exceeded the maximum allowed size");
}

TEST(KeySchemaTest, ChecksAndEncodesKeys) {
  const KeySchema schema{{"p", ValueType::kString}, KeyAttribute{"s", ValueType::kNumber}};
  const Item item = Parsed(R"({"p":{"S":"a"},"s":{"N":"2"},"x":{"S":"y"}})");
  ASSERT_TRUE(KeyOfItem(schema, item).ok());
  EXPECT_EQ(KeyOfItem(schema, item)->partition, "a");
  EXPECT_EQ(*KeyOfItem(schema, item), *KeyOfParameter(schema, ProjectKey(schema, item)));

  const auto error = [&](std::string_view text) {
    return base::Message(KeyOfItem(schema, Parsed(text)).status());
  };
  const std::string invalid = "One or more parameter values were invalid: ";
  EXPECT_EQ(error(R"({"p":{"S":"a"}})"), invalid + "Missing the key s in the item");
  EXPECT_EQ(error(R"({"p":{"N":"1"},"s":{"N":"2"}})"),
            invalid + "Type mismatch for key p expected: S actual: N");
  EXPECT_EQ(
      error(R"({"p":{"S":""},"s":{"N":"2"}})"),
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
      "contain an empty string value. Key: p");
  EXPECT_EQ(base::Message(KeyOfParameter(schema, item).status()),
            "The provided key element does not match the schema");
  EXPECT_FALSE(
      KeyOfItem(schema, {{"p", Value(std::string(2049, 'x'))}, {"s", Value(Number(1))}}).ok());
}

}  // namespace
}  // namespace smelt::dynamodb
