#include "delta/snapshot.h"

#include <absl/container/flat_hash_set.h>

#include <iterator>
#include <utility>

#include "base/status.h"
#include "delta/action_json.h"
#include "delta/paths.h"
#include "delta/protocol.h"
#include "delta/schema_json.h"

namespace smelt::delta {
namespace {

const std::string kCheckpointColumns[] = {"protocol", "metaData", "add",
                                          "remove",   "txn",      "domainMetadata"};

// Two actions speak of one file where path and deletion vector are the same.
template <typename FileAction>
std::string FileKey(const FileAction& file) {
  std::string key = CanonicalUri(file.path);
  if (const std::optional<DeletionVector>& vector = file.deletion_vector) {
    key += fmt::format("\n{}{}@{}", vector->storage_type, vector->path_or_inline,
                       vector->offset.value_or(0));
  }
  return key;
}

}  // namespace

// Builds a snapshot from the newest commit back to the oldest: whatever is met first about a file,
// an application or the table is what holds, and everything older about it is passed over ("Action
// Reconciliation").
class Replay {
 public:
  explicit Replay(const Table& table) : snapshot_(new Snapshot()) { snapshot_->table_ = table; }

  absl::Status TakeCommits(const std::vector<CommitFile>& commits) {
    ActionParser parser;
    for (auto commit = commits.rbegin(); commit != commits.rend(); ++commit) {
      SMELT_ASSIGN_OR_RETURN(const std::string text, snapshot_->table_.store->Get(commit->key));
      ActionFilter filter;
      filter.commit_info = commit == commits.rbegin();
      std::vector<Action> actions;
      SMELT_RETURN_IF_ERROR(parser.ParseCommit(text, commit->key, filter, [&](Action action) {
        actions.push_back(std::move(action));
        return absl::OkStatus();
      }));
      // Backwards within a commit too, so that its last word holds.
      for (auto action = actions.rbegin(); action != actions.rend(); ++action) {
        std::visit([this](auto& concrete) { Take(concrete, /*in_checkpoint=*/false); }, *action);
      }
    }
    if (!commits.empty()) snapshot_->commit_ = commits.back();
    return absl::OkStatus();
  }

  absl::Status TakeCheckpoint(const CheckpointFiles& checkpoint) {
    const Table& table = snapshot_->table_;
    if (table.parquet == nullptr) {
      return base::FailedPrecondition(
          "{} has a checkpoint, and there is no engine to read Parquet with", table.Describe());
    }
    snapshot_->checkpoint_version_ = checkpoint.version;
    ActionParser parser;
    for (const std::string& part : checkpoint.parts) {
      SMELT_RETURN_IF_ERROR(table.parquet->ReadRowsAsJson(
          *table.store, part, kCheckpointColumns, [&](std::string_view row) {
            return parser.ParseRow(row, part, [&](Action action) {
              std::visit([this](auto& concrete) { Take(concrete, /*in_checkpoint=*/true); },
                         action);
              return absl::OkStatus();
            });
          }));
    }
    return absl::OkStatus();
  }

  // An older snapshot stands for all commits up to its own.
  void TakeSnapshot(const Snapshot& older) {
    if (!protocol_) protocol_ = older.protocol_;
    if (!metadata_) metadata_ = older.metadata_;
    for (const auto& [id, transaction] : older.transactions_) {
      snapshot_->transactions_.try_emplace(id, transaction);
    }
    for (const auto& [name, domain] : older.domains_) snapshot_->domains_.try_emplace(name, domain);
    older_files_ = older.files_;
    older_tombstones_ = older.tombstones_;
    snapshot_->checkpoint_version_ = older.checkpoint_version_;
  }

  absl::StatusOr<Snapshot::Ptr> Finish(Version version) {
    const std::string where = snapshot_->table_.Describe();
    if (!protocol_) return base::DataLoss("{}: the log has no protocol action", where);
    if (!metadata_) return base::DataLoss("{}: the log has no metaData action", where);
    SMELT_RETURN_IF_ERROR(base::Annotate(CheckReadable(*protocol_, *metadata_), "{}", where));
    absl::StatusOr<base::Schema> schema = SchemaFromJson(metadata_->schema_string);
    if (!schema.ok()) return base::Annotate(schema.status(), "{}", where);

    snapshot_->version_ = version;
    snapshot_->protocol_ = *std::move(protocol_);
    snapshot_->metadata_ = *std::move(metadata_);
    snapshot_->schema_ = *std::move(schema);
    std::erase_if(snapshot_->domains_, [](const auto& entry) { return entry.second.removed; });
    snapshot_->files_ = Merge(older_files_, adds_, checkpoint_adds_);
    snapshot_->tombstones_ = Merge(older_tombstones_, removes_, checkpoint_removes_);
    for (const Snapshot::AddPtr& file : *snapshot_->files_) {
      snapshot_->size_bytes_ += file->size_bytes;
    }
    SMELT_RETURN_IF_ERROR(SetTimestamp());
    return Snapshot::Ptr(std::move(snapshot_));
  }

