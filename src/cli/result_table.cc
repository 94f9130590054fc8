#include "cli/result_table.h"

namespace smelt::cli {
namespace {

bool IsNumber(const base::DataType& type) {
  return type.kind() >= base::TypeKind::kByte && type.kind() <= base::TypeKind::kDecimal;
}

}  // namespace

TableData ToTableData(const duck::ResultRows& rows) {
  TableData data;
  data.is_cut = rows.truncated;
  for (const base::Field& field : rows.schema) {
    data.columns.push_back({field.name, field.type.ToString(), IsNumber(field.type)});
  }
  for (const std::vector<base::OrderedJson>& row : rows.rows) {
    std::vector<std::optional<std::string>>& cells = data.rows.emplace_back();
    for (const base::OrderedJson& value : row) {
      if (value.is_null()) {
        cells.emplace_back();
      } else {
        cells.emplace_back(value.is_string() ? value.get<std::string>() : value.dump());
      }
    }
  }
  return data;
}

}  // namespace smelt::cli
