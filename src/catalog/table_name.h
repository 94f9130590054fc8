#pragma once

// A table's three-level name and where the table lies in the lake. Names compare without regard to
// case, as in Spark; they are kept in lower case.

#include <absl/status/statusor.h>

#include <compare>
#include <string>
#include <vector>

namespace smelt::catalog {

struct TableName {
  std::string catalog;
  std::string schema;
  std::string table;

  // "main.silver.customers".
  std::string ToString() const { return catalog + "." + schema + "." + table; }
  friend auto operator<=>(const TableName&, const TableName&) = default;
};

// The names that complete one- and two-part names.
struct NameDefaults {
  std::string catalog = "main";
  std::string schema = "default";
};

// One to three parts, outermost first; more parts, or an empty or unusable one, are
// kInvalidArgument.
absl::StatusOr<TableName> ResolveName(const std::vector<std::string>& parts,
                                      const NameDefaults& defaults);

// The folder of a table below the lake's root: schema/table in the default catalog, else
// catalog/schema/table.
std::string LocationOf(const TableName& name, const NameDefaults& defaults);

}  // namespace smelt::catalog
