#include "cli/item_text.h"

#include <map>

#include "base/digest.h"
#include "base/json.h"
#include "base/status.h"
#include "dynamodb/value/value_json.h"

namespace smelt::cli {

using base::Json;
using dynamodb::Item;
using dynamodb::KeyAttribute;
using dynamodb::KeySchema;
using dynamodb::Value;
using dynamodb::ValueType;

namespace {

// {"sales_date": "<S>", "n": <N>}
std::string Example(const KeySchema& schema) {
  const auto one = [](const KeyAttribute& attribute) {
    const std::string type(TypeName(attribute.type));
    return fmt::format("\"{}\": {}", attribute.name,
                       attribute.type == ValueType::kNumber ? "<N>" : "\"<" + type + ">\"");
  };
  return schema.sort ? fmt::format("{{{}, {}}}", one(schema.partition), one(*schema.sort))
                     : fmt::format("{{{}}}", one(schema.partition));
}

absl::StatusOr<Value> ParseKeyValue(const KeyAttribute& attribute, const Json& json) {
  if (json.is_object()) return dynamodb::ValueFromJson(json);
  if (attribute.type == ValueType::kNumber && (json.is_number() || json.is_string())) {
    SMELT_ASSIGN_OR_RETURN(
        const dynamodb::Number number,
        dynamodb::Number::Parse(json.is_string() ? json.get<std::string>() : json.dump()));
    return Value(number);
  }
  if (!json.is_string()) {
    return base::InvalidArgument("{} is of type {}, not {}", attribute.name,
                                 TypeName(attribute.type), json.type_name());
  }
  if (attribute.type == ValueType::kString) return Value(json.get<std::string>());
  SMELT_ASSIGN_OR_RETURN(std::string bytes, base::Base64Decode(json.get<std::string>()));
  return Value(dynamodb::Binary{std::move(bytes)});
}

void AppendPlainJson(const Value& value, std::string* out);

template <typename Range, typename Append>
void AppendJoined(const char* open, const Range& range, const char* close, std::string* out,
                  const Append& append) {
  *out += open;
  bool is_first = true;
  for (const auto& element : range) {
    if (!is_first) *out += ", ";
    is_first = false;
    append(element);
  }
  *out += close;
}

void AppendPlainJson(const Value& value, std::string* out) {
  switch (value.type()) {
    case ValueType::kNull:
      *out += "null";
      return;
    case ValueType::kString:
      return dynamodb::AppendJsonString(value.string(), out);
    case ValueType::kBinary:
      return dynamodb::AppendJsonString(base::Base64Encode(value.binary()), out);
    case ValueType::kList:
      return AppendJoined("[", value.list(), "]", out,
                          [out](const Value& element) { AppendPlainJson(element, out); });
    case ValueType::kMap:
      return AppendJoined("{", value.map(), "}", out, [out](const auto& member) {
        dynamodb::AppendJsonString(member.first, out);
        *out += ": ";
        AppendPlainJson(member.second, out);
      });
    default:
      *out += PlainText(value);
  }
}

}  // namespace

absl::StatusOr<Item> ParseKey(const std::string& text, const KeySchema& schema) {
  const absl::StatusOr<Json> json = base::ParseJson(text, "the key");
  if (!json.ok() || !json->is_object()) {
    return base::InvalidArgument("'{}' is not a key as JSON: write --key '{}'", text,
                                 Example(schema));
  }
  Item key;
  for (const auto& [name, member] : json->items()) {
    const bool is_partition = name == schema.partition.name;
    if (!is_partition && (!schema.sort || name != schema.sort->name)) {
      return base::InvalidArgument("{} is not part of the key: write --key '{}'", name,
                                   Example(schema));
    }
    SMELT_ASSIGN_OR_RETURN(key[name],
                           ParseKeyValue(is_partition ? schema.partition : *schema.sort, member));
  }
  if (key.size() != (schema.sort ? 2u : 1u)) {
    return base::InvalidArgument("the key is not whole: write --key '{}'", Example(schema));
  }
  return key;
}

std::string PlainText(const Value& value) {
  std::string out;
  switch (value.type()) {
    case ValueType::kNull:
      return "NULL";
    case ValueType::kBool:
      return value.boolean() ? "true" : "false";
    case ValueType::kString:
      return value.string();
    case ValueType::kNumber:
      return value.number().ToString();
    case ValueType::kBinary:
      return base::Base64Encode(value.binary());
    case ValueType::kList:
    case ValueType::kMap:
      AppendPlainJson(value, &out);
      return out;
    case ValueType::kStringSet:
      AppendJoined("{", value.string_set(), "}", &out,
                   [&](const std::string& element) { out += element; });
      return out;
    case ValueType::kNumberSet:
      AppendJoined("{", value.number_set(), "}", &out,
                   [&](const dynamodb::Number& element) { out += element.ToString(); });
      return out;
    case ValueType::kBinarySet:
      AppendJoined("{", value.binary_set(), "}", &out, [&](const dynamodb::Binary& element) {
        out += base::Base64Encode(element.bytes);
      });
      return out;
  }
  return out;
}

TableData ItemsAsTable(const KeySchema& schema, const std::vector<Item>& items) {
  // Name -> type; "any" where items differ in it.
  std::map<std::string, std::string> types;
  for (const Item& item : items) {
    for (const auto& [name, value] : item) {
      const std::string type(TypeName(value.type()));
      const auto [found, is_new] = types.emplace(name, type);
      if (!is_new && found->second != type) found->second = "any";
    }
  }
  std::vector<std::string> names = {schema.partition.name};
  if (schema.sort) names.push_back(schema.sort->name);
  const size_t key_size = names.size();
  for (const auto& [name, type] : types) {
    const bool is_key = name == names[0] || (key_size == 2 && name == names[1]);
    if (!is_key) names.push_back(name);
  }

  TableData table;
  for (const std::string& name : names) {
    const auto type = types.find(name);
    TableColumn column{.name = name, .type = type == types.end() ? "" : type->second};
    column.is_number = column.type == "N";
    table.columns.push_back(std::move(column));
  }
  for (const Item& item : items) {
    std::vector<std::optional<std::string>> row;
    for (const std::string& name : names) {
      const auto found = item.find(name);
      const bool has_value = found != item.end() && !found->second.is_null();
      row.push_back(has_value ? std::optional(PlainText(found->second)) : std::nullopt);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace smelt::cli
