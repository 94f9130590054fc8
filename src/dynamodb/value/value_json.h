#pragma once

// The wire form: {"S":"a"}, {"N":"1.5"}, {"B":"<base64>"}, {"SS":[..]}, {"M":{..}}, ..
//
// Errors carry the service's own text. kInvalidArgument is its ValidationException; kOutOfRange its
// SerializationException (the JSON itself is of the wrong shape: {"S":5}).

#include <absl/status/statusor.h>

#include <string>

#include "base/json.h"
#include "dynamodb/value/value.h"

namespace smelt::dynamodb {

// How deep lists and maps may nest in an item.
inline constexpr int kMaxNesting = 32;

absl::StatusOr<Value> ValueFromJson(const base::Json& json);
// An object of attribute names to values.
absl::StatusOr<Item> ItemFromJson(const base::Json& json);
// The same from text, for what arrives as a string.
absl::StatusOr<Item> ItemFromText(std::string_view text);

base::Json ToJson(const Value& value);
base::Json ToJson(const Item& item);

// Compact text appended to `out`, without building a tree; keys in byte order, so equal items give
// equal text.
void AppendJson(const Value& value, std::string* out);
void AppendJson(const Item& item, std::string* out);
std::string ToText(const Item& item);

// `text` as a JSON string with its quotes. Bytes that are not UTF-8 are passed on as they are.
void AppendJsonString(std::string_view text, std::string* out);

}  // namespace smelt::dynamodb
