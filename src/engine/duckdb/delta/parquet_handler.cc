#include "engine/duckdb/delta/parquet_handler.h"

#include <algorithm>
#include <duckdb.hpp>

#include "base/status.h"
#include "engine/duckdb/db/error.h"

namespace smelt::duck {
namespace {

// The checkpoint schema of the protocol, as the structure that DuckDB's json_transform takes.
constexpr char kCheckpointStructure[] = R"json({
  "txn": {"appId": "VARCHAR", "version": "BIGINT", "lastUpdated": "BIGINT"},
  "add": {"path": "VARCHAR", "partitionValues": "MAP(VARCHAR, VARCHAR)", "size": "BIGINT",
          "modificationTime": "BIGINT", "dataChange": "BOOLEAN", "stats": "VARCHAR",
          "tags": "MAP(VARCHAR, VARCHAR)",
          "deletionVector": {"storageType": "VARCHAR", "pathOrInlineDv": "VARCHAR",
                             "offset": "INTEGER", "sizeInBytes": "INTEGER", "cardinality": "BIGINT"},
          "baseRowId": "BIGINT", "defaultRowCommitVersion": "BIGINT",
          "clusteringProvider": "VARCHAR"},
  "remove": {"path": "VARCHAR", "deletionTimestamp": "BIGINT", "dataChange": "BOOLEAN",
             "extendedFileMetadata": "BOOLEAN", "partitionValues": "MAP(VARCHAR, VARCHAR)",
             "size": "BIGINT", "tags": "MAP(VARCHAR, VARCHAR)",
             "deletionVector": {"storageType": "VARCHAR", "pathOrInlineDv": "VARCHAR",
                                "offset": "INTEGER", "sizeInBytes": "INTEGER",
                                "cardinality": "BIGINT"},
             "baseRowId": "BIGINT", "defaultRowCommitVersion": "BIGINT"},
  "metaData": {"id": "VARCHAR", "name": "VARCHAR", "description": "VARCHAR",
               "format": {"provider": "VARCHAR", "options": "MAP(VARCHAR, VARCHAR)"},
               "schemaString": "VARCHAR", "partitionColumns": ["VARCHAR"],
               "configuration": "MAP(VARCHAR, VARCHAR)", "createdTime": "BIGINT"},
  "protocol": {"minReaderVersion": "INTEGER", "minWriterVersion": "INTEGER",
               "readerFeatures": ["VARCHAR"], "writerFeatures": ["VARCHAR"]},
  "domainMetadata": {"domain": "VARCHAR", "configuration": "VARCHAR", "removed": "BOOLEAN"}
})json";

// What DuckDB says of bytes that are not Parquet, as what they are.
absl::Status AsDataLoss(const absl::Status& status, const std::string& key) {
  if (!absl::IsInvalidArgument(status) && !absl::IsDataLoss(status)) return status;
  return base::DataLoss("'{}' cannot be read as Parquet: {}", key, base::Message(status));
}

std::string FromParquet(const std::string& url) {
  return fmt::format(" FROM read_parquet({}, hive_partitioning = false)", QuoteLiteral(url));
}

absl::Status VisitChunk(duckdb::DataChunk& chunk,
                        const std::function<absl::Status(std::string_view row)>& visit) {
  chunk.Flatten();
  const auto* rows = duckdb::FlatVector::GetData<duckdb::string_t>(chunk.data[0]);
  for (duckdb::idx_t i = 0; i < chunk.size(); ++i) {
    SMELT_RETURN_IF_ERROR(visit(std::string_view(rows[i].GetData(), rows[i].GetSize())));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status DuckParquetHandler::ReadRowsAsJson(
    storage::ObjectStore& store, const std::string& key, std::span<const std::string> columns,
    const std::function<absl::Status(std::string_view row)>& visit) {
  const TemporaryStore registered(&database_->stores(), &store);
  const std::string source = FromParquet(StoreUrl(registered.id(), key));
  SMELT_ASSIGN_OR_RETURN(const auto connection, database_->Connect());
  std::vector<std::string> present;
  const auto described = connection->Query("SELECT *" + source + " LIMIT 0");
  if (!described.ok()) return AsDataLoss(described.status(), key);
  for (const std::string& name : (*described)->names()) {
    if (std::find(columns.begin(), columns.end(), name) != columns.end()) present.push_back(name);
  }
  std::string members;
  for (const std::string& name : present) {
    members +=
        fmt::format("{}{}: {}", members.empty() ? "" : ", ", QuoteLiteral(name), QuoteName(name));
  }
  if (members.empty()) return absl::OkStatus();
  auto result =
      connection->Query(fmt::format("SELECT to_json({{{}}})::VARCHAR{}", members, source));
  if (!result.ok()) return AsDataLoss(result.status(), key);
  while (true) {
    auto chunk = (*result)->Next();
    if (!chunk.ok()) return AsDataLoss(chunk.status(), key);
    if (*chunk == nullptr) return absl::OkStatus();
    SMELT_RETURN_IF_ERROR(VisitChunk(**chunk, visit));
  }
}

absl::StatusOr<int64_t> DuckParquetHandler::WriteCheckpoint(
    storage::ObjectStore& store, const std::string& key,
    const std::function<std::optional<std::string>()>& next) {
  const TemporaryStore registered(&database_->stores(), &store);
  SMELT_ASSIGN_OR_RETURN(const auto connection, database_->Connect());
  SMELT_RETURN_IF_ERROR(connection->Execute("CREATE TEMP TABLE actions (line VARCHAR)"));
  SMELT_RETURN_IF_ERROR(CatchErrors([&] {
    duckdb::Appender appender(connection->raw(), "temp", "main", "actions");
    while (const auto line = next()) appender.AppendRow(duckdb::string_t(*line));
    appender.Close();
    return absl::OkStatus();
  }));
  SMELT_RETURN_IF_ERROR(connection->Execute(fmt::format(
      "COPY (SELECT unnest(json_transform(line, {})) FROM actions) TO {} (FORMAT parquet, "
      "USE_TMP_FILE false)",
      QuoteLiteral(kCheckpointStructure), QuoteLiteral(StoreUrl(registered.id(), key)))));
  SMELT_ASSIGN_OR_RETURN(const storage::ObjectInfo info, store.Head(key));
  return info.size_bytes;
}

}  // namespace smelt::duck
