#pragma once

// Document paths: "a.b[3].c", with '#name' already replaced. Values.

#include <string>
#include <variant>
#include <vector>

#include "dynamodb/value/value.h"

namespace smelt::dynamodb {

// A member's name, or an element's index.
using PathElement = std::variant<std::string, size_t>;
// Begins with a name.
using Path = std::vector<PathElement>;

// What the path leads to, or null where the item has no such thing. Valid as long as the item.
const Value* Resolve(const Item& item, const Path& path);

// As the service prints a path in its messages: "[a, b, [3], c]".
std::string Describe(const Path& path);

}  // namespace smelt::dynamodb
