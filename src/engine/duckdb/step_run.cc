#include "engine/duckdb/step_run.h"

#include <algorithm>

#include "base/check.h"
#include "base/status.h"
#include "delta/operations.h"
#include "delta/schema_evolution.h"
#include "delta/schema_json.h"
#include "engine/duckdb/db/result_rows.h"
#include "engine/duckdb/db/type_mapping.h"

namespace smelt::duck {
namespace {

constexpr int kMostExampleRows = 3;

// A table that may not exist.
absl::StatusOr<delta::Snapshot::Ptr> FindSnapshot(delta::Table table, const std::string& location) {
  table.root = location;
  auto snapshot = delta::Snapshot::Load(table);
  if (absl::IsNotFound(snapshot.status())) return delta::Snapshot::Ptr();
  return snapshot;
}

std::string ColumnList(const base::Schema& schema) {
  std::string sql;
  for (const base::Field& field : schema) sql += (sql.empty() ? "" : ", ") + QuoteName(field.name);
  return sql;
}

}  // namespace

StepRun::StepRun(Database& database, BinderContext context, const engine::Step& step,
                 const engine::ApplyOptions& options)
    : database_(database),
      context_(std::move(context)),
      step_(step),
      options_(options),
      books_(context_.lake.store, {step.pipeline, step.flow}),
      application_id_(books_.id().ApplicationId(step.epoch)) {
  ledger_.update_id = step.update_id;
  ledger_.flow = step.flow;
  ledger_.epoch = step.epoch;
  ledger_.batch = step.batch;
}

std::variant<engine::StepOutcome, engine::StepError> StepRun::Run() {
  engine::StepOutcome outcome;
  absl::Status status = Execute(&outcome);
  if (status.ok()) return outcome;
  return engine::StepError{std::move(status), std::move(diagnostics_), expectation_failed_};
}

absl::Status StepRun::Tell(const std::string& phase) {
  if (options_.cancelled && *options_.cancelled) {
    return base::Cancelled("the update was interrupted; it is safe to run again");
  }
  if (options_.progress) options_.progress({phase, ledger_.input});
  return absl::OkStatus();
}

absl::Status StepRun::Execute(engine::StepOutcome* outcome) {
  SMELT_ASSIGN_OR_RETURN(Committed finished, FinishPrepared());
  if (finished) {
    *outcome = *std::move(finished);
    return absl::OkStatus();
  }
  SMELT_RETURN_IF_ERROR(Tell("reading"));
  SMELT_RETURN_IF_ERROR(Connect());
  SMELT_RETURN_IF_ERROR(LoadSnapshots());
  SMELT_RETURN_IF_ERROR(BindQuery());
  SMELT_RETURN_IF_ERROR(BindRules());
  if (std::holds_alternative<engine::Upsert>(step_.operation)) {
    SMELT_RETURN_IF_ERROR(StageUpsert());
  } else if (std::holds_alternative<engine::Replace>(step_.operation)) {
    SMELT_RETURN_IF_ERROR(StageReplace());
  } else {
    SMELT_RETURN_IF_ERROR(StageAppend());
  }
  SMELT_RETURN_IF_ERROR(binder_->CheckDelivered());
  SMELT_RETURN_IF_ERROR(CheckInput());
  SMELT_RETURN_IF_ERROR(Tell("committing"));
  return Commit(outcome);
}

absl::StatusOr<StepRun::Committed> StepRun::FinishPrepared() {
  SMELT_ASSIGN_OR_RETURN(const std::optional<std::string> text,
                         books_.ReadPrepared(step_.epoch, step_.batch));
  if (!text) return std::nullopt;
  SMELT_ASSIGN_OR_RETURN(
      const lake::PreparedBatch batch,
      lake::PreparedBatch::Parse(
          *text, fmt::format("the prepared batch {} of flow {}", step_.batch, step_.flow)));
  if (options_.may_commit) SMELT_RETURN_IF_ERROR(options_.may_commit());
  SMELT_ASSIGN_OR_RETURN(const lake::BatchResult result, lake::CommitBatch(context_.lake, batch));
  if (result.kind == lake::BatchResult::Kind::kConflicted) return std::nullopt;
  SMELT_RETURN_IF_ERROR(books_.DeletePrepared(step_.epoch, step_.batch));
  engine::StepOutcome outcome;
  outcome.kind = result.kind == lake::BatchResult::Kind::kCommitted
                     ? engine::OutcomeKind::kCommitted
                     : engine::OutcomeKind::kAlreadyDone;
  outcome.version = result.target_version;
  SMELT_ASSIGN_OR_RETURN(outcome.ledger, engine::Ledger::FromJson(batch.ledger));
  return outcome;
}

absl::Status StepRun::Connect() {
  SMELT_ASSIGN_OR_RETURN(connection_, database_.Connect());
  return connection_->Execute(
      fmt::format("SET VARIABLE smelt_current_timestamp = {}", step_.timestamp_micros));
}

absl::Status StepRun::LoadSnapshots() {
  SMELT_ASSIGN_OR_RETURN(target_, FindSnapshot(context_.lake, step_.target.at.location));
  SMELT_ASSIGN_OR_RETURN(quarantine_, FindSnapshot(context_.lake, step_.quarantine.location));
  if (const auto* upsert = std::get_if<engine::Upsert>(&step_.operation)) {
    SMELT_ASSIGN_OR_RETURN(state_, FindSnapshot(context_.lake, upsert->state.location));
  }
  return absl::OkStatus();
}

absl::Status StepRun::Fail(Bound<std::string> bound) {
  diagnostics_ = std::move(bound.diagnostics);
  return bound.status;
}

absl::Status StepRun::RefuseInternalNames(const base::Schema& schema) const {
  for (const base::Field& field : schema) {
    if (field.name.starts_with(kInternalPrefix)) {
      return base::InvalidArgument("column {} of flow {}: names that begin with {} are taken",
                                   field.name, step_.flow, kInternalPrefix);
    }
    if (field.type.is(base::TypeKind::kNull)) {
      return base::InvalidArgument(
          "column {} of flow {} is NULL and has no type; write CAST(NULL AS <type>)", field.name,
          step_.flow);
    }
  }
  return absl::OkStatus();
}

absl::Status StepRun::BindQuery() {
  binder_.emplace(context_, step_.views, step_.inputs);
  std::map<std::string, base::Schema> previous;
  SMELT_ASSIGN_OR_RETURN(const base::Json known,
                         books_.ReadSourceSchemas(step_.epoch, step_.batch));
  for (const auto& [key, text] : known.items()) {
    SMELT_ASSIGN_OR_RETURN(previous[key], delta::SchemaFromJson(text.get<std::string>()));
  }
  SMELT_RETURN_IF_ERROR(binder_->BindInputs(previous, database_.threads()));
  if (!binder_->attributes().empty()) {
    base::Json schemas = known;
    for (const auto& [key, attributes] : binder_->attributes()) {
      SMELT_ASSIGN_OR_RETURN(schemas[key], delta::SchemaToJson(attributes));
    }
    SMELT_RETURN_IF_ERROR(books_.WriteSourceSchemas(step_.epoch, step_.batch, schemas));
  }
  Bound<std::string> query = binder_->Translate(step_.query);
  if (!query.ok()) return Fail(std::move(query));
  query_ = *std::move(query.value);
  auto columns = connection_->Describe(query_);
  if (!columns.ok()) {
    return base::Annotate(columns.status(), "flow {}", step_.flow);
  }
  columns_ = *std::move(columns);
  return RefuseInternalNames(columns_);
}

absl::Status StepRun::BindRules() {
  for (const engine::Expectation& expectation : step_.expectations) {
    Bound<std::string> predicate = binder_->TranslateExpression(expectation.predicate);
    if (!predicate.ok()) return Fail(std::move(predicate));
    rules_.push_back({expectation.name, std::string(expectation.predicate.text()),
                      *std::move(predicate.value), expectation.action});
  }
  return absl::OkStatus();
}

absl::StatusOr<base::Schema> StepRun::DeclaredSchema(const base::Schema& query) const {
  if (step_.target.declared_columns.empty()) return query;
  base::Schema declared = step_.target.declared_columns;
  for (base::Field& field : declared) {
    const auto at = base::FindField(query, field.name);
    if (!at) {
      return base::InvalidArgument("{} declares column {}, which its query does not give",
                                   step_.target.at.table, field.name);
    }
    if (field.type.is(base::TypeKind::kNull)) field.type = query[*at].type;
  }
  for (const base::Field& field : query) {
    if (!base::FindField(declared, field.name)) {
      return base::InvalidArgument(
          "the query of {} gives column {}, which its list does not declare", step_.target.at.table,
          field.name);
    }
  }
  return declared;
}

absl::StatusOr<StepRun::TablePlan> StepRun::PlanWrite(const engine::TableVersion& table,
                                                      const delta::Snapshot::Ptr& snapshot,
                                                      const base::Schema& incoming, bool replaces,
                                                      const std::string& operation) const {
  const bool is_target = table.location == step_.target.at.location;
  TablePlan plan;
  plan.write.name = table.table;
  plan.write.location = table.location;
  plan.write.operation = operation;
  plan.write.reads_table = replaces;
  plan.schema = incoming;
  if (is_target) plan.partition_columns = step_.target.partition_columns;
  if (snapshot == nullptr) {
    delta::TableDefinition definition;
    definition.schema = incoming;
    definition.partition_columns = plan.partition_columns;
    if (is_target) {
      definition.properties = step_.target.properties;
      if (!step_.target.comment.empty()) definition.description = step_.target.comment;
    }
    SMELT_ASSIGN_OR_RETURN(plan.write.metadata,
                           delta::MakeMetadata(definition, *context_.lake.clock));
    plan.write.operation_parameters = {{"mode", "Append"}};
    return plan;
  }
  plan.write.base_version = snapshot->version().value();
  plan.write.operation_parameters = {{"mode", replaces ? "Overwrite" : "Append"}};
  delta::Metadata metadata = snapshot->metadata();
  if (replaces) {
    metadata.partition_columns = plan.partition_columns;
    for (const delta::Snapshot::AddPtr& file : snapshot->files()) {
      plan.write.removed_paths.push_back(file->path);
    }
  } else {
    plan.partition_columns = metadata.partition_columns;
    auto evolved = delta::EvolveSchema(snapshot->schema(), incoming, delta::SchemaMode::kMerge);
    if (!evolved.ok()) {
      return base::Annotate(evolved.status(),
                            "{} (--full-refresh={} rebuilds it with the new schema)", table.table,
                            table.table);
    }
    plan.schema = *std::move(evolved);
  }
  if (is_target) {
    for (const auto& [key, value] : step_.target.properties) metadata.configuration[key] = value;
    if (!step_.target.comment.empty()) metadata.description = step_.target.comment;
  }
  SMELT_ASSIGN_OR_RETURN(metadata.schema_string, delta::SchemaToJson(plan.schema));
  if (metadata != snapshot->metadata()) {
    SMELT_RETURN_IF_ERROR(delta::CheckSchema(plan.schema, metadata.partition_columns));
    plan.write.metadata = std::move(metadata);
  }
  return plan;
}

absl::Status StepRun::Write(const std::string& query, TablePlan* plan, WrittenFiles* written) {
  WriteSpec spec;
  spec.store_id = context_.store_id;
  spec.table_root = plan->write.location;
  spec.schema = plan->schema;
  spec.partition_columns = plan->partition_columns;
  SMELT_ASSIGN_OR_RETURN(*written, WriteParquet(*connection_, query, spec));
  plan->write.added = written->files;
  ledger_.files_added += static_cast<int64_t>(written->files.size());
  ledger_.bytes_written += written->bytes;
  ledger_.files_removed += static_cast<int64_t>(plan->write.removed_paths.size());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int64_t>> StepRun::QueryInts(const std::string& sql) {
  SMELT_ASSIGN_OR_RETURN(const ResultRows result, QueryRows(*connection_, sql));
  SMELT_CHECK(result.rows.size() == 1, "a query for counts gives one row");
  std::vector<int64_t> counts;
  for (const base::OrderedJson& value : result.rows[0]) counts.push_back(value.get<int64_t>());
  return counts;
}

absl::Status StepRun::MakeBatch(const std::string& more) {
  SMELT_RETURN_IF_ERROR(
      connection_->Execute(fmt::format("CREATE TEMP TABLE {} AS SELECT q.*{}{} FROM ({}) AS q",
                                       kBatch, RuleColumns(rules_), more, query_)));
  SMELT_ASSIGN_OR_RETURN(const std::vector<int64_t> counts, QueryInts(CountQuery(kBatch, rules_)));
  ReadCounts(counts, rules_, &ledger_);
  return CheckFailRules();
}

absl::Status StepRun::CheckFailRules() {
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i].action != engine::ViolationAction::kFail) continue;
    const engine::ExpectationCounts& counts = ledger_.expectations[i];
    if (counts.first_rejected == 0) continue;
    expectation_failed_ = true;
    SMELT_ASSIGN_OR_RETURN(
        const ResultRows rows,
        QueryRows(*connection_,
                  fmt::format("SELECT {} FROM {} WHERE ({}) = {} LIMIT {}", ColumnList(columns_),
                              kBatch, FirstRejection(rules_), i, kMostExampleRows)));
    std::string examples;
    for (const auto& row : rows.rows) {
      examples += "\n  " + RowToObject(rows.schema, row).dump();
    }
    const engine::Expectation& expectation = step_.expectations[i];
    diagnostics_.push_back(sql::MakeDiagnostic(
        *expectation.predicate.source, expectation.predicate.span, "expectation-failed",
        fmt::format("{} of {} rows break {}, which fails the update; nothing of flow {} was "
                    "committed. Rows such as:{}",
                    counts.first_rejected, ledger_.input, expectation.name, step_.flow, examples)));
    return sql::ToStatus(diagnostics_.back());
  }
  return absl::OkStatus();
}

