#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/status.h"
#include "cli/commands.h"
#include "cli/project_loader.h"
#include "cli/sql_session.h"
#include "cli/table_printer.h"
#include "delta/action_json.h"
#include "delta/log_segment.h"
#include "delta/snapshot.h"
#include "sql/token.h"

namespace smelt::cli {
namespace {

struct TableArguments {
  std::string name;
  int64_t limit = 20;
};

// A table of the lake by name, or of this machine by path. Snapshots refer to it, so it outlives
// them.
struct FoundTable {
  std::unique_ptr<Workspace> workspace;
  PathTable by_path;
  std::string name;
  std::string location;
  delta::Snapshot::Ptr snapshot;
};

absl::StatusOr<std::string> PathOf(const std::string& name) {
  constexpr std::string_view kDelta = "delta.`";
  if (name.size() > kDelta.size() && sql::EqualsIgnoreCase(name.substr(0, kDelta.size()), kDelta) &&
      name.back() == '`') {
    return name.substr(kDelta.size(), name.size() - kDelta.size() - 1);
  }
  return name.find('/') == std::string::npos ? std::string() : name;
}

absl::StatusOr<std::unique_ptr<FoundTable>> FindTable(const Context& context,
                                                      const std::string& name) {
  auto found = std::make_unique<FoundTable>();
  SMELT_ASSIGN_OR_RETURN(const std::string path, PathOf(name));
  if (!path.empty()) {
    // The lake gives what reads checkpoints, even for a table that lies elsewhere.
    SMELT_ASSIGN_OR_RETURN(found->workspace, Workspace::Open(path, {}, {}, {}));
    SMELT_ASSIGN_OR_RETURN(found->by_path,
                           OpenPathTable(path, found->workspace->catalog().lake().parquet));
    SMELT_ASSIGN_OR_RETURN(found->snapshot, delta::Snapshot::Load(found->by_path.table));
    found->name = found->location = path;
    return found;
  }
  SMELT_ASSIGN_OR_RETURN(found->workspace, OpenLake(context));
  catalog::Catalog& catalog = found->workspace->catalog();
  SMELT_ASSIGN_OR_RETURN(const catalog::TableName table,
                         catalog::ResolveName(SplitName(name), catalog.defaults()));
  SMELT_ASSIGN_OR_RETURN(const auto snapshot, catalog.Find(table, found->workspace->principal()));
  if (!snapshot) {
    std::vector<std::string> known;
    const auto list = catalog.List(found->workspace->principal());
    if (list.ok()) {
      for (const catalog::TableName& other : *list)
        known.push_back(other.schema + "." + other.table);
    }
    const std::string hint = sql::SuggestName(table.schema + "." + table.table, known);
    return base::NotFound("there is no table {} in the lake {}{}{}", table.ToString(),
                          found->workspace->lake_path(), hint.empty() ? "" : "; ", hint);
  }
  found->name = table.ToString();
  found->location =
      found->workspace->lake_path() + "/" + catalog::LocationOf(table, catalog.defaults());
  found->snapshot = *snapshot;
  return found;
}

struct HistoryEntry {
  int64_t version;
  int64_t timestamp_ms;
  delta::CommitInfo info;
};

// The newest `limit` commits that the log still has, newest first.
absl::StatusOr<std::vector<HistoryEntry>> ReadHistory(const delta::Snapshot& snapshot,
                                                      int64_t limit) {
  const delta::Table& table = snapshot.table();
  std::vector<HistoryEntry> history;
  delta::ActionParser parser;
  delta::ActionFilter filter;
  filter.files = false;
  for (int64_t version = snapshot.version().value();
       version >= 0 && static_cast<int64_t>(history.size()) < limit; --version) {
    const std::string key = table.CommitKey(delta::Version(version));
    const auto info = table.store->Head(key);
    if (absl::IsNotFound(info.status())) break;  // cleaned up
    if (!info.ok()) return info.status();
    SMELT_ASSIGN_OR_RETURN(const std::string text, table.store->Get(key));
    HistoryEntry entry{version, info->modified_micros / 1000, {}};
    SMELT_RETURN_IF_ERROR(parser.ParseCommit(text, key, filter, [&](delta::Action action) {
      if (auto* const commit = std::get_if<delta::CommitInfo>(&action)) {
        entry.info = std::move(*commit);
      }
      return absl::OkStatus();
    }));
    if (entry.info.in_commit_timestamp_ms) {
      entry.timestamp_ms = *entry.info.in_commit_timestamp_ms;
    } else if (entry.info.timestamp_ms) {
      entry.timestamp_ms = *entry.info.timestamp_ms;
    }
    history.push_back(std::move(entry));
  }
  return history;
}

std::string Joined(const std::map<std::string, std::string>& values) {
  std::string text;
  for (const auto& [key, value] : values) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, value);
  }
  return text;
}

constexpr int64_t kMicrosPerMilli = 1000;

