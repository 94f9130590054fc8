#pragma once

// Readers: read-only connections to the store's file, borrowed for one request each, so that reads
// run side by side and beside the writer. Thread-safe.

#include <absl/status/statusor.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "dynamodb/store/connection.h"
#include "dynamodb/store/table.h"
#include "dynamodb/store/types.h"

namespace smelt::dynamodb::store {

class Readers {
 public:
  explicit Readers(std::filesystem::path file) : file_(std::move(file)) {}

  absl::StatusOr<GetResult> Get(const Table& table, const EncodedKey& key, bool consistent);
  // Expect requests whose expressions and keys are the table's.
  absl::StatusOr<Page> Query(const Table& table, const QueryRequest& request);
  absl::StatusOr<Page> Scan(const Table& table, const ScanRequest& request);

 private:
  class Borrowed;
  absl::StatusOr<std::unique_ptr<Connection>> Take();
  void GiveBack(std::unique_ptr<Connection> connection);

  const std::filesystem::path file_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace smelt::dynamodb::store
