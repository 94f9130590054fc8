#pragma once

// A query's rows as the data files of a Delta table: Parquet files under names that nobody else
// uses, written and made durable, with the `add` actions that would make them part of the table.
// Nothing refers to them until someone commits those actions; after an error none of them is left.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "delta/actions.h"
#include "engine/duckdb/db/database.h"

namespace smelt::duck {

enum class ParquetCompression { kSnappy, kZstd };

struct WriteSpec {
  std::string store_id;    // in the database's StoreRegistry
  std::string table_root;  // the table's folder in the store: "silver/customers"
  // The table's columns: the query's are matched to them by name, cast and put in this order.
  base::Schema schema;
  std::vector<std::string> partition_columns;
  std::string file_prefix = "part";
  // Of a file of a table without partitions; with partitions, each partition gets one file, or a
  // few.
  int64_t target_file_bytes = int64_t{128} << 20;
  ParquetCompression compression = ParquetCompression::kSnappy;
  // Columns to sort by within the files, for the statistics' sake.
  std::vector<std::string> sort_by;
  // The query is known to write into many partitions: sort by them, so that few are open at once.
  // Where this is not set and they turn out to be more than memory or Database::max_open_partitions
  // lets be open, the query is run a second time, sorted.
  bool sort_partitions = false;
};

struct WrittenFiles {
  std::vector<delta::AddFile> files;  // with statistics; none for a query without rows
  int64_t rows = 0;                   // by the files' footers
  int64_t bytes = 0;
};

// kInvalidArgument where a column is missing, cannot be cast, is NULL though the schema says NOT
// NULL, or is of a type that Parquet tables do not have (VOID, INTERVAL); errors of the query and
// of the store come as they are.
absl::StatusOr<WrittenFiles> WriteParquet(Connection& connection, const std::string& query,
                                          const WriteSpec& spec);

}  // namespace smelt::duck
