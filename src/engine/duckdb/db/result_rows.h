#pragma once

// A result as plain data for people and programs, by the rules that docs/reference gives for `smelt
// sql`. Values, without any reference into DuckDB.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "base/json.h"
#include "engine/duckdb/db/database.h"

namespace smelt::duck {

enum class RowFormat {
  // Integers and doubles as numbers (NaN and infinities as strings), decimals as strings with their
  // scale, dates and
  // timestamps in ISO 8601 (UTC with Z, no zone for TIMESTAMP_NTZ), binary in base64, arrays,
  // structs and maps as JSON.
  kJson,
  // One line of text a cell, as Spark's show() prints it; NULL is null. Binary as hex pairs.
  kText,
};

struct ResultRows {
  base::Schema schema;
  // kJson: the values. kText: strings, or null.
  std::vector<std::vector<base::OrderedJson>> rows;
  // More rows were there than `limit` let through.
  bool truncated = false;
};

// Reads `result` to its end, or up to `limit` rows.
absl::StatusOr<ResultRows> FetchRows(Result& result, RowFormat format,
                                     std::optional<int64_t> limit = std::nullopt);

// Query and FetchRows in one.
absl::StatusOr<ResultRows> QueryRows(Connection& connection, const std::string& sql,
                                     RowFormat format = RowFormat::kJson,
                                     std::optional<int64_t> limit = std::nullopt);

// A row as an object, keys in column order. A repeated name gets "_2", "_3" added, so that no value
// is lost.
base::OrderedJson RowToObject(const base::Schema& schema,
                              const std::vector<base::OrderedJson>& row);

}  // namespace smelt::duck
