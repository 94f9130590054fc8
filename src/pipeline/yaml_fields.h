#pragma once

// Reads the members of a YAML mapping by name and kind. What has another kind than expected, and
// members that the mapping cannot have, become diagnostics with the nearest name.

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/yaml_node.h"

namespace smelt::pipeline {

class YamlFields {
 public:
  // `what` names the mapping in messages: "a pipeline", "targets.dev". A null node has no members;
  // another kind is a mistake.
  YamlFields(const YamlNode& node, std::string what, std::vector<sql::Diagnostic>* diagnostics);

  // Complains about every member that is in neither list. `known` are read here or elsewhere;
  // `ignored` have a meaning on Databricks and none here.
  void AllowOnly(std::initializer_list<std::string_view> known,
                 std::initializer_list<std::string_view> ignored = {}) const;

  // Null where the member is absent or null.
  const YamlNode* Find(std::string_view key) const;
  // As Find, and null after a complaint where the member is not of that kind.
  const YamlNode* Scalar(std::string_view key) const;
  const YamlNode* Mapping(std::string_view key) const;
  const YamlNode* Sequence(std::string_view key) const;
  std::string StringOr(std::string_view key, std::string fallback) const;
  bool BoolOr(std::string_view key, bool fallback) const;

 private:
  const YamlNode* OfKind(std::string_view key, YamlNode::Kind kind, const char* kind_name) const;

  const YamlNode& node_;
  std::string what_;
  std::vector<sql::Diagnostic>* diagnostics_;
};

}  // namespace smelt::pipeline
