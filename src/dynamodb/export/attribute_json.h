#pragma once

// How DynamoDB JSON is walked with simdjson's On-Demand API: what the decoder and the inference
// share. Nothing here allocates and nothing throws; a line that is not DynamoDB JSON is an outcome
// (false), not an error.

#include <simdjson.h>

#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "dynamodb/value/value.h"

namespace smelt::dynamodb {

namespace ondemand = simdjson::ondemand;

// The type that an attribute value's one member names; nullopt where there is no such type.
inline std::optional<ValueType> TypeOfTag(std::string_view tag) {
  if (tag.size() == 1) {
    switch (tag[0]) {
      case 'S':
        return ValueType::kString;
      case 'N':
        return ValueType::kNumber;
      case 'B':
        return ValueType::kBinary;
      case 'L':
        return ValueType::kList;
      case 'M':
        return ValueType::kMap;
      default:
        return std::nullopt;
    }
  }
  if (tag.size() == 2 && tag[1] == 'S') {
    if (tag[0] == 'S') return ValueType::kStringSet;
    if (tag[0] == 'N') return ValueType::kNumberSet;
    if (tag[0] == 'B') return ValueType::kBinarySet;
  }
  if (tag == "BOOL") return ValueType::kBool;
  if (tag == "NULL") return ValueType::kNull;
  return std::nullopt;
}

// Calls visit(type, value) for an attribute value {"<type>": value}, where visit returns whether it
// was well-formed. False where the value is anything else, or has more than one member.
template <typename Visit>
bool VisitTyped(ondemand::value attribute, const Visit& visit) {
  ondemand::object object;
  if (attribute.get_object().get(object) != simdjson::SUCCESS) return false;
  ondemand::object_iterator it, end;
  if (object.begin().get(it) != simdjson::SUCCESS || object.end().get(end) != simdjson::SUCCESS ||
      !(it != end)) {
    return false;
  }
  ondemand::field member;
  if ((*it).get(member) != simdjson::SUCCESS) return false;
  const std::optional<ValueType> type = TypeOfTag(member.escaped_key());
  if (!type || !visit(*type, member.value())) return false;
  ++it;
  return !(it != end);  // an error keeps it from the end, too
}

// Calls visit(escaped_key, value) for each member, where visit returns whether it was well-formed.
template <typename Visit>
bool VisitMembers(ondemand::value value, const Visit& visit) {
  ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) return false;
  for (auto member_or_error : object) {
    ondemand::field member;
    if (std::move(member_or_error).get(member) != simdjson::SUCCESS) return false;
    if (!visit(member.escaped_key(), member.value())) return false;
  }
  return true;
}

// Calls visit(value) for each element, where visit returns whether it was well-formed.
template <typename Visit>
bool VisitElements(ondemand::value value, const Visit& visit) {
  ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) return false;
  for (auto element_or_error : array) {
    ondemand::value element;
    // get() asks for an rvalue. NOLINTNEXTLINE(performance-move-const-arg)
    if (std::move(element_or_error).get(element) != simdjson::SUCCESS) return false;
    if (!visit(element)) return false;
  }
  return true;
}

// The text between the quotes of a JSON string, escapes and all; nullopt where the value is no
// string.
inline std::optional<std::string_view> QuotedText(ondemand::value& value) {
  std::string_view token = value.raw_json_token();
  while (token.size() > 2 && token.back() != '"') token.remove_suffix(1);  // blanks
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return std::nullopt;
  return token.substr(1, token.size() - 2);
}

inline bool HasEscape(std::string_view quoted) {
  return std::memchr(quoted.data(), '\\', quoted.size()) != nullptr;
}

// A member's name without its escapes; nullopt where they are wrong. For the rare name that
// HasEscape.
std::optional<std::string> UnescapedName(std::string_view escaped);

// The bytes of the JSON value that begins at `begin`, which is known to be well-formed; 0 where it
// nests deeper than DynamoDB allows.
size_t JsonValueSize(const char* begin, const char* end);

}  // namespace smelt::dynamodb
