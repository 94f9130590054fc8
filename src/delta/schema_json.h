#pragma once

// Schema strings: Spark's JSON of a StructType ("Schema Serialization Format") <-> base::Schema.
// Pure. Column metadata is kept as JSON texts by key.

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "base/data_type.h"

namespace smelt::delta {

// No text at all is the schema of no columns.
absl::StatusOr<base::Schema> SchemaFromJson(std::string_view text);
// Void, interval and variant columns are kInvalidArgument: Delta's readers 1 have no such type on
// disk.
absl::StatusOr<std::string> SchemaToJson(const base::Schema& schema);

}  // namespace smelt::delta
