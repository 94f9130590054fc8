// UNION, EXCEPT and INTERSECT. DuckDB brings the types of both sides together by rules of its own:
// it makes text of a number and a string, where Spark makes a number of the string. So columns that
// may differ in type are coerced first.

#include <algorithm>
#include <utility>

#include "engine/duckdb/dialect/output_name.h"
#include "engine/duckdb/dialect/translator.h"
#include "sql/query_printer.h"
#include "sql/token.h"

namespace smelt::duck {
namespace {

using Branches = std::vector<const sql::Select*>;

bool IsGenerator(const sql::Expr& expr) {
  const sql::FunctionCall* call = expr.As<sql::FunctionCall>();
  const FunctionEntry* entry = call == nullptr ? nullptr : FindFunction(call->LowerName());
  return entry != nullptr && entry->is_generator;
}

// The SELECTs that a query is made of; false where one does not list its columns.
bool CollectBranches(const sql::Query& query, Branches* branches) {
  if (const sql::SetOperation* operation = query.As<sql::SetOperation>()) {
    return CollectBranches(*operation->left, branches) &&
           CollectBranches(*operation->right, branches);
  }
  const sql::Select* select = query.As<sql::Select>();
  if (select == nullptr) return false;
  branches->push_back(select);
  return std::none_of(select->items.begin(), select->items.end(), [](const sql::SelectItem& item) {
    return item.value->As<sql::Star>() != nullptr || IsGenerator(*item.value);
  });
}

// Whether two expressions have one type, as far as their text tells. NULL has any.
bool HaveOneType(const sql::Expr& a, const sql::Expr& b) {
  const sql::Literal* left = a.As<sql::Literal>();
  const sql::Literal* right = b.As<sql::Literal>();
  if ((left != nullptr && left->kind == sql::Literal::Kind::kNull) ||
      (right != nullptr && right->kind == sql::Literal::Kind::kNull)) {
    return true;
  }
  if (left != nullptr && right != nullptr) {
    constexpr size_t kSurelyInt = 9;
    return left->kind == right->kind &&
           (left->kind != sql::Literal::Kind::kInteger ||
            std::max(left->text.size(), right->text.size()) <= kSurelyInt);
  }
  if (const sql::Cast* cast = a.As<sql::Cast>()) {
    const sql::Cast* other = b.As<sql::Cast>();
    return other != nullptr && cast->type == other->type;
  }
  const sql::ColumnRef* column = a.As<sql::ColumnRef>();
  const sql::ColumnRef* other = b.As<sql::ColumnRef>();
  if (column != nullptr && other != nullptr) {
    return sql::EqualsIgnoreCase(column->parts.back().text, other->parts.back().text);
  }
  return sql::PrintExpression(a) == sql::PrintExpression(b);
}

std::string ItemName(const sql::SelectItem& item) {
  return item.aliases.empty() ? OutputName(*item.value) : item.aliases.front().text;
}

// SELECT c1, spark_coalesce(c2, (SELECT c2 FROM (other) LIMIT 0)) .. FROM (side): the empty
// subquery gives NULL, and its type.
std::string CoercedText(const std::string& side, const std::string& other, const Branches& names,
                        const std::vector<bool>& coerced) {
  std::vector<std::string> columns, items;
  for (size_t i = 0; i < coerced.size(); ++i) columns.push_back(fmt::format("smelt_c{}", i + 1));
  const std::string list = QuotedList(columns);
  for (size_t i = 0; i < coerced.size(); ++i) {
    std::string value = columns[i];
    if (coerced[i]) {
      value =
          fmt::format("spark_coalesce({0}, (SELECT {0} FROM ({1}) AS smelt_other({2}) LIMIT 0))",
                      columns[i], other, list);
    }
    items.push_back(fmt::format("{} AS {}", value, Quoted(ItemName(names.front()->items[i]))));
  }
  return fmt::format("SELECT {} FROM ({}) AS smelt_side({})", fmt::join(items, ", "), side, list);
}

}  // namespace

std::string Translator::SetOperationText(const sql::SetOperation& operation, sql::Span span) {
  std::string word = operation.op == sql::SetOperator::kUnion    ? "UNION"
                     : operation.op == sql::SetOperator::kExcept ? "EXCEPT"
                                                                 : "INTERSECT";
  if (operation.all) word += " ALL";
  std::string left = QueryText(*operation.left);
  std::string right = QueryText(*operation.right);
  Branches left_branches, right_branches;
  if (CollectBranches(*operation.left, &left_branches) &&
      CollectBranches(*operation.right, &right_branches)) {
    const size_t width = left_branches.front()->items.size();
    if (right_branches.front()->items.size() != width) {
      Fail(span, "uneven-rows",
           fmt::format("the left side of {} has {} columns, the right one {}", word, width,
                       right_branches.front()->items.size()));
      return {};
    }
    std::vector<bool> coerced(width, false);
    for (size_t i = 0; i < width; ++i) {
      for (const sql::Select* a : left_branches) {
        for (const sql::Select* b : right_branches) {
          if (i < a->items.size() && i < b->items.size() &&
              !HaveOneType(*a->items[i].value, *b->items[i].value)) {
            coerced[i] = true;
          }
        }
      }
    }
    if (std::find(coerced.begin(), coerced.end(), true) != coerced.end()) {
      const std::string plain_left = left;
      left = CoercedText(left, right, left_branches, coerced);
      right = CoercedText(right, plain_left, left_branches, coerced);
    }
  }
  return fmt::format("({}) {} ({})", left, word, right);
}

}  // namespace smelt::duck
