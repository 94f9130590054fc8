#include "dynamodb/store/api.h"

#include "base/status.h"
#include "dynamodb/store/api_operations.h"
#include "dynamodb/value/value_json.h"

namespace smelt::dynamodb::store {

using base::Json;

namespace {

constexpr std::string_view kTargetPrefix = "DynamoDB_20120810.";

constexpr std::pair<std::string_view, Operation> kOperations[] = {
    {"BatchGetItem", BatchGetItem},
    {"BatchWriteItem", BatchWriteItem},
    {"CreateTable", CreateTable},
    {"DeleteItem", DeleteItem},
    {"DeleteTable", DeleteTable},
    {"DescribeTable", DescribeTable},
    {"GetItem", GetItem},
    {"ListTables", ListTables},
    {"PutItem", PutItem},
    {"Query", Query},
    {"Scan", Scan},
    {"UpdateTable", UpdateTable},
};

// Known to the service, not built here.
constexpr std::string_view kRefusedOperations[] = {
    "UpdateItem",
    "TransactGetItems",
    "TransactWriteItems",
    "ExecuteStatement",
    "BatchExecuteStatement",
    "ExecuteTransaction",
    "UpdateTimeToLive",
    "DescribeTimeToLive",
    "TagResource",
    "UntagResource",
    "ListTagsOfResource",
    "DescribeEndpoints",
    "DescribeLimits",
    "CreateBackup",
    "ExportTableToPointInTime",
    "DescribeContinuousBackups",
};

struct ErrorType {
  int status;
  const char* type;
};

ErrorType TypeOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
      return {400, "com.amazon.coral.validate#ValidationException"};
    case absl::StatusCode::kOutOfRange:
      return {400, "com.amazon.coral.service#SerializationException"};
    case absl::StatusCode::kUnimplemented:
      return {400, "com.amazon.coral.service#UnknownOperationException"};
    case absl::StatusCode::kNotFound:
      return {400, "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException"};
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return {400, "com.amazonaws.dynamodb.v20120810#ResourceInUseException"};
    case absl::StatusCode::kResourceExhausted:
      return {400, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"};
    case absl::StatusCode::kUnavailable:
      return {503, "com.amazon.coral.availability#ServiceUnavailableException"};
    default:
      return {500, "com.amazonaws.dynamodb.v20120810#InternalServerError"};
  }
}

ApiAnswer ErrorAnswer(const absl::Status& status) {
  const ErrorType error = TypeOf(status.code());
  // The service's own framework and its tables spell this member differently.
  const char* member =
      std::string_view(error.type).starts_with("com.amazon.coral.service") ? "Message" : "message";
  const Json body = {{"__type", error.type}, {member, base::Message(status)}};
  return {.status = error.status,
          .body = body.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

absl::StatusOr<Reply> Dispatch(Store* store, std::string_view target, std::string_view body) {
  if (!target.starts_with(kTargetPrefix)) {
    return base::Unimplemented("the header X-Amz-Target names no DynamoDB_20120810 operation");
  }
  const std::string_view name = target.substr(kTargetPrefix.size());
  for (const std::string_view refused : kRefusedOperations) {
    if (name == refused) {
      return base::Unimplemented("{} is not supported by the embedded store", name);
    }
  }
  for (const auto& [known, operation] : kOperations) {
    if (name != known) continue;
    const absl::StatusOr<Json> request = base::ParseJson(body, "the request");
    if (!request.ok()) {
      return base::Error(absl::StatusCode::kOutOfRange, "{}", base::Message(request.status()));
    }
    if (!request->is_object()) {
      return base::Error(absl::StatusCode::kOutOfRange, "Unexpected value type in payload");
    }
    Parameters parameters(*request);
    return operation(store, &parameters);
  }
  return base::Unimplemented("{} is no operation that the embedded store knows", name);
}

}  // namespace

ApiAnswer Api::Call(std::string_view target, std::string_view body) {
  absl::StatusOr<Reply> reply = Dispatch(store_, target, body);
  if (!reply.ok()) return ErrorAnswer(reply.status());
  return {.status = reply->status, .body = std::move(reply->body), .is_lost = reply->is_lost};
}

void ReplyBody::Name(std::string_view name) {
  if (text_.size() > 1) text_ += ',';
  AppendJsonString(name, &text_);
  text_ += ':';
}

void ReplyBody::Add(std::string_view name, const Json& value) {
  Name(name);
  text_ += value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void ReplyBody::AddItem(std::string_view name, const Item& item) {
  Name(name);
  AppendJson(item, &text_);
}

void ReplyBody::AddItems(std::string_view name, const std::vector<Item>& items) {
  Name(name);
  text_ += '[';
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) text_ += ',';
    AppendJson(items[i], &text_);
  }
  text_ += ']';
}

void ReplyBody::AddText(std::string_view name, std::string_view json) {
  Name(name);
  text_ += json;
}

std::string ReplyBody::Finish() {
  text_ += '}';
  return std::move(text_);
}

Json ConsumedCapacity::Of(const std::string& table, double units) const {
  Json capacity = {{"TableName", table}, {"CapacityUnits", units}};
  if (mode_ == "INDEXES") capacity["Table"] = {{"CapacityUnits", units}};
  return capacity;
}

void ConsumedCapacity::AddTo(ReplyBody* reply, const std::string& table, double units) const {
  if (is_wanted()) reply->Add("ConsumedCapacity", Of(table, units));
}

}  // namespace smelt::dynamodb::store
