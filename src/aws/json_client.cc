#include "aws/json_client.h"

#include <aws/common/date_time.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "aws/library.h"
#include "aws/signer.h"
#include "base/json.h"
#include "base/status.h"

namespace smelt::aws {
namespace {

// Signatures are good for five minutes (Signature Version 4, "Handling dates").
constexpr int64_t kToleratedSkewMicros = 240'000'000;

bool ChecksumHolds(const net::HttpResponse& response) {
  const std::string expected(response.headers.Get("x-amz-crc32"));
  if (expected.empty()) return true;
  const uLong actual = crc32(0, reinterpret_cast<const Bytef*>(response.body.data()),
                             static_cast<uInt>(response.body.size()));
  return std::strtoull(expected.c_str(), nullptr, 10) == actual;
}

// "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException" -> the part after '#'; a part after
// ':' is a URL.
std::string BareCode(std::string_view code) {
  code = code.substr(0, code.find(':'));
  return std::string(code.substr(code.find('#') == code.npos ? 0 : code.find('#') + 1));
}

absl::StatusCode StatusCodeFor(std::string_view code, int http_status) {
  if (code == "ResourceNotFoundException") return absl::StatusCode::kNotFound;
  if (code == "ResourceInUseException") return absl::StatusCode::kFailedPrecondition;
  if (code == "ConditionalCheckFailedException") return absl::StatusCode::kAborted;
  if (code == "AccessDeniedException" || code == "UnrecognizedClientException" ||
      code == "MissingAuthenticationTokenException" || code == "ExpiredTokenException" ||
      code == "IncompleteSignatureException" || http_status == 401 || http_status == 403) {
    return absl::StatusCode::kPermissionDenied;
  }
  if (code == "UnknownOperationException") return absl::StatusCode::kUnimplemented;
  return absl::StatusCode::kInvalidArgument;
}

}  // namespace

JsonClient::JsonClient(JsonClientOptions options, std::shared_ptr<net::HttpClient> http,
                       std::shared_ptr<CredentialsProvider> credentials, base::Clock* clock)
    : options_(std::move(options)),
      http_(std::move(http)),
      credentials_(std::move(credentials)),
      clock_(clock),
      backoff_(options_.backoff_base_micros, options_.backoff_cap_micros) {}

CallResult JsonClient::Call(const std::string& operation, const std::string& body,
                            const CallOptions& options) {
  CallResult result;
  result.status = base::DeadlineExceeded("{}: the time to begin it had run out", operation);
  int64_t taken = 0;  // by the last retry, from the budget
  for (int attempt = 0; attempt < options.max_attempts; ++attempt) {
    if (attempt > 0) {
      const int64_t delay = backoff_.DelayMicros(attempt - 1);
      // A wait that ends too late is not begun: the result of the attempt before stands.
      if (clock_->MonotonicMicros() + delay >= options.stop_at_micros) return result;
      clock_->SleepMicros(delay);
      ++result.retries;
    } else if (clock_->MonotonicMicros() >= options.stop_at_micros) {
      return result;
    }
    result.may_have_been_done_before |= result.outcome == CallOutcome::kLost;
    const ErrorKind kind = Attempt(operation, body, &result);
    if (kind == ErrorKind::kPermanent) {
      if (result.outcome == CallOutcome::kAnswered) budget_.GiveBack(taken);
      return result;
    }
    taken = budget_.Take(kind);
    if (taken == 0) return result;
  }
  return result;
}

ErrorKind JsonClient::Attempt(const std::string& operation, const std::string& body,
                              CallResult* result) {
  net::HttpRequest request;
  request.method = "POST";
  request.headers.Add("Content-Type", "application/x-amz-json-1.0");
  request.headers.Add("X-Amz-Target", options_.target_prefix + operation);
  request.body = body;
  absl::StatusOr<Credentials> credentials = credentials_->Get();
  absl::Status status = credentials.status();
  if (status.ok()) {
    const Signing signing{options_.region, options_.service,
                          clock_->NowMicros() + skew_micros_.load(std::memory_order_relaxed)};
    status = SignRequest(*credentials, signing, options_.endpoint, &request);
  }
  if (!status.ok()) {
    // An attempt before this one may still have been done.
    result->outcome =
        result->may_have_been_done_before ? CallOutcome::kLost : CallOutcome::kNotSent;
    result->status = status;
    return ErrorKind::kPermanent;
  }
  absl::StatusOr<net::HttpResponse> response =
      http_->Send(options_.endpoint, request, options_.request_timeout_micros);
  if (response.ok() && !ChecksumHolds(*response)) {
    response = base::DataLoss("{} sent an answer that does not match its checksum",
                              options_.endpoint.ToString());
  }
  if (!response.ok()) {
    const ErrorKind kind = ClassifyTransport(response.status());
    result->outcome = kind == ErrorKind::kPermanent ? CallOutcome::kNotSent : CallOutcome::kLost;
    result->status = response.status();
    return kind;
  }
  return TakeAnswer(operation, *std::move(response), result);
}

ErrorKind JsonClient::TakeAnswer(const std::string& operation, net::HttpResponse response,
                                 CallResult* result) {
  result->http_status = response.status;
  result->code.clear();
  result->message.clear();
  result->body = std::move(response.body);
  if (response.status == 200) {
    result->outcome = CallOutcome::kAnswered;
    result->status = absl::OkStatus();
    return ErrorKind::kPermanent;
  }
  const base::Json error = base::Json::parse(result->body, nullptr, /*allow_exceptions=*/false);
  if (error.is_object()) {
    result->code = BareCode(base::StringOr(error, "__type", base::StringOr(error, "code", "")));
    result->message = base::StringOr(error, "message", base::StringOr(error, "Message", ""));
  }
  ErrorKind kind = ClassifyAnswer(response.status, result->code);
  if (kind == ErrorKind::kClockSkew) {
    // What follows the first line is the canonical request, with the session token in it.
    result->message.resize(std::min(result->message.find('\n'), result->message.size()));
    result->body.clear();
  }
  if (kind == ErrorKind::kClockSkew && !CorrectClock(response)) kind = ErrorKind::kPermanent;

  absl::StatusCode code = StatusCodeFor(result->code, response.status);
  result->outcome = CallOutcome::kRefused;
  if (kind == ErrorKind::kThrottling) {
    result->outcome = CallOutcome::kThrottled;
    code = absl::StatusCode::kResourceExhausted;
  } else if (kind == ErrorKind::kTransient) {
    result->outcome = CallOutcome::kLost;
    code = absl::StatusCode::kUnavailable;
  }
  result->status = absl::Status(
      code,
      fmt::format("{} at {}: {}{}{}", operation, options_.endpoint.ToString(),
                  result->code.empty() ? fmt::format("HTTP {}", response.status) : result->code,
                  result->message.empty() ? "" : ": ", result->message));
  return kind;
}

bool JsonClient::CorrectClock(const net::HttpResponse& response) {
  const std::string text(response.headers.Get("Date"));
  const aws_byte_cursor cursor = Cursor(text);
  aws_date_time date;
  if (text.empty() || aws_date_time_init_from_str_cursor(&date, &cursor, AWS_DATE_FORMAT_RFC822) !=
                          AWS_OP_SUCCESS) {
    return false;
  }
  const int64_t theirs = static_cast<int64_t>(aws_date_time_as_millis(&date)) * 1000;
  const int64_t skew = theirs - clock_->NowMicros();
  if (std::llabs(skew - skew_micros_.load()) < kToleratedSkewMicros) return false;
  skew_micros_.store(skew);
  return true;
}

}  // namespace smelt::aws
