#include "delta/conflicts.h"

#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include <algorithm>

#include "delta/paths.h"

namespace smelt::delta {
namespace {

// A removed file as the add it undoes, as far as the remove tells.
AddFile AddOf(const RemoveFile& file) {
  AddFile add;
  add.path = file.path;
  add.partition_values = file.partition_values;
  add.stats = file.stats;
  return add;
}

bool MayHaveRead(const TransactionFootprint& ours, const AddFile& file) {
  return ours.reads_all || std::any_of(ours.reads.begin(), ours.reads.end(),
                                       [&](const FilePruner& read) { return read.MayMatch(file); });
}

bool MayHaveRead(const TransactionFootprint& ours, const RemoveFile& file) {
  // One that does not say what it held may have held anything.
  if (!file.extended_file_metadata) return ours.reads_all || !ours.reads.empty();
  return MayHaveRead(ours, AddOf(file));
}

}  // namespace

std::optional<std::string> FindConflict(const TransactionFootprint& ours,
                                        const VersionChanges& winner) {
  if (winner.protocol) return "the table's protocol was changed";
  if (winner.metadata) return "the table's schema or properties were changed";
  if (ours.changes_table) return "this commit changes the table's schema or properties";
  for (const SetTransaction& mine : *ours.app_transactions) {
    for (const SetTransaction& theirs : winner.transactions) {
      if (mine.app_id != theirs.app_id) continue;
      return fmt::format("the application '{}' committed its version {} meanwhile", theirs.app_id,
                         theirs.version);
    }
  }
  for (const DomainMetadata& mine : *ours.domains) {
    for (const DomainMetadata& theirs : winner.domains) {
      if (mine.domain == theirs.domain) {
        return fmt::format("the metadata of domain '{}' was changed", mine.domain);
      }
    }
  }
  if (!ours.removed->empty()) {
    absl::flat_hash_set<std::string> touched;
    for (const RemoveFile& file : winner.removed) touched.insert(CanonicalUri(file.path));
    for (const AddFile& file : winner.added) touched.insert(CanonicalUri(file.path));
    for (const RemoveFile& file : *ours.removed) {
      if (touched.contains(CanonicalUri(file.path))) {
        return fmt::format("the file {}, which this commit removes, was removed or replaced",
                           file.path);
      }
    }
  }
  // What only rearranges rows (dataChange false) leaves what was read as it was.
  for (const RemoveFile& file : winner.removed) {
    if (file.data_change && MayHaveRead(ours, file)) {
      return fmt::format("the file {}, which was read, was removed", file.path);
    }
  }
  for (const AddFile& file : winner.added) {
    if (file.data_change && MayHaveRead(ours, file)) {
      return fmt::format("the file {} was added to what was read", file.path);
    }
  }
  return std::nullopt;
}

std::optional<SetTransaction> FindDone(const std::vector<SetTransaction>& ours,
                                       const VersionChanges& winner) {
  for (const SetTransaction& mine : ours) {
    for (const SetTransaction& theirs : winner.transactions) {
      if (mine.app_id == theirs.app_id && theirs.version >= mine.version) return theirs;
    }
  }
  return std::nullopt;
}

}  // namespace smelt::delta
