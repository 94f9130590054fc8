#pragma once

// What is wrong with a text, said to the person who wrote it: where, what, and what to do about it.
// Plain data, so that all mistakes of a project can be gathered and printed together, or travel as
// JSON.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sql/source.h"

namespace smelt::sql {

struct Diagnostic {
  // What kind of mistake, for programs: kebab-case and stable ("syntax", "unsupported",
  // "unknown-function", ..).
  std::string code;
  std::string message;  // one sentence in lower case, without a full stop
  std::string hint;     // how to mend it; may be empty
  std::string file;
  int line = 1;             // from 1
  int column = 1;           // from 1, in code points
  int length = 1;           // code points to underline, at least 1, all on `line`
  std::string source_line;  // the text of that line
};

// The code of constructs that are understood and not supported; ToStatus makes them kUnimplemented.
inline constexpr char kUnsupported[] = "unsupported";
inline constexpr char kSyntax[] = "syntax";

// A diagnostic about `span` of `source`; a span over several lines is underlined on its first.
Diagnostic MakeDiagnostic(const SourceText& source, Span span, std::string code,
                          std::string message, std::string hint = {});

// "file:line:column: error: message", the source line, a caret line, and "hint: .." if there is
// one; lines end in \n.
std::string RenderDiagnostic(const Diagnostic& diagnostic);
// Rendered one after another, in order of file, line and column.
std::string RenderDiagnostics(std::vector<Diagnostic> diagnostics);

// An error whose message is the rendered diagnostic, without the last line break.
absl::Status ToStatus(const Diagnostic& diagnostic);
absl::Status ToStatus(const std::vector<Diagnostic>& diagnostics);

// Of `known`, the name most like `name` without regard to case, if it is close enough to have been
// meant.
std::optional<std::string> NearestName(std::string_view name,
                                       const std::vector<std::string>& known);
// "did you mean 'x'?", or empty.
std::string SuggestName(std::string_view name, const std::vector<std::string>& known);

}  // namespace smelt::sql
