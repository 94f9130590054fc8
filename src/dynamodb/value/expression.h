#pragma once

// DynamoDB's expressions, compiled: conditions and filters, projections, key conditions. Compiling
// checks all that can be checked without an item and says what is wrong in the service's own words
// (kInvalidArgument); evaluating cannot fail. Compiled expressions are immutable and own what they
// need: thread-safe, and cheap to share among thousands of writes. Source: Developer Guide, "Using
// expressions in DynamoDB".

#include <absl/status/statusor.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dynamodb/value/expression_path.h"
#include "dynamodb/value/key_schema.h"
#include "dynamodb/value/value.h"

namespace smelt::dynamodb {

// What a request gives for '#name' and ':value'. Remembers which of them its expressions used,
// since the service refuses a request that gives more. One request's; not thread-safe.
class Placeholders {
 public:
  Placeholders() = default;
  Placeholders(std::map<std::string, std::string> names, Item values)
      : names_(std::move(names)), values_(std::move(values)) {}

  // Null where it is not given; marks it as used.
  const std::string* UseName(const std::string& placeholder);
  const Value* UseValue(const std::string& placeholder);

  // Once all expressions of the request are compiled: "Value provided in ExpressionAttributeNames
  // unused in expressions: ..".
  absl::Status CheckAllUsed() const;

 private:
  std::map<std::string, std::string> names_;
  Item values_;
  std::set<std::string> used_names_;
  std::set<std::string> used_values_;
};

namespace internal {
struct ConditionNode;
}

// A ConditionExpression or FilterExpression.
class Condition {
 public:
  // `parameter` names it in errors: "ConditionExpression".
  static absl::StatusOr<Condition> Compile(std::string_view parameter, std::string_view text,
                                           Placeholders* placeholders);

  // Whether it holds for the item; where there is none, for an item without attributes.
  bool Holds(const Item* item) const;

  // The names of the top-level attributes that it looks at.
  std::set<std::string> TopLevelNames() const;

 private:
  explicit Condition(std::shared_ptr<const internal::ConditionNode> root)
      : root_(std::move(root)) {}

  std::shared_ptr<const internal::ConditionNode> root_;
};

// A ProjectionExpression.
class Projection {
 public:
  static absl::StatusOr<Projection> Compile(std::string_view text, Placeholders* placeholders);
  // Of plain top-level attribute names.
  static Projection OfNames(const std::vector<std::string>& names);

  // The parts of the item that the paths name; list elements close up.
  Item Apply(const Item& item) const;

 private:
  explicit Projection(std::vector<Path> paths) : paths_(std::move(paths)) {}

  std::vector<Path> paths_;
};

enum class SortOperator {
  kEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kBetween,
  kBeginsWith
};

// A KeyConditionExpression, bound to a table's key.
struct KeyCondition {
  struct Sort {
    SortOperator op = SortOperator::kEqual;
    Value low;   // the operand
    Value high;  // of kBetween, inclusive
  };
  Value partition;
  std::optional<Sort> sort;

  static absl::StatusOr<KeyCondition> Compile(const KeySchema& schema, std::string_view text,
                                              Placeholders* placeholders);
};

}  // namespace smelt::dynamodb
