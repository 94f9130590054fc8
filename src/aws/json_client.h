#pragma once

// JsonClient: one AWS service that speaks the JSON 1.0 protocol (DynamoDB, its Streams): a POST
// with X-Amz-Target, signed, checked against its CRC-32, retried by class of error under a budget.
//
// Thread-safe; Call blocks its caller.

#include <absl/status/status.h>

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "aws/credentials.h"
#include "aws/retry.h"
#include "base/clock.h"
#include "net/http_client.h"

namespace smelt::aws {

struct JsonClientOptions {
  net::HttpEndpoint endpoint;
  std::string region;
  std::string service;        // for the signature: "dynamodb"
  std::string target_prefix;  // "DynamoDB_20120810."
  int64_t request_timeout_micros = 10'000'000;
  int64_t backoff_base_micros = 25'000;
  int64_t backoff_cap_micros = 5'000'000;
};

struct CallOptions {
  int max_attempts = 8;
  // By Clock::MonotonicMicros: no attempt begins later.
  int64_t stop_at_micros = std::numeric_limits<int64_t>::max();
};

// How a call ended.
enum class CallOutcome {
  kAnswered,      // `body`
  kRefused,       // an error answer that is not worth a retry: code, message, `body`
  kThrottled,     // an error answer, and the retries are used up: nothing was done
  kLost,          // no answer or a 5xx, and the retries are used up: it may have been done
  kNotAttempted,  // stop_at came first: nothing was done
  kNotSent,       // our own trouble (no credentials): nothing was done
};

struct CallResult {
  CallOutcome outcome = CallOutcome::kNotAttempted;
  std::string body;
  int http_status = 0;
  std::string code;     // the service's, without its namespace: "ConditionalCheckFailedException"
  std::string message;  // the service's
  absl::Status status;  // not OK for all but kAnswered
  int64_t retries = 0;
  // An attempt before the last may have been done although no answer came: a condition may now fail
  // because of it.
  bool may_have_been_done_before = false;
};

class JsonClient {
 public:
  // The clock outlives this.
  JsonClient(JsonClientOptions options, std::shared_ptr<net::HttpClient> http,
             std::shared_ptr<CredentialsProvider> credentials, base::Clock* clock);

  // `operation`: "PutItem"; `body`: the request's JSON.
  CallResult Call(const std::string& operation, const std::string& body,
                  const CallOptions& options = {});

  const JsonClientOptions& options() const { return options_; }

 private:
  // One attempt: fills `result`, and says whether another is worth while.
  ErrorKind Attempt(const std::string& operation, const std::string& body, CallResult* result);
  ErrorKind TakeAnswer(const std::string& operation, net::HttpResponse response,
                       CallResult* result);
  // Sets skew_micros_ where the answer's Date is minutes away from our time.
  bool CorrectClock(const net::HttpResponse& response);

  const JsonClientOptions options_;
  const std::shared_ptr<net::HttpClient> http_;
  const std::shared_ptr<CredentialsProvider> credentials_;
  base::Clock* const clock_;
  RetryBudget budget_;
  Backoff backoff_;
  std::atomic<int64_t> skew_micros_{0};  // service's time less ours
};

}  // namespace smelt::aws
