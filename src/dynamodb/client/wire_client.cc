#include "dynamodb/client/wire_client.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "aws/region.h"
#include "base/status.h"
#include "dynamodb/client/wire_json.h"

namespace smelt::dynamodb {
namespace {

aws::JsonClientOptions JsonOptions(const net::HttpEndpoint& endpoint, const std::string& region,
                                   const WireClientOptions& options) {
  aws::JsonClientOptions json;
  json.endpoint = endpoint;
  json.region = region;
  json.service = "dynamodb";
  json.target_prefix = "DynamoDB_20120810.";
  json.request_timeout_micros = options.request_timeout_micros;
  json.backoff_base_micros = options.backoff_base_micros;
  json.backoff_cap_micros = options.backoff_cap_micros;
  return json;
}

absl::StatusOr<base::Json> MemberOf(const base::Json& answer, const char* name) {
  const auto member = answer.find(name);
  if (member == answer.end()) return base::DataLoss("DynamoDB's answer has no {}", name);
  return *member;
}

WriteOutcome OutcomeOf(const aws::CallResult& call) {
  switch (call.outcome) {
    case aws::CallOutcome::kAnswered:
      return WriteOutcome::kDone;
    case aws::CallOutcome::kThrottled:
      return call.may_have_been_done_before ? WriteOutcome::kUnknown : WriteOutcome::kThrottled;
    case aws::CallOutcome::kLost:
      return WriteOutcome::kUnknown;
    case aws::CallOutcome::kNotAttempted:
      return WriteOutcome::kNotAttempted;
    case aws::CallOutcome::kRefused:
      if (call.code != "ConditionalCheckFailedException") return WriteOutcome::kFailed;
      return call.may_have_been_done_before ? WriteOutcome::kUnknown
                                            : WriteOutcome::kConditionFailed;
    case aws::CallOutcome::kNotSent:
      return WriteOutcome::kFailed;
  }
  return WriteOutcome::kFailed;
}

bool IsHostOfAws(const std::string& host) {
  return host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn") ||
         host.ends_with(".api.aws");
}

}  // namespace

WireClient::WireClient(const net::HttpEndpoint& endpoint, const std::string& region,
                       std::shared_ptr<net::HttpClient> http,
                       std::shared_ptr<aws::CredentialsProvider> credentials, base::Clock* clock,
                       const WireClientOptions& options)
    : options_(options),
      json_(JsonOptions(endpoint, region, options), std::move(http), std::move(credentials),
            clock) {}

std::string WireClient::Describe() const {
  const net::HttpEndpoint& endpoint = json_.options().endpoint;
  return IsHostOfAws(endpoint.host) ? "DynamoDB in " + json_.options().region : endpoint.ToString();
}

absl::StatusOr<base::Json> WireClient::Ask(const std::string& operation, const std::string& body) {
  aws::CallOptions options;
  options.max_attempts = options_.max_attempts;
  const aws::CallResult call = json_.Call(operation, body, options);
  SMELT_RETURN_IF_ERROR(call.status);
  absl::StatusOr<base::Json> answer = base::ParseJson(call.body, operation + "'s answer");
  if (!answer.ok() || !answer->is_object()) {
    return base::DataLoss("{} at {} answered with what is no JSON object", operation, Describe());
  }
  return answer;
}

absl::StatusOr<TableDescription> WireClient::CreateTable(const CreateTableRequest& request) {
  absl::StatusOr<base::Json> answer = Ask("CreateTable", CreateTableBody(request));
  if (answer.status().code() == absl::StatusCode::kFailedPrecondition) {
    return base::AlreadyExists("the table {} is there already", request.table);
  }
  SMELT_RETURN_IF_ERROR(answer.status());
  SMELT_ASSIGN_OR_RETURN(base::Json description, MemberOf(*answer, "TableDescription"));
  return ParseTableDescription(description);
}

absl::StatusOr<TableDescription> WireClient::DescribeTable(const std::string& table) {
  SMELT_ASSIGN_OR_RETURN(base::Json answer, Ask("DescribeTable", TableNameBody(table)));
  SMELT_ASSIGN_OR_RETURN(base::Json description, MemberOf(answer, "Table"));
  return ParseTableDescription(description);
}

absl::StatusOr<TableDescription> WireClient::UpdateTable(const UpdateTableRequest& request) {
  SMELT_ASSIGN_OR_RETURN(base::Json answer, Ask("UpdateTable", UpdateTableBody(request)));
  SMELT_ASSIGN_OR_RETURN(base::Json description, MemberOf(answer, "TableDescription"));
  return ParseTableDescription(description);
}

absl::Status WireClient::DeleteTable(const std::string& table) {
  return Ask("DeleteTable", TableNameBody(table)).status();
}

absl::StatusOr<std::vector<std::string>> WireClient::ListTables() {
  std::vector<std::string> tables;
  base::Json request = base::Json::object();
  while (true) {
    SMELT_ASSIGN_OR_RETURN(base::Json answer, Ask("ListTables", request.dump()));
    for (const base::Json& name : answer.value("TableNames", base::Json::array())) {
      if (name.is_string()) tables.push_back(name.get<std::string>());
    }
    const std::string last = base::StringOr(answer, "LastEvaluatedTableName", "");
    if (last.empty()) return tables;
    request["ExclusiveStartTableName"] = last;
  }
}

absl::StatusOr<std::optional<Item>> WireClient::GetItem(const GetItemRequest& request) {
  SMELT_ASSIGN_OR_RETURN(base::Json answer, Ask("GetItem", GetItemBody(request)));
  const auto item = answer.find("Item");
  if (item == answer.end() || item->is_null()) return std::optional<Item>();
  SMELT_ASSIGN_OR_RETURN(Item parsed, ParseItem(*item));
  return std::optional<Item>(std::move(parsed));
}

absl::StatusOr<Page> WireClient::Query(const QueryRequest& request) {
  SMELT_ASSIGN_OR_RETURN(base::Json answer, Ask("Query", QueryBody(request)));
  return ParsePage(answer);
}

absl::StatusOr<Page> WireClient::Scan(const ScanRequest& request) {
  SMELT_ASSIGN_OR_RETURN(base::Json answer, Ask("Scan", ScanBody(request)));
  return ParsePage(answer);
}

WriteResult WireClient::Write(const WriteOp& op) {
  aws::CallOptions options;
  options.max_attempts = options_.max_attempts;
  return WriteOnce(op, options);
}

WriteResult WireClient::WriteOnce(const WriteOp& op, const aws::CallOptions& options) {
  aws::CallResult call =
      json_.Call(op.kind == WriteKind::kPut ? "PutItem" : "DeleteItem", WriteBody(op), options);
  WriteResult result;
  result.outcome = OutcomeOf(call);
  result.retries = call.retries;
  const bool is_value = result.outcome == WriteOutcome::kDone ||
                        result.outcome == WriteOutcome::kConditionFailed ||
                        result.outcome == WriteOutcome::kNotAttempted;
  if (!is_value) result.status = call.status;
  const base::Json answer = base::Json::parse(call.body, nullptr, /*allow_exceptions=*/false);
  if (!answer.is_object()) return result;
  if (result.outcome == WriteOutcome::kDone) result.write_units = ParseCapacityUnits(answer);
  if (const auto item = answer.find("Item"); item != answer.end() && !item->is_null()) {
    absl::StatusOr<Item> existing = ParseItem(*item);
    if (existing.ok()) result.existing = *std::move(existing);
  }
  return result;
}

std::vector<WriteResult> WireClient::WriteMany(std::span<const WriteOp> ops,
                                               const WriteManyOptions& options) {
  std::vector<WriteResult> results(ops.size());
  aws::CallOptions call_options;
  call_options.max_attempts = options_.max_attempts_in_bulk;
  call_options.stop_at_micros = options.stop_at_micros;
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < ops.size(); i = next++) {
      results[i] = WriteOnce(ops[i], call_options);
    }
  };
  const size_t threads = std::min<size_t>(std::max(options.max_in_flight, 1), ops.size());
  std::vector<std::jthread> workers;
  for (size_t i = 1; i < threads; ++i) workers.emplace_back(work);
  work();
  workers.clear();  // joins
  return results;
}

