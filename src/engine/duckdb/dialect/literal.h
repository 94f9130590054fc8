#pragma once

// Spark's literals, intervals and types as DuckDB SQL that has the same type and value. Pure.

#include <string>

#include "base/data_type.h"
#include "base/status.h"
#include "sql/query_ast.h"

namespace smelt::duck {

absl::StatusOr<std::string> LiteralText(const sql::Literal& literal);

// A DuckDB INTERVAL. Units of years and months do not mix with those of days and seconds, as in
// Spark, but for INTERVAL '1 month 2 days'.
absl::StatusOr<std::string> IntervalText(const sql::Interval& interval);

// A type as Spark writes it, with names quoted where they need it, for spark_cast(x, '..').
std::string TypeText(const base::DataType& type);

}  // namespace smelt::duck
