#include "delta/operations.h"

#include <utility>

#include "base/digest.h"
#include "base/json.h"
#include "base/status.h"
#include "delta/protocol.h"
#include "delta/schema_json.h"
#include "delta/stats.h"

namespace smelt::delta {
namespace {

// Spark's form of a list in operationParameters.
std::string ListText(const std::vector<std::string>& names) { return base::Json(names).dump(); }

void CountFiles(Transaction& transaction) {
  int64_t bytes = 0;
  int64_t rows = 0;
  bool all_counted = true;
  for (const AddFile& file : transaction.added()) {
    bytes += file.size_bytes;
    const std::optional<int64_t> records = NumRecords(file.stats);
    all_counted = all_counted && records.has_value();
    rows += records.value_or(0);
  }
  auto& metrics = transaction.info().operation_metrics;
  metrics["numFiles"] = std::to_string(transaction.added().size());
  metrics["numOutputBytes"] = std::to_string(bytes);
  if (all_counted) metrics["numOutputRows"] = std::to_string(rows);
  if (!transaction.removed().empty()) {
    metrics["numRemovedFiles"] = std::to_string(transaction.removed().size());
  }
}

void AddAll(Transaction& transaction, std::vector<AddFile> files) {
  for (AddFile& file : files) transaction.Add(std::move(file));
  CountFiles(transaction);
}

// Sets a new schema, and the protocol if that asks for more.
absl::Status SetSchema(Transaction& transaction, const base::Schema& schema,
                       const std::vector<std::string>& partition_columns) {
  SMELT_RETURN_IF_ERROR(CheckSchema(schema, partition_columns));
  Metadata metadata = transaction.metadata();
  SMELT_ASSIGN_OR_RETURN(metadata.schema_string, SchemaToJson(schema));
  metadata.partition_columns = partition_columns;
  transaction.SetMetadata(std::move(metadata));
  const Protocol protocol = UpgradeFor(transaction.protocol(), schema);
  if (!(protocol == transaction.protocol())) transaction.SetProtocol(protocol);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Metadata> MakeMetadata(const TableDefinition& definition, base::Clock& clock) {
  SMELT_RETURN_IF_ERROR(CheckSchema(definition.schema, definition.partition_columns));
  Metadata metadata;
  metadata.id = base::RandomUuid();
  metadata.name = definition.name;
  metadata.description = definition.description;
  SMELT_ASSIGN_OR_RETURN(metadata.schema_string, SchemaToJson(definition.schema));
  metadata.partition_columns = definition.partition_columns;
  metadata.configuration = definition.properties;
  metadata.created_time_ms = clock.NowMicros() / 1000;
  return metadata;
}

absl::StatusOr<Transaction> CreateTable(const Table& table, const TableDefinition& definition,
                                        std::vector<AddFile> files) {
  SMELT_ASSIGN_OR_RETURN(Metadata metadata, MakeMetadata(definition, *table.clock));
  Transaction transaction = Transaction::Create(table);
  CommitInfo& info = transaction.info();
  info.operation = files.empty() ? "CREATE TABLE" : "CREATE TABLE AS SELECT";
  info.operation_parameters = {{"partitionBy", ListText(definition.partition_columns)},
                               {"properties", base::Json(definition.properties).dump()},
                               {"isManaged", "false"}};
  if (definition.description) info.operation_parameters["description"] = *definition.description;
  transaction.SetProtocol(ProtocolFor(definition.schema));
  transaction.SetMetadata(std::move(metadata));
  if (!files.empty()) AddAll(transaction, std::move(files));
  return transaction;
}

absl::StatusOr<Transaction> Append(const Snapshot::Ptr& snapshot, const base::Schema& incoming,
                                   SchemaMode mode, std::vector<AddFile> files) {
  SMELT_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(snapshot));
  SMELT_ASSIGN_OR_RETURN(const base::Schema schema,
                         EvolveSchema(snapshot->schema(), incoming, mode));
  if (!(schema == snapshot->schema())) {
    SMELT_RETURN_IF_ERROR(SetSchema(transaction, schema, snapshot->partition_columns()));
  }
  transaction.info().operation = "WRITE";
  transaction.info().operation_parameters = {
      {"mode", "Append"}, {"partitionBy", ListText(snapshot->partition_columns())}};
  AddAll(transaction, std::move(files));
  return transaction;
}

absl::StatusOr<Transaction> Overwrite(const Snapshot::Ptr& snapshot,
                                      const std::optional<TableDefinition>& new_definition,
                                      std::vector<AddFile> files) {
  SMELT_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(snapshot));
  if (new_definition) {
    const bool same = new_definition->schema == snapshot->schema() &&
                      new_definition->partition_columns == snapshot->partition_columns();
    if (!same) {
      SMELT_RETURN_IF_ERROR(
          SetSchema(transaction, new_definition->schema, new_definition->partition_columns));
    }
  }
  transaction.MarkRead();
  for (const Snapshot::AddPtr& file : snapshot->files()) transaction.Remove(*file);
  transaction.info().operation = "WRITE";
  transaction.info().operation_parameters = {
      {"mode", "Overwrite"}, {"partitionBy", ListText(transaction.metadata().partition_columns)}};
  AddAll(transaction, std::move(files));
  return transaction;
}

absl::StatusOr<Transaction> ReplaceFiles(const Snapshot::Ptr& snapshot, std::string operation,
                                         const std::vector<Snapshot::AddPtr>& removed,
                                         std::vector<AddFile> files,
                                         std::optional<std::vector<Predicate>> reads) {
  SMELT_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(snapshot));
  if (reads) {
    transaction.MarkRead(*std::move(reads));
  } else {
    transaction.MarkRead();
  }
  for (const Snapshot::AddPtr& file : removed) transaction.Remove(*file);
  transaction.info().operation = std::move(operation);
  AddAll(transaction, std::move(files));
  return transaction;
}

}  // namespace smelt::delta
