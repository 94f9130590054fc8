#include "dynamodb/store/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/json.h"

namespace smelt::dynamodb::store {
namespace {

using base::Json;
using ::testing::EndsWith;
using ::testing::HasSubstr;

// What boto3 would not send, or would hide; what it does see is
// tests/interop/test_dynamodb_store.py.
class ApiTest : public ::testing::Test {
 protected:
  ApiTest() { Open({}); }
  ~ApiTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Open(const StoreOptions& options) {
    store_.reset();
    std::filesystem::remove_all(folder_);
    store_ = Store::Open(folder_ / "store.sqlite", options).value();
    api_ = std::make_unique<Api>(store_.get());
  }
  ApiAnswer Call(const char* operation, const std::string& body) {
    return api_->Call(std::string("DynamoDB_20120810.") + operation, body);
  }
  void CreateTable(const std::string& more = R"("BillingMode":"PAY_PER_REQUEST")") {
    const ApiAnswer answer = Call(
        "CreateTable",
        R"({"TableName":"tab","AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],)"
        R"("KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],)" +
            more + "}");
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  // "ValidationException: message"
  std::string Error(const char* operation, const std::string& body) {
    const ApiAnswer answer = Call(operation, body);
    EXPECT_GE(answer.status, 400) << answer.body;
    const Json json = Json::parse(answer.body);
    const std::string type = json["__type"];
    return type.substr(type.find('#') + 1) + ": " +
           json[json.contains("message") ? "message" : "Message"].get<std::string>();
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("smelt-api-" + std::to_string(getpid()));
  std::unique_ptr<Store> store_;
  std::unique_ptr<Api> api_;
};

