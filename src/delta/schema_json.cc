#include "delta/schema_json.h"

#include <charconv>
#include <optional>
#include <utility>

#include "base/json.h"
#include "base/status.h"

namespace smelt::delta {
namespace {

using base::DataType;
using base::Field;
using base::Json;
using base::OrderedJson;
using base::TypeKind;

// Deeper schemas than this are not made by people; the bound keeps a hostile text from exhausting
// the stack.
constexpr int kMaxDepth = 100;

constexpr std::pair<const char*, TypeKind> kPrimitives[] = {
    {"boolean", TypeKind::kBoolean},     {"byte", TypeKind::kByte},
    {"short", TypeKind::kShort},         {"integer", TypeKind::kInteger},
    {"long", TypeKind::kLong},           {"float", TypeKind::kFloat},
    {"double", TypeKind::kDouble},       {"string", TypeKind::kString},
    {"binary", TypeKind::kBinary},       {"date", TypeKind::kDate},
    {"timestamp", TypeKind::kTimestamp}, {"timestamp_ntz", TypeKind::kTimestampNtz},
    {"void", TypeKind::kNull},           {"variant", TypeKind::kVariant},
};

std::optional<DataType> ParseDecimal(const std::string& name) {
  if (name == "decimal") return DataType::Decimal(10, 0);
  if (name.rfind("decimal(", 0) != 0 || name.back() != ')') return std::nullopt;
  int precision = 0;
  int scale = 0;
  const char* at = name.data() + 8;
  const char* const end = name.data() + name.size() - 1;
  const auto number = [&](int* value) {
    while (at < end && *at == ' ') ++at;
    const auto [next, error] = std::from_chars(at, end, *value);
    if (error != std::errc()) return false;
    for (at = next; at < end && *at == ' ';) ++at;
    return true;
  };
  if (!number(&precision) || at == end || *at++ != ',' || !number(&scale) || at != end) {
    return std::nullopt;
  }
  if (precision < 1 || precision > 38 || scale < 0 || scale > precision) return std::nullopt;
  return DataType::Decimal(precision, scale);
}

absl::StatusOr<std::vector<Field>> ParseFields(const Json& json, int depth);

absl::StatusOr<DataType> ParseType(const Json& json, int depth) {
  if (depth > kMaxDepth) return base::DataLoss("the schema is nested too deep");
  if (json.is_string()) {
    const auto& name = json.get_ref<const std::string&>();
    for (const auto& [text, kind] : kPrimitives) {
      if (name == text) return DataType(kind);
    }
    if (std::optional<DataType> decimal = ParseDecimal(name)) return *std::move(decimal);
    return base::Unimplemented("the schema has a column of type '{}'", name);
  }
  if (!json.is_object()) return base::DataLoss("the schema has a type that is no type");
  const std::string kind = base::StringOr(json, "type", "");
  const auto child = [&](const char* name) -> absl::StatusOr<DataType> {
    const auto it = json.find(name);
    if (it == json.end()) return base::DataLoss("the schema has a {} without '{}'", kind, name);
    return ParseType(*it, depth + 1);
  };
  if (kind == "struct") {
    SMELT_ASSIGN_OR_RETURN(std::vector<Field> fields, ParseFields(json, depth + 1));
    return DataType::Struct(std::move(fields));
  }
  if (kind == "array") {
    SMELT_ASSIGN_OR_RETURN(DataType element, child("elementType"));
    return DataType::Array(std::move(element), json.value("containsNull", true));
  }
  if (kind == "map") {
    SMELT_ASSIGN_OR_RETURN(DataType key, child("keyType"));
    SMELT_ASSIGN_OR_RETURN(DataType value, child("valueType"));
    return DataType::Map(std::move(key), std::move(value), json.value("valueContainsNull", true));
  }
  return base::Unimplemented("the schema has a column of type '{}'", kind);
}

absl::StatusOr<std::vector<Field>> ParseFields(const Json& json, int depth) {
  const auto it = json.find("fields");
  if (it == json.end() || !it->is_array()) return base::DataLoss("a struct without fields");
  std::vector<Field> fields;
  for (const Json& member : *it) {
    if (!member.is_object()) return base::DataLoss("a field that is not an object");
    Field& field = fields.emplace_back();
    SMELT_ASSIGN_OR_RETURN(field.name, base::StringField(member, "name", "a field of the schema"));
    const auto type = member.find("type");
    if (type == member.end()) return base::DataLoss("column '{}' has no type", field.name);
    absl::StatusOr<DataType> parsed = ParseType(*type, depth);
    if (!parsed.ok()) return base::Annotate(parsed.status(), "column '{}'", field.name);
    field.type = *std::move(parsed);
    field.nullable = member.value("nullable", true);
    const auto metadata = member.find("metadata");
    if (metadata == member.end() || !metadata->is_object()) continue;
    for (const auto& [key, value] : metadata->items()) field.metadata[key] = value.dump();
  }
  return fields;
}

absl::StatusOr<OrderedJson> FieldsToJson(const std::vector<Field>& fields);

absl::StatusOr<OrderedJson> TypeToJson(const DataType& type) {
  OrderedJson json;
  switch (type.kind()) {
    case TypeKind::kDecimal:
      return OrderedJson(fmt::format("decimal({},{})", type.precision(), type.scale()));
    case TypeKind::kStruct:
      return FieldsToJson(type.fields());
    case TypeKind::kArray: {
      SMELT_ASSIGN_OR_RETURN(OrderedJson element, TypeToJson(type.element()));
      json["type"] = "array";
      json["elementType"] = std::move(element);
      json["containsNull"] = type.contains_null();
      return json;
    }
    case TypeKind::kMap: {
      SMELT_ASSIGN_OR_RETURN(OrderedJson key, TypeToJson(type.key()));
      SMELT_ASSIGN_OR_RETURN(OrderedJson value, TypeToJson(type.value()));
      json["type"] = "map";
      json["keyType"] = std::move(key);
      json["valueType"] = std::move(value);
      json["valueContainsNull"] = type.contains_null();
      return json;
    }
    case TypeKind::kNull:
    case TypeKind::kVariant:
    case TypeKind::kInterval:
      break;
    default:
      for (const auto& [text, kind] : kPrimitives) {
        if (kind == type.kind()) return OrderedJson(text);
      }
  }
  return base::InvalidArgument("a Delta table cannot hold a column of type {}", type.ToString());
}

absl::StatusOr<OrderedJson> FieldsToJson(const std::vector<Field>& fields) {
  OrderedJson members = OrderedJson::array();
  for (const Field& field : fields) {
    absl::StatusOr<OrderedJson> type = TypeToJson(field.type);
    if (!type.ok()) return base::Annotate(type.status(), "column '{}'", field.name);
    OrderedJson& member = members.emplace_back();
    member["name"] = field.name;
    member["type"] = *std::move(type);
    member["nullable"] = field.nullable;
    OrderedJson& metadata = member["metadata"] = OrderedJson::object();
    for (const auto& [key, value] : field.metadata) metadata[key] = OrderedJson::parse(value);
  }
  OrderedJson json;
  json["type"] = "struct";
  json["fields"] = std::move(members);
  return json;
}

}  // namespace

absl::StatusOr<base::Schema> SchemaFromJson(std::string_view text) {
  if (text.empty()) return base::Schema();
  try {
    SMELT_ASSIGN_OR_RETURN(const Json json, base::ParseJson(text, "the schema string"));
    if (!json.is_object() || base::StringOr(json, "type", "") != "struct") {
      return base::DataLoss("the schema string is no struct");
    }
    return ParseFields(json, 0);
  } catch (const Json::exception& error) {  // a member of another type than the format says
    return base::DataLoss("the schema string: {}", error.what());
  }
}

absl::StatusOr<std::string> SchemaToJson(const base::Schema& schema) {
  try {
    SMELT_ASSIGN_OR_RETURN(const OrderedJson json, FieldsToJson(schema));
    return json.dump();
  } catch (const Json::exception& error) {  // a name that is not UTF-8, metadata that is not JSON
    return base::InvalidArgument("the schema cannot be written as JSON: {}", error.what());
  }
}

}  // namespace smelt::delta
