#pragma once

// A query as Spark SQL again: one line, every operator in parentheses, names quoted only where they
// need it. What it prints parses to a query that prints the same. For tests, plans and messages;
// not what the user wrote. Pure.

#include <string>

#include "sql/query_ast.h"

namespace smelt::sql {

std::string PrintQuery(const Query& query);
std::string PrintExpression(const Expr& expr);

}  // namespace smelt::sql
