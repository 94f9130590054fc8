#include "cli/item_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "dynamodb/value/value_json.h"

namespace smelt::cli {
namespace {

using dynamodb::Item;
using dynamodb::KeySchema;
using dynamodb::ValueType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const KeySchema kSchema = {.partition = {.name = "day", .type = ValueType::kString},
                           .sort = dynamodb::KeyAttribute{.name = "n", .type = ValueType::kNumber}};

Item FromText(const char* json) { return dynamodb::ItemFromText(json).value(); }

TEST(ParseKey, TakesPlainJsonAndDynamoDbsOwn) {
  const Item expected = FromText(R"({"day":{"S":"2011-01-01"},"n":{"N":"5"}})");
  EXPECT_EQ(ParseKey(R"({"day": "2011-01-01", "n": 5})", kSchema).value(), expected);
  EXPECT_EQ(ParseKey(R"({"n": "5.0", "day": {"S": "2011-01-01"}})", kSchema).value(), expected);
  const KeySchema binary = {.partition = {.name = "b", .type = ValueType::kBinary}};
  EXPECT_EQ(ParseKey(R"({"b": "AAE="})", binary).value(), FromText(R"({"b":{"B":"AAE="}})"));
}

TEST(ParseKey, SaysWhatAKeyLooksLike) {
  for (const char* wrong :
       {"", "[]", "day=1", R"({"day": "x"})", R"({"day": "x", "n": 1, "z": 2})"}) {
    const absl::Status status = ParseKey(wrong, kSchema).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << wrong;
    EXPECT_THAT(base::Message(status), HasSubstr(R"(--key '{"day": "<S>", "n": <N>}')")) << wrong;
  }
  EXPECT_FALSE(ParseKey(R"({"day": 5, "n": 1})", kSchema).ok());
  EXPECT_FALSE(ParseKey(R"({"day": "x", "n": "five"})", kSchema).ok());
}

TEST(PlainText, ShowsEachTypeAsAPersonReadsIt) {
  const Item item = FromText(
      R"({"a":{"S":"x y"},"b":{"N":"1.50"},"c":{"BOOL":true},"d":{"NULL":true},"e":{"SS":["q","p"]},"f":{"NS":["2","10"]},
          "g":{"L":[{"S":"x"},{"N":"1"},{"NULL":true}]},"h":{"M":{"k":{"BOOL":false},"l":{"L":[]}}},"i":{"B":"AAE="}})");
  std::vector<std::string> texts;
  for (const auto& [name, value] : item) texts.push_back(PlainText(value));
  EXPECT_THAT(texts, ElementsAre("x y", "1.5", "true", "NULL", "{p, q}", "{2, 10}",
                                 R"(["x", 1, null])", R"({"k": false, "l": []})", "AAE="));
}

TEST(ItemsAsTable, PutsTheKeyFirstAndLeavesGaps) {
  const TableData table = ItemsAsTable(
      kSchema, {FromText(R"({"day":{"S":"x"},"n":{"N":"1"},"a":{"S":"1"},"z":{"N":"2"}})"),
                FromText(R"({"day":{"S":"y"},"n":{"N":"2"},"a":{"N":"3"}})")});
  std::vector<std::string> columns;
  for (const TableColumn& column : table.columns)
    columns.push_back(column.name + ":" + column.type);
  EXPECT_THAT(columns, ElementsAre("day:S", "n:N", "a:any", "z:N"));
  EXPECT_THAT(table.rows[1], ElementsAre("y", "2", "3", std::nullopt));
}

}  // namespace
}  // namespace smelt::cli
