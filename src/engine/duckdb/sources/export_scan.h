#pragma once

// DynamoDB exports in DuckDB's SQL: the table function smelt_export_scan('<id>') over exports that
// were registered before. Its columns are the attributes given, _rescued_data, _change_type and
// _change_timestamp; _metadata is there too, but hidden from SELECT *.
//
// Data files are read in parallel, one a thread, and each is checked against its manifest when its
// last row is delivered: a query that runs to its end without an error has had every item. What is
// wrong with an export comes out of the query as the reader's own status. Thread-safe.

#include <absl/status/statusor.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "dynamodb/export/export_reader.h"
#include "dynamodb/export/manifest.h"
#include "engine/duckdb/db/database.h"
#include "storage/object_store.h"

namespace smelt::duck {

struct ExportScanSpec {
  std::shared_ptr<storage::ObjectStore> store;
  std::vector<dynamodb::Export> exports;
  base::Schema attributes;
  dynamodb::ReadOptions options;
};

// What all queries over one scan have done so far.
struct ExportScanCounts {
  int64_t rows = 0;       // delivered
  int64_t bad_lines = 0;  // of them
  int64_t files = 0;      // read to their ends and found whole
};

struct RegisteredExportScan {
  ExportScanSpec spec;
  struct File {
    const dynamodb::Export* found;
    const dynamodb::DataFile* file;
  };
  std::vector<File> files;  // of all exports, the largest first
  int64_t item_count = 0;   // by the manifests
  std::atomic<int64_t> rows{0};
  std::atomic<int64_t> bad_lines{0};
  std::atomic<int64_t> files_done{0};
  // The first file that was read to its end and of which DuckDB got another number of rows than its
  // manifest says: counted where rows leave, not where they come in.
  std::mutex mutex;
  absl::Status undelivered;
};

class ExportScanRegistry;

// Holds a scan registered; queries that run go on after it is gone.
class ExportScan {
 public:
  ExportScan() = default;
  ExportScan(std::shared_ptr<ExportScanRegistry> registry, std::string id,
             std::shared_ptr<RegisteredExportScan> scan)
      : registry_(std::move(registry)), id_(std::move(id)), scan_(std::move(scan)) {}
  ~ExportScan();
  ExportScan(ExportScan&& other) noexcept = default;
  ExportScan& operator=(ExportScan&& other) noexcept;

  // "smelt_export_scan('7')": what to put after FROM.
  std::string Sql() const;
  ExportScanCounts counts() const;
  int64_t item_count() const { return scan_->item_count; }
  // kDataLoss, naming the file, where a query got another number of rows of it than its manifest
  // says. OK without a scan.
  absl::Status CheckDelivered() const;

 private:
  void Release();

  std::shared_ptr<ExportScanRegistry> registry_;
  std::string id_;
  std::shared_ptr<RegisteredExportScan> scan_;
};

class ExportScanRegistry : public std::enable_shared_from_this<ExportScanRegistry> {
 public:
  ExportScan Add(ExportScanSpec spec);

  // kNotFound where the scan is gone.
  absl::StatusOr<std::shared_ptr<RegisteredExportScan>> Find(const std::string& id) const;

 private:
  friend class ExportScan;
  void Remove(const std::string& id);

  mutable std::mutex mutex_;
  int64_t next_id_ = 1;
  std::map<std::string, std::shared_ptr<RegisteredExportScan>> scans_;
};

// Makes smelt_export_scan known to `database`, once.
absl::StatusOr<std::shared_ptr<ExportScanRegistry>> RegisterExportScan(Database& database);

}  // namespace smelt::duck
