#include "pipeline/project.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "pipeline/bundle.h"
#include "pipeline/file_glob.h"
#include "pipeline/machine.h"
#include "pipeline/yaml_fields.h"

namespace smelt::pipeline {
namespace {

constexpr const char* kBundleFiles[] = {"databricks.yml", "databricks.yaml"};

std::optional<std::string> FromEnvironment(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

std::optional<std::filesystem::path> BundleFile(const std::filesystem::path& folder) {
  for (const char* name : kBundleFiles) {
    std::error_code error;
    if (std::filesystem::is_regular_file(folder / name, error)) return folder / name;
  }
  return std::nullopt;
}

class PipelineReader {
 public:
  PipelineReader(const std::filesystem::path& folder, std::vector<sql::Diagnostic>* diagnostics)
      : folder_(folder), diagnostics_(diagnostics) {}

  PipelineConfig Read(const YamlNode::Member& member) {
    const std::string what = fmt::format("pipeline '{}'", member.key);
    const YamlFields fields(member.value, what, diagnostics_);
    fields.AllowOnly({"name", "catalog", "schema", "target", "libraries", "configuration"},
                     {"allow_duplicate_names",
                      "budget_policy_id",
                      "channel",
                      "clusters",
                      "continuous",
                      "deployment",
                      "development",
                      "dry_run",
                      "edition",
                      "environment",
                      "event_log",
                      "filters",
                      "gateway_definition",
                      "id",
                      "ingestion_definition",
                      "lifecycle",
                      "notifications",
                      "permissions",
                      "photon",
                      "restart_window",
                      "root_path",
                      "run_as",
                      "serverless",
                      "storage",
                      "tags",
                      "trigger",
                      "usage_policy_id"});
    PipelineConfig pipeline{.key = member.key, .place = member.place};
    pipeline.name = fields.StringOr("name", member.key);
    pipeline.defaults.catalog = fields.StringOr("catalog", pipeline.defaults.catalog);
    const std::string older = fields.StringOr("target", pipeline.defaults.schema);
    pipeline.defaults.schema = fields.StringOr("schema", older);
    if (const YamlNode* const configuration = fields.Mapping("configuration")) {
      for (const YamlNode::Member& value : configuration->members) {
        if (value.value.is_scalar() || value.value.is_null()) {
          pipeline.configuration[value.key] = {value.value.scalar, value.value.place};
        } else {
          diagnostics_->push_back(MistakeAt(
              value.place, fmt::format("configuration '{}' must be a single value", value.key)));
        }
      }
    }
    const YamlNode* const libraries = fields.Sequence("libraries");
    if (libraries == nullptr) {
      diagnostics_->push_back(MistakeAt(member.place, fmt::format("{} has no libraries", what),
                                        "libraries: [{glob: {include: transformations/**}}]"));
      return pipeline;
    }
    std::set<std::filesystem::path> files;
    for (const YamlNode& library : libraries->items) ReadLibrary(library, &files);
    pipeline.files.assign(files.begin(), files.end());
    return pipeline;
  }

 private:
  void ReadLibrary(const YamlNode& library, std::set<std::filesystem::path>* files) {
    const YamlFields fields(library, "a library", diagnostics_);
    fields.AllowOnly({"glob", "file", "notebook"}, {"jar", "maven", "whl"});
    for (const char* code : {"jar", "maven", "whl"}) {
      if (const YamlNode* const node = fields.Find(code)) {
        diagnostics_->push_back(
            UnsupportedAt(node->place, fmt::format("a library of kind {} is not supported", code)));
      }
    }
    ReadFiles(fields.Mapping("glob"), "include", "glob", files);
    ReadFiles(fields.Mapping("file"), "path", "file", files);
    ReadFiles(fields.Mapping("notebook"), "path", "notebook", files);
  }

  void ReadFiles(const YamlNode* node, const char* key, const char* kind,
                 std::set<std::filesystem::path>* files) {
    if (node == nullptr) return;
    const YamlFields fields(*node, kind, diagnostics_);
    fields.AllowOnly({key});
    const YamlNode* const pattern = fields.Scalar(key);
    if (pattern == nullptr) {
      diagnostics_->push_back(MistakeAt(node->place, fmt::format("{} needs '{}'", kind, key)));
      return;
    }
    size_t count = 0;
    for (const std::filesystem::path& file : FindFiles(folder_, pattern->scalar)) {
      if (file.extension() == ".sql") {
        files->insert(file);
        ++count;
      } else if (file.extension() == ".py") {
        diagnostics_->push_back(
            UnsupportedAt(pattern->place,
                          fmt::format("'{}' is Python, and pipelines in Python are not supported",
                                      file.lexically_relative(folder_).string()),
                          "write it in SQL, or name the SQL files: transformations/*.sql"));
      }
    }
    if (count == 0) {
      diagnostics_->push_back(
          MistakeAt(pattern->place, fmt::format("no SQL file matches '{}'", pattern->scalar)));
    }
  }

  const std::filesystem::path& folder_;
  std::vector<sql::Diagnostic>* diagnostics_;
};

}  // namespace

std::optional<std::filesystem::path> FindProjectFolder(const std::filesystem::path& start) {
  std::error_code error;
  for (std::filesystem::path folder = std::filesystem::absolute(start, error).lexically_normal();;
       folder = folder.parent_path()) {
    if (BundleFile(folder)) return folder;
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

ProjectResult LoadProject(const std::filesystem::path& folder, const ProjectOptions& given) {
  ProjectOptions options = given;
  if (!options.environment) options.environment = FromEnvironment;
  ProjectResult result;
  Project& project = result.project;
  project.folder = std::filesystem::absolute(folder).lexically_normal();
  if (!project.folder.has_filename()) project.folder = project.folder.parent_path();
  const std::optional<std::filesystem::path> file = BundleFile(project.folder);
  if (!file) {
    result.diagnostics.push_back({.code = "project",
                                  .message = "there is no databricks.yml in this folder",
                                  .hint = "`smelt init DIR` makes a project that runs",
                                  .file = project.folder.string()});
    return result;
  }
  std::optional<Bundle> bundle = LoadBundle(*file, options, &result.diagnostics);
  if (!bundle) return result;
  project.name = bundle->name;
  project.target = bundle->target;
  const YamlFields resources(bundle->resources, "resources", &result.diagnostics);
  if (const YamlNode* const pipelines = resources.Mapping("pipelines")) {
    PipelineReader reader(project.folder, &result.diagnostics);
    for (const YamlNode::Member& pipeline : pipelines->members) {
      project.pipelines.push_back(reader.Read(pipeline));
    }
  }
  if (const YamlNode* const jobs = resources.Mapping("jobs")) {
    for (const YamlNode::Member& job : jobs->members) {
      project.jobs.push_back({job.key, ToJson(job.value), job.place});
    }
  }
  LoadMachine(project.folder / "smelt.yml", &*bundle, options, &project, &result.diagnostics);
  return result;
}

ProjectResult SingleFileProject(const std::filesystem::path& sql_file,
                                const ProjectOptions& options) {
  ProjectResult result;
  Project& project = result.project;
  const std::filesystem::path file = std::filesystem::absolute(sql_file).lexically_normal();
  project.folder = file.parent_path();
  project.name = file.stem().string();
  project.lake =
      ResolveLake(options.lake.empty() ? "lake" : options.lake,
                  options.lake.empty() ? project.folder : std::filesystem::current_path());
  PipelineConfig pipeline{.key = project.name, .name = project.name, .files = {file}};
  for (const auto& [name, value] : options.variables) {
    pipeline.configuration[name] = {value, sql::MakeFragment("--var " + name, value)};
  }
  project.pipelines.push_back(std::move(pipeline));
  return result;
}

}  // namespace smelt::pipeline
