#include "delta/changes.h"

#include <algorithm>

#include "base/status.h"
#include "delta/action_json.h"
#include "delta/log_segment.h"

namespace smelt::delta {
namespace {

// Sorts the actions of one commit into what a reader of changes asks for.
struct Sorter {
  VersionChanges* changes;
  void operator()(Protocol& protocol) { changes->protocol = std::move(protocol); }
  void operator()(Metadata& metadata) { changes->metadata = std::move(metadata); }
  void operator()(AddFile& file) { changes->added.push_back(std::move(file)); }
  void operator()(RemoveFile& file) { changes->removed.push_back(std::move(file)); }
  void operator()(SetTransaction& transaction) {
    changes->transactions.push_back(std::move(transaction));
  }
  void operator()(CommitInfo& info) { changes->info = std::move(info); }
  void operator()(AddCdcFile&) {}
  void operator()(DomainMetadata& domain) { changes->domains.push_back(std::move(domain)); }
  void operator()(UnknownAction&) {}
};

absl::StatusOr<VersionChanges> Read(const Table& table, Version version,
                                    const ActionFilter& filter) {
  const std::string key = table.CommitKey(version);
  const absl::StatusOr<storage::ObjectInfo> object = table.store->Head(key);
  if (absl::IsNotFound(object.status())) {
    return base::NotFound("{}: the commit of version {} is not there", table.Describe(), version);
  }
  SMELT_RETURN_IF_ERROR(object.status());
  SMELT_ASSIGN_OR_RETURN(const std::string text, table.store->Get(key));
  VersionChanges changes;
  changes.version = version;
  changes.timestamp_ms = object->modified_micros / 1000;
  ActionParser parser;
  SMELT_RETURN_IF_ERROR(parser.ParseCommit(text, key, filter, [&](Action action) {
    std::visit(Sorter{&changes}, action);
    return absl::OkStatus();
  }));
  if (changes.info && changes.info->in_commit_timestamp_ms) {
    changes.timestamp_ms = *changes.info->in_commit_timestamp_ms;
  }
  return changes;
}

}  // namespace

bool VersionChanges::RemovesData() const {
  return std::any_of(removed.begin(), removed.end(),
                     [](const RemoveFile& file) { return file.data_change; });
}

std::vector<AddFile> VersionChanges::NewFiles() const {
  std::vector<AddFile> files;
  std::copy_if(added.begin(), added.end(), std::back_inserter(files),
               [](const AddFile& file) { return file.data_change; });
  return files;
}

absl::StatusOr<VersionChanges> ReadVersion(const Table& table, Version version) {
  return Read(table, version, ActionFilter());
}

absl::StatusOr<std::vector<VersionChanges>> ChangesBetween(const Table& table, Version after,
                                                           Version through) {
  std::vector<VersionChanges> result;
  // By name rather than by listing: what is asked for is known, and a missing one is named.
  for (Version version = after.Next(); version <= through; ++version) {
    SMELT_ASSIGN_OR_RETURN(result.emplace_back(), ReadVersion(table, version));
  }
  return result;
}

absl::StatusOr<std::vector<HistoryEntry>> History(const Table& table, int64_t limit) {
  SMELT_ASSIGN_OR_RETURN(const LogSegment segment, ListLogSegment(table));
  ActionFilter filter;
  filter.files = false;
  std::vector<HistoryEntry> history;
  for (Version version = segment.version;
       version >= Version(0) && static_cast<int64_t>(history.size()) < limit;
       version = Version(version.value() - 1)) {
    absl::StatusOr<VersionChanges> changes = Read(table, version, filter);
    if (absl::IsNotFound(changes.status())) break;  // cleaned away from here on
    SMELT_RETURN_IF_ERROR(changes.status());
    history.push_back({version, changes->timestamp_ms, std::move(changes->info)});
  }
  return history;
}

}  // namespace smelt::delta
