#include "dynamodb/export/attribute_json.h"

#include "dynamodb/value/value_json.h"

namespace smelt::dynamodb {

std::optional<std::string> UnescapedName(std::string_view escaped) {
  const simdjson::padded_string document("\"" + std::string(escaped) + "\"");
  ondemand::parser parser;
  ondemand::document parsed;
  std::string_view name;
  if (parser.iterate(document).get(parsed) != simdjson::SUCCESS ||
      parsed.get_string().get(name) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return std::string(name);
}

size_t JsonValueSize(const char* begin, const char* end) {
  // Each of an item's levels is two of JSON: the type's object, and the list or map in it.
  constexpr int kMaxDepth = 2 * kMaxNesting + 1;
  int depth = 0;
  bool in_string = false;
  for (const char* at = begin; at < end; ++at) {
    const char c = *at;
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) return 0;
    } else if (c == '}' || c == ']') {
      if (--depth == 0) return static_cast<size_t>(at - begin) + 1;
    }
  }
  return 0;
}

}  // namespace smelt::dynamodb
