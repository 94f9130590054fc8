#include "pipeline/bundle.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "pipeline/file_glob.h"
#include "pipeline/yaml_fields.h"

namespace smelt::pipeline {
namespace {

class BundleLoader {
 public:
  BundleLoader(const std::filesystem::path& file, const ProjectOptions& options,
               std::vector<sql::Diagnostic>* diagnostics)
      : folder_(file.parent_path()), options_(options), diagnostics_(diagnostics), file_(file) {}

  std::optional<Bundle> Load() {
    const auto source = ReadSource(file_, folder_, diagnostics_);
    if (source == nullptr) return std::nullopt;
    std::optional<YamlNode> root = ParseYaml(source, diagnostics_);
    if (!root) return std::nullopt;
    root_ = *std::move(root);
    CheckTopLevel(root_);
    Include();

    Bundle bundle{.variables = Variables(diagnostics_)};
    ChooseTarget(&bundle);
    ReadName(&bundle);
    DefineVariables(&bundle);
    DefineWorkspace(&bundle.variables);
    const YamlNode* const resources =
        YamlFields(root_, "the bundle", diagnostics_).Mapping("resources");
    if (resources != nullptr) {
      bundle.resources = *resources;
      CheckResources(bundle.resources);
      DefineResources(bundle.resources, &bundle.variables);
      bundle.variables.Replace(&bundle.resources);
    }
    return bundle;
  }

 private:
  void CheckTopLevel(const YamlNode& root) {
    YamlFields(root, "a bundle", diagnostics_)
        .AllowOnly({"bundle", "include", "variables", "resources", "targets", "workspace"},
                   {"artifacts", "sync", "permissions", "run_as", "presets", "experimental",
                    "environments", "scripts", "python"});
  }

  void Include() {
    const YamlNode* const include =
        YamlFields(root_, "the bundle", diagnostics_).Sequence("include");
    if (include == nullptr) return;
    const std::vector<YamlNode> patterns = include->items;  // root_ grows below
    for (const YamlNode& pattern : patterns) {
      if (!pattern.is_scalar()) {
        diagnostics_->push_back(MistakeAt(pattern.place, "an include must be a file or pattern"));
        continue;
      }
      const auto files = FindFiles(folder_, pattern.scalar);
      if (files.empty()) {
        diagnostics_->push_back(
            MistakeAt(pattern.place, fmt::format("no file matches '{}'", pattern.scalar)));
      }
      for (const auto& file : files) {
        if (file == file_) continue;
        const auto source = ReadSource(file, folder_, diagnostics_);
        std::optional<YamlNode> part;
        if (source != nullptr) part = ParseYaml(source, diagnostics_);
        if (!part) continue;
        CheckTopLevel(*part);
        MergeYaml(*std::move(part), &root_);
      }
    }
  }

