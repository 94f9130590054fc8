#pragma once

// A query's result as the table that is printed.

#include "cli/table_printer.h"
#include "engine/duckdb/db/result_rows.h"

namespace smelt::cli {

// Of rows that were fetched as text.
TableData ToTableData(const duck::ResultRows& rows);

}  // namespace smelt::cli
