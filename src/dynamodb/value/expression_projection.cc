#include <algorithm>
#include <span>

#include "base/status.h"
#include "dynamodb/value/expression.h"
#include "dynamodb/value/expression_tree.h"

namespace smelt::dynamodb {
namespace {

// The rests of the paths that lead through one value. One that is used up takes the whole value:
// since no two paths overlap, it is then alone.
using Rests = std::vector<std::span<const PathElement>>;

Value Part(const Value& value, const Rests& rests);

// The rests whose first element is `element`, without it.
template <typename Element>
Rests Beyond(const Rests& rests, const Element& element) {
  Rests out;
  for (const auto& rest : rests) {
    const auto* first = std::get_if<Element>(&rest.front());
    if (first != nullptr && *first == element) out.push_back(rest.subspan(1));
  }
  return out;
}

// Whether the rest leads to something in the value.
bool Leads(const Value& value, std::span<const PathElement> rest) {
  const Value* at = &value;
  for (const PathElement& element : rest) {
    if (const auto* name = std::get_if<std::string>(&element)) {
      if (!at->is(ValueType::kMap)) return false;
      const auto found = at->map().find(*name);
      if (found == at->map().end()) return false;
      at = &found->second;
    } else {
      const size_t index = std::get<size_t>(element);
      if (!at->is(ValueType::kList) || index >= at->list().size()) return false;
      at = &at->list()[index];
    }
  }
  return true;
}

Map PartOfMap(const Map& map, const Rests& rests) {
  Map out;
  for (const auto& [name, member] : map) {
    const Rests beyond = Beyond(rests, name);
    if (!beyond.empty()) out.emplace_hint(out.end(), name, Part(member, beyond));
  }
  return out;
}

List PartOfList(const List& list, const Rests& rests) {
  List out;
  for (size_t index = 0; index < list.size(); ++index) {
    const Rests beyond = Beyond(rests, index);
    if (!beyond.empty()) out.push_back(Part(list[index], beyond));
  }
  return out;
}

Value Part(const Value& value, const Rests& rests) {
  if (rests.front().empty()) return value;
  if (value.is(ValueType::kMap)) return Value(PartOfMap(value.map(), rests));
  return Value(PartOfList(value.list(), rests));
}

}  // namespace

absl::StatusOr<Projection> Projection::Compile(std::string_view text, Placeholders* placeholders) {
  absl::StatusOr<std::vector<Path>> paths = internal::ParsePaths(text, placeholders);
  if (!paths.ok()) return base::Annotate(paths.status(), "Invalid ProjectionExpression");
  return Projection(*std::move(paths));
}

Projection Projection::OfNames(const std::vector<std::string>& names) {
  std::vector<Path> paths;
  for (const std::string& name : names) paths.push_back({PathElement(name)});
  return Projection(std::move(paths));
}

Item Projection::Apply(const Item& item) const {
  Item out;
  for (const auto& [name, value] : item) {
    Rests rests;
    for (const Path& path : paths_) {
      if (std::get<std::string>(path.front()) != name) continue;
      const auto rest = std::span(path).subspan(1);
      if (Leads(value, rest)) rests.push_back(rest);
    }
    if (!rests.empty()) out.emplace_hint(out.end(), name, Part(value, rests));
  }
  return out;
}

}  // namespace smelt::dynamodb
