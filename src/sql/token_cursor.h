#pragma once

// Walks over the tokens of one statement and says what it expected where they do not fit. The
// functions that read something return false or nullopt after they have added one diagnostic; the
// cursor then stands at the token that is wrong.

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/diagnostic.h"
#include "sql/fragment.h"
#include "sql/statement.h"
#include "sql/token.h"

namespace smelt::sql {

class TokenCursor {
 public:
  // `tokens` are of `source` and end with a kEnd, whose span is where the statement ends.
  TokenCursor(std::shared_ptr<const SourceText> source, std::vector<Token> tokens,
              std::vector<Diagnostic>* diagnostics);

  const Token& Peek(size_t ahead = 0) const;
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }
  size_t at() const { return at_; }
  // Where the last token that was read began and ended.
  Span LastSpan() const;
  void Advance(size_t count = 1);
  void MoveTo(size_t at) { at_ = at; }

  // Whether these words come next; `words` in any case, an operator as itself.
  bool At(std::initializer_list<std::string_view> words) const { return AtAhead(0, words); }
  bool AtAhead(size_t ahead, std::initializer_list<std::string_view> words) const;
  bool Accept(std::initializer_list<std::string_view> words);
  // `where` completes "expected X .."; may be empty.
  bool Expect(std::initializer_list<std::string_view> words, std::string_view where = {});

  // "expected .., found 'x'".
  bool FailExpected(std::string_view what, std::string hint = {});
  bool Fail(Span span, std::string message, std::string hint = {});
  // Adds that `what` is not supported; parsing goes on, as the rest may have mistakes, too.
  void Refuse(Span span, std::string_view what, std::string hint = {});

  std::optional<Text> ParseIdentifier(std::string_view what);
  std::optional<ObjectName> ParseObjectName(std::string_view what);
  // A string literal; neighbours are one.
  std::optional<Text> ParseString(std::string_view what);
  // (a, b, ..), at least one.
  bool ParseIdentifierList(std::string_view what, std::vector<Text>* list);
  // ('key' = value, ..); keys as strings or dotted names.
  bool ParseProperties(std::string_view what, std::vector<Property>* properties);
  // (..), not empty: what stands between.
  std::optional<Fragment> ParseParenthesized(std::string_view what);
  // The tokens up to `end` (an index), not empty.
  std::optional<Fragment> ParseUpTo(size_t end, std::string_view what);

  // The index of the token behind the parenthesis that closes the one at `open`. Parentheses are
  // known to be balanced.
  size_t BehindClosing(size_t open) const;
  size_t end() const { return tokens_.size() - 1; }
  Fragment FragmentOf(size_t begin, size_t end) const;
  const std::shared_ptr<const SourceText>& source() const { return source_; }
  const std::vector<Token>& tokens() const { return tokens_; }
  std::vector<Diagnostic>* diagnostics() const { return diagnostics_; }

 private:
  std::optional<Text> ParsePropertyKey();
  std::optional<Text> ParsePropertyValue();

  std::shared_ptr<const SourceText> source_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  std::vector<Diagnostic>* diagnostics_;
};

}  // namespace smelt::sql
