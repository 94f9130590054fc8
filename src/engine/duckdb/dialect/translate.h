#pragma once

// Spark SQL in, DuckDB SQL out. The text calls the functions of engine/duckdb/functions wherever
// Spark and DuckDB differ, and those decide by the types that DuckDB binds; so the translation
// needs no types, no catalog and no connection. What cannot be given as Spark gives it is refused
// with a diagnostic that names it, never answered otherwise. Pure; thread-safe if the resolver is.
//
// How types meet: STRING is VARCHAR, TIMESTAMP is TIMESTAMP WITH TIME ZONE, TIMESTAMP_NTZ is
// TIMESTAMP, BINARY is BLOB, ARRAY is a list, MAP and STRUCT are DuckDB's own, INTERVAL is
// INTERVAL. A query runs in a session that has RegisterSparkFunctions behind it.

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "sql/diagnostic.h"
#include "sql/query_ast.h"
#include "sql/query_parser.h"
#include "sql/source.h"

namespace smelt::duck {

// A table or table function of FROM, to be resolved. Exactly one of the two is set.
struct SourceRef {
  const sql::TableRef* table = nullptr;
  const sql::TableFunction* function = nullptr;
  sql::Span span;
};

// What stands for it in DuckDB's FROM.
struct FromItem {
  // A table name, a call of a table function, or a query in parentheses; without an alias.
  std::string sql;
  // Columns that can be named but that * leaves out, such as _metadata.
  std::vector<std::string> hidden_columns;
};

// Called for what the query itself does not define and the language does not have (WITH names and
// range() never come here).
using Resolver = std::function<std::variant<FromItem, sql::Diagnostic>(const SourceRef&)>;

sql::Parsed<std::string> Translate(const sql::Query& query, const sql::SourceText& source,
                                   const Resolver& resolver);

// An expression over columns that are in scope under their own names: `SELECT <text> FROM (<query>)
// AS q`. Subqueries in it go through the resolver.
sql::Parsed<std::string> TranslateExpression(const sql::Expr& expr, const sql::SourceText& source,
                                             const Resolver& resolver);

}  // namespace smelt::duck
