#include "dynamodb/value/expression_path.h"

#include <fmt/format.h>

namespace smelt::dynamodb {
namespace {

const Value* Member(const Map& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

const Value* Resolve(const Item& item, const Path& path) {
  const Value* value = Member(item, std::get<std::string>(path.front()));
  for (size_t i = 1; i < path.size() && value != nullptr; ++i) {
    if (const auto* name = std::get_if<std::string>(&path[i])) {
      value = value->is(ValueType::kMap) ? Member(value->map(), *name) : nullptr;
    } else {
      const size_t index = std::get<size_t>(path[i]);
      const bool is_there = value->is(ValueType::kList) && index < value->list().size();
      value = is_there ? &value->list()[index] : nullptr;
    }
  }
  return value;
}

std::string Describe(const Path& path) {
  std::string out = "[";
  for (const PathElement& element : path) {
    if (out.size() > 1) out += ", ";
    if (const auto* name = std::get_if<std::string>(&element)) {
      out += *name;
    } else {
      out += fmt::format("[{}]", std::get<size_t>(element));
    }
  }
  return out + "]";
}

}  // namespace smelt::dynamodb
