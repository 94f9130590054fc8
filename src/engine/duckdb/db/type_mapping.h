#pragma once

// The project's types in DuckDB's and back: TIMESTAMP is TIMESTAMP WITH TIME ZONE there,
// TIMESTAMP_NTZ is TIMESTAMP, STRING is VARCHAR. Types that DuckDB computes and Spark does not have
// map to the narrowest that holds every value (UINTEGER to BIGINT, HUGEINT, the sum of BIGINTs, to
// DECIMAL(38,0)), or are an error that says which cast to use.

#include <absl/status/statusor.h>

#include <string>

#include "base/data_type.h"

namespace duckdb {
struct LogicalType;
}

namespace smelt::duck {

// Every type has an equivalent: VOID is DuckDB's NULL type.
duckdb::LogicalType ToLogicalType(const base::DataType& type);

// `column` names the value in the error.
absl::StatusOr<base::DataType> FromLogicalType(const duckdb::LogicalType& type,
                                               const std::string& column);

// The type in DuckDB's SQL, for casts: "DECIMAL(10,2)", "STRUCT(\"a\" INTEGER)".
std::string ToSqlType(const base::DataType& type);

}  // namespace smelt::duck
