// What expressions are made of: literals, names, parentheses, CASE, CAST.
// https://spark.apache.org/docs/latest/sql-ref-literals.html

#include <algorithm>
#include <utility>

#include "sql/query_parser_impl.h"
#include "sql/type_parser.h"

namespace smelt::sql {
namespace {

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

}  // namespace

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

}  // namespace smelt::sql
