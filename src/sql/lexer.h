#pragma once

// Cuts a Spark SQL text into tokens: https://spark.apache.org/docs/latest/sql-ref-literals.html and
// sql-ref-identifier.html. Any bytes may come in. What cannot be a token becomes a diagnostic, and
// lexing goes on behind it, so that one run finds all such mistakes. Comments (-- to the end of the
// line; /* */, which nest) leave no token. `>` is always a token of its own unless it is part of
// >=, => , -> or |>, so that ARRAY<ARRAY<INT>> needs no care; shifts are `>` tokens that touch.

#include <vector>

#include "sql/diagnostic.h"
#include "sql/source.h"
#include "sql/token.h"

namespace smelt::sql {

struct LexResult {
  std::vector<Token> tokens;  // ends with exactly one kEnd
  std::vector<Diagnostic> diagnostics;

  bool ok() const { return diagnostics.empty(); }
};

LexResult Lex(const SourceText& source);

}  // namespace smelt::sql
