#include "lake/stream_files.h"

#include "base/status.h"
#include "delta/changes.h"
#include "delta/snapshot.h"
#include "delta/stats.h"

namespace smelt::lake {
namespace {

void Take(const delta::AddFile& file, StreamFiles* out) {
  const auto rows = delta::NumRecords(file.stats);
  out->rows = rows && out->rows >= 0 ? out->rows + *rows : -1;
  out->size_bytes += file.size_bytes;
  out->files.push_back(file);
}

}  // namespace

absl::StatusOr<StreamFiles> ListStreamFiles(const delta::Table& table, const std::string& name,
                                            int64_t after_version, int64_t version,
                                            bool skip_change_commits) {
  StreamFiles out;
  if (after_version < 0) {
    SMELT_ASSIGN_OR_RETURN(const delta::Snapshot::Ptr snapshot,
                           delta::Snapshot::Load(table, delta::Version(version)));
    for (const delta::Snapshot::AddPtr& file : snapshot->files()) Take(*file, &out);
    return out;
  }
  SMELT_ASSIGN_OR_RETURN(
      const std::vector<delta::VersionChanges> changes,
      delta::ChangesBetween(table, delta::Version(after_version), delta::Version(version)));
  for (const delta::VersionChanges& change : changes) {
    if (change.RemovesData()) {
      if (skip_change_commits) continue;
      return base::FailedPrecondition(
          "a streaming read of {} met version {}, which changed or deleted rows ({}); a stream "
          "takes "
          "only appended rows. Rebuild what reads it with "
          "--full-refresh",
          name, change.version.value(), change.info ? change.info->operation : "no commitInfo");
    }
    for (const delta::AddFile& file : change.NewFiles()) Take(file, &out);
  }
  return out;
}

}  // namespace smelt::lake
