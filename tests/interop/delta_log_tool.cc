// delta_log_tool LAKE TABLE < commands: drives the Delta room from a test that makes its own
// Parquet files.
//
// Commands are a JSON array: {"do": "create" | "append" | "overwrite" | "delete" | "show", ..}, see
// the functions below. Each prints one line of JSON.

#include <cstdio>
#include <iostream>
#include <iterator>

#include "base/json.h"
#include "base/status.h"
#include "delta/operations.h"
#include "delta/paths.h"
#include "delta/schema_json.h"
#include "delta/stats.h"
#include "storage/disk_store.h"

namespace smelt::delta {
namespace {

using base::Json;

FileStatistics StatisticsOf(const Json& json) {
  FileStatistics stats;
  stats.num_records = json.at("rows");
  for (const Json& column : json.at("columns")) {
    ColumnStatistics& out = stats.columns.emplace_back();
    out.path = column.at("path").get<std::vector<std::string>>();
    if (column.contains("min")) out.min = column["min"].get<std::string>();
    if (column.contains("max")) out.max = column["max"].get<std::string>();
    out.null_count = column.at("nulls").get<int64_t>();
  }
  return stats;
}

// "files": [{"path", "size", "partition": {..}, "stats": {..}}], paths not yet encoded.
std::vector<AddFile> FilesOf(const Json& command, const base::Schema& schema) {
  std::vector<AddFile> files;
  for (const Json& json : command.value("files", Json::array())) {
    AddFile& file = files.emplace_back();
    file.path = EncodePath(json.at("path").get<std::string>());
    file.size_bytes = json.at("size");
    for (const auto& [column, value] : json.at("partition").items()) {
      file.partition_values[column] =
          value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
    }
    file.stats = StatsToJson(schema, StatisticsOf(json.at("stats")));
  }
  return files;
}

absl::StatusOr<TableDefinition> DefinitionOf(const Json& command) {
  TableDefinition definition;
  SMELT_ASSIGN_OR_RETURN(definition.schema, SchemaFromJson(command.at("schema").dump()));
  definition.partition_columns = command.value("partition_columns", std::vector<std::string>());
  return definition;
}

absl::StatusOr<Json> CommitIt(Transaction transaction, const Json& command) {
  if (command.contains("txn")) {
    transaction.SetAppTransaction(command["txn"].at("app"), command["txn"].at("version"));
  }
  transaction.info().smelt = command.value("ledger", Json());
  SMELT_ASSIGN_OR_RETURN(const CommitOutcome outcome, transaction.Commit());
  if (const auto* committed = std::get_if<Committed>(&outcome)) {
    return Json{{"committed", committed->version.value()}};
  }
  if (const auto* conflict = std::get_if<Conflicted>(&outcome)) {
    return Json{{"conflicted", conflict->reason}};
  }
  return Json{{"done", std::get<AlreadyDone>(outcome).recorded_version}};
}

absl::StatusOr<Json> Create(const Table& table, const Json& command) {
  SMELT_ASSIGN_OR_RETURN(const TableDefinition definition, DefinitionOf(command));
  SMELT_ASSIGN_OR_RETURN(Transaction transaction,
                         CreateTable(table, definition, FilesOf(command, definition.schema)));
  return CommitIt(std::move(transaction), command);
}

// With "schema", mergeSchema. With "at", on the snapshot of that version.
absl::StatusOr<Json> Append(const Table& table, const Json& command) {
  std::optional<Version> at;
  if (command.contains("at")) at = Version(command["at"].get<int64_t>());
  SMELT_ASSIGN_OR_RETURN(const Snapshot::Ptr snapshot, Snapshot::Load(table, at));
  base::Schema schema = snapshot->schema();
  if (command.contains("schema")) {
    SMELT_ASSIGN_OR_RETURN(schema, SchemaFromJson(command["schema"].dump()));
  }
  SMELT_ASSIGN_OR_RETURN(Transaction transaction,
                         Append(snapshot, schema, SchemaMode::kMerge, FilesOf(command, schema)));
  return CommitIt(std::move(transaction), command);
}

absl::StatusOr<Json> Overwrite(const Table& table, const Json& command) {
  SMELT_ASSIGN_OR_RETURN(const Snapshot::Ptr snapshot, Snapshot::Load(table));
  SMELT_ASSIGN_OR_RETURN(const TableDefinition definition, DefinitionOf(command));
  SMELT_ASSIGN_OR_RETURN(Transaction transaction,
                         Overwrite(snapshot, definition, FilesOf(command, definition.schema)));
  return CommitIt(std::move(transaction), command);
}

// The file at "position" among the active ones.
absl::StatusOr<Json> Delete(const Table& table, const Json& command) {
  SMELT_ASSIGN_OR_RETURN(const Snapshot::Ptr snapshot, Snapshot::Load(table));
  SMELT_ASSIGN_OR_RETURN(
      Transaction transaction,
      ReplaceFiles(snapshot, "DELETE", {snapshot->files().at(command.at("position"))}, {}));
  return CommitIt(std::move(transaction), command);
}

absl::StatusOr<Json> Show(const Table& table, const Json&) {
  SMELT_ASSIGN_OR_RETURN(const Snapshot::Ptr snapshot, Snapshot::Load(table));
  Json files = Json::array();
  for (const Snapshot::AddPtr& file : snapshot->files()) {
    SMELT_ASSIGN_OR_RETURN(const std::string path, DecodePath(file->path));
    Json partition = Json::object();
    for (const auto& [column, value] : file->partition_values) {
      partition[column] = value ? Json(*value) : Json();
    }
    files.push_back({{"path", path},
                     {"partition", std::move(partition)},
                     {"rows", NumRecords(file->stats).value_or(-1)}});
  }
  return Json{{"version", snapshot->version().value()},
              {"schema", base::SchemaToString(snapshot->schema())},
              {"files", std::move(files)}};
}

absl::StatusOr<Json> Run(const Table& table, const Json& command) {
  const std::string what = command.at("do");
  if (what == "create") return Create(table, command);
  if (what == "append") return Append(table, command);
  if (what == "overwrite") return Overwrite(table, command);
  if (what == "delete") return Delete(table, command);
  if (what == "show") return Show(table, command);
  return base::InvalidArgument("no such command: {}", what);
}

}  // namespace
}  // namespace smelt::delta

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  smelt::storage::DiskStore store(argv[1]);
  smelt::delta::Table table;
  table.store = &store;
  table.root = argv[2];
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  for (const auto& command : smelt::base::Json::parse(text)) {
    const auto result = smelt::delta::Run(table, command);
    if (!result.ok()) {
      std::cerr << smelt::base::Message(result.status()) << "\n";
      return 1;
    }
    std::cout << result->dump() << std::endl;
  }
  return 0;
}
