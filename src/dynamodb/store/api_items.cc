#include "base/status.h"
#include "dynamodb/store/api_operations.h"

namespace smelt::dynamodb::store {
namespace {

Reply ConditionFailed(const std::optional<Item>& item) {
  ReplyBody body;
  body.Add("__type", "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException");
  body.Add("message", "The conditional request failed");
  if (item) body.AddItem("Item", *item);
  return {.status = 400, .body = body.Finish()};
}

// PutItem and DeleteItem differ in `kind` and in the parameter that holds the item or its key.
absl::StatusOr<Reply> WriteOne(Store* store, Parameters* parameters, WriteKind kind) {
  WriteOp op{.kind = kind};
  op.table = parameters->RequiredTableName();
  const Item item = parameters->RequiredItem(kind == WriteKind::kPut ? "Item" : "Key");
  op.item = &item;
  const std::string condition = parameters->String("ConditionExpression");
  const std::string return_values = parameters->Enum(
      "ReturnValues", {"NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"});
  op.return_old_on_failure =
      parameters->Enum("ReturnValuesOnConditionCheckFailure", {"NONE", "ALL_OLD"}) == "ALL_OLD";
  parameters->Enum("ReturnItemCollectionMetrics", {"NONE", "SIZE"});
  const ConsumedCapacity capacity(parameters);
  SMELT_RETURN_IF_ERROR(parameters->Check());
  SMELT_RETURN_IF_ERROR(RefuseLegacy(*parameters, {"Expected", "ConditionalOperator"}));
  if (return_values != "NONE" && return_values != "ALL_OLD") {
    return base::InvalidArgument("ReturnValues can only be ALL_OLD or NONE");
  }
  op.return_old = return_values == "ALL_OLD";

  SMELT_ASSIGN_OR_RETURN(Placeholders placeholders,
                         ReadPlaceholders(*parameters, {"ConditionExpression"}));
  if (parameters->Has("ConditionExpression")) {
    SMELT_ASSIGN_OR_RETURN(Condition compiled,
                           Condition::Compile("ConditionExpression", condition, &placeholders));
    op.condition = std::make_shared<const Condition>(std::move(compiled));
  }
  SMELT_RETURN_IF_ERROR(placeholders.CheckAllUsed());

  WriteResult result = std::move(store->Write({&op, 1}).front());
  switch (result.outcome) {
    case WriteOutcome::kRefused:
      return result.status;
    case WriteOutcome::kUnknown:
      return Reply{.is_lost = true};
    case WriteOutcome::kConditionFailed:
      return ConditionFailed(result.old);
    case WriteOutcome::kDone:
      break;
  }
  ReplyBody body;
  if (result.old) body.AddItem("Attributes", *result.old);
  capacity.AddTo(&body, op.table, result.write_units);
  return Reply{.body = body.Finish()};
}

}  // namespace

absl::StatusOr<Reply> PutItem(Store* store, Parameters* parameters) {
  return WriteOne(store, parameters, WriteKind::kPut);
}

absl::StatusOr<Reply> DeleteItem(Store* store, Parameters* parameters) {
  return WriteOne(store, parameters, WriteKind::kDelete);
}

absl::StatusOr<Reply> GetItem(Store* store, Parameters* parameters) {
  const std::string table = parameters->RequiredTableName();
  const Item key = parameters->RequiredItem("Key");
  const std::string projection = parameters->String("ProjectionExpression");
  const bool consistent = parameters->Bool("ConsistentRead", false);
  const ConsumedCapacity capacity(parameters);
  SMELT_RETURN_IF_ERROR(parameters->Check());
  SMELT_RETURN_IF_ERROR(RefuseLegacy(*parameters, {"AttributesToGet"}));

  SMELT_ASSIGN_OR_RETURN(Placeholders placeholders,
                         ReadPlaceholders(*parameters, {"ProjectionExpression"}));
  std::optional<Projection> compiled;
  if (parameters->Has("ProjectionExpression")) {
    SMELT_ASSIGN_OR_RETURN(compiled, Projection::Compile(projection, &placeholders));
  }
  SMELT_RETURN_IF_ERROR(placeholders.CheckAllUsed());

  SMELT_ASSIGN_OR_RETURN(const GetResult result, store->GetItem(table, key, consistent));
  ReplyBody body;
  if (result.item) body.AddItem("Item", compiled ? compiled->Apply(*result.item) : *result.item);
  capacity.AddTo(&body, table, result.read_units);
  return Reply{.body = body.Finish()};
}

}  // namespace smelt::dynamodb::store
