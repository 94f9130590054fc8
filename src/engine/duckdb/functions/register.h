#pragma once

// Registers every spark_ function of the catalogue in a DuckDB instance.

#include <absl/status/status.h>

namespace duckdb {
class DatabaseInstance;
}

namespace smelt::duck {

// Once for each instance, before its first query. Queries then find the session in two variables of
// the connection (SET VARIABLE name = value):
//   smelt_current_timestamp  BIGINT, microseconds since the epoch: what current_timestamp() and
//   current_date() stand for.
//                            Without it they are the transaction's start.
//   smelt_time_zone          VARCHAR, a zone id such as 'Europe/Berlin'. Without it times are UTC.
absl::Status RegisterSparkFunctions(::duckdb::DatabaseInstance& database);

}  // namespace smelt::duck
