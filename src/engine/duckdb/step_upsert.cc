// AUTO CDC's part of StepRun: which events win, what they replace in the target, and what the key
// state learns.

#include <algorithm>

#include "base/status.h"
#include "engine/duckdb/db/result_rows.h"
#include "engine/duckdb/step_run.h"

namespace smelt::duck {
namespace {

// The key state is compacted when it has so many files.
constexpr size_t kMostStateFiles = 32;

bool ContainsName(const std::vector<std::string>& names, const std::string& name) {
  const base::Schema one = {{name, base::DataType(base::TypeKind::kString), true, {}}};
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& other) { return base::FindField(one, other); });
}

}  // namespace

absl::Status StepRun::StageUpsert() {
  const auto& upsert = std::get<engine::Upsert>(step_.operation);
  Bound<std::string> sequence = binder_->TranslateExpression(upsert.sequence_by);
  if (!sequence.ok()) return Fail(std::move(sequence));
  std::string deletion = "FALSE";
  if (upsert.delete_when) {
    Bound<std::string> condition = binder_->TranslateExpression(*upsert.delete_when);
    if (!condition.ok()) return Fail(std::move(condition));
    deletion = *std::move(condition.value);
  }

  UpsertNames names;
  names.batch = kBatch;
  names.winners = "winners";
  names.known = "known";
  names.applied = "applied";
  names.passes = Passes(rules_);
  base::Schema kept;
  for (const base::Field& field : columns_) {
    const bool listed = upsert.columns.empty() || ContainsName(upsert.columns, field.name);
    if (listed && !ContainsName(upsert.except_columns, field.name)) kept.push_back(field);
  }
  for (const auto* list : {&upsert.columns, &upsert.except_columns, &upsert.keys}) {
    for (const std::string& name : *list) {
      if (!base::FindField(columns_, name)) {
        return base::InvalidArgument("flow {} names column {}, which its source does not have ({})",
                                     step_.flow, name, base::SchemaToString(columns_));
      }
    }
  }
  for (const std::string& key : upsert.keys) {
    const auto at = base::FindField(kept, key);
    if (!at) {
      return base::InvalidArgument("flow {}: key {} has to be a column of {}", step_.flow, key,
                                   step_.target.at.table);
    }
    names.keys.push_back(kept[*at].name);
  }
  SMELT_ASSIGN_OR_RETURN(names.columns, DeclaredSchema(kept));

  SMELT_RETURN_IF_ERROR(MakeBatch(fmt::format(", ({}) AS {}, (({}) IS TRUE) AS {}", *sequence.value,
                                              kSequenceColumn, deletion, kDeleteColumn)));
  SMELT_ASSIGN_OR_RETURN(const int64_t unorderable, connection_->QueryInt(UnorderableCount(names)));
  if (unorderable > 0) {
    return base::InvalidArgument(
        "{} rows of flow {} have no key ({}) or no SEQUENCE BY value, so they cannot be ordered; "
        "add a "
        "rule that rejects them",
        unorderable, step_.flow, fmt::join(upsert.keys, ", "));
  }

  std::string state_from;
  std::optional<Scan> state_scan;
  if (state_ != nullptr && !step_.restart) {
    ScanSpec spec{context_.store_id, state_->table().root,        upsert.state.table,
                  state_->schema(),  state_->partition_columns(), state_->files()};
    SMELT_ASSIGN_OR_RETURN(state_scan, context_.scans->Add(std::move(spec)));
    state_from = state_scan->Sql();
  }
  for (const std::string& statement : SelectWinners(names, state_from)) {
    SMELT_RETURN_IF_ERROR(connection_->Execute(statement));
  }
  SMELT_ASSIGN_OR_RETURN(const std::vector<int64_t> counts, QueryInts(AppliedCounts(names)));
  ledger_.inserted = counts[1];
  ledger_.updated = counts[2];
  ledger_.deleted = counts[3];
  const int64_t replaced = counts[4];
  ledger_.superseded = ledger_.input - ledger_.dropped - ledger_.quarantined - counts[0];

  SMELT_RETURN_IF_ERROR(Tell("writing"));
  const bool rebuild = step_.restart && target_ != nullptr;
  SMELT_ASSIGN_OR_RETURN(TablePlan plan, PlanWrite(step_.target.at, target_, names.columns, rebuild,
                                                   target_ ? "MERGE" : "CREATE TABLE AS SELECT"));
  plan.write.reads_table = target_ != nullptr;
  std::string rows = NewRows(names);
  int64_t kept_rows = 0;
  std::optional<Scan> target_scan, touched_scan;
  if (replaced > 0 && !rebuild) {
    if (target_ == nullptr) {
      return base::DataLoss(
          "{} is gone, but its key state knows {} of its rows; run with "
          "--full-refresh={}",
          step_.target.at.table, replaced, step_.target.at.table);
    }
    // Which files hold the rows to replace: only the key columns are read for that.
    ScanSpec spec{context_.store_id, target_->table().root,        step_.target.at.table,
                  target_->schema(), target_->partition_columns(), target_->files()};
    SMELT_ASSIGN_OR_RETURN(target_scan, context_.scans->Add(spec));
    std::string same;
    for (const std::string& key : names.keys) {
      same +=
          fmt::format("{}t.{} = r.{}", same.empty() ? "" : " AND ", QuoteName(key), QuoteName(key));
    }
    SMELT_ASSIGN_OR_RETURN(
        const ResultRows touched,
        QueryRows(*connection_,
                  fmt::format("SELECT t.__file, count(*) FROM {} t SEMI JOIN ({}) r ON "
                              "{} GROUP BY 1",
                              target_scan->Sql(), ReplacedKeys(names), same)));
    int64_t found = 0;
    for (const auto& row : touched.rows) {
      plan.write.removed_paths.push_back(row[0].get<std::string>());
      found += row[1].get<int64_t>();
    }
    if (found != replaced) {
      return base::DataLoss(
          "{} holds {} rows of keys that its key state says it holds {} of; it was changed by "
          "hand. "
          "Run with --full-refresh={}",
          step_.target.at.table, found, replaced, step_.target.at.table);
    }
    std::sort(plan.write.removed_paths.begin(), plan.write.removed_paths.end());
    spec.files.clear();
    for (const delta::Snapshot::AddPtr& file : target_->files()) {
      if (std::binary_search(plan.write.removed_paths.begin(), plan.write.removed_paths.end(),
                             file->path)) {
        spec.files.push_back(file);
      }
    }
    SMELT_ASSIGN_OR_RETURN(touched_scan, context_.scans->Add(std::move(spec)));
    base::Schema existing = target_->schema();
    UpsertNames old = names;
    old.columns = existing;
    SMELT_ASSIGN_OR_RETURN(
        const int64_t in_touched,
        connection_->QueryInt(fmt::format("SELECT count(*) FROM {}", touched_scan->Sql())));
    kept_rows = in_touched - replaced;
    rows = fmt::format("{} UNION ALL BY NAME {}", KeptRows(old, touched_scan->Sql()), rows);
  }
  WrittenFiles written;
  SMELT_RETURN_IF_ERROR(Write(rows, &plan, &written));
  // The other side of the ledger: what the staged files hold.
  ledger_.output = written.rows - kept_rows;
  if (ledger_.output != ledger_.inserted + ledger_.updated) {
    return base::Internal(
        "flow {} batch {}: {} rows were to be written and {} were; nothing was "
        "committed",
        step_.flow, step_.batch, ledger_.inserted + ledger_.updated, ledger_.output);
  }
  writes_.push_back(std::move(plan.write));
  SMELT_RETURN_IF_ERROR(StageQuarantine());
  return StageState(names, state_from);
}

absl::Status StepRun::StageState(const UpsertNames& names, const std::string& state_from) {
  const auto& upsert = std::get<engine::Upsert>(step_.operation);
  const bool compact = !state_from.empty() && state_->files().size() >= kMostStateFiles;
  const std::string query = compact ? CompactedState(names, state_from) : StateRows(names);
  SMELT_ASSIGN_OR_RETURN(const base::Schema schema, connection_->Describe(query));
  SMELT_ASSIGN_OR_RETURN(TablePlan plan, PlanWrite(upsert.state, state_, schema, compact, "WRITE"));
  if (state_ != nullptr && plan.write.metadata && !compact) {
    return base::InvalidArgument(
        "SEQUENCE BY or KEYS of flow {} changed their types since its first batch; run with "
        "--full-refresh={}",
        step_.flow, step_.target.at.table);
  }
  WrittenFiles written;
  SMELT_RETURN_IF_ERROR(Write(query, &plan, &written));
  writes_.push_back(std::move(plan.write));
  return absl::OkStatus();
}

}  // namespace smelt::duck
