#pragma once

// What an update asks an engine to do, as plain data: the same list is what `smelt plan` prints and
// what an Engine applies. A step has its inputs bound (versions, exports, files) before it is
// written into its plan entry; applying a bound step twice gives the same rows. Positions point
// into the project's SQL files, for error messages.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/data_type.h"
#include "base/json.h"
#include "sql/fragment.h"
#include "sql/statement.h"

namespace smelt::engine {

// A version of a Delta table of the lake. version -1: the table does not exist yet.
struct TableVersion {
  std::string table;     // three-level name
  std::string location;  // folder below the lake's root
  std::string table_id;  // metaData.id: another id is another table of that name
  int64_t version = -1;
};

// A whole table at a version.
struct TableInput {
  TableVersion at;
};

// What was appended to a table after `after_version` (-1: from the beginning) up to and including
// at.version.
struct StreamInput {
  TableVersion at;
  int64_t after_version = -1;
  bool skip_change_commits = false;
};

// Exports of one DynamoDB table, taken whole, in order of their times.
struct ExportInput {
  std::string prefix;  // folder that holds AWSDynamoDB/, absolute
  std::string table;   // name of the DynamoDB table; empty: any
  std::map<std::string, std::string> options;
  std::vector<std::string> export_ids;  // of this batch
  std::vector<std::string> taken_ids;   // all that were read before
  int64_t item_count = 0;               // of this batch, from the manifests
  int64_t size_bytes = 0;               // compressed, 0 where the manifest does not say
  std::vector<std::string> notes;       // exports seen and left alone, with the reason
};

// Files read by read_files(..).
struct FilesInput {
  struct File {
    std::string path;
    int64_t size_bytes = 0;
    int64_t modified_micros = 0;
    friend bool operator==(const File&, const File&) = default;
  };
  std::string path;  // as written
  std::map<std::string, std::string> options;
  std::vector<File> files;        // of this batch (of a stream: the new ones)
  std::vector<File> taken_files;  // a stream's earlier ones
  bool is_stream = false;
};

// One thing that the query reads. `key` is how the flow's books name it, the same from batch to
// batch: InputKey of a table, and of a table function its name and number among the query's
// functions of that name.
struct Input {
  std::string key;
  std::variant<TableInput, StreamInput, ExportInput, FilesInput> source;
};

// "main.silver.customers", "stream main.bronze.orders".
inline std::string InputKey(const std::string& table, bool is_stream) {
  return is_stream ? "stream " + table : table;
}
// "dynamodb_export#1".
inline std::string FunctionKey(const std::string& function, int number) {
  return function + "#" + std::to_string(number);
}

using sql::ViolationAction;

struct Expectation {
  std::string name;
  sql::Fragment predicate;
  ViolationAction action = ViolationAction::kWarn;
};

// A temporary view that the query reads, inlined where it is named.
struct InlineView {
  std::string name;  // as resolved
  sql::Fragment query;
  std::vector<Expectation> expectations;
};

struct TargetTable {
  TableVersion at;
  std::vector<std::string> partition_columns;
  base::Schema declared_columns;  // empty: the query's
  std::string comment;
  std::map<std::string, std::string> properties;
};

// Adds the query's rows.
struct Append {};

// AUTO CDC, SCD type 1: one row a key, by the greatest sequence.
struct Upsert {
  std::vector<std::string> keys;
  sql::Fragment sequence_by;
  std::optional<sql::Fragment> delete_when;
  std::vector<std::string> columns;         // empty: all but except_columns
  std::vector<std::string> except_columns;  // of COLUMNS * EXCEPT
  TableVersion state;                       // the key, sequence and deletion table
};

// The target becomes the query's answer.
struct Replace {};

using Operation = std::variant<Append, Upsert, Replace>;

struct Step {
  std::string pipeline;
  // What completes the names that the queries use.
  std::string default_catalog;
  std::string default_schema;
  std::string folder;  // what relative paths of table functions are relative to
  std::string flow;    // unique in the pipeline
  int64_t epoch = 1;   // raised by a full refresh
  int64_t batch = 0;   // of the epoch, from 1
  std::string update_id;
  int64_t timestamp_micros = 0;  // what current_timestamp() stands for
  bool restart = false;          // first batch of a new epoch: replaces what the target holds
  Operation operation;
  TargetTable target;
  TableVersion quarantine;  // used where an expectation quarantines
  sql::Fragment query;
  std::vector<InlineView> views;  // in the order in which they build on each other
  std::vector<Input> inputs;
  std::vector<Expectation> expectations;
};

}  // namespace smelt::engine
