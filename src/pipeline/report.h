#pragma once

// What an update did, as data: `smelt run` prints it, --output json is its ToJson
// (docs/reference.md documents the members; they only grow).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "engine/outcome.h"
#include "pipeline/plan.h"
#include "publish/publisher.h"
#include "sql/diagnostic.h"

namespace smelt::pipeline {

enum class UpdateState { kCompleted, kFailed, kCanceled };
const char* UpdateStateName(UpdateState state);

enum class NodeState { kWaiting, kRunning, kDone, kNothing, kFailed, kSkipped };

struct DatasetReport {
  std::string name;
  DatasetKind kind = DatasetKind::kStreamingTable;
  NodeState state = NodeState::kWaiting;
  StepAction step = StepAction::kNone;
  std::string reason;
  int64_t version = -1;  // of the table after the update; -1: it does not exist
  engine::Ledger ledger;
  int64_t duration_micros = 0;
  int64_t cpu_micros = 0;  // of the process while the step ran

  // Rows that the step made: appended, replaced, or inserted and updated.
  int64_t rows_out() const {
    return step == StepAction::kUpsert ? ledger.inserted + ledger.updated : ledger.output;
  }
};

struct SinkReport {
  std::string name;
  NodeState state = NodeState::kWaiting;
  std::string reason;
  publish::PublishResult result;
  int64_t rows = 0;  // that the table holds
  int64_t duration_micros = 0;
};

// How a promise of smelt.yml fared in this update.
struct PromiseReport {
  std::string name;
  std::string table;
  std::string metric;     // "quality_score", "median_duration"
  std::string threshold;  // ">= 0.98"
  double value = 0;
  bool holds = true;
  std::string cause;  // of a broken one, the rule that rejects most
};

struct UpdateError {
  std::string dataset;
  absl::Status status;
  std::vector<sql::Diagnostic> diagnostics;
};

struct UpdateReport {
  std::string update_id;
  std::string pipeline;
  UpdateState state = UpdateState::kCompleted;
  int64_t started_micros = 0;
  int64_t duration_micros = 0;
  std::vector<DatasetReport> datasets;
  std::vector<SinkReport> sinks;
  std::vector<PromiseReport> promises;
  std::vector<UpdateError> errors;
  // A rule with ON VIOLATION FAIL UPDATE stopped a flow.
  bool expectation_failed = false;

  // Nothing had to be done.
  bool nothing_to_do() const;
  base::OrderedJson ToJson() const;
};

// Rows that pass every rule / rows in; nullopt without rows or rules.
std::optional<double> QualityScore(const engine::Ledger& ledger);

}  // namespace smelt::pipeline