absl::StatusOr<std::unique_ptr<Client>> ConnectToAws(const std::string& region,
                                                     const std::string& profile, base::Clock* clock,
                                                     const WireClientOptions& options) {
  SMELT_ASSIGN_OR_RETURN(std::string resolved, aws::ResolveRegion(region, profile));
  return ConnectToUrl(aws::ServiceUrl("dynamodb", resolved), resolved, profile, clock, options);
}

absl::StatusOr<std::unique_ptr<Client>> ConnectToUrl(const std::string& url,
                                                     const std::string& region,
                                                     const std::string& profile, base::Clock* clock,
                                                     const WireClientOptions& options) {
  SMELT_ASSIGN_OR_RETURN(net::HttpEndpoint endpoint, net::ParseHttpEndpoint(url));
  std::shared_ptr<aws::CredentialsProvider> credentials = aws::PlaceholderCredentials();
  std::string signed_region = region.empty() ? "us-east-1" : region;
  if (IsHostOfAws(endpoint.host)) {
    if (!endpoint.tls) {
      return base::InvalidArgument("{}: AWS is reached over https only", url);
    }
    SMELT_ASSIGN_OR_RETURN(credentials, aws::DefaultCredentials(profile));
    SMELT_ASSIGN_OR_RETURN(signed_region, aws::ResolveRegion(region, profile));
  }
  return std::make_unique<WireClient>(endpoint, signed_region, net::MakeHttpClient({}),
                                      std::move(credentials), clock, options);
}

}  // namespace smelt::dynamodb
