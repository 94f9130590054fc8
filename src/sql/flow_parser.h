#pragma once

// The parts of pipeline statements that fill tables: CREATE FLOW .. AS, AUTO CDC (APPLY CHANGES)
// and MIRROR. As TokenCursor: a mistake is one diagnostic and nullopt.

#include <optional>

#include "sql/statement.h"
#include "sql/token_cursor.h"

namespace smelt::sql {

// From the word FLOW on: name [COMMENT ..] AS ..
std::optional<CreateFlow> ParseCreateFlow(TokenCursor& cursor);

// APPLY CHANGES INTO .. or AUTO CDC INTO .. as a statement of its own.
std::optional<CreateFlow> ParseApplyChanges(TokenCursor& cursor);

// FROM .. KEYS .. up to the end of the statement.
std::optional<AutoCdcClause> ParseAutoCdc(TokenCursor& cursor);

}  // namespace smelt::sql
