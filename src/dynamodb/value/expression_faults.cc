#include "dynamodb/value/expression_faults.h"

#include <optional>

#include "base/digest.h"
#include "base/status.h"

namespace smelt::dynamodb::internal {
namespace {

bool IsOrdered(ValueType type) {
  return type == ValueType::kString || type == ValueType::kNumber || type == ValueType::kBinary;
}

// The type of an operand that is known before there is an item.
std::optional<ValueType> StaticType(const ConditionNode& node) {
  if (node.kind == NodeKind::kValue) return node.value.type();
  if (node.kind == NodeKind::kFunction && node.function == Function::kSize) {
    return ValueType::kNumber;
  }
  return std::nullopt;
}

size_t OperandCount(Function function) {
  switch (function) {
    case Function::kAttributeType:
    case Function::kBeginsWith:
    case Function::kContains:
      return 2;
    default:
      return 1;
  }
}

// "{N:1}", as the service shows a literal.
std::string Literal(const Value& value) {
  std::string content;
  if (value.is(ValueType::kString)) content = value.string();
  if (value.is(ValueType::kNumber)) content = value.number().ToString();
  if (value.is(ValueType::kBinary)) content = base::Base64Encode(value.binary());
  return fmt::format("{{{}:{}}}", TypeName(value.type()), content);
}

bool IsTypeName(std::string_view name) {
  for (int type = 0; type <= static_cast<int>(ValueType::kBinarySet); ++type) {
    if (TypeName(static_cast<ValueType>(type)) == name) return true;
  }
  return false;
}

}  // namespace

void Faults::Add(Fault fault, std::string message) {
  std::string& first = messages_[static_cast<size_t>(fault)];
  if (first.empty()) first = std::move(message);
}

absl::Status Faults::First() const {
  for (const std::string& message : messages_) {
    if (!message.empty()) return base::InvalidArgument("{}", message);
  }
  return absl::OkStatus();
}

void Faults::AddOperandType(std::string_view name, std::string_view type) {
  Add(Fault::kOperandType,
      fmt::format("Incorrect operand type for operator or function; operator or function: {}, "
                  "operand type: {}",
                  name, type));
}

void Faults::CheckOperands(const ConditionNode& node, std::string_view name) {
  for (const ConditionNode& operand : node.args) {
    if (operand.kind == NodeKind::kFunction && operand.function != Function::kSize) {
      Add(Fault::kMisusedFunction,
          fmt::format(
              "The function is not allowed to be used this way in an expression; function: {}",
              NameOf(operand.function)));
    }
  }
  for (size_t i = 1; i < node.args.size(); ++i) {
    const ConditionNode& first = node.args[0];
    if (first.kind == NodeKind::kPath && node.args[i].kind == NodeKind::kPath &&
        first.path == node.args[i].path) {
      Add(Fault::kNotDistinct,
          fmt::format("The first operand must be distinct from the remaining operands for this "
                      "operator or function; operator: {}, first operand: {}",
                      name, Describe(first.path)));
    }
  }
}

void Faults::CheckFunction(const ConditionNode& node) {
  const std::string_view name = NameOf(node.function);
  if (node.args.size() != OperandCount(node.function)) {
    Add(Fault::kOperandCount,
        fmt::format("Incorrect number of operands for operator or function; operator or function: "
                    "{}, number of operands: {}",
                    name, node.args.size()));
    return;
  }
  CheckOperands(node, name);
  const std::optional<ValueType> first = StaticType(node.args[0]);
  switch (node.function) {
    case Function::kAttributeExists:
    case Function::kAttributeNotExists:
      if (node.args[0].kind != NodeKind::kPath) {
        Add(Fault::kOperandType,
            fmt::format("Operator or function requires a document path; operator or function: {}",
                        name));
      }
      return;
    case Function::kAttributeType: {
      const std::optional<ValueType> type = StaticType(node.args[1]);
      if (type != ValueType::kString) {
        AddOperandType(name, type ? TypeName(*type) : "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
      } else if (!IsTypeName(node.args[1].value.string())) {
        Add(Fault::kOperandType,
            fmt::format("Invalid attribute type name found; type: {}, valid types: "
                        "{{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}",
                        node.args[1].value.string()));
      }
      return;
    }
    case Function::kBeginsWith:
      for (const ConditionNode& operand : node.args) {
        const std::optional<ValueType> type = StaticType(operand);
        if (type && *type != ValueType::kString && *type != ValueType::kBinary) {
          AddOperandType(name, TypeName(*type));
        }
      }
      return;
    case Function::kSize:
      if (first == ValueType::kNumber || first == ValueType::kBool || first == ValueType::kNull) {
        AddOperandType(name, TypeName(*first));
      }
      return;
    case Function::kContains:
      return;
  }
}

void Faults::CheckComparison(const ConditionNode& node) {
  const std::string_view name = NameOf(node.comparator);
  CheckOperands(node, name);
  if (node.comparator == Comparator::kEqual || node.comparator == Comparator::kNotEqual) return;
  for (const ConditionNode& operand : node.args) {
    const std::optional<ValueType> type = StaticType(operand);
    if (type && !IsOrdered(*type)) AddOperandType(name, TypeName(*type));
  }
}

void Faults::CheckBetween(const ConditionNode& node) {
  CheckOperands(node, "BETWEEN");
  for (const ConditionNode& operand : node.args) {
    const std::optional<ValueType> type = StaticType(operand);
    if (type && !IsOrdered(*type)) AddOperandType("BETWEEN", TypeName(*type));
  }
  const ConditionNode& low = node.args[1];
  const ConditionNode& high = node.args[2];
  if (low.kind != NodeKind::kValue || high.kind != NodeKind::kValue) return;
  const char* fault = nullptr;
  if (low.value.type() != high.value.type()) {
    fault = "same data type for lower and upper bounds";
  } else if (IsOrdered(low.value.type()) && CompareScalars(low.value, high.value) > 0) {
    fault = "upper bound to be greater than or equal to lower bound";
  }
  if (fault == nullptr) return;
  Add(Fault::kOperandType,
      fmt::format(
          "The BETWEEN operator requires {}; lower bound operand: AttributeValue: {}, upper "
          "bound operand: AttributeValue: {}",
          fault, Literal(low.value), Literal(high.value)));
}

void Faults::CheckIn(const ConditionNode& node) {
  constexpr size_t kMaxCandidates = 100;
  CheckOperands(node, "IN");
  if (node.args.size() - 1 > kMaxCandidates) {
    Add(Fault::kOperandCount,
        fmt::format("Incorrect number of operands for operator or function; operator or function: "
                    "IN, number of operands: {}",
                    node.args.size() - 1));
  }
}

void Faults::CheckIsCondition(const ConditionNode& node) {
  if (node.kind == NodeKind::kFunction && node.function == Function::kSize) {
    Add(Fault::kMisusedFunction,
        "The function is not allowed to be used this way in an expression; function: size");
  }
}

}  // namespace smelt::dynamodb::internal
