#include "sql/query_parser.h"

#include <algorithm>
#include <utility>

#include "sql/lexer.h"
#include "sql/query_parser_impl.h"

namespace smelt::sql {
namespace {

template <typename T, typename Parse>
Parsed<T> ParseAll(const SourceText& source, std::span<const Token> tokens, Parse parse) {
  QueryParser parser(source, tokens);
  T value = parse(parser);
  if (!parser.failed()) parser.AcceptSemicolon();
  if (!parser.failed()) parser.ExpectEnd();
  if (parser.failed()) return parser.error();
  return value;
}

// Lexes the whole text: whether a quote opens or closes is known only from the start.
template <typename T, typename Parse>
Parsed<T> LexAndParse(const Fragment& fragment, Parse parse) {
  LexResult lexed = Lex(*fragment.source);
  if (!lexed.ok()) return lexed.diagnostics.front();
  const auto first = std::find_if(lexed.tokens.begin(), lexed.tokens.end(), [&](const Token& t) {
    return t.span.begin >= fragment.span.begin || t.kind == TokenKind::kEnd;
  });
  const auto last = std::find_if(first, lexed.tokens.end(), [&](const Token& t) {
    return t.span.begin >= fragment.span.end || t.kind == TokenKind::kEnd;
  });
  return ParseAll<T>(*fragment.source, std::span<const Token>(first, last), parse);
}

constexpr auto kQuery = [](QueryParser& parser) { return parser.ParseQuery(); };
constexpr auto kExpression = [](QueryParser& parser) { return parser.ParseExpression(); };

}  // namespace

Parsed<QueryPtr> ParseQuery(const SourceText& source, std::span<const Token> tokens) {
  return ParseAll<QueryPtr>(source, tokens, kQuery);
}
Parsed<ExprPtr> ParseExpression(const SourceText& source, std::span<const Token> tokens) {
  return ParseAll<ExprPtr>(source, tokens, kExpression);
}
Parsed<QueryPtr> ParseQuery(const Fragment& fragment) {
  return LexAndParse<QueryPtr>(fragment, kQuery);
}
Parsed<ExprPtr> ParseExpression(const Fragment& fragment) {
  return LexAndParse<ExprPtr>(fragment, kExpression);
}

}  // namespace smelt::sql
