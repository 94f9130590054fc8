#pragma once

// The table functions of a query that read from outside of the lake, with their arguments
// evaluated.

#include <absl/status/statusor.h>

#include <filesystem>
#include <vector>

#include "engine/source_finder.h"
#include "sql/fragment.h"

namespace smelt::pipeline {

// In order of appearance. Arguments are literals; anything else is kInvalidArgument with its place,
// rendered.
absl::StatusOr<std::vector<engine::SourceCall>> SourceCallsOf(const sql::Fragment& query,
                                                              const std::filesystem::path& folder);

}  // namespace smelt::pipeline
