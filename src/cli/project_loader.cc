#include "cli/project_loader.h"

#include <filesystem>
#include <utility>

#include "base/status.h"
#include "sql/token.h"

namespace smelt::cli {
namespace {

absl::StatusOr<pipeline::ProjectOptions> ProjectOptionsOf(const GlobalOptions& options) {
  pipeline::ProjectOptions result;
  result.target = options.target;
  result.lake = options.lake;
  for (const std::string& variable : options.variables) {
    const size_t equals = variable.find('=');
    if (equals == std::string::npos || equals == 0) {
      return base::InvalidArgument("--var takes name=value, not '{}'", variable);
    }
    result.variables[variable.substr(0, equals)] = variable.substr(equals + 1);
  }
  return result;
}

absl::StatusOr<WorkspaceOptions> WorkspaceOptionsOf(const GlobalOptions& options) {
  WorkspaceOptions result;
  result.disk = options.disk;
  if (!options.memory.empty()) {
    SMELT_ASSIGN_OR_RETURN(result.memory_bytes, ParseSize(options.memory));
  }
  return result;
}

absl::StatusOr<std::filesystem::path> ProjectFolder(const GlobalOptions& options) {
  if (!options.project.empty()) return std::filesystem::path(options.project);
  if (auto folder = pipeline::FindProjectFolder(std::filesystem::current_path())) return *folder;
  return base::InvalidArgument(
      "there is no databricks.yml here or in a folder above; `smelt init DIR` makes a project, "
      "--project DIR names one");
}

// `lake` may be null.
pipeline::GraphResult BuildGraphOver(const pipeline::PipelineSpec& spec, Workspace* lake) {
  if (lake == nullptr) return pipeline::BuildGraph(spec, nullptr);
  const auto exists = [lake](const catalog::TableName& name) {
    const auto found = lake->catalog().Find(name, lake->principal());
    // A table that cannot be read exists; reading it says what is wrong.
    return !found.ok() || found->has_value();
  };
  pipeline::GraphResult graph = pipeline::BuildGraph(spec, exists);
  if (graph.ok()) return graph;
  // The names of the lake's tables are for suggestions: a list of all of them is not for every
  // update.
  const auto tables = lake->catalog().List(lake->principal());
  return tables.ok() ? pipeline::BuildGraph(spec, exists, *tables) : graph;
}

}  // namespace

absl::StatusOr<pipeline::ProjectResult> LoadProjectFiles(const Context& context,
                                                         const std::string& sql_file) {
  SMELT_ASSIGN_OR_RETURN(const pipeline::ProjectOptions options, ProjectOptionsOf(context.options));
  if (!sql_file.empty()) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(sql_file, error)) {
      return base::InvalidArgument("there is no file {}", sql_file);
    }
    return pipeline::SingleFileProject(sql_file, options);
  }
  SMELT_ASSIGN_OR_RETURN(const std::filesystem::path folder, ProjectFolder(context.options));
  return pipeline::LoadProject(folder, options);
}

absl::StatusOr<LoadedProject> LoadWholeProject(const Context& context,
                                               const std::string& sql_file) {
  SMELT_ASSIGN_OR_RETURN(pipeline::ProjectResult files, LoadProjectFiles(context, sql_file));
  SMELT_ASSIGN_OR_RETURN(const WorkspaceOptions options, WorkspaceOptionsOf(context.options));
  LoadedProject loaded;
  loaded.diagnostics = std::move(files.diagnostics);
  loaded.project = std::move(files.project);
  for (const pipeline::PipelineConfig& config : loaded.project.pipelines) {
    LoadedPipeline pipeline;
    pipeline.key = config.key;
    auto workspace =
        Workspace::Open(loaded.project.lake, config.defaults, loaded.project.dynamodb, options);
    pipeline.lake_status = workspace.status();
    if (workspace.ok()) pipeline.workspace = *std::move(workspace);

    pipeline::LoadResult result = pipeline::LoadPipeline(loaded.project, config);
    pipeline.spec = std::move(result.spec);
    pipeline::GraphResult graph = BuildGraphOver(pipeline.spec, pipeline.workspace.get());
    pipeline.graph = std::move(graph.graph);
    for (auto* diagnostics : {&result.diagnostics, &graph.diagnostics}) {
      std::move(diagnostics->begin(), diagnostics->end(), std::back_inserter(loaded.diagnostics));
    }
    loaded.pipelines.push_back(std::move(pipeline));
  }
  return loaded;
}

