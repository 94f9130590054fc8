#include "engine/duckdb/delta/pushed_filters.h"

#include <algorithm>
#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/planner/expression/bound_between_expression.hpp>
#include <duckdb/planner/expression/bound_columnref_expression.hpp>
#include <duckdb/planner/expression/bound_comparison_expression.hpp>
#include <duckdb/planner/expression/bound_conjunction_expression.hpp>
#include <duckdb/planner/expression/bound_constant_expression.hpp>
#include <duckdb/planner/expression/bound_operator_expression.hpp>
#include <duckdb/planner/expression_iterator.hpp>
#include <optional>

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
  if (!filter.IsVolatile() && OnlyPartitions(filter)) {
    partition_filters_.push_back(filter.Copy());
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

bool PushedFilters::MayMatch(
    const delta::AddFile& file,
    const std::function<duckdb::Value(const base::Field&)>& partition_value) {
  for (const auto& filter : partition_filters_) {
    auto known = filter->Copy();
    duckdb::ExpressionIterator::VisitExpressionMutable<duckdb::BoundColumnRefExpression>(
        known,
        [&](duckdb::BoundColumnRefExpression& column, duckdb::unique_ptr<Expression>& expression) {
          expression = duckdb::make_uniq<duckdb::BoundConstantExpression>(
              partition_value(*ColumnOf(column)));
        });
    duckdb::Value matches;
    if (known->IsFoldable() &&
        duckdb::ExpressionExecutor::TryEvaluateScalar(context_, *known, matches) &&
        (matches.IsNull() || !matches.GetValue<bool>())) {
      return false;
    }
  }
  if (predicates_.empty()) return true;
  if (pruner_ == nullptr) {
    pruner_ =
        std::make_unique<delta::FilePruner>(spec_.schema, spec_.partition_columns, predicates_);
  }
  return pruner_->MayMatch(file);
}

}  // namespace smelt::duck
