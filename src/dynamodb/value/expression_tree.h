#pragma once

// A condition as a tree, and the parser that makes it. For expression*.cc. Plain data, immutable
// once parsed.

#include <absl/status/statusor.h>

#include <string_view>
#include <vector>

#include "dynamodb/value/expression.h"

namespace smelt::dynamodb::internal {

enum class NodeKind {
  kPath,
  kValue,
  kFunction,
  kCompare,
  kBetween,  // operand, low, high
  kIn,       // operand, candidates..
  kNot,
  kAnd,
  kOr,
};

enum class Function {
  kAttributeExists,
  kAttributeNotExists,
  kAttributeType,
  kBeginsWith,
  kContains,
  kSize,
};

enum class Comparator { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

struct ConditionNode {
  NodeKind kind = NodeKind::kPath;
  Path path;                                   // kPath
  Value value;                                 // kValue
  Function function = Function::kSize;         // kFunction
  Comparator comparator = Comparator::kEqual;  // kCompare
  std::vector<ConditionNode> args;             // of all the others
};

std::string_view NameOf(Function function);
std::string_view NameOf(Comparator comparator);  // "<="

// Errors are the service's, without the "Invalid FilterExpression: " before them.
absl::StatusOr<ConditionNode> ParseCondition(std::string_view text, Placeholders* placeholders);
// The paths of a ProjectionExpression, checked against each other.
absl::StatusOr<std::vector<Path>> ParsePaths(std::string_view text, Placeholders* placeholders);

// The order of two strings, numbers or binaries: negative, 0 or positive. They must be of one of
// these types, and the same.
int CompareScalars(const Value& a, const Value& b);

}  // namespace smelt::dynamodb::internal
