#include "dynamodb/store/connection.h"

#include "base/status.h"

namespace smelt::dynamodb::store {

absl::StatusOr<state::Statement*> Connection::Statement(const std::string& sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    SMELT_ASSIGN_OR_RETURN(state::Statement statement, database_.Prepare(sql));
    found = statements_.try_emplace(sql, std::move(statement)).first;
  }
  found->second.Reset();
  return &found->second;
}

}  // namespace smelt::dynamodb::store
