#include "catalog/table_name.h"

#include <algorithm>
#include <cctype>

#include "base/status.h"

namespace smelt::catalog {
namespace {

// What Unity Catalog allows: no '.', space, '/' or control characters; at most 255 characters.
absl::Status CheckPart(const std::string& part) {
  constexpr size_t kMaxBytes = 255;
  if (part.empty()) return base::InvalidArgument("a table name has an empty part");
  if (part.size() > kMaxBytes) {
    return base::InvalidArgument("the name '{}..' is longer than {} characters", part.substr(0, 20),
                                 kMaxBytes);
  }
  for (const unsigned char c : part) {
    if (c <= 0x20 || c == 0x7f || c == '.' || c == '/') {
      return base::InvalidArgument("the name '{}' holds a character that a table name cannot have",
                                   part);
    }
  }
  // The lake keeps its own books below folders that begin like these.
  if (part[0] == '_' && part == "_smelt") {
    return base::InvalidArgument("the name '_smelt' is taken by the lake's own books");
  }
  return absl::OkStatus();
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return c < 0x80 ? std::tolower(c) : c; });
  return text;
}

}  // namespace

absl::StatusOr<TableName> ResolveName(const std::vector<std::string>& parts,
                                      const NameDefaults& defaults) {
  if (parts.empty() || parts.size() > 3) {
    return base::InvalidArgument("a table name has one to three parts, not {}", parts.size());
  }
  for (const std::string& part : parts) SMELT_RETURN_IF_ERROR(CheckPart(part));
  TableName name{defaults.catalog, defaults.schema, parts.back()};
  if (parts.size() >= 2) name.schema = parts[parts.size() - 2];
  if (parts.size() == 3) name.catalog = parts[0];
  return TableName{Lower(name.catalog), Lower(name.schema), Lower(name.table)};
}

std::string LocationOf(const TableName& name, const NameDefaults& defaults) {
  const std::string location = name.schema + "/" + name.table;
  return name.catalog == Lower(defaults.catalog) ? location : name.catalog + "/" + location;
}

}  // namespace smelt::catalog
