#pragma once

// What Spark calls a column that was given no name: the expression itself, tidied up: `count(1)`,
// `(qty * 2)`, `sum(DISTINCT x)`. Pure.

#include <string>

#include "sql/query_ast.h"

namespace smelt::duck {

std::string OutputName(const sql::Expr& expr);

}  // namespace smelt::duck
