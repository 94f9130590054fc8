#pragma once

// The project that a command's options name, loaded whole: files, graph, and the lake that its
// tables lie in.

#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/workspace.h"
#include "pipeline/graph.h"
#include "pipeline/load.h"
#include "pipeline/project.h"

namespace smelt::cli {

struct LoadedPipeline {
  std::string key;
  pipeline::PipelineSpec spec;
  pipeline::Graph graph;
  // Null where the lake cannot be opened; `lake_status` says why.
  std::unique_ptr<Workspace> workspace;
  absl::Status lake_status;
};

struct LoadedProject {
  pipeline::Project project;
  std::vector<LoadedPipeline> pipelines;
  std::vector<sql::Diagnostic> diagnostics;  // every mistake of every file

  bool ok() const { return diagnostics.empty(); }
};

// The project's files alone. `sql_file`: a project of that one file; empty: the folder with
// databricks.yml, looked for upwards. kInvalidArgument: there is no project, or an option is wrong.
absl::StatusOr<pipeline::ProjectResult> LoadProjectFiles(const Context& context,
                                                         const std::string& sql_file);

// All of it. Mistakes in files are diagnostics, not an error.
absl::StatusOr<LoadedProject> LoadWholeProject(const Context& context, const std::string& sql_file);

// For commands that need tables and no pipeline, within a project or with --lake alone.
absl::StatusOr<std::unique_ptr<Workspace>> OpenLake(const Context& context);

// The pipeline of that name or key; all of them, if `name` is empty.
absl::StatusOr<std::vector<LoadedPipeline*>> ChoosePipelines(LoadedProject& loaded,
                                                             const std::string& name);

// The nodes of the graph that TABLE arguments mean (datasets, flows and sinks), without what they
// need. kInvalidArgument with the nearest name where there is none.
absl::StatusOr<std::vector<int>> FindNodes(const LoadedPipeline& pipeline,
                                           const std::vector<std::string>& names);

// Splits "a.b.c" as names of tables are written, with `..` around parts.
std::vector<std::string> SplitName(const std::string& name);

}  // namespace smelt::cli
