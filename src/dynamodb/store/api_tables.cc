#include <algorithm>

#include "base/status.h"
#include "dynamodb/store/api_operations.h"

namespace smelt::dynamodb::store {

using base::Json;

namespace {

constexpr char kInvalid[] = "One or more parameter values were invalid: ";

Json Seconds(int64_t micros) { return static_cast<double>(micros) / 1e6; }

Json Describe(const TableDescription& description, const char* status) {
  const TableSpec& spec = description.spec;
  Json definitions = Json::array();
  Json schema = Json::array();
  const auto add = [&](const KeyAttribute& attribute, const char* role) {
    definitions.push_back({{"AttributeName", attribute.name},
                           {"AttributeType", std::string(TypeName(attribute.type))}});
    schema.push_back({{"AttributeName", attribute.name}, {"KeyType", role}});
  };
  add(spec.key.partition, "HASH");
  if (spec.key.sort) add(*spec.key.sort, "RANGE");

  Json throughput = {{"NumberOfDecreasesToday", 0},
                     {"ReadCapacityUnits", spec.throughput.read_units},
                     {"WriteCapacityUnits", spec.throughput.write_units}};
  if (description.last_increase_at_micros != 0) {
    throughput["LastIncreaseDateTime"] = Seconds(description.last_increase_at_micros);
  }
  if (description.last_decrease_at_micros != 0) {
    throughput["LastDecreaseDateTime"] = Seconds(description.last_decrease_at_micros);
  }
  Json table = {{"AttributeDefinitions", std::move(definitions)},
                {"CreationDateTime", Seconds(description.created_at_micros)},
                {"DeletionProtectionEnabled", spec.deletion_protection},
                {"ItemCount", description.item_count},
                {"KeySchema", std::move(schema)},
                {"ProvisionedThroughput", std::move(throughput)},
                {"TableArn", "arn:aws:dynamodb:local:000000000000:table/" + spec.name},
                {"TableId", description.id},
                {"TableName", spec.name},
                {"TableSizeBytes", description.size_bytes},
                {"TableStatus", status}};
  if (spec.billing == BillingMode::kOnDemand) {
    table["BillingModeSummary"] = {{"BillingMode", "PAY_PER_REQUEST"}};
  }
  return table;
}

Reply TableReply(const char* member, const TableDescription& description, const char* status) {
  ReplyBody body;
  body.Add(member, Describe(description, status));
  return {.body = body.Finish()};
}

std::optional<Throughput> ReadThroughput(Parameters* parameters) {
  const Json* member = parameters->Member("ProvisionedThroughput");
  if (member == nullptr) return std::nullopt;
  Parameters inner(*member, "provisionedThroughput");
  Throughput throughput;
  throughput.read_units = inner.RequiredInteger("ReadCapacityUnits", 1);
  throughput.write_units = inner.RequiredInteger("WriteCapacityUnits", 1);
  parameters->Merge(std::move(inner));
  return throughput;
}

struct Element {
  std::string name;
  std::string kind;
};

// A list of objects with a name and an enumerated kind: KeySchema, AttributeDefinitions.
std::vector<Element> ReadElements(Parameters* parameters, const char* name, const char* path,
                                  const char* kind, std::initializer_list<const char*> kinds) {
  std::vector<Element> elements;
  const Json* list = parameters->Member(name);
  if (list == nullptr || !list->is_array()) {
    parameters->Violate(name, "null", "Member must not be null");
    return elements;
  }
  for (size_t i = 0; i < list->size(); ++i) {
    Parameters element((*list)[i], fmt::format("{}.{}.member", path, i + 1));
    std::string element_name = element.RequiredString("AttributeName");
    if (!element.Has(kind)) element.Violate(kind, "null", "Member must not be null");
    elements.push_back({std::move(element_name), element.Enum(kind, kinds)});
    parameters->Merge(std::move(element));
  }
  return elements;
}

std::string Names(const std::vector<Element>& elements) {
  std::string out;
  for (const Element& element : elements) {
    if (!out.empty()) out += ", ";
    out += element.name;
  }
  return out;
}

absl::StatusOr<KeyAttribute> Define(const Element& key, const std::vector<Element>& schema,
                                    const std::vector<Element>& definitions) {
  const auto found =
      std::find_if(definitions.begin(), definitions.end(),
                   [&](const Element& definition) { return definition.name == key.name; });
  if (found == definitions.end()) {
    return base::InvalidArgument(
        "{}Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], "
        "AttributeDefinitions: [{}]",
        kInvalid, Names(schema), Names(definitions));
  }
  const ValueType type = found->kind == "S"   ? ValueType::kString
                         : found->kind == "N" ? ValueType::kNumber
                                              : ValueType::kBinary;
  return KeyAttribute{.name = key.name, .type = type};
}

absl::StatusOr<KeySchema> ReadKeySchema(const std::vector<Element>& schema,
                                        const std::vector<Element>& definitions) {
  if (schema.size() > definitions.size()) {
    return base::InvalidArgument("Invalid KeySchema: Some index key attribute have no definition");
  }
  KeySchema key;
  SMELT_ASSIGN_OR_RETURN(key.partition, Define(schema[0], schema, definitions));
  if (schema.size() == 2) {
    SMELT_ASSIGN_OR_RETURN(key.sort, Define(schema[1], schema, definitions));
    if (schema[0].name == schema[1].name) {
      return base::InvalidArgument(
          "Both the Hash Key and the Range Key element in the KeySchema have the same name");
    }
  }
  if (schema[0].kind != "HASH") {
    return base::InvalidArgument(
        "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  }
  if (schema.size() == 2 && schema[1].kind != "RANGE") {
    return base::InvalidArgument(
        "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
  }
  if (schema.size() != definitions.size()) {
    return base::InvalidArgument(
        "{}Number of attributes in KeySchema does not exactly match number of attributes defined "
        "in "
        "AttributeDefinitions",
        kInvalid);
  }
  return key;
}

// The service names this parameter's faults unlike those of all the other operations.
absl::StatusOr<std::string> ReadTableName(Parameters* parameters) {
  const std::string name = parameters->String("TableName");
  if (!parameters->Has("TableName")) {
    return base::InvalidArgument(
        "The parameter 'TableName' is required but was not present in the request");
  }
  if (name.size() < 3 || name.size() > 255) {
    return base::InvalidArgument(
        "TableName must be at least 3 characters long and at most 255 characters long");
  }
  return parameters->RequiredTableName();
}

absl::Status RefuseFeatures(const Parameters& parameters) {
  for (const char* name :
       {"LocalSecondaryIndexes", "GlobalSecondaryIndexes", "GlobalSecondaryIndexUpdates",
        "ReplicaUpdates", "StreamSpecification", "SSESpecification"}) {
    const Json* member = parameters.Member(name);
    if (member == nullptr || (member->is_structured() && member->empty())) continue;
    return base::InvalidArgument("{} is not supported by the embedded store", name);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Reply> CreateTable(Store* store, Parameters* parameters) {
  TableSpec spec;
  SMELT_ASSIGN_OR_RETURN(spec.name, ReadTableName(parameters));
  const auto definitions = ReadElements(parameters, "AttributeDefinitions", "attributeDefinitions",
                                        "AttributeType", {"S", "N", "B"});
  const auto schema =
      ReadElements(parameters, "KeySchema", "keySchema", "KeyType", {"HASH", "RANGE"});
  if (parameters->Has("KeySchema") && (schema.empty() || schema.size() > 2)) {
    parameters->Violate("KeySchema", fmt::format("'[{}]'", Names(schema)),
                        schema.empty() ? "Member must have length greater than or equal to 1"
                                       : "Member must have length less than or equal to 2");
  }
  const std::string billing = parameters->Enum("BillingMode", {"PROVISIONED", "PAY_PER_REQUEST"});
  const std::optional<Throughput> throughput = ReadThroughput(parameters);
  spec.deletion_protection = parameters->Bool("DeletionProtectionEnabled", false);
  SMELT_RETURN_IF_ERROR(parameters->Check());

  if (billing == "PROVISIONED") {
    if (!throughput) {
      return base::InvalidArgument(
          "{}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
          "PROVISIONED",
          kInvalid);
    }
    spec.billing = BillingMode::kProvisioned;
    spec.throughput = *throughput;
  } else if (throughput) {
    return base::InvalidArgument(
        "{}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
        "PAY_PER_REQUEST",
        kInvalid);
  }
  SMELT_RETURN_IF_ERROR(RefuseFeatures(*parameters));
  SMELT_ASSIGN_OR_RETURN(spec.key, ReadKeySchema(schema, definitions));
  SMELT_ASSIGN_OR_RETURN(const TableDescription description, store->CreateTable(spec));
  return TableReply("TableDescription", description, "ACTIVE");
}

absl::StatusOr<Reply> DescribeTable(Store* store, Parameters* parameters) {
  const std::string table = parameters->RequiredTableName();
  SMELT_RETURN_IF_ERROR(parameters->Check());
  absl::StatusOr<TableDescription> description = store->DescribeTable(table);
  if (absl::IsNotFound(description.status())) {
    return base::NotFound("Requested resource not found: Table: {} not found", table);
  }
  SMELT_RETURN_IF_ERROR(description.status());
  return TableReply("Table", *description, "ACTIVE");
}

absl::StatusOr<Reply> UpdateTable(Store* store, Parameters* parameters) {
  SMELT_ASSIGN_OR_RETURN(const std::string table, ReadTableName(parameters));
  TableChange change;
  if (parameters->Has("BillingMode")) {
    const std::string billing = parameters->Enum("BillingMode", {"PROVISIONED", "PAY_PER_REQUEST"});
    change.billing = billing == "PROVISIONED" ? BillingMode::kProvisioned : BillingMode::kOnDemand;
  }
  change.throughput = ReadThroughput(parameters);
  if (parameters->Has("DeletionProtectionEnabled")) {
    change.deletion_protection = parameters->Bool("DeletionProtectionEnabled", false);
  }
  SMELT_RETURN_IF_ERROR(parameters->Check());
  SMELT_RETURN_IF_ERROR(RefuseFeatures(*parameters));
  if (!change.billing && !change.throughput && !change.deletion_protection) {
    return base::InvalidArgument(
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
        "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required");
  }
  SMELT_ASSIGN_OR_RETURN(const TableDescription description, store->UpdateTable(table, change));
  return TableReply("TableDescription", description, "ACTIVE");
}

absl::StatusOr<Reply> DeleteTable(Store* store, Parameters* parameters) {
  const std::string table = parameters->RequiredTableName();
  SMELT_RETURN_IF_ERROR(parameters->Check());
  absl::StatusOr<TableDescription> description = store->DeleteTable(table);
  if (absl::IsNotFound(description.status())) {
    return base::NotFound("Requested resource not found: Table: {} not found", table);
  }
  SMELT_RETURN_IF_ERROR(description.status());
  return TableReply("TableDescription", *description, "DELETING");
}

absl::StatusOr<Reply> ListTables(Store* store, Parameters* parameters) {
  constexpr int64_t kMaxNames = 100;
  const int64_t limit = parameters->Integer("Limit", 1, kMaxNames);
  if (limit > kMaxNames) {
    parameters->Violate("Limit", fmt::format("'{}'", limit),
                        "Member must have value less than or equal to 100");
  }
  const std::string start = parameters->String("ExclusiveStartTableName");
  SMELT_RETURN_IF_ERROR(parameters->Check());
  Json names = Json::array();
  ReplyBody body;
  for (const std::string& name : store->ListTables()) {
    if (name <= start) continue;
    if (static_cast<int64_t>(names.size()) == limit) {
      body.Add("LastEvaluatedTableName", names.back());
      break;
    }
    names.push_back(name);
  }
  body.Add("TableNames", names);
  return Reply{.body = body.Finish()};
}

}  // namespace smelt::dynamodb::store
