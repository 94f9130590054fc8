#pragma once

// An item as the bytes of its row. The format, version 1:
//   item   = 0x01 map
//   map    = count (name value)*            lists and sets: count element*
//   name, string, binary = length bytes     number: length and Number::EncodeOrdered
//   value  = one byte, the index of its ValueType, then its content (NULL: nothing; BOOL: one byte)
// Counts and lengths are LEB128. A reader refuses a version that it does not know.

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "dynamodb/value/value.h"

namespace smelt::dynamodb::store {

// Replaces `out`.
void EncodeItem(const Item& item, std::string* out);

// kDataLoss where the bytes are no item.
absl::StatusOr<Item> DecodeItem(std::string_view bytes);

}  // namespace smelt::dynamodb::store
