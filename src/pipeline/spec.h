#pragma once

// What a pipeline's files say, as plain data: names are resolved to three levels, parameters are
// replaced, every node keeps its place in a file. Nothing is checked against anything else yet:
// that is BuildGraph's work (graph.h). Made by LoadPipeline (load.h).

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/data_type.h"
#include "catalog/table_name.h"
#include "sql/diagnostic.h"
#include "sql/fragment.h"
#include "sql/statement.h"

namespace smelt::pipeline {

// A place in a file: empty `at` where nothing better than the file is known.
using Place = sql::Fragment;

struct Expectation {
  std::string name;
  sql::Fragment predicate;
  sql::ViolationAction action = sql::ViolationAction::kWarn;
  Place place;
};

enum class DatasetKind { kStreamingTable, kMaterializedView, kTemporaryView };
// "STREAMING_TABLE", "MATERIALIZED_VIEW", "VIEW": what --output json prints.
const char* DatasetKindName(DatasetKind kind);

struct Dataset {
  // Three-level name; a temporary view has only `table`, and an empty catalog and schema.
  catalog::TableName name;
  DatasetKind kind = DatasetKind::kStreamingTable;
  std::vector<sql::ColumnDeclaration> columns;  // as declared, in order; maybe without types
  std::vector<Expectation> expectations;
  std::vector<std::string> partition_columns;
  std::vector<std::string> cluster_columns;
  std::string comment;
  std::map<std::string, std::string> properties;
  std::optional<sql::Fragment> query;  // of views; a streaming table's query is its flow's
  sql::RefreshPolicy refresh_policy = sql::RefreshPolicy::kAuto;
  Place place;  // its name

  // "main.silver.customers", or the view's name.
  std::string ToString() const;
};

// Adds the rows of a streaming query.
struct AppendFlow {};

// Keeps one row a key. Column names as written.
struct AutoCdcFlow {
  std::vector<sql::Text> keys;
  sql::Fragment sequence_by;
  std::optional<sql::Fragment> delete_when;
  std::vector<sql::Text> columns;
  std::vector<sql::Text> except_columns;
};

// Makes a sink hold what the query gives.
struct MirrorFlow {
  std::vector<sql::Text> keys;
};

struct Flow {
  std::string
      name;  // unique in the pipeline; a table's own query or inline AUTO CDC has the table's name
  std::string comment;
  catalog::TableName target;  // of a mirror, empty
  std::string sink;           // of a mirror
  // Always a whole query: `FROM STREAM(x)` of AUTO CDC and MIRROR is made `SELECT * FROM
  // STREAM(x)`, and complaints about it still point into the file.
  sql::Fragment query;
  std::variant<AppendFlow, AutoCdcFlow, MirrorFlow> kind;
  Place place;         // its name
  Place target_place;  // where it names its target
};

struct Sink {
  std::string name;
  std::string kind;  // "dynamodb"
  std::map<std::string, std::string> options;
  Place place;
};

// What someone was promised of a table: `metric` of `table` compares with `value`. Durations in
// seconds.
struct Promise {
  enum class Metric { kQualityScore, kMedianDuration };
  enum class Comparison { kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

  std::string name;
  catalog::TableName table;
  Metric metric = Metric::kQualityScore;
  Comparison comparison = Comparison::kGreaterOrEqual;
  double value = 0;
  std::string text;  // ">= 0.98", for people
  Place place;

  bool Holds(double measured) const;
};

struct PipelineSpec {
  std::string name;
  std::filesystem::path folder;  // what relative paths of its files are relative to
  catalog::NameDefaults defaults;
  std::map<std::string, std::string> configuration;  // what ${key} stands for
  std::vector<std::shared_ptr<const sql::SourceText>> sources;
  std::vector<Dataset> datasets;  // in order of their files and statements
  std::vector<Flow> flows;
  std::vector<Sink> sinks;
  std::vector<Promise> promises;
  // Statements with mistakes are missing here; `unread` are the names that they define, as far as
  // they could be read.
  bool is_partial = false;
  std::set<catalog::TableName> unread;
};

}  // namespace smelt::pipeline