std::string StepRun::QuarantineSource() const {
  std::string items;
  for (const engine::Input& input : step_.inputs) {
    std::string name;
    int64_t after = -1, version = -1;
    if (const auto* stream = std::get_if<engine::StreamInput>(&input.source)) {
      name = stream->at.table;
      after = stream->after_version;
      version = stream->at.version;
    } else if (const auto* exports = std::get_if<engine::ExportInput>(&input.source)) {
      name = "dynamodb_export(" + exports->prefix + ")";
    } else if (const auto* files = std::get_if<engine::FilesInput>(&input.source)) {
      if (!files->is_stream) continue;
      name = "read_files(" + files->path + ")";
    } else {
      continue;
    }
    items += fmt::format("{}{{'name': {}, 'after_version': {}::BIGINT, 'version': {}::BIGINT}}",
                         items.empty() ? "" : ", ", QuoteLiteral(name),
                         version < 0 ? "NULL" : std::to_string(after),
                         version < 0 ? "NULL" : std::to_string(version));
  }
  if (items.empty()) return "NULL::STRUCT(name VARCHAR, after_version BIGINT, version BIGINT)[]";
  return "[" + items + "]";
}

absl::Status StepRun::StageQuarantine() {
  if (ledger_.quarantined == 0) return absl::OkStatus();
  const std::string query = fmt::format(
      "SELECT {}, {} AS _errors, make_timestamptz({}) AS _quarantined_at, {} AS _update_id, {} AS "
      "_sources FROM {} WHERE {}",
      ColumnList(columns_), ErrorsList(rules_), step_.timestamp_micros,
      QuoteLiteral(step_.update_id), QuarantineSource(), kBatch,
      RejectedBy(rules_, engine::ViolationAction::kQuarantine));
  SMELT_ASSIGN_OR_RETURN(const base::Schema schema, connection_->Describe(query));
  SMELT_ASSIGN_OR_RETURN(TablePlan plan,
                         PlanWrite(step_.quarantine, quarantine_, schema, false, "WRITE"));
  WrittenFiles written;
  SMELT_RETURN_IF_ERROR(Write(query, &plan, &written));
  if (written.rows != ledger_.quarantined) {
    return base::Internal("{} rows were quarantined and {} written to {}; nothing was committed",
                          ledger_.quarantined, written.rows, step_.quarantine.table);
  }
  writes_.push_back(std::move(plan.write));
  return absl::OkStatus();
}

