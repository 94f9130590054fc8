#include "pipeline/graph.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "pipeline/query_reads.h"
#include "pipeline/table_resolver.h"

namespace smelt::pipeline {
namespace {

const char* KindWords(DatasetKind kind) {
  switch (kind) {
    case DatasetKind::kStreamingTable:
      return "a streaming table";
    case DatasetKind::kMaterializedView:
      return "a materialized view";
    case DatasetKind::kTemporaryView:
      return "a temporary view";
  }
  return "";
}

class GraphBuilder {
 public:
  GraphBuilder(const PipelineSpec& spec, const TableExists& exists,
               const std::vector<catalog::TableName>& external_tables)
      : spec_(spec),
        resolver_(spec, exists, external_tables, &result_.diagnostics),
        reader_(&result_.diagnostics) {}

  GraphResult Build() {
    IndexNames();
    MakeNodes();
    for (size_t i = 0; i < nodes_.size(); ++i) ReadInputs(static_cast<int>(i));
    CheckExpressions();
    CheckTargets();
    FindInputs();
    FindStreams();
    for (size_t i = 0; i < nodes_.size(); ++i) CheckStreams(static_cast<int>(i));
    for (size_t i = 0; i < nodes_.size(); ++i) CheckStable(static_cast<int>(i));
    Sort();
    return std::move(result_);
  }

 private:
  struct Node {
    GraphNode node;
    Place place;  // what it is called
    sql::Fragment query;
    std::vector<NamedReads::Function> unstable_calls;
    bool is_streaming = false;  // reads a stream, maybe through temporary views
  };

  void Complain(const Place& place, std::string message, std::string hint = {}) {
    result_.diagnostics.push_back(GraphMistake(place, std::move(message), std::move(hint)));
  }

  void Refuse(const Place& place, std::string_view what, std::string hint) {
    result_.diagnostics.push_back(sql::MakeDiagnostic(*place.source, place.span, sql::kUnsupported,
                                                      fmt::format("{} is not supported", what),
                                                      std::move(hint)));
  }

  const Dataset& DatasetAt(int index) const { return spec_.datasets[index]; }
  std::string NameOf(const Node& node) const {
    if (node.node.kind == GraphNode::Kind::kFlow) {
      const Flow& flow = spec_.flows[node.node.index];
      return node.node.dataset >= 0 ? DatasetAt(node.node.dataset).ToString() : flow.sink;
    }
    return DatasetAt(node.node.index).ToString();
  }

  // ---- Names ----

  void IndexNames() {
    std::map<std::string, const Sink*> sinks;
    for (const Sink& sink : spec_.sinks) {
      const auto [known, is_new] = sinks.emplace(sink.name, &sink);
      if (!is_new) {
        Complain(sink.place, fmt::format("the sink '{}' is defined twice", sink.name),
                 "first in " + LineOf(known->second->place));
      }
    }
    std::map<std::string, const Flow*> flows;
    for (const Flow& flow : spec_.flows) {
      const auto [known, is_new] = flows.emplace(flow.name, &flow);
      if (!is_new && resolver_.Find(flow.target) && flow.place.span == known->second->place.span) {
        continue;  // a table with two queries of its own: CheckTargets says so
      }
      if (!is_new) {
        Complain(flow.place, fmt::format("the flow '{}' is defined twice", flow.name),
                 "first in " + LineOf(known->second->place));
      }
    }
    for (const Sink& sink : spec_.sinks) sink_names_.push_back(sink.name);
  }

  // ---- Nodes and what they read ----

  void MakeNodes() {
    for (size_t i = 0; i < spec_.datasets.size(); ++i) {
      const Dataset& dataset = DatasetAt(static_cast<int>(i));
      if (!dataset.query) continue;
      Node node;
      node.node.kind = dataset.kind == DatasetKind::kTemporaryView
                           ? GraphNode::Kind::kView
                           : GraphNode::Kind::kMaterializedView;
      node.node.index = node.node.dataset = static_cast<int>(i);
      node.place = dataset.place;
      node.query = *dataset.query;
      nodes_.push_back(std::move(node));
    }
    for (size_t i = 0; i < spec_.flows.size(); ++i) {
      const Flow& flow = spec_.flows[i];
      Node node;
      node.node.index = static_cast<int>(i);
      node.place = flow.place;
      node.query = flow.query;
      if (flow.sink.empty()) node.node.dataset = resolver_.Find(flow.target).value_or(-1);
      nodes_.push_back(std::move(node));
    }
    // As the files have them.
    std::map<const sql::SourceText*, size_t> files;
    for (const auto& source : spec_.sources) files.emplace(source.get(), files.size());
    const auto order = [&](const Node& node) {
      return std::pair(files[node.place.source.get()], node.place.span.begin);
    };
    std::stable_sort(nodes_.begin(), nodes_.end(),
                     [&](const Node& a, const Node& b) { return order(a) < order(b); });
  }

