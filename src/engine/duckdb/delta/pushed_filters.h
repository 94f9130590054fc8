#pragma once

// The filters that DuckDB pushes into a scan, as tests of whole files: those over partition columns
// alone are evaluated with each file's values, whatever they compute; comparisons of a column with
// constants are checked against the file's statistics; any other filter rules nothing out. Used by
// one thread.

#include <duckdb.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "delta/pruning.h"
#include "engine/duckdb/delta/delta_scan.h"

namespace duckdb {
class BoundBetweenExpression;
class BoundComparisonExpression;
class BoundOperatorExpression;
}  // namespace duckdb

namespace smelt::duck {

class PushedFilters {
 public:
  // A column reference (table_index, i) stands for spec.schema[column_ids[i]].
  PushedFilters(duckdb::ClientContext& context, const ScanSpec& spec, duckdb::idx_t table_index,
                const std::vector<duckdb::column_t>& column_ids)
      : context_(context), spec_(spec), table_index_(table_index), column_ids_(column_ids) {}

  void Add(const duckdb::Expression& filter);
  // No filter can rule a file out.
  bool empty() const { return partition_filters_.empty() && predicates_.empty(); }

  // False only where no row of the file can satisfy all filters.
  bool MayMatch(const delta::AddFile& file,
                const std::function<duckdb::Value(const base::Field&)>& partition_value);

  // For EXPLAIN.
  std::string ToString() const { return text_; }

 private:
  const base::Field* ColumnOf(const duckdb::Expression& expression) const;
  bool IsPartition(const base::Field& column) const;
  bool OnlyPartitions(const duckdb::Expression& expression) const;
  // column <comparison> constants; nothing where the operands are of any other kind.
  void AddPredicate(const duckdb::Expression& column, delta::Comparison comparison,
                    const std::vector<const duckdb::Expression*>& constants);
  void AddComparison(const duckdb::BoundComparisonExpression& filter);
  void AddBetween(const duckdb::BoundBetweenExpression& filter);
  void AddOperator(const duckdb::BoundOperatorExpression& filter);

  duckdb::ClientContext& context_;
  const ScanSpec& spec_;
  const duckdb::idx_t table_index_;
  const std::vector<duckdb::column_t>& column_ids_;
  std::vector<duckdb::unique_ptr<duckdb::Expression>> partition_filters_;
  std::vector<delta::Predicate> predicates_;
  std::unique_ptr<delta::FilePruner> pruner_;  // made of predicates_ when first asked
  std::string text_;
};

}  // namespace smelt::duck
