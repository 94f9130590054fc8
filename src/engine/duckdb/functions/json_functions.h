#pragma once

// Spark's JSON functions over texts. A parser of its own, since Spark gives back parts of the text
// as they were written, takes single quotes and NaN, and passes over what follows the first value.
// Pure; thread-safe.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace smelt::duck {

struct JsonValue {
  enum class Kind { kNull, kBoolean, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  std::string text;      // of a string; the letters of a number, "true" or "false"
  std::string_view raw;  // as it was written; views the text that was parsed
  std::vector<JsonValue> items;
  std::vector<std::pair<std::string, JsonValue>> members;

  // The last member of that name; nullptr where there is none.
  const JsonValue* Find(std::string_view name) const;
};

// The first value of the text, which has to outlive the result; nullopt where it is not JSON.
std::optional<JsonValue> ParseJson(std::string_view text);

// get_json_object: '$', '.name', "['name']", '[3]', '[*]'. Strings come without quotes.
absl::StatusOr<std::optional<std::string>> GetJsonObject(std::string_view json,
                                                         std::string_view path);
// A member of the object, as json_tuple gives it.
std::optional<std::string> JsonField(std::string_view json, std::string_view name);
// A value as text: a string as it is, others as compact JSON.
std::string JsonText(const JsonValue& json);
std::optional<int32_t> JsonArrayLength(std::string_view json);
std::optional<std::vector<std::string>> JsonObjectKeys(std::string_view json);
// "STRUCT<a: BIGINT, b: ARRAY<DOUBLE>>".
absl::StatusOr<std::string> SchemaOfJson(std::string_view json);

void AppendJsonString(std::string_view text, std::string& out);
// A decimal's digits as BigDecimal.toString writes them: "1E-7" for 0.0000001.
std::string JsonDecimal(const std::string& plain);

}  // namespace smelt::duck
