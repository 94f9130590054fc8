#pragma once

// What is wrong with an expression that is well formed: each rule of the service that can be
// checked without an item. For expression_parser.cc.

#include <absl/status/status.h>

#include <array>
#include <string>
#include <string_view>

#include "dynamodb/value/expression_tree.h"

namespace smelt::dynamodb::internal {

// In the order in which the service reports them, whatever their order in the text.
enum class Fault {
  kRedundantParentheses,
  kUnknownFunction,
  kMisusedFunction,
  kReservedWord,
  kUndefinedPlaceholder,
  kOperandCount,
  kNotDistinct,
  kOperandType,
  kCount,
};

// Keeps the first fault of each kind.
class Faults {
 public:
  void Add(Fault fault, std::string message);
  absl::Status First() const;

  // The checks of a node whose operands stand, by its kind.
  void CheckFunction(const ConditionNode& node);
  void CheckComparison(const ConditionNode& node);
  void CheckBetween(const ConditionNode& node);
  void CheckIn(const ConditionNode& node);
  // A node where a truth value belongs: size() gives none.
  void CheckIsCondition(const ConditionNode& node);

 private:
  void CheckOperands(const ConditionNode& node, std::string_view name);
  void AddOperandType(std::string_view name, std::string_view type);

  std::array<std::string, static_cast<size_t>(Fault::kCount)> messages_;
};

}  // namespace smelt::dynamodb::internal
