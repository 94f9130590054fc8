#include <map>
#include <set>

#include "base/status.h"
#include "dynamodb/store/api_operations.h"
#include "dynamodb/value/item_size.h"
#include "dynamodb/value/value_json.h"

namespace smelt::dynamodb::store {

using base::Json;

namespace {

constexpr size_t kMaxWrites = 25;
constexpr size_t kMaxGets = 100;
constexpr int64_t kMaxReplySizeBytes = 16 << 20;

absl::Status Misshapen() {
  return base::Error(absl::StatusCode::kOutOfRange, "Unexpected value type in payload");
}

// RequestItems: an object of table names, each with what is asked of it.
absl::StatusOr<const Json*> ReadRequestItems(Parameters* parameters) {
  const Json* items = parameters->Member("RequestItems");
  if (items == nullptr) {
    parameters->Violate("RequestItems", "null", "Member must not be null");
  } else if (!items->is_object()) {
    return Misshapen();
  } else if (items->empty()) {
    parameters->Violate("RequestItems", "'{}'",
                        "Member must have length greater than or equal to 1");
  }
  SMELT_RETURN_IF_ERROR(parameters->Check());
  return items;
}

// No key twice, in any table.
class DistinctKeys {
 public:
  absl::Status Add(const std::string& table, EncodedKey key) {
    if (keys_.emplace(table, std::move(key)).second) return absl::OkStatus();
    return base::InvalidArgument("Provided list of item keys contains duplicates");
  }

