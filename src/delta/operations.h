#pragma once

// The operations on a table, as Transactions: create, append, overwrite, replace files. They check,
// set metadata and commitInfo as Spark writes them; the caller adds SetAppTransaction and
// info().smelt, and commits.

#include <absl/status/statusor.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "delta/schema_evolution.h"
#include "delta/transaction.h"

namespace smelt::delta {

struct TableDefinition {
  base::Schema schema;
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> properties;
  std::optional<std::string> name;
  std::optional<std::string> description;
};

// Metadata with a fresh id.
absl::StatusOr<Metadata> MakeMetadata(const TableDefinition& definition, base::Clock& clock);

// CREATE TABLE, with the first files if there are any (their rows have exactly the definition's
// schema).
absl::StatusOr<Transaction> CreateTable(const Table& table, const TableDefinition& definition,
                                        std::vector<AddFile> files = {});

// Appends files whose rows have the schema that EvolveSchema(table, incoming, mode) gives. Where
// that is the table's own, a blind append.
absl::StatusOr<Transaction> Append(const Snapshot::Ptr& snapshot, const base::Schema& incoming,
                                   SchemaMode mode, std::vector<AddFile> files);

// Replaces all rows. With `new_definition` (overwriteSchema) schema and partition columns are
// replaced too, properties and id are kept; without, the files have the table's schema.
absl::StatusOr<Transaction> Overwrite(const Snapshot::Ptr& snapshot,
                                      const std::optional<TableDefinition>& new_definition,
                                      std::vector<AddFile> files);

// Copy-on-write (MERGE, UPDATE, DELETE): `removed` files of the snapshot give way to `files`. The
// whole table counts as read unless `reads` says which part.
absl::StatusOr<Transaction> ReplaceFiles(
    const Snapshot::Ptr& snapshot, std::string operation,
    const std::vector<Snapshot::AddPtr>& removed, std::vector<AddFile> files,
    std::optional<std::vector<Predicate>> reads = std::nullopt);

}  // namespace smelt::delta
