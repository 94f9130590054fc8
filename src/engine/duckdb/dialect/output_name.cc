#include "engine/duckdb/dialect/output_name.h"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <vector>

#include "engine/duckdb/dialect/literal.h"
#include "sql/token.h"

namespace smelt::duck {
namespace {

using namespace sql;  // NOLINT: one visitor over all of its nodes

std::string_view OperatorText(BinaryOp op) {
  switch (op) {
    case BinaryOp::kOr:
      return "OR";
    case BinaryOp::kAnd:
      return "AND";
    case BinaryOp::kEqual:
      return "=";
    case BinaryOp::kEqualNullSafe:
      return "<=>";
    case BinaryOp::kNotEqual:
      return "=";
    case BinaryOp::kLess:
      return "<";
    case BinaryOp::kLessOrEqual:
      return "<=";
    case BinaryOp::kGreater:
      return ">";
    case BinaryOp::kGreaterOrEqual:
      return ">=";
    case BinaryOp::kBitOr:
      return "|";
    case BinaryOp::kBitXor:
      return "^";
    case BinaryOp::kBitAnd:
      return "&";
    case BinaryOp::kShiftLeft:
      return "<<";
    case BinaryOp::kShiftRight:
      return ">>";
    case BinaryOp::kShiftRightUnsigned:
      return ">>>";
    case BinaryOp::kAdd:
      return "+";
    case BinaryOp::kSubtract:
      return "-";
    case BinaryOp::kConcat:
      return "||";
    case BinaryOp::kMultiply:
      return "*";
    case BinaryOp::kDivide:
      return "/";
    case BinaryOp::kModulo:
      return "%";
    case BinaryOp::kIntegerDivide:
      return "div";
  }
  return "";
}

class Namer {
 public:
  std::string Name(const ExprPtr& expr) { return Name(*expr); }
  std::string Name(const Expr& expr) {
    return std::visit([this](const auto& node) { return Of(node); }, expr.node);
  }

 private:
  std::string List(const std::vector<ExprPtr>& list) {
    std::string text;
    for (const ExprPtr& expr : list) text += (text.empty() ? "" : ", ") + Name(expr);
    return text;
  }

