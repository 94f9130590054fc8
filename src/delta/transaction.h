#pragma once

// Transaction: one commit to a table, optimistic: built on a snapshot, written put-if-absent,
// rebased over commits that do not conflict with it. Its outcome is a value. Belongs to one thread.
//
// Conflict rules, against every commit that came between:
//   - a change of metadata or protocol conflicts with everything;
//   - the same application id (SetAppTransaction) is never rebased over: if the pair, or a newer
//     version, is in the log, the work is done already; an older one that came between conflicts;
//   - a transaction that read (MarkRead, or any Remove) conflicts with added and removed files it
//     may have read;
//   - two removals of one file conflict;
//   - our own change of metadata or protocol conflicts with any commit that came between.
// A blind append thus rebases over appends and removals.

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "delta/actions.h"
#include "delta/pruning.h"
#include "delta/snapshot.h"
#include "delta/table.h"

namespace smelt::delta {

struct Committed {
  Version version;
  int attempts = 1;  // puts it took
  // Not OK where a checkpoint was due and could not be written; the commit stands.
  absl::Status checkpoint;
};

// An application id of this transaction has this version, or a newer one, in the log.
struct AlreadyDone {
  std::string app_id;
  int64_t recorded_version = 0;
  Version table_version;  // where the log was when that was found
};

// Someone else's commit came between: read the table again and decide anew.
struct Conflicted {
  Version version;  // the commit that won
  std::string reason;
};

using CommitOutcome = std::variant<Committed, AlreadyDone, Conflicted>;

class Transaction {
 public:
  // On what was read. Refused (kUnimplemented) where the table's protocol asks for what this
  // program cannot write.
  static absl::StatusOr<Transaction> Begin(Snapshot::Ptr read);
  // For a table that is not there yet: commits version 0, or is Conflicted. SetMetadata is
  // required.
  static Transaction Create(Table table);

  Transaction(Transaction&&) = default;
  Transaction& operator=(Transaction&&) = default;

  const Table& table() const { return table_; }
  // What it was built on; null for a table to be created.
  const Snapshot::Ptr& read_snapshot() const { return read_; }

  void Add(AddFile file);
  void Remove(const AddFile& file, bool data_change = true);
  // Replaces the metadata (schema, partition columns, properties); the table's id is kept.
  void SetMetadata(Metadata metadata);
  void SetProtocol(Protocol protocol);
  void SetAppTransaction(std::string app_id, int64_t version);
  void SetDomain(DomainMetadata domain);
  // The whole table, or the files that may satisfy `predicates`, were read to make this.
  void MarkRead();
  void MarkRead(std::vector<Predicate> predicates);
  // operation, parameters, metrics, user metadata, smelt: to be filled in. The rest is set by
  // Commit.
  CommitInfo& info() { return info_; }

  // The metadata and the protocol as this commit leaves them.
  const Metadata& metadata() const;
  const Protocol& protocol() const;
  const std::vector<AddFile>& added() const { return added_; }
  const std::vector<RemoveFile>& removed() const { return removed_; }

  // Writes the commit. An error says that nothing is known to be committed but what is described by
  // it: kUnavailable after the last retry may have taken effect, and only a transaction with
  // SetAppTransaction can be repeated blindly.
  absl::StatusOr<CommitOutcome> Commit();

 private:
  enum class PutOutcome { kWritten, kLost };

  explicit Transaction(Table table) : table_(std::move(table)) {}

  // What can be wrong with the commit in itself; brings partition values into their one form.
  absl::Status Check();
  absl::StatusOr<std::string> Encode(const std::string& txn_id);
  absl::StatusOr<PutOutcome> PutCommit(Version version, const std::string& text,
                                       const std::string& txn_id);
  // Reads the commits from `version` on, and leaves it at the first that is free; an outcome where
  // they end this one.
  absl::StatusOr<std::optional<CommitOutcome>> Rebase(Version* version);
  absl::Status CheckpointIfDue(Version version) const;

  Table table_;
  Snapshot::Ptr read_;
  std::vector<AddFile> added_;
  std::vector<RemoveFile> removed_;
  std::optional<Metadata> metadata_;
  std::optional<Protocol> protocol_;
  std::vector<SetTransaction> app_transactions_;
  std::vector<DomainMetadata> domains_;
  bool reads_table_ = false;
  std::vector<std::vector<Predicate>> reads_;
  CommitInfo info_;
};

}  // namespace smelt::delta
