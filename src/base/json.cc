#include "base/json.h"

#include "base/status.h"

namespace smelt::base {

absl::StatusOr<Json> ParseJson(std::string_view text, std::string_view what) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    return DataLoss("{} is not JSON: {}", what, error.what());
  }
}

absl::StatusOr<std::string> StringField(const Json& object, const char* name,
                                        std::string_view what) {
  const auto it = object.find(name);
  if (it == object.end() || !it->is_string()) {
    return DataLoss("{} has no text member '{}'", what, name);
  }
  return it->get<std::string>();
}

absl::StatusOr<int64_t> IntField(const Json& object, const char* name, std::string_view what) {
  const auto it = object.find(name);
  if (it == object.end() || !it->is_number_integer()) {
    return DataLoss("{} has no integer member '{}'", what, name);
  }
  return it->get<int64_t>();
}

std::string StringOr(const Json& object, const char* name, std::string fallback) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : fallback;
}

int64_t IntOr(const Json& object, const char* name, int64_t fallback) {
  const auto it = object.find(name);
  return it != object.end() && it->is_number_integer() ? it->get<int64_t>() : fallback;
}

}  // namespace smelt::base
