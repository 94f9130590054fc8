#pragma once

// What commits changed: for streaming reads, incremental views and the history of a table.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "delta/actions.h"
#include "delta/table.h"

namespace smelt::delta {

struct VersionChanges {
  Version version;
  int64_t timestamp_ms = 0;
  std::vector<AddFile> added;
  std::vector<RemoveFile> removed;
  std::vector<SetTransaction> transactions;
  std::vector<DomainMetadata> domains;
  std::optional<Metadata> metadata;
  std::optional<Protocol> protocol;
  std::optional<CommitInfo> info;

  // Whether rows were changed or deleted, other than by appending: a file was removed that held
  // data.
  bool RemovesData() const;
  // The added files that carry new data (dataChange), not those that only rearrange it.
  std::vector<AddFile> NewFiles() const;
};

// Versions after `after` up to and with `through`, ascending. Version(-1) for `after` begins with
// the first. Where a commit was cleaned away or never was, kNotFound names the version: what
// depends on changes must then read a snapshot.
absl::StatusOr<std::vector<VersionChanges>> ChangesBetween(const Table& table, Version after,
                                                           Version through);

// One commit; kNotFound where it is not there.
absl::StatusOr<VersionChanges> ReadVersion(const Table& table, Version version);

struct HistoryEntry {
  Version version;
  int64_t timestamp_ms = 0;
  std::optional<CommitInfo> info;
};

// The newest `limit` commits that the log still has, newest first.
absl::StatusOr<std::vector<HistoryEntry>> History(const Table& table, int64_t limit);

}  // namespace smelt::delta
