#pragma once

// Walks over a parsed query: which tables and functions it names. Pure.

#include <functional>
#include <string>
#include <vector>

#include "sql/query_ast.h"

namespace smelt::sql {

// Called for every node, parents before children, subqueries and the bodies of WITH included. Null
// where not of interest.
struct QueryVisitor {
  std::function<void(const Expr&)> expr;
  std::function<void(const Relation&)> relation;
  std::function<void(const Query&)> query;
  std::function<void(const FunctionCall&, Span)> call;  // those of LATERAL VIEW, too
};
void Walk(const Query& query, const QueryVisitor& visitor);
void Walk(const Expr& expr, const QueryVisitor& visitor);

// A table that a query reads.
struct TableUse {
  std::vector<std::string> name;
  bool is_stream = false;
  const TableRef* ref = nullptr;  // its time travel; lives as long as the query
  Span span;
};

struct TableFunctionUse {
  std::string name;  // the last part, in lower case
  bool is_stream = false;
  const TableFunction* function = nullptr;
  Span span;
};

struct QueryUses {
  std::vector<TableUse> tables;  // in order of appearance, as often as they are named
  std::vector<TableFunctionUse> table_functions;
  std::vector<std::string>
      functions;  // scalar, aggregate and window functions: lower case, sorted, once each
};

// Names that a WITH of the query defines are not tables where they are in scope.
QueryUses CollectUses(const Query& query);
QueryUses CollectUses(const Expr& expr);

}  // namespace smelt::sql
