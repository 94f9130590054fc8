#include "dynamodb/client/wire_json.h"

#include <string_view>
#include <utility>

#include "base/status.h"
#include "dynamodb/value/value_json.h"

namespace smelt::dynamodb {
namespace {

// An object that is written member by member: items go in as text, without a tree in between.
class ObjectText {
 public:
  void String(std::string_view name, std::string_view value) {
    AppendJsonString(value, Member(name));
  }
  void Integer(std::string_view name, int64_t value) {
    Member(name)->append(std::to_string(value));
  }
  void Bool(std::string_view name, bool value) { Member(name)->append(value ? "true" : "false"); }
  void Attributes(std::string_view name, const Item& item) { AppendJson(item, Member(name)); }
  void Raw(std::string_view name, std::string_view json) { Member(name)->append(json); }

  // "FilterExpression" and its like, and the placeholders that go with it.
  void Add(std::string_view name, const Expression& expression) {
    String(name, expression.text);
    names_.insert(expression.names.begin(), expression.names.end());
    values_.insert(expression.values.begin(), expression.values.end());
  }
  void AddName(const std::string& placeholder, const std::string& name) {
    names_.emplace(placeholder, name);
  }

  std::string Finish() {
    if (!names_.empty()) {
      std::string json = "{";
      for (const auto& [placeholder, name] : names_) {
        if (json.size() > 1) json += ',';
        AppendJsonString(placeholder, &json);
        json += ':';
        AppendJsonString(name, &json);
      }
      Raw("ExpressionAttributeNames", json + "}");
    }
    if (!values_.empty()) Attributes("ExpressionAttributeValues", values_);
    text_ += '}';
    return std::move(text_);
  }

 private:
  std::string* Member(std::string_view name) {
    if (text_.size() > 1) text_ += ',';
    AppendJsonString(name, &text_);
    text_ += ':';
    return &text_;
  }

