#include "sql/token_cursor.h"

#include <algorithm>
#include <utility>

namespace smelt::sql {
namespace {

bool Matches(const Token& token, std::string_view word) {
  return token.IsWord(word) || token.IsOperator(word);
}

bool IsName(const Token& token) {
  return token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedIdentifier;
}

}  // namespace

TokenCursor::TokenCursor(std::shared_ptr<const SourceText> source, std::vector<Token> tokens,
                         std::vector<Diagnostic>* diagnostics)
    : source_(std::move(source)), tokens_(std::move(tokens)), diagnostics_(diagnostics) {}

const Token& TokenCursor::Peek(size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

Span TokenCursor::LastSpan() const { return tokens_[at_ == 0 ? 0 : at_ - 1].span; }

void TokenCursor::Advance(size_t count) { at_ = std::min(at_ + count, tokens_.size() - 1); }

bool TokenCursor::AtAhead(size_t ahead, std::initializer_list<std::string_view> words) const {
  for (const std::string_view word : words) {
    if (!Matches(Peek(ahead++), word)) return false;
  }
  return true;
}

bool TokenCursor::Accept(std::initializer_list<std::string_view> words) {
  if (!At(words)) return false;
  Advance(words.size());
  return true;
}

bool TokenCursor::Expect(std::initializer_list<std::string_view> words, std::string_view where) {
  std::string expected;
  for (const std::string_view word : words) {
    if (!expected.empty()) expected += ' ';
    expected += word;
  }
  const bool is_operator = words.size() == 1 && !expected.empty() && expected[0] < 'A';
  if (is_operator) expected = "'" + expected + "'";
  if (!where.empty()) expected += " " + std::string(where);
  for (const std::string_view word : words) {
    if (!Matches(Peek(), word)) {
      // A word that is nearly the right one is its misspelling.
      std::string hint;
      if (Peek().kind == TokenKind::kWord) hint = SuggestName(Peek().value, {std::string(word)});
      return FailExpected(expected, std::move(hint));
    }
    Advance();
  }
  return true;
}

bool TokenCursor::FailExpected(std::string_view what, std::string hint) {
  const std::string found =
      AtEnd() ? "the statement's end" : fmt::format("'{}'", source_->Slice(Peek().span));
  return Fail(Peek().span, fmt::format("expected {}, found {}", what, found), std::move(hint));
}

bool TokenCursor::Fail(Span span, std::string message, std::string hint) {
  diagnostics_->push_back(
      MakeDiagnostic(*source_, span, kSyntax, std::move(message), std::move(hint)));
  return false;
}

void TokenCursor::Refuse(Span span, std::string_view what, std::string hint) {
  diagnostics_->push_back(MakeDiagnostic(
      *source_, span, kUnsupported, fmt::format("{} is not supported", what), std::move(hint)));
}

std::optional<Text> TokenCursor::ParseIdentifier(std::string_view what) {
  const Token& token = Peek();
  if (!IsName(token)) {
    std::string hint;
    if (token.kind == TokenKind::kString) hint = "names are written without quotes, or in `..`";
    FailExpected(what, std::move(hint));
    return std::nullopt;
  }
  Advance();
  return Text{token.value, token.span};
}

std::optional<ObjectName> TokenCursor::ParseObjectName(std::string_view what) {
  ObjectName name;
  const bool is_live = At({"LIVE", "."});
  if (is_live) Advance(2);
  do {
    const std::optional<Text> part = ParseIdentifier(what);
    if (!part) return std::nullopt;
    name.span = name.parts.empty() ? part->span : Cover(name.span, part->span);
    name.parts.push_back(part->value);
  } while (Accept({"."}));
  name.is_live = is_live;
  constexpr size_t kMostParts = 3;
  if (name.parts.size() > kMostParts) {
    Fail(name.span, fmt::format("a name has at most {} parts: catalog.schema.name", kMostParts));
    return std::nullopt;
  }
  return name;
}

std::optional<Text> TokenCursor::ParseString(std::string_view what) {
  if (Peek().kind != TokenKind::kString) {
    FailExpected(what);
    return std::nullopt;
  }
  Text text{{}, Peek().span};
  while (Peek().kind == TokenKind::kString) {
    text.value += Peek().value;
    text.span = Cover(text.span, Peek().span);
    Advance();
  }
  return text;
}

bool TokenCursor::ParseIdentifierList(std::string_view what, std::vector<Text>* list) {
  if (!Expect({"("}, fmt::format("before the {}", what))) return false;
  do {
    std::optional<Text> name = ParseIdentifier("a column name");
    if (!name) return false;
    list->push_back(*std::move(name));
  } while (Accept({","}));
  if (At({")"})) {
    Advance();
    return true;
  }
  return FailExpected(fmt::format("',' or ')' in the {}", what));
}

std::optional<Text> TokenCursor::ParsePropertyKey() {
  if (Peek().kind == TokenKind::kString) return ParseString("a key");
  std::optional<Text> key = ParseIdentifier("a key");
  while (key && Accept({"."})) {
    const std::optional<Text> part = ParseIdentifier("the rest of the key");
    if (!part) return std::nullopt;
    key->value += "." + part->value;
    key->span = Cover(key->span, part->span);
  }
  return key;
}

std::optional<Text> TokenCursor::ParsePropertyValue() {
  if (Peek().kind == TokenKind::kString) return ParseString("a value");
  const size_t begin = at_;
  const bool is_negative = Accept({"-"});
  const bool is_literal =
      Peek().IsNumber() || (!is_negative && (Peek().IsWord("TRUE") || Peek().IsWord("FALSE")));
  if (!is_literal) {
    FailExpected("a value: a string, a number, true or false");
    return std::nullopt;
  }
  Advance();
  const Span span = Cover(tokens_[begin].span, LastSpan());
  return Text{std::string(source_->Slice(span)), span};
}

bool TokenCursor::ParseProperties(std::string_view what, std::vector<Property>* properties) {
  if (!Expect({"("}, fmt::format("before the {}", what))) return false;
  if (Accept({")"})) return true;
  do {
    Property property;
    std::optional<Text> key = ParsePropertyKey();
    if (!key) return false;
    Accept({"="});  // Spark allows a space as well
    std::optional<Text> value = ParsePropertyValue();
    if (!value) return false;
    for (const Property& other : *properties) {
      if (other.key.value == key->value) {
        return Fail(key->span, fmt::format("'{}' is there twice", key->value));
      }
    }
    properties->push_back({*std::move(key), *std::move(value)});
  } while (Accept({","}));
  if (!Accept({")"})) return FailExpected(fmt::format("',' or ')' in the {}", what));
  return true;
}

size_t TokenCursor::BehindClosing(size_t open) const {
  int depth = 0;
  for (size_t i = open; i < end(); ++i) {
    if (tokens_[i].IsOperator("(")) ++depth;
    if (tokens_[i].IsOperator(")") && --depth == 0) return i + 1;
  }
  return end();
}

Fragment TokenCursor::FragmentOf(size_t begin, size_t end) const {
  if (begin >= end) return {source_, {tokens_[begin].span.begin, tokens_[begin].span.begin}};
  return {source_, Cover(tokens_[begin].span, tokens_[end - 1].span)};
}

std::optional<Fragment> TokenCursor::ParseParenthesized(std::string_view what) {
  if (!Expect({"("}, fmt::format("before {}", what))) return std::nullopt;
  const size_t behind = BehindClosing(at_ - 1);
  std::optional<Fragment> fragment = ParseUpTo(behind - 1, what);
  if (fragment) Advance();
  return fragment;
}

std::optional<Fragment> TokenCursor::ParseUpTo(size_t end, std::string_view what) {
  if (end <= at_) {
    FailExpected(what);
    return std::nullopt;
  }
  const Fragment fragment = FragmentOf(at_, end);
  at_ = end;
  return fragment;
}

}  // namespace smelt::sql
