#pragma once

// Run: one update of a pipeline. Takes the pipeline's lease, plans each node when its inputs are
// done, writes its plan entry and has the engine apply it; independent nodes run side by side. A
// failed node stops those that need it and no other.
//
// Safe to interrupt at any point and to run again: what a dead update began is finished first.

#include <absl/status/statusor.h>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/engine.h"
#include "pipeline/graph.h"
#include "pipeline/plan.h"
#include "pipeline/report.h"
#include "pipeline/spec.h"
#include "publish/mirror_source.h"

namespace smelt::pipeline {

// Where a node is now.
struct NodeProgress {
  std::string name;                 // the dataset, or the sink
  std::optional<DatasetKind> kind;  // nullopt: a sink
  NodeState state = NodeState::kWaiting;
  std::string phase;        // of a running node: "reading", "writing", ..
  int64_t rows = 0;         // taken in, or written to the sink
  int64_t total_rows = -1;  // expected; -1: not known
  int64_t elapsed_micros = 0;
  std::string detail;  // the reason, the outcome or the error, in a line
};

// Told of every change of a node's state, and now and then of its progress. Called from several
// threads, one at a time.
class ProgressListener {
 public:
  virtual ~ProgressListener() = default;
  virtual void OnProgress(const NodeProgress& progress) = 0;
};

// What an update works with. Pointers outlive it; the engines are opened when a first step needs
// them, so that an update with nothing to do costs next to nothing.
struct RunServices {
  PlanSources plan;
  std::function<absl::StatusOr<engine::Engine*>()> engine;
  std::function<absl::StatusOr<publish::MirrorSource*>()> mirror;
  // The DynamoDB of this target is a file that this process alone has open.
  bool dynamodb_is_ours = false;
};

struct RunOptions {
  PlanOptions plan;
  std::vector<int> nodes;  // ascending; with all that they need
  std::string update_id;   // empty: a new one
  int parallel_steps = 2;
  ProgressListener* listener = nullptr;
  const std::atomic<bool>* cancelled = nullptr;
};

// An error: the update did not begin (another one is running). What went wrong in an update is in
// its report.
absl::StatusOr<UpdateReport> Run(const PipelineSpec& spec, const Graph& graph,
                                 const RunServices& services, const RunOptions& options);

}  // namespace smelt::pipeline
