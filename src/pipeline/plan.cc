// Many lines because binding inputs and deciding from them is one piece of reasoning.

#include "pipeline/plan.h"

#include <algorithm>

#include "base/check.h"
#include "base/digest.h"
#include "base/status.h"
#include "engine/inputs_json.h"
#include "lake/stream_files.h"
#include "pipeline/source_calls.h"
#include "publish/publisher.h"
#include "sql/query_parser.h"

namespace smelt::pipeline {
namespace {

const engine::Input* FindInput(const std::vector<engine::Input>& inputs, const std::string& key) {
  for (const engine::Input& input : inputs) {
    if (input.key == key) return &input;
  }
  return nullptr;
}

std::string Counted(int64_t n, const std::string& thing) {
  return fmt::format("{} {}{}", n, thing, n == 1 ? "" : "s");
}

std::string Versions(int64_t after, int64_t version) {
  if (after < 0) return fmt::format("all of version {}", version);
  return after + 1 == version ? fmt::format("version {}", version)
                              : fmt::format("versions {} to {}", after + 1, version);
}

// Beside the flow's books, not in them: their listing is read at every update.
std::string StateLocation(const lake::FlowId& id, int64_t epoch) {
  return fmt::format("_smelt/state/{}/{}/{:012}", id.pipeline, id.flow, epoch);
}

std::vector<std::string> Values(const std::vector<sql::Text>& texts) {
  std::vector<std::string> values;
  for (const sql::Text& text : texts) values.push_back(text.value);
  return values;
}

std::vector<engine::Expectation> ToSteps(const std::vector<Expectation>& expectations) {
  std::vector<engine::Expectation> out;
  for (const Expectation& expectation : expectations) {
    out.push_back({expectation.name, expectation.predicate, expectation.action});
  }
  return out;
}

}  // namespace

std::string DefinitionHash(const engine::Step& step) {
  std::string text(step.query.text());
  const auto add = [&](std::string_view part) {
    text += '\0';
    text += part;
  };
  for (const engine::InlineView& view : step.views) {
    add(view.name);
    add(view.query.text());
  }
  for (const engine::Expectation& expectation : step.expectations) {
    add(expectation.name);
    add(expectation.predicate.text());
    add(std::to_string(static_cast<int>(expectation.action)));
  }
  for (const std::string& column : step.target.partition_columns) add(column);
  add(base::SchemaToString(step.target.declared_columns));
  if (const auto* upsert = std::get_if<engine::Upsert>(&step.operation)) {
    for (const std::string& key : upsert->keys) add(key);
    add(upsert->sequence_by.text());
    if (upsert->delete_when) add(upsert->delete_when->text());
    for (const std::string& column : upsert->columns) add(column);
    for (const std::string& column : upsert->except_columns) add(column);
  }
  return base::HexEncode(base::Sha256(text));
}

namespace {

// Of sources of streams, whether there is anything that earlier batches did not take.
bool HasNewRows(const engine::Input& input) {
  if (const auto* stream = std::get_if<engine::StreamInput>(&input.source)) {
    return stream->at.version > stream->after_version;
  }
  if (const auto* exports = std::get_if<engine::ExportInput>(&input.source)) {
    return !exports->export_ids.empty();
  }
  if (const auto* files = std::get_if<engine::FilesInput>(&input.source)) {
    return files->is_stream && !files->files.empty();
  }
  return false;
}

// What changed for a view between the batch that made it and now; empty where nothing did.
std::string WhatChanged(const std::vector<engine::Input>& before,
                        const std::vector<engine::Input>& now) {
  for (const engine::Input& input : now) {
    const engine::Input* old = FindInput(before, input.key);
    if (old == nullptr) return fmt::format("it reads {} for the first time", input.key);
    if (const auto* table = std::get_if<engine::TableInput>(&input.source)) {
      const auto* old_table = std::get_if<engine::TableInput>(&old->source);
      if (old_table == nullptr || old_table->at.table_id != table->at.table_id) {
        return fmt::format("{} is another table now", table->at.table);
      }
      if (old_table->at.version != table->at.version) {
        return fmt::format("{} went from version {} to {}", table->at.table, old_table->at.version,
                           table->at.version);
      }
    } else if (const auto* files = std::get_if<engine::FilesInput>(&input.source)) {
      const auto* old_files = std::get_if<engine::FilesInput>(&old->source);
      if (old_files == nullptr || old_files->files != files->files ||
          old_files->options != files->options) {
        return fmt::format("the files under {} changed", files->path);
      }
    } else if (const auto* exports = std::get_if<engine::ExportInput>(&input.source)) {
      const auto* old_exports = std::get_if<engine::ExportInput>(&old->source);
      if (old_exports == nullptr || old_exports->export_ids != exports->export_ids) {
        return fmt::format("the exports under {} changed", exports->prefix);
      }
    }
  }
  return {};
}

}  // namespace

const char* StepActionName(StepAction action) {
  switch (action) {
    case StepAction::kNone:
      return "none";
    case StepAction::kAppend:
      return "append";
    case StepAction::kUpsert:
      return "upsert";
    case StepAction::kReplace:
      return "replace";
    case StepAction::kMirror:
      return "mirror";
  }
  return "";
}

// What one node reads, bound.
struct Planner::Reads {
  std::vector<engine::Input> inputs;
  std::vector<engine::InlineView> views;
  std::vector<std::string> lines;
  std::vector<std::string> nothing_new;  // a line for each stream source that has nothing new
  std::vector<std::string>
      changing;  // names of tables that nodes before this one are about to change
  std::set<int> seen_nodes;
  std::map<std::string, int> function_numbers;
  int64_t rows = 0;  // -1: not known
  int64_t bytes = 0;
  bool missing = false;  // a table that is read does not exist yet
};

absl::StatusOr<PlannedStep> Planner::Plan(int node, const std::set<int>& changing, bool refreshed) {
  const GraphNode& graph_node = graph_.nodes[node];
  SMELT_CHECK(graph_node.kind != GraphNode::Kind::kView, "views are not steps");
  if (graph_node.dataset < 0) return PlanMirror(node, changing);
  return PlanTable(node, changing, refreshed);
}

bool Planner::WantsFullRefresh(const Dataset& dataset) const {
  return options_.full_refresh_all || options_.full_refresh.contains(dataset.name);
}

absl::StatusOr<Planner::Reads> Planner::BindReads(int node, const std::set<int>& changing,
                                                  const std::vector<engine::Input>& taken) {
  Reads reads;
  SMELT_RETURN_IF_ERROR(BindNodeReads(node, changing, taken, &reads));
  return reads;
}

absl::Status Planner::BindNodeReads(int node, const std::set<int>& changing,
                                    const std::vector<engine::Input>& taken, Reads* reads) {
  if (!reads->seen_nodes.insert(node).second) return absl::OkStatus();
  const GraphNode& graph_node = graph_.nodes[node];
  for (const TableRead& read : graph_node.reads.tables) {
    if (read.dataset >= 0 && spec_.datasets[read.dataset].kind == DatasetKind::kTemporaryView) {
      for (const int input : graph_node.inputs) {
        if (graph_.nodes[input].kind == GraphNode::Kind::kView &&
            graph_.nodes[input].index == read.dataset) {
          SMELT_RETURN_IF_ERROR(BindNodeReads(input, changing, taken, reads));
        }
      }
      continue;
    }
    bool waits = false;
    for (const int input : graph_node.inputs) {
      if (graph_.nodes[input].dataset == read.dataset && changing.contains(input)) waits = true;
    }
    SMELT_RETURN_IF_ERROR(BindTable(read, waits, taken, reads));
  }
  const sql::Fragment& query = graph_node.kind == GraphNode::Kind::kFlow
                                   ? spec_.flows[graph_node.index].query
                                   : *spec_.datasets[graph_node.index].query;
  SMELT_RETURN_IF_ERROR(BindFunctions(query, taken, reads));
  if (graph_node.kind == GraphNode::Kind::kView) {
    const Dataset& view = spec_.datasets[graph_node.index];
    reads->views.push_back({view.ToString(), *view.query, ToSteps(view.expectations)});
  }
  return absl::OkStatus();
}

absl::Status Planner::BindTable(const TableRead& read, bool waits,
                                const std::vector<engine::Input>& taken, Reads* reads) {
  const std::string name = read.name.ToString();
  const std::string key = engine::InputKey(name, read.is_stream);
  if (FindInput(reads->inputs, key) != nullptr) return absl::OkStatus();
  engine::TableVersion at{name, catalog::LocationOf(read.name, spec_.defaults), "", -1};
  SMELT_ASSIGN_OR_RETURN(const auto snapshot,
                         sources_.catalog->Find(read.name, sources_.principal));
  if (snapshot) {
    at.table_id = (*snapshot)->metadata().id;
    at.version = (*snapshot)->version().value();
  } else if (!waits) {
    reads->missing = true;
  }
  if (waits) {
    reads->changing.push_back(name);
    reads->rows = -1;
    reads->bytes = -1;
  }
  if (!read.is_stream) {
    if (!waits && snapshot) {
      reads->lines.push_back(fmt::format("{} at version {} ({})", name, at.version,
                                         Counted((*snapshot)->files().size(), "file")));
    } else if (waits) {
      reads->lines.push_back(fmt::format("{} after this update's step", name));
    }
    reads->inputs.push_back({key, engine::TableInput{std::move(at)}});
    return absl::OkStatus();
  }

  engine::StreamInput stream{at, -1, false};
  if (const engine::Input* before = FindInput(taken, key)) {
    const auto* old = std::get_if<engine::StreamInput>(&before->source);
    if (old != nullptr && old->at.version >= 0) {
      if (snapshot && old->at.table_id != at.table_id) {
        return base::FailedPrecondition(
            "{} was replaced by another table since it was last read as a stream; run with "
            "--full-refresh to read the new one from its beginning",
            name);
      }
      stream.after_version = old->at.version;
    }
  }
  if (waits) {
    reads->lines.push_back(fmt::format("new rows of {} after this update's step", name));
  } else if (snapshot && stream.at.version > stream.after_version) {
    SMELT_ASSIGN_OR_RETURN(const lake::StreamFiles files,
                           lake::ListStreamFiles((*snapshot)->table(), name, stream.after_version,
                                                 stream.at.version, stream.skip_change_commits));
    if (files.files.empty()) {
      reads->nothing_new.push_back(fmt::format("{} has no new rows", name));
      stream.at.version = stream.after_version;
    } else {
      reads->lines.push_back(
          fmt::format("{} of {}: {}, {}", Versions(stream.after_version, stream.at.version), name,
                      Counted(files.files.size(), "file"), Counted(files.rows, "row")));
      if (reads->rows >= 0) reads->rows += files.rows;
      if (reads->bytes >= 0) reads->bytes += files.size_bytes;
    }
  } else {
    reads->nothing_new.push_back(
        snapshot ? fmt::format("{} is at version {}, as before", name, at.version)
                 : fmt::format("{} does not exist yet", name));
  }
  reads->inputs.push_back({key, std::move(stream)});
  return absl::OkStatus();
}

absl::Status Planner::BindFunctions(const sql::Fragment& query,
                                    const std::vector<engine::Input>& taken, Reads* reads) {
  SMELT_ASSIGN_OR_RETURN(std::vector<engine::SourceCall> calls, SourceCallsOf(query, spec_.folder));
  for (const engine::SourceCall& call : calls) {
    const std::string key =
        engine::FunctionKey(call.function, ++reads->function_numbers[call.function]);
    SMELT_ASSIGN_OR_RETURN(engine::FoundSource found,
                           sources_.finder->Find(call, FindInput(taken, key)));
    if (const auto* exports = std::get_if<engine::ExportInput>(&found)) {
      for (const std::string& note : exports->notes) reads->lines.push_back(note);
      if (exports->export_ids.empty()) {
        reads->nothing_new.push_back(
            exports->taken_ids.empty()
                ? fmt::format("no export of {} under {}",
                              exports->table.empty() ? "any table" : exports->table,
                              exports->prefix)
                : fmt::format("no export under {} that was not read before ({} read)",
                              exports->prefix, exports->taken_ids.size()));
      } else {
        std::string ids;
        for (const std::string& id : exports->export_ids) ids += (ids.empty() ? "" : ", ") + id;
        reads->lines.push_back(fmt::format("{} {} under {}: {}",
                                           Counted(exports->export_ids.size(), "export"), ids,
                                           exports->prefix, Counted(exports->item_count, "item")));
        if (reads->rows >= 0) reads->rows += exports->item_count;
        if (reads->bytes >= 0) reads->bytes += exports->size_bytes;
      }
    } else if (const auto* files = std::get_if<engine::FilesInput>(&found)) {
      int64_t bytes = 0;
      for (const auto& file : files->files) bytes += file.size_bytes;
      if (files->files.empty()) {
        reads->nothing_new.push_back(fmt::format("no new file under {}", files->path));
      } else {
        reads->lines.push_back(fmt::format(
            "{} under {}, {} bytes", Counted(files->files.size(), "file"), files->path, bytes));
      }
      reads->rows = -1;
      if (reads->bytes >= 0) reads->bytes += bytes;
    }
    engine::Input input;
    input.key = key;
    std::visit([&](auto& source) { input.source = std::move(source); }, found);
    reads->inputs.push_back(std::move(input));
  }
  return absl::OkStatus();
}

absl::StatusOr<PlannedStep> Planner::PlanTable(int node, const std::set<int>& changing,
                                               bool refreshed) {
  const GraphNode& graph_node = graph_.nodes[node];
  const Dataset& dataset = spec_.datasets[graph_node.dataset];
  const Flow* flow =
      graph_node.kind == GraphNode::Kind::kFlow ? &spec_.flows[graph_node.index] : nullptr;

  PlannedStep planned;
  planned.node = node;
  planned.name = dataset.ToString();
  planned.kind = dataset.kind;

  engine::Step& step = planned.step;
  step.pipeline = spec_.name;
  step.default_catalog = spec_.defaults.catalog;
  step.default_schema = spec_.defaults.schema;
  step.folder = spec_.folder.string();
  step.flow = flow ? flow->name : dataset.ToString();
  const lake::FlowId flow_id{step.pipeline, step.flow};
  step.query = flow ? flow->query : *dataset.query;
  step.target.partition_columns = dataset.partition_columns;
  step.target.comment = dataset.comment;
  step.target.properties = dataset.properties;
  for (const sql::ColumnDeclaration& column : dataset.columns) {
    base::Field field{
        column.name.value, column.type.value_or(base::DataType()), column.nullable, {}};
    if (!column.comment.empty()) field.metadata["comment"] = base::Json(column.comment).dump();
    step.target.declared_columns.push_back(std::move(field));
  }
  step.expectations = ToSteps(dataset.expectations);

  // Where the target and the flow's books stand.
  step.target.at = {dataset.ToString(), catalog::LocationOf(dataset.name, spec_.defaults), "", -1};
  SMELT_ASSIGN_OR_RETURN(const auto target,
                         sources_.catalog->Find(dataset.name, sources_.principal));
  if (target) {
    step.target.at.table_id = (*target)->metadata().id;
    step.target.at.version = (*target)->version().value();
  }
  catalog::TableName quarantine = dataset.name;
  quarantine.table += "_quarantine";
  step.quarantine = {quarantine.ToString(), catalog::LocationOf(quarantine, spec_.defaults), "",
                     -1};

  const lake::FlowLog books(sources_.catalog->lake().store, flow_id);
  SMELT_ASSIGN_OR_RETURN(const std::optional<lake::PlanEntry> latest, books.Latest());
  const int64_t epoch = latest ? latest->epoch : 1;
  const int64_t committed =
      target ? (*target)->TransactionVersion(flow_id.ApplicationId(epoch)).value_or(0) : 0;
  std::vector<engine::Input> taken;
  if (latest) {
    SMELT_ASSIGN_OR_RETURN(taken, engine::InputsFromJson(latest->inputs));
  }
  const bool interrupted = latest && committed < latest->batch;
  const bool lost = interrupted && committed + 1 < latest->batch;
  const bool is_view = flow == nullptr;
  if (lost && !is_view) {
    return base::FailedPrecondition(
        "{} is {}, but its flow {} has committed {} batches into it; it was dropped or replaced. "
        "Run "
        "with --full-refresh={} to build it anew",
        planned.name, target ? "another table" : "gone", step.flow, latest->batch - 1,
        planned.name);
  }
  // A view is a function of its sources, so one that is gone is computed anew without being asked
  // to.
  const bool full_refresh = lost || (WantsFullRefresh(dataset) && !refreshed && !interrupted);
  if (full_refresh && graph_.NodesOf(graph_node.dataset).size() > 1) {
    return base::Unimplemented(
        "{} is filled by several flows; a full refresh of such a table is not supported yet. Drop "
        "its "
        "folder {} and the books of its flows to build it anew",
        planned.name, step.target.at.location);
  }
  step.epoch = full_refresh && latest ? epoch + 1 : epoch;
  step.restart = step.epoch > 1;
  step.batch = full_refresh ? 1 : (latest ? latest->batch + 1 : 1);

  const std::vector<engine::Input> nothing;
  const bool reads_from_start = full_refresh || is_view;
  SMELT_ASSIGN_OR_RETURN(Reads reads,
                         BindReads(node, changing, reads_from_start ? nothing : taken));
  step.views = std::move(reads.views);
  if (is_view) {
    step.operation = engine::Replace{};
    planned.action = StepAction::kReplace;
  } else if (const auto* cdc = std::get_if<AutoCdcFlow>(&flow->kind)) {
    engine::Upsert upsert;
    upsert.keys = Values(cdc->keys);
    upsert.sequence_by = cdc->sequence_by;
    upsert.delete_when = cdc->delete_when;
    upsert.columns = Values(cdc->columns);
    upsert.except_columns = Values(cdc->except_columns);
    upsert.state = {step.flow + " (key state)", StateLocation(flow_id, step.epoch), "", -1};
    step.operation = std::move(upsert);
    planned.action = StepAction::kUpsert;
  } else {
    step.operation = engine::Append{};
    planned.action = StepAction::kAppend;
  }
  // Only the first batch of an epoch replaces what was there before.
  step.restart = step.restart && step.batch == 1;

  if (interrupted && !lost) {
    step.inputs = std::move(taken);
    step.batch = latest->batch;
    step.restart = step.epoch > 1 && step.batch == 1;
    step.update_id = latest->update_id;
    step.timestamp_micros = latest->timestamp_micros;
    planned.recovers = true;
    planned.reason = fmt::format("batch {} of update {} was interrupted; it is finished first",
                                 latest->batch, latest->update_id);
    return planned;
  }
  planned.waits = !reads.changing.empty();
  planned.reads = std::move(reads.lines);
  planned.estimated_rows = reads.rows;
  planned.estimated_bytes = reads.bytes;
  step.inputs = std::move(reads.inputs);
  if (reads.missing && !planned.waits) {
    planned.action = StepAction::kNone;
    planned.reason = "a table that it reads does not exist yet";
    for (const engine::Input& input : step.inputs) {
      const auto* table = std::get_if<engine::TableInput>(&input.source);
      const auto* stream = std::get_if<engine::StreamInput>(&input.source);
      if (table && table->at.version < 0) planned.reason = table->at.table + " does not exist yet";
      if (stream && stream->at.version < 0)
        planned.reason = stream->at.table + " does not exist yet";
    }
    return planned;
  }
  if (planned.waits) {
    std::string names;
    for (const std::string& name : reads.changing) names += (names.empty() ? "" : ", ") + name;
    planned.reason =
        names + (reads.changing.size() == 1 ? " changes" : " change") + " in this update";
    return planned;
  }
  if (full_refresh && latest) {
    planned.reason = lost ? "its table is gone"
                          : "a full refresh was asked for: it is rebuilt and swapped in one commit";
    return planned;
  }
  if (is_view) {
    if (!latest) {
      planned.reason = "it was never computed";
    } else if (!target) {
      planned.reason = "its table is gone";
    } else if (latest->definition_hash != DefinitionHash(step)) {
      planned.reason = "its definition changed";
    } else {
      planned.reason = WhatChanged(taken, step.inputs);
      if (planned.reason.empty()) {
        planned.action = StepAction::kNone;
        planned.reason = "nothing that it reads has changed";
      }
    }
    return planned;
  }
  if (std::none_of(step.inputs.begin(), step.inputs.end(), HasNewRows)) {
    planned.action = StepAction::kNone;
    for (const std::string& line : reads.nothing_new) {
      planned.reason += (planned.reason.empty() ? "" : "; ") + line;
    }
    return planned;
  }
  planned.reason = latest ? "there are new rows" : "it was never filled";
  return planned;
}

absl::StatusOr<PlannedStep> Planner::PlanMirror(int node, const std::set<int>& changing) {
  const Flow& flow = spec_.flows[graph_.nodes[node].index];
  const auto sink = std::find_if(spec_.sinks.begin(), spec_.sinks.end(),
                                 [&](const Sink& s) { return s.name == flow.sink; });
  SMELT_CHECK(sink != spec_.sinks.end(), "the graph let a flow into an unknown sink pass");

  PlannedStep planned;
  planned.node = node;
  planned.name = flow.sink;
  planned.action = StepAction::kMirror;
  MirrorStep mirror;
  mirror.flow = flow.name;
  mirror.pipeline = spec_.name;
  mirror.default_catalog = spec_.defaults.catalog;
  mirror.default_schema = spec_.defaults.schema;
  mirror.query = flow.query;
  mirror.keys = Values(std::get<MirrorFlow>(flow.kind).keys);
  mirror.sink.name = sink->name;
  SMELT_ASSIGN_OR_RETURN(mirror.sink.options, publish::ParseSinkOptions(sink->name, sink->options));

  SMELT_ASSIGN_OR_RETURN(Reads reads, BindReads(node, changing, {}));
  mirror.views = std::move(reads.views);
  std::string definition(mirror.query.text());
  for (const engine::InlineView& view : mirror.views) {
    definition += '\0' + view.name + '\0' + std::string(view.query.text());
  }
  for (const std::string& key : mirror.keys) definition += '\0' + key;
  mirror.state.definition = base::HexEncode(base::Sha256(definition));
  bool missing = reads.missing;
  for (const engine::Input& input : reads.inputs) {
    const auto* table = std::get_if<engine::TableInput>(&input.source);
    if (table == nullptr) {
      return base::Unimplemented("flow {} mirrors {}; a mirror reads tables of the lake", flow.name,
                                 input.key);
    }
    mirror.state.versions[table->at.table_id] = table->at.version;
  }
  mirror.inputs = std::move(reads.inputs);
  planned.reads = std::move(reads.lines);
  planned.waits = !reads.changing.empty();
  if (planned.waits) {
    planned.reason = reads.changing.front() + " changes in this update";
    planned.mirror = std::move(mirror);
    return planned;
  }
  if (missing) {
    planned.action = StepAction::kNone;
    planned.reason = "what it mirrors does not exist yet";
    planned.mirror = std::move(mirror);
    return planned;
  }
  SMELT_ASSIGN_OR_RETURN(dynamodb::Client * client, sources_.dynamodb());
  const auto table = client->DescribeTable(mirror.sink.options.table);
  if (table.ok()) {
    mirror.sink.key = table->key;
    SMELT_ASSIGN_OR_RETURN(mirror.published,
                           publish::ReadPublished(*client, *sources_.clock, mirror.sink));
  } else if (!absl::IsNotFound(table.status())) {
    return table.status();
  }
  // A publisher that died with the table's capacity raised left it to the next one to give back.
  const bool owes_capacity = mirror.published && mirror.published->capacity_expired;
  if (mirror.published && mirror.published->IsAt(mirror.state) && !owes_capacity) {
    planned.action = StepAction::kNone;
    planned.reason = fmt::format("table {} holds what it mirrors already (publish {})",
                                 mirror.sink.options.table, mirror.published->publish_number);
  } else if (!table.ok()) {
    planned.reason =
        fmt::format("table {} does not exist in {}", mirror.sink.options.table, client->Describe());
  } else if (!mirror.published || !mirror.published->state) {
    planned.reason = fmt::format("table {} was never published whole", mirror.sink.options.table);
  } else if (owes_capacity) {
    planned.reason = fmt::format("the capacity of table {} was raised and not given back",
                                 mirror.sink.options.table);
  } else {
    planned.reason = "what it mirrors has changed since the last publish";
  }
  planned.mirror = std::move(mirror);
  return planned;
}

absl::StatusOr<std::vector<PlannedStep>> MakePlan(Planner& planner, const Graph& graph,
                                                  const std::vector<int>& nodes) {
  std::vector<PlannedStep> steps;
  std::set<int> changing;
  for (const int node : nodes) {
    if (graph.nodes[node].kind == GraphNode::Kind::kView) {
      // A view changes with what it reads: whoever reads the view finds those tables through it.
      continue;
    }
    SMELT_ASSIGN_OR_RETURN(PlannedStep step, planner.Plan(node, changing));
    if (step.action != StepAction::kNone) changing.insert(node);
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace smelt::pipeline
