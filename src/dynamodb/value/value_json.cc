#include "dynamodb/value/value_json.h"

#include <array>
#include <optional>

#include "base/digest.h"
#include "base/status.h"

namespace smelt::dynamodb {

namespace {

using base::Json;

constexpr char kInvalidPrefix[] = "One or more parameter values were invalid: ";

absl::Status Invalid(const std::string& why) {
  return base::InvalidArgument("{}{}", kInvalidPrefix, why);
}

// The service's words for JSON of the wrong shape.
absl::Status Misshapen(const Json& json, const char* expected) {
  if (json.is_null()) return base::Error(absl::StatusCode::kOutOfRange, "Unexpected field type");
  const char* found = json.is_string()         ? "STRING_VALUE"
                      : json.is_boolean()      ? (json.get<bool>() ? "TRUE_VALUE" : "FALSE_VALUE")
                      : json.is_number_float() ? "DECIMAL_VALUE"
                      : json.is_number()       ? "NUMBER_VALUE"
                      : json.is_array()        ? "START_ARRAY"
                                               : "START_OBJECT";
  if (json.is_structured()) {
    return base::Error(absl::StatusCode::kOutOfRange, "Unrecognized collection type class {}",
                       json.is_array() ? "java.util.ArrayList" : "java.util.LinkedHashMap");
  }
  return base::Error(absl::StatusCode::kOutOfRange, "{} cannot be converted to {}", found,
                     expected);
}

absl::StatusOr<std::string> TextOf(const Json& json) {
  if (!json.is_string()) return Misshapen(json, "String");
  return json.get<std::string>();
}

absl::StatusOr<Binary> BinaryOf(const Json& json) {
  if (!json.is_string()) return Misshapen(json, "Blob");
  absl::StatusOr<std::string> bytes = base::Base64Decode(json.get_ref<const std::string&>());
  if (!bytes.ok()) {
    return base::Error(absl::StatusCode::kOutOfRange, "Invalid Base64 encoded value: '{}'",
                       json.get_ref<const std::string&>());
  }
  return Binary{*std::move(bytes)};
}

absl::StatusOr<Number> NumberOf(const Json& json) {
  SMELT_ASSIGN_OR_RETURN(const std::string text, TextOf(json));
  return Number::Parse(text);
}

std::string Joined(const Json& array) {
  std::string out;
  for (const Json& element : array) {
    if (!out.empty()) out += ", ";
    out += element.get<std::string>();
  }
  return out;
}

absl::StatusOr<Value> StringSetOf(const Json& json) {
  if (json.empty()) return Invalid("An string set  may not be empty");
  StringSet set;
  for (const Json& element : json) {
    SMELT_ASSIGN_OR_RETURN(std::string text, TextOf(element));
    set.insert(std::move(text));
  }
  if (set.size() != json.size()) {
    return Invalid(fmt::format("Input collection [{}] contains duplicates.", Joined(json)));
  }
  return Value(std::move(set));
}

absl::StatusOr<Value> NumberSetOf(const Json& json) {
  if (json.empty()) return Invalid("An number set  may not be empty");
  NumberSet set;
  for (const Json& element : json) {
    SMELT_ASSIGN_OR_RETURN(const Number number, NumberOf(element));
    set.insert(number);
  }
  if (set.size() != json.size()) {
    return base::InvalidArgument("Input collection contains duplicates");
  }
  return Value(std::move(set));
}

absl::StatusOr<Value> BinarySetOf(const Json& json) {
  if (json.empty()) return Invalid("Binary sets should not be empty");
  BinarySet set;
  for (const Json& element : json) {
    SMELT_ASSIGN_OR_RETURN(Binary binary, BinaryOf(element));
    set.insert(std::move(binary));
  }
  if (set.size() != json.size()) {
    return Invalid(
        fmt::format("Input collection [{}]of type BS contains duplicates.", Joined(json)));
  }
  return Value(std::move(set));
}

absl::StatusOr<Value> ParseValue(const Json& json, int depth);

absl::StatusOr<Map> ParseMembers(const Json& json, int depth) {
  if (!json.is_object()) return Misshapen(json, "Map");
  Map map;
  for (const auto& [name, member] : json.items()) {
    SMELT_ASSIGN_OR_RETURN(Value value, ParseValue(member, depth));
    map.emplace_hint(map.end(), name, std::move(value));
  }
  return map;
}

absl::StatusOr<Value> ParseList(const Json& json, int depth) {
  List list;
  list.reserve(json.size());
  for (const Json& element : json) {
    SMELT_ASSIGN_OR_RETURN(Value value, ParseValue(element, depth));
    list.push_back(std::move(value));
  }
  return Value(std::move(list));
}

std::optional<ValueType> TypeOfName(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(ValueType::kBinarySet); ++i) {
    if (TypeName(static_cast<ValueType>(i)) == name) return static_cast<ValueType>(i);
  }
  return std::nullopt;
}

// `depth` counts the lists and maps around this value.
absl::StatusOr<Value> ParseValue(const Json& json, int depth) {
  if (!json.is_object()) return Misshapen(json, "AttributeValue");
  const Json* member = nullptr;
  ValueType type{};
  for (const auto& [name, candidate] : json.items()) {
    const std::optional<ValueType> known = TypeOfName(name);
    if (!known) continue;  // the service overlooks members that it does not know
    if (member != nullptr) {
      return base::InvalidArgument(
          "Supplied AttributeValue has more than one datatypes set, must contain exactly one of "
          "the "
          "supported datatypes");
    }
    member = &candidate;
    type = *known;
  }
  if (member == nullptr) {
    return base::InvalidArgument(
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  }
  const bool is_collection = type == ValueType::kList || type >= ValueType::kStringSet;
  if (is_collection && !member->is_array()) return Misshapen(*member, "Collection");
  if ((type == ValueType::kList || type == ValueType::kMap) && depth >= kMaxNesting) {
    return base::InvalidArgument("Nesting Levels have exceeded supported limits");
  }
  switch (type) {
    case ValueType::kNull:
      if (!member->is_boolean()) return Misshapen(*member, "Boolean");
      if (!member->get<bool>())
        return Invalid("Null attribute value types must have the value of true");
      return Value();
    case ValueType::kBool:
      if (!member->is_boolean()) return Misshapen(*member, "Boolean");
      return Value(member->get<bool>());
    case ValueType::kString: {
      SMELT_ASSIGN_OR_RETURN(std::string text, TextOf(*member));
      return Value(std::move(text));
    }
    case ValueType::kNumber: {
      SMELT_ASSIGN_OR_RETURN(const Number number, NumberOf(*member));
      return Value(number);
    }
    case ValueType::kBinary: {
      SMELT_ASSIGN_OR_RETURN(Binary binary, BinaryOf(*member));
      return Value(std::move(binary));
    }
    case ValueType::kList:
      return ParseList(*member, depth + 1);
    case ValueType::kMap: {
      SMELT_ASSIGN_OR_RETURN(Map map, ParseMembers(*member, depth + 1));
      return Value(std::move(map));
    }
    case ValueType::kStringSet:
      return StringSetOf(*member);
    case ValueType::kNumberSet:
      return NumberSetOf(*member);
    case ValueType::kBinarySet:
      return BinarySetOf(*member);
  }
  return base::Internal("unknown attribute type");
}

struct Writer {
  std::string* out;

  void operator()(const Null&) const { *out += R"({"NULL":true})"; }
  void operator()(bool value) const { *out += value ? R"({"BOOL":true})" : R"({"BOOL":false})"; }
  void operator()(const std::string& text) const {
    *out += R"({"S":)";
    AppendJsonString(text, out);
    *out += '}';
  }
  void operator()(const Number& number) const {
    *out += R"({"N":")";
    *out += number.ToString();
    *out += "\"}";
  }
  void operator()(const Binary& binary) const {
    *out += R"({"B":")";
    *out += base::Base64Encode(binary.bytes);
    *out += "\"}";
  }
  void operator()(const List& list) const {
    *out += R"({"L":[)";
    for (size_t i = 0; i < list.size(); ++i) {
      if (i > 0) *out += ',';
      AppendJson(list[i], out);
    }
    *out += "]}";
  }
  void operator()(const Map& map) const {
    *out += R"({"M":)";
    AppendJson(map, out);
    *out += '}';
  }
  void operator()(const StringSet& set) const {
    WriteSet("SS", set, [this](const std::string& text) { AppendJsonString(text, out); });
  }
  void operator()(const NumberSet& set) const {
    WriteSet("NS", set, [this](const Number& number) { *out += '"' + number.ToString() + '"'; });
  }
  void operator()(const BinarySet& set) const {
    WriteSet("BS", set, [this](const Binary& binary) {
      *out += '"' + base::Base64Encode(binary.bytes) + '"';
    });
  }

