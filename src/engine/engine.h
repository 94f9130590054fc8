#pragma once

// Engine: carries out steps. Implemented by engine/duckdb; Spark will be another. A pipeline does
// not know which one ran it. Thread-safe: independent steps are applied side by side.

#include <absl/status/statusor.h>

#include <atomic>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "engine/outcome.h"
#include "engine/step.h"
#include "sql/diagnostic.h"

namespace smelt::engine {

// How far a step is; called from the engine's threads, at most a few times a second.
struct StepProgress {
  std::string phase;  // "reading", "writing", "committing"
  int64_t rows = 0;   // taken in so far
};
using ProgressCallback = std::function<void(const StepProgress&)>;

struct ApplyOptions {
  ProgressCallback progress;
  const std::atomic<bool>* cancelled = nullptr;  // looked at between phases and while rows stream
  // Asked right before anything becomes visible; not OK stops the step there.
  std::function<absl::Status()> may_commit;
};

// Where in the project's SQL a step failed, beside the status; empty where the failure has no place
// there.
struct StepError {
  absl::Status status;
  std::vector<sql::Diagnostic> diagnostics;
  // A rule with ON VIOLATION FAIL UPDATE was broken.
  bool expectation_failed = false;
};

class Engine {
 public:
  virtual ~Engine() = default;

  // Stages, prepares and commits one bound step (the commit protocol of ARCHITECTURE.md). On an
  // error nothing of the step is visible in any table. An outcome AlreadyDone carries the ledger of
  // the batch that did it.
  virtual std::variant<StepOutcome, StepError> Apply(const Step& step,
                                                     const ApplyOptions& options) = 0;
};

}  // namespace smelt::engine
