#include "pipeline/yaml_fields.h"

#include <algorithm>
#include <utility>

namespace smelt::pipeline {

YamlFields::YamlFields(const YamlNode& node, std::string what,
                       std::vector<sql::Diagnostic>* diagnostics)
    : node_(node), what_(std::move(what)), diagnostics_(diagnostics) {
  if (!node.is_mapping() && !node.is_null()) {
    diagnostics_->push_back(
        MistakeAt(node.place, fmt::format("{} must be a mapping: key: value", what_)));
  }
}

void YamlFields::AllowOnly(std::initializer_list<std::string_view> known,
                           std::initializer_list<std::string_view> ignored) const {
  for (const YamlNode::Member& member : node_.members) {
    if (std::find(known.begin(), known.end(), member.key) != known.end() ||
        std::find(ignored.begin(), ignored.end(), member.key) != ignored.end()) {
      continue;
    }
    std::vector<std::string> names(known.begin(), known.end());
    names.insert(names.end(), ignored.begin(), ignored.end());
    diagnostics_->push_back(MistakeAt(member.place,
                                      fmt::format("{} has no field '{}'", what_, member.key),
                                      sql::SuggestName(member.key, names)));
  }
}

const YamlNode* YamlFields::Find(std::string_view key) const {
  const YamlNode* const value = node_.Find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

const YamlNode* YamlFields::OfKind(std::string_view key, YamlNode::Kind kind,
                                   const char* kind_name) const {
  const YamlNode* const value = Find(key);
  if (value == nullptr || value->kind == kind) return value;
  diagnostics_->push_back(
      MistakeAt(value->place, fmt::format("'{}' of {} must be {}", key, what_, kind_name)));
  return nullptr;
}

const YamlNode* YamlFields::Scalar(std::string_view key) const {
  return OfKind(key, YamlNode::Kind::kScalar, "a single value");
}

const YamlNode* YamlFields::Mapping(std::string_view key) const {
  return OfKind(key, YamlNode::Kind::kMapping, "a mapping: key: value");
}

const YamlNode* YamlFields::Sequence(std::string_view key) const {
  return OfKind(key, YamlNode::Kind::kSequence, "a list");
}

std::string YamlFields::StringOr(std::string_view key, std::string fallback) const {
  const YamlNode* const value = Scalar(key);
  return value == nullptr ? fallback : value->scalar;
}

bool YamlFields::BoolOr(std::string_view key, bool fallback) const {
  const YamlNode* const value = Scalar(key);
  if (value == nullptr) return fallback;
  if (value->scalar == "true") return true;
  if (value->scalar != "false") {
    diagnostics_->push_back(
        MistakeAt(value->place, fmt::format("'{}' of {} must be true or false", key, what_)));
  }
  return false;
}

}  // namespace smelt::pipeline
