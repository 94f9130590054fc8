#pragma once

// The codec of actions: a line of a commit, or a row of a checkpoint, <-> Action. Pure; a parser
// belongs to one thread.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "delta/actions.h"

namespace smelt::delta {

// {"add":{..}} without a newline. Text that is not UTF-8 is kInvalidArgument.
absl::StatusOr<std::string> ActionToJson(const Action& action);

// A commit file: one action a line.
absl::StatusOr<std::string> ActionsToJson(const std::vector<Action>& actions);

// Which actions a reader cares for; the others are passed over without being read.
struct ActionFilter {
  bool commit_info = true;
  bool files = true;  // add, remove, cdc
};

class ActionParser {
 public:
  ActionParser();
  ~ActionParser();

  // Calls `visit` with each action of a commit file, in order. `what` names it in errors, with the
  // line.
  absl::Status ParseCommit(std::string_view text, std::string_view what, const ActionFilter& filter,
                           const std::function<absl::Status(Action)>& visit);
  // The same for one row of a checkpoint, whose other columns are null or left out.
  absl::Status ParseRow(std::string_view row, std::string_view what,
                        const std::function<absl::Status(Action)>& visit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace smelt::delta
