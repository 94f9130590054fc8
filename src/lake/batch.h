#pragma once

// A prepared batch: the actions of every table that one batch of a flow writes, as text that
// survives a crash, and the one function that commits it. The target commits first and decides; the
// other tables follow, however often it takes.
//
// Committing is idempotent: every commit carries txn = (application id, batch), and a table whose
// log holds that pair is left alone. Not thread-safe for one flow; different flows may commit side
// by side.

#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "delta/actions.h"
#include "delta/operations.h"
#include "delta/table.h"

namespace smelt::lake {

// What the batch does to one table.
struct TableWrite {
  std::string name;           // for messages
  std::string location;       // the table's folder in the lake
  int64_t base_version = -1;  // what the files were made from; -1: the table is created
  std::string operation;      // of commitInfo: WRITE, MERGE, CREATE TABLE AS SELECT
  std::map<std::string, std::string> operation_parameters;
  // Where it was read: a blind append may be rebased over other appends, what read the table may
  // not.
  bool reads_table = false;
  std::optional<delta::Metadata> metadata;  // to create the table, or to change its schema
  std::vector<delta::AddFile> added;
  std::vector<std::string> removed_paths;  // files of the base version, by their path in the log
};

struct PreparedBatch {
  std::string application_id;
  int64_t batch = 0;
  // The target first.
  std::vector<TableWrite> tables;
  // Goes into the target's commitInfo under "smelt".
  base::Json ledger;
  // Further txn actions of the target: what a view was made from.
  std::map<std::string, int64_t> source_versions;

  std::string Serialize() const;
  static absl::StatusOr<PreparedBatch> Parse(const std::string& text, const std::string& what);
};

// Where the tables are: store, Parquet and clock of every delta::Table; its root is not used.
struct BatchResult {
  enum class Kind { kCommitted, kAlreadyDone, kConflicted } kind = Kind::kCommitted;
  int64_t target_version = -1;
  std::string conflict;  // of the target
};

// Commits the target, then the others. An error after the target's commit leaves the batch to be
// rolled forward by the next call. A conflict of the target commits nothing; one of another table
// is kDataLoss: those tables are ours alone.
absl::StatusOr<BatchResult> CommitBatch(const delta::Table& lake, const PreparedBatch& batch);

}  // namespace smelt::lake
