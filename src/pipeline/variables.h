#pragma once

// Replaces ${..} in the values of a YAML tree: bundle variables, names of the bundle and of its
// resources, the environment.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/yaml_node.h"

namespace smelt::pipeline {

class Variables {
 public:
  explicit Variables(std::vector<sql::Diagnostic>* diagnostics) : diagnostics_(diagnostics) {}

  // ${name} stands for `value`, in which other names may stand. A later definition replaces an
  // earlier one.
  void Define(std::string name, YamlNode value);
  void Define(std::string name, std::string value);
  // Names under `prefix` ("env.") are asked of `look_up`; nullopt means unknown.
  void DefinePrefix(std::string prefix,
                    std::function<std::optional<std::string>(const std::string&)> look_up);

  // Replaces every ${name} in all scalars of `node`; unknown names become diagnostics at the
  // scalar. A scalar that is nothing but ${name} becomes the variable's whole value (a list, a
  // mapping).
  void Replace(YamlNode* node);

 private:
  // The value of a name with its own names replaced; nullopt after a complaint.
  std::optional<YamlNode> ValueOf(const std::string& name, const Place& place);
  void ReplaceScalar(YamlNode* node);
  std::vector<std::string> Names() const;

  std::map<std::string, YamlNode> values_;
  std::map<std::string, std::function<std::optional<std::string>(const std::string&)>> prefixes_;
  std::set<std::string> open_;  // being replaced: to find variables that name themselves
  std::vector<sql::Diagnostic>* diagnostics_;
};

}  // namespace smelt::pipeline
