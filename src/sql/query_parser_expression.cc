// Many lines because the grammar of expressions is one mutual recursion.

// Expressions, by climbing Spark's ladder of precedence:
//   OR < AND < NOT < IS, IN, BETWEEN, LIKE < comparison < | < ^ < & < shift < + - || < * / % DIV <
//   sign, ~ < :: [] .
// https://spark.apache.org/docs/latest/sql-ref-operators.html

#include <algorithm>
#include <array>
#include <utility>

#include "sql/query_parser_impl.h"
#include "sql/type_parser.h"

namespace smelt::sql {
namespace {

constexpr int kComparisonPrecedence = 5;
constexpr int kShiftPrecedence = 9;
constexpr int kMultiplyPrecedence = 11;

struct OperatorRow {
  std::string_view text;
  BinaryOp op;
  int precedence;
};

constexpr std::array<OperatorRow, 19> kOperators = {{
    {"=", BinaryOp::kEqual, 5},           {"==", BinaryOp::kEqual, 5},
    {"<=>", BinaryOp::kEqualNullSafe, 5}, {"!=", BinaryOp::kNotEqual, 5},
    {"<>", BinaryOp::kNotEqual, 5},       {"<", BinaryOp::kLess, 5},
    {"<=", BinaryOp::kLessOrEqual, 5},    {">", BinaryOp::kGreater, 5},
    {">=", BinaryOp::kGreaterOrEqual, 5}, {"|", BinaryOp::kBitOr, 6},
    {"^", BinaryOp::kBitXor, 7},          {"&", BinaryOp::kBitAnd, 8},
    {"<<", BinaryOp::kShiftLeft, 9},      {"+", BinaryOp::kAdd, 10},
    {"-", BinaryOp::kSubtract, 10},       {"||", BinaryOp::kConcat, 10},
    {"*", BinaryOp::kMultiply, 11},       {"/", BinaryOp::kDivide, 11},
    {"%", BinaryOp::kModulo, 11},
}};

// Words that cannot begin an expression: they are what is left when one is missing.
constexpr std::string_view kNoExpression[] = {"FROM", "WHERE", "HAVING", "UNION", "JOIN",
                                              "ON",   "WHEN",  "THEN",   "ELSE",  "AND",
                                              "OR",   "AS",    "QUALIFY"};

bool IsFunctionWithoutParentheses(std::string_view word) {
  for (const std::string_view name : {"CURRENT_DATE", "CURRENT_TIMESTAMP", "CURRENT_TIME",
                                      "CURRENT_USER", "USER", "SESSION_USER", "LOCALTIMESTAMP"}) {
    if (EqualsIgnoreCase(word, name)) return true;
  }
  return false;
}

int DepthOf(const ExprPtr& expr) { return expr ? expr->depth : 0; }

// One more than the deepest child.
struct DepthVisitor {
  int deepest = 0;
  void Add(const ExprPtr& expr) { deepest = std::max(deepest, DepthOf(expr)); }
  void Add(const std::vector<ExprPtr>& list) {
    for (const ExprPtr& expr : list) Add(expr);
  }
  void operator()(const Literal&) {}
  void operator()(const Interval&) {}
  void operator()(const ColumnRef&) {}
  void operator()(const Star&) {}
  void operator()(const ScalarSubquery&) {}
  void operator()(const Exists&) {}
  void operator()(const Unary& node) { Add(node.operand); }
  void operator()(const Binary& node) { Add(node.left), Add(node.right); }
  void operator()(const Between& node) { Add(node.value), Add(node.low), Add(node.high); }
  void operator()(const InList& node) { Add(node.value), Add(node.list); }
  void operator()(const InSubquery& node) { Add(node.value); }
  void operator()(const Like& node) { Add(node.value), Add(node.patterns); }
  void operator()(const Is& node) { Add(node.value), Add(node.other); }
  void operator()(const Case& node) {
    Add(node.operand);
    for (const auto& [condition, value] : node.branches) Add(condition), Add(value);
    Add(node.otherwise);
  }
  void operator()(const Cast& node) { Add(node.value); }
  void operator()(const FunctionCall& node) {
    for (const Argument& argument : node.args) Add(argument.value);
    Add(node.filter);
  }
  void operator()(const Lambda& node) { Add(node.body); }
  void operator()(const Subscript& node) { Add(node.base), Add(node.index); }
  void operator()(const FieldAccess& node) { Add(node.base); }
  void operator()(const Row& node) { Add(node.items); }
};

}  // namespace

std::string FunctionCall::LowerName() const {
  return ToLower(name.empty() ? "" : name.back().text);
}
std::string TableFunction::LowerName() const {
  return ToLower(name.empty() ? "" : name.back().text);
}

ExprPtr QueryParser::MakeExpr(size_t first_token, Expr::Node node) {
  auto expr = std::make_unique<Expr>();
  expr->span = SpanFrom(first_token);
  DepthVisitor depth;
  std::visit(depth, node);
  expr->node = std::move(node);
  expr->depth = depth.deepest + 1;
  // Chains such as a + b + c grow to the left without recursion here, but not for those who walk
  // them.
  if (expr->depth > kMaxDepth) {
    Fail(expr->span, "too-deep",
         fmt::format("this expression is more than {} levels deep", kMaxDepth));
    expr->node = Literal{};
    expr->depth = 1;
  }
  return expr;
}

ExprPtr QueryParser::ParseExpression() {
  Nested nested(*this);
  if (PeekLambda()) return ParseLambda();
  return ParseLogical(BinaryOp::kOr);
}

std::vector<ExprPtr> QueryParser::ParseExpressionList() {
  std::vector<ExprPtr> list;
  do {
    list.push_back(ParseExpression());
  } while (AcceptOperator(","));
  return list;
}

bool QueryParser::PeekLambda() const {
  if (PeekName() && PeekOperator("->", 1)) return true;
  if (!PeekOperator("(") || matching_[at_] >= tokens_.size()) return false;
  return PeekOperator("->", matching_[at_] + 1 - at_);
}

ExprPtr QueryParser::ParseLambda() {
  const size_t first = at_;
  Lambda lambda;
  if (PeekOperator("(")) {
    lambda.params = ExpectNameList("a parameter of the lambda");
  } else {
    lambda.params.push_back(ExpectName("a parameter of the lambda"));
  }
  ExpectOperator("->");
  lambda.body = ParseExpression();
  return MakeExpr(first, std::move(lambda));
}

// a OR b OR c, or the same with AND, as a balanced tree: generated ones are long.
ExprPtr QueryParser::ParseLogical(BinaryOp op) {
  const size_t first = at_;
  const bool is_or = op == BinaryOp::kOr;
  std::vector<ExprPtr> terms;
  do {
    terms.push_back(is_or ? ParseLogical(BinaryOp::kAnd) : ParseNot());
  } while (AcceptWord(is_or ? "OR" : "AND"));
  while (terms.size() > 1) {
    std::vector<ExprPtr> pairs;
    for (size_t i = 0; i + 1 < terms.size(); i += 2) {
      const Span span = Cover(terms[i]->span, terms[i + 1]->span);
      pairs.push_back(MakeExpr(first, Binary{op, std::move(terms[i]), std::move(terms[i + 1])}));
      pairs.back()->span = span;
    }
    if (terms.size() % 2 == 1) pairs.push_back(std::move(terms.back()));
    terms = std::move(pairs);
  }
  return std::move(terms.front());
}

// Operators that bind at least as tightly as `min_precedence`, comparison or above.
ExprPtr QueryParser::ParseBinary(int min_precedence) {
  const size_t first = at_;
  ExprPtr left = ParseUnary();
  return ContinueBinary(first, std::move(left), min_precedence);
}

ExprPtr QueryParser::ContinueBinary(size_t first, ExprPtr left, int min_precedence) {
  while (!failed()) {
    const auto op = PeekBinaryOperator();
    if (!op || op->precedence < min_precedence) break;
    at_ += op->tokens;
    Nested nested(*this);
    ExprPtr right = ParseBinary(op->precedence + 1);
    left = MakeExpr(first, Binary{op->op, std::move(left), std::move(right)});
  }
  return left;
}

std::optional<QueryParser::BinaryOperator> QueryParser::PeekBinaryOperator() const {
  const auto touches = [&](size_t ahead) {
    return PeekOperator(">", ahead) && Peek(ahead - 1).span.end == Peek(ahead).span.begin;
  };
  // >> and >>> are > tokens that touch.
  if (PeekOperator(">") && touches(1)) {
    if (touches(2)) return BinaryOperator{BinaryOp::kShiftRightUnsigned, kShiftPrecedence, 3};
    return BinaryOperator{BinaryOp::kShiftRight, kShiftPrecedence, 2};
  }
  if (PeekWord("DIV")) return BinaryOperator{BinaryOp::kIntegerDivide, kMultiplyPrecedence, 1};
  for (const OperatorRow& row : kOperators) {
    if (PeekOperator(row.text)) return BinaryOperator{row.op, row.precedence, 1};
  }
  return std::nullopt;
}

// NOT binds looser than predicates and comparisons.
ExprPtr QueryParser::ParseNot() {
  const size_t first = at_;
  if (PeekOperator("!") || (PeekWord("NOT") && !PeekOperator(".", 1))) {
    Nested nested(*this);
    Next();
    ExprPtr operand = ParseNot();
    return MakeExpr(first, Unary{UnaryOp::kNot, std::move(operand)});
  }
  return ParsePredicate();
}

ExprPtr QueryParser::ParsePredicate() {
  const size_t first = at_;
  ExprPtr left = ParseBinary(kComparisonPrecedence);
  while (!failed() && ParsePredicateSuffix(left, first)) {
    left = ContinueBinary(first, std::move(left), kComparisonPrecedence);
  }
  return left;
}

bool QueryParser::ParsePredicateSuffix(ExprPtr& left, size_t first) {
  const size_t start = at_;
  const bool negated =
      PeekWord("NOT") && PeekAnyWord({"IN", "BETWEEN", "LIKE", "ILIKE", "RLIKE", "REGEXP"}, 1);
  if (negated) Next();
  if (AcceptWord("IN")) {
    left = ParseIn(std::move(left), negated, first);
  } else if (AcceptWord("BETWEEN")) {
    Between between{negated, std::move(left), nullptr, nullptr};
    between.low = ParseBinary(kComparisonPrecedence + 1);
    ExpectWord("AND");
    between.high = ParseBinary(kComparisonPrecedence + 1);
    left = MakeExpr(first, std::move(between));
  } else if (PeekAnyWord({"LIKE", "ILIKE", "RLIKE", "REGEXP"})) {
    left = ParseLike(std::move(left), negated, first);
  } else if (AcceptWord("IS")) {
    left = ParseIs(std::move(left), first);
  } else if (PeekWord("COLLATE")) {
    Unsupported(Peek().span, "COLLATE");
  }
  return at_ != start;
}

ExprPtr QueryParser::ParseIn(ExprPtr value, bool negated, size_t first) {
  ExpectOperator("(");
  if (IsQueryStart()) {
    QueryPtr query = ParseQuery();
    ExpectOperator(")");
    return MakeExpr(first, InSubquery{negated, std::move(value), std::move(query)});
  }
  std::vector<ExprPtr> list = ParseExpressionList();
  ExpectOperator(")");
  return MakeExpr(first, InList{negated, std::move(value), std::move(list)});
}

ExprPtr QueryParser::ParseLike(ExprPtr value, bool negated, size_t first) {
  Like like{Like::Kind::kLike, Like::Quantifier::kNone, negated, std::move(value), {}, {}};
  const Token word = Next();
  if (word.IsWord("ILIKE")) like.kind = Like::Kind::kILike;
  if (word.IsWord("RLIKE") || word.IsWord("REGEXP")) like.kind = Like::Kind::kRLike;
  if (PeekAnyWord({"ANY", "SOME", "ALL"}) && PeekOperator("(", 1)) {
    like.quantifier = PeekWord("ALL") ? Like::Quantifier::kAll : Like::Quantifier::kAny;
    at_ += 2;
    like.patterns = ParseExpressionList();
    ExpectOperator(")");
  } else {
    like.patterns.push_back(ParseBinary(kComparisonPrecedence + 1));
    if (AcceptWord("ESCAPE")) {
      const Span span = Peek().span;
      like.escape = ExpectString("an escape character");
      if (CountCodePoints(*like.escape) != 1) {
        Fail(span, "invalid-escape", "ESCAPE takes a string of one character");
      }
    }
  }
  return MakeExpr(first, std::move(like));
}

ExprPtr QueryParser::ParseIs(ExprPtr value, size_t first) {
  Is is{Is::Kind::kNull, AcceptWord("NOT"), std::move(value), nullptr};
  if (AcceptWord("NULL")) {
    is.kind = Is::Kind::kNull;
  } else if (AcceptWord("TRUE")) {
    is.kind = Is::Kind::kTrue;
  } else if (AcceptWord("FALSE")) {
    is.kind = Is::Kind::kFalse;
  } else if (AcceptWord("UNKNOWN")) {
    is.kind = Is::Kind::kUnknown;
  } else if (AcceptWords({"DISTINCT", "FROM"})) {
    is.kind = Is::Kind::kDistinctFrom;
    is.other = ParseBinary(kComparisonPrecedence + 1);
  } else {
    FailExpected("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM");
  }
  return MakeExpr(first, std::move(is));
}

ExprPtr QueryParser::ParseUnary() {
  const size_t first = at_;
  const bool minus = PeekOperator("-");
  if (minus && Peek(1).IsNumber()) return ParsePostfix();
  if (minus || PeekOperator("+") || PeekOperator("~")) {
    Nested nested(*this);
    const UnaryOp op = minus               ? UnaryOp::kNegate
                       : PeekOperator("+") ? UnaryOp::kPlus
                                           : UnaryOp::kBitNot;
    Next();
    ExprPtr operand = ParseUnary();
    return MakeExpr(first, Unary{op, std::move(operand)});
  }
  return ParsePostfix();
}

ExprPtr QueryParser::ParsePostfix() {
  const size_t first = at_;
  ExprPtr value = ParsePrimary();
  while (!failed()) {
    if (AcceptOperator("::")) {
      base::DataType type = ParseType();
      value = MakeExpr(first, Cast{std::move(value), std::move(type), false});
    } else if (AcceptOperator("[")) {
      ExprPtr index = ParseExpression();
      ExpectOperator("]");
      value = MakeExpr(first, Subscript{std::move(value), std::move(index)});
    } else if (PeekOperator(".") && PeekName(1)) {
      Next();
      Name field = ExpectName("a field");
      value = MakeExpr(first, FieldAccess{std::move(value), std::move(field)});
    } else if (PeekOperator(".") && PeekOperator("*", 1)) {
      Unsupported(SpanFrom(first), "the star of an expression", "name the fields");
    } else if (PeekOperator(":")) {
      Unsupported(Peek().span, "access to semi-structured data by ':'", "use get_json_object");
    } else {
      break;
    }
  }
  return value;
}

ExprPtr QueryParser::ParsePrimary() {
  const size_t first = at_;
  const Token& token = Peek();
  switch (token.kind) {
    case TokenKind::kInteger:
    case TokenKind::kDecimal:
    case TokenKind::kExponent:
      return ParseNumber(/*negative=*/false);
    case TokenKind::kString:
      return ParseStringLiteral();
    case TokenKind::kQuotedIdentifier:
    case TokenKind::kWord:
      return ParseWordPrimary();
    case TokenKind::kParameter:
      Unsupported(token.span, "the parameter ?");
      break;
    default:
      if (token.IsOperator("(")) return ParseParenthesis();
      if (token.IsOperator("-")) {
        Next();
        return ParseNumber(/*negative=*/true);
      }
      if (token.IsOperator("*")) {
        Next();
        return ParseStar(first, {});
      }
      if (token.IsOperator(":") && PeekName(1)) {
        Unsupported(Cover(token.span, Peek(1).span),
                    fmt::format("the parameter :{}", Peek(1).value));
      }
      FailExpected("an expression");
  }
  return MakeExpr(first, Literal{});
}

ExprPtr QueryParser::ParseNumber(bool negative) {
  const size_t first = at_;
  const Token token = Next();
  Literal literal{Literal::Kind::kInteger, (negative ? "-" : "") + token.value};
  if (token.kind == TokenKind::kDecimal) literal.kind = Literal::Kind::kDecimal;
  if (token.kind == TokenKind::kExponent) literal.kind = Literal::Kind::kDouble;
  if (token.suffix == "L") literal.kind = Literal::Kind::kBigint;
  if (token.suffix == "S") literal.kind = Literal::Kind::kSmallint;
  if (token.suffix == "Y") literal.kind = Literal::Kind::kTinyint;
  if (token.suffix == "D") literal.kind = Literal::Kind::kDouble;
  if (token.suffix == "F") literal.kind = Literal::Kind::kFloat;
  if (token.suffix == "BD") literal.kind = Literal::Kind::kDecimal;
  const size_t digits = std::count_if(token.value.begin(), token.value.end(),
                                      [](char c) { return c >= '0' && c <= '9'; });
  const bool exact =
      literal.kind != Literal::Kind::kDouble && literal.kind != Literal::Kind::kFloat;
  const size_t limit = literal.kind == Literal::Kind::kTinyint    ? 3
                       : literal.kind == Literal::Kind::kSmallint ? 5
                       : literal.kind == Literal::Kind::kBigint   ? 19
                                                                  : 38;
  if (exact && token.kind != TokenKind::kExponent && digits > limit) {
    Fail(token.span, "invalid-number", fmt::format("{} has too many digits", token.value));
  }
  return MakeExpr(negative ? first - 1 : first, std::move(literal));
}

ExprPtr QueryParser::ParseStringLiteral() {
  const size_t first = at_;
  std::string value;
  while (Peek().kind == TokenKind::kString) value += Next().value;
  return MakeExpr(first, Literal{Literal::Kind::kString, std::move(value)});
}

std::string QueryParser::ExpectString(std::string_view what) {
  if (Peek().kind != TokenKind::kString) {
    FailExpected(what);
    return {};
  }
  std::string value;
  while (Peek().kind == TokenKind::kString) value += Next().value;
  return value;
}

// DATE'..', TIMESTAMP'..', X'..'
ExprPtr QueryParser::ParseTypedLiteral() {
  const size_t first = at_;
  const Token word = Next();
  Literal literal;
  if (word.IsWord("DATE")) {
    literal.kind = Literal::Kind::kDate;
  } else if (word.IsWord("TIMESTAMP")) {
    literal.kind = Literal::Kind::kTimestamp;
  } else if (word.IsWord("TIMESTAMP_NTZ")) {
    literal.kind = Literal::Kind::kTimestampNtz;
  } else if (word.IsWord("TIMESTAMP_LTZ")) {
    literal.kind = Literal::Kind::kTimestampLtz;
  } else if (word.IsWord("X")) {
    literal.kind = Literal::Kind::kBinary;
  } else {
    Fail(word.span, "invalid-literal",
         fmt::format("there are no literals of type '{}'", word.value),
         "DATE, TIMESTAMP, INTERVAL and X can stand before a string");
    return MakeExpr(first, Literal{});
  }
  literal.text = ExpectString("a string");
  if (literal.kind == Literal::Kind::kBinary) {
    if (literal.text.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
      Fail(SpanFrom(first), "invalid-literal", "a binary literal consists of hexadecimal digits");
    }
    if (literal.text.size() % 2 == 1) literal.text.insert(0, "0");
  }
  return MakeExpr(first, std::move(literal));
}

ExprPtr QueryParser::ParseInterval() {
  const size_t first = at_;
  Interval interval;
  ExpectWord("INTERVAL");
  const auto is_unit = [](const Token& token) {
    if (token.kind != TokenKind::kWord) return false;
    for (std::string_view unit : {"YEAR", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND",
                                  "MILLISECOND", "MICROSECOND", "NANOSECOND", "QUARTER"}) {
      if (token.IsWord(unit) || token.IsWord(std::string(unit) + "S")) return true;
    }
    return false;
  };
  while (!failed()) {
    const bool sign = (PeekOperator("-") || PeekOperator("+")) &&
                      (Peek(1).IsNumber() || Peek(1).kind == TokenKind::kString);
    const Token& number = Peek(sign ? 1 : 0);
    if (!number.IsNumber() && number.kind != TokenKind::kString) break;
    // A number that no unit follows is not ours: INTERVAL 1 DAY + 2.
    if (!interval.parts.empty() && !is_unit(Peek(sign ? 2 : 1))) break;
    Interval::Part part;
    const bool negative = sign && PeekOperator("-");
    if (sign) Next();
    part.value = Next().value;
    if (negative)
      part.value = part.value.starts_with("-") ? part.value.substr(1) : "-" + part.value;
    if (is_unit(Peek())) {
      part.unit = ToLower(Next().value);
      if (PeekWord("TO") && is_unit(Peek(1))) {
        Next();
        part.to = ToLower(Next().value);
      }
    } else if (tokens_[at_ - 1].IsNumber()) {
      FailExpected("a unit such as DAY");
    }
    const bool complete = part.unit.empty() || !part.to.empty();
    interval.parts.push_back(std::move(part));
    if (complete) break;
  }
  if (interval.parts.empty()) FailExpected("a number or a string after INTERVAL");
  return MakeExpr(first, std::move(interval));
}

ExprPtr QueryParser::ParseWordPrimary() {
  const size_t first = at_;
  const Token& token = Peek();
  const Token& after = Peek(1);
  if (token.kind == TokenKind::kWord) {
    if (token.IsWord("NULL")) return Next(), MakeExpr(first, Literal{});
    if (token.IsWord("TRUE") || token.IsWord("FALSE")) {
      return Next(), MakeExpr(first, Literal{Literal::Kind::kBoolean, ToLower(token.value)});
    }
    if (token.IsWord("CASE")) return ParseCase();
    if (token.IsWord("INTERVAL")) {
      const bool sign = after.IsOperator("-") || after.IsOperator("+");
      const Token& number = Peek(sign ? 2 : 1);
      if (number.kind == TokenKind::kString ||
          (number.IsNumber() && Peek(sign ? 3 : 2).kind == TokenKind::kWord)) {
        return ParseInterval();
      }
      if (after.IsOperator("(")) {
        Unsupported(token.span, "INTERVAL of an expression",
                    "use make_interval or make_dt_interval");
      }
    }
    if (after.kind == TokenKind::kString && PeekImplicitAlias()) return ParseTypedLiteral();
    if (token.IsWord("EXISTS") && after.IsOperator("(") && IsQueryStart(2)) {
      at_ += 2;
      QueryPtr query = ParseQuery();
      ExpectOperator(")");
      return MakeExpr(first, Exists{std::move(query)});
    }
    if (after.IsOperator("(")) {
      if (token.IsWord("CAST")) return ParseCast(/*is_try=*/false);
      if (token.IsWord("TRY_CAST")) return ParseCast(/*is_try=*/true);
    } else {
      if (IsFunctionWithoutParentheses(token.value) && !after.IsOperator(".")) {
        FunctionCall call;
        call.name.push_back({token.value, token.span});
        Next();
        return MakeExpr(first, std::move(call));
      }
      for (const std::string_view word : kNoExpression) {
        if (token.IsWord(word)) {
          FailExpected("an expression",
                       fmt::format("a column of that name is written `{}`", token.value));
          return MakeExpr(first, Literal{});
        }
      }
      if (PeekAnyWord({"GROUP", "ORDER", "SORT", "CLUSTER", "DISTRIBUTE", "PARTITION"}) &&
          after.IsWord("BY")) {
        FailExpected("an expression");
        return MakeExpr(first, Literal{});
      }
    }
  }
  NameParts parts;
  parts.push_back(ExpectName("an expression"));
  while (PeekOperator(".")) {
    if (PeekOperator("*", 1)) {
      at_ += 2;
      return ParseStar(first, std::move(parts));
    }
    Next();
    parts.push_back(ExpectName("a name after '.'"));
  }
  if (PeekOperator("(")) {
    if (parts.size() == 1 && tokens_[first].kind == TokenKind::kWord) {
      if (ExprPtr call = ParseKeywordCall(first, parts[0])) return call;
    }
    return ParseCall(first, std::move(parts));
  }
  return MakeExpr(first, ColumnRef{std::move(parts)});
}

ExprPtr QueryParser::ParseStar(size_t first, NameParts qualifier) {
  Star star;
  star.qualifier = std::move(qualifier);
  if (PeekAnyWord({"EXCEPT", "EXCLUDE"}) && PeekOperator("(", 1) && !IsQueryStart(2)) {
    at_ += 2;
    do {
      star.except.push_back(ExpectNameParts("a column name"));
    } while (AcceptOperator(","));
    ExpectOperator(")");
  }
  if (PeekWord("REPLACE") && PeekOperator("(", 1)) Unsupported(Peek().span, "* REPLACE");
  return MakeExpr(first, std::move(star));
}

ExprPtr QueryParser::ParseParenthesis() {
  const size_t first = at_;
  if (IsQueryStart(1) || IsQueryStart(0)) {
    Next();
    QueryPtr query = ParseQuery();
    ExpectOperator(")");
    return MakeExpr(first, ScalarSubquery{std::move(query)});
  }
  ExpectOperator("(");
  ExprPtr value = ParseExpression();
  if (PeekOperator(",")) {
    Row row;
    row.items.push_back(std::move(value));
    while (AcceptOperator(",")) row.items.push_back(ParseExpression());
    ExpectOperator(")");
    return MakeExpr(first, std::move(row));
  }
  if (AcceptWord("AS"))
    Unsupported(SpanFrom(at_ - 1), "a name inside a row", "use struct(.. AS ..)");
  ExpectOperator(")");
  value->span = SpanFrom(first);
  return value;
}

ExprPtr QueryParser::ParseCase() {
  const size_t first = at_;
  Case node;
  ExpectWord("CASE");
  if (!PeekWord("WHEN")) node.operand = ParseExpression();
  while (AcceptWord("WHEN")) {
    ExprPtr condition = ParseExpression();
    ExpectWord("THEN");
    ExprPtr value = ParseExpression();
    node.branches.emplace_back(std::move(condition), std::move(value));
  }
  if (node.branches.empty()) FailExpected("WHEN");
  if (AcceptWord("ELSE")) node.otherwise = ParseExpression();
  ExpectWord("END");
  return MakeExpr(first, std::move(node));
}

ExprPtr QueryParser::ParseCast(bool is_try) {
  const size_t first = at_;
  Next();
  ExpectOperator("(");
  ExprPtr value = ParseExpression();
  ExpectWord("AS");
  base::DataType type = ParseType();
  ExpectOperator(")");
  return MakeExpr(first, Cast{std::move(value), std::move(type), is_try});
}

base::DataType QueryParser::ParseType() {
  std::vector<Diagnostic> diagnostics;
  size_t at = at_;
  const std::optional<base::DataType> type =
      ParseTypeTokens(source_, tokens_with_end_, &at, &diagnostics);
  if (type) {
    at_ = at;
    return *type;
  }
  if (!error_) error_ = std::move(diagnostics.front());
  at_ = tokens_.size();
  return base::DataType();
}

// ---- Calls ----

Argument QueryParser::ParseArgument() {
  Argument argument;
  if (PeekName() && PeekOperator("=>", 1)) {
    argument.name = ExpectName("a name");
    Next();
  }
  argument.value = ParseExpression();
  return argument;
}

ExprPtr QueryParser::ParseCall(size_t first, NameParts name) {
  Nested nested(*this);
  FunctionCall call;
  call.name = std::move(name);
  ExpectOperator("(");
  if (!PeekOperator(")")) {
    if (AcceptWord("DISTINCT")) {
      call.distinct = true;
    } else if (PeekWord("ALL") && !PeekOperator(",", 1) && !PeekOperator(")", 1) &&
               !PeekOperator(".", 1)) {
      Next();
    }
    const bool named_values = EqualsIgnoreCase(call.name.back().text, "struct");
    do {
      Argument argument = ParseArgument();
      // struct(a AS b): the name is the field's.
      if (named_values && AcceptWord("AS")) argument.name = ExpectName("a field name");
      call.args.push_back(std::move(argument));
    } while (AcceptOperator(","));
    if (AcceptWords({"IGNORE", "NULLS"})) call.ignore_nulls = true;
    if (AcceptWords({"RESPECT", "NULLS"})) call.ignore_nulls = false;
    if (PeekWord("ORDER") && PeekWord("BY", 1)) {
      Unsupported(Peek().span, "ORDER BY within the arguments", "use WITHIN GROUP (ORDER BY ..)");
    }
  }
  ExpectOperator(")");
  ParseCallTail(call);
  return MakeExpr(first, std::move(call));
}

void QueryParser::ParseCallTail(FunctionCall& call) {
  if (PeekWord("WITHIN") && PeekWord("GROUP", 1)) {
    at_ += 2;
    ExpectOperator("(");
    ExpectWord("ORDER");
    ExpectWord("BY");
    call.within_group = ParseSortItems();
    ExpectOperator(")");
  }
  if (PeekWord("FILTER") && PeekOperator("(", 1)) {
    at_ += 2;
    ExpectWord("WHERE");
    call.filter = ParseExpression();
    ExpectOperator(")");
  }
  if (AcceptWords({"IGNORE", "NULLS"})) call.ignore_nulls = true;
  if (AcceptWords({"RESPECT", "NULLS"})) call.ignore_nulls = false;
  if (PeekWord("OVER") && (PeekOperator("(", 1) || PeekName(1))) {
    Next();
    call.over = std::make_unique<Window>(ParseWindow());
  }
}

ExprPtr QueryParser::ParseKeywordCall(size_t first, const Name& name) {
  const size_t start = at_;
  const size_t close = matching_[at_];
  // A separator word at the first level of the parentheses tells the keyword form from the plain
  // one.
  const auto has_word = [&](std::string_view word) {
    int depth = 0;
    for (size_t i = start + 1; i < std::min(close, tokens_.size()); ++i) {
      if (tokens_[i].IsOperator("(")) ++depth;
      if (tokens_[i].IsOperator(")")) --depth;
      if (depth == 0 && tokens_[i].IsWord(word)) return true;
    }
    return false;
  };
  const auto call = [&](std::string function, std::vector<ExprPtr> args) {
    ExpectOperator(")");
    FunctionCall node;
    node.name.push_back({std::move(function), name.span});
    for (ExprPtr& arg : args) node.args.push_back({std::nullopt, std::move(arg)});
    return MakeExpr(first, std::move(node));
  };
  std::vector<ExprPtr> args;
  if (EqualsIgnoreCase(name.text, "EXTRACT") && has_word("FROM")) {
    Next();
    const size_t field = at_;
    std::string text =
        Peek().kind == TokenKind::kString ? Next().value : ExpectName("a field").text;
    args.push_back(MakeExpr(field, Literal{Literal::Kind::kString, std::move(text)}));
    ExpectWord("FROM");
    args.push_back(ParseExpression());
    return call("extract", std::move(args));
  }
  if ((EqualsIgnoreCase(name.text, "SUBSTRING") || EqualsIgnoreCase(name.text, "SUBSTR")) &&
      has_word("FROM")) {
    Next();
    args.push_back(ParseExpression());
    ExpectWord("FROM");
    args.push_back(ParseExpression());
    if (AcceptWord("FOR")) args.push_back(ParseExpression());
    return call("substring", std::move(args));
  }
  if (EqualsIgnoreCase(name.text, "TRIM") && has_word("FROM")) {
    Next();
    std::string function = "btrim";
    if (AcceptWord("LEADING")) {
      function = "ltrim";
    } else if (AcceptWord("TRAILING")) {
      function = "rtrim";
    } else {
      AcceptWord("BOTH");
    }
    ExprPtr what = PeekWord("FROM") ? nullptr : ParseExpression();
    ExpectWord("FROM");
    ExprPtr from = ParseExpression();
    // Spark's functions: btrim(text, what), but ltrim(what, text).
    if (!what) {
      args.push_back(std::move(from));
    } else if (function == "btrim") {
      args.push_back(std::move(from));
      args.push_back(std::move(what));
    } else {
      args.push_back(std::move(what));
      args.push_back(std::move(from));
    }
    return call(std::move(function), std::move(args));
  }
  if (EqualsIgnoreCase(name.text, "POSITION") && has_word("IN")) {
    Next();
    args.push_back(ParseBinary(kComparisonPrecedence + 1));
    ExpectWord("IN");
    args.push_back(ParseExpression());
    return call("position", std::move(args));
  }
  if (EqualsIgnoreCase(name.text, "OVERLAY") && has_word("PLACING")) {
    Next();
    args.push_back(ParseExpression());
    ExpectWord("PLACING");
    args.push_back(ParseExpression());
    ExpectWord("FROM");
    args.push_back(ParseExpression());
    if (AcceptWord("FOR")) args.push_back(ParseExpression());
    return call("overlay", std::move(args));
  }
  return nullptr;
}

// ---- Windows ----

std::vector<SortItem> QueryParser::ParseSortItems() {
  std::vector<SortItem> items;
  do {
    SortItem item;
    item.value = ParseExpression();
    if (AcceptWord("DESC")) {
      item.descending = true;
    } else {
      AcceptWord("ASC");
    }
    if (AcceptWords({"NULLS", "FIRST"})) item.nulls_first = true;
    if (AcceptWords({"NULLS", "LAST"})) item.nulls_first = false;
    items.push_back(std::move(item));
  } while (AcceptOperator(","));
  return items;
}

Window QueryParser::ParseWindow() {
  Window window;
  if (!PeekOperator("(")) {
    window.base = ExpectName("the name of a window");
    return window;
  }
  Next();
  if (PeekName() &&
      !PeekAnyWord({"PARTITION", "ORDER", "DISTRIBUTE", "SORT", "CLUSTER", "ROWS", "RANGE"})) {
    // Spark's named windows are complete: nothing can be added to them.
    window.base = ExpectName("the name of a window");
    ExpectOperator(")");
    return window;
  }
  if (AcceptWords({"CLUSTER", "BY"})) {
    Unsupported(SpanFrom(at_ - 2), "CLUSTER BY in a window", "use PARTITION BY and ORDER BY");
  }
  if (AcceptWords({"PARTITION", "BY"}) || AcceptWords({"DISTRIBUTE", "BY"})) {
    window.partition_by = ParseExpressionList();
  }
  if (AcceptWords({"ORDER", "BY"}) || AcceptWords({"SORT", "BY"}))
    window.order_by = ParseSortItems();
  if (PeekAnyWord({"ROWS", "RANGE"})) window.frame = ParseFrame();
  ExpectOperator(")");
  return window;
}

Window::Frame QueryParser::ParseFrame() {
  Window::Frame frame;
  frame.rows = PeekWord("ROWS");
  Next();
  if (AcceptWord("BETWEEN")) {
    frame.start = ParseFrameBound();
    ExpectWord("AND");
    frame.end = ParseFrameBound();
  } else {
    frame.start = ParseFrameBound();
  }
  return frame;
}

FrameBound QueryParser::ParseFrameBound() {
  FrameBound bound;
  if (AcceptWords({"CURRENT", "ROW"})) return bound;
  const bool unbounded = AcceptWord("UNBOUNDED");
  if (!unbounded) bound.offset = ParseBinary(kComparisonPrecedence + 1);
  if (AcceptWord("PRECEDING")) {
    bound.kind = unbounded ? FrameBound::Kind::kUnboundedPreceding : FrameBound::Kind::kPreceding;
  } else if (AcceptWord("FOLLOWING")) {
    bound.kind = unbounded ? FrameBound::Kind::kUnboundedFollowing : FrameBound::Kind::kFollowing;
  } else {
    FailExpected("PRECEDING or FOLLOWING");
  }
  return bound;
}

}  // namespace smelt::sql