  void ChooseTarget(Bundle* bundle) {
    const YamlNode* const targets =
        YamlFields(root_, "the bundle", diagnostics_).Mapping("targets");
    if (targets == nullptr || targets->members.empty()) {
      bundle->target = options_.target.empty() ? "default" : options_.target;
      bundle->target_names = {"default"};
      if (bundle->target != "default") {
        diagnostics_->push_back(
            MistakeAt(root_.place,
                      fmt::format("the bundle has no target '{}': it has none", bundle->target)));
      }
      return;
    }
    const YamlNode::Member* chosen = targets->members.size() == 1 ? &targets->members[0] : nullptr;
    const YamlNode::Member* by_default = nullptr;
    for (const YamlNode::Member& target : targets->members) {
      bundle->target_names.push_back(target.key);
      const YamlFields fields(target.value, fmt::format("target '{}'", target.key), diagnostics_);
      fields.AllowOnly({"default", "variables", "resources", "bundle", "workspace"},
                       {"artifacts", "cluster_id", "compute_id", "git", "mode", "permissions",
                        "presets", "run_as", "sync"});
      if (!fields.BoolOr("default", false)) continue;
      if (by_default != nullptr) {
        diagnostics_->push_back(MistakeAt(
            target.place,
            fmt::format("both '{}' and '{}' are the default target", by_default->key, target.key)));
      }
      by_default = &target;
    }
    if (by_default != nullptr) chosen = by_default;
    if (!options_.target.empty()) {
      chosen = nullptr;
      for (const YamlNode::Member& target : targets->members) {
        if (target.key == options_.target) chosen = &target;
      }
    }
    if (chosen == nullptr) {
      diagnostics_->push_back(
          options_.target.empty()
              ? MistakeAt(targets->place, "no target is the default one",
                          "add `default: true` to one, or choose with --target")
              : MistakeAt(targets->place, fmt::format("there is no target '{}'", options_.target),
                          sql::SuggestName(options_.target, bundle->target_names)));
      return;
    }
    bundle->target = chosen->key;
    YamlNode overrides = chosen->value;
    if (const YamlNode* const variables = overrides.Find("variables"); variables != nullptr) {
      target_variables_ = *variables;
    }
    for (const char* part : {"resources", "workspace", "bundle"}) {
      YamlNode* const over = overrides.Find(part);
      if (over == nullptr) continue;
      YamlNode* const base = root_.Find(part);
      if (base != nullptr) {
        MergeYaml(std::move(*over), base);
      } else {
        const Place place = over->place;
        root_.members.push_back({part, place, std::move(*over)});
      }
    }
  }

  void ReadName(Bundle* bundle) {
    const YamlFields top(root_, "the bundle", diagnostics_);
    const YamlNode* const node = top.Mapping("bundle");
    if (node == nullptr) {
      diagnostics_->push_back(MistakeAt(root_.place, "the bundle has no name",
                                        "begin the file with `bundle: {name: ..}`"));
      return;
    }
    const YamlFields fields(*node, "bundle", diagnostics_);
    fields.AllowOnly({"name"}, {"target", "cluster_id", "compute_id", "databricks_cli_version",
                                "deployment", "environment", "git", "uuid"});
    bundle->name = fields.StringOr("name", "");
    if (bundle->name.empty()) {
      diagnostics_->push_back(MistakeAt(node->place, "the bundle has no name"));
    }
    bundle->variables.Define("bundle.name", bundle->name);
    bundle->variables.Define("bundle.target", bundle->target);
    bundle->variables.Define("bundle.environment", bundle->target);
    bundle->variables.DefinePrefix("bundle.git.", [](const std::string&) { return ""; });
  }

  void DefineVariables(Bundle* bundle) {
    const YamlNode* const variables =
        YamlFields(root_, "the bundle", diagnostics_).Mapping("variables");
    std::vector<std::string> names;
    if (variables != nullptr) {
      for (const YamlNode::Member& variable : variables->members) {
        names.push_back(variable.key);
        DefineVariable(variable);
        std::optional<YamlNode> value = ValueOf(variable, *bundle);
        if (value) bundle->variables.Define("var." + variable.key, *std::move(value));
      }
    }
    for (const YamlNode::Member& variable : target_variables_.members) {
      CheckIsVariable(variable.key, variable.place, names, "variable");
    }
    for (const auto& [name, value] : options_.variables) {
      CheckIsVariable(name, variables == nullptr ? root_.place : variables->place, names,
                      "variable of --var");
    }
  }

  void CheckIsVariable(const std::string& name, const Place& place,
                       const std::vector<std::string>& names, const char* what) {
    if (std::find(names.begin(), names.end(), name) != names.end()) return;
    diagnostics_->push_back(MistakeAt(place, fmt::format("the bundle has no {} '{}'", what, name),
                                      sql::SuggestName(name, names)));
  }

  void DefineVariable(const YamlNode::Member& variable) {
    const YamlFields fields(variable.value, fmt::format("variable '{}'", variable.key),
                            diagnostics_);
    fields.AllowOnly({"default", "description"}, {"type", "lookup"});
    if (fields.Find("lookup") != nullptr) {
      diagnostics_->push_back(
          UnsupportedAt(fields.Find("lookup")->place,
                        fmt::format("the lookup of variable '{}' is not supported", variable.key),
                        "it asks a Databricks workspace; give a default"));
    }
  }

