#pragma once

// What an item weighs by the service's rules (Developer Guide, "DynamoDB item sizes and formats"):
// the measure of the 400 KB limit, of pages and of capacity units.

#include <absl/status/status.h>

#include <cstdint>

#include "dynamodb/value/value.h"

namespace smelt::dynamodb {

inline constexpr int64_t kMaxItemSizeBytes = 400 * 1024;

int64_t SizeBytes(const Value& value);
int64_t SizeBytes(const Item& item);  // names included

// kInvalidArgument with the service's message where the item is over 400 KB.
absl::Status CheckItemSize(const Item& item);

}  // namespace smelt::dynamodb
