#pragma once

// StepRun: one step from its bound inputs to its commits: query, rules, staged files, the prepared
// batch. Made for one application of one step by one thread.

#include <variant>
#include <vector>

#include "engine/duckdb/delta/parquet_write.h"
#include "engine/duckdb/query_binder.h"
#include "engine/duckdb/rules.h"
#include "engine/duckdb/upsert_sql.h"
#include "engine/engine.h"
#include "lake/batch.h"
#include "lake/flow_log.h"

namespace smelt::duck {

// The temporary table that holds a batch.
inline constexpr char kBatch[] = "batch";

class StepRun {
 public:
  // `step` and `options` outlive the run.
  StepRun(Database& database, BinderContext context, const engine::Step& step,
          const engine::ApplyOptions& options);

  std::variant<engine::StepOutcome, engine::StepError> Run();

 private:
  // What Commit found: nullopt where another writer came between and the batch has to be staged
  // anew.
  using Committed = std::optional<engine::StepOutcome>;

  absl::Status Execute(engine::StepOutcome* outcome);
  // Commits what an earlier run prepared; nullopt where there is nothing to commit as it is.
  absl::StatusOr<Committed> FinishPrepared();
  absl::Status Connect();
  absl::Status LoadSnapshots();
  absl::Status BindQuery();
  absl::Status BindRules();
  absl::Status RefuseInternalNames(const base::Schema& schema) const;

  absl::Status StageAppend();
  absl::Status StageReplace();
  absl::Status StageUpsert();

  // One row of counts.
  absl::StatusOr<std::vector<int64_t>> QueryInts(const std::string& sql);
  // The batch's rows in a temporary table with the rules' columns, counted; `more` are further
  // columns.
  absl::Status MakeBatch(const std::string& more);
  absl::Status CheckFailRules();
  absl::Status StageQuarantine();
  absl::Status StageState(const UpsertNames& names, const std::string& state_from);
  std::string QuarantineSource() const;

  // The columns that the target is to get of `query`'s: those declared, cast and in their order, or
  // all.
  absl::StatusOr<base::Schema> DeclaredSchema(const base::Schema& query) const;
  // Prepares the write of rows of `incoming` into `table`: its schema after the write, its metadata
  // where that changes.
  struct TablePlan {
    base::Schema schema;
    std::vector<std::string> partition_columns;
    lake::TableWrite write;
  };
  absl::StatusOr<TablePlan> PlanWrite(const engine::TableVersion& table,
                                      const delta::Snapshot::Ptr& snapshot,
                                      const base::Schema& incoming, bool replaces,
                                      const std::string& operation) const;
  absl::Status Write(const std::string& query, TablePlan* plan, WrittenFiles* written);

  // Rows that entered against what the sources hold, where the query keeps every row.
  absl::Status CheckInput();
  absl::Status Commit(engine::StepOutcome* outcome);
  absl::Status Fail(Bound<std::string> bound);
  absl::Status Tell(const std::string& phase);

  Database& database_;
  const BinderContext context_;
  const engine::Step& step_;
  const engine::ApplyOptions& options_;
  lake::FlowLog books_;
  const std::string application_id_;

  std::unique_ptr<Connection> connection_;
  std::optional<QueryBinder> binder_;
  delta::Snapshot::Ptr target_;      // null: does not exist
  delta::Snapshot::Ptr quarantine_;  // likewise
  delta::Snapshot::Ptr state_;       // likewise
  std::string query_;                // DuckDB's SQL
  base::Schema columns_;             // of the query
  std::vector<Rule> rules_;
  std::vector<lake::TableWrite> writes_;  // the target first
  engine::Ledger ledger_;
  bool expectation_failed_ = false;
  std::vector<sql::Diagnostic> diagnostics_;
};

}  // namespace smelt::duck
