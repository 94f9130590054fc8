#pragma once

// databricks.yml: includes read, one target chosen and laid over the rest, variables replaced. What
// is left is the tree that project.cc reads. Fields that Databricks knows and that have no meaning
// here are kept silently; any other unknown field is a mistake.

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/project.h"
#include "pipeline/variables.h"
#include "pipeline/yaml_node.h"

namespace smelt::pipeline {

struct Bundle {
  std::string name;
  std::string target;
  std::vector<std::string> target_names;
  YamlNode resources;   // resources, of the target; variables are replaced
  Variables variables;  // bundle and var, for smelt.yml
};

// nullopt where the file could not be read as YAML at all.
std::optional<Bundle> LoadBundle(const std::filesystem::path& file, const ProjectOptions& options,
                                 std::vector<sql::Diagnostic>* diagnostics);

// A file's text under the name by which people know it: relative to `folder` where it lies below.
std::shared_ptr<const sql::SourceText> ReadSource(const std::filesystem::path& file,
                                                  const std::filesystem::path& folder,
                                                  std::vector<sql::Diagnostic>* diagnostics);

}  // namespace smelt::pipeline
