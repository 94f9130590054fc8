#pragma once

// The files that a streaming read of a table takes: what was appended between two versions.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/table.h"

namespace smelt::lake {

struct StreamFiles {
  std::vector<delta::AddFile> files;
  // By the log's numRecords; -1 where a file says none.
  int64_t rows = 0;
  int64_t size_bytes = 0;
};

// Of versions after `after_version` up to and with `version`; after -1 the whole table at
// `version`. A version that removed rows is kFailedPrecondition naming it, unless
// `skip_change_commits`, which passes it over.
absl::StatusOr<StreamFiles> ListStreamFiles(const delta::Table& table, const std::string& name,
                                            int64_t after_version, int64_t version,
                                            bool skip_change_commits);

}  // namespace smelt::lake
