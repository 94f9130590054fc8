#pragma once

// What the queries and expressions of a pipeline read and call, found in their text. A text that
// cannot be parsed is a diagnostic. Pure.

#include <map>
#include <string>
#include <vector>

#include "sql/diagnostic.h"
#include "sql/fragment.h"
#include "sql/token.h"

namespace smelt::pipeline {

// What one query names, unresolved.
struct NamedReads {
  struct Table {
    std::vector<std::string> parts;
    bool is_stream = false;
    sql::Span span;
  };
  struct Function {
    std::string name;  // in lower case
    bool is_stream = false;
    sql::Span span;
  };
  std::vector<Table> tables;
  std::vector<Function> functions;  // table functions
  // Calls whose answer is not a function of the query's sources: current_timestamp(), rand(), ..
  std::vector<Function> unstable_calls;
};

class QueryReader {
 public:
  explicit QueryReader(std::vector<sql::Diagnostic>* diagnostics) : diagnostics_(diagnostics) {}

  // Empty after a mistake.
  NamedReads Read(const sql::Fragment& query);
  // Only checks that it is an expression.
  void CheckExpression(const sql::Fragment& expression);

 private:
  // The fragment's tokens. Fragments of one file share its lexing.
  std::vector<sql::Token> TokensOf(const sql::Fragment& fragment);

  std::map<const sql::SourceText*, std::vector<sql::Token>> tokens_;
  std::vector<sql::Diagnostic>* diagnostics_;
};

}  // namespace smelt::pipeline
