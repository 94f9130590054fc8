#include "pipeline/load.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "pipeline/bundle.h"
#include "pipeline/parameters.h"
#include "pipeline/yaml_node.h"
#include "publish/sink.h"
#include "sql/statement_parser.h"
#include "sql/token.h"

namespace smelt::pipeline {
namespace {

class SpecLoader {
 public:
  SpecLoader(const Project& project, const PipelineConfig& pipeline) : project_(project) {
    spec().name = pipeline.name;
    spec().folder = project.folder;
    spec().defaults = pipeline.defaults;
    for (const auto& [key, setting] : pipeline.configuration) {
      spec().configuration[key] = setting.value;
    }
  }

  void AddFile(const std::shared_ptr<const sql::SourceText>& file) {
    const auto source = ReplaceParameters(file, spec().configuration, &result_.diagnostics);
    sql::StatementFile parsed = sql::ParseStatements(source);
    spec().sources.push_back(source);
    for (sql::Diagnostic& diagnostic : parsed.diagnostics) {
      result_.diagnostics.push_back(std::move(diagnostic));
    }
    for (const sql::ObjectName& name : parsed.unread_names) {
      const auto resolved = catalog::ResolveName(name.parts, spec().defaults);
      if (resolved.ok()) spec().unread.insert(*resolved);
      if (resolved.ok()) spec().unread.insert({"", "", resolved->table});
    }
    source_ = source;
    for (sql::Statement& statement : parsed.statements) {
      std::visit([this](auto& body) { Add(std::move(body)); }, statement.body);
    }
  }

  LoadResult Finish() {
    for (const Project::PromiseConfig& promise : project_.promises) AddPromise(promise);
    spec().is_partial = !result_.diagnostics.empty();
    return std::move(result_);
  }

 private:
  PipelineSpec& spec() { return result_.spec; }

  Place PlaceOf(sql::Span span) const { return {source_, span}; }

  void Complain(const Place& place, std::string message, std::string hint = {}) {
    result_.diagnostics.push_back(MistakeAt(place, std::move(message), std::move(hint)));
  }

  std::optional<catalog::TableName> Resolve(const sql::ObjectName& name) {
    const auto resolved = catalog::ResolveName(name.parts, spec().defaults);
    if (resolved.ok()) return *resolved;
    Complain(PlaceOf(name.span), base::Message(resolved.status()));
    return std::nullopt;
  }

  std::optional<Dataset> MakeDataset(sql::RelationDeclaration declaration, DatasetKind kind) {
    const std::optional<catalog::TableName> name = Resolve(declaration.name);
    if (!name) return std::nullopt;
    Dataset dataset{.name = *name, .kind = kind, .place = PlaceOf(declaration.name.span)};
    if (kind == DatasetKind::kTemporaryView) {
      if (declaration.name.parts.size() > 1) {
        Complain(dataset.place, "a temporary view belongs to no schema",
                 fmt::format("name it {}", declaration.name.parts.back()));
      }
      dataset.name = {"", "", name->table};
    }
    for (sql::ExpectClause& expectation : declaration.expectations) {
      dataset.expectations.push_back({expectation.name.value, std::move(expectation.predicate),
                                      expectation.action, PlaceOf(expectation.name.span)});
    }
    for (const sql::Text& column : declaration.partitioned_by) {
      dataset.partition_columns.push_back(column.value);
    }
    for (const sql::Text& column : declaration.clustered_by) {
      dataset.cluster_columns.push_back(column.value);
    }
    for (const sql::Property& property : declaration.properties) {
      dataset.properties[property.key.value] = property.value.value;
    }
    if (declaration.comment) dataset.comment = declaration.comment->value;
    dataset.columns = std::move(declaration.columns);
    dataset.query = std::move(declaration.query);
    return dataset;
  }

  void Add(sql::CreateStreamingTable create) {
    std::optional<Dataset> dataset =
        MakeDataset(std::move(create.table), DatasetKind::kStreamingTable);
    if (!dataset) return;
    Flow flow{.name = dataset->name.ToString(),
              .target = dataset->name,
              .place = dataset->place,
              .target_place = dataset->place};
    if (dataset->query) {
      flow.query = *std::exchange(dataset->query, std::nullopt);
      flow.kind = AppendFlow{};
      spec().flows.push_back(flow);
    }
    if (create.auto_cdc) {
      SetAutoCdc(*std::move(create.auto_cdc), &flow);
      spec().flows.push_back(std::move(flow));
    }
    spec().datasets.push_back(*std::move(dataset));
  }

