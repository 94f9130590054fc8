#pragma once

// Paths of data files. The log holds URIs (RFC 2396): relative to the table and percent-encoded, or
// absolute. Pure.

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "delta/actions.h"
#include "delta/table.h"

namespace smelt::delta {

// Percent-encodes a path relative to the table ("d=2024-01-01/part 1.parquet") for AddFile::path.
std::string EncodePath(std::string_view path);
// Percent-decodes; a '%' that is not followed by two hex digits is kDataLoss.
absl::StatusOr<std::string> DecodePath(std::string_view uri);

// The store's key of a data file. An absolute URI must lie within the store; elsewhere it is
// kUnimplemented, by name.
absl::StatusOr<std::string> DataFileKey(const Table& table, std::string_view uri);

// The same file for the replay of the log, however it was written: file:/a, file:///a and /a are
// one.
std::string CanonicalUri(std::string_view uri);

}  // namespace smelt::delta