  std::string Of(const Literal& literal) {
    switch (literal.kind) {
      case Literal::Kind::kNull:
        return "NULL";
      case Literal::Kind::kBinary:
        return "X'" + ToUpper(literal.text) + "'";
      case Literal::Kind::kDate:
        return "DATE '" + literal.text + "'";
      case Literal::Kind::kTimestamp:
      case Literal::Kind::kTimestampLtz:
        return "TIMESTAMP '" + literal.text + "'";
      case Literal::Kind::kTimestampNtz:
        return "TIMESTAMP_NTZ '" + literal.text + "'";
      case Literal::Kind::kDouble: {
        if (literal.text.find_first_of(".eE") == std::string::npos) return literal.text + ".0";
        return literal.text;
      }
      default:
        return literal.text;
    }
  }
  std::string Of(const Interval& interval) {
    std::string text = "INTERVAL";
    for (const Interval::Part& part : interval.parts) {
      text += fmt::format(" '{}'", part.value);
      std::string unit = ToUpper(part.unit);
      if (unit.size() > 1 && unit.back() == 'S') unit.pop_back();
      if (!unit.empty()) text += " " + unit;
      if (!part.to.empty()) text += " TO " + ToUpper(part.to);
    }
    return text;
  }
  std::string Of(const ColumnRef& column) { return column.parts.back().text; }
  std::string Of(const Star&) { return "*"; }
  std::string Of(const Unary& unary) {
    switch (unary.op) {
      case UnaryOp::kNot:
        return fmt::format("(NOT {})", Name(unary.operand));
      case UnaryOp::kNegate:
        return fmt::format("(- {})", Name(unary.operand));
      case UnaryOp::kPlus:
        return fmt::format("(+ {})", Name(unary.operand));
      case UnaryOp::kBitNot:
        return fmt::format("~{}", Name(unary.operand));
    }
    return {};
  }
  std::string Of(const Binary& binary) {
    if (binary.op == BinaryOp::kConcat) {
      return fmt::format("concat({}, {})", Name(binary.left), Name(binary.right));
    }
    const std::string text =
        fmt::format("({} {} {})", Name(binary.left), OperatorText(binary.op), Name(binary.right));
    return binary.op == BinaryOp::kNotEqual ? fmt::format("(NOT {})", text) : text;
  }
  std::string Of(const Between& node) {
    const std::string text =
        fmt::format("between({}, {}, {})", Name(node.value), Name(node.low), Name(node.high));
    return node.negated ? fmt::format("(NOT {})", text) : text;
  }
  std::string Of(const InList& node) {
    const std::string text = fmt::format("({} IN ({}))", Name(node.value), List(node.list));
    return node.negated ? fmt::format("(NOT {})", text) : text;
  }
  std::string Of(const InSubquery& node) {
    const std::string text = fmt::format("({} IN (listquery()))", Name(node.value));
    return node.negated ? fmt::format("(NOT {})", text) : text;
  }
  std::string Of(const Like& node) {
    const std::string value = Name(node.value);
    std::string text;
    if (node.kind == Like::Kind::kRLike) {
      text = fmt::format("RLIKE({}, {})", value, List(node.patterns));
    } else {
      const std::string_view word =
          node.kind == Like::Kind::kILike ? "ilike({}, {})" : "{} LIKE {}";
      text = fmt::format(fmt::runtime(word), value, List(node.patterns));
    }
    return node.negated ? fmt::format("(NOT {})", text) : text;
  }
  std::string Of(const Is& node) {
    static constexpr std::string_view kWords[] = {"NULL", "TRUE", "FALSE", "NULL"};
    if (node.kind == Is::Kind::kDistinctFrom) {
      const std::string text = fmt::format("({} <=> {})", Name(node.value), Name(node.other));
      return node.negated ? text : fmt::format("(NOT {})", text);
    }
    return fmt::format("({} IS {}{})", Name(node.value), node.negated ? "NOT " : "",
                       kWords[static_cast<int>(node.kind)]);
  }
  std::string Of(const Case& node) {
    std::string text = "CASE";
    for (const auto& [condition, value] : node.branches) {
      // Spark reads CASE x WHEN y as CASE WHEN x = y.
      text += node.operand ? fmt::format(" WHEN ({} = {})", Name(node.operand), Name(condition))
                           : fmt::format(" WHEN {}", Name(condition));
      text += fmt::format(" THEN {}", Name(value));
    }
    if (node.otherwise) text += fmt::format(" ELSE {}", Name(node.otherwise));
    return text + " END";
  }
  std::string Of(const Cast& node) {
    return fmt::format("{}({} AS {})", node.is_try ? "TRY_CAST" : "CAST", Name(node.value),
                       ToUpper(TypeText(node.type)));
  }
  std::string Of(const FunctionCall& call) {
    std::string args;
    for (const Argument& argument : call.args) {
      if (!args.empty()) args += ", ";
      args += argument.value->As<Star>() != nullptr ? "1" : Name(argument.value);
      if (argument.name) args += " AS " + argument.name->text;
    }
    std::string text =
        fmt::format("{}({}{})", call.LowerName(), call.distinct ? "DISTINCT " : "", args);
    if (!call.within_group.empty()) {
      text += fmt::format(" WITHIN GROUP (ORDER BY {})", SortList(call.within_group));
    }
    if (call.filter) text += fmt::format(" FILTER (WHERE {})", Name(call.filter));
    if (call.ignore_nulls.value_or(false)) text += " IGNORE NULLS";
    if (call.over) text += " OVER (" + WindowName(*call.over) + ")";
    return text;
  }
  std::string SortList(const std::vector<SortItem>& items) {
    std::string text;
    for (const SortItem& item : items) {
      text += fmt::format("{}{} {} NULLS {}", text.empty() ? "" : ", ", Name(item.value),
                          item.descending ? "DESC" : "ASC", item.NullsFirst() ? "FIRST" : "LAST");
    }
    return text;
  }
  std::string WindowName(const Window& window) {
    std::string text;
    if (window.base) text += window.base->text;
    if (!window.partition_by.empty()) text += "PARTITION BY " + List(window.partition_by);
    if (!window.order_by.empty()) {
      text += std::string(text.empty() ? "" : " ") + "ORDER BY " + SortList(window.order_by);
    }
    if (window.frame) {
      text += fmt::format(" {} BETWEEN {} AND {}", window.frame->rows ? "ROWS" : "RANGE",
                          BoundName(window.frame->start), BoundName(window.frame->end));
    }
    return text;
  }
  std::string BoundName(const FrameBound& bound) {
    switch (bound.kind) {
      case FrameBound::Kind::kUnboundedPreceding:
        return "UNBOUNDED PRECEDING";
      case FrameBound::Kind::kPreceding:
        return Name(bound.offset) + " PRECEDING";
      case FrameBound::Kind::kCurrentRow:
        return "CURRENT ROW";
      case FrameBound::Kind::kFollowing:
        return Name(bound.offset) + " FOLLOWING";
      case FrameBound::Kind::kUnboundedFollowing:
        return "UNBOUNDED FOLLOWING";
    }
    return {};
  }
  std::string Of(const Lambda& lambda) {
    std::string params;
    for (size_t i = 0; i < lambda.params.size(); ++i) {
      params += i == 0 ? "namedlambdavariable()" : ", namedlambdavariable()";
    }
    return fmt::format("lambdafunction({}, {})", Name(lambda.body), params);
  }
  std::string Of(const Subscript& node) {
    return fmt::format("{}[{}]", Name(node.base), Name(node.index));
  }
  std::string Of(const FieldAccess& node) {
    return fmt::format("{}.{}", Name(node.base), node.field.text);
  }
  std::string Of(const ScalarSubquery&) { return "scalarsubquery()"; }
  std::string Of(const Exists&) { return "exists()"; }
  std::string Of(const Row& row) { return fmt::format("struct({})", List(row.items)); }
};

}  // namespace

std::string OutputName(const Expr& expr) { return Namer().Name(expr); }

}  // namespace smelt::duck