  void Add(sql::CreateMaterializedView create) {
    std::optional<Dataset> dataset =
        MakeDataset(std::move(create.view), DatasetKind::kMaterializedView);
    if (!dataset) return;
    dataset->refresh_policy = create.refresh_policy;
    spec().datasets.push_back(*std::move(dataset));
  }

  void Add(sql::CreateTemporaryView create) {
    std::optional<Dataset> dataset =
        MakeDataset(std::move(create.view), DatasetKind::kTemporaryView);
    if (dataset) spec().datasets.push_back(*std::move(dataset));
  }

  void Add(sql::CreateFlow create) {
    const std::optional<catalog::TableName> name = Resolve(create.name);
    if (!name) return;
    Flow flow{.name = create.name.parts.size() == 1 ? name->table : name->ToString(),
              .comment = create.comment ? create.comment->value : "",
              .place = PlaceOf(create.name.span)};
    if (auto* const append = std::get_if<sql::AppendClause>(&create.body)) {
      if (!SetTarget(append->target, &flow)) return;
      flow.query = std::move(append->query);
      flow.kind = AppendFlow{};
    } else if (auto* const cdc = std::get_if<sql::AutoCdcFlowClause>(&create.body)) {
      if (!SetTarget(cdc->target, &flow)) return;
      // APPLY CHANGES INTO has no name of its own.
      if (create.name.span == cdc->target.span) flow.name = flow.target.ToString();
      SetAutoCdc(std::move(cdc->auto_cdc), &flow);
    } else {
      auto& mirror = std::get<sql::MirrorClause>(create.body);
      const std::optional<catalog::TableName> sink = Resolve(mirror.sink);
      if (!sink) return;
      flow.sink = sink->table;
      flow.target_place = PlaceOf(mirror.sink.span);
      flow.query = mirror.from_is_query ? std::move(mirror.from) : SelectAllFrom(mirror.from);
      flow.kind = MirrorFlow{std::move(mirror.keys)};
    }
    spec().flows.push_back(std::move(flow));
  }

  bool SetTarget(const sql::ObjectName& target, Flow* flow) {
    const std::optional<catalog::TableName> name = Resolve(target);
    if (name) flow->target = *name;
    flow->target_place = PlaceOf(target.span);
    return name.has_value();
  }

  static void SetAutoCdc(sql::AutoCdcClause clause, Flow* flow) {
    flow->query = SelectAllFrom(clause.from);
    flow->kind = AutoCdcFlow{std::move(clause.keys), std::move(clause.sequence_by),
                             std::move(clause.delete_when), std::move(clause.columns),
                             std::move(clause.except_columns)};
  }

  static sql::Fragment SelectAllFrom(const sql::Fragment& relation) {
    const uint32_t begin = relation.span.begin;
    const auto source = std::make_shared<const sql::SourceText>(
        relation.source, std::vector<sql::SourceText::Piece>{{{begin, begin}, "SELECT * FROM "},
                                                             {relation.span, std::nullopt}});
    return {source, {0, static_cast<uint32_t>(source->text().size())}};
  }

  void Add(sql::CreateSink create) {
    const std::optional<catalog::TableName> name = Resolve(create.name);
    if (!name) return;
    if (create.name.parts.size() > 1) {
      Complain(PlaceOf(create.name.span), "a sink belongs to no schema",
               fmt::format("name it {}", create.name.parts.back()));
    }
    Sink sink{.name = name->table,
              .kind = sql::ToLower(create.kind.value),
              .place = PlaceOf(create.name.span)};
    for (const sql::Property& option : create.options) {
      sink.options[option.key.value] = option.value.value;
    }
    if (sink.kind != "dynamodb") {
      result_.diagnostics.push_back(
          UnsupportedAt(PlaceOf(create.kind.span),
                        fmt::format("a sink of kind '{}' is not supported", create.kind.value),
                        sql::SuggestName(sink.kind, {"dynamodb"})));
    } else if (const auto options = publish::ParseSinkOptions(sink.name, sink.options);
               !options.ok()) {
      Complain(sink.place, base::Message(options.status()));
    }
    spec().sinks.push_back(std::move(sink));
  }

  void Add(sql::SetParameter) {}  // ReplaceParameters has used it

