#pragma once

// Replaces ${key} in a SQL file by values of the pipeline's configuration, as Databricks does: as
// text, within string literals and outside of them, not in comments. `SET key = value;` gives a key
// its value for the rest of the file.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sql/diagnostic.h"
#include "sql/source.h"

namespace smelt::pipeline {

// The text with its parameters replaced; positions in it are those of `source`. Unknown keys become
// diagnostics.
std::shared_ptr<const sql::SourceText> ReplaceParameters(
    const std::shared_ptr<const sql::SourceText>& source, std::map<std::string, std::string> values,
    std::vector<sql::Diagnostic>* diagnostics);

}  // namespace smelt::pipeline
