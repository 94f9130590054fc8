#pragma once

// Spark's DDL types: "STRUCT<a: INT, b ARRAY<STRING>>", "DECIMAL(10,2)", and column lists such as
// schemaHints and from_json take: "a INT NOT NULL COMMENT 'x', b STRING".
// https://spark.apache.org/docs/latest/sql-ref-datatypes.html. Pure.

#include <absl/status/statusor.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/data_type.h"
#include "sql/diagnostic.h"
#include "sql/source.h"
#include "sql/token.h"

namespace smelt::sql {

absl::StatusOr<base::DataType> ParseType(std::string_view text);

// A column list, with or without STRUCT<..> around it.
absl::StatusOr<base::Schema> ParseSchema(std::string_view text);

// For parsers that meet a type among other tokens (CAST, column declarations): reads one that
// begins at tokens[*at] and moves *at behind it; on a mistake adds one diagnostic, returns nullopt
// and leaves *at at the token that is wrong. `tokens` ends with kEnd.
std::optional<base::DataType> ParseTypeTokens(const SourceText& source,
                                              const std::vector<Token>& tokens, size_t* at,
                                              std::vector<Diagnostic>* diagnostics);

}  // namespace smelt::sql
