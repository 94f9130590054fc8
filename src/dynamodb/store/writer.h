#pragma once

// Writer: the one who writes to the file. Callers that come while a transaction is on its way to
// disk wait, and then share the next one: the first of them leads, executes all that has gathered,
// and wakes the others. Thread-safe.

#include <absl/status/statusor.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <random>
#include <span>
#include <vector>

#include "dynamodb/store/capacity.h"
#include "dynamodb/store/catalog.h"
#include "dynamodb/store/connection.h"
#include "dynamodb/store/store.h"
#include "dynamodb/store/types.h"

namespace smelt::dynamodb::store {

class Writer {
 public:
  Writer(Connection connection, const Catalog* catalog, const StoreOptions& options);

  // See Store::Write.
  std::vector<WriteResult> Write(std::span<const WriteOp> ops);

  // Runs `change` while no transaction does.
  absl::StatusOr<TableDescription> Alone(
      const std::function<absl::StatusOr<TableDescription>(Connection*)>& change);

 private:
  struct Waiting {
    std::span<const WriteOp> ops;
    std::vector<WriteResult> results;
    bool is_done = false;
  };
  struct Tally {
    int64_t items = 0;
    int64_t bytes = 0;
  };
  using Tallies = std::map<std::shared_ptr<Table>, Tally>;

  void Execute(const std::vector<Waiting*>& group);
  absl::Status ExecuteInTransaction(const std::vector<Waiting*>& group, Tallies* tallies);
  // An error is the file's, and fails the whole transaction; an operation's own is in its result.
  absl::Status Apply(const WriteOp& op, WriteResult* result, Tallies* tallies);
  absl::Status ApplyTo(const std::shared_ptr<Table>& table, const EncodedKey& key,
                       const WriteOp& op, WriteResult* result, Tallies* tallies);
  absl::Status Put(const Table& table, int64_t hash, const EncodedKey& key, const WriteOp& op,
                   int64_t size);
  absl::Status Delete(const Table& table, int64_t hash, const EncodedKey& key);
  // What the plan of faults has for a write, drawn before it and after it.
  absl::Status DrawRefusal();
  bool DrawLostAnswer();

  const Catalog* catalog_;
  const StoreOptions options_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting*> waiting_;
  bool is_busy_ = false;  // somebody uses what is below

  Connection connection_;
  WriteCapacity capacity_;
  std::mt19937_64 random_;
  std::string buffer_;
};

}  // namespace smelt::dynamodb::store
