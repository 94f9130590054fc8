#pragma once

// Parses Spark SQL queries, expressions and types
// (https://spark.apache.org/docs/latest/sql-ref-syntax.html) by recursive descent. Keywords are not
// reserved, as in Spark's default, but where the grammar would be ambiguous. The first mistake ends
// the parse, as what follows it would be guesswork. Depth is limited (query_ast.h). Pure;
// thread-safe.
//
// Each entry point takes the tokens of one construct: all of a lexed text, or a part of them, as
// the pipeline's parser keeps the body of a statement. A kEnd at the end of the part is not needed.

#include <span>
#include <string>
#include <variant>

#include "sql/diagnostic.h"
#include "sql/fragment.h"
#include "sql/query_ast.h"
#include "sql/source.h"
#include "sql/token.h"

namespace smelt::sql {

// What was parsed, or why it could not be.
template <typename T>
class Parsed {
 public:
  Parsed(T value) : result_(std::move(value)) {}                     // NOLINT: meant to convert
  Parsed(Diagnostic diagnostic) : result_(std::move(diagnostic)) {}  // NOLINT: meant to convert

  bool ok() const { return result_.index() == 0; }
  // Only if ok().
  T& value() { return std::get<0>(result_); }
  const T& value() const { return std::get<0>(result_); }
  // Only if not ok().
  const Diagnostic& diagnostic() const { return std::get<1>(result_); }

 private:
  std::variant<T, Diagnostic> result_;
};

Parsed<QueryPtr> ParseQuery(const SourceText& source, std::span<const Token> tokens);
Parsed<ExprPtr> ParseExpression(const SourceText& source, std::span<const Token> tokens);

// Lexed and parsed; a mistake of the lexer is the diagnostic, too. A trailing semicolon is allowed.
Parsed<QueryPtr> ParseQuery(const Fragment& fragment);
Parsed<ExprPtr> ParseExpression(const Fragment& fragment);

}  // namespace smelt::sql
