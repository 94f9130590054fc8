#include "pipeline/source_calls.h"

#include "sql/query_parser.h"
#include "sql/query_walk.h"

namespace smelt::pipeline {

absl::StatusOr<std::vector<engine::SourceCall>> SourceCallsOf(const sql::Fragment& query,
                                                              const std::filesystem::path& folder) {
  std::vector<engine::SourceCall> calls;
  const auto parsed = sql::ParseQuery(query);
  if (!parsed.ok()) return sql::ToStatus(parsed.diagnostic());
  for (const sql::TableFunctionUse& use : sql::CollectUses(*parsed.value()).table_functions) {
    if (!engine::IsSourceFunction(use.name)) continue;
    auto call = engine::EvaluateCall(*use.function, use.span, *query.source);
    if (const auto* diagnostic = std::get_if<sql::Diagnostic>(&call)) {
      return sql::ToStatus(*diagnostic);
    }
    calls.push_back(std::get<engine::SourceCall>(std::move(call)));
    calls.back().folder = folder.string();
  }
  return calls;
}

}  // namespace smelt::pipeline
