#pragma once

// The project: what databricks.yml (the bundle) says for one target, and what smelt.yml says of the
// machine. Variables are replaced, the target's overrides merged; every value keeps its place in a
// file. Plain data; loading reads files and, for
// ${env.X}, the environment, and nothing else.

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"
#include "pipeline/spec.h"
#include "sql/diagnostic.h"

namespace smelt::pipeline {

// A value of a YAML file and where it stands.
struct Setting {
  std::string value;
  Place place;
};

struct PipelineConfig {
  std::string key;   // resources.pipelines.<key>
  std::string name;  // the key, where none is given
  catalog::NameDefaults defaults;
  // SQL files, absolute and sorted, that libraries (glob, file, notebook) name.
  std::vector<std::filesystem::path> files;
  std::map<std::string, Setting> configuration;
  Place place;
};

// A job as the bundle has it, with variables replaced.
struct JobConfig {
  std::string key;
  base::OrderedJson definition;
  Place place;
};

// Where a target's DynamoDB tables are. Never AWS unless the target says so.
struct DynamoDbEndpoint {
  enum class Kind { kEmbedded, kUrl, kAws };

  Kind kind = Kind::kEmbedded;
  std::string url;      // kUrl
  std::string region;   // kUrl, kAws
  std::string profile;  // kAws; empty: the default credential chain
};

struct EngineChoice {
  std::string spark_url;  // empty: the embedded engine
  std::string over;       // "200GB": sources larger than this go to Spark; empty: everything
};

struct Project {
  std::string name;
  std::filesystem::path folder;  // absolute; relative paths mean this
  std::string target;            // empty: a project without targets, or one file
  std::string lake;              // an absolute folder, or s3://bucket/prefix
  DynamoDbEndpoint dynamodb;
  EngineChoice engine;
  std::vector<PipelineConfig> pipelines;
  std::vector<JobConfig> jobs;
  // As written, for LoadPipeline to resolve: table, name, metric and threshold.
  struct PromiseConfig {
    Setting name, table, metric, threshold;
  };
  std::vector<PromiseConfig> promises;
  std::vector<std::string> webhooks;
};

struct ProjectOptions {
  std::string target;                            // --target; empty: the default one
  std::map<std::string, std::string> variables;  // --var
  std::string lake;                              // --lake; empty: the target's, else ./lake
  std::function<std::optional<std::string>(const std::string&)> environment;  // absent: getenv
};

struct ProjectResult {
  Project project;  // whole only if there are no diagnostics
  std::vector<sql::Diagnostic> diagnostics;

  bool ok() const { return diagnostics.empty(); }
};

// The nearest folder at or above `start` that has a databricks.yml (or .yaml).
std::optional<std::filesystem::path> FindProjectFolder(const std::filesystem::path& start);

ProjectResult LoadProject(const std::filesystem::path& folder, const ProjectOptions& options);

// A project that is one SQL file: its folder is the file's, its one pipeline has the file's name
// without .sql, and unqualified names go to main.default.
ProjectResult SingleFileProject(const std::filesystem::path& sql_file,
                                const ProjectOptions& options);

}  // namespace smelt::pipeline
