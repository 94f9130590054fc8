#include "base/status.h"
#include "dynamodb/store/api_operations.h"

namespace smelt::dynamodb::store {
namespace {

// What Query and Scan read alike. `request->table` and the rest of PageRequest are set.
struct PageParameters {
  std::string select;
  std::string filter;
  std::string projection;
};

PageParameters ReadPage(Parameters* parameters, PageRequest* request) {
  request->table = parameters->RequiredTableName();
  request->consistent = parameters->Bool("ConsistentRead", false);
  request->limit = parameters->Integer("Limit", 1, 0);
  request->start_after = parameters->OptionalItem("ExclusiveStartKey");
  PageParameters page;
  if (parameters->Has("Select")) {
    page.select = parameters->Enum(
        "Select", {"ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "COUNT"});
  }
  request->count_only = page.select == "COUNT";
  page.filter = parameters->String("FilterExpression");
  page.projection = parameters->String("ProjectionExpression");
  return page;
}

absl::Status CheckSelect(const Parameters& parameters, const std::string& select) {
  const bool has_projection = parameters.Has("ProjectionExpression");
  if (select == "ALL_PROJECTED_ATTRIBUTES") {
    return base::InvalidArgument(
        "One or more parameter values were invalid: ALL_PROJECTED_ATTRIBUTES can be used only when "
        "Querying using an IndexName");
  }
  if (select == "SPECIFIC_ATTRIBUTES" && !has_projection) {
    return base::InvalidArgument(
        "One or more parameter values were invalid: Must specify the AttributesToGet or "
        "ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES");
  }
  if (select == "COUNT" && has_projection) {
    return base::InvalidArgument(
        "One or more parameter values were invalid: Cannot specify the ProjectionExpression when "
        "choosing to get only the Count");
  }
  if (select == "ALL_ATTRIBUTES" && has_projection) {
    return base::InvalidArgument(
        "One or more parameter values were invalid: Cannot specify the ProjectionExpression when "
        "choosing to get ALL_ATTRIBUTES");
  }
  return absl::OkStatus();
}

absl::Status Compile(const Parameters& parameters, const PageParameters& page,
                     Placeholders* placeholders, PageRequest* request) {
  if (parameters.Has("FilterExpression")) {
    SMELT_ASSIGN_OR_RETURN(Condition filter,
                           Condition::Compile("FilterExpression", page.filter, placeholders));
    request->filter = std::make_shared<const Condition>(std::move(filter));
  }
  if (parameters.Has("ProjectionExpression")) {
    SMELT_ASSIGN_OR_RETURN(Projection projection,
                           Projection::Compile(page.projection, placeholders));
    request->projection = std::make_shared<const Projection>(std::move(projection));
  }
  return absl::OkStatus();
}

Reply PageReply(const Page& page, const PageRequest& request, const ConsumedCapacity& capacity) {
  ReplyBody body;
  if (!request.count_only) body.AddItems("Items", page.items);
  body.Add("Count", page.count);
  body.Add("ScannedCount", page.scanned);
  if (!page.last_key.empty()) body.AddItem("LastEvaluatedKey", page.last_key);
  capacity.AddTo(&body, request.table, page.read_units);
  return {.body = body.Finish()};
}

absl::Status RefuseIndex(Store* store, const std::string& table, Parameters* parameters) {
  if (!parameters->Has("IndexName")) return absl::OkStatus();
  SMELT_RETURN_IF_ERROR(store->DescribeTable(table).status());
  return base::InvalidArgument("The table does not have the specified index: {}",
                               parameters->String("IndexName"));
}

}  // namespace

absl::StatusOr<Reply> Query(Store* store, Parameters* parameters) {
  QueryRequest request;
  const PageParameters page = ReadPage(parameters, &request);
  request.forward = parameters->Bool("ScanIndexForward", true);
  const std::string key_condition = parameters->String("KeyConditionExpression");
  const ConsumedCapacity capacity(parameters);
  SMELT_RETURN_IF_ERROR(parameters->Check());
  SMELT_RETURN_IF_ERROR(RefuseLegacy(
      *parameters, {"KeyConditions", "QueryFilter", "ConditionalOperator", "AttributesToGet"}));
  SMELT_RETURN_IF_ERROR(RefuseIndex(store, request.table, parameters));
  if (!parameters->Has("KeyConditionExpression")) {
    return base::InvalidArgument(
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the "
        "request.");
  }
  SMELT_RETURN_IF_ERROR(CheckSelect(*parameters, page.select));
  SMELT_ASSIGN_OR_RETURN(
      Placeholders placeholders,
      ReadPlaceholders(*parameters,
                       {"FilterExpression", "KeyConditionExpression", "ProjectionExpression"}));
  SMELT_ASSIGN_OR_RETURN(const TableDescription description, store->DescribeTable(request.table));
  SMELT_ASSIGN_OR_RETURN(request.key,
                         KeyCondition::Compile(description.spec.key, key_condition, &placeholders));
  SMELT_RETURN_IF_ERROR(Compile(*parameters, page, &placeholders, &request));
  SMELT_RETURN_IF_ERROR(placeholders.CheckAllUsed());
  SMELT_ASSIGN_OR_RETURN(const Page result, store->Query(request));
  return PageReply(result, request, capacity);
}

absl::StatusOr<Reply> Scan(Store* store, Parameters* parameters) {
  constexpr int64_t kMaxSegments = 1'000'000;
  ScanRequest request;
  const PageParameters page = ReadPage(parameters, &request);
  const int64_t segment = parameters->Integer("Segment", 0, 0);
  const int64_t segments = parameters->Integer("TotalSegments", 1, 1);
  if (segments > kMaxSegments) {
    parameters->Violate("TotalSegments", fmt::format("'{}'", segments),
                        "Member must have value less than or equal to 1000000");
  }
  const ConsumedCapacity capacity(parameters);
  SMELT_RETURN_IF_ERROR(parameters->Check());
  SMELT_RETURN_IF_ERROR(
      RefuseLegacy(*parameters, {"ScanFilter", "ConditionalOperator", "AttributesToGet"}));
  SMELT_RETURN_IF_ERROR(RefuseIndex(store, request.table, parameters));
  if (parameters->Has("Segment") && !parameters->Has("TotalSegments")) {
    return base::InvalidArgument(
        "The TotalSegments parameter is required but was not present in the request when Segment "
        "parameter is present");
  }
  if (!parameters->Has("Segment") && parameters->Has("TotalSegments")) {
    return base::InvalidArgument(
        "The Segment parameter is required but was not present in the request when parameter "
        "TotalSegments is present");
  }
  if (segment >= segments) {
    return base::InvalidArgument(
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
        "Segment: {} is not less than TotalSegments: {}",
        segment, segments);
  }
  request.segment = static_cast<int>(segment);
  request.segments = static_cast<int>(segments);
  SMELT_RETURN_IF_ERROR(CheckSelect(*parameters, page.select));
  SMELT_ASSIGN_OR_RETURN(
      Placeholders placeholders,
      ReadPlaceholders(*parameters, {"FilterExpression", "ProjectionExpression"}));
  SMELT_RETURN_IF_ERROR(Compile(*parameters, page, &placeholders, &request));
  SMELT_RETURN_IF_ERROR(placeholders.CheckAllUsed());
  SMELT_ASSIGN_OR_RETURN(const Page result, store->Scan(request));
  return PageReply(result, request, capacity);
}

}  // namespace smelt::dynamodb::store
