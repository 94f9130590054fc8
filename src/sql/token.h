#pragma once

// The words that Spark SQL is made of. Plain data.

#include <string>
#include <string_view>
#include <vector>

#include "sql/source.h"

namespace smelt::sql {

enum class TokenKind {
  kWord,              // an identifier or keyword without quotes: which of them, the parser knows
  kQuotedIdentifier,  // `..`; `value` without the quotes
  kString,    // '..', "..", r'..'; `value` is what it means. Neighbours are one literal: the parser
              // joins them
  kInteger,   // 12; `value` the digits, `suffix` L, S, Y, D, F, BD or empty
  kDecimal,   // 1.5 or .5 or 1.; with the same suffixes
  kExponent,  // 1e3, 1.5E-3; with the same suffixes
  kOperator,  // punctuation; `value` as written
  kParameter,  // ?; a named parameter is the operator `:` and a word that touches it
  kVariable,   // ${name}: what the loader has not replaced; `value` is the name
  kHint,       // /*+ .. */; `value` is what stands between
  kEnd,        // after the last token, always there
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Span span;
  std::string value;
  std::string suffix;  // of a number, in upper case

  // An unquoted word, compared without regard to case. `word` in any case.
  bool IsWord(std::string_view word) const;
  bool IsOperator(std::string_view op) const { return kind == TokenKind::kOperator && value == op; }
  bool IsNumber() const {
    return kind == TokenKind::kInteger || kind == TokenKind::kDecimal ||
           kind == TokenKind::kExponent;
  }
};

// Without regard to the case of ASCII letters, as Spark compares names and keywords.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
std::string ToLower(std::string_view text);
std::string ToUpper(std::string_view text);

// A string literal / a quoted identifier that lexes back to `value`.
std::string QuoteString(std::string_view value);
std::string QuoteIdentifier(std::string_view name);

}  // namespace smelt::sql
