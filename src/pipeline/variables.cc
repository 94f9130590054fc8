#include "pipeline/variables.h"

#include <utility>

namespace smelt::pipeline {
namespace {

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

// The first ${name} at or after `from`: its place in `text` and its name.
struct Reference {
  size_t begin, end;
  std::string name;
};
std::optional<Reference> NextReference(std::string_view text, size_t from) {
  while (true) {
    const size_t begin = text.find("${", from);
    if (begin == std::string_view::npos) return std::nullopt;
    size_t end = begin + 2;
    while (end < text.size() && IsNameByte(text[end])) ++end;
    if (end > begin + 2 && end < text.size() && text[end] == '}') {
      return Reference{begin, end + 1, std::string(text.substr(begin + 2, end - begin - 2))};
    }
    from = begin + 2;
  }
}

// The place of the reference itself within a scalar, where the scalar stands in the file as it is.
Place PlaceOf(const YamlNode& node, const Reference& reference) {
  const std::string written = "${" + reference.name + "}";
  const size_t at = node.place.text().find(written);
  if (at == std::string_view::npos) return node.place;
  const uint32_t begin = node.place.span.begin + static_cast<uint32_t>(at);
  return {node.place.source, {begin, begin + static_cast<uint32_t>(written.size())}};
}

}  // namespace

void Variables::Define(std::string name, YamlNode value) {
  values_.insert_or_assign(std::move(name), std::move(value));
}

void Variables::Define(std::string name, std::string value) {
  YamlNode node;
  node.kind = YamlNode::Kind::kScalar;
  node.scalar = std::move(value);
  Define(std::move(name), std::move(node));
}

void Variables::DefinePrefix(
    std::string prefix, std::function<std::optional<std::string>(const std::string&)> look_up) {
  prefixes_.insert_or_assign(std::move(prefix), std::move(look_up));
}

void Variables::Replace(YamlNode* node) {
  if (node->is_scalar()) ReplaceScalar(node);
  for (YamlNode& item : node->items) Replace(&item);
  for (YamlNode::Member& member : node->members) Replace(&member.value);
}

void Variables::ReplaceScalar(YamlNode* node) {
  std::string replaced;
  size_t done = 0;
  while (const std::optional<Reference> reference = NextReference(node->scalar, done)) {
    const std::optional<YamlNode> value = ValueOf(reference->name, PlaceOf(*node, *reference));
    if (!value) return;
    const bool is_whole = reference->begin == 0 && reference->end == node->scalar.size();
    if (is_whole) {
      const Place place = node->place;
      *node = *value;
      node->place = place;
      return;
    }
    if (!value->is_scalar()) {
      diagnostics_->push_back(
          MistakeAt(PlaceOf(*node, *reference),
                    fmt::format("'{}' is no single value, so it cannot stand within a text",
                                reference->name)));
      return;
    }
    replaced += node->scalar.substr(done, reference->begin - done) + value->scalar;
    done = reference->end;
  }
  if (done == 0) return;
  node->scalar = replaced + node->scalar.substr(done);
  node->is_plain = false;
}

std::optional<YamlNode> Variables::ValueOf(const std::string& name, const Place& place) {
  for (const auto& [prefix, look_up] : prefixes_) {
    if (name.rfind(prefix, 0) != 0) continue;
    std::optional<std::string> value = look_up(name.substr(prefix.size()));
    if (!value) {
      diagnostics_->push_back(MistakeAt(place, fmt::format("'{}' is not set", name)));
      return std::nullopt;
    }
    YamlNode node;
    node.kind = YamlNode::Kind::kScalar;
    node.scalar = *std::move(value);
    return node;
  }
  const auto found = values_.find(name);
  if (found == values_.end()) {
    diagnostics_->push_back(
        MistakeAt(place, fmt::format("there is no '{}'", name), sql::SuggestName(name, Names())));
    return std::nullopt;
  }
  if (!open_.insert(name).second) {
    diagnostics_->push_back(
        MistakeAt(place, fmt::format("the value of '{}' refers to itself", name)));
    return std::nullopt;
  }
  const size_t mistakes = diagnostics_->size();
  YamlNode value = found->second;
  Replace(&value);
  open_.erase(name);
  if (diagnostics_->size() > mistakes) {
    found->second = YamlNode{};  // said once
    found->second.kind = YamlNode::Kind::kScalar;
    return std::nullopt;
  }
  found->second = value;
  return value;
}

std::vector<std::string> Variables::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : values_) names.push_back(name);
  return names;
}

}  // namespace smelt::pipeline
