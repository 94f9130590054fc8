#pragma once

// Finds exports by their manifests and files by a listing, on local disk. Opens no data file and no
// DuckDB. Thread-safe.

#include "engine/source_finder.h"

namespace smelt::duck {

class DiskSourceFinder : public engine::SourceFinder {
 public:
  absl::StatusOr<engine::FoundSource> Find(const engine::SourceCall& call,
                                           const engine::Input* taken) override;
};

}  // namespace smelt::duck
