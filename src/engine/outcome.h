#pragma once

// What a step did: the batch's ledger. It goes into the target's commitInfo and comes back from
// there, so that reports can be rebuilt from the tables alone.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace smelt::engine {

struct ExpectationCounts {
  std::string name;
  std::string action;          // WARN, DROP, FAIL, QUARANTINE
  int64_t passed = 0;          // rows for which it holds, each rule alone
  int64_t failed = 0;          // rows for which it does not
  int64_t first_rejected = 0;  // rows that it was the first to reject, one rule after another
};

// Row counts of a batch. Append: input = output + dropped + quarantined.
// AUTO CDC: input = inserted + updated + deleted + superseded + dropped + quarantined.
struct Ledger {
  std::string update_id;
  std::string flow;
  int64_t epoch = 0;
  int64_t batch = 0;
  int64_t input = 0;   // rows that enter the rules
  int64_t source = 0;  // rows that the sources hold by their manifests and logs
  int64_t output = 0;  // rows of the committed add actions (append, replace)
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t deleted = 0;
  int64_t superseded = 0;
  int64_t dropped = 0;
  int64_t quarantined = 0;
  int64_t passed_all = 0;  // rows that pass every rule: the quality score's numerator
  int64_t files_added = 0;
  int64_t files_removed = 0;
  int64_t bytes_written = 0;
  std::vector<ExpectationCounts> expectations;

  base::Json ToJson() const;
  static absl::StatusOr<Ledger> FromJson(const base::Json& json);
  // kInternal with both sides where the counts do not add up; such a batch is not committed.
  absl::Status Check(bool is_upsert) const;
};

enum class OutcomeKind { kCommitted, kAlreadyDone, kConflicted };

struct StepOutcome {
  OutcomeKind kind = OutcomeKind::kCommitted;
  int64_t version = -1;  // of the target after the step
  Ledger ledger;
  std::string conflict;  // what another writer did, where kConflicted
  int64_t duration_micros = 0;
  int64_t cpu_micros = 0;
};

}  // namespace smelt::engine