  void ReadInputs(int index) {
    Node& node = nodes_[index];
    NamedReads reads = reader_.Read(node.query);
    node.unstable_calls = std::move(reads.unstable_calls);
    for (const NamedReads::Function& function : reads.functions) {
      node.node.reads.functions.push_back({function.name, function.is_stream, function.span});
    }
    for (const NamedReads::Table& table : reads.tables) {
      if (std::optional<TableRead> read = resolver_.Resolve(node.query, table)) {
        node.node.reads.tables.push_back(*std::move(read));
      }
    }
  }

  // ---- Rules of the language ----

  void CheckExpressions() {
    for (const Dataset& dataset : spec_.datasets) {
      for (const Expectation& rule : dataset.expectations) reader_.CheckExpression(rule.predicate);
      if (dataset.kind == DatasetKind::kTemporaryView && !dataset.expectations.empty()) {
        Refuse(dataset.expectations[0].place, "an expectation of a temporary view",
               "put it on the table that reads the view, where rejected rows are counted");
      }
      if (!dataset.cluster_columns.empty()) {
        Refuse(dataset.place, "CLUSTER BY", "PARTITIONED BY keeps rows of a value together");
      }
    }
    for (const Flow& flow : spec_.flows) {
      const auto* const cdc = std::get_if<AutoCdcFlow>(&flow.kind);
      if (cdc == nullptr) continue;
      if (!cdc->sequence_by.empty()) reader_.CheckExpression(cdc->sequence_by);
      if (cdc->delete_when) reader_.CheckExpression(*cdc->delete_when);
    }
  }

  void CheckTargets() {
    std::map<int, std::vector<const Flow*>> flows_of;
    for (const Flow& flow : spec_.flows) {
      if (std::holds_alternative<MirrorFlow>(flow.kind)) {
        CheckSink(flow);
        continue;
      }
      const std::optional<int> target = resolver_.Find(flow.target);
      if (!target) {
        if (spec_.unread.contains(flow.target)) continue;
        const bool is_view = resolver_.Find({"", "", flow.target.table}).has_value();
        Complain(flow.target_place,
                 is_view ? fmt::format("'{}' is a temporary view: only streaming tables have flows",
                                       flow.target.table)
                         : fmt::format("the flow's target '{}' is no table of this pipeline",
                                       flow.target_place.text()),
                 is_view ? "" : resolver_.Suggest({flow.target.schema, flow.target.table}));
        continue;
      }
      const Dataset& dataset = DatasetAt(*target);
      if (dataset.kind != DatasetKind::kStreamingTable) {
        Complain(flow.target_place, fmt::format("'{}' is {}: only streaming tables have flows",
                                                dataset.ToString(), KindWords(dataset.kind)));
        continue;
      }
      flows_of[*target].push_back(&flow);
    }
    for (size_t i = 0; i < spec_.datasets.size(); ++i) {
      const Dataset& dataset = DatasetAt(static_cast<int>(i));
      if (dataset.kind != DatasetKind::kStreamingTable) continue;
      CheckFlowsOf(dataset, flows_of[static_cast<int>(i)]);
    }
  }

  void CheckSink(const Flow& flow) {
    if (std::find(sink_names_.begin(), sink_names_.end(), flow.sink) != sink_names_.end()) {
      if (!mirrored_.insert(flow.sink).second) {
        Complain(flow.target_place,
                 fmt::format("another flow mirrors into the sink '{}' already", flow.sink),
                 "each flow would delete the other's items");
      }
      return;
    }
    if (spec_.unread.contains({"", "", flow.sink})) return;
    Complain(flow.target_place, fmt::format("there is no sink '{}'", flow.sink),
             sql::SuggestName(flow.sink, sink_names_));
  }

  void CheckFlowsOf(const Dataset& dataset, const std::vector<const Flow*>& flows) {
    if (flows.empty() && !spec_.is_partial) {
      Complain(dataset.place,
               fmt::format("nothing flows into the streaming table '{}'", dataset.ToString()),
               "give it AS and a query, or a flow: CREATE FLOW .. AS INSERT INTO or AUTO CDC INTO");
    }
    const auto cdc = std::find_if(flows.begin(), flows.end(), [](const Flow* flow) {
      return std::holds_alternative<AutoCdcFlow>(flow->kind);
    });
    if (cdc == flows.end() || flows.size() == 1) return;
    const Flow* const other = *cdc == flows[0] ? flows[1] : flows[0];
    Complain((*cdc)->target_place,
             fmt::format("AUTO CDC must be the only flow into '{}'", dataset.ToString()),
             fmt::format("it {} in {}",
                         other->place.span == dataset.place.span ? "has a query of its own"
                                                                 : "has another flow",
                         LineOf(other->place)));
  }

