#include "dynamodb/store/api_parameters.h"

#include <algorithm>

#include "base/status.h"
#include "dynamodb/value/value_json.h"

namespace smelt::dynamodb::store {

using base::Json;

namespace {

constexpr size_t kMaxViolations = 10;

bool IsTableNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

std::string Quoted(std::string_view text) { return fmt::format("'{}'", text); }

// "#name" or ":value": the mark, then word characters.
bool IsPlaceholder(std::string_view key, char mark) {
  return key.size() > 1 && key.front() == mark &&
         std::all_of(key.begin() + 1, key.end(),
                     [](char c) { return IsTableNameCharacter(c) && c != '.' && c != '-'; });
}

absl::Status CheckPlaceholderKeys(const Json& object, char mark, const char* parameter) {
  if (!object.is_object()) {
    return base::Error(absl::StatusCode::kOutOfRange, "Unexpected field type");
  }
  if (object.empty()) return base::InvalidArgument("{} must not be empty", parameter);
  for (const auto& [key, value] : object.items()) {
    if (IsPlaceholder(key, mark)) continue;
    return base::InvalidArgument("{} contains invalid key: Syntax error; key: \"{}\"", parameter,
                                 key);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, std::string>> ReadNames(const Json& object) {
  SMELT_RETURN_IF_ERROR(CheckPlaceholderKeys(object, '#', "ExpressionAttributeNames"));
  std::map<std::string, std::string> names;
  for (const auto& [key, value] : object.items()) {
    if (!value.is_string()) {
      return base::Error(absl::StatusCode::kOutOfRange, "Unexpected field type");
    }
    names[key] = value.get<std::string>();
  }
  return names;
}

absl::StatusOr<Item> ReadValues(const Json& object) {
  SMELT_RETURN_IF_ERROR(CheckPlaceholderKeys(object, ':', "ExpressionAttributeValues"));
  Item values;
  for (const auto& [key, json] : object.items()) {
    absl::StatusOr<Value> value = ValueFromJson(json);
    if (!value.ok() && value.status().code() == absl::StatusCode::kInvalidArgument) {
      return base::InvalidArgument(
          "ExpressionAttributeValues contains invalid value: {} for key {}",
          base::Message(value.status()), key);
    }
    SMELT_RETURN_IF_ERROR(value.status());
    values[key] = *std::move(value);
  }
  return values;
}

}  // namespace

const Json* Parameters::Member(const char* name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::string Parameters::PathOf(const char* name) const {
  std::string path(name);
  if (path.front() >= 'A' && path.front() <= 'Z') {
    path.front() = static_cast<char>(path.front() + ('a' - 'A'));
  }
  return path_.empty() ? path : path_ + "." + path;
}

void Parameters::Fail(absl::Status status) {
  if (failure_.ok()) failure_ = std::move(status);
}

void Parameters::Misshapen(const Json& member, const char* expected) {
  if (member.is_object()) {
    return Fail(base::Error(absl::StatusCode::kOutOfRange,
                            "Start of structure or map found where not expected"));
  }
  const char* found = member.is_array()     ? "START_ARRAY"
                      : member.is_string()  ? "STRING_VALUE"
                      : member.is_boolean() ? (member.get<bool>() ? "TRUE_VALUE" : "FALSE_VALUE")
                      : member.is_number_float() ? "DECIMAL_VALUE"
                                                 : "NUMBER_VALUE";
  Fail(base::Error(absl::StatusCode::kOutOfRange, "{} cannot be converted to {}", found, expected));
}

void Parameters::Violate(const char* name, std::string_view shown, std::string_view constraint) {
  if (violations_.size() == kMaxViolations) return;
  violations_.push_back(fmt::format("Value {} at '{}' failed to satisfy constraint: {}", shown,
                                    PathOf(name), constraint));
}

void Parameters::Merge(Parameters other) {
  Fail(std::move(other.failure_));
  for (std::string& violation : other.violations_) violations_.push_back(std::move(violation));
}

absl::Status Parameters::Check() const {
  SMELT_RETURN_IF_ERROR(failure_);
  if (violations_.empty()) return absl::OkStatus();
  return base::InvalidArgument("{} validation error{} detected: {}", violations_.size(),
                               violations_.size() == 1 ? "" : "s", fmt::join(violations_, "; "));
}

std::string Parameters::String(const char* name) {
  const Json* member = Member(name);
  if (member == nullptr) return {};
  if (member->is_string()) return member->get<std::string>();
  Misshapen(*member, "String");
  return {};
}

std::string Parameters::RequiredString(const char* name) {
  if (!Has(name)) Violate(name, "null", "Member must not be null");
  return String(name);
}

std::string Parameters::RequiredTableName(const char* name) {
  std::string table = RequiredString(name);
  if (!Has(name)) return table;
  if (!std::all_of(table.begin(), table.end(), IsTableNameCharacter) || table.empty()) {
    Violate(name, Quoted(table), "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
  }
  if (table.size() < 3) {
    Violate(name, Quoted(table), "Member must have length greater than or equal to 3");
  }
  if (table.size() > 255) {
    Violate(name, Quoted(table), "Member must have length less than or equal to 255");
  }
  return table;
}

std::string Parameters::Enum(const char* name, std::initializer_list<const char*> values) {
  if (!Has(name)) return *values.begin();
  std::string value = String(name);
  if (std::find(values.begin(), values.end(), value) == values.end()) {
    Violate(name, Quoted(value),
            fmt::format("Member must satisfy enum value set: [{}]", fmt::join(values, ", ")));
  }
  return value;
}

int64_t Parameters::Integer(const char* name, int64_t minimum, int64_t fallback) {
  const Json* member = Member(name);
  if (member == nullptr) return fallback;
  if (!member->is_number()) {
    Misshapen(*member, "Integer");
    return fallback;
  }
  // A fraction is cut, as the service does; what no integer holds becomes the nearest.
  const double real = std::clamp(member->get<double>(), -9e18, 9e18);
  const int64_t value =
      member->is_number_float() ? static_cast<int64_t>(real) : member->get<int64_t>();
  if (value < minimum) {
    Violate(name, Quoted(fmt::to_string(value)),
            fmt::format("Member must have value greater than or equal to {}", minimum));
  }
  return value;
}

int64_t Parameters::RequiredInteger(const char* name, int64_t minimum) {
  if (!Has(name)) Violate(name, "null", "Member must not be null");
  return Integer(name, minimum, minimum);
}

bool Parameters::Bool(const char* name, bool fallback) {
  const Json* member = Member(name);
  if (member == nullptr) return fallback;
  if (member->is_boolean()) return member->get<bool>();
  Misshapen(*member, "Boolean");
  return fallback;
}

Item Parameters::OptionalItem(const char* name) {
  const Json* member = Member(name);
  if (member == nullptr) return {};
  absl::StatusOr<Item> item = ItemFromJson(*member);
  if (item.ok()) return *std::move(item);
  Fail(item.status());
  return {};
}

Item Parameters::RequiredItem(const char* name) {
  if (!Has(name)) Violate(name, "null", "Member must not be null");
  return OptionalItem(name);
}

absl::StatusOr<Placeholders> ReadPlaceholders(const Parameters& parameters,
                                              std::initializer_list<const char*> expressions) {
  bool has_expression = false;
  bool has_condition = false;
  std::vector<std::string_view> conditions;
  for (const std::string_view expression : expressions) {
    const bool is_there = parameters.Has(expression.data());
    has_expression |= is_there;
    if (expression == "ProjectionExpression") continue;  // takes no values
    has_condition |= is_there;
    conditions.push_back(expression);
  }
  const Json* names = parameters.Member("ExpressionAttributeNames");
  const Json* values = parameters.Member("ExpressionAttributeValues");
  if (names != nullptr && !has_expression) {
    return base::InvalidArgument(
        "ExpressionAttributeNames can only be specified when using expressions");
  }
  if (values != nullptr && !has_condition) {
    return base::InvalidArgument(
        "ExpressionAttributeValues can only be specified when using expressions: {} {} null",
        fmt::join(conditions, " and "), conditions.size() == 1 ? "is" : "are");
  }
  std::map<std::string, std::string> read_names;
  Item read_values;
  if (names != nullptr) {
    SMELT_ASSIGN_OR_RETURN(read_names, ReadNames(*names));
  }
  if (values != nullptr) {
    SMELT_ASSIGN_OR_RETURN(read_values, ReadValues(*values));
  }
  return Placeholders(std::move(read_names), std::move(read_values));
}

absl::Status RefuseLegacy(const Parameters& parameters, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (!parameters.Has(name)) continue;
    return base::InvalidArgument(
        "The parameter {} is not supported by the embedded store: use an expression", name);
  }
  return absl::OkStatus();
}

}  // namespace smelt::dynamodb::store
