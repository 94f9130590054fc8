#pragma once

// Partition values in the log are text ("Partition Value Serialization"): NULL and the empty text
// are one. Pure.

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "delta/actions.h"

namespace smelt::delta {

// Checks a value's text against its column's type, and gives the one form Smelt writes: booleans
// "true" and "false", dates "2024-01-31", timestamps "2024-01-31T10:00:00.123456Z" (read with a
// space or 'T', with a zone or, as UTC, without), those without zone "2024-01-31 10:00:00.123456";
// others as they are. nullopt for NULL. A text that is no value of the type is kDataLoss; a nested
// type is kInvalidArgument.
absl::StatusOr<std::optional<std::string>> NormalizePartitionValue(
    const base::DataType& type, const std::optional<std::string>& text);

// The folder Hive and Spark would use, not yet percent-encoded: "country=DE/day=2024-01-31/". NULL
// is __HIVE_DEFAULT_PARTITION__; characters that Hive escapes are %XX here, and so are encoded
// again in AddFile::path.
std::string PartitionFolder(const std::vector<std::string>& columns, const PartitionValues& values);

// Undoes Hive's escaping of one name or value of a folder; NULL for __HIVE_DEFAULT_PARTITION__.
std::optional<std::string> UnescapePartitionValue(const std::string& text);

}  // namespace smelt::delta
