#include "dynamodb/client/wire_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"

namespace smelt::dynamodb {
namespace {

using base::Json;

KeySchema Key() {
  KeySchema key;
  key.partition = {"day", ValueType::kString};
  key.sort = KeyAttribute{"at", ValueType::kNumber};
  return key;
}

Item DayAt(const char* day, int64_t at) {
  Item item;
  item.emplace("day", Value(day));
  item.emplace("at", Value(Number(at)));
  return item;
}

// The expected requests are the ones of the API Reference's request syntax.
TEST(WireJsonTest, CreatesTables) {
  EXPECT_EQ(Json::parse(CreateTableBody({"t", Key(), Throughput{5, 6}})), Json::parse(R"({
      "TableName": "t",
      "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
      "AttributeDefinitions": [{"AttributeName": "day", "AttributeType": "S"}, {"AttributeName": "at", "AttributeType": "N"}],
      "BillingMode": "PROVISIONED",
      "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}})"));
  KeySchema one;
  one.partition = {"id", ValueType::kBinary};
  EXPECT_EQ(Json::parse(CreateTableBody({"t", one, {}})), Json::parse(R"({
      "TableName": "t",
      "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
      "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "B"}],
      "BillingMode": "PAY_PER_REQUEST"})"));
}

TEST(WireJsonTest, UpdatesExactlyWhatIsSet) {
  UpdateTableRequest request;
  request.table = "t";
  request.throughput = Throughput{1, 2};
  EXPECT_EQ(Json::parse(UpdateTableBody(request)), Json::parse(R"({"TableName": "t",
      "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2}})"));
  request.throughput.reset();
  request.billing = BillingMode::kOnDemand;
  EXPECT_EQ(Json::parse(UpdateTableBody(request)),
            Json::parse(R"({"TableName": "t", "BillingMode": "PAY_PER_REQUEST"})"));
}

TEST(WireJsonTest, WritesItemsUnderConditions) {
  auto condition = std::make_shared<Expression>();
  condition->text = "attribute_not_exists(#key) OR #fence <= :mine";
  condition->names = {{"#key", "day"}, {"#fence", "_smelt_fence"}};
  condition->values.emplace(":mine", Value("7"));
  WriteOp op{WriteKind::kPut, "t", DayAt("a\"b", 1), condition, true};
  EXPECT_EQ(Json::parse(WriteBody(op)), Json::parse(R"({
      "TableName": "t",
      "Item": {"day": {"S": "a\"b"}, "at": {"N": "1"}},
      "ConditionExpression": "attribute_not_exists(#key) OR #fence <= :mine",
      "ExpressionAttributeNames": {"#key": "day", "#fence": "_smelt_fence"},
      "ExpressionAttributeValues": {":mine": {"S": "7"}},
      "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
      "ReturnConsumedCapacity": "TOTAL"})"));
  op = {WriteKind::kDelete, "t", DayAt("a", 1), nullptr, false};
  EXPECT_EQ(Json::parse(WriteBody(op)), Json::parse(R"({
      "TableName": "t", "Key": {"day": {"S": "a"}, "at": {"N": "1"}},
      "ReturnConsumedCapacity": "TOTAL"})"));
}

TEST(WireJsonTest, ReadsByKeyByQueryAndBySegment) {
  EXPECT_EQ(Json::parse(GetItemBody({"t", DayAt("a", 1), true})), Json::parse(R"({
      "TableName": "t", "Key": {"day": {"S": "a"}, "at": {"N": "1"}}, "ConsistentRead": true})"));

  QueryRequest query;
  query.table = "t";
  query.key_condition.text = "#d = :d";
  query.key_condition.names = {{"#d", "day"}};
  query.key_condition.values.emplace(":d", Value("a"));
  query.filter = Expression{"x > :x", {}, {}};
  query.filter->values.emplace(":x", Value(Number(3)));
  query.forward = false;
  query.limit = 10;
  query.start_after = DayAt("a", 1);
  EXPECT_EQ(Json::parse(QueryBody(query)), Json::parse(R"({
      "TableName": "t", "KeyConditionExpression": "#d = :d", "FilterExpression": "x > :x",
      "ExpressionAttributeNames": {"#d": "day"},
      "ExpressionAttributeValues": {":d": {"S": "a"}, ":x": {"N": "3"}},
      "ConsistentRead": false, "ScanIndexForward": false, "Limit": 10,
      "ExclusiveStartKey": {"day": {"S": "a"}, "at": {"N": "1"}},
      "ReturnConsumedCapacity": "TOTAL"})"));

  ScanRequest scan;
  scan.table = "t";
  scan.attributes = {"day", "size"};
  scan.segment = 2;
  scan.segments = 4;
  EXPECT_EQ(Json::parse(ScanBody(scan)), Json::parse(R"({
      "TableName": "t", "ProjectionExpression": "#smelt0,#smelt1",
      "ExpressionAttributeNames": {"#smelt0": "day", "#smelt1": "size"},
      "ConsistentRead": false, "Segment": 2, "TotalSegments": 4,
      "ReturnConsumedCapacity": "TOTAL"})"));
  scan = {};
  scan.table = "t";
  scan.count_only = true;
  scan.consistent = true;
  EXPECT_EQ(Json::parse(ScanBody(scan)), Json::parse(R"({
      "TableName": "t", "ConsistentRead": true, "Select": "COUNT",
      "ReturnConsumedCapacity": "TOTAL"})"));
}

TEST(WireJsonTest, ReadsDescriptions) {
  const Json provisioned = Json::parse(R"({
      "AttributeDefinitions": [{"AttributeName": "at", "AttributeType": "N"},
                               {"AttributeName": "day", "AttributeType": "S"},
                               {"AttributeName": "of_an_index", "AttributeType": "B"}],
      "TableName": "t", "TableStatus": "UPDATING", "ItemCount": 12, "TableSizeBytes": 3400,
      "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
      "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 5, "WriteCapacityUnits": 6}})");
  const auto table = ParseTableDescription(provisioned);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->key, Key());
  EXPECT_EQ(table->status, TableStatus::kUpdating);
  EXPECT_EQ(table->billing, BillingMode::kProvisioned);
  EXPECT_EQ(table->throughput, (Throughput{5, 6}));
  EXPECT_EQ(table->item_count, 12);

