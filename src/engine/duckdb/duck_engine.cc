#include "engine/duckdb/duck_engine.h"

#include <duckdb.hpp>
#include <utility>

#include "base/status.h"
#include "engine/duckdb/functions/register.h"
#include "engine/duckdb/mirror_diff.h"
#include "engine/duckdb/step_run.h"

namespace smelt::duck {
namespace {

constexpr char kLakeStore[] = "lake";

// A mirror's rows with the scans that its queries read.
class BoundDiff : public publish::DiffSource {
 public:
  BoundDiff(std::vector<std::unique_ptr<QueryBinder>> binders, std::unique_ptr<MirrorDiff> diff)
      : binders_(std::move(binders)), diff_(std::move(diff)) {}

  absl::Status Next(std::vector<publish::ItemChange>* batch) override { return diff_->Next(batch); }
  absl::Status Rewind() override { return diff_->Rewind(); }
  int64_t unchanged() const override { return diff_->unchanged(); }

 private:
  std::vector<std::unique_ptr<QueryBinder>> binders_;
  std::unique_ptr<MirrorDiff> diff_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<DuckEngine>> DuckEngine::Open(const DatabaseOptions& options,
                                                             storage::ObjectStore* lake,
                                                             base::Clock* clock) {
  std::unique_ptr<DuckEngine> engine(new DuckEngine(lake, clock));
  SMELT_ASSIGN_OR_RETURN(engine->database_, Database::Open(options));
  engine->database_->stores().Add(kLakeStore, lake);
  SMELT_RETURN_IF_ERROR(RegisterSparkFunctions(*engine->database_->raw().instance));
  SMELT_ASSIGN_OR_RETURN(engine->scans_, RegisterDeltaScan(*engine->database_));
  SMELT_ASSIGN_OR_RETURN(engine->sources_, RegisterSources(*engine->database_));
  engine->parquet_ = std::make_unique<DuckParquetHandler>(engine->database_.get());
  return engine;
}

BinderContext DuckEngine::Binder(const catalog::NameDefaults& defaults) {
  BinderContext context;
  context.scans = scans_.get();
  context.sources = sources_.get();
  context.lake = delta::Table{lake_, "", parquet_.get(), clock_};
  context.store_id = kLakeStore;
  context.defaults = defaults;
  return context;
}

std::variant<engine::StepOutcome, engine::StepError> DuckEngine::Apply(
    const engine::Step& step, const engine::ApplyOptions& options) {
  return StepRun(*database_, Binder({step.default_catalog, step.default_schema}), step, options)
      .Run();
}

absl::StatusOr<publish::MirrorRows> DuckEngine::Open(const publish::MirrorQuery& query) {
  const BinderContext context = Binder({query.default_catalog, query.default_schema});
  std::vector<std::unique_ptr<QueryBinder>> binders;
  const auto translate =
      [&](const std::vector<engine::Input>& inputs) -> absl::StatusOr<std::string> {
    auto binder = std::make_unique<QueryBinder>(context, query.views, inputs);
    SMELT_RETURN_IF_ERROR(binder->BindInputs({}, database_->threads()));
    Bound<std::string> sql = binder->Translate(query.query);
    if (!sql.ok()) return sql.status;
    binders.push_back(std::move(binder));
    return *std::move(sql.value);
  };
  SMELT_ASSIGN_OR_RETURN(const std::string target, translate(query.target));
  std::vector<std::string> bases;
  for (const std::vector<engine::Input>& inputs : query.bases) {
    SMELT_ASSIGN_OR_RETURN(std::string base, translate(inputs));
    bases.push_back(std::move(base));
  }
  SMELT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, database_->Connect());
  auto diff = MirrorDiff::Build(std::move(connection), target, bases, query.keys);
  if (!diff.ok()) return base::Annotate(diff.status(), "flow {}", query.flow);
  publish::MirrorRows rows;
  rows.key = (*diff)->key_schema();
  rows.rows = (*diff)->row_count();
  rows.diff = std::make_unique<BoundDiff>(std::move(binders), *std::move(diff));
  return rows;
}

}  // namespace smelt::duck
