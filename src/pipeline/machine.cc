#include "pipeline/machine.h"

#include <algorithm>
#include <utility>

#include "pipeline/yaml_fields.h"

namespace smelt::pipeline {
namespace {

class MachineReader {
 public:
  MachineReader(Project* project, std::vector<sql::Diagnostic>* diagnostics)
      : project_(project), diagnostics_(diagnostics) {}

  void Read(const YamlNode& root, const Bundle& bundle) {
    const YamlFields top(root, "smelt.yml", diagnostics_);
    top.AllowOnly({"targets", "promises", "notify"});
    if (const YamlNode* const targets = top.Mapping("targets")) {
      for (const YamlNode::Member& target : targets->members) {
        if (std::find(bundle.target_names.begin(), bundle.target_names.end(), target.key) ==
            bundle.target_names.end()) {
          diagnostics_->push_back(
              MistakeAt(target.place, fmt::format("databricks.yml has no target '{}'", target.key),
                        sql::SuggestName(target.key, bundle.target_names)));
        }
        ReadTarget(target, target.key == bundle.target);
      }
    }
    if (const YamlNode* const promises = top.Sequence("promises")) {
      for (const YamlNode& promise : promises->items) ReadPromise(promise);
    }
    if (const YamlNode* const notify = top.Sequence("notify")) {
      for (const YamlNode& item : notify->items) {
        const YamlFields fields(item, "a notification", diagnostics_);
        fields.AllowOnly({"webhook"});
        const std::string webhook = fields.StringOr("webhook", "");
        if (!webhook.empty()) project_->webhooks.push_back(webhook);
      }
    }
  }

 private:
  // Every target is checked; the chosen one counts.
  void ReadTarget(const YamlNode::Member& target, bool is_chosen) {
    const YamlFields fields(target.value, fmt::format("target '{}'", target.key), diagnostics_);
    fields.AllowOnly({"lake", "dynamodb", "engine"});
    const std::string lake = fields.StringOr("lake", "./lake");
    const DynamoDbEndpoint dynamodb = ReadDynamoDb(fields.Find("dynamodb"));
    const EngineChoice engine = ReadEngine(fields.Find("engine"));
    if (!is_chosen) return;
    project_->lake = ResolveLake(lake, project_->folder);
    project_->dynamodb = dynamodb;
    project_->engine = engine;
  }

  DynamoDbEndpoint ReadDynamoDb(const YamlNode* node) {
    DynamoDbEndpoint endpoint;
    if (node == nullptr) return endpoint;
    if (node->is_scalar()) {
      if (node->scalar != "embedded") {
        diagnostics_->push_back(
            MistakeAt(node->place, "'dynamodb' must be `embedded`, {endpoint: URL} or {region: ..}",
                      sql::SuggestName(node->scalar, {"embedded"})));
      }
      return endpoint;
    }
    const YamlFields fields(*node, "'dynamodb'", diagnostics_);
    fields.AllowOnly({"endpoint", "region", "profile"});
    endpoint.url = fields.StringOr("endpoint", "");
    endpoint.region = fields.StringOr("region", "");
    endpoint.profile = fields.StringOr("profile", "");
    endpoint.kind =
        endpoint.url.empty() ? DynamoDbEndpoint::Kind::kAws : DynamoDbEndpoint::Kind::kUrl;
    const bool is_url =
        endpoint.url.rfind("http://", 0) == 0 || endpoint.url.rfind("https://", 0) == 0;
    if (!endpoint.url.empty() && !is_url) {
      diagnostics_->push_back(MistakeAt(fields.Find("endpoint")->place,
                                        "'endpoint' must begin with http:// or https://"));
    }
    if (endpoint.url.empty() && endpoint.region.empty() && node->is_mapping()) {
      diagnostics_->push_back(MistakeAt(node->place, "'dynamodb' needs an endpoint or a region",
                                        "`dynamodb: embedded` keeps the tables beside the lake"));
    }
    return endpoint;
  }

  EngineChoice ReadEngine(const YamlNode* node) {
    EngineChoice engine;
    if (node == nullptr) return engine;
    if (node->is_scalar()) {
      if (node->scalar != "embedded") {
        diagnostics_->push_back(MistakeAt(node->place,
                                          "'engine' must be `embedded` or {spark: URL, over: SIZE}",
                                          sql::SuggestName(node->scalar, {"embedded"})));
      }
      return engine;
    }
    const YamlFields fields(*node, "'engine'", diagnostics_);
    fields.AllowOnly({"spark", "over"});
    engine.spark_url = fields.StringOr("spark", "");
    engine.over = fields.StringOr("over", "");
    if (engine.spark_url.rfind("sc://", 0) != 0 && node->is_mapping()) {
      diagnostics_->push_back(
          MistakeAt(node->place, "'engine' needs spark: a Spark Connect URL (sc://host:port)"));
    }
    return engine;
  }

  void ReadPromise(const YamlNode& node) {
    const YamlFields fields(node, "a promise", diagnostics_);
    fields.AllowOnly({"name", "table", "quality_score", "median_duration"});
    if (!node.is_mapping()) return;
    Project::PromiseConfig promise;
    for (const char* metric : {"quality_score", "median_duration"}) {
      const YamlNode* const threshold = fields.Scalar(metric);
      if (threshold == nullptr) continue;
      if (!promise.metric.value.empty()) {
        diagnostics_->push_back(
            MistakeAt(threshold->place, "a promise is about one measure", "write two promises"));
      }
      promise.metric = {metric, threshold->place};
      promise.threshold = {threshold->scalar, threshold->place};
    }
    const YamlNode* const table = fields.Scalar("table");
    if (table == nullptr || promise.metric.value.empty()) {
      diagnostics_->push_back(
          MistakeAt(node.place, "a promise needs a table, and quality_score or median_duration"));
      return;
    }
    promise.table = {table->scalar, table->place};
    promise.name = {fields.StringOr("name", table->scalar + " " + promise.metric.value),
                    node.place};
    project_->promises.push_back(std::move(promise));
  }

  Project* project_;
  std::vector<sql::Diagnostic>* diagnostics_;
};

}  // namespace

std::string ResolveLake(const std::string& lake, const std::filesystem::path& relative_to) {
  if (lake.find("://") != std::string::npos) return lake;
  std::filesystem::path path = (relative_to / lake).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  return path.string();
}

void LoadMachine(const std::filesystem::path& file, Bundle* bundle, const ProjectOptions& options,
                 Project* project, std::vector<sql::Diagnostic>* diagnostics) {
  project->lake = ResolveLake("./lake", project->folder);
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    const auto source = ReadSource(file, project->folder, diagnostics);
    std::optional<YamlNode> root;
    if (source != nullptr) root = ParseYaml(source, diagnostics);
    if (root) {
      bundle->variables.DefinePrefix(
          "env.", [&options](const std::string& name) { return options.environment(name); });
      // A webhook whose address is not set is not told: a laptop has none.
      YamlNode notify;
      if (YamlNode* const member = root->Find("notify")) std::swap(notify, *member);
      bundle->variables.Replace(&*root);
      bundle->variables.DefinePrefix("env.", [&options](const std::string& name) {
        return options.environment(name).value_or("");
      });
      bundle->variables.Replace(&notify);
      if (YamlNode* const member = root->Find("notify")) std::swap(notify, *member);
      MachineReader(project, diagnostics).Read(*root, *bundle);
    }
  }
  if (!options.lake.empty()) {
    project->lake = ResolveLake(options.lake, std::filesystem::current_path());
  }
}

}  // namespace smelt::pipeline
