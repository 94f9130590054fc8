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

  using PartitionValue = std::function<duckdb::Value(duckdb::idx_t ordinal, const base::Field&)>;
  // Those of `ordinals`, positions in spec.files, whose files may hold a row that satisfies all
  // filters.
  std::vector<duckdb::idx_t> MayMatch(const std::vector<duckdb::idx_t>& ordinals,
                                      const PartitionValue& partition_value);

  // After MayMatch: every row of the files that it left satisfies `filter`, so that the scan need
  // not test it again.
  bool Decided(const duckdb::Expression& filter) const {
    return !undecided_ && DependsOnPartitionsAlone(filter);
  }

  // For EXPLAIN.
  std::string ToString() const { return text_; }

 private:
  const base::Field* ColumnOf(const duckdb::Expression& expression) const;
  bool IsPartition(const base::Field& column) const;
  bool OnlyPartitions(const duckdb::Expression& expression) const;
  bool DependsOnPartitionsAlone(const duckdb::Expression& filter) const {
    return !filter.IsVolatile() && !filter.HasParameter() && !filter.IsFoldable() &&
           OnlyPartitions(filter);
  }
  // The filter with a reference to a position in partition_columns_ for each column.
  duckdb::unique_ptr<duckdb::Expression> OverPartitions(const duckdb::Expression& filter);
  void RemoveByPartitions(std::vector<duckdb::idx_t>& ordinals,
                          const PartitionValue& partition_value);
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
  std::vector<const base::Field*> partition_columns_;  // those that partition_filters_ use
  std::vector<duckdb::unique_ptr<duckdb::Expression>> partition_filters_;
  bool undecided_ = false;  // a partition filter could not be evaluated
  std::vector<delta::Predicate> predicates_;
  std::string text_;
};

}  // namespace smelt::duck
