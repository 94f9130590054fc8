#pragma once

// How a table's schema may change by a write, and what a schema must be to be a table's. Pure.

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "base/data_type.h"

namespace smelt::delta {

// kInvalidArgument, naming the column: no columns, duplicate names (without regard to case),
// characters that Parquet's writers refuse (" ,;{}()\n\t="), partition columns that are missing,
// repeated, nested, or all there is.
absl::Status CheckSchema(const base::Schema& schema,
                         const std::vector<std::string>& partition_columns);

enum class SchemaMode {
  kStrict,  // the write's columns must be the table's, but for nullable ones left out
  kMerge,   // mergeSchema: new columns are added at the end, types widened where every reader can
            // follow
};

// The table's schema after a write of `incoming` rows; the engine casts its columns to it, and
// fills with NULL what `incoming` lacks. Types: the same; an incoming type that Spark up-casts to
// the table's without loss; with kMerge also byte -> short -> int (one Parquet type, so readers 1
// can read both), void -> anything, longer structs. Otherwise kInvalidArgument names the column and
// both types.
absl::StatusOr<base::Schema> EvolveSchema(const base::Schema& table, const base::Schema& incoming,
                                          SchemaMode mode);

}  // namespace smelt::delta
