#include "delta/schema_evolution.h"

#include <strings.h>

#include <algorithm>

#include "base/status.h"

namespace smelt::delta {
namespace {

using base::DataType;
using base::Field;
using base::TypeKind;

bool SameName(const std::string& a, const std::string& b) {
  return strcasecmp(a.c_str(), b.c_str()) == 0;
}

absl::Status CheckNames(const std::vector<Field>& fields, const std::string& prefix);

absl::Status CheckNestedNames(const DataType& type, const std::string& prefix) {
  switch (type.kind()) {
    case TypeKind::kStruct:
      if (type.fields().empty()) {
        return base::InvalidArgument("column '{}' is a struct without members", prefix);
      }
      return CheckNames(type.fields(), prefix + ".");
    case TypeKind::kArray:
      return CheckNestedNames(type.element(), prefix + ".element");
    case TypeKind::kMap:
      SMELT_RETURN_IF_ERROR(CheckNestedNames(type.key(), prefix + ".key"));
      return CheckNestedNames(type.value(), prefix + ".value");
    case TypeKind::kNull:
    case TypeKind::kVariant:
    case TypeKind::kInterval:
      return base::InvalidArgument("column '{}' has type {}, which a Delta table cannot hold",
                                   prefix, type.ToString());
    default:
      return absl::OkStatus();
  }
}

absl::Status CheckNames(const std::vector<Field>& fields, const std::string& prefix) {
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::string& name = fields[i].name;
    if (name.empty()) return base::InvalidArgument("a column of '{}' has no name", prefix);
    if (name.find_first_of(" ,;{}()\n\t=") != std::string::npos) {
      return base::InvalidArgument(
          "column '{}{}' has a character among ' ,;{{}}()\\n\\t=', which a Delta table cannot "
          "hold: give it "
          "another name (AS ..)",
          prefix, name);
    }
    for (size_t j = 0; j < i; ++j) {
      if (SameName(fields[j].name, name)) {
        return base::InvalidArgument("column '{}{}' occurs twice (as '{}' too)", prefix, name,
                                     fields[j].name);
      }
    }
    SMELT_RETURN_IF_ERROR(CheckNestedNames(fields[i].type, prefix + name));
  }
  return absl::OkStatus();
}

// The rank of integers by width; 0 for other types.
int IntegerRank(TypeKind kind) {
  switch (kind) {
    case TypeKind::kByte:
      return 1;
    case TypeKind::kShort:
      return 2;
    case TypeKind::kInteger:
      return 3;
    case TypeKind::kLong:
      return 4;
    default:
      return 0;
  }
}

// Whether every value of `from` is one of `to` (Spark's up-cast, and nothing that rounds).
bool FitsIn(const DataType& from, const DataType& to) {
  if (from.is(TypeKind::kNull)) return true;
  const int from_rank = IntegerRank(from.kind());
  const int to_rank = IntegerRank(to.kind());
  if (from_rank != 0 && to_rank != 0) return from_rank <= to_rank;
  if (from.is(TypeKind::kFloat) && to.is(TypeKind::kDouble)) return true;
  if (from_rank != 0 && to.is(TypeKind::kDouble)) return from_rank <= 3;
  if (from_rank != 0 && to.is(TypeKind::kFloat)) return from_rank <= 2;
  if (!to.is(TypeKind::kDecimal)) return false;
  const int whole_digits = to.precision() - to.scale();
  if (from.is(TypeKind::kDecimal)) {
    return from.scale() <= to.scale() && from.precision() - from.scale() <= whole_digits;
  }
  constexpr int kDigits[] = {0, 3, 5, 10, 19};
  return from_rank != 0 && kDigits[from_rank] <= whole_digits;
}

absl::StatusOr<std::vector<Field>> EvolveFields(const std::vector<Field>& table,
                                                const std::vector<Field>& incoming, SchemaMode mode,
                                                const std::string& prefix);

absl::StatusOr<DataType> EvolveType(const DataType& table, const DataType& incoming,
                                    SchemaMode mode, const std::string& column) {
  if (table == incoming || FitsIn(incoming, table)) return table;
  if (table.kind() == incoming.kind()) {
    if (table.is(TypeKind::kStruct)) {
      SMELT_ASSIGN_OR_RETURN(std::vector<Field> fields,
                             EvolveFields(table.fields(), incoming.fields(), mode, column + "."));
      return DataType::Struct(std::move(fields));
    }
    if (table.is(TypeKind::kArray)) {
      SMELT_ASSIGN_OR_RETURN(DataType element, EvolveType(table.element(), incoming.element(), mode,
                                                          column + ".element"));
      return DataType::Array(std::move(element), table.contains_null());
    }
    if (table.is(TypeKind::kMap)) {
      SMELT_ASSIGN_OR_RETURN(DataType key,
                             EvolveType(table.key(), incoming.key(), mode, column + ".key"));
      SMELT_ASSIGN_OR_RETURN(DataType value,
                             EvolveType(table.value(), incoming.value(), mode, column + ".value"));
      return DataType::Map(std::move(key), std::move(value), table.contains_null());
    }
  }
  const int table_rank = IntegerRank(table.kind());
  const int incoming_rank = IntegerRank(incoming.kind());
  if (mode == SchemaMode::kMerge && table_rank != 0 && incoming_rank > table_rank &&
      incoming_rank <= IntegerRank(TypeKind::kInteger)) {
    return incoming;
  }
  return base::InvalidArgument("column '{}' is {} in the table and {} in what is written", column,
                               table.ToString(), incoming.ToString());
}

absl::StatusOr<std::vector<Field>> EvolveFields(const std::vector<Field>& table,
                                                const std::vector<Field>& incoming, SchemaMode mode,
                                                const std::string& prefix) {
  std::vector<Field> result = table;
  for (const Field& field : incoming) {
    const auto it = std::find_if(result.begin(), result.end(), [&](const Field& candidate) {
      return SameName(candidate.name, field.name);
    });
    if (it != result.end()) {
      SMELT_ASSIGN_OR_RETURN(it->type, EvolveType(it->type, field.type, mode, prefix + it->name));
      continue;
    }
    if (mode == SchemaMode::kStrict) {
      return base::InvalidArgument(
          "column '{}{}' ({}) is not in the table; mergeSchema would add it", prefix, field.name,
          field.type.ToString());
    }
    // Rows written before have no value for it.
    result.push_back(field);
    result.back().nullable = true;
  }
  for (const Field& field : table) {
    const bool given = std::any_of(incoming.begin(), incoming.end(), [&](const Field& candidate) {
      return SameName(candidate.name, field.name);
    });
    if (!given && !field.nullable) {
      return base::InvalidArgument("column '{}{}' must not be NULL and is not written", prefix,
                                   field.name);
    }
  }
  return result;
}

}  // namespace

