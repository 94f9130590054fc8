#pragma once

// JsonLinesHandler: a ParquetHandler for tests. Its "Parquet" is the rows as lines of JSON.
// Thread-safe.

#include <algorithm>
#include <string>

#include "base/status.h"
#include "delta/parquet_handler.h"

namespace smelt::delta {

class JsonLinesHandler : public ParquetHandler {
 public:
  absl::Status ReadRowsAsJson(
      storage::ObjectStore& store, const std::string& key, std::span<const std::string>,
      const std::function<absl::Status(std::string_view row)>& visit) override {
    SMELT_ASSIGN_OR_RETURN(const std::string text, store.Get(key));
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      SMELT_RETURN_IF_ERROR(visit(std::string_view(text).substr(begin, end - begin)));
      begin = end + 1;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<int64_t> WriteCheckpoint(
      storage::ObjectStore& store, const std::string& key,
      const std::function<std::optional<std::string>()>& next) override {
    std::string text;
    while (std::optional<std::string> row = next()) text += *row + "\n";
    SMELT_RETURN_IF_ERROR(store.Put(key, text, storage::PutMode::kOverwrite));
    return static_cast<int64_t>(text.size());
  }
};

}  // namespace smelt::delta