 private:
  void Take(Protocol& protocol, bool) {
    if (!protocol_) protocol_ = std::move(protocol);
  }
  void Take(Metadata& metadata, bool) {
    if (!metadata_) metadata_ = std::move(metadata);
  }
  void Take(SetTransaction& transaction, bool) {
    std::string id = transaction.app_id;
    snapshot_->transactions_.try_emplace(std::move(id), std::move(transaction));
  }
  void Take(DomainMetadata& domain, bool) {
    std::string name = domain.domain;
    snapshot_->domains_.try_emplace(std::move(name), std::move(domain));
  }
  void Take(CommitInfo& info, bool) {
    if (!in_commit_timestamp_ms_) in_commit_timestamp_ms_ = info.in_commit_timestamp_ms;
  }
  void Take(AddCdcFile&, bool) {}
  void Take(UnknownAction&, bool) {}
  void Take(AddFile& file, bool in_checkpoint) {
    if (!IsNewest(file, in_checkpoint)) return;
    (in_checkpoint ? checkpoint_adds_ : adds_)
        .push_back(std::make_shared<const AddFile>(std::move(file)));
  }
  void Take(RemoveFile& file, bool in_checkpoint) {
    if (!IsNewest(file, in_checkpoint)) return;
    (in_checkpoint ? checkpoint_removes_ : removes_)
        .push_back(std::make_shared<const RemoveFile>(std::move(file)));
  }

  // A checkpoint speaks of each file once, so only what commits said needs to be remembered.
  template <typename FileAction>
  bool IsNewest(const FileAction& file, bool in_checkpoint) {
    if (in_checkpoint) return seen_.empty() || !seen_.contains(FileKey(file));
    return seen_.insert(FileKey(file)).second;
  }

  // The older ones that no commit spoke of, then those of the commits, oldest first. `newest_first`
  // is as it was met.
  template <typename Pointer>
  std::shared_ptr<const std::vector<Pointer>> Merge(
      const std::shared_ptr<const std::vector<Pointer>>& older, std::vector<Pointer>& newest_first,
      std::vector<Pointer>& in_checkpoint) {
    if (older != nullptr && seen_.empty()) return older;
    auto merged = std::make_shared<std::vector<Pointer>>();
    if (older != nullptr) {
      merged->reserve(older->size() + newest_first.size());
      for (const Pointer& file : *older) {
        if (!seen_.contains(FileKey(*file))) merged->push_back(file);
      }
    } else {
      *merged = std::move(in_checkpoint);
    }
    merged->insert(merged->end(), std::make_move_iterator(newest_first.rbegin()),
                   std::make_move_iterator(newest_first.rend()));
    return merged;
  }

  absl::Status SetTimestamp() {
    if (snapshot_->Property("delta.enableInCommitTimestamps", "false") == "true" &&
        in_commit_timestamp_ms_) {
      snapshot_->timestamp_ms_ = *in_commit_timestamp_ms_;
      return absl::OkStatus();
    }
    if (snapshot_->commit_) {
      snapshot_->timestamp_ms_ = snapshot_->commit_->modified_micros / 1000;
      return absl::OkStatus();
    }
    // A checkpoint whose commit was cleaned away: nothing says when it was, so its own time has to
    // do.
    const Table& table = snapshot_->table_;
    SMELT_RETURN_IF_ERROR(
        table.store->List(table.LogFolder() + fmt::format("{:020}.", snapshot_->version_.value()),
                          "", [&](const storage::ObjectInfo& object) {
                            snapshot_->timestamp_ms_ = object.modified_micros / 1000;
                            return false;
                          }));
    return absl::OkStatus();
  }

  std::shared_ptr<Snapshot> snapshot_;
  std::optional<Protocol> protocol_;
  std::optional<Metadata> metadata_;
  std::optional<int64_t> in_commit_timestamp_ms_;
  absl::flat_hash_set<std::string> seen_;
  std::vector<Snapshot::AddPtr> adds_;  // of commits, newest first
  std::vector<Snapshot::RemovePtr> removes_;
  std::vector<Snapshot::AddPtr> checkpoint_adds_;
  std::vector<Snapshot::RemovePtr> checkpoint_removes_;
  std::shared_ptr<const std::vector<Snapshot::AddPtr>> older_files_;
  std::shared_ptr<const std::vector<Snapshot::RemovePtr>> older_tombstones_;
};

absl::StatusOr<Snapshot::Ptr> Snapshot::Load(const Table& table, std::optional<Version> at) {
  SMELT_ASSIGN_OR_RETURN(const LogSegment segment, ListLogSegment(table, at));
  Replay replay(table);
  SMELT_RETURN_IF_ERROR(replay.TakeCommits(segment.commits));
  if (segment.checkpoint) SMELT_RETURN_IF_ERROR(replay.TakeCheckpoint(*segment.checkpoint));
  return replay.Finish(segment.version);
}

absl::StatusOr<Snapshot::Ptr> Snapshot::Update(const Ptr& snapshot) {
  const Table& table = snapshot->table();
  // The snapshot's own commit is listed too: if it is another now, the table was dropped and made
  // anew.
  SMELT_ASSIGN_OR_RETURN(std::vector<CommitFile> commits,
                         ListCommitsAfter(table, Version(snapshot->version().value() - 1)));
  const std::optional<CommitFile>& own = snapshot->commit_;
  if (!own || commits.empty() || !(commits.front() == *own)) return Load(table);
  if (commits.size() == 1) return snapshot;
  commits.erase(commits.begin());
  Replay replay(table);
  SMELT_RETURN_IF_ERROR(replay.TakeCommits(commits));
  replay.TakeSnapshot(*snapshot);
  return replay.Finish(commits.back().version);
}

std::optional<int64_t> Snapshot::TransactionVersion(const std::string& app_id) const {
  const auto it = transactions_.find(app_id);
  if (it == transactions_.end()) return std::nullopt;
  return it->second.version;
}

std::string Snapshot::Property(const std::string& name, const std::string& fallback) const {
  const auto it = metadata_.configuration.find(name);
  return it == metadata_.configuration.end() ? fallback : it->second;
}

}  // namespace smelt::delta
