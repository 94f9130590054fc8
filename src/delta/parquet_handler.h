#pragma once

// ParquetHandler: checkpoints are Parquet, and Parquet is the engine's. Declared here, implemented
// by engine/duckdb. Rows cross as JSON texts, so that the log's lines and the checkpoint's rows
// share one codec (action_json.h). Implementations are thread-safe.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "storage/object_store.h"

namespace smelt::delta {

class ParquetHandler {
 public:
  virtual ~ParquetHandler() = default;

  // Visits every row of the Parquet object `key` as a JSON object of those top-level `columns` that
  // the file has (others are passed over):
  // {"add":{"path":..,"partitionValues":{..},..},"txn":null}. Maps become objects, NULL members
  // null; a row may leave null members out. Stops at the first status that is not OK and returns
  // it. kNotFound where there is no such object, kDataLoss where it is not Parquet.
  virtual absl::Status ReadRowsAsJson(
      storage::ObjectStore& store, const std::string& key, std::span<const std::string> columns,
      const std::function<absl::Status(std::string_view row)>& visit) = 0;

  // Writes a classic checkpoint with the checkpoint schema of the protocol ("Checkpoint Schema"):
  // columns txn, add, remove, metaData, protocol and domainMetadata, each row one action with the
  // others NULL. `next` gives the rows as the log has them, {"add":{..}}, and nullopt at the end.
  // The object is durable when this returns its size in bytes.
  virtual absl::StatusOr<int64_t> WriteCheckpoint(
      storage::ObjectStore& store, const std::string& key,
      const std::function<std::optional<std::string>()>& next) = 0;
};

}  // namespace smelt::delta
