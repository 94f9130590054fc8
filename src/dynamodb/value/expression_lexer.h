#pragma once

// The tokens of an expression. For expression_parser.cc.

#include <absl/status/statusor.h>

#include <string_view>
#include <vector>

namespace smelt::dynamodb::internal {

enum class TokenKind {
  kIdentifier,  // also keywords and function names: what they are depends on where they stand
  kName,        // #name
  kValue,       // :value
  kIndex,       // digits
  kSymbol,      // = <> < <= > >= ( ) [ ] . ,
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;  // of the expression; "<EOF>" at its end
  size_t begin = 0;
};

// Ends with a kEnd token. kInvalidArgument: a character that belongs to no token.
absl::StatusOr<std::vector<Token>> Tokenize(std::string_view text);

// "Syntax error; token: "=", near: "a = ="": the token with its neighbours, as the service shows
// it.
absl::Status SyntaxError(std::string_view text, const std::vector<Token>& tokens, size_t at);

// The service's list of words that cannot be attribute names in an expression; without regard to
// case. Source: Developer Guide, "Reserved words in DynamoDB".
bool IsReservedWord(std::string_view word);

}  // namespace smelt::dynamodb::internal
