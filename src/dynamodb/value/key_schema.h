#pragma once

// A table's key: one partition key attribute and perhaps a sort key, each S, N or B; and the checks
// and the byte encoding that the store and the publisher share. Errors are kInvalidArgument with
// the service's own message.

#include <absl/status/statusor.h>

#include <optional>
#include <string>

#include "dynamodb/value/value.h"

namespace smelt::dynamodb {

inline constexpr int kMaxPartitionKeySizeBytes = 2048;
inline constexpr int kMaxSortKeySizeBytes = 1024;

struct KeyAttribute {
  std::string name;
  ValueType type = ValueType::kString;  // kString, kNumber or kBinary

  friend bool operator==(const KeyAttribute&, const KeyAttribute&) = default;
};

struct KeySchema {
  KeyAttribute partition;
  std::optional<KeyAttribute> sort;

  friend bool operator==(const KeySchema&, const KeySchema&) = default;
};

// A key as bytes: memcmp order of `sort` is the service's order of sort keys; `sort` is empty where
// the schema has none.
struct EncodedKey {
  std::string partition;
  std::string sort;

  friend auto operator<=>(const EncodedKey&, const EncodedKey&) = default;
};

// One key value as bytes in the service's order (strings by UTF-8 bytes, numbers by value, binary
// as unsigned bytes).
std::string EncodeKeyValue(const Value& value);

// The key of an item that is to be put: present, of the right type, not empty, not too long.
absl::StatusOr<EncodedKey> KeyOfItem(const KeySchema& schema, const Item& item);
// A `Key` parameter: exactly the key's attributes.
absl::StatusOr<EncodedKey> KeyOfParameter(const KeySchema& schema, const Item& key);
// The item's key attributes alone; the item must have them.
Item ProjectKey(const KeySchema& schema, const Item& item);

}  // namespace smelt::dynamodb
