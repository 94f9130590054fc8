#pragma once

// A YAML document as a plain tree in which every value knows its place. yaml-cpp stops here. Files
// are merged and variables replaced on this tree, so a complaint always points at what a person
// wrote.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "pipeline/spec.h"
#include "sql/diagnostic.h"

namespace smelt::pipeline {

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMapping };
  struct Member;

  Kind kind = Kind::kNull;
  std::string scalar;
  bool is_plain = false;        // a scalar without quotes: may mean a number, true or null
  std::vector<YamlNode> items;  // of a sequence
  std::vector<Member> members;  // of a mapping, in order; keys are unique
  Place place;

  bool is_mapping() const { return kind == Kind::kMapping; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_null() const { return kind == Kind::kNull; }

  // The member of a mapping; null where there is none, or where this is no mapping.
  const YamlNode* Find(std::string_view key) const;
  YamlNode* Find(std::string_view key);
};

struct YamlNode::Member {
  std::string key;
  Place place;  // the key's
  YamlNode value;
};

// One document; mistakes go to `diagnostics`, and nullopt comes back. An empty file is a null node.
std::optional<YamlNode> ParseYaml(const std::shared_ptr<const sql::SourceText>& source,
                                  std::vector<sql::Diagnostic>* diagnostics);

// Lays `over` onto `base`: mappings member by member, sequences one behind the other, all else
// replaced: how bundles merge includes and targets.
void MergeYaml(YamlNode over, YamlNode* base);

// Plain scalars become numbers, booleans and null as YAML 1.2 reads them.
base::OrderedJson ToJson(const YamlNode& node);

// A mistake at a place.
sql::Diagnostic MistakeAt(const Place& place, std::string message, std::string hint = {});
sql::Diagnostic UnsupportedAt(const Place& place, std::string message, std::string hint = {});

}  // namespace smelt::pipeline