  // The command line's value, the environment's, the target's, the default: the first that is
  // there.
  std::optional<YamlNode> ValueOf(const YamlNode::Member& variable, const Bundle& bundle) {
    YamlNode value{.kind = YamlNode::Kind::kScalar, .place = variable.place};
    const auto given = options_.variables.find(variable.key);
    if (given != options_.variables.end()) {
      value.scalar = given->second;
      return value;
    }
    if (const auto set = options_.environment("BUNDLE_VAR_" + variable.key)) {
      value.scalar = *set;
      return value;
    }
    if (const YamlNode* const over = target_variables_.Find(variable.key)) {
      const bool is_described = over->is_mapping() && over->Find("default") != nullptr;
      return is_described ? *over->Find("default") : *over;
    }
    if (const YamlNode* const by_default = variable.value.Find("default")) return *by_default;
    diagnostics_->push_back(MistakeAt(
        variable.place,
        fmt::format("variable '{}' has no value for target '{}'", variable.key, bundle.target),
        fmt::format("give it a default, or --var {}=..", variable.key)));
    return std::nullopt;
  }

  void DefineWorkspace(Variables* variables) {
    const std::string folder = folder_.string();
    const auto user = options_.environment("USER").value_or("user");
    YamlNode workspace;
    if (const YamlNode* const node = root_.Find("workspace")) workspace = *node;
    variables->DefinePrefix(
        "workspace.",
        [folder, user, workspace](const std::string& name) -> std::optional<std::string> {
          if (name.rfind("current_user.", 0) == 0) return user;
          if (const YamlNode* const set = workspace.Find(name);
              set != nullptr && set->is_scalar()) {
            return set->scalar;
          }
          if (name == "root_path" || name == "file_path") return folder;
          return "";
        });
  }

  void CheckResources(const YamlNode& resources) {
    YamlFields(resources, "resources", diagnostics_)
        .AllowOnly({"pipelines", "jobs"},
                   {"alerts", "apps", "clusters", "dashboards", "database_catalogs",
                    "database_instances", "experiments", "model_serving_endpoints", "models",
                    "quality_monitors", "registered_models", "schemas", "secret_scopes",
                    "sql_warehouses", "synced_database_tables", "volumes"});
  }

  // ${resources.pipelines.x.id} and every single value that a resource has.
  static void DefineResources(const YamlNode& resources, Variables* variables) {
    for (const YamlNode::Member& kind : resources.members) {
      for (const YamlNode::Member& resource : kind.value.members) {
        const std::string prefix = fmt::format("resources.{}.{}.", kind.key, resource.key);
        variables->Define(prefix + "id", resource.key);
        for (const YamlNode::Member& field : resource.value.members) {
          if (field.value.is_scalar()) variables->Define(prefix + field.key, field.value);
        }
      }
    }
  }

  const std::filesystem::path folder_;
  const ProjectOptions& options_;
  std::vector<sql::Diagnostic>* diagnostics_;
  const std::filesystem::path& file_;
  YamlNode root_;
  YamlNode target_variables_;
};

}  // namespace

std::shared_ptr<const sql::SourceText> ReadSource(const std::filesystem::path& file,
                                                  const std::filesystem::path& folder,
                                                  std::vector<sql::Diagnostic>* diagnostics) {
  const std::filesystem::path relative = file.lexically_relative(folder);
  const bool is_below = !relative.empty() && *relative.begin() != "..";
  const std::string name = is_below ? relative.string() : file.string();
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (!stream || stream.bad()) {
    diagnostics->push_back({.code = "project", .message = "cannot read the file", .file = name});
    return nullptr;
  }
  return std::make_shared<const sql::SourceText>(name, text.str());
}

std::optional<Bundle> LoadBundle(const std::filesystem::path& file, const ProjectOptions& options,
                                 std::vector<sql::Diagnostic>* diagnostics) {
  return BundleLoader(file, options, diagnostics).Load();
}

}  // namespace smelt::pipeline
