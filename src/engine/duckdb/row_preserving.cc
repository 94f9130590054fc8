#include "engine/duckdb/row_preserving.h"

#include "engine/duckdb/functions/catalogue.h"
#include "sql/query_walk.h"

namespace smelt::duck {

bool IsRowPreserving(const sql::Query& query) {
  const auto* select = query.As<sql::Select>();
  if (select == nullptr || query.limit || query.offset || !query.with.empty()) return false;
  if (select->distinct || select->where || select->group_by || select->having || select->qualify ||
      !select->lateral_views.empty() || select->from.size() != 1) {
    return false;
  }
  const sql::Relation& source = *select->from[0];
  if (source.sample || (!source.As<sql::TableRef>() && !source.As<sql::TableFunction>())) {
    return false;
  }
  // An aggregate without GROUP BY makes one row of all, a generator several of one.
  bool preserves = true;
  for (const sql::SelectItem& item : select->items) {
    sql::QueryVisitor visitor;
    visitor.call = [&](const sql::FunctionCall& call, sql::Span) {
      const FunctionEntry* function = FindFunction(call.LowerName());
      const bool aggregates = function != nullptr && function->is_aggregate && !call.over;
      if (function == nullptr || aggregates || function->is_generator) preserves = false;
    };
    sql::Walk(*item.value, visitor);
  }
  return preserves;
}

}  // namespace smelt::duck
