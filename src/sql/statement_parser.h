#pragma once

// Parses a pipeline file. All mistakes of the file come out at once: after one, parsing goes on
// behind the next ';' outside parentheses, or at the next line that begins a statement. Pure.

#include <memory>
#include <vector>

#include "sql/diagnostic.h"
#include "sql/statement.h"

namespace smelt::sql {

struct StatementFile {
  std::vector<Statement> statements;  // those without mistakes, in order
  std::vector<Diagnostic> diagnostics;
  // What statements with mistakes would have defined, as far as it could be read: to complain that
  // these are unknown would be noise.
  std::vector<ObjectName> unread_names;

  bool ok() const { return diagnostics.empty(); }
};

StatementFile ParseStatements(const std::shared_ptr<const SourceText>& source);

}  // namespace smelt::sql
