#pragma once

// CREATE STREAMING TABLE, MATERIALIZED VIEW and TEMPORARY VIEW, from the relation's name on. As
// TokenCursor: a mistake is one diagnostic and nullopt; `name` is set as soon as it was read.

#include <optional>

#include "sql/statement.h"
#include "sql/token_cursor.h"

namespace smelt::sql {

std::optional<CreateStreamingTable> ParseStreamingTable(TokenCursor& cursor, ObjectName* name);
std::optional<CreateMaterializedView> ParseMaterializedView(TokenCursor& cursor, ObjectName* name);
std::optional<CreateTemporaryView> ParseTemporaryView(TokenCursor& cursor, ObjectName* name);

}  // namespace smelt::sql
