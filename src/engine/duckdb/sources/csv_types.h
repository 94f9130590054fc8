#pragma once

// The types that Spark's CSV reader infers and accepts, as DuckDB SQL over columns of text: what to
// ask of all values of a column, the type that follows, and the conversion of one value. Pure.

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "base/data_type.h"
#include "base/json.h"

namespace smelt::duck {

// Aggregates over `column` (quoted), separated by commas; CsvTypeOf reads their values.
std::string CsvTypeQuestions(const std::string& column);
inline constexpr size_t kCsvTypeQuestionCount = 9;
base::DataType CsvTypeOf(const std::vector<base::OrderedJson>& answers);

// An expression that is `column` as `type`, and NULL where it does not fit. kUnimplemented for a
// type that no CSV value can have.
absl::StatusOr<std::string> CsvConversion(const std::string& column, const base::DataType& type);

}  // namespace smelt::duck
