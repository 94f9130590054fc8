#pragma once

// DynamoDB items as people write and read them: {"sales_date": "2011-01-01", "n": 5} instead of
// {"sales_date": {"S": ..}}. Pure.

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "cli/table_printer.h"
#include "dynamodb/value/key_schema.h"
#include "dynamodb/value/value.h"

namespace smelt::cli {

// A key from plain JSON, by the schema's types (B in base64), or from DynamoDB's own JSON. Numbers
// that JSON would round may be given as text. kInvalidArgument says what the key must look like.
absl::StatusOr<dynamodb::Item> ParseKey(const std::string& text, const dynamodb::KeySchema& schema);

// One value on one line: text and numbers as they are, B in base64, sets as {a, b}, lists and maps
// as JSON; NULL is "NULL".
std::string PlainText(const dynamodb::Value& value);

// One row an item: the key first, then the other attributes by name, typed where all items agree.
TableData ItemsAsTable(const dynamodb::KeySchema& schema, const std::vector<dynamodb::Item>& items);

}  // namespace smelt::cli
