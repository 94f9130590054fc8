#pragma once

// The planner: what each node of a pipeline's graph needs now, and why. One function serves `smelt
// plan`, which prints its answers, and `smelt run`, which executes them; a node whose inputs are
// still to be made by nodes before it is planned as "after" them and planned again, with its inputs
// bound, when they are done.
//
// Planning reads the lake's books and logs, the listings of sources and the control items of sinks.
// It writes nothing.

#include <absl/status/statusor.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "catalog/catalog.h"
#include "dynamodb/client/client.h"
#include "engine/source_finder.h"
#include "engine/step.h"
#include "lake/flow_log.h"
#include "pipeline/graph.h"
#include "pipeline/spec.h"
#include "publish/publisher.h"
#include "publish/sink.h"

namespace smelt::pipeline {

enum class StepAction { kNone, kAppend, kUpsert, kReplace, kMirror };
// "none", "append", "upsert", "replace", "mirror".
const char* StepActionName(StepAction action);

// What a mirror is to publish.
struct MirrorStep {
  std::string default_catalog;
  std::string default_schema;
  std::string flow;
  std::string pipeline;
  publish::Sink sink;  // the key is set where the table exists
  std::vector<std::string> keys;
  sql::Fragment query;
  std::vector<engine::InlineView> views;
  std::vector<engine::Input> inputs;
  publish::SourceState state;
  std::optional<publish::Published> published;
};

struct PlannedStep {
  int node = -1;
  std::string name;                 // the dataset, or the sink
  std::optional<DatasetKind> kind;  // nullopt: a sink
  StepAction action = StepAction::kNone;
  std::string reason;
  std::vector<std::string> reads;  // a line for each input
  int64_t estimated_rows = -1;     // -1: not known before the inputs are made
  int64_t estimated_bytes = -1;
  // Inputs that nodes before it are about to change: bound when those are done.
  bool waits = false;
  // Ends a batch that an earlier update began; the node is planned again after it.
  bool recovers = false;
  engine::Step step;                 // of tables
  std::optional<MirrorStep> mirror;  // of sinks
};

struct PlanOptions {
  bool full_refresh_all = false;
  std::set<catalog::TableName> full_refresh;
};

// What a planner looks at. All pointers outlive it.
struct PlanSources {
  catalog::Catalog* catalog = nullptr;
  catalog::Principal principal;
  engine::SourceFinder* finder = nullptr;
  // The DynamoDB of the target, opened when a mirror is first looked at.
  std::function<absl::StatusOr<dynamodb::Client*>()> dynamodb;
  base::Clock* clock = nullptr;
};

// Of everything that shapes a step's result besides its inputs.
std::string DefinitionHash(const engine::Step& step);

class Planner {
 public:
  Planner(const PipelineSpec& spec, const Graph& graph, PlanSources sources, PlanOptions options)
      : spec_(spec), graph_(graph), sources_(std::move(sources)), options_(std::move(options)) {}

  // What `node` needs, given that the nodes of `changing` are about to write their tables. A
  // temporary view needs nothing. `refreshed`: the node's full refresh, if one was asked for, is
  // done already.
  absl::StatusOr<PlannedStep> Plan(int node, const std::set<int>& changing, bool refreshed = false);

 private:
  struct Reads;

  absl::StatusOr<PlannedStep> PlanTable(int node, const std::set<int>& changing, bool refreshed);
  absl::StatusOr<PlannedStep> PlanMirror(int node, const std::set<int>& changing);
  // Everything that a node's query and the views below it read, bound to what is there now.
  absl::StatusOr<Reads> BindReads(int node, const std::set<int>& changing,
                                  const std::vector<engine::Input>& taken);
  absl::Status BindNodeReads(int node, const std::set<int>& changing,
                             const std::vector<engine::Input>& taken, Reads* reads);
  absl::Status BindTable(const TableRead& read, bool waits, const std::vector<engine::Input>& taken,
                         Reads* reads);
  absl::Status BindFunctions(const sql::Fragment& query, const std::vector<engine::Input>& taken,
                             Reads* reads);
  bool WantsFullRefresh(const Dataset& dataset) const;

  const PipelineSpec& spec_;
  const Graph& graph_;
  const PlanSources sources_;
  const PlanOptions options_;
};

// The plan of all `nodes` (ascending), as `smelt plan` shows it.
absl::StatusOr<std::vector<PlannedStep>> MakePlan(Planner& planner, const Graph& graph,
                                                  const std::vector<int>& nodes);

}  // namespace smelt::pipeline