 private:
  template <typename Set, typename Write>
  void WriteSet(const char* type, const Set& set, const Write& write) const {
    *out += "{\"";
    *out += type;
    *out += "\":[";
    bool first = true;
    for (const auto& element : set) {
      if (!first) *out += ',';
      first = false;
      write(element);
    }
    *out += "]}";
  }
};

}  // namespace

absl::StatusOr<Value> ValueFromJson(const Json& json) { return ParseValue(json, 0); }

absl::StatusOr<Item> ItemFromJson(const Json& json) { return ParseMembers(json, 0); }

absl::StatusOr<Item> ItemFromText(std::string_view text) {
  SMELT_ASSIGN_OR_RETURN(const Json json, base::ParseJson(text, "an item"));
  return ItemFromJson(json);
}

Json ToJson(const Item& item) {
  Json object = Json::object();
  for (const auto& [name, value] : item) object[name] = ToJson(value);
  return object;
}

Json ToJson(const Value& value) {
  Json content;
  switch (value.type()) {
    case ValueType::kNull:
      content = true;
      break;
    case ValueType::kBool:
      content = value.boolean();
      break;
    case ValueType::kString:
      content = value.string();
      break;
    case ValueType::kNumber:
      content = value.number().ToString();
      break;
    case ValueType::kBinary:
      content = base::Base64Encode(value.binary());
      break;
    case ValueType::kList:
      content = Json::array();
      for (const Value& element : value.list()) content.push_back(ToJson(element));
      break;
    case ValueType::kMap:
      content = ToJson(value.map());
      break;
    case ValueType::kStringSet:
      content = value.string_set();
      break;
    case ValueType::kNumberSet:
      content = Json::array();
      for (const Number& number : value.number_set()) content.push_back(number.ToString());
      break;
    case ValueType::kBinarySet:
      content = Json::array();
      for (const Binary& binary : value.binary_set()) {
        content.push_back(base::Base64Encode(binary.bytes));
      }
      break;
  }
  return Json{{std::string(TypeName(value.type())), std::move(content)}};
}

void AppendJson(const Value& value, std::string* out) { std::visit(Writer{out}, value.data()); }

void AppendJson(const Item& item, std::string* out) {
  *out += '{';
  bool first = true;
  for (const auto& [name, value] : item) {
    if (!first) *out += ',';
    first = false;
    AppendJsonString(name, out);
    *out += ':';
    AppendJson(value, out);
  }
  *out += '}';
}

std::string ToText(const Item& item) {
  std::string out;
  AppendJson(item, &out);
  return out;
}

void AppendJsonString(std::string_view text, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  *out += '"';
  size_t plain_from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out->append(text, plain_from, i - plain_from);
    plain_from = i + 1;
    switch (c) {
      case '"':
        *out += "\\\"";
        break;
      case '\\':
        *out += "\\\\";
        break;
      case '\n':
        *out += "\\n";
        break;
      case '\r':
        *out += "\\r";
        break;
      case '\t':
        *out += "\\t";
        break;
      default:
        *out += "\\u00";
        *out += kHex[c >> 4];
        *out += kHex[c & 15];
    }
  }
  out->append(text, plain_from);
  *out += '"';
}

}  // namespace smelt::dynamodb
