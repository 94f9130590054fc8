#pragma once

// Delta tables in DuckDB's SQL: the table function smelt_delta_scan('<id>') over a scan that was
// registered before.
//
// The caller says which files make up the table (a snapshot's, or only those that a stream has not
// read yet); the function reads them in parallel, matches columns by name (a column that an older
// file lacks is NULL there), takes partition columns from the log, and opens no file that its
// partition values or statistics rule out: for constant filters when the query is planned, for the
// values that a join turns out to have when the scan begins. count(*) comes from numRecords where
// every file has it.
//
// Beside the table's columns there are hidden ones, which SELECT * does not show:
//   _metadata        STRUCT(file_path, file_name, file_size, file_modification_time), as Spark's
//   __file           AddFile::path: which file a row lies in, for copy-on-write
//   file_row_number  the row's position in its file, from 0
// Thread-safe.

#include <absl/status/statusor.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "delta/actions.h"
#include "engine/duckdb/db/database.h"

namespace smelt::duck {

struct ScanSpec {
  std::string store_id;    // in the database's StoreRegistry
  std::string table_root;  // the table's folder in the store: "silver/customers"
  std::string table_name;  // for messages
  base::Schema schema;     // the columns to show, partition columns among them
  std::vector<std::string> partition_columns;
  std::vector<std::shared_ptr<const delta::AddFile>> files;
};

// What all queries over one scan have done so far.
struct ScanCounts {
  int64_t files = 0;       // given
  int64_t candidates = 0;  // left after pruning, summed over the scans that ran
  int64_t opened = 0;
};

// A registered scan with its files' keys; shared by the registry and running queries.
struct RegisteredScan {
  ScanSpec spec;
  std::vector<std::string> urls;  // of spec.files, in their order
  std::atomic<int64_t> candidates{0};
  std::atomic<int64_t> opened{0};

  // Rows of each file by its statistics, read when first asked for.
  const std::vector<std::optional<int64_t>>& NumRecords();

 private:
  std::once_flag num_records_once_;
  std::vector<std::optional<int64_t>> num_records_;
};

class ScanRegistry;

// Holds a scan registered; queries that run go on after it is gone.
class Scan {
 public:
  Scan() = default;
  Scan(ScanRegistry* registry, std::string id, std::shared_ptr<RegisteredScan> scan)
      : registry_(registry), id_(std::move(id)), scan_(std::move(scan)) {}
  ~Scan();
  Scan(Scan&& other) noexcept;
  Scan& operator=(Scan&& other) noexcept;

  // "smelt_delta_scan('7')": what to put after FROM.
  std::string Sql() const;
  ScanCounts counts() const;

 private:
  ScanRegistry* registry_ = nullptr;
  std::string id_;
  std::shared_ptr<RegisteredScan> scan_;
};

class ScanRegistry {
 public:
  explicit ScanRegistry(StoreRegistry* stores) : stores_(stores) {}

  // kUnimplemented, by name, for a file that cannot be read: one with a deletion vector, or outside
  // of the store.
  absl::StatusOr<Scan> Add(ScanSpec spec);

  // kNotFound where the scan is gone.
  absl::StatusOr<std::shared_ptr<RegisteredScan>> Find(const std::string& id) const;

 private:
  friend class Scan;
  void Remove(const std::string& id);

  StoreRegistry* const stores_;
  mutable std::mutex mutex_;
  int64_t next_id_ = 1;
  std::map<std::string, std::shared_ptr<RegisteredScan>> scans_;
};

// Makes smelt_delta_scan known to `database`, once. The registry lives as long as the database
// needs it, and outlives the scans it gives.
absl::StatusOr<std::shared_ptr<ScanRegistry>> RegisterDeltaScan(Database& database);

}  // namespace smelt::duck
