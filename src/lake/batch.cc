#include "lake/batch.h"

#include <variant>

#include "base/check.h"
#include "base/status.h"
#include "delta/action_json.h"
#include "delta/protocol.h"
#include "delta/schema_json.h"
#include "delta/snapshot.h"
#include "delta/transaction.h"

namespace smelt::lake {
namespace {

std::string Line(const delta::Action& action) {
  auto text = delta::ActionToJson(action);
  SMELT_CHECK(text.ok(), "an action of our own: {}", base::Message(text.status()));
  return *std::move(text) + "\n";
}

base::Json HeaderOf(const TableWrite& write) {
  return {{"name", write.name},
          {"location", write.location},
          {"baseVersion", write.base_version},
          {"operation", write.operation},
          {"operationParameters", write.operation_parameters},
          {"readsTable", write.reads_table},
          {"removed", write.removed_paths}};
}

absl::StatusOr<TableWrite> WriteFromHeader(const base::Json& json, const std::string& what) {
  TableWrite write;
  SMELT_ASSIGN_OR_RETURN(write.name, base::StringField(json, "name", what));
  SMELT_ASSIGN_OR_RETURN(write.location, base::StringField(json, "location", what));
  SMELT_ASSIGN_OR_RETURN(write.base_version, base::IntField(json, "baseVersion", what));
  SMELT_ASSIGN_OR_RETURN(write.operation, base::StringField(json, "operation", what));
  write.operation_parameters =
      json.value("operationParameters", std::map<std::string, std::string>());
  write.reads_table = json.value("readsTable", false);
  write.removed_paths = json.value("removed", std::vector<std::string>());
  return write;
}

absl::StatusOr<delta::Transaction> BeginWrite(const delta::Table& table, const TableWrite& write) {
  if (write.base_version < 0) {
    SMELT_CHECK(write.metadata.has_value(), "{} is created without a schema", write.name);
    delta::Transaction transaction = delta::Transaction::Create(table);
    transaction.SetMetadata(*write.metadata);
    SMELT_ASSIGN_OR_RETURN(const base::Schema schema,
                           delta::SchemaFromJson(write.metadata->schema_string));
    transaction.SetProtocol(delta::ProtocolFor(schema));
    return transaction;
  }
  SMELT_ASSIGN_OR_RETURN(delta::Snapshot::Ptr base,
                         delta::Snapshot::Load(table, delta::Version(write.base_version)));
  std::map<std::string, delta::Snapshot::AddPtr> by_path;
  if (!write.removed_paths.empty()) {
    for (const delta::Snapshot::AddPtr& file : base->files()) by_path[file->path] = file;
  }
  SMELT_ASSIGN_OR_RETURN(delta::Transaction transaction,
                         delta::Transaction::Begin(std::move(base)));
  if (write.metadata) {
    transaction.SetMetadata(*write.metadata);
    SMELT_ASSIGN_OR_RETURN(const base::Schema schema,
                           delta::SchemaFromJson(write.metadata->schema_string));
    const delta::Protocol protocol = delta::UpgradeFor(transaction.protocol(), schema);
    if (!(protocol == transaction.protocol())) transaction.SetProtocol(protocol);
  }
  if (write.reads_table) transaction.MarkRead();
  for (const std::string& path : write.removed_paths) {
    const auto file = by_path.find(path);
    if (file == by_path.end()) {
      return base::DataLoss("{} version {} has no file {}, which a prepared batch replaces",
                            write.name, write.base_version, path);
    }
    transaction.Remove(*file->second);
  }
  return transaction;
}

// True, with the newest version, where the table's log has the batch.
absl::StatusOr<std::optional<int64_t>> VersionIfDone(const delta::Table& table,
                                                     const PreparedBatch& batch) {
  auto newest = delta::Snapshot::Load(table);
  if (absl::IsNotFound(newest.status())) return std::nullopt;
  SMELT_RETURN_IF_ERROR(newest.status());
  const auto done = (*newest)->TransactionVersion(batch.application_id);
  if (done && *done >= batch.batch) return std::optional<int64_t>((*newest)->version().value());
  return std::nullopt;
}

absl::StatusOr<BatchResult> CommitTable(const delta::Table& lake, const PreparedBatch& batch,
                                        size_t index) {
  const TableWrite& write = batch.tables[index];
  delta::Table table = lake;
  table.root = write.location;
  SMELT_ASSIGN_OR_RETURN(const std::optional<int64_t> done, VersionIfDone(table, batch));
  if (done) return BatchResult{BatchResult::Kind::kAlreadyDone, *done, {}};

  SMELT_ASSIGN_OR_RETURN(delta::Transaction transaction, BeginWrite(table, write));
  for (const delta::AddFile& file : write.added) transaction.Add(file);
  transaction.SetAppTransaction(batch.application_id, batch.batch);
  transaction.info().operation = write.operation;
  transaction.info().operation_parameters = write.operation_parameters;
  if (index == 0) {
    transaction.info().smelt = batch.ledger;
    for (const auto& [source, version] : batch.source_versions) {
      transaction.SetAppTransaction(source, version);
    }
  }
  SMELT_ASSIGN_OR_RETURN(const delta::CommitOutcome outcome, transaction.Commit());
  if (const auto* committed = std::get_if<delta::Committed>(&outcome)) {
    return BatchResult{BatchResult::Kind::kCommitted, committed->version.value(), {}};
  }
  if (const auto* already = std::get_if<delta::AlreadyDone>(&outcome)) {
    return BatchResult{BatchResult::Kind::kAlreadyDone, already->table_version.value(), {}};
  }
  const auto& conflict = std::get<delta::Conflicted>(outcome);
  return BatchResult{BatchResult::Kind::kConflicted, conflict.version.value(), conflict.reason};
}

}  // namespace

std::string PreparedBatch::Serialize() const {
  base::Json header = {{"applicationId", application_id},
                       {"batch", batch},
                       {"ledger", ledger},
                       {"sourceVersions", source_versions},
                       {"tables", tables.size()}};
  std::string text = header.dump() + "\n";
  for (const TableWrite& write : tables) {
    text += HeaderOf(write).dump() + "\n";
    if (write.metadata) text += Line(*write.metadata);
    for (const delta::AddFile& file : write.added) text += Line(file);
    text += "\n";  // ends the table's actions
  }
  return text;
}

absl::StatusOr<PreparedBatch> PreparedBatch::Parse(const std::string& text,
                                                   const std::string& what) {
  size_t at = 0;
  const auto next_line = [&]() -> std::optional<std::string_view> {
    if (at >= text.size()) return std::nullopt;
    const size_t end = text.find('\n', at);
    if (end == std::string::npos) return std::nullopt;
    const std::string_view line(text.data() + at, end - at);
    at = end + 1;
    return line;
  };
  const auto torn = [&] { return base::DataLoss("{} is cut off", what); };

  const auto first = next_line();
  if (!first) return torn();
  SMELT_ASSIGN_OR_RETURN(const base::Json header, base::ParseJson(*first, what));
  PreparedBatch batch;
  SMELT_ASSIGN_OR_RETURN(batch.application_id, base::StringField(header, "applicationId", what));
  SMELT_ASSIGN_OR_RETURN(batch.batch, base::IntField(header, "batch", what));
  batch.ledger = header.value("ledger", base::Json());
  batch.source_versions = header.value("sourceVersions", std::map<std::string, int64_t>());
  SMELT_ASSIGN_OR_RETURN(const int64_t tables, base::IntField(header, "tables", what));
  delta::ActionParser parser;
  for (int64_t i = 0; i < tables; ++i) {
    const auto line = next_line();
    if (!line) return torn();
    SMELT_ASSIGN_OR_RETURN(const base::Json json, base::ParseJson(*line, what));
    SMELT_ASSIGN_OR_RETURN(TableWrite write, WriteFromHeader(json, what));
    const size_t end = text.find("\n\n", at == 0 ? 0 : at - 1);
    if (end == std::string::npos) return torn();
    const std::string_view actions(text.data() + at, end + 1 > at ? end + 1 - at : 0);
    SMELT_RETURN_IF_ERROR(
        parser.ParseCommit(actions, what, {}, [&](delta::Action action) -> absl::Status {
          if (auto* metadata = std::get_if<delta::Metadata>(&action)) {
            write.metadata = std::move(*metadata);
          } else if (auto* add = std::get_if<delta::AddFile>(&action)) {
            write.added.push_back(std::move(*add));
          } else {
            return base::DataLoss("{} holds an action that no batch prepares", what);
          }
          return absl::OkStatus();
        }));
    at = end + 2;
    batch.tables.push_back(std::move(write));
  }
  if (batch.tables.empty()) return base::DataLoss("{} names no table", what);
  return batch;
}

absl::StatusOr<BatchResult> CommitBatch(const delta::Table& lake, const PreparedBatch& batch) {
  SMELT_CHECK(!batch.tables.empty());
  SMELT_ASSIGN_OR_RETURN(BatchResult target, CommitTable(lake, batch, 0));
  if (target.kind == BatchResult::Kind::kConflicted) return target;
  for (size_t i = 1; i < batch.tables.size(); ++i) {
    SMELT_ASSIGN_OR_RETURN(const BatchResult other, CommitTable(lake, batch, i));
    if (other.kind == BatchResult::Kind::kConflicted) {
      return base::DataLoss(
          "{} was changed by someone else ({}), so batch {} of {} could not be rolled forward into "
          "it; it belongs to its pipeline alone. Run with --full-refresh to rebuild it",
          batch.tables[i].name, other.conflict, batch.batch, batch.application_id);
    }
  }
  return target;
}

}  // namespace smelt::lake