 private:
  std::set<std::pair<std::string, EncodedKey>> keys_;
};

// A write with the item or key that its WriteOp points to.
struct OwnedWrite {
  WriteKind kind;
  std::string table;
  Item item;
};

absl::StatusOr<OwnedWrite> ReadWrite(const std::string& table, const Json& request) {
  if (!request.is_object()) return Misshapen();
  Parameters parameters(request);
  const Json* put = parameters.Member("PutRequest");
  const Json* remove = parameters.Member("DeleteRequest");
  if ((put == nullptr) == (remove == nullptr)) {
    return base::InvalidArgument(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
        "supported datatypes");
  }
  const Json& body = put != nullptr ? *put : *remove;
  if (!body.is_object()) return Misshapen();
  OwnedWrite write{.kind = put != nullptr ? WriteKind::kPut : WriteKind::kDelete, .table = table};
  Parameters inner(body, fmt::format("requestItems.{}.member", table));
  write.item = inner.RequiredItem(put != nullptr ? "Item" : "Key");
  SMELT_RETURN_IF_ERROR(inner.Check());
  return write;
}

// All writes of the batch, each checked as far as it can be: one that is wrong fails the whole
// request.
absl::StatusOr<std::vector<OwnedWrite>> ReadWrites(Store* store, const Json& items) {
  std::vector<OwnedWrite> writes;
  for (const auto& [table, requests] : items.items()) {
    if (!requests.is_array()) return Misshapen();
    if (requests.empty() || requests.size() > kMaxWrites) {
      return base::InvalidArgument(
          "1 validation error detected: Value '{{{}=[{} requests]}}' at 'requestItems' failed to "
          "satisfy constraint: Map value must satisfy constraint: [Member must have length less "
          "than or equal to 25, Member must have length greater than or equal to 1]",
          table, requests.size());
    }
    for (const Json& request : requests) {
      SMELT_ASSIGN_OR_RETURN(OwnedWrite write, ReadWrite(table, request));
      writes.push_back(std::move(write));
    }
  }
  if (writes.size() > kMaxWrites) {
    return base::InvalidArgument("Too many items requested for the BatchWriteItem call");
  }
  DistinctKeys distinct;
  for (const OwnedWrite& write : writes) {
    SMELT_ASSIGN_OR_RETURN(const TableDescription description, store->DescribeTable(write.table));
    const KeySchema& schema = description.spec.key;
    if (write.kind == WriteKind::kPut) SMELT_RETURN_IF_ERROR(CheckItemSize(write.item));
    SMELT_ASSIGN_OR_RETURN(EncodedKey key, write.kind == WriteKind::kPut
                                               ? KeyOfItem(schema, write.item)
                                               : KeyOfParameter(schema, write.item));
    SMELT_RETURN_IF_ERROR(distinct.Add(write.table, std::move(key)));
  }
  return writes;
}

Json ToRequest(const OwnedWrite& write) {
  if (write.kind == WriteKind::kPut) return {{"PutRequest", {{"Item", ToJson(write.item)}}}};
  return {{"DeleteRequest", {{"Key", ToJson(write.item)}}}};
}

void AddCapacities(const ConsumedCapacity& capacity, const std::map<std::string, double>& units,
                   ReplyBody* body) {
  if (!capacity.is_wanted()) return;
  Json list = Json::array();
  for (const auto& [table, consumed] : units) list.push_back(capacity.Of(table, consumed));
  body->Add("ConsumedCapacity", list);
}

// What is asked of one table.
struct TableGets {
  std::string table;
  const Json* request;
  std::vector<Item> keys;
  bool consistent = false;
  std::optional<Projection> projection;
};

absl::StatusOr<TableGets> ReadGets(Store* store, const std::string& table, const Json& request,
                                   DistinctKeys* distinct) {
  if (!request.is_object()) return Misshapen();
  Parameters parameters(request, fmt::format("requestItems.{}.member", table));
  TableGets gets{.table = table, .request = &request};
  gets.consistent = parameters.Bool("ConsistentRead", false);
  const std::string projection = parameters.String("ProjectionExpression");
  const Json* keys = parameters.Member("Keys");
  if (keys == nullptr) {
    parameters.Violate("Keys", "null", "Member must not be null");
  } else if (keys->is_array() && keys->empty()) {
    parameters.Violate("Keys", "'[]'", "Member must have length greater than or equal to 1");
  }
  SMELT_RETURN_IF_ERROR(parameters.Check());
  SMELT_RETURN_IF_ERROR(RefuseLegacy(parameters, {"AttributesToGet"}));
  if (!keys->is_array()) return Misshapen();

  SMELT_ASSIGN_OR_RETURN(Placeholders placeholders,
                         ReadPlaceholders(parameters, {"ProjectionExpression"}));
  if (parameters.Has("ProjectionExpression")) {
    SMELT_ASSIGN_OR_RETURN(gets.projection, Projection::Compile(projection, &placeholders));
  }
  SMELT_RETURN_IF_ERROR(placeholders.CheckAllUsed());

  SMELT_ASSIGN_OR_RETURN(const TableDescription description, store->DescribeTable(table));
  for (const Json& json : *keys) {
    SMELT_ASSIGN_OR_RETURN(Item key, ItemFromJson(json));
    SMELT_ASSIGN_OR_RETURN(EncodedKey encoded, KeyOfParameter(description.spec.key, key));
    SMELT_RETURN_IF_ERROR(distinct->Add(table, std::move(encoded)));
    gets.keys.push_back(std::move(key));
  }
  return gets;
}

}  // namespace

absl::StatusOr<Reply> BatchWriteItem(Store* store, Parameters* parameters) {
  const ConsumedCapacity capacity(parameters);
  parameters->Enum("ReturnItemCollectionMetrics", {"NONE", "SIZE"});
  SMELT_ASSIGN_OR_RETURN(const Json* items, ReadRequestItems(parameters));
  SMELT_ASSIGN_OR_RETURN(const std::vector<OwnedWrite> writes, ReadWrites(store, *items));

  std::vector<WriteOp> ops;
  for (const OwnedWrite& write : writes) {
    ops.push_back({.kind = write.kind, .table = write.table, .item = &write.item});
  }

  const std::vector<WriteResult> results = store->Write(ops);
  std::map<std::string, double> units;
  Json unprocessed = Json::object();
  size_t refused = 0;
  for (size_t i = 0; i < ops.size(); ++i) {
    units[ops[i].table] += results[i].write_units;
    if (results[i].outcome == WriteOutcome::kUnknown) return Reply{.is_lost = true};
    if (results[i].outcome != WriteOutcome::kRefused) continue;
    const absl::Status& status = results[i].status;
    if (!absl::IsResourceExhausted(status) && !absl::IsUnavailable(status)) return status;
    // Throttled: for the client to send again, unless nothing at all went through.
    if (++refused == ops.size()) return status;
    unprocessed[ops[i].table].push_back(ToRequest(writes[i]));
  }
  ReplyBody body;
  body.Add("UnprocessedItems", unprocessed);
  AddCapacities(capacity, units, &body);
  return Reply{.body = body.Finish()};
}

absl::StatusOr<Reply> BatchGetItem(Store* store, Parameters* parameters) {
  const ConsumedCapacity capacity(parameters);
  SMELT_ASSIGN_OR_RETURN(const Json* items, ReadRequestItems(parameters));
  std::vector<TableGets> tables;
  DistinctKeys distinct;
  size_t count = 0;
  for (const auto& [table, request] : items->items()) {
    SMELT_ASSIGN_OR_RETURN(TableGets gets, ReadGets(store, table, request, &distinct));
    count += gets.keys.size();
    tables.push_back(std::move(gets));
  }
  if (count > kMaxGets) {
    return base::InvalidArgument("Too many items requested for the BatchGetItem call");
  }

  ReplyBody responses;
  std::map<std::string, double> units;
  Json unprocessed = Json::object();
  int64_t size_bytes = 0;
  for (const TableGets& gets : tables) {
    std::vector<Item> found;
    Json rest = Json::array();
    for (const Item& key : gets.keys) {
      if (size_bytes >= kMaxReplySizeBytes) {
        rest.push_back(ToJson(key));
        continue;
      }
      SMELT_ASSIGN_OR_RETURN(GetResult result, store->GetItem(gets.table, key, gets.consistent));
      units[gets.table] += result.read_units;
      if (!result.item) continue;
      size_bytes += SizeBytes(*result.item);
      found.push_back(gets.projection ? gets.projection->Apply(*result.item)
                                      : *std::move(result.item));
    }
    responses.AddItems(gets.table, found);
    if (rest.empty()) continue;
    unprocessed[gets.table] = *gets.request;
    unprocessed[gets.table]["Keys"] = std::move(rest);
  }
  ReplyBody body;
  body.AddText("Responses", responses.Finish());
  body.Add("UnprocessedKeys", unprocessed);
  AddCapacities(capacity, units, &body);
  return Reply{.body = body.Finish()};
}

}  // namespace smelt::dynamodb::store
