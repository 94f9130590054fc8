#include "pipeline/run.h"

#include <sys/resource.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>

#include "base/check.h"
#include "base/digest.h"
#include "base/status.h"
#include "engine/inputs_json.h"
#include "lake/flow_log.h"
#include "lake/lease.h"
#include "pipeline/promises.h"

namespace smelt::pipeline {
namespace {

// Another writer of a target can come between a few times, not for ever.
constexpr int kMostConflicts = 5;

int64_t ProcessCpuMicros() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& t) { return t.tv_sec * int64_t{1'000'000} + t.tv_usec; };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

class Update {
 public:
  Update(const PipelineSpec& spec, const Graph& graph, const RunServices& services,
         const RunOptions& options)
      : spec_(spec),
        graph_(graph),
        services_(services),
        options_(options),
        clock_(*services.plan.clock),
        planner_(spec, graph, services.plan, options.plan) {}

  absl::StatusOr<UpdateReport> Run();

 private:
  // A node of the run: its state and what will be reported of it.
  struct Node {
    int index = -1;
    NodeState state = NodeState::kWaiting;
    bool is_view = false;
    int64_t started_micros = 0;
    DatasetReport dataset;
    SinkReport sink;
    bool is_sink() const { return !sink.name.empty(); }
    const std::string& name() const { return is_sink() ? sink.name : dataset.name; }
  };

  void Prepare();
  void Work();
  // The next node whose inputs are done, -1 where there is none yet; marks what cannot run any
  // more.
  int TakeReady();
  bool Finished() const;
  void Execute(Node& node);
  absl::Status ExecuteSteps(Node& node);
  absl::Status ApplyStep(Node& node, PlannedStep& planned);
  absl::Status ApplyMirror(Node& node, MirrorStep& mirror);
  absl::Status Refuse(const std::string& dataset, engine::StepError error);
  void Tell(const Node& node, const std::string& phase, int64_t rows, int64_t total,
            const std::string& detail);
  bool Cancelled() const { return options_.cancelled && *options_.cancelled; }
  UpdateReport Report();

