#pragma once

// QueryBinder: a step's Spark SQL as DuckDB SQL with its inputs bound: tables at their versions,
// streams as the files that were appended, exports and files as table functions, temporary views
// inlined. What the SQL refers to lives as long as the binder. Belongs to one thread.

#include <absl/status/statusor.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "catalog/table_name.h"
#include "delta/snapshot.h"
#include "delta/table.h"
#include "engine/duckdb/db/database.h"
#include "engine/duckdb/delta/delta_scan.h"
#include "engine/duckdb/dialect/translate.h"
#include "engine/duckdb/sources/bound_source.h"
#include "engine/step.h"
#include "sql/diagnostic.h"
#include "sql/fragment.h"

namespace smelt::duck {

// What a binder binds against.
struct BinderContext {
  ScanRegistry* scans = nullptr;
  SourceRegistry* sources = nullptr;
  delta::Table lake;     // store, Parquet and clock; its root is not used
  std::string store_id;  // of lake.store in the database
  catalog::NameDefaults defaults;
};

// The value, or what is wrong with the SQL, or with the data.
template <typename T>
struct Bound {
  std::optional<T> value;
  absl::Status status;
  std::vector<sql::Diagnostic> diagnostics;

  bool ok() const { return value.has_value(); }
};

class QueryBinder {
 public:
  // `views` and `inputs` outlive the binder.
  QueryBinder(BinderContext context, const std::vector<engine::InlineView>& views,
              const std::vector<engine::Input>& inputs)
      : context_(std::move(context)), views_(views), inputs_(inputs) {}

  // Makes scans of all inputs. `previous_attributes`: the item schema that earlier batches had, by
  // input key.
  absl::Status BindInputs(const std::map<std::string, base::Schema>& previous_attributes,
                          int threads);
  // The views, then the query; number the table functions as the planner did.
  Bound<std::string> Translate(const sql::Fragment& query);
  // A predicate or another expression over the query's columns.
  Bound<std::string> TranslateExpression(const sql::Fragment& expression);

  // Rows that the streams, exports and files hold by the logs and manifests; nullopt where one does
  // not say.
  std::optional<int64_t> source_rows() const { return source_rows_; }
  // Every query so far keeps each row of the one source that it reads (row_preserving.h).
  bool preserves_rows() const { return preserves_rows_; }
  // The item schema of each export input.
  const std::map<std::string, base::Schema>& attributes() const { return attributes_; }
  // After the query ran: kDataLoss where an export gave another number of rows than its manifest
  // says.
  absl::Status CheckDelivered() const;

 private:
  struct Item {
    FromItem from;
    std::string table;
  };

  absl::Status BindTable(const engine::Input& input, const engine::TableVersion& at);
  absl::Status BindStream(const engine::Input& input, const engine::StreamInput& stream);
  absl::Status AddScan(const std::string& key, const std::string& name,
                       const delta::Snapshot& snapshot,
                       std::vector<std::shared_ptr<const delta::AddFile>> files);
  Resolver MakeResolver(const sql::SourceText& source);
  std::variant<FromItem, sql::Diagnostic> Resolve(const SourceRef& ref,
                                                  const sql::SourceText& source);
  // Which input each table function of a query means.
  void NumberFunctions(const sql::Query& query, const sql::SourceText& source);
  Bound<std::string> TranslateQuery(const sql::Fragment& query);

  const BinderContext context_;
  const std::vector<engine::InlineView>& views_;
  const std::vector<engine::Input>& inputs_;
  std::vector<Scan> scans_;
  std::vector<BoundSource> bound_sources_;
  std::map<std::string, FromItem> items_;        // by input key
  std::map<std::string, std::string> view_sql_;  // by view name
  std::map<std::string, int> function_numbers_;
  std::map<std::pair<const sql::SourceText*, uint32_t>, std::string> function_keys_;
  std::map<std::string, base::Schema> attributes_;
  std::optional<int64_t> source_rows_ = 0;
  bool preserves_rows_ = true;
};

}  // namespace smelt::duck
