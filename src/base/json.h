#pragma once

// JSON for manifests, logs of the lake and the command line: nlohmann's values with errors as
// absl::Status. Item data in bulk goes through simdjson instead (dynamodb/export).

#include <absl/status/statusor.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace smelt::base {

using Json = nlohmann::json;
// Keeps the order of keys as they were added: for what people read.
using OrderedJson = nlohmann::ordered_json;

// Parses a whole document; `what` names it in the error ("manifest-summary.json of export 01..").
absl::StatusOr<Json> ParseJson(std::string_view text, std::string_view what);

// A member of an object, with an error that names the member and `what` where it is missing or of
// another type.
absl::StatusOr<std::string> StringField(const Json& object, const char* name,
                                        std::string_view what);
absl::StatusOr<int64_t> IntField(const Json& object, const char* name, std::string_view what);

// The member, or `fallback` where it is absent, null or of another type.
std::string StringOr(const Json& object, const char* name, std::string fallback);
int64_t IntOr(const Json& object, const char* name, int64_t fallback);

}  // namespace smelt::base
