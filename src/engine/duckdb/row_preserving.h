#pragma once

// Whether a query gives exactly one row for each row of the one source it reads, seen from its text
// alone: then the rows that enter a flow's rules must be as many as the source's manifest or log
// says it holds, and a batch can be checked against that. Pure.

#include "sql/query_ast.h"

namespace smelt::duck {

// A SELECT over one table, table function or view, without anything that drops, merges or
// multiplies rows.
bool IsRowPreserving(const sql::Query& query);

}  // namespace smelt::duck
