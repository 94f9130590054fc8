// How the parser walks over tokens, and how it complains.

#include <algorithm>
#include <utility>

#include "sql/query_parser_impl.h"

namespace smelt::sql {
namespace {

// Words that go on with a query, hence no alias without AS.
constexpr std::string_view kClauseWords[] = {
    "FROM",     "WHERE",   "GROUP",  "HAVING",  "ORDER",       "SORT",    "CLUSTER", "DISTRIBUTE",
    "LIMIT",    "OFFSET",  "WINDOW", "QUALIFY", "UNION",       "EXCEPT",  "MINUS",   "INTERSECT",
    "SETMINUS", "LATERAL", "PIVOT",  "UNPIVOT", "TABLESAMPLE", "JOIN",    "INNER",   "CROSS",
    "LEFT",     "RIGHT",   "FULL",   "SEMI",    "ANTI",        "NATURAL", "ON",      "USING",
    "AS",       "AND",     "OR",     "NOT",     "IN",          "BETWEEN", "LIKE",    "ILIKE",
    "RLIKE",    "REGEXP",  "IS",     "WHEN",    "THEN",        "ELSE",    "END",     "ASC",
    "DESC",     "NULLS",   "DIV",    "SELECT",  "COLLATE",     "WITHIN",  "FILTER",  "OVER"};

std::string Describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::kEnd:
      return "the end";
    case TokenKind::kString:
      return "a string";
    case TokenKind::kVariable:
      return "${" + token.value + "}";
    case TokenKind::kHint:
      return "a hint";
    case TokenKind::kParameter:
      return "?";
    default:
      return "'" + token.value + "'";
  }
}

}  // namespace

QueryParser::QueryParser(const SourceText& source, std::span<const Token> tokens)
    : source_(source), tokens_with_end_(tokens.begin(), tokens.end()) {
  if (tokens_with_end_.empty() || tokens_with_end_.back().kind != TokenKind::kEnd) {
    const uint32_t end = tokens.empty() ? 0 : tokens.back().span.end;
    tokens_with_end_.push_back({TokenKind::kEnd, {end, end}, {}, {}});
  }
  tokens_ = std::span<const Token>(tokens_with_end_).first(tokens_with_end_.size() - 1);
  matching_.resize(tokens_.size(), tokens_.size());
  std::vector<size_t> open;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].IsOperator("(")) open.push_back(i);
    if (tokens_[i].IsOperator(")") && !open.empty()) {
      matching_[open.back()] = i;
      open.pop_back();
    }
  }
}

const Token& QueryParser::Peek(size_t ahead) const {
  return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : tokens_with_end_.back();
}

const Token& QueryParser::Next() {
  const Token& token = Peek();
  if (at_ < tokens_.size()) ++at_;
  return token;
}

bool QueryParser::AcceptWord(std::string_view word) {
  if (!PeekWord(word)) return false;
  Next();
  return true;
}

bool QueryParser::AcceptWords(std::initializer_list<std::string_view> words) {
  size_t ahead = 0;
  for (const std::string_view word : words) {
    if (!PeekWord(word, ahead++)) return false;
  }
  at_ += words.size();
  return true;
}

bool QueryParser::AcceptOperator(std::string_view op) {
  if (!PeekOperator(op)) return false;
  Next();
  return true;
}

void QueryParser::ExpectWord(std::string_view word) {
  if (!AcceptWord(word)) FailExpected(word);
}

void QueryParser::ExpectOperator(std::string_view op) {
  if (!AcceptOperator(op)) FailExpected(fmt::format("'{}'", op));
}

bool QueryParser::PeekAnyWord(std::initializer_list<std::string_view> words, size_t ahead) const {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return PeekWord(word, ahead); });
}

bool QueryParser::PeekName(size_t ahead) const {
  const TokenKind kind = Peek(ahead).kind;
  return kind == TokenKind::kWord || kind == TokenKind::kQuotedIdentifier;
}

Name QueryParser::ExpectName(std::string_view what) {
  if (!PeekName()) {
    FailExpected(what);
    return {};
  }
  const Token& token = Next();
  return {token.value, token.span};
}

NameParts QueryParser::ExpectNameParts(std::string_view what) {
  NameParts parts;
  do {
    parts.push_back(ExpectName(what));
  } while (AcceptOperator("."));
  return parts;
}

std::vector<Name> QueryParser::ExpectNameList(std::string_view what) {
  std::vector<Name> names;
  ExpectOperator("(");
  do {
    names.push_back(ExpectName(what));
  } while (AcceptOperator(","));
  ExpectOperator(")");
  return names;
}

bool QueryParser::PeekImplicitAlias(size_t ahead) const {
  if (Peek(ahead).kind == TokenKind::kQuotedIdentifier) return true;
  if (Peek(ahead).kind != TokenKind::kWord) return false;
  return std::none_of(std::begin(kClauseWords), std::end(kClauseWords),
                      [&](std::string_view word) { return PeekWord(word, ahead); });
}

Span QueryParser::SpanFrom(size_t first_token) const {
  if (first_token >= tokens_.size()) return tokens_with_end_.back().span;
  const size_t last = std::max(at_, first_token + 1) - 1;
  return Cover(tokens_[first_token].span, tokens_[std::min(last, tokens_.size() - 1)].span);
}

void QueryParser::Fail(Span span, std::string code, std::string message, std::string hint) {
  if (error_) return;
  error_ = MakeDiagnostic(source_, span, std::move(code), std::move(message), std::move(hint));
  at_ = tokens_.size();
}

void QueryParser::FailExpected(std::string_view what, std::string hint) {
  const Token& token = Peek();
  if (token.kind == TokenKind::kVariable) {
    Fail(token.span, "unknown-variable", fmt::format("nothing sets ${{{}}}", token.value));
    return;
  }
  Fail(token.span, kSyntax, fmt::format("expected {}, found {}", what, Describe(token)),
       std::move(hint));
}

void QueryParser::Unsupported(Span span, std::string what, std::string hint) {
  Fail(span, kUnsupported, std::move(what) + " is not supported", std::move(hint));
}

QueryParser::Nested::Nested(QueryParser& parser) : parser_(parser) {
  if (++parser_.nesting_ > kMaxDepth) {
    parser_.Fail(parser_.Peek().span, "too-deep",
                 fmt::format("this is nested more than {} levels deep", kMaxDepth));
  }
}

void QueryParser::Deepen() {
  if (++depth_ > kMaxDepth) {
    Fail(Peek().span, "too-deep", fmt::format("this query is more than {} levels deep", kMaxDepth));
  }
}

bool QueryParser::IsSetOperator(const Token& token) {
  return token.IsWord("UNION") || token.IsWord("EXCEPT") || token.IsWord("MINUS") ||
         token.IsWord("SETMINUS") || token.IsWord("INTERSECT");
}

void QueryParser::ExpectEnd() {
  if (!AtEnd()) FailExpected("the end of the query");
}

}  // namespace smelt::sql
