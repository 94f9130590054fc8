#pragma once

// Checkpoints of Delta logs, read and written by DuckDB. See delta/parquet_handler.h for the
// contract. Thread-safe; the database outlives it.

#include "delta/parquet_handler.h"
#include "engine/duckdb/db/database.h"

namespace smelt::duck {

class DuckParquetHandler : public delta::ParquetHandler {
 public:
  explicit DuckParquetHandler(Database* database) : database_(database) {}

  absl::Status ReadRowsAsJson(
      storage::ObjectStore& store, const std::string& key, std::span<const std::string> columns,
      const std::function<absl::Status(std::string_view row)>& visit) override;
  absl::StatusOr<int64_t> WriteCheckpoint(
      storage::ObjectStore& store, const std::string& key,
      const std::function<std::optional<std::string>()>& next) override;

 private:
  Database* const database_;
};

}  // namespace smelt::duck
