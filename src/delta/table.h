#pragma once

// Table: where a Delta table is and what it takes to read and write it. A value; all pointers
// outlive it.

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "delta/actions.h"
#include "delta/parquet_handler.h"
#include "storage/object_store.h"

namespace smelt::delta {

struct Table {
  storage::ObjectStore* store = nullptr;
  std::string root;  // key of the table's folder, without a trailing '/': "silver/customers"
  ParquetHandler* parquet =
      nullptr;  // without one, tables with checkpoints are refused and none is written
  base::Clock* clock = base::Clock::Real();

  // For messages: the store and the root.
  std::string Describe() const;
  std::string LogFolder() const;  // "<root>/_delta_log/"
  std::string CommitKey(Version version) const;
  std::string LastCheckpointKey() const;
};

}  // namespace smelt::delta
