#pragma once

// Snapshot: a table at one version: its protocol, metadata, files and transactions, replayed from
// the log ("Action Reconciliation"). Immutable and shared; safe to read from any thread. A newer
// one made by Update shares the files of the old.

#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "delta/actions.h"
#include "delta/log_segment.h"
#include "delta/table.h"

namespace smelt::delta {

class Snapshot {
 public:
  using Ptr = std::shared_ptr<const Snapshot>;
  using AddPtr = std::shared_ptr<const AddFile>;
  using RemovePtr = std::shared_ptr<const RemoveFile>;

  // The table at `at`, or at its newest version. kNotFound where there is no table or no such
  // version; kUnimplemented where the protocol asks for what this program cannot read; kDataLoss
  // where the log has a gap or no metadata.
  static absl::StatusOr<Ptr> Load(const Table& table, std::optional<Version> at = std::nullopt);
  // The newest version, read on from `snapshot`; the same pointer where nothing is newer.
  static absl::StatusOr<Ptr> Update(const Ptr& snapshot);

  const Table& table() const { return table_; }
  Version version() const { return version_; }
  // When the version was committed: wall time, milliseconds since the epoch (in-commit timestamp
  // where enabled).
  int64_t timestamp_ms() const { return timestamp_ms_; }
  const Protocol& protocol() const { return protocol_; }
  const Metadata& metadata() const { return metadata_; }
  const base::Schema& schema() const { return schema_; }
  const std::vector<std::string>& partition_columns() const { return metadata_.partition_columns; }
  // Active files, in the order they were added.
  const std::vector<AddPtr>& files() const { return *files_; }
  // Files removed whose tombstones the log still has.
  const std::vector<RemovePtr>& tombstones() const { return *tombstones_; }
  int64_t size_bytes() const { return size_bytes_; }  // of all active files

  // The newest version that an application has committed; nullopt where it never did.
  std::optional<int64_t> TransactionVersion(const std::string& app_id) const;
  const std::map<std::string, SetTransaction>& transactions() const { return transactions_; }
  const std::map<std::string, DomainMetadata>& domains() const { return domains_; }

  // A table property, or `fallback`.
  std::string Property(const std::string& name, const std::string& fallback) const;
  // The newest checkpoint that was there when this was read.
  std::optional<Version> checkpoint_version() const { return checkpoint_version_; }

 private:
  friend class Replay;
  Snapshot() = default;

  Table table_;
  Version version_;
  int64_t timestamp_ms_ = 0;
  Protocol protocol_;
  Metadata metadata_;
  base::Schema schema_;
  std::shared_ptr<const std::vector<AddPtr>> files_;
  std::shared_ptr<const std::vector<RemovePtr>> tombstones_;
  std::map<std::string, SetTransaction> transactions_;
  std::map<std::string, DomainMetadata> domains_;
  int64_t size_bytes_ = 0;
  std::optional<Version> checkpoint_version_;
  // This version's own, by which Update knows a table that was made anew.
  std::optional<CommitFile> commit_;
};

}  // namespace smelt::delta
