#include "dynamodb/value/expression_lexer.h"

#include <string>

#include "base/status.h"

namespace smelt::dynamodb::internal {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsWordPart(char c) { return IsWordStart(c) || IsDigit(c); }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Token>> Run() {
    while (true) {
      while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      const size_t size = TokenSize();
      if (size == 0) {
        Add(TokenKind::kSymbol, 1);
        return SyntaxError(text_, tokens_, tokens_.size() - 1);
      }
    }
    tokens_.push_back({TokenKind::kEnd, "<EOF>", text_.size()});
    return std::move(tokens_);
  }

 private:
  // Adds the token here and gives its size; 0 where there is none.
  size_t TokenSize() {
    const char first = text_[at_];
    if (IsWordStart(first)) return Add(TokenKind::kIdentifier, WordSize(1));
    if (IsDigit(first)) {
      size_t size = 1;
      while (at_ + size < text_.size() && IsDigit(text_[at_ + size])) ++size;
      return Add(TokenKind::kIndex, size);
    }
    if (first == '#' || first == ':') {
      const size_t size = WordSize(1);
      if (size == 1) return 0;
      return Add(first == '#' ? TokenKind::kName : TokenKind::kValue, size);
    }
    const std::string_view two = text_.substr(at_, 2);
    if (two == "<>" || two == "<=" || two == ">=") return Add(TokenKind::kSymbol, 2);
    if (std::string_view("=<>()[].,").find(first) != std::string_view::npos) {
      return Add(TokenKind::kSymbol, 1);
    }
    return 0;
  }

  size_t WordSize(size_t size) const {
    while (at_ + size < text_.size() && IsWordPart(text_[at_ + size])) ++size;
    return size;
  }

  size_t Add(TokenKind kind, size_t size) {
    tokens_.push_back({kind, text_.substr(at_, size), at_});
    at_ += size;
    return size;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

absl::StatusOr<std::vector<Token>> Tokenize(std::string_view text) { return Lexer(text).Run(); }

absl::Status SyntaxError(std::string_view text, const std::vector<Token>& tokens, size_t at) {
  const size_t first = at == 0 ? 0 : at - 1;
  const size_t last = at + 1 < tokens.size() ? at + 1 : tokens.size() - 1;
  const size_t begin = tokens[first].begin;
  const size_t end = tokens[last].kind == TokenKind::kEnd
                         ? text.size()
                         : tokens[last].begin + tokens[last].text.size();
  return base::InvalidArgument("Syntax error; token: \"{}\", near: \"{}\"", tokens[at].text,
                               text.substr(begin, end - begin));
}

}  // namespace smelt::dynamodb::internal
