// Operators and predicates, by climbing Spark's ladder of precedence:
//   OR < AND < NOT < IS, IN, BETWEEN, LIKE < comparison < | < ^ < & < shift < + - || < * / % DIV <
//   sign, ~ < :: [] .
// https://spark.apache.org/docs/latest/sql-ref-operators.html

#include <algorithm>
#include <array>
#include <utility>

#include "sql/query_parser_impl.h"

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
  void Add(const QueryPtr& query) { deepest = std::max(deepest, query->depth); }
  void operator()(const ScalarSubquery& node) { Add(node.query); }
  void operator()(const Exists& node) { Add(node.query); }
  void operator()(const Unary& node) { Add(node.operand); }
  void operator()(const Binary& node) { Add(node.left), Add(node.right); }
  void operator()(const Between& node) { Add(node.value), Add(node.low), Add(node.high); }
  void operator()(const InList& node) { Add(node.value), Add(node.list); }
  void operator()(const InSubquery& node) { Add(node.value), Add(node.query); }
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
  depth_ = std::max(depth_, expr->depth);
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

ExprPtr QueryParser::ParseOperand() { return ParseBinary(kComparisonPrecedence + 1); }

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
    between.low = ParseOperand();
    ExpectWord("AND");
    between.high = ParseOperand();
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
    like.patterns.push_back(ParseOperand());
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
    is.other = ParseOperand();
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

}  // namespace smelt::sql
