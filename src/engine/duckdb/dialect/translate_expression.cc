// Expressions but for calls.

#include <algorithm>
#include <utility>

#include "engine/duckdb/dialect/literal.h"
#include "engine/duckdb/dialect/output_name.h"
#include "engine/duckdb/dialect/translator.h"
#include "sql/token.h"

namespace smelt::duck {
namespace {

// The function that stands for an operator; AND and OR have none.
std::string_view OperatorFunction(sql::BinaryOp op) {
  switch (op) {
    case sql::BinaryOp::kOr:
    case sql::BinaryOp::kAnd:
      return "";
    case sql::BinaryOp::kEqual:
      return "spark_eq";
    case sql::BinaryOp::kEqualNullSafe:
      return "spark_equal_null";
    case sql::BinaryOp::kNotEqual:
      return "spark_ne";
    case sql::BinaryOp::kLess:
      return "spark_lt";
    case sql::BinaryOp::kLessOrEqual:
      return "spark_le";
    case sql::BinaryOp::kGreater:
      return "spark_gt";
    case sql::BinaryOp::kGreaterOrEqual:
      return "spark_ge";
    case sql::BinaryOp::kBitOr:
      return "spark_bitor";
    case sql::BinaryOp::kBitXor:
      return "spark_bitxor";
    case sql::BinaryOp::kBitAnd:
      return "spark_bitand";
    case sql::BinaryOp::kShiftLeft:
      return "spark_shiftleft";
    case sql::BinaryOp::kShiftRight:
      return "spark_shiftright";
    case sql::BinaryOp::kShiftRightUnsigned:
      return "spark_shiftrightunsigned";
    case sql::BinaryOp::kAdd:
      return "spark_add";
    case sql::BinaryOp::kSubtract:
      return "spark_subtract";
    case sql::BinaryOp::kConcat:
      return "spark_concat";
    case sql::BinaryOp::kMultiply:
      return "spark_multiply";
    case sql::BinaryOp::kDivide:
      return "spark_divide";
    case sql::BinaryOp::kModulo:
      return "spark_mod";
    case sql::BinaryOp::kIntegerDivide:
      return "spark_div";
  }
  return "";
}

std::string Negated(bool negated, const std::string& text) {
  return negated ? fmt::format("(NOT {})", text) : text;
}

// What a struct calls an argument that has no name of its own.
std::string MemberName(const sql::Expr& value, size_t index) {
  if (const sql::ColumnRef* column = value.As<sql::ColumnRef>()) return column->parts.back().text;
  if (const sql::FieldAccess* access = value.As<sql::FieldAccess>()) return access->field.text;
  return fmt::format("col{}", index + 1);
}

}  // namespace

std::string Translator::Text(const sql::Expr& expr) {
  return std::visit([&](const auto& node) { return NodeText(node, expr.span); }, expr.node);
}

std::string Translator::ListText(const std::vector<sql::ExprPtr>& list) {
  std::string text;
  for (const sql::ExprPtr& expr : list) text += (text.empty() ? "" : ", ") + Text(expr);
  return text;
}

std::string Translator::NodeText(const sql::Literal& node, sql::Span span) {
  const absl::StatusOr<std::string> text = LiteralText(node);
  if (text.ok()) return *text;
  const bool known = absl::IsUnimplemented(text.status());
  Fail(span, known ? sql::kUnsupported : "invalid-literal", base::Message(text.status()));
  return "NULL";
}

std::string Translator::NodeText(const sql::Interval& node, sql::Span span) {
  const absl::StatusOr<std::string> text = IntervalText(node);
  if (text.ok()) return *text;
  Fail(span, "invalid-interval", base::Message(text.status()));
  return "NULL";
}

std::string Translator::FieldText(const std::string& base, std::string_view field) {
  return fmt::format("spark_field({}, {})", base, StringText(field));
}

// a.b is column b of table a if there is such a table, else member b of column a.
std::string Translator::NodeText(const sql::ColumnRef& node, sql::Span) {
  const sql::NameParts& parts = node.parts;
  std::string text;
  size_t next = 0;
  const std::string first = sql::ToLower(parts[0].text);
  bool in_query = true;
  for (const Scope* scope = scope_; scope != nullptr && next == 0; scope = scope->outer) {
    for (const Source& source : scope->sources) {
      if (parts.size() < 2) break;
      size_t qualifier = sql::EqualsIgnoreCase(source.alias, parts[0].text) ? 1 : 0;
      // schema.table.column, by as many of the table's names as are there.
      for (size_t take = 2; take <= source.name.size() && take < parts.size() && qualifier == 0;
           ++take) {
        qualifier = take;
        for (size_t i = 0; i < take; ++i) {
          if (!sql::EqualsIgnoreCase(source.name[source.name.size() - take + i], parts[i].text))
            qualifier = 0;
        }
      }
      if (qualifier == 0) continue;
      const std::string column = sql::ToLower(parts[qualifier].text);
      const bool has =
          source.columns.empty() ||
          std::find(source.columns.begin(), source.columns.end(), column) != source.columns.end();
      if (!has) continue;
      text = Quoted(source.alias) + "." + Quoted(parts[qualifier].text);
      next = qualifier + 1;
      break;
    }
    const auto substitute = scope->substitutes.find(first);
    if (next == 0 && in_query && substitute != scope->substitutes.end()) {
      text = substitute->second;
      next = 1;
    }
    if (scope->is_query) in_query = false;
  }
  if (next == 0) {
    text = Quoted(parts[0].text);
    next = 1;
  }
  for (; next < parts.size(); ++next) text = FieldText(text, parts[next].text);
  return text;
}

std::string Translator::NodeText(const sql::Star& node, sql::Span span) {
  // As an argument: all columns, one argument each.
  if (!node.qualifier.empty() || !node.except.empty())
    Refuse(span, "this star as an argument is not supported");
  for (const Source& source : scope_ == nullptr ? std::vector<Source>() : scope_->sources) {
    if (!source.hidden.empty())
      return fmt::format("*COLUMNS(* EXCLUDE ({}))", QuotedList(source.hidden));
  }
  return "*COLUMNS(*)";
}

std::string Translator::NodeText(const sql::Unary& node, sql::Span) {
  const std::string operand = Text(node.operand);
  switch (node.op) {
    case sql::UnaryOp::kNot:
      return fmt::format("(NOT {})", operand);
    case sql::UnaryOp::kNegate:
      return fmt::format("spark_negative({})", operand);
    case sql::UnaryOp::kPlus:
      return fmt::format("spark_positive({})", operand);
    case sql::UnaryOp::kBitNot:
      return fmt::format("spark_bitnot({})", operand);
  }
  return {};
}

std::string Translator::NodeText(const sql::Binary& node, sql::Span) {
  const std::string left = Text(node.left);
  const std::string right = Text(node.right);
  if (node.op == sql::BinaryOp::kAnd) return fmt::format("({} AND {})", left, right);
  if (node.op == sql::BinaryOp::kOr) return fmt::format("({} OR {})", left, right);
  return fmt::format("{}({}, {})", OperatorFunction(node.op), left, right);
}

std::string Translator::NodeText(const sql::Between& node, sql::Span) {
  return Negated(node.negated, fmt::format("spark_between({}, {}, {})", Text(node.value),
                                           Text(node.low), Text(node.high)));
}

std::string Translator::NodeText(const sql::InList& node, sql::Span span) {
  const sql::Row* row = node.value->As<sql::Row>();
  if (row == nullptr) {
    const std::string value = Text(node.value);
    return Negated(node.negated, fmt::format("spark_in({}, {})", value, ListText(node.list)));
  }
  // (a, b) IN ((1, 2), ..): member by member, as each pair has types of its own.
  std::vector<std::string> alternatives;
  for (const sql::ExprPtr& candidate : node.list) {
    const sql::Row* other = candidate->As<sql::Row>();
    if (other == nullptr || other->items.size() != row->items.size()) {
      Fail(candidate->span, "uneven-rows",
           fmt::format("expected a row of {} values", row->items.size()));
      return "NULL";
    }
    std::vector<std::string> pairs;
    for (size_t i = 0; i < row->items.size(); ++i) {
      pairs.push_back(fmt::format("spark_eq({}, {})", Text(row->items[i]), Text(other->items[i])));
    }
    alternatives.push_back(fmt::format("({})", fmt::join(pairs, " AND ")));
  }
  return Negated(node.negated, fmt::format("({})", fmt::join(alternatives, " OR ")));
}

std::string Translator::NodeText(const sql::InSubquery& node, sql::Span) {
  std::string value;
  if (const sql::Row* row = node.value->As<sql::Row>()) {
    value = fmt::format("({})", ListText(row->items));
  } else {
    value = Text(node.value);
  }
  return fmt::format("({} {}IN ({}))", value, node.negated ? "NOT " : "", QueryText(*node.query));
}

std::string Translator::NodeText(const sql::Like& node, sql::Span span) {
  if (node.quantifier != sql::Like::Quantifier::kNone && node.kind == sql::Like::Kind::kRLike) {
    Refuse(span, "RLIKE ANY and RLIKE ALL are not supported", "join the patterns with |");
  }
  const std::string_view function = node.kind == sql::Like::Kind::kLike    ? "spark_like"
                                    : node.kind == sql::Like::Kind::kILike ? "spark_ilike"
                                                                           : "spark_rlike";
  const std::string value = Text(node.value);
  std::vector<std::string> matches;
  for (const sql::ExprPtr& pattern : node.patterns) {
    const std::string escape = node.escape ? ", " + StringText(*node.escape) : "";
    matches.push_back(
        Negated(node.negated, fmt::format("{}({}, {}{})", function, value, Text(pattern), escape)));
  }
  if (node.quantifier == sql::Like::Quantifier::kNone) return matches.front();
  return fmt::format(
      "({})",
      fmt::join(matches, node.quantifier == sql::Like::Quantifier::kAny ? " OR " : " AND "));
}

std::string Translator::NodeText(const sql::Is& node, sql::Span) {
  const std::string value = Text(node.value);
  const std::string_view negation = node.negated ? "NOT " : "";
  switch (node.kind) {
    case sql::Is::Kind::kNull:
    case sql::Is::Kind::kUnknown:
      return fmt::format("({} IS {}NULL)", value, negation);
    case sql::Is::Kind::kTrue:
      return fmt::format("({} IS {}TRUE)", value, negation);
    case sql::Is::Kind::kFalse:
      return fmt::format("({} IS {}FALSE)", value, negation);
    case sql::Is::Kind::kDistinctFrom:
      return Negated(!node.negated,
                     fmt::format("spark_equal_null({}, {})", value, Text(node.other)));
  }
  return {};
}

std::string Translator::NodeText(const sql::Case& node, sql::Span) {
  std::vector<std::string> args;
  const std::string operand = node.operand ? Text(node.operand) : "";
  for (const auto& [condition, value] : node.branches) {
    const sql::Literal* literal = condition->As<sql::Literal>();
    if (!node.operand && literal != nullptr && literal->kind != sql::Literal::Kind::kBoolean) {
      Fail(condition->span, "type-mismatch", "a condition of CASE has to be boolean");
    }
    args.push_back(node.operand ? fmt::format("spark_eq({}, {})", operand, Text(condition))
                                : Text(condition));
    args.push_back(Text(value));
  }
  if (node.otherwise) args.push_back(Text(node.otherwise));
  return fmt::format("spark_case({})", fmt::join(args, ", "));
}

std::string Translator::NodeText(const sql::Cast& node, sql::Span span) {
  if (node.type.is(base::TypeKind::kVariant)) Refuse(span, "the type VARIANT is not supported");
  return fmt::format("{}({}, {})", node.is_try ? "spark_try_cast" : "spark_cast", Text(node.value),
                     StringText(TypeText(node.type)));
}

std::string Translator::NodeText(const sql::Lambda&, sql::Span span) {
  Fail(span, "misplaced-lambda",
       "a lambda can only be an argument of a higher-order function such as transform");
  return "NULL";
}

std::string Translator::NodeText(const sql::Subscript& node, sql::Span) {
  const std::string base = Text(node.base);
  return fmt::format("spark_index({}, {})", base, Text(node.index));
}

std::string Translator::NodeText(const sql::FieldAccess& node, sql::Span) {
  return FieldText(Text(node.base), node.field.text);
}

std::string Translator::NodeText(const sql::ScalarSubquery& node, sql::Span) {
  return fmt::format("({})", QueryText(*node.query));
}

std::string Translator::NodeText(const sql::Exists& node, sql::Span) {
  return fmt::format("EXISTS ({})", QueryText(*node.query));
}

std::string Translator::NodeText(const sql::Row& node, sql::Span) {
  std::vector<const sql::Expr*> values;
  for (const sql::ExprPtr& item : node.items) values.push_back(item.get());
  return StructText(values, std::vector<std::optional<sql::Name>>(values.size()));
}

std::string Translator::StructText(const std::vector<const sql::Expr*>& values,
                                   const std::vector<std::optional<sql::Name>>& names) {
  std::vector<std::string> args;
  for (size_t i = 0; i < values.size(); ++i) {
    args.push_back(StringText(names[i] ? names[i]->text : MemberName(*values[i], i)));
    args.push_back(Text(*values[i]));
  }
  return fmt::format("spark_named_struct({})", fmt::join(args, ", "));
}

}  // namespace smelt::duck
