#include "engine/duckdb/dialect/output_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <initializer_list>
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

// Java's Double.toString: plain between 0.001 and ten million, else d.dddE±x; never without a
// fraction.
std::string JavaDouble(const std::string& text) {
  const double value = std::strtod(text.c_str(), nullptr);
  const double size = std::abs(value);
  if (!std::isfinite(value)) return text;
  if (value == 0 || (size >= 1e-3 && size < 1e7)) {
    std::string plain = fmt::format("{}", value);
    return plain.find('.') == std::string::npos ? plain + ".0" : plain;
  }
  // The fewest digits that read back as the same number.
  std::string scientific;
  for (int digits = 0; digits <= 16; ++digits) {
    scientific = fmt::format("{:.{}e}", value, digits);
    if (std::strtod(scientific.c_str(), nullptr) == value) break;
  }
  const size_t e = scientific.find('e');
  std::string mantissa = scientific.substr(0, e);
  if (mantissa.find('.') == std::string::npos) mantissa += ".0";
  return fmt::format("{}E{}", mantissa, std::atoi(scientific.c_str() + e + 1));
}

// Arguments that Spark adds where they are left out, and shows.
struct DefaultArgument {
  std::string_view function;
  size_t given;  // how many arguments were written
  std::string_view added;
};
constexpr DefaultArgument kDefaultArguments[] = {
    {"percentile_approx", 2, ", 10000"},
    {"approx_percentile", 2, ", 10000"},
    {"percentile", 2, ", 1"},
    {"unix_timestamp", 1, ", yyyy-MM-dd HH:mm:ss"},
    {"to_unix_timestamp", 1, ", yyyy-MM-dd HH:mm:ss"},
    {"from_unixtime", 1, ", yyyy-MM-dd HH:mm:ss"},
    {"split", 2, ", -1"},
    {"substring", 2, ", 2147483647"},
    {"substr", 2, ", 2147483647"},
    {"regexp_replace", 3, ", 1"},
    {"regexp_extract", 2, ", 1"},
    {"regexp_extract_all", 2, ", 1"},
    {"locate", 2, ", 1"},
    {"lpad", 2, ",  "},
    {"rpad", 2, ",  "},
    {"round", 1, ", 0"},
    {"bround", 1, ", 0"},
    {"months_between", 2, ", true"},
    {"sort_array", 1, ", true"},
    {"lag", 1, ", 1, NULL"},
    {"lag", 2, ", NULL"},
    {"lead", 1, ", 1, NULL"},
    {"lead", 2, ", NULL"},
    {"listagg", 1, ", NULL"},
    {"overlay", 3, ", -1"},
    {"str_to_map", 1, ", ,, :"},
    {"str_to_map", 2, ", :"},
};

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Spark writes the names of its oldest mathematical functions in capitals.
bool IsShouted(std::string_view function) {
  return IsOneOf(function, {"acos",   "acosh", "asin",  "asinh", "atan",    "atan2", "atanh",
                            "cbrt",   "ceil",  "cos",   "cosh",  "cot",     "csc",   "degrees",
                            "e",      "exp",   "expm1", "floor", "hypot",   "log",   "log10",
                            "log1p",  "log2",  "pi",    "power", "radians", "rint",  "sec",
                            "signum", "sin",   "sinh",  "sqrt",  "tan",     "tanh"});
}

// A type as a function: an implicit cast, which names do not show.
bool IsTypeFunction(std::string_view function) {
  return IsOneOf(function, {"bigint", "binary", "boolean", "date", "decimal", "double", "float",
                            "int", "smallint", "string", "timestamp", "tinyint"});
}

class Namer {
 public:
  // Of a column: a cast of a column keeps its name.
  std::string ColumnName(const Expr& expr) {
    if (const Cast* cast = expr.As<Cast>()) {
      if (cast->value->As<ColumnRef>() != nullptr) return Name(cast->value);
    }
    return Name(expr);
  }

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
      case Literal::Kind::kDouble:
        return JavaDouble(literal.text);
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
  std::string Of(const ColumnRef& column) {
    const std::string first = ToLower(column.parts[0].text);
    for (const std::string& param : lambda_params_) {
      if (param != first) continue;
      std::string text = "namedlambdavariable()";
      for (size_t i = 1; i < column.parts.size(); ++i) text += "." + column.parts[i].text;
      return text;
    }
    return column.parts.back().text;
  }
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
    std::string function = call.LowerName();
    std::vector<std::string> args;
    for (const Argument& argument : call.args) {
      std::string text = argument.value->As<Star>() != nullptr ? "1" : Name(argument.value);
      if (argument.name) text += " AS " + argument.name->text;
      args.push_back(std::move(text));
    }
    const size_t count = args.size();
    if (function == "extract" && count == 2)
      return fmt::format("extract({} FROM {})", args[0], args[1]);
    if (function == "if" && count == 3) return fmt::format("(IF({}))", fmt::join(args, ", "));
    if (function == "isnull" && count == 1) return fmt::format("({} IS NULL)", args[0]);
    if (function == "isnotnull" && count == 1) return fmt::format("({} IS NOT NULL)", args[0]);
    if (function == "ltrim" && count == 2)
      return fmt::format("TRIM(LEADING {} FROM {})", args[0], args[1]);
    if (function == "rtrim" && count == 2)
      return fmt::format("TRIM(TRAILING {} FROM {})", args[0], args[1]);
    if (IsOneOf(function, {"aggregate", "reduce"}) && count == 3) {
      args.push_back("lambdafunction(namedlambdavariable(), namedlambdavariable())");
    }
    if (function == "from_json") args.resize(std::min<size_t>(count, 1));
    if (function == "dateadd" && count == 3) function = "timestampadd";
    if (function == "position") function = "locate";
    if (IsTypeFunction(function) && count == 1) return args[0];
    if (function == "log" && count == 1) args.insert(args.begin(), "E()");
    if (IsShouted(function)) function = ToUpper(function);
    std::string list = fmt::format("{}", fmt::join(args, ", "));
    for (const DefaultArgument& argument : kDefaultArguments) {
      if (argument.function == function && argument.given == count) list += argument.added;
    }
    std::string text = fmt::format("{}({}{})", function, call.distinct ? "DISTINCT " : "", list);
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
    const size_t outer = lambda_params_.size();
    std::string params;
    for (const sql::Name& param : lambda.params) {
      lambda_params_.push_back(ToLower(param.text));
      params += ", namedlambdavariable()";
    }
    const std::string body = Name(lambda.body);
    lambda_params_.resize(outer);
    return fmt::format("lambdafunction({}{})", body, params);
  }
  std::string Of(const Subscript& node) {
    return fmt::format("{}[{}]", Name(node.base), Name(node.index));
  }
  std::string Of(const FieldAccess& node) {
    return fmt::format("{}.{}", Name(node.base), node.field.text);
  }
  std::string Of(const ScalarSubquery&) { return "scalarsubquery()"; }
  std::string Of(const Exists&) { return "exists()"; }
  std::string Of(const Row& row) {
    std::string text;
    for (size_t i = 0; i < row.items.size(); ++i) {
      text += fmt::format("{}col{}, {}", i == 0 ? "" : ", ", i + 1, Name(row.items[i]));
    }
    return fmt::format("named_struct({})", text);
  }

  std::vector<std::string> lambda_params_;  // lower case; those in scope
};

}  // namespace

std::string OutputName(const Expr& expr) { return Namer().ColumnName(expr); }

}  // namespace smelt::duck
