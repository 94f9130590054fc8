#pragma once

// LogSegment: which files of _delta_log make up a version: the newest usable checkpoint, and the
// commits after it.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "delta/table.h"

namespace smelt::delta {

struct CommitFile {
  Version version;
  std::string key;
  int64_t size_bytes = 0;
  int64_t modified_micros = 0;

  friend bool operator==(const CommitFile&, const CommitFile&) = default;
};

struct CheckpointFiles {
  Version version;
  std::vector<std::string> parts;  // one key, or all the parts in order
};

struct LogSegment {
  Version version;
  std::optional<CheckpointFiles> checkpoint;
  std::vector<CommitFile>
      commits;  // ascending and without gaps, from the checkpoint's next version to `version`
};

// The segment of `at`, or of the newest version. _last_checkpoint is a hint: where it is missing,
// torn, or names what is not there, the folder is listed from its beginning. kNotFound: no table
// here, or no such version (the message says which); kDataLoss: a commit or a part of the only
// checkpoint is missing; kUnimplemented: only a v2 checkpoint serves.
absl::StatusOr<LogSegment> ListLogSegment(const Table& table,
                                          std::optional<Version> at = std::nullopt);

// The commits after `after`, ascending, without gaps; empty where there is nothing newer.
absl::StatusOr<std::vector<CommitFile>> ListCommitsAfter(const Table& table, Version after);

}  // namespace smelt::delta