  std::string text_ = "{";
  std::map<std::string, std::string> names_;
  Item values_;
};

base::Json KeySchemaJson(const KeySchema& key) {
  base::Json json = {{{"AttributeName", key.partition.name}, {"KeyType", "HASH"}}};
  if (key.sort) json.push_back({{"AttributeName", key.sort->name}, {"KeyType", "RANGE"}});
  return json;
}

base::Json AttributeDefinitionsJson(const KeySchema& key) {
  const auto definition = [](const KeyAttribute& attribute) {
    return base::Json{{"AttributeName", attribute.name},
                      {"AttributeType", std::string(TypeName(attribute.type))}};
  };
  base::Json json = base::Json::array({definition(key.partition)});
  if (key.sort) json.push_back(definition(*key.sort));
  return json;
}

base::Json ThroughputJson(const Throughput& throughput) {
  return {{"ReadCapacityUnits", throughput.read_units},
          {"WriteCapacityUnits", throughput.write_units}};
}

const char* BillingName(BillingMode mode) {
  return mode == BillingMode::kProvisioned ? "PROVISIONED" : "PAY_PER_REQUEST";
}

TableStatus StatusFromName(std::string_view name) {
  if (name == "CREATING") return TableStatus::kCreating;
  if (name == "UPDATING") return TableStatus::kUpdating;
  if (name == "ACTIVE") return TableStatus::kActive;
  if (name == "DELETING") return TableStatus::kDeleting;
  return TableStatus::kOther;
}

absl::StatusOr<ValueType> KeyTypeFromName(std::string_view name) {
  if (name == "S") return ValueType::kString;
  if (name == "N") return ValueType::kNumber;
  if (name == "B") return ValueType::kBinary;
  return base::DataLoss("DescribeTable: unknown key type '{}'", name);
}

absl::StatusOr<KeySchema> ParseKeySchema(const base::Json& table) {
  std::map<std::string, ValueType> types;
  for (const base::Json& definition : table.value("AttributeDefinitions", base::Json::array())) {
    SMELT_ASSIGN_OR_RETURN(types[base::StringOr(definition, "AttributeName", "")],
                           KeyTypeFromName(base::StringOr(definition, "AttributeType", "")));
  }
  KeySchema key;
  for (const base::Json& element : table.value("KeySchema", base::Json::array())) {
    const std::string name = base::StringOr(element, "AttributeName", "");
    const auto type = types.find(name);
    if (type == types.end()) {
      return base::DataLoss("DescribeTable: the key attribute '{}' has no definition", name);
    }
    if (base::StringOr(element, "KeyType", "") == "HASH") {
      key.partition = {name, type->second};
    } else {
      key.sort = KeyAttribute{name, type->second};
    }
  }
  if (key.partition.name.empty()) {
    return base::DataLoss("DescribeTable: the answer names no partition key");
  }
  return key;
}

}  // namespace

std::string CreateTableBody(const CreateTableRequest& request) {
  base::Json json = {{"TableName", request.table},
                     {"KeySchema", KeySchemaJson(request.key)},
                     {"AttributeDefinitions", AttributeDefinitionsJson(request.key)}};
  json["BillingMode"] =
      BillingName(request.throughput ? BillingMode::kProvisioned : BillingMode::kOnDemand);
  if (request.throughput) json["ProvisionedThroughput"] = ThroughputJson(*request.throughput);
  return json.dump();
}

std::string UpdateTableBody(const UpdateTableRequest& request) {
  base::Json json = {{"TableName", request.table}};
  if (request.billing) json["BillingMode"] = BillingName(*request.billing);
  if (request.throughput) json["ProvisionedThroughput"] = ThroughputJson(*request.throughput);
  return json.dump();
}

std::string TableNameBody(const std::string& table) {
  return base::Json{{"TableName", table}}.dump();
}

std::string GetItemBody(const GetItemRequest& request) {
  ObjectText body;
  body.String("TableName", request.table);
  body.Attributes("Key", request.key);
  body.Bool("ConsistentRead", request.consistent);
  return body.Finish();
}

std::string QueryBody(const QueryRequest& request) {
  ObjectText body;
  body.String("TableName", request.table);
  body.Add("KeyConditionExpression", request.key_condition);
  if (request.filter) body.Add("FilterExpression", *request.filter);
  body.Bool("ConsistentRead", request.consistent);
  body.Bool("ScanIndexForward", request.forward);
  if (request.limit > 0) body.Integer("Limit", request.limit);
  if (!request.start_after.empty()) body.Attributes("ExclusiveStartKey", request.start_after);
  if (request.count_only) body.String("Select", "COUNT");
  body.String("ReturnConsumedCapacity", "TOTAL");
  return body.Finish();
}

std::string ScanBody(const ScanRequest& request) {
  ObjectText body;
  body.String("TableName", request.table);
  if (request.filter) body.Add("FilterExpression", *request.filter);
  if (!request.attributes.empty()) {
    // Through placeholders, since a plain name may be a reserved word.
    std::string projection;
    for (size_t i = 0; i < request.attributes.size(); ++i) {
      const std::string placeholder = "#smelt" + std::to_string(i);
      projection += (i == 0 ? "" : ",") + placeholder;
      body.AddName(placeholder, request.attributes[i]);
    }
    body.String("ProjectionExpression", projection);
  }
  body.Bool("ConsistentRead", request.consistent);
  if (request.limit > 0) body.Integer("Limit", request.limit);
  if (!request.start_after.empty()) body.Attributes("ExclusiveStartKey", request.start_after);
  if (request.segments > 1) {
    body.Integer("Segment", request.segment);
    body.Integer("TotalSegments", request.segments);
  }
  if (request.count_only) body.String("Select", "COUNT");
  body.String("ReturnConsumedCapacity", "TOTAL");
  return body.Finish();
}

std::string WriteBody(const WriteOp& op) {
  ObjectText body;
  body.String("TableName", op.table);
  body.Attributes(op.kind == WriteKind::kPut ? "Item" : "Key", op.item);
  if (op.condition) body.Add("ConditionExpression", *op.condition);
  if (op.return_existing) body.String("ReturnValuesOnConditionCheckFailure", "ALL_OLD");
  body.String("ReturnConsumedCapacity", "TOTAL");
  return body.Finish();
}

absl::StatusOr<TableDescription> ParseTableDescription(const base::Json& description) {
  if (!description.is_object()) return base::DataLoss("DescribeTable: no description came back");
  TableDescription table;
  table.table = base::StringOr(description, "TableName", "");
  table.status = StatusFromName(base::StringOr(description, "TableStatus", ""));
  SMELT_ASSIGN_OR_RETURN(table.key, ParseKeySchema(description));
  const base::Json throughput = description.value("ProvisionedThroughput", base::Json::object());
  table.throughput = {base::IntOr(throughput, "ReadCapacityUnits", 0),
                      base::IntOr(throughput, "WriteCapacityUnits", 0)};
  // A table that never was on demand has no BillingModeSummary; one on demand has zero units.
  const std::string billing =
      base::StringOr(description.value("BillingModeSummary", base::Json::object()), "BillingMode",
                     table.throughput.write_units > 0 ? "PROVISIONED" : "PAY_PER_REQUEST");
  table.billing = billing == "PROVISIONED" ? BillingMode::kProvisioned : BillingMode::kOnDemand;
  table.item_count = base::IntOr(description, "ItemCount", 0);
  table.size_bytes = base::IntOr(description, "TableSizeBytes", 0);
  return table;
}

absl::StatusOr<Item> ParseItem(const base::Json& item) {
  absl::StatusOr<Item> parsed = ItemFromJson(item);
  if (!parsed.ok()) {
    return base::DataLoss("DynamoDB sent an item that cannot be read: {}",
                          base::Message(parsed.status()));
  }
  return parsed;
}

absl::StatusOr<Page> ParsePage(const base::Json& answer) {
  Page page;
  for (const base::Json& item : answer.value("Items", base::Json::array())) {
    SMELT_ASSIGN_OR_RETURN(Item parsed, ParseItem(item));
    page.items.push_back(std::move(parsed));
  }
  page.count = base::IntOr(answer, "Count", static_cast<int64_t>(page.items.size()));
  page.scanned = base::IntOr(answer, "ScannedCount", page.count);
  if (const auto last = answer.find("LastEvaluatedKey"); last != answer.end() && !last->is_null()) {
    SMELT_ASSIGN_OR_RETURN(page.last_key, ParseItem(*last));
  }
  page.read_units = ParseCapacityUnits(answer);
  return page;
}

double ParseCapacityUnits(const base::Json& answer) {
  const auto consumed = answer.find("ConsumedCapacity");
  if (consumed == answer.end() || !consumed->is_object()) return 0;
  const auto units = consumed->find("CapacityUnits");
  return units != consumed->end() && units->is_number() ? units->get<double>() : 0;
}

}  // namespace smelt::dynamodb