  void AddPromise(const Project::PromiseConfig& config) {
    std::vector<std::string> parts;
    for (size_t begin = 0; begin <= config.table.value.size();) {
      const size_t dot = std::min(config.table.value.find('.', begin), config.table.value.size());
      parts.push_back(config.table.value.substr(begin, dot - begin));
      begin = dot + 1;
    }
    const auto table = catalog::ResolveName(parts, spec().defaults);
    if (!table.ok()) return Complain(config.table.place, base::Message(table.status()));
    const bool is_ours =
        std::any_of(spec().datasets.begin(), spec().datasets.end(),
                    [&](const Dataset& dataset) { return dataset.name == *table; });
    if (!is_ours) {
      // Of several pipelines, another one may make it.
      if (project_.pipelines.size() > 1 || spec().unread.contains(*table)) return;
      std::vector<std::string> names;
      for (const Dataset& dataset : spec().datasets) {
        names.push_back(dataset.ToString());
        names.push_back(dataset.name.schema + "." + dataset.name.table);
      }
      return Complain(config.table.place,
                      fmt::format("no pipeline makes the table '{}'", config.table.value),
                      sql::SuggestName(sql::ToLower(config.table.value), names));
    }
    Promise promise{.name = config.name.value,
                    .table = *table,
                    .metric = config.metric.value == "quality_score"
                                  ? Promise::Metric::kQualityScore
                                  : Promise::Metric::kMedianDuration,
                    .text = config.threshold.value,
                    .place = config.name.place};
    if (ParseThreshold(config, &promise)) spec().promises.push_back(std::move(promise));
  }

  // ">= 0.98", "<= 10m".
  bool ParseThreshold(const Project::PromiseConfig& config, Promise* promise) {
    using Comparison = Promise::Comparison;
    const bool is_duration = promise->metric == Promise::Metric::kMedianDuration;
    const std::string example = is_duration ? "\"<= 10m\"" : "\">= 0.98\"";
    const std::string& text = config.threshold.value;
    size_t at = text.find_first_not_of(' ');
    const size_t number = at == std::string::npos ? at : text.find_first_not_of("<>= ", at);
    if (number == std::string::npos) {
      Complain(config.threshold.place, "a promise compares with a number", "write " + example);
      return false;
    }
    std::string op = text.substr(at, number - at);
    op.erase(op.find_last_not_of(' ') + 1);
    if (op == "<") {
      promise->comparison = Comparison::kLess;
    } else if (op == "<=") {
      promise->comparison = Comparison::kLessOrEqual;
    } else if (op == ">") {
      promise->comparison = Comparison::kGreater;
    } else if (op == ">=") {
      promise->comparison = Comparison::kGreaterOrEqual;
    } else {
      Complain(config.threshold.place, "a promise begins with <, <=, > or >=", "write " + example);
      return false;
    }
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + number, end, promise->value);
    std::string unit(parsed.ptr, end);
    unit.erase(0, unit.find_first_not_of(' '));
    unit.erase(unit.find_last_not_of(' ') + 1);
    double scale = 1;
    bool is_unit = unit.empty() && !is_duration;
    if (is_duration) {
      for (const auto& [name, seconds] :
           {std::pair{"ms", 0.001}, {"s", 1.0}, {"m", 60.0}, {"h", 3600.0}, {"d", 86400.0}}) {
        if (unit != name) continue;
        scale = seconds;
        is_unit = true;
      }
    } else if (unit == "%") {
      scale = 0.01;
      is_unit = true;
    }
    if (parsed.ec != std::errc() || !is_unit) {
      Complain(config.threshold.place,
               is_duration ? "a duration is a number and ms, s, m, h or d" : "expected a number",
               "write " + example);
      return false;
    }
    promise->value *= scale;
    return true;
  }

  const Project& project_;
  LoadResult result_;
  std::shared_ptr<const sql::SourceText> source_;  // of the file that is being added
};

}  // namespace

LoadResult LoadPipeline(const Project& project, const PipelineConfig& pipeline) {
  SpecLoader loader(project, pipeline);
  std::vector<sql::Diagnostic> unreadable;
  for (const std::filesystem::path& file : pipeline.files) {
    if (const auto source = ReadSource(file, project.folder, &unreadable)) loader.AddFile(source);
  }
  LoadResult result = loader.Finish();
  result.spec.is_partial |= !unreadable.empty();
  result.diagnostics.insert(result.diagnostics.end(), unreadable.begin(), unreadable.end());
  return result;
}

LoadResult LoadPipelineText(const Project& project, const PipelineConfig& pipeline,
                            const std::vector<std::pair<std::string, std::string>>& files) {
  SpecLoader loader(project, pipeline);
  for (const auto& [name, text] : files) {
    loader.AddFile(std::make_shared<const sql::SourceText>(name, text));
  }
  return loader.Finish();
}

}  // namespace smelt::pipeline