TEST_F(ApiTest, RefusesWhatIsNoRequest) {
  EXPECT_THAT(Error("GetItem", ""), HasSubstr("SerializationException"));
  EXPECT_THAT(Error("GetItem", "{"), HasSubstr("SerializationException"));
  EXPECT_THAT(Error("GetItem", "[]"), HasSubstr("SerializationException"));
  EXPECT_THAT(Error("GetItem", "{\"TableName\":\"\xff\"}"), HasSubstr("SerializationException"));
  EXPECT_THAT(Error("GetItem", std::string(100'000, '[')), HasSubstr("SerializationException"));
  EXPECT_THAT(Error("Nonsense", "{}"), HasSubstr("UnknownOperationException"));
  EXPECT_THAT(Error("TransactWriteItems", "{}"), HasSubstr("is not supported"));
  EXPECT_EQ(api_->Call("", "{}").status, 400);
  EXPECT_EQ(api_->Call("DynamoDB_20111205.GetItem", "{}").status, 400);
}

TEST_F(ApiTest, ReportsAllViolationsAtOnce) {
  EXPECT_EQ(
      Error("GetItem", "{}"),
      "ValidationException: 2 validation errors detected: Value null at 'tableName' failed to "
      "satisfy constraint: Member must not be null; Value null at 'key' failed to satisfy "
      "constraint: Member must not be null");
  EXPECT_EQ(
      Error("Scan", R"({"TableName":"a b","Limit":0})"),
      "ValidationException: 2 validation errors detected: Value 'a b' at 'tableName' failed to "
      "satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; "
      "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than "
      "or equal to 1");
}

TEST_F(ApiTest, RefusesMembersOfTheWrongShape) {
  CreateTable();
  for (
      const char* body :
      {R"({"TableName":5,"Key":{"pk":{"S":"a"}}})", R"({"TableName":"tab","Key":[]})",
       R"({"TableName":"tab","Key":{"pk":"a"}})", R"({"TableName":"tab","Key":{"pk":{"S":5}}})",
       R"({"TableName":"tab","Key":{"pk":{"S":"a"}},"ConsistentRead":"x"})",
       R"({"TableName":"tab","Key":{"pk":{"S":"a"}},"ProjectionExpression":{}})",
       R"({"TableName":"tab","Key":{"pk":{"S":"a"}},"ProjectionExpression":"#a","ExpressionAttributeNames":{"#a":1}})"}) {
    EXPECT_THAT(Error("GetItem", body), HasSubstr("SerializationException")) << body;
  }
  for (const char* body :
       {R"({"RequestItems":[]})", R"({"RequestItems":{"tab":{}}})",
        R"({"RequestItems":{"tab":[5]}})", R"({"RequestItems":{"tab":[{"PutRequest":5}]}})"}) {
    EXPECT_THAT(Error("BatchWriteItem", body), HasSubstr("SerializationException")) << body;
  }
  EXPECT_THAT(Error("BatchGetItem", R"({"RequestItems":{"tab":{"Keys":[]}}})"),
              HasSubstr("length greater than or equal to 1"));
  EXPECT_THAT(Error("Scan", R"({"TableName":"tab","Limit":-1e300})"),
              HasSubstr("greater than or equal"));
}

TEST_F(ApiTest, PlaceholdersAreCheckedAsTheServiceDoes) {
  CreateTable();
  const std::string start = R"({"TableName":"tab","Item":{"pk":{"S":"a"}},)";
  const auto error = [&](const std::string& rest) { return Error("PutItem", start + rest + "}"); };
  EXPECT_EQ(
      error(R"("ExpressionAttributeNames":{"#a":"a"})"),
      "ValidationException: ExpressionAttributeNames can only be specified when using expressions");
  EXPECT_EQ(error(R"("ExpressionAttributeValues":{":a":{"S":"a"}})"),
            "ValidationException: ExpressionAttributeValues can only be specified when using "
            "expressions: ConditionExpression is null");
  const std::string condition = R"("ConditionExpression":"a = :a",)";
  EXPECT_EQ(error(condition + R"("ExpressionAttributeValues":{})"),
            "ValidationException: ExpressionAttributeValues must not be empty");
  EXPECT_EQ(
      error(condition + R"("ExpressionAttributeValues":{"a":{"S":"a"}})"),
      "ValidationException: ExpressionAttributeValues contains invalid key: Syntax error; key: "
      "\"a\"");
  EXPECT_EQ(error(condition + R"("ExpressionAttributeValues":{":a":{"N":"x"}})"),
            "ValidationException: ExpressionAttributeValues contains invalid value: The parameter "
            "cannot be converted to a numeric value: x for key :a");
  EXPECT_EQ(error(R"("ReturnValues":"ALL_NEW")"),
            "ValidationException: ReturnValues can only be ALL_OLD or NONE");
  EXPECT_THAT(error(R"("Expected":{"a":{"Exists":false}})"),
              HasSubstr("Expected is not supported"));
}

TEST_F(ApiTest, AnAnswerThatIsToBeLostIsMarked) {
  Open({.faults = {.lost_answer_share = 1}});
  CreateTable();
  EXPECT_TRUE(Call("PutItem", R"({"TableName":"tab","Item":{"pk":{"S":"a"}}})").is_lost);
  const ApiAnswer found = Call("GetItem", R"({"TableName":"tab","Key":{"pk":{"S":"a"}}})");
  EXPECT_EQ(found.body, R"({"Item":{"pk":{"S":"a"}}})");
}

TEST_F(ApiTest, FaultsLookLikeTheServices) {
  Open({.faults = {.throttle_share = 1}});
  CreateTable();
  EXPECT_THAT(Error("PutItem", R"({"TableName":"tab","Item":{"pk":{"S":"a"}}})"),
              HasSubstr("ProvisionedThroughputExceededException"));
  Open({.faults = {.error_share = 1}});
  CreateTable();
  EXPECT_GE(Call("PutItem", R"({"TableName":"tab","Item":{"pk":{"S":"a"}}})").status, 500);
}

TEST_F(ApiTest, AThrottledBatchHandsBackWhatWasNotWritten) {
  base::FakeClock clock(0);
  Open({.clock = &clock, .enforce_throughput = true});
  CreateTable(R"("ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2})");
  const std::string batch =
      R"({"RequestItems":{"tab":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}},{"PutRequest":{"Item":{"pk":{"S":"b"}}}},)"
      R"({"DeleteRequest":{"Key":{"pk":{"S":"c"}}}}]}})";
  const ApiAnswer answer = Call("BatchWriteItem", batch);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(Json::parse(answer.body)["UnprocessedItems"],
            Json::parse(R"({"tab":[{"DeleteRequest":{"Key":{"pk":{"S":"c"}}}}]})"));
  EXPECT_THAT(Error("BatchWriteItem", batch), HasSubstr("ProvisionedThroughputExceededException"));
}

TEST_F(ApiTest, AnUpdateThatChangesNothingIsRefused) {
  CreateTable(R"("ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2})");
  const std::string same =
      R"({"TableName":"tab","ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2}})";
  EXPECT_THAT(Error("UpdateTable", same),
              HasSubstr("The provisioned throughput for the table will not change"));
  EXPECT_THAT(Error("UpdateTable", R"({"TableName":"tab"})"), HasSubstr("At least one of"));
  EXPECT_THAT(Error("UpdateTable",
                    R"({"TableName":"tab","BillingMode":"PAY_PER_REQUEST","ProvisionedThroughput":)"
                    R"({"ReadCapacityUnits":1,"WriteCapacityUnits":1}})"),
              EndsWith("when BillingMode is PAY_PER_REQUEST"));
}

}  // namespace
}  // namespace smelt::dynamodb::store
