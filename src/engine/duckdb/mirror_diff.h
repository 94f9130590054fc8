#pragma once

// The rows that a mirror has to put and delete: the sink's query over the version to publish
// against the same query over the versions that the DynamoDB table may hold. Rows are compared
// column by column; floating-point columns to a relative 1e-9, because a view that adds up the same
// numbers in another order is the same view.
//
// Owned and used by one thread. The database outlives it.

#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "engine/duckdb/db/database.h"
#include "publish/diff.h"

namespace smelt::duck {

class MirrorDiff : public publish::DiffSource {
 public:
  // `target_query` and each of `base_queries` are DuckDB's SQL and give the same columns; `keys`
  // are the key columns, partition first. kInvalidArgument where a key is not unique, NULL or
  // empty, naming keys.
  static absl::StatusOr<std::unique_ptr<MirrorDiff>> Build(
      std::unique_ptr<Connection> connection, const std::string& target_query,
      const std::vector<std::string>& base_queries, const std::vector<std::string>& keys);
  ~MirrorDiff() override;

  const base::Schema& schema() const { return schema_; }
  const dynamodb::KeySchema& key_schema() const { return key_schema_; }
  int64_t row_count() const { return rows_; }

  absl::Status Next(std::vector<publish::ItemChange>* batch) override;
  absl::Status Rewind() override;
  int64_t unchanged() const override { return unchanged_; }

 private:
  MirrorDiff(std::unique_ptr<Connection> connection, std::vector<std::string> keys);
  absl::Status Prepare(const std::string& target_query,
                       const std::vector<std::string>& base_queries);
  absl::Status CheckKeys();
  std::string SameRow(const std::string& base_table) const;
  std::string SameKey(const std::string& left, const std::string& right) const;

  std::unique_ptr<Connection> connection_;
  const std::vector<std::string> keys_;
  base::Schema schema_;
  dynamodb::KeySchema key_schema_;
  std::string puts_sql_;
  std::string deletes_sql_;  // empty: no bases
  int64_t rows_ = 0;
  int64_t unchanged_ = 0;
  std::unique_ptr<Result> open_;
  bool deleting_ = false;
};

}  // namespace smelt::duck
