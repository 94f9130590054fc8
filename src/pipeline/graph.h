#pragma once

// The graph of a pipeline: what each dataset and flow reads, and an order in which they can be
// brought up to date. Pure: of the world outside it knows only the tables it is told of.

#include <functional>
#include <string>
#include <vector>

#include "pipeline/spec.h"
#include "sql/diagnostic.h"

namespace smelt::pipeline {

// A table or temporary view that a query names.
struct TableRead {
  catalog::TableName name;  // resolved; of a temporary view as Dataset::name
  bool is_stream = false;   // STREAM name
  int dataset = -1;  // index into PipelineSpec::datasets; -1: a table outside of the pipeline
  sql::Span span;    // in the query's source
};

// A table function in a FROM clause: read_files, dynamodb_export, ..
struct FunctionRead {
  std::string name;  // in lower case
  bool is_stream = false;
  sql::Span span;
};

struct QueryReads {
  std::vector<TableRead> tables;
  std::vector<FunctionRead> functions;

  bool reads_stream() const;
};

// One thing to bring up to date, or (a temporary view) to have at hand for those that come later.
struct GraphNode {
  enum class Kind { kFlow, kView, kMaterializedView };

  Kind kind = Kind::kFlow;
  int index = -1;    // kFlow: into PipelineSpec::flows; else into PipelineSpec::datasets
  int dataset = -1;  // what it fills: into PipelineSpec::datasets; -1 for a mirror
  QueryReads reads;
  std::vector<int> inputs;  // nodes that must be done before, ascending; indices into Graph::nodes
};

struct Graph {
  // Every node comes after its inputs; nodes without a path between them are independent. Among
  // those that could come next, the order of the files decides.
  std::vector<GraphNode> nodes;

  // The nodes that fill dataset `dataset` (several flows may fill one table).
  std::vector<int> NodesOf(int dataset) const;
  // `nodes` and all that they need, transitively, ascending.
  std::vector<int> WithInputs(const std::vector<int>& nodes) const;
};

struct GraphResult {
  Graph graph;  // whole only if there are no diagnostics
  std::vector<sql::Diagnostic> diagnostics;

  bool ok() const { return diagnostics.empty(); }
};

// Whether a table exists that the pipeline does not make itself.
using TableExists = std::function<bool(const catalog::TableName&)>;

// `external_tables` are named in suggestions; `exists` answers for tables that the pipeline does
// not define.
GraphResult BuildGraph(const PipelineSpec& spec, const TableExists& exists,
                       const std::vector<catalog::TableName>& external_tables = {});

}  // namespace smelt::pipeline
