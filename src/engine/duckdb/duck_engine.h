#pragma once

// DuckEngine: the embedded engine. One DuckDB instance over one lake; steps, mirrors and queries
// run on connections of their own. Thread-safe.

#include <absl/status/statusor.h>

#include <memory>

#include "base/clock.h"
#include "engine/duckdb/db/database.h"
#include "engine/duckdb/delta/delta_scan.h"
#include "engine/duckdb/delta/parquet_handler.h"
#include "engine/duckdb/query_binder.h"
#include "engine/duckdb/sources/bound_source.h"
#include "engine/engine.h"
#include "publish/mirror_source.h"
#include "storage/object_store.h"

namespace smelt::duck {

class DuckEngine : public engine::Engine, public publish::MirrorSource {
 public:
  // The lake and the clock outlive the engine.
  static absl::StatusOr<std::unique_ptr<DuckEngine>> Open(const DatabaseOptions& options,
                                                          storage::ObjectStore* lake,
                                                          base::Clock* clock);

  std::variant<engine::StepOutcome, engine::StepError> Apply(
      const engine::Step& step, const engine::ApplyOptions& options) override;
  absl::StatusOr<publish::MirrorRows> Open(const publish::MirrorQuery& query) override;

  Database& database() { return *database_; }
  delta::ParquetHandler* parquet() { return parquet_.get(); }
  // For queries of tables of the lake whose unqualified names go to `defaults`.
  BinderContext Binder(const catalog::NameDefaults& defaults);

 private:
  DuckEngine(storage::ObjectStore* lake, base::Clock* clock) : lake_(lake), clock_(clock) {}

  storage::ObjectStore* const lake_;
  base::Clock* const clock_;
  std::unique_ptr<Database> database_;
  std::shared_ptr<ScanRegistry> scans_;
  std::shared_ptr<SourceRegistry> sources_;
  std::unique_ptr<DuckParquetHandler> parquet_;
};

}  // namespace smelt::duck