ExitCode History(const Context& context, const TableArguments& arguments) {
  const Output& output = context.output;
  const auto found = FindTable(context, arguments.name);
  if (!found.ok()) return output.Fail(found.status());
  const auto history = ReadHistory(*(*found)->snapshot, arguments.limit);
  if (!history.ok()) return output.Fail(history.status());
  if (output.json()) {
    base::OrderedJson json = base::OrderedJson::array();
    for (const HistoryEntry& entry : *history) {
      base::OrderedJson commit = {
          {"version", entry.version},
          {"timestamp", base::FormatIsoMillis(entry.timestamp_ms * kMicrosPerMilli)},
          {"operation", entry.info.operation},
          {"operation_parameters", entry.info.operation_parameters},
          {"operation_metrics", entry.info.operation_metrics},
          {"engine_info", entry.info.engine_info}};
      commit["ledger"] = base::OrderedJson::parse(entry.info.smelt.dump());
      json.push_back(std::move(commit));
    }
    output.PrintJson(json);
    return kDone;
  }
  TableData data;
  data.columns = {{"version", "", true},     {"time", "", false},    {"operation", "", false},
                  {"parameters", "", false}, {"metrics", "", false}, {"engine", "", false}};
  for (const HistoryEntry& entry : *history) {
    data.rows.push_back({std::to_string(entry.version),
                         base::FormatIsoMillis(entry.timestamp_ms * kMicrosPerMilli),
                         entry.info.operation, Joined(entry.info.operation_parameters),
                         Joined(entry.info.operation_metrics), entry.info.engine_info});
  }
  data.is_cut = !history->empty() && history->back().version > 0;
  output.Print(FormatTable(data, {.width = output.width(),
                                  .max_rows = 0,
                                  .colour = output.OnOut(Style::kDim, "x").size() > 1}));
  return kDone;
}

base::OrderedJson DetailOf(const FoundTable& found) {
  const delta::Snapshot& snapshot = *found.snapshot;
  const delta::Metadata& metadata = snapshot.metadata();
  base::OrderedJson columns = base::OrderedJson::array();
  for (const base::Field& field : snapshot.schema()) {
    columns.push_back(
        {{"name", field.name}, {"type", field.type.ToString()}, {"nullable", field.nullable}});
  }
  int64_t rows = 0;
  for (const delta::Snapshot::AddPtr& file : snapshot.files()) {
    const auto stats = base::Json::parse(file->stats, nullptr, false);
    const bool is_counted = stats.is_object() && stats.contains("numRecords") && rows >= 0;
    rows = is_counted ? rows + stats["numRecords"].get<int64_t>() : -1;
  }
  const delta::Protocol& protocol = snapshot.protocol();
  std::vector<std::string> features;
  for (const auto& list : {protocol.reader_features, protocol.writer_features}) {
    if (list) features.insert(features.end(), list->begin(), list->end());
  }
  std::sort(features.begin(), features.end());
  features.erase(std::unique(features.begin(), features.end()), features.end());
  return {{"name", found.name},
          {"location", found.location},
          {"id", metadata.id},
          {"description", metadata.description.value_or("")},
          {"version", snapshot.version().value()},
          {"created_at", metadata.created_time_ms
                             ? base::FormatIsoMillis(*metadata.created_time_ms * kMicrosPerMilli)
                             : ""},
          {"modified_at", base::FormatIsoMillis(snapshot.timestamp_ms() * kMicrosPerMilli)},
          {"columns", std::move(columns)},
          {"partition_columns", metadata.partition_columns},
          {"rows", rows < 0 ? base::OrderedJson() : base::OrderedJson(rows)},
          {"files", snapshot.files().size()},
          {"size_bytes", snapshot.size_bytes()},
          {"properties", metadata.configuration},
          {"min_reader_version", protocol.min_reader_version},
          {"min_writer_version", protocol.min_writer_version},
          {"features", features}};
}

ExitCode Detail(const Context& context, const TableArguments& arguments) {
  const Output& output = context.output;
  const auto found = FindTable(context, arguments.name);
  if (!found.ok()) return output.Fail(found.status());
  const base::OrderedJson detail = DetailOf(**found);
  if (output.json()) {
    output.PrintJson(detail);
    return kDone;
  }
  std::string text;
  for (const auto& [key, value] : detail.items()) {
    const bool is_blank = value.is_string() && value.get_ref<const std::string&>().empty();
    if (key == "columns" || value.empty() || is_blank) continue;
    std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
    if (value.is_number_integer()) shown = WithSeparators(value.get<int64_t>());
    if (key == "size_bytes") shown += fmt::format(" ({})", Size(value.get<int64_t>()));
    text += fmt::format("{:<20}{}\n", key, shown);
  }
  TableData columns;
  columns.columns = {{"column", "", false}, {"type", "", false}, {"nullable", "", false}};
  for (const base::OrderedJson& column : detail["columns"]) {
    columns.rows.push_back({column["name"].get<std::string>(), column["type"].get<std::string>(),
                            column["nullable"].get<bool>() ? "yes" : "no"});
  }
  output.Print(text + FormatTable(columns, {.width = output.width(),
                                            .max_rows = 0,
                                            .colour = output.OnOut(Style::kDim, "x").size() > 1}));
  return kDone;
}

}  // namespace

void AddTable(CLI::App& app, Context& context) {
  CLI::App* const table = app.add_subcommand("table", "Look at a table's log");
  table->require_subcommand(1);
  const auto arguments = std::make_shared<TableArguments>();
  CLI::App* const history = table->add_subcommand("history", "Its versions, newest first");
  history->add_option("table", arguments->name, "A name, or the path of a Delta table")->required();
  history->add_option("--limit", arguments->limit, "How many versions")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  history->callback([&context, arguments] { context.exit_code = History(context, *arguments); });
  CLI::App* const detail = table->add_subcommand("detail", "Its columns, files and properties");
  detail->add_option("table", arguments->name, "A name, or the path of a Delta table")->required();
  detail->callback([&context, arguments] { context.exit_code = Detail(context, *arguments); });
}

}  // namespace smelt::cli