  Json on_demand = provisioned;
  on_demand["BillingModeSummary"] = {{"BillingMode", "PAY_PER_REQUEST"}};
  on_demand["ProvisionedThroughput"] = {{"ReadCapacityUnits", 0}, {"WriteCapacityUnits", 0}};
  EXPECT_EQ(ParseTableDescription(on_demand)->billing, BillingMode::kOnDemand);

  Json bad = provisioned;
  bad["AttributeDefinitions"] = Json::array();
  EXPECT_EQ(ParseTableDescription(bad).status().code(), absl::StatusCode::kDataLoss);
  bad = provisioned;
  bad.erase("KeySchema");
  EXPECT_EQ(ParseTableDescription(bad).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ParseTableDescription(Json(3)).status().code(), absl::StatusCode::kDataLoss);
}

TEST(WireJsonTest, ReadsPages) {
  const auto page = ParsePage(Json::parse(R"({
      "Count": 1, "ScannedCount": 9, "Items": [{"day": {"S": "a"}, "at": {"N": "1"}}],
      "LastEvaluatedKey": {"day": {"S": "a"}, "at": {"N": "1"}},
      "ConsumedCapacity": {"TableName": "t", "CapacityUnits": 0.5}})"));
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->items, std::vector<Item>{DayAt("a", 1)});
  EXPECT_EQ(page->last_key, DayAt("a", 1));
  EXPECT_EQ(page->count, 1);
  EXPECT_EQ(page->scanned, 9);
  EXPECT_EQ(page->read_units, 0.5);
  EXPECT_EQ(ParsePage(Json::parse(R"({"Items": [{"day": {"Q": 1}}]})")).status().code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace smelt::dynamodb
