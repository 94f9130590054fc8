#pragma once

// Which table functions read from outside of the lake, and a call of one with its arguments
// evaluated. The planner asks for them to find what there is to read, the engine to tell which
// input a call means. Pure.

#include <absl/status/statusor.h>

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "sql/diagnostic.h"
#include "sql/query_ast.h"
#include "sql/source.h"

namespace smelt::engine {

// A table function as the query calls it.
struct SourceCall {
  std::string function;  // lower case
  bool is_stream = false;
  std::vector<std::string> positional;
  std::map<std::string, std::string> named;  // names in lower case
  std::string folder;                        // what relative paths are relative to
};

// Functions that read exports or files: dynamodb_export, read_files. Others are the dialect's own.
bool IsSourceFunction(const std::string& lower_name);

// Arguments are literals, signed numbers among them; anything else is a diagnostic.
std::variant<SourceCall, sql::Diagnostic> EvaluateCall(const sql::TableFunction& function,
                                                       sql::Span span,
                                                       const sql::SourceText& source);

}  // namespace smelt::engine
