#pragma once

// Rows for people and for programs: a table that fits the terminal, JSON, CSV or Markdown. Pure.

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace smelt::cli {

enum class TableFormat { kTable, kJson, kCsv, kMarkdown };
// "table", "json", "csv", "markdown".
absl::StatusOr<TableFormat> ParseTableFormat(const std::string& name);

struct TableColumn {
  std::string name;
  std::string type;        // in small letters below the name; empty: none are shown
  bool is_number = false;  // right-aligned
};

struct TableData {
  std::vector<TableColumn> columns;
  // One cell a column; nullopt is NULL.
  std::vector<std::vector<std::optional<std::string>>> rows;
  bool is_cut = false;  // there are more rows than these
};

struct TableStyle {
  int width = 120;      // columns of the terminal
  int max_rows = 40;    // of kTable: the first and the last ones are shown; 0: all
  bool colour = false;  // dims frame, types and NULL
};

// Column by column as wide as needed; where they do not fit, wide columns give way first, then
// columns in the middle are left out. What was left out is said below. Ends with a line break.
std::string FormatTable(const TableData& data, const TableStyle& style);
// RFC 4180; NULL is an empty field, an empty text "".
std::string FormatCsv(const TableData& data);
std::string FormatMarkdown(const TableData& data);

}  // namespace smelt::cli
