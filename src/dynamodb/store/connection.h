#pragma once

// A connection to the store's file with its prepared statements, kept by their text. One thread's
// at a time.

#include <absl/container/node_hash_map.h>
#include <absl/status/statusor.h>

#include <string>

#include "state/database.h"

namespace smelt::dynamodb::store {

class Connection {
 public:
  explicit Connection(state::Database database) : database_(std::move(database)) {}

  state::Database* database() { return &database_; }

  // Reset and ready to be bound. Whoever steps it to anything but its end resets it (see
  // ResetAtEnd).
  absl::StatusOr<state::Statement*> Statement(const std::string& sql);

  // Statements of a table that is gone.
  void Forget() { statements_.clear(); }

 private:
  state::Database database_;
  // After database_, so that they end before it does. Nodes: pointers to statements stay good.
  absl::node_hash_map<std::string, state::Statement> statements_;
};

// A statement that is left in the middle holds on to its snapshot of the file.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(state::Statement* statement) : statement_(statement) {}
  ~ResetAtEnd() { statement_->Reset(); }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  state::Statement* statement_;
};

}  // namespace smelt::dynamodb::store