absl::Status StepRun::StageAppend() {
  SMELT_ASSIGN_OR_RETURN(const base::Schema schema, DeclaredSchema(columns_));
  SMELT_ASSIGN_OR_RETURN(
      TablePlan plan,
      PlanWrite(step_.target.at, target_, schema, step_.restart && target_ != nullptr,
                target_ ? "STREAMING UPDATE" : "CREATE TABLE AS SELECT"));
  WrittenFiles written;
  std::string rows = query_;
  if (!rules_.empty()) {
    SMELT_RETURN_IF_ERROR(MakeBatch(""));
    rows = fmt::format("SELECT {} FROM {} WHERE {}", ColumnList(columns_), kBatch, Passes(rules_));
  }
  SMELT_RETURN_IF_ERROR(Tell("writing"));
  SMELT_RETURN_IF_ERROR(Write(rows, &plan, &written));
  ledger_.output = written.rows;
  if (rules_.empty()) {
    ledger_.input = ledger_.passed_all = written.rows;
  }
  writes_.push_back(std::move(plan.write));
  return StageQuarantine();
}

absl::Status StepRun::StageReplace() {
  SMELT_ASSIGN_OR_RETURN(const base::Schema schema, DeclaredSchema(columns_));
  SMELT_ASSIGN_OR_RETURN(TablePlan plan,
                         PlanWrite(step_.target.at, target_, schema, target_ != nullptr,
                                   target_ ? "WRITE" : "CREATE TABLE AS SELECT"));
  std::string rows = query_;
  if (!rules_.empty()) {
    SMELT_RETURN_IF_ERROR(MakeBatch(""));
    rows = fmt::format("SELECT {} FROM {} WHERE {}", ColumnList(columns_), kBatch, Passes(rules_));
  }
  SMELT_RETURN_IF_ERROR(Tell("writing"));
  WrittenFiles written;
  SMELT_RETURN_IF_ERROR(Write(rows, &plan, &written));
  ledger_.output = written.rows;
  if (rules_.empty()) ledger_.input = ledger_.passed_all = written.rows;
  writes_.push_back(std::move(plan.write));
  return StageQuarantine();
}