absl::Status CheckSchema(const base::Schema& schema,
                         const std::vector<std::string>& partition_columns) {
  if (schema.empty()) return base::InvalidArgument("a table needs at least one column");
  SMELT_RETURN_IF_ERROR(CheckNames(schema, ""));
  for (size_t i = 0; i < partition_columns.size(); ++i) {
    const std::string& name = partition_columns[i];
    const auto it = std::find_if(schema.begin(), schema.end(),
                                 [&](const Field& field) { return field.name == name; });
    if (it == schema.end()) {
      return base::InvalidArgument("partition column '{}' is not among the columns: {}", name,
                                   base::SchemaToString(schema));
    }
    if (it->type.is_nested()) {
      return base::InvalidArgument("partition column '{}' has the nested type {}", name,
                                   it->type.ToString());
    }
    if (std::find(partition_columns.begin(), partition_columns.begin() + i, name) !=
        partition_columns.begin() + i) {
      return base::InvalidArgument("partition column '{}' is named twice", name);
    }
  }
  if (partition_columns.size() == schema.size()) {
    return base::InvalidArgument("all columns are partition columns: a file needs one besides");
  }
  return absl::OkStatus();
}

absl::StatusOr<base::Schema> EvolveSchema(const base::Schema& table, const base::Schema& incoming,
                                          SchemaMode mode) {
  return EvolveFields(table, incoming, mode, "");
}

}  // namespace smelt::delta
