#pragma once

// What a pipeline reads from outside of the lake, as DuckDB's FROM items: exports of DynamoDB and
// files. Binding registers the source under an id; the registration lives as long as the
// BoundSource.

#include <absl/status/statusor.h>

#include <memory>

#include "base/data_type.h"
#include "engine/duckdb/db/database.h"
#include "engine/duckdb/dialect/translate.h"
#include "engine/step.h"

namespace smelt::duck {

class SourceRegistry;

class BoundSource {
 public:
  struct State;
  explicit BoundSource(std::shared_ptr<State> state);

  // hidden_columns: _metadata of files; the scan of exports leaves it out of * by itself.
  const FromItem& from() const;
  // Of exports: the item's attributes, as columns. Empty for files.
  const base::Schema& attributes() const;
  // After the query ran: kDataLoss, naming the file, where a file that was read to its end gave
  // another number of rows than its manifest says.
  absl::Status CheckDelivered() const;

 private:
  std::shared_ptr<State> state_;
};

// Makes the table functions known to `database`, once. Outlives the sources bound in it.
absl::StatusOr<std::shared_ptr<SourceRegistry>> RegisterSources(Database& database);

// Infers the item schema over all of the exports, from `previous` on.
absl::StatusOr<BoundSource> BindExports(SourceRegistry& registry, const engine::ExportInput& input,
                                        const base::Schema& previous, int threads);
absl::StatusOr<BoundSource> BindFiles(SourceRegistry& registry, const engine::FilesInput& input);

}  // namespace smelt::duck
