#pragma once

// Classic checkpoints: a version's whole state as one Parquet file, so that readers need not replay
// from the beginning.

#include <absl/status/status.h>

#include "delta/snapshot.h"

namespace smelt::delta {

// Writes the checkpoint of the snapshot's version, then _last_checkpoint. Tombstones older than
// delta.deletedFileRetentionDuration (a week) are left out. Writing one twice is harmless.
absl::Status WriteCheckpoint(const Snapshot& snapshot);

// Whether a checkpoint is due: every delta.checkpointInterval (10) commits.
bool IsCheckpointDue(Version version, const Metadata& metadata);

}  // namespace smelt::delta
