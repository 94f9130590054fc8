#include "engine/duckdb/delta/pushed_filters.h"

#include <algorithm>
#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/planner/expression/bound_between_expression.hpp>
#include <duckdb/planner/expression/bound_columnref_expression.hpp>
#include <duckdb/planner/expression/bound_comparison_expression.hpp>
#include <duckdb/planner/expression/bound_conjunction_expression.hpp>
#include <duckdb/planner/expression/bound_constant_expression.hpp>
#include <duckdb/planner/expression/bound_operator_expression.hpp>
#include <duckdb/planner/expression/bound_reference_expression.hpp>
#include <duckdb/planner/expression_iterator.hpp>
#include <optional>

#include "engine/duckdb/db/type_mapping.h"

namespace smelt::duck {
namespace {

using delta::Comparison;
using duckdb::Expression;
using duckdb::ExpressionClass;
using duckdb::ExpressionType;

std::optional<Comparison> ComparisonOf(ExpressionType type) {
  switch (type) {
    case ExpressionType::COMPARE_EQUAL:
      return Comparison::kEqual;
    case ExpressionType::COMPARE_NOTEQUAL:
      return Comparison::kNotEqual;
    case ExpressionType::COMPARE_LESSTHAN:
      return Comparison::kLess;
    case ExpressionType::COMPARE_LESSTHANOREQUALTO:
      return Comparison::kLessOrEqual;
    case ExpressionType::COMPARE_GREATERTHAN:
      return Comparison::kGreater;
    case ExpressionType::COMPARE_GREATERTHANOREQUALTO:
      return Comparison::kGreaterOrEqual;
    default:
      return std::nullopt;
  }
}

// A constant in the text form of delta/partition_values.h.
std::string LiteralOf(const duckdb::Value& value) {
  if (value.type().id() == duckdb::LogicalTypeId::TIMESTAMP_TZ) {
    return duckdb::Value::TIMESTAMP(duckdb::timestamp_t(value.GetValueUnsafe<int64_t>()))
        .ToString();
  }
  return value.ToString();
}

}  // namespace

void PushedFilters::Add(const Expression& filter) {
  if (filter.GetExpressionType() == ExpressionType::CONJUNCTION_AND) {
    for (const auto& child : filter.Cast<duckdb::BoundConjunctionExpression>().children)
      Add(*child);
    return;
  }
  const size_t before = partition_filters_.size() + predicates_.size();
  if (DependsOnPartitionsAlone(filter)) {
    partition_filters_.push_back(OverPartitions(filter));
  } else {
    switch (filter.GetExpressionClass()) {
      case ExpressionClass::BOUND_COMPARISON:
        AddComparison(filter.Cast<duckdb::BoundComparisonExpression>());
        break;
      case ExpressionClass::BOUND_BETWEEN:
        AddBetween(filter.Cast<duckdb::BoundBetweenExpression>());
        break;
      case ExpressionClass::BOUND_OPERATOR:
        AddOperator(filter.Cast<duckdb::BoundOperatorExpression>());
        break;
      default:
        break;
    }
  }
  if (partition_filters_.size() + predicates_.size() > before) {
    text_ += (text_.empty() ? "" : " AND ") + filter.ToString();
  }
}

void PushedFilters::AddComparison(const duckdb::BoundComparisonExpression& filter) {
  const bool flipped = ColumnOf(*filter.left) == nullptr;
  const auto comparison =
      ComparisonOf(flipped ? duckdb::FlipComparisonExpression(filter.GetExpressionType())
                           : filter.GetExpressionType());
  if (!comparison.has_value()) return;
  if (flipped) {
    AddPredicate(*filter.right, *comparison, {filter.left.get()});
  } else {
    AddPredicate(*filter.left, *comparison, {filter.right.get()});
  }
}

void PushedFilters::AddBetween(const duckdb::BoundBetweenExpression& filter) {
  AddPredicate(*filter.input, *ComparisonOf(filter.LowerComparisonType()), {filter.lower.get()});
  AddPredicate(*filter.input, *ComparisonOf(filter.UpperComparisonType()), {filter.upper.get()});
}

void PushedFilters::AddOperator(const duckdb::BoundOperatorExpression& filter) {
  std::vector<const Expression*> constants;
  for (size_t i = 1; i < filter.children.size(); ++i) constants.push_back(filter.children[i].get());
  switch (filter.GetExpressionType()) {
    case ExpressionType::COMPARE_IN:
      return AddPredicate(*filter.children[0], Comparison::kIn, constants);
    case ExpressionType::OPERATOR_IS_NULL:
      return AddPredicate(*filter.children[0], Comparison::kIsNull, {});
    case ExpressionType::OPERATOR_IS_NOT_NULL:
      return AddPredicate(*filter.children[0], Comparison::kIsNotNull, {});
    default:
      return;
  }
}

void PushedFilters::AddPredicate(const Expression& column, Comparison comparison,
                                 const std::vector<const Expression*>& constants) {
  const base::Field* field = ColumnOf(column);
  if (field == nullptr) return;
  delta::Predicate predicate{.column = {field->name}, .comparison = comparison, .literals = {}};
  for (const Expression* constant : constants) {
    if (constant->GetExpressionClass() != ExpressionClass::BOUND_CONSTANT) return;
    const duckdb::Value& value = constant->Cast<duckdb::BoundConstantExpression>().value;
    if (value.IsNull()) return;
    predicate.literals.push_back(LiteralOf(value));
  }
  predicates_.push_back(std::move(predicate));
}

const base::Field* PushedFilters::ColumnOf(const Expression& expression) const {
  if (expression.GetExpressionClass() != ExpressionClass::BOUND_COLUMN_REF) return nullptr;
  const auto& binding = expression.Cast<duckdb::BoundColumnRefExpression>().binding;
  if (binding.table_index != table_index_) return nullptr;
  const duckdb::column_t column = column_ids_.at(binding.column_index);
  return duckdb::IsVirtualColumn(column) ? nullptr : &spec_.schema.at(column);
}

bool PushedFilters::IsPartition(const base::Field& column) const {
  return std::find(spec_.partition_columns.begin(), spec_.partition_columns.end(), column.name) !=
         spec_.partition_columns.end();
}

bool PushedFilters::OnlyPartitions(const Expression& expression) const {
  if (expression.GetExpressionClass() == ExpressionClass::BOUND_COLUMN_REF) {
    const base::Field* column = ColumnOf(expression);
    return column != nullptr && IsPartition(*column);
  }
  bool only = true;
  duckdb::ExpressionIterator::EnumerateChildren(
      expression, [&](const Expression& child) { only = only && OnlyPartitions(child); });
  return only;
}

duckdb::unique_ptr<Expression> PushedFilters::OverPartitions(const Expression& filter) {
  auto bound = filter.Copy();
  duckdb::ExpressionIterator::VisitExpressionMutable<duckdb::BoundColumnRefExpression>(
      bound,
      [&](duckdb::BoundColumnRefExpression& reference, duckdb::unique_ptr<Expression>& expression) {
        const base::Field* column = ColumnOf(reference);
        auto position = std::find(partition_columns_.begin(), partition_columns_.end(), column);
        if (position == partition_columns_.end()) {
          position = partition_columns_.insert(position, column);
        }
        expression = duckdb::make_uniq<duckdb::BoundReferenceExpression>(
            reference.return_type,
            static_cast<duckdb::idx_t>(position - partition_columns_.begin()));
      });
  return bound;
}

std::vector<duckdb::idx_t> PushedFilters::MayMatch(const std::vector<duckdb::idx_t>& ordinals,
                                                   const PartitionValue& partition_value) {
  std::vector<duckdb::idx_t> kept = ordinals;
  if (!partition_filters_.empty()) RemoveByPartitions(kept, partition_value);
  if (!predicates_.empty()) {
    const delta::FilePruner pruner(spec_.schema, spec_.partition_columns, predicates_);
    std::erase_if(kept, [&](duckdb::idx_t i) { return !pruner.MayMatch(*spec_.files[i]); });
  }
  return kept;
}

// Evaluates the filters over the files' partition values, a vector of files at a time.
void PushedFilters::RemoveByPartitions(std::vector<duckdb::idx_t>& ordinals,
                                       const PartitionValue& partition_value) {
  duckdb::vector<duckdb::LogicalType> types;
  for (const base::Field* column : partition_columns_) types.push_back(ToLogicalType(column->type));
  duckdb::DataChunk files;
  files.Initialize(duckdb::Allocator::Get(context_), types);
  std::vector<duckdb::idx_t> kept;
  for (size_t begin = 0; begin < ordinals.size(); begin += STANDARD_VECTOR_SIZE) {
    const size_t count = std::min<size_t>(STANDARD_VECTOR_SIZE, ordinals.size() - begin);
    files.Reset();
    files.SetCardinality(count);
    for (size_t column = 0; column < partition_columns_.size(); ++column) {
      for (size_t i = 0; i < count; ++i) {
        files.SetValue(column, i,
                       partition_value(ordinals[begin + i], *partition_columns_[column]));
      }
    }
    std::vector<size_t> satisfied(count, 0);
    for (const auto& filter : partition_filters_) {
      duckdb::SelectionVector matches(STANDARD_VECTOR_SIZE);
      duckdb::idx_t match_count = count;
      try {
        match_count =
            duckdb::ExpressionExecutor(context_, *filter).SelectExpression(files, matches);
      } catch (const std::exception&) {
        // The scan may never come to the value that fails here: it will say so itself if it does.
        undecided_ = true;
        for (size_t i = 0; i < count; ++i) matches.set_index(i, i);
      }
      for (duckdb::idx_t i = 0; i < match_count; ++i) ++satisfied[matches.get_index(i)];
    }
    for (size_t i = 0; i < count; ++i) {
      if (satisfied[i] == partition_filters_.size()) kept.push_back(ordinals[begin + i]);
    }
  }
  ordinals = std::move(kept);
}

}  // namespace smelt::duck