absl::Status StepRun::CheckInput() {
  const std::optional<int64_t> held = binder_->source_rows();
  ledger_.source = held.value_or(ledger_.input);
  const bool is_view = std::holds_alternative<engine::Replace>(step_.operation);
  if (!held || is_view || !binder_->preserves_rows() || *held == ledger_.input) {
    return absl::OkStatus();
  }
  return base::Internal(
      "flow {} batch {} took in {} rows, but its source holds {} by its manifest or log; nothing "
      "was "
      "committed",
      step_.flow, step_.batch, ledger_.input, *held);
}

absl::Status StepRun::Commit(engine::StepOutcome* outcome) {
  const bool is_upsert = std::holds_alternative<engine::Upsert>(step_.operation);
  SMELT_RETURN_IF_ERROR(ledger_.Check(is_upsert));
  lake::PreparedBatch batch;
  batch.application_id = application_id_;
  batch.batch = step_.batch;
  batch.tables = std::move(writes_);
  batch.ledger = ledger_.ToJson();
  if (std::holds_alternative<engine::Replace>(step_.operation)) {
    for (const engine::Input& input : step_.inputs) {
      if (const auto* table = std::get_if<engine::TableInput>(&input.source)) {
        batch.source_versions[application_id_ + "/source/" + table->at.table_id] =
            table->at.version;
      }
    }
  }
  if (options_.may_commit) SMELT_RETURN_IF_ERROR(options_.may_commit());
  SMELT_RETURN_IF_ERROR(books_.WritePrepared(step_.epoch, step_.batch, batch.Serialize()));
  if (options_.may_commit) SMELT_RETURN_IF_ERROR(options_.may_commit());
  SMELT_ASSIGN_OR_RETURN(const lake::BatchResult result, lake::CommitBatch(context_.lake, batch));
  outcome->version = result.target_version;
  outcome->ledger = ledger_;
  if (result.kind == lake::BatchResult::Kind::kConflicted) {
    outcome->kind = engine::OutcomeKind::kConflicted;
    outcome->conflict = result.conflict;
    return absl::OkStatus();
  }
  outcome->kind = result.kind == lake::BatchResult::Kind::kCommitted
                      ? engine::OutcomeKind::kCommitted
                      : engine::OutcomeKind::kAlreadyDone;
  return books_.DeletePrepared(step_.epoch, step_.batch);
}

}  // namespace smelt::duck
