#pragma once

// The statements of a pipeline file (Lakeflow SQL and Smelt's own), as plain data. Query bodies and
// predicates stay fragments of their file: sql/query_parser.h reads them. What the parser knows but
// does not support never gets here: it is a diagnostic by name.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/data_type.h"
#include "sql/fragment.h"

namespace smelt::sql {

// A word or literal and where it stands.
struct Text {
  std::string value;
  Span span;
};

// One to three parts as written, without quotes. `LIVE.x` is x with is_live.
struct ObjectName {
  std::vector<std::string> parts;
  Span span;
  bool is_live = false;

  // "silver.customers".
  std::string ToString() const;
};

// 'key' = value, of TBLPROPERTIES and OPTIONS; numbers and booleans as their text.
struct Property {
  Text key;
  Text value;
};

enum class ViolationAction { kWarn, kDrop, kFail, kQuarantine };

// CONSTRAINT name EXPECT (predicate) [ON VIOLATION ..].
struct ExpectClause {
  Text name;
  Fragment predicate;
  ViolationAction action = ViolationAction::kWarn;
};

struct ColumnDeclaration {
  Text name;
  std::optional<base::DataType> type;  // absent: the query's
  bool nullable = true;
  std::string comment;
};

// What tables and views have in common.
struct RelationDeclaration {
  ObjectName name;
  std::vector<ColumnDeclaration> columns;
  std::vector<ExpectClause> expectations;
  std::vector<Text> partitioned_by;
  std::vector<Text> clustered_by;
  std::optional<Text> comment;
  std::vector<Property> properties;
  std::optional<Fragment> query;
};

// AUTO CDC, SCD type 1. `from` is the relation after FROM: "STREAM(source)", "STREAM
// read_files(..)".
struct AutoCdcClause {
  Fragment from;
  std::vector<Text> keys;
  Fragment sequence_by;
  std::optional<Fragment> delete_when;
  std::vector<Text> columns;         // COLUMNS (a, b)
  std::vector<Text> except_columns;  // COLUMNS * EXCEPT (a, b)
};

struct CreateStreamingTable {
  RelationDeclaration table;
  std::optional<AutoCdcClause> auto_cdc;  // the inline form: FLOW AUTO CDC FROM ..
};

enum class RefreshPolicy { kAuto, kIncremental, kFull };

struct CreateMaterializedView {
  RelationDeclaration view;  // with a query
  RefreshPolicy refresh_policy = RefreshPolicy::kAuto;
};

struct CreateTemporaryView {
  RelationDeclaration view;  // with a query
};

// INSERT INTO target BY NAME query.
struct AppendClause {
  ObjectName target;
  Fragment query;
};

struct AutoCdcFlowClause {
  ObjectName target;
  AutoCdcClause auto_cdc;
};

// MIRROR INTO sink FROM .. KEYS (..). `from` is a query without its parentheses, or a relation.
struct MirrorClause {
  ObjectName sink;
  Fragment from;
  bool from_is_query = false;
  std::vector<Text> keys;  // the partition key, and the sort key if there is one
};

struct CreateFlow {
  ObjectName name;  // APPLY CHANGES INTO names its target only: that is the flow's name as well
  std::optional<Text> comment;
  std::variant<AppendClause, AutoCdcFlowClause, MirrorClause> body;
};

struct CreateSink {
  ObjectName name;
  Text kind;  // USING dynamodb
  std::vector<Property> options;
};

// SET key = value: `value` as written, with quotes if it has them; what ${key} stands for below.
struct SetParameter {
  Text key;
  Text value;
};

struct Statement {
  Span span;
  std::variant<CreateStreamingTable, CreateMaterializedView, CreateTemporaryView, CreateFlow,
               CreateSink, SetParameter>
      body;
};

}  // namespace smelt::sql