absl::StatusOr<std::unique_ptr<Workspace>> OpenLake(const Context& context) {
  SMELT_ASSIGN_OR_RETURN(const WorkspaceOptions options, WorkspaceOptionsOf(context.options));
  const bool is_in_project =
      !context.options.project.empty() ||
      pipeline::FindProjectFolder(std::filesystem::current_path()).has_value();
  if (!is_in_project) {
    const std::string lake = context.options.lake.empty() ? "lake" : context.options.lake;
    const std::string path = lake.find("://") != std::string::npos
                                 ? lake
                                 : std::filesystem::absolute(lake).lexically_normal().string();
    return Workspace::Open(path, {}, {}, options);
  }
  // Only what the lake is matters here: mistakes elsewhere in the project do not hide its tables.
  SMELT_ASSIGN_OR_RETURN(const pipeline::ProjectResult files, LoadProjectFiles(context, ""));
  const pipeline::Project& project = files.project;
  if (project.lake.empty()) return sql::ToStatus(files.diagnostics);
  catalog::NameDefaults defaults;
  if (!project.pipelines.empty()) defaults = project.pipelines[0].defaults;
  return Workspace::Open(project.lake, defaults, project.dynamodb, options);
}

absl::StatusOr<std::vector<LoadedPipeline*>> ChoosePipelines(LoadedProject& loaded,
                                                             const std::string& name) {
  std::vector<LoadedPipeline*> chosen;
  std::vector<std::string> keys;
  for (LoadedPipeline& pipeline : loaded.pipelines) {
    keys.push_back(pipeline.key);
    if (name.empty() || pipeline.key == name || pipeline.spec.name == name) {
      chosen.push_back(&pipeline);
    }
  }
  if (!chosen.empty()) return chosen;
  if (name.empty()) return base::InvalidArgument("the project has no pipeline");
  return base::InvalidArgument("the project has no pipeline '{}' {}", name,
                               sql::SuggestName(name, keys));
}

std::vector<std::string> SplitName(const std::string& name) {
  std::vector<std::string> parts(1);
  bool is_quoted = false;
  for (const char c : name) {
    if (c == '`') {
      is_quoted = !is_quoted;
    } else if (c == '.' && !is_quoted) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

absl::StatusOr<std::vector<int>> FindNodes(const LoadedPipeline& pipeline,
                                           const std::vector<std::string>& names) {
  const pipeline::PipelineSpec& spec = pipeline.spec;
  std::set<int> found;
  for (const std::string& name : names) {
    const std::vector<std::string> parts = SplitName(name);
    const std::string lower = sql::ToLower(name);
    const auto table = catalog::ResolveName(parts, spec.defaults);
    const size_t before = found.size();
    std::vector<std::string> known;
    bool is_known = false;
    for (size_t i = 0; i < pipeline.graph.nodes.size(); ++i) {
      const pipeline::GraphNode& node = pipeline.graph.nodes[i];
      const auto* const flow =
          node.kind == pipeline::GraphNode::Kind::kFlow ? &spec.flows[node.index] : nullptr;
      bool is_meant = flow != nullptr && (flow->name == lower || flow->sink == lower);
      if (node.dataset >= 0) {
        const catalog::TableName& dataset = spec.datasets[node.dataset].name;
        is_meant |= table.ok() && *table == dataset;
        known.push_back(dataset.schema + "." + dataset.table);
      }
      if (flow != nullptr) known.push_back(flow->sink.empty() ? flow->name : flow->sink);
      if (is_meant) found.insert(static_cast<int>(i));
      is_known |= is_meant;
    }
    if (!is_known && found.size() == before) {
      const std::string hint = sql::SuggestName(lower, known);
      return base::InvalidArgument("the pipeline {} makes no table, flow or sink '{}'{}{}",
                                   spec.name, name, hint.empty() ? "" : "; ", hint);
    }
  }
  return std::vector<int>(found.begin(), found.end());
}

}  // namespace smelt::cli
