#include "delta/transaction.h"

#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <random>
#include <utility>

#include "base/check.h"
#include "base/digest.h"
#include "base/status.h"
#include "delta/action_json.h"
#include "delta/changes.h"
#include "delta/checkpoint.h"
#include "delta/conflicts.h"
#include "delta/partition_values.h"
#include "delta/protocol.h"
#include "delta/schema_evolution.h"
#include "delta/schema_json.h"

namespace smelt::delta {
namespace {

constexpr int kMaxPuts = 200;
constexpr int kMaxRetries = 6;  // of one call that failed for a passing reason
constexpr int64_t kFirstPauseMicros = 5'000;
constexpr int64_t kMaxPauseMicros = 500'000;

// Whether a call may have taken effect though it failed, or may succeed when repeated.
bool IsPassing(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsUnknown(status);
}

// Pauses that grow, with jitter so that writers who collided do not collide again.
class Pauses {
 public:
  explicit Pauses(base::Clock* clock) : clock_(clock) {}
  void Sleep() {
    std::uniform_int_distribution<int64_t> jitter(pause_micros_ / 2, pause_micros_);
    clock_->SleepMicros(jitter(random_));
    pause_micros_ = std::min(pause_micros_ * 2, kMaxPauseMicros);
  }

 private:
  base::Clock* const clock_;
  std::minstd_rand random_{std::random_device{}()};
  int64_t pause_micros_ = kFirstPauseMicros;
};

// A commit that is there by now, or none; passing faults of the store are waited out.
absl::StatusOr<std::optional<VersionChanges>> ReadIfThere(const Table& table, Version version) {
  Pauses pauses(table.clock);
  for (int retry = 0;; ++retry) {
    absl::StatusOr<VersionChanges> commit = ReadVersion(table, version);
    if (commit.ok()) return *std::move(commit);
    if (absl::IsNotFound(commit.status())) return std::nullopt;
    if (!IsPassing(commit.status()) || retry == kMaxRetries) return commit.status();
    pauses.Sleep();
  }
}

bool IsOurs(const VersionChanges& commit, const std::string& txn_id) {
  return commit.info && commit.info->txn_id == txn_id;
}

// Checks the files of a commit, and brings their partition values into one form.
absl::Status CheckFiles(const std::vector<std::string>& columns, const base::Schema& schema,
                        std::vector<AddFile>* files) {
  absl::flat_hash_set<std::string> paths;
  for (AddFile& file : *files) {
    if (!paths.insert(file.path).second) {
      return base::InvalidArgument("the file {} is added twice", file.path);
    }
    if (file.partition_values.size() != columns.size()) {
      return base::InvalidArgument(
          "the file {} has {} partition values, the table {} columns for them", file.path,
          file.partition_values.size(), columns.size());
    }
    for (const std::string& column : columns) {
      const auto it = file.partition_values.find(column);
      if (it == file.partition_values.end()) {
        return base::InvalidArgument("the file {} has no value for partition column '{}'",
                                     file.path, column);
      }
      const std::optional<size_t> position = base::FindField(schema, column);
      SMELT_CHECK(position, "partition column '{}' was checked to be there", column);
      absl::StatusOr<std::optional<std::string>> value =
          NormalizePartitionValue(schema[*position].type, it->second);
      if (!value.ok()) {
        return base::Annotate(value.status(), "the file {}, partition column '{}'", file.path,
                              column);
      }
      it->second = *std::move(value);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Transaction> Transaction::Begin(Snapshot::Ptr read) {
  SMELT_RETURN_IF_ERROR(
      base::Annotate(CheckWritable(read->protocol(), read->metadata(), read->schema()), "{}",
                     read->table().Describe()));
  Transaction transaction(read->table());
  transaction.read_ = std::move(read);
  return transaction;
}

Transaction Transaction::Create(Table table) { return Transaction(std::move(table)); }

void Transaction::Add(AddFile file) {
  if (file.modification_time_ms == 0) file.modification_time_ms = table_.clock->NowMicros() / 1000;
  added_.push_back(std::move(file));
}

void Transaction::Remove(const AddFile& file, bool data_change) {
  removed_.push_back(RemoveOf(file, table_.clock->NowMicros() / 1000, data_change));
}

void Transaction::SetMetadata(Metadata metadata) {
  if (read_ != nullptr) {
    metadata.id = read_->metadata().id;
    metadata.created_time_ms = read_->metadata().created_time_ms;
  }
  metadata_ = std::move(metadata);
}

void Transaction::SetProtocol(Protocol protocol) { protocol_ = std::move(protocol); }

void Transaction::SetAppTransaction(std::string app_id, int64_t version) {
  app_transactions_.push_back({std::move(app_id), version, table_.clock->NowMicros() / 1000});
}

void Transaction::SetDomain(DomainMetadata domain) { domains_.push_back(std::move(domain)); }

void Transaction::MarkRead() { reads_table_ = true; }

void Transaction::MarkRead(std::vector<Predicate> predicates) {
  reads_.push_back(std::move(predicates));
}

const Metadata& Transaction::metadata() const {
  if (metadata_) return *metadata_;
  SMELT_CHECK(read_ != nullptr, "a new table needs SetMetadata");
  return read_->metadata();
}

const Protocol& Transaction::protocol() const {
  if (protocol_) return *protocol_;
  SMELT_CHECK(read_ != nullptr, "a new table needs SetProtocol");
  return read_->protocol();
}

absl::Status Transaction::Check() {
  absl::StatusOr<base::Schema> schema = SchemaFromJson(metadata().schema_string);
  if (!schema.ok()) return schema.status();
  SMELT_RETURN_IF_ERROR(CheckSchema(*schema, metadata().partition_columns));
  SMELT_RETURN_IF_ERROR(CheckWritable(protocol(), metadata(), *schema));
  const auto append_only = metadata().configuration.find("delta.appendOnly");
  const bool removes_data = std::any_of(removed_.begin(), removed_.end(),
                                        [](const RemoveFile& file) { return file.data_change; });
  if (removes_data && append_only != metadata().configuration.end() &&
      append_only->second == "true") {
    return base::FailedPrecondition(
        "the table takes appends only (delta.appendOnly), and this would change or delete rows");
  }
  return CheckFiles(metadata().partition_columns, *schema, &added_);
}

absl::StatusOr<std::string> Transaction::Encode(const std::string& txn_id) {
  info_.timestamp_ms = table_.clock->NowMicros() / 1000;
  if (read_ != nullptr) info_.read_version = read_->version().value();
  info_.isolation_level = "Serializable";
  info_.is_blind_append =
      removed_.empty() && !reads_table_ && reads_.empty() && !metadata_ && !protocol_;
  info_.engine_info = "smelt/" SMELT_VERSION;
  info_.txn_id = txn_id;

  std::vector<Action> actions;
  actions.reserve(added_.size() + removed_.size() + 8);
  actions.emplace_back(info_);
  if (protocol_) actions.emplace_back(*protocol_);
  if (metadata_) actions.emplace_back(*metadata_);
  actions.insert(actions.end(), app_transactions_.begin(), app_transactions_.end());
  actions.insert(actions.end(), domains_.begin(), domains_.end());
  actions.insert(actions.end(), removed_.begin(), removed_.end());
  actions.insert(actions.end(), added_.begin(), added_.end());
  return ActionsToJson(actions);
}

absl::StatusOr<Transaction::PutOutcome> Transaction::PutCommit(Version version,
                                                               const std::string& text,
                                                               const std::string& txn_id) {
  Pauses pauses(table_.clock);
  for (int retry = 0;; ++retry) {
    const absl::Status put =
        table_.store->Put(table_.CommitKey(version), text, storage::PutMode::kIfAbsent);
    if (put.ok()) return PutOutcome::kWritten;
    if (!absl::IsAlreadyExists(put) && !IsPassing(put)) return put;
    // Its answer was lost, or an earlier one's was and this one met it: the commit says whose it
    // is.
    SMELT_ASSIGN_OR_RETURN(const std::optional<VersionChanges> there, ReadIfThere(table_, version));
    if (there) return IsOurs(*there, txn_id) ? PutOutcome::kWritten : PutOutcome::kLost;
    if (retry == kMaxRetries) return put;
    pauses.Sleep();
  }
}

absl::StatusOr<std::optional<CommitOutcome>> Transaction::Rebase(Version* version) {
  TransactionFootprint ours;
  ours.changes_table = metadata_ || protocol_;
  ours.reads_all = reads_table_ || (!removed_.empty() && reads_.empty());
  for (const std::vector<Predicate>& predicates : reads_) {
    ours.reads.emplace_back(read_->schema(), read_->partition_columns(), predicates);
  }
  ours.removed = &removed_;
  ours.app_transactions = &app_transactions_;
  ours.domains = &domains_;
  std::optional<Conflicted> conflict;
  for (;; ++*version) {
    SMELT_ASSIGN_OR_RETURN(const std::optional<VersionChanges> winner,
                           ReadIfThere(table_, *version));
    if (!winner) break;
    // Done already outweighs any conflict, wherever among the winners it is.
    if (const std::optional<SetTransaction> done = FindDone(app_transactions_, *winner)) {
      return AlreadyDone{done->app_id, done->version, *version};
    }
    if (conflict) continue;
    if (std::optional<std::string> reason = FindConflict(ours, *winner)) {
      conflict = Conflicted{*version, *std::move(reason)};
    }
  }
  if (conflict) return CommitOutcome(*std::move(conflict));
  return std::nullopt;
}

absl::StatusOr<CommitOutcome> Transaction::Commit() {
  SMELT_RETURN_IF_ERROR(base::Annotate(Check(), "{}", table_.Describe()));
  if (read_ != nullptr) {
    for (const SetTransaction& ours : app_transactions_) {
      const std::optional<int64_t> recorded = read_->TransactionVersion(ours.app_id);
      if (recorded && *recorded >= ours.version) {
        return AlreadyDone{ours.app_id, *recorded, read_->version()};
      }
    }
  }
  const std::string txn_id = base::RandomUuid();
  SMELT_ASSIGN_OR_RETURN(const std::string text, Encode(txn_id));
  Version version = read_ != nullptr ? read_->version().Next() : Version(0);
  Pauses pauses(table_.clock);
  for (int puts = 1; puts <= kMaxPuts; ++puts) {
    SMELT_ASSIGN_OR_RETURN(const PutOutcome put, PutCommit(version, text, txn_id));
    if (put == PutOutcome::kWritten) return Committed{version, puts, CheckpointIfDue(version)};
    SMELT_ASSIGN_OR_RETURN(std::optional<CommitOutcome> outcome, Rebase(&version));
    if (outcome) return *std::move(outcome);
    // The first collisions are tried again at once: the others have written and are gone.
    if (puts > 2) pauses.Sleep();
  }
  return base::Aborted("{}: {} other commits came first; the table is written to too often",
                       table_.Describe(), kMaxPuts);
}

absl::Status Transaction::CheckpointIfDue(Version version) const {
  if (table_.parquet == nullptr || !IsCheckpointDue(version, metadata())) return absl::OkStatus();
  const absl::StatusOr<Snapshot::Ptr> snapshot =
      read_ != nullptr ? Snapshot::Update(read_) : Snapshot::Load(table_);
  if (!snapshot.ok()) return snapshot.status();
  return WriteCheckpoint(**snapshot);
}

}  // namespace smelt::delta
