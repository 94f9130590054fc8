#include "aws/json_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "base/status.h"
#include "net/scripted_http_client.h"

namespace smelt::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kStartMicros = 1'750'000'000'000'000;  // Sun, 15 Jun 2025 15:06:40 GMT

net::HttpResponse Answer(std::string body) { return {200, {}, std::move(body)}; }

net::HttpResponse Refusal(int status, const std::string& code, const std::string& message = "") {
  return {status,
          {},
          R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + code + R"(","message":")" + message +
              R"("})"};
}

class JsonClientTest : public ::testing::Test {
 protected:
  // Answers in this order; the last one stays.
  CallResult Call(std::deque<absl::StatusOr<net::HttpResponse>> answers,
                  const CallOptions& options = {}) {
    http_ = std::make_shared<net::ScriptedHttpClient>([answers](const net::HttpRequest&) mutable {
      absl::StatusOr<net::HttpResponse> answer = answers.front();
      if (answers.size() > 1) answers.pop_front();
      return answer;
    });
    JsonClientOptions client_options;
    client_options.endpoint = {true, "dynamodb.eu-west-1.amazonaws.com", 443};
    client_options.region = "eu-west-1";
    client_options.service = "dynamodb";
    client_options.target_prefix = "DynamoDB_20120810.";
    JsonClient client(client_options, http_,
                      StaticCredentials("AKIDEXAMPLE", "a-secret", "a-token"), &clock_);
    return client.Call("PutItem", R"({"TableName":"t"})", options);
  }

  base::FakeClock clock_{kStartMicros};
  std::shared_ptr<net::ScriptedHttpClient> http_;
};

TEST_F(JsonClientTest, SendsASignedPostAndReturnsTheBody) {
  const CallResult result = Call({Answer("{}")});
  EXPECT_EQ(result.outcome, CallOutcome::kAnswered);
  EXPECT_EQ(result.body, "{}");
  EXPECT_EQ(result.retries, 0);
  const net::HttpRequest request = http_->requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.headers.Get("X-Amz-Target"), "DynamoDB_20120810.PutItem");
  EXPECT_EQ(request.headers.Get("Content-Type"), "application/x-amz-json-1.0");
  EXPECT_EQ(request.headers.Get("X-Amz-Date"), "20250615T150640Z");
  EXPECT_THAT(std::string(request.headers.Get("Authorization")),
              HasSubstr("Credential=AKIDEXAMPLE/20250615/eu-west-1/dynamodb/aws4_request"));
}

TEST_F(JsonClientTest, ThrottlingIsAskedAgainAfterAWait) {
  const auto throttled = Refusal(400, "ProvisionedThroughputExceededException");
  const CallResult result = Call({throttled, throttled, Answer("{}")});
  EXPECT_EQ(result.outcome, CallOutcome::kAnswered);
  EXPECT_EQ(result.retries, 2);
  EXPECT_FALSE(result.may_have_been_done_before);
  EXPECT_GT(clock_.MonotonicMicros(), kStartMicros);
}

TEST_F(JsonClientTest, ThrottlingForGoodIsSaidToBeThat) {
  const CallResult result = Call({Refusal(400, "ThrottlingException", "slower")});
  EXPECT_EQ(result.outcome, CallOutcome::kThrottled);
  EXPECT_EQ(result.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(result.retries, 7);
}

TEST_F(JsonClientTest, AnOutageUsesUpTheBudgetAndNotMore) {
  CallOptions patient;
  patient.max_attempts = 1000;
  const CallResult result = Call({base::Unavailable("refused")}, patient);
  EXPECT_EQ(result.outcome, CallOutcome::kLost);
  EXPECT_EQ(result.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(result.retries, 50);  // of 500 tokens, ten each
}

TEST_F(JsonClientTest, AConditionThatFailsAfterALostAnswerIsMarked) {
  const auto failed = Refusal(400, "ConditionalCheckFailedException");
  CallResult result = Call({failed});
  EXPECT_EQ(result.outcome, CallOutcome::kRefused);
  EXPECT_EQ(result.code, "ConditionalCheckFailedException");
  EXPECT_FALSE(result.may_have_been_done_before);
  result = Call({base::DeadlineExceeded("slow"), failed});
  EXPECT_EQ(result.outcome, CallOutcome::kRefused);
  EXPECT_TRUE(result.may_have_been_done_before);
}

TEST_F(JsonClientTest, NoAttemptBeginsAfterTheGivenTime) {
  CallOptions options;
  options.stop_at_micros = kStartMicros;
  EXPECT_EQ(Call({Answer("{}")}, options).outcome, CallOutcome::kNotAttempted);
  EXPECT_TRUE(http_->requests().empty());
  options.stop_at_micros = kStartMicros + 1;  // the first, but no wait for a second
  EXPECT_EQ(Call({Refusal(500, "InternalServerError")}, options).outcome, CallOutcome::kLost);
  EXPECT_LE(http_->requests().size(), 2u);
  EXPECT_LE(clock_.MonotonicMicros(), kStartMicros + 1);
}

TEST_F(JsonClientTest, AnAnswerThatDoesNotMatchItsChecksumIsAskedForAgain) {
  net::HttpResponse good = Answer("{}");
  good.headers.Add("x-amz-crc32", "2745614147");  // crc32("{}")
  net::HttpResponse cut = good;
  cut.body = "{";
  const CallResult result = Call({cut, good});
  EXPECT_EQ(result.outcome, CallOutcome::kAnswered);
  EXPECT_EQ(result.body, "{}");
  EXPECT_EQ(result.retries, 1);
}

TEST_F(JsonClientTest, AClockThatIsWrongIsCorrectedByTheAnswersDate) {
  net::HttpResponse skewed =
      Refusal(400, "InvalidSignatureException", "Signature expired: 20250615T150640Z");
  skewed.headers.Add("Date", "Sun, 15 Jun 2025 17:06:40 GMT");
  const CallResult result = Call({skewed, Answer("{}")});
  EXPECT_EQ(result.outcome, CallOutcome::kAnswered);
  EXPECT_THAT(std::string(http_->requests().at(1).headers.Get("X-Amz-Date")),
              HasSubstr("20250615T1706"));
}

TEST_F(JsonClientTest, AWrongSecretIsNotAskedAgainAndNothingOfTheRequestIsTold) {
  net::HttpResponse wrong =
      Refusal(400, "InvalidSignatureException",
              "The signature does not match.\\n\\nThe Canonical String was x-amz-security-token:"
              "a-token");
  wrong.headers.Add("Date", "Sun, 15 Jun 2025 15:06:41 GMT");
  const CallResult result = Call({wrong});
  EXPECT_EQ(result.outcome, CallOutcome::kRefused);
  EXPECT_EQ(http_->requests().size(), 1u);
  EXPECT_THAT(base::Message(result.status), HasSubstr("The signature does not match."));
  EXPECT_THAT(base::Message(result.status), Not(HasSubstr("a-token")));
  EXPECT_THAT(result.message + result.body, Not(HasSubstr("a-token")));
}

TEST_F(JsonClientTest, ErrorsSayWhatTheCallerCanDo) {
  const auto code = [&](int status, const char* name) {
    return Call({Refusal(status, name)}).status.code();
  };
  EXPECT_EQ(code(400, "ResourceNotFoundException"), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(400, "ResourceInUseException"), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(code(400, "AccessDeniedException"), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(code(400, "ValidationException"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Call({net::HttpResponse{404, {}, "<html>"}}).status.code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace smelt::aws
