#include "dynamodb/client/wire_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "net/scripted_http_client.h"

namespace smelt::dynamodb {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kStartMicros = 1'750'000'000'000'000;

net::HttpResponse Answer(std::string body) { return {200, {}, std::move(body)}; }
net::HttpResponse Refusal(const std::string& code, const std::string& more = "") {
  return {400, {}, R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + code + "\"" + more + "}"};
}

class WireClientTest : public ::testing::Test {
 protected:
  std::unique_ptr<WireClient> Client(net::ScriptedHttpClient::Script script) {
    http_ = std::make_shared<net::ScriptedHttpClient>(std::move(script));
    return std::make_unique<WireClient>(net::HttpEndpoint{false, "localhost", 8000}, "us-east-1",
                                        http_, aws::PlaceholderCredentials(), &clock_);
  }
  static WriteOp Put(int64_t id) {
    WriteOp op;
    op.table = "t";
    op.item.emplace("id", Value(Number(id)));
    op.return_existing = true;
    return op;
  }

  base::FakeClock clock_{kStartMicros};
  std::shared_ptr<net::ScriptedHttpClient> http_;
};

TEST_F(WireClientTest, AWriteThatIsDoneSaysWhatItCost) {
  const auto client = Client([](const net::HttpRequest& request) {
    EXPECT_EQ(request.headers.Get("X-Amz-Target"), "DynamoDB_20120810.PutItem");
    return Answer(R"({"ConsumedCapacity":{"TableName":"t","CapacityUnits":2.0}})");
  });
  const WriteResult result = client->Write(Put(1));
  EXPECT_EQ(result.outcome, WriteOutcome::kDone);
  EXPECT_EQ(result.write_units, 2);
  EXPECT_TRUE(result.status.ok());
}

TEST_F(WireClientTest, AConditionThatFailsIsAnOutcomeWithTheItemThatIsThere) {
  const auto client = Client([](const net::HttpRequest&) {
    return Refusal("ConditionalCheckFailedException", R"(,"Item":{"id":{"N":"1"},"x":{"S":"y"}})");
  });
  const WriteResult result = client->Write(Put(1));
  EXPECT_EQ(result.outcome, WriteOutcome::kConditionFailed);
  EXPECT_TRUE(result.status.ok());
  ASSERT_TRUE(result.existing.has_value());
  EXPECT_EQ(result.existing->at("x"), Value("y"));
}

TEST_F(WireClientTest, AConditionThatFailsAfterALostAnswerIsUnknown) {
  int calls = 0;
  const auto client = Client([&](const net::HttpRequest&) -> absl::StatusOr<net::HttpResponse> {
    if (++calls == 1) return base::DeadlineExceeded("slow");
    return Refusal("ConditionalCheckFailedException");
  });
  const WriteResult result = client->Write(Put(1));
  EXPECT_EQ(result.outcome, WriteOutcome::kUnknown);
  EXPECT_EQ(result.retries, 1);
}

TEST_F(WireClientTest, ManyWritesKeepTheirOrderAndTheirOutcomes) {
  const auto client = Client([](const net::HttpRequest& request) {
    if (request.body.find(R"("N":"7")") != std::string::npos) {
      return Refusal("ConditionalCheckFailedException");
    }
    if (request.body.find(R"("N":"8")") != std::string::npos) {
      return Refusal("ValidationException", R"(,"message":"One or more parameter values")");
    }
    if (request.body.find(R"("N":"9")") != std::string::npos) {
      return Refusal("ProvisionedThroughputExceededException");
    }
    return Answer("{}");
  });
  std::vector<WriteOp> ops;
  for (int64_t id = 0; id < 30; ++id) ops.push_back(Put(id));
  const std::vector<WriteResult> results = client->WriteMany(ops, {.max_in_flight = 4});
  ASSERT_EQ(results.size(), ops.size());
  for (size_t i = 0; i < ops.size(); ++i) {
    const WriteOutcome expected = i == 7   ? WriteOutcome::kConditionFailed
                                  : i == 8 ? WriteOutcome::kFailed
                                  : i == 9 ? WriteOutcome::kThrottled
                                           : WriteOutcome::kDone;
    EXPECT_EQ(results[i].outcome, expected) << i;
  }
  EXPECT_THAT(base::Message(results[8].status), HasSubstr("One or more parameter values"));
  EXPECT_EQ(results[9].retries, 3);
}

TEST_F(WireClientTest, NoWriteBeginsAfterTheLeasesEnd) {
  const auto client = Client([&](const net::HttpRequest&) {
    clock_.Advance(1'000'000);
    return Answer("{}");
  });
  std::vector<WriteOp> ops(10, Put(1));
  WriteManyOptions options;
  options.max_in_flight = 1;
  options.stop_at_micros = kStartMicros + 3'500'000;
  const std::vector<WriteResult> results = client->WriteMany(ops, options);
  for (size_t i = 0; i < ops.size(); ++i) {
    EXPECT_EQ(results[i].outcome, i < 4 ? WriteOutcome::kDone : WriteOutcome::kNotAttempted);
  }
  EXPECT_EQ(http_->requests().size(), 4u);
}

TEST_F(WireClientTest, ListsTablesPageByPage) {
  const auto client = Client([](const net::HttpRequest& request) {
    return Answer(request.body == "{}" ? R"({"TableNames":["a","b"],"LastEvaluatedTableName":"b"})"
                                       : R"({"TableNames":["c"]})");
  });
  EXPECT_EQ(client->ListTables().value(), (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(WireClientTest, AnItemThatIsNotThereIsNoError) {
  const auto client = Client([](const net::HttpRequest&) { return Answer("{}"); });
  EXPECT_EQ(client->GetItem({"t", Put(1).item, false}).value(), std::nullopt);
}

TEST_F(WireClientTest, ErrorsAreWhatTheContractSays) {
  const auto code = [&](const char* name) {
    return Client([name](const net::HttpRequest&) { return Refusal(name); })
        ->DescribeTable("t")
        .status()
        .code();
  };
  EXPECT_EQ(code("ResourceNotFoundException"), absl::StatusCode::kNotFound);
  EXPECT_EQ(code("ResourceInUseException"), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code("ValidationException"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code("AccessDeniedException"), absl::StatusCode::kPermissionDenied);
  const auto taken = Client([](const net::HttpRequest&) {
                       return Refusal("ResourceInUseException");
                     })->CreateTable({"t", {}, {}});
  EXPECT_EQ(taken.status().code(), absl::StatusCode::kAlreadyExists);
  const auto garbage = Client([](const net::HttpRequest&) { return Answer("<html>"); });
  EXPECT_EQ(garbage->DescribeTable("t").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(garbage->Scan({.table = "t"}).status().code(), absl::StatusCode::kDataLoss);
}

TEST(ConnectTest, AwsIsReachedOverTlsOnly) {
  const auto client =
      ConnectToUrl("http://dynamodb.eu-west-1.amazonaws.com", "eu-west-1", "", base::Clock::Real());
  EXPECT_THAT(base::Message(client.status()), HasSubstr("https only"));
  EXPECT_EQ(ConnectToUrl("localhost:8000", "", "", base::Clock::Real()).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ((*ConnectToUrl("http://localhost:8000", "", "", base::Clock::Real()))->Describe(),
            "http://localhost:8000");
}

}  // namespace
}  // namespace smelt::dynamodb