  // ---- Streams ----

  void FindInputs() {
    for (Node& node : nodes_) {
      std::set<int> inputs;
      for (const TableRead& read : node.node.reads.tables) {
        if (read.dataset < 0) continue;
        for (size_t i = 0; i < nodes_.size(); ++i) {
          if (nodes_[i].node.dataset == read.dataset) inputs.insert(static_cast<int>(i));
        }
      }
      node.node.inputs.assign(inputs.begin(), inputs.end());
    }
  }

  // The node of a temporary view; -1 if that is none.
  int ViewNode(const TableRead& read) const {
    if (read.dataset < 0) return -1;
    for (size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].node.kind == GraphNode::Kind::kView && nodes_[i].node.index == read.dataset) {
        return static_cast<int>(i);
      }
    }
    return -1;
  }

  void FindStreams() {
    for (Node& node : nodes_) node.is_streaming = node.node.reads.reads_stream();
    for (bool changed = true; changed;) {
      changed = false;
      for (Node& node : nodes_) {
        for (const TableRead& read : node.node.reads.tables) {
          const int view = ViewNode(read);
          if (node.is_streaming || view < 0 || !nodes_[view].is_streaming) continue;
          node.is_streaming = changed = true;
        }
      }
    }
  }

  void CheckStreams(int index) {
    const Node& node = nodes_[index];
    for (const TableRead& read : node.node.reads.tables) {
      if (read.is_stream && read.dataset >= 0) CheckStreamOf(node, read);
    }
    const bool is_mirror = node.node.kind == GraphNode::Kind::kFlow &&
                           std::holds_alternative<MirrorFlow>(spec_.flows[node.node.index].kind);
    if (is_mirror && node.is_streaming) {
      Complain(PlaceOfStream(node),
               "a mirror publishes rows as they are now, so it reads no STREAM",
               "read the table without STREAM");
    } else if (node.node.kind == GraphNode::Kind::kMaterializedView && node.is_streaming) {
      Complain(PlaceOfStream(node),
               fmt::format("the materialized view '{}' reads a STREAM", NameOf(node)),
               "read the table without STREAM, or make it a STREAMING TABLE");
    } else if (node.node.kind == GraphNode::Kind::kFlow && !is_mirror && !node.is_streaming &&
               IsReadable(node)) {
      Complain({node.query.source, node.query.span},
               fmt::format("the flow into '{}' reads no STREAM", NameOf(node)),
               "a streaming table takes every row of its source once: write FROM STREAM(source), "
               "or make it a MATERIALIZED VIEW");
    }
  }

  // Whether all that the node reads is known, so that a missing STREAM is not the consequence of
  // another mistake.
  bool IsReadable(const Node& node) const {
    return !node.node.reads.tables.empty() || !node.node.reads.functions.empty();
  }

  void CheckStreamOf(const Node& node, const TableRead& read) {
    const Place place{node.query.source, read.span};
    const Dataset& source = DatasetAt(read.dataset);
    if (source.kind == DatasetKind::kMaterializedView) {
      Complain(place,
               fmt::format("the materialized view '{}' cannot be read as a stream: its rows change",
                           source.ToString()),
               "read it without STREAM");
    } else if (const int view = ViewNode(read);
               view >= 0 && !nodes_[view].is_streaming && IsReadable(nodes_[view])) {
      Complain(place,
               fmt::format("the view '{}' reads no STREAM, so it is none", source.ToString()));
    }
  }

  // Where a node's query reads a stream.
  Place PlaceOfStream(const Node& node) const {
    for (const TableRead& read : node.node.reads.tables) {
      const int view = ViewNode(read);
      if (read.is_stream || (view >= 0 && nodes_[view].is_streaming)) {
        return {node.query.source, read.span};
      }
    }
    for (const FunctionRead& read : node.node.reads.functions) {
      if (read.is_stream) return {node.query.source, read.span};
    }
    return node.place;
  }

  // ---- Materialized views ----

  void CheckStable(int index) {
    const Node& node = nodes_[index];
    if (node.node.kind != GraphNode::Kind::kMaterializedView) return;
    std::set<int> seen;
    if (const auto call = FindUnstable(index, &seen)) {
      Complain({nodes_[call->first].query.source, call->second.span},
               fmt::format("the materialized view '{}' calls {}(), whose answer is not a function "
                           "of the view's sources",
                           NameOf(node), call->second.name),
               "a materialized view always equals its query; compute this in a streaming table");
    }
  }