  const PipelineSpec& spec_;
  const Graph& graph_;
  const RunServices& services_;
  const RunOptions& options_;
  base::Clock& clock_;
  Planner planner_;
  std::unique_ptr<lake::Lease> lease_;
  UpdateReport report_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::map<int, Node> nodes_;
  std::mutex listener_mutex_;
};

absl::StatusOr<UpdateReport> Update::Run() {
  report_.update_id = options_.update_id.empty() ? base::RandomUuid() : options_.update_id;
  report_.pipeline = spec_.name;
  report_.started_micros = clock_.NowMicros();
  const int64_t start = clock_.MonotonicMicros();
  SMELT_ASSIGN_OR_RETURN(lease_, lake::Lease::Acquire(services_.plan.catalog->lake().store,
                                                      spec_.name, report_.update_id, &clock_));
  Prepare();
  std::vector<std::thread> workers;
  for (int i = 1; i < options_.parallel_steps; ++i) workers.emplace_back([this] { Work(); });
  Work();
  for (std::thread& worker : workers) worker.join();
  lease_.reset();
  report_.duration_micros = clock_.MonotonicMicros() - start;
  return Report();
}

void Update::Prepare() {
  for (const int index : options_.nodes) {
    const GraphNode& graph_node = graph_.nodes[index];
    Node node;
    node.index = index;
    node.is_view = graph_node.kind == GraphNode::Kind::kView;
    if (graph_node.dataset >= 0) {
      node.dataset.name = spec_.datasets[graph_node.dataset].ToString();
      node.dataset.kind = spec_.datasets[graph_node.dataset].kind;
    } else if (!node.is_view) {
      node.sink.name = spec_.flows[graph_node.index].sink;
    }
    nodes_.emplace(index, std::move(node));
  }
}

bool Update::Finished() const {
  return std::all_of(nodes_.begin(), nodes_.end(), [](const auto& entry) {
    return entry.second.state != NodeState::kWaiting && entry.second.state != NodeState::kRunning;
  });
}

int Update::TakeReady() {
  for (auto& [index, node] : nodes_) {
    if (node.state != NodeState::kWaiting) continue;
    bool ready = true;
    std::string blocked_by;
    for (const int input : graph_.nodes[index].inputs) {
      const auto it = nodes_.find(input);
      if (it == nodes_.end()) continue;  // not part of this update: what it made is read as it is
      const NodeState state = it->second.state;
      if (state == NodeState::kFailed || state == NodeState::kSkipped) {
        blocked_by = it->second.name();
      }
      if (state == NodeState::kWaiting || state == NodeState::kRunning) ready = false;
    }
    if (!blocked_by.empty() || (ready && Cancelled())) {
      node.state = NodeState::kSkipped;
      const std::string reason =
          blocked_by.empty() ? "the update was interrupted" : blocked_by + " failed";
      (node.is_sink() ? node.sink.reason : node.dataset.reason) = reason;
      if (!node.is_view) Tell(node, "", 0, -1, reason);
      return TakeReady();
    }
    if (!ready) continue;
    if (node.is_view) {
      node.state = NodeState::kDone;
      return TakeReady();
    }
    node.state = NodeState::kRunning;
    node.started_micros = clock_.MonotonicMicros();
    return index;
  }
  return -1;
}

void Update::Work() {
  std::unique_lock lock(mutex_);
  while (!Finished()) {
    const int index = TakeReady();
    if (index < 0) {
      if (Finished()) break;
      changed_.wait(lock);
      continue;
    }
    Node& node = nodes_.at(index);
    lock.unlock();
    Execute(node);
    lock.lock();
    changed_.notify_all();
  }
  changed_.notify_all();
}

void Update::Tell(const Node& node, const std::string& phase, int64_t rows, int64_t total,
                  const std::string& detail) {
  if (options_.listener == nullptr) return;
  NodeProgress progress;
  progress.name = node.name();
  if (!node.is_sink()) progress.kind = node.dataset.kind;
  progress.state = node.state;
  progress.phase = phase;
  progress.rows = rows;
  progress.total_rows = total;
  if (node.started_micros > 0) {
    progress.elapsed_micros = clock_.MonotonicMicros() - node.started_micros;
  }
  progress.detail = detail;
  std::lock_guard lock(listener_mutex_);
  options_.listener->OnProgress(progress);
}

void Update::Execute(Node& node) {
  const int64_t start = clock_.MonotonicMicros(), cpu = ProcessCpuMicros();
  Tell(node, "planning", 0, -1, "");
  const absl::Status status = ExecuteSteps(node);
  const int64_t duration = clock_.MonotonicMicros() - start;
  std::string detail;
  {
    std::lock_guard lock(mutex_);
    node.dataset.duration_micros = node.sink.duration_micros = duration;
    node.dataset.cpu_micros = ProcessCpuMicros() - cpu;
    std::string& reason = node.is_sink() ? node.sink.reason : node.dataset.reason;
    if (!status.ok()) {
      node.state = NodeState::kFailed;
      const bool known =
          std::any_of(report_.errors.begin(), report_.errors.end(),
                      [&](const UpdateError& e) { return e.dataset == node.name(); });
      if (!known) report_.errors.push_back({node.name(), status, {}});
      reason = base::Message(status);
    } else if (node.state == NodeState::kRunning) {
      node.state = NodeState::kDone;
    }
    node.dataset.state = node.sink.state = node.state;
    detail = reason;
  }
  Tell(node, "", node.is_sink() ? node.sink.result.puts : node.dataset.rows_out(), -1, detail);
}

absl::Status Update::ExecuteSteps(Node& node) {
  // A batch that a dead update began is finished, then the node is planned anew.
  bool refreshed = false;
  while (true) {
    if (Cancelled()) return base::Cancelled("the update was interrupted; it is safe to run again");
    SMELT_RETURN_IF_ERROR(lease_->CheckHeld());
    SMELT_ASSIGN_OR_RETURN(PlannedStep planned, planner_.Plan(node.index, {}, refreshed));
    if (planned.action == StepAction::kNone) {
      if (node.dataset.step == StepAction::kNone) {
        (node.is_sink() ? node.sink.reason : node.dataset.reason) = planned.reason;
        node.dataset.version = planned.step.target.at.version;
        node.sink.result.verified = planned.mirror && planned.mirror->published.has_value();
        if (planned.mirror) {
          node.sink.result.table = planned.mirror->sink.options.table;
          if (planned.mirror->published) node.sink.rows = planned.mirror->published->item_count;
        }
        std::lock_guard lock(mutex_);
        node.state = NodeState::kNothing;
      }
      return absl::OkStatus();
    }
    if (planned.action == StepAction::kMirror) {
      node.sink.reason = planned.reason;
      return ApplyMirror(node, *planned.mirror);
    }
    node.dataset.reason = planned.reason;
    SMELT_RETURN_IF_ERROR(ApplyStep(node, planned));
    if (!planned.recovers) return absl::OkStatus();
  }
}

absl::Status Update::Refuse(const std::string& dataset, engine::StepError error) {
  std::lock_guard lock(mutex_);
  report_.errors.push_back({dataset, error.status, std::move(error.diagnostics)});
  if (error.expectation_failed) report_.expectation_failed = true;
  return error.status;
}

absl::Status Update::ApplyStep(Node& node, PlannedStep& planned) {
  engine::Step& step = planned.step;
  if (!planned.recovers) {
    step.update_id = report_.update_id;
    step.timestamp_micros = report_.started_micros;
    lake::FlowLog books(services_.plan.catalog->lake().store, {step.pipeline, step.flow});
    lake::PlanEntry entry{step.epoch,
                          step.batch,
                          step.update_id,
                          step.timestamp_micros,
                          StepActionName(planned.action),
                          std::string(step.query.text()),
                          DefinitionHash(step),
                          planned.name,
                          engine::InputsToJson(step.inputs)};
    SMELT_RETURN_IF_ERROR(books.Write(entry));
  }
  SMELT_ASSIGN_OR_RETURN(engine::Engine * engine, services_.engine());
  engine::ApplyOptions apply;
  apply.cancelled = options_.cancelled;
  apply.progress = [&](const engine::StepProgress& progress) {
    Tell(node, progress.phase, progress.rows, planned.estimated_rows, planned.reason);
  };
  apply.may_commit = [this] { return lease_->CheckHeld(); };
  for (int conflicts = 0;; ++conflicts) {
    auto result = engine->Apply(step, apply);
    if (auto* error = std::get_if<engine::StepError>(&result)) {
      return Refuse(planned.name, std::move(*error));
    }
    const auto& outcome = std::get<engine::StepOutcome>(result);
    if (outcome.kind == engine::OutcomeKind::kConflicted) {
      if (conflicts + 1 < kMostConflicts) continue;
      return base::Aborted("{} was changed by another writer {} times while batch {} was made: {}",
                           planned.name, kMostConflicts, step.batch, outcome.conflict);
    }
    node.dataset.step = planned.action;
    node.dataset.version = outcome.version;
    node.dataset.ledger = outcome.ledger;
    return absl::OkStatus();
  }
}

absl::Status Update::ApplyMirror(Node& node, MirrorStep& mirror) {
  SMELT_ASSIGN_OR_RETURN(publish::MirrorSource * source, services_.mirror());
  SMELT_ASSIGN_OR_RETURN(dynamodb::Client * client, services_.plan.dynamodb());

  publish::MirrorQuery query{mirror.flow,           mirror.default_catalog,
                             mirror.default_schema, mirror.query,
                             mirror.views,          mirror.keys,
                             mirror.inputs,         {}};
  publish::PublishRequest request;
  request.sink = mirror.sink;
  request.target = mirror.state;
  if (mirror.published) {
    // Only states of this very question can be asked again; any other means that everything is
    // published and what is gone is found by a scan.
    const auto& bases = mirror.published->bases;
    const bool same = std::all_of(bases.begin(), bases.end(), [&](const publish::SourceState& s) {
      return s.definition == mirror.state.definition;
    });
    if (same) request.bases = bases;
  }
  for (const publish::SourceState& state : request.bases) {
    std::vector<engine::Input> inputs = mirror.inputs;
    for (engine::Input& input : inputs) {
      engine::TableVersion& at = std::get<engine::TableInput>(input.source).at;
      const auto version = state.versions.find(at.table_id);
      if (version == state.versions.end()) {
        inputs.clear();
        break;
      }
      at.version = version->second;
    }
    if (inputs.empty()) {
      request.bases.clear();
      query.bases.clear();
      break;
    }
    query.bases.push_back(std::move(inputs));
  }

  Tell(node, "comparing", 0, -1, node.sink.reason);
  auto rows = source->Open(query);
  if (!rows.ok() && !query.bases.empty() &&
      (absl::IsNotFound(rows.status()) || absl::IsDataLoss(rows.status()))) {
    // The version that was published last is no longer there: publish everything.
    node.sink.reason +=
        "; the version published last cannot be read any more, so every row is written";
    request.bases.clear();
    query.bases.clear();
    rows = source->Open(query);
  }
  SMELT_RETURN_IF_ERROR(rows.status());
  request.sink.key = rows->key;
  node.sink.rows = rows->rows;

  publish::PublishOptions publish_options;
  publish_options.sole_owner = services_.dynamodb_is_ours;
  // In process, more at once means fewer transactions of the store's file.
  if (services_.dynamodb_is_ours) publish_options.max_in_flight = 256;
  std::stop_source stop;
  publish_options.stop = stop.get_token();
  publish_options.on_progress = [&](const publish::Progress& progress) {
    if (Cancelled()) stop.request_stop();
    Tell(node, "publishing", progress.done, progress.total, node.sink.reason);
  };
  auto result = publish::Publish(*client, clock_, request, publish_options, rows->diff.get());
  SMELT_RETURN_IF_ERROR(result.status());
  node.sink.result = *std::move(result);
  return absl::OkStatus();
}

UpdateReport Update::Report() {
  for (auto& [index, node] : nodes_) {
    if (node.is_view) continue;
    node.dataset.state = node.sink.state = node.state;
    if (node.is_sink()) {
      report_.sinks.push_back(std::move(node.sink));
    } else {
      report_.datasets.push_back(std::move(node.dataset));
    }
  }
  if (!report_.errors.empty()) report_.state = UpdateState::kFailed;
  if (Cancelled()) report_.state = UpdateState::kCanceled;
  report_.promises = JudgePromises(spec_, report_);
  return std::move(report_);
}

}  // namespace

absl::StatusOr<UpdateReport> Run(const PipelineSpec& spec, const Graph& graph,
                                 const RunServices& services, const RunOptions& options) {
  return Update(spec, graph, services, options).Run();
}

}  // namespace smelt::pipeline
