#pragma once

// A row becomes an item. The engine hands cells in their plain C++ form; here is decided how
// DynamoDB holds them:
//
//   BOOLEAN -> BOOL; integers, decimals and floats -> N, without losing a digit (a double by its
//   shortest text that reads back the same); STRING -> S; BINARY -> B; DATE -> S "2026-01-02";
//   TIMESTAMP -> S "2026-01-02T03:04:05.678901Z", fraction only as long as needed; TIMESTAMP_NTZ
//   the same without Z; ARRAY -> L, a NULL element as NULL; STRUCT -> M without its NULL fields;
//   MAP -> M, keys as text, a NULL value as NULL. A NULL column is left out of the item.
//
// What DynamoDB cannot hold (NaN, infinity, a number out of its range, an item over 400 KB, an
// empty key) is kInvalidArgument naming column and key: never rounded, never dropped. Thread-safe
// but for ItemBuilder, which is one thread's.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "dynamodb/client/client.h"

namespace smelt::publish {

dynamodb::Value ValueFromBool(bool value);
dynamodb::Value ValueFromInteger(int64_t value);
absl::StatusOr<dynamodb::Value> ValueFromDouble(double value);
absl::StatusOr<dynamodb::Value> ValueFromFloat(float value);
// Any decimal text, "-12.50".
absl::StatusOr<dynamodb::Value> ValueFromDecimal(std::string_view text);
dynamodb::Value ValueFromString(std::string_view utf8);
dynamodb::Value ValueFromBinary(std::string_view bytes);
// Days since 1970-01-01.
dynamodb::Value ValueFromDate(int32_t days);
// Microseconds since 1970-01-01T00:00:00Z, or of the wall clock.
dynamodb::Value ValueFromTimestamp(int64_t micros);
dynamodb::Value ValueFromTimestampNtz(int64_t micros);

// One item, column by column.
class ItemBuilder {
 public:
  // `key` outlives the builder.
  explicit ItemBuilder(const dynamodb::KeySchema* key) : key_(key) {}

  // NULL columns are not set. A value that failed to convert is remembered for Finish to report.
  void Set(const std::string& column, absl::StatusOr<dynamodb::Value> value);

  // The item, checked: see CheckItem. The builder is empty again.
  absl::StatusOr<dynamodb::Item> Finish();

 private:
  const dynamodb::KeySchema* key_;
  dynamodb::Item item_;
  std::string failed_column_;
  absl::Status failure_;
};

// Everything that DynamoDB and the mirror ask of an item: key attributes there, of their type, not
// empty, not too long, not the control item's; no name under `_smelt_`; the size with the fence
// within 400 KB. Errors name the key.
absl::Status CheckItem(const dynamodb::KeySchema& key, const dynamodb::Item& item);
// The same of a key alone.
absl::Status CheckKey(const dynamodb::KeySchema& key, const dynamodb::Item& item);

// "sales_date='2026-01-02', slice='a#b'", with NULL for an attribute that is missing.
std::string DescribeKey(const dynamodb::KeySchema& key, const dynamodb::Item& item);

}  // namespace smelt::publish