  // The first unstable call of a node or the temporary views that it reads.
  std::optional<std::pair<int, NamedReads::Function>> FindUnstable(int index, std::set<int>* seen) {
    if (!seen->insert(index).second) return std::nullopt;
    const Node& node = nodes_[index];
    if (!node.unstable_calls.empty()) return std::pair(index, node.unstable_calls.front());
    for (const TableRead& read : node.node.reads.tables) {
      const int view = ViewNode(read);
      if (view < 0) continue;
      if (auto call = FindUnstable(view, seen)) return call;
    }
    return std::nullopt;
  }

  // ---- Order ----

  void Sort() {
    std::vector<int> position(nodes_.size(), -1);
    std::vector<int> order;
    while (order.size() < nodes_.size()) {
      const int next = NextReady(position);
      if (next < 0) break;
      position[next] = static_cast<int>(order.size());
      order.push_back(next);
    }
    if (order.size() < nodes_.size()) return ComplainOfCycles(position);
    for (const int old : order) {
      GraphNode node = std::move(nodes_[old].node);
      for (int& input : node.inputs) input = position[input];
      std::sort(node.inputs.begin(), node.inputs.end());
      result_.graph.nodes.push_back(std::move(node));
    }
  }

  // The first node, by the files, whose inputs are all placed.
  int NextReady(const std::vector<int>& position) const {
    for (size_t i = 0; i < nodes_.size(); ++i) {
      const std::vector<int>& inputs = nodes_[i].node.inputs;
      if (position[i] < 0 && std::all_of(inputs.begin(), inputs.end(),
                                         [&](int input) { return position[input] >= 0; })) {
        return static_cast<int>(i);
      }
    }
    return -1;
  }

  void ComplainOfCycles(const std::vector<int>& position) {
    std::set<int> done;
    for (size_t start = 0; start < nodes_.size(); ++start) {
      if (position[start] >= 0 || done.contains(static_cast<int>(start))) continue;
      // Every node that is not placed has an input that is not: following these must come round.
      std::vector<int> path;
      int at = static_cast<int>(start);
      while (std::find(path.begin(), path.end(), at) == path.end() && !done.contains(at)) {
        path.push_back(at);
        for (const int input : nodes_[at].node.inputs) {
          if (position[input] >= 0) continue;
          at = input;
          break;
        }
      }
      const auto cycle_begin = std::find(path.begin(), path.end(), at);
      if (cycle_begin != path.end()) ComplainOfCycle({cycle_begin, path.end()});
      done.insert(path.begin(), path.end());
    }
  }

  // `cycle`: each node reads the one behind it, the last one the first.
  void ComplainOfCycle(std::vector<int> cycle) {
    std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
    std::string names;
    for (const int node : cycle) names += NameOf(nodes_[node]) + " -> ";
    const Node& first = nodes_[cycle[0]];
    const Node& next = nodes_[cycle[1 % cycle.size()]];
    Place place = first.place;
    for (const TableRead& read : first.node.reads.tables) {
      if (read.dataset == next.node.dataset) place = {first.query.source, read.span};
    }
    Complain(place, fmt::format("these read each other in a circle: {}{}", names, NameOf(first)));
  }

  const PipelineSpec& spec_;
  GraphResult result_;
  const TableResolver resolver_;
  QueryReader reader_;
  std::vector<std::string> sink_names_;
  std::set<std::string> mirrored_;
  std::vector<Node> nodes_;
};

}  // namespace

bool QueryReads::reads_stream() const {
  const auto is_stream = [](const auto& read) { return read.is_stream; };
  return std::any_of(tables.begin(), tables.end(), is_stream) ||
         std::any_of(functions.begin(), functions.end(), is_stream);
}

std::vector<int> Graph::NodesOf(int dataset) const {
  std::vector<int> found;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].dataset == dataset) found.push_back(static_cast<int>(i));
  }
  return found;
}

std::vector<int> Graph::WithInputs(const std::vector<int>& wanted) const {
  std::vector<bool> needed(nodes.size(), false);
  for (const int node : wanted) needed[node] = true;
  std::vector<int> found;
  for (size_t i = nodes.size(); i-- > 0;) {  // inputs come before those that need them
    if (!needed[i]) continue;
    for (const int input : nodes[i].inputs) needed[input] = true;
    found.push_back(static_cast<int>(i));
  }
  std::reverse(found.begin(), found.end());
  return found;
}

GraphResult BuildGraph(const PipelineSpec& spec, const TableExists& exists,
                       const std::vector<catalog::TableName>& external_tables) {
  return GraphBuilder(spec, exists, external_tables).Build();
}

}  // namespace smelt::pipeline
