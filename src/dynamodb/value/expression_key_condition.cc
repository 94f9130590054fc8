#include "base/status.h"
#include "dynamodb/value/expression.h"
#include "dynamodb/value/expression_tree.h"

namespace smelt::dynamodb {

using internal::Comparator;
using internal::ConditionNode;
using internal::Function;
using internal::NodeKind;

namespace {

// One attribute's condition, with the attribute on the left.
struct Single {
  std::string name;
  SortOperator op = SortOperator::kEqual;
  const Value* low = nullptr;
  const Value* high = nullptr;
};

absl::Status InvalidOperator(std::string_view name) {
  return base::InvalidArgument("Invalid operator used in KeyConditionExpression: {}", name);
}

absl::Status InvalidCondition(std::string_view why) {
  return base::InvalidArgument("Invalid condition in KeyConditionExpression: {}", why);
}

SortOperator OperatorOf(Comparator comparator, bool is_flipped) {
  switch (comparator) {
    case Comparator::kLess:
      return is_flipped ? SortOperator::kGreater : SortOperator::kLess;
    case Comparator::kLessOrEqual:
      return is_flipped ? SortOperator::kGreaterOrEqual : SortOperator::kLessOrEqual;
    case Comparator::kGreater:
      return is_flipped ? SortOperator::kLess : SortOperator::kGreater;
    case Comparator::kGreaterOrEqual:
      return is_flipped ? SortOperator::kLessOrEqual : SortOperator::kGreaterOrEqual;
    default:
      return SortOperator::kEqual;
  }
}

absl::Status CheckOperator(const ConditionNode& node) {
  switch (node.kind) {
    case NodeKind::kOr:
      return InvalidOperator("OR");
    case NodeKind::kNot:
      return InvalidOperator("NOT");
    case NodeKind::kIn:
      return InvalidOperator("IN");
    case NodeKind::kCompare:
      return node.comparator == Comparator::kNotEqual ? InvalidOperator("<>") : absl::OkStatus();
    case NodeKind::kFunction:
      if (node.function == Function::kBeginsWith) return absl::OkStatus();
      return InvalidOperator(NameOf(node.function));
    default:
      return absl::OkStatus();
  }
}

absl::StatusOr<Single> SingleOf(const ConditionNode& node) {
  SMELT_RETURN_IF_ERROR(CheckOperator(node));
  const ConditionNode* attribute = nullptr;
  for (const ConditionNode& operand : node.args) {
    if (operand.kind == NodeKind::kFunction) {
      return base::InvalidArgument("KeyConditionExpressions cannot contain nested operations");
    }
    if (operand.kind != NodeKind::kPath) continue;
    if (attribute != nullptr) {
      return InvalidCondition("Multiple attribute names used in one condition");
    }
    if (operand.path.size() > 1) {
      return base::InvalidArgument(
          "KeyConditionExpressions cannot have conditions on nested attributes");
    }
    attribute = &operand;
  }
  if (attribute == nullptr) return InvalidCondition("No key attribute specified");
  const bool is_first = attribute == &node.args[0];
  Single single{.name = std::get<std::string>(attribute->path.front())};
  switch (node.kind) {
    case NodeKind::kBetween:
      if (!is_first) {
        return InvalidCondition(
            "BETWEEN operator must have the key attribute as its first operand");
      }
      single.op = SortOperator::kBetween;
      single.high = &node.args[2].value;
      break;
    case NodeKind::kFunction:
      if (!is_first) {
        return InvalidCondition(
            "begins_with operator must have the key attribute as its first operand");
      }
      single.op = SortOperator::kBeginsWith;
      break;
    default:
      single.op = OperatorOf(node.comparator, !is_first);
  }
  single.low = &node.args[is_first ? 1 : 0].value;
  return single;
}

absl::Status AddSingles(const ConditionNode& node, std::vector<Single>* singles) {
  if (node.kind == NodeKind::kAnd) {
    for (const ConditionNode& arg : node.args) SMELT_RETURN_IF_ERROR(AddSingles(arg, singles));
    return absl::OkStatus();
  }
  SMELT_ASSIGN_OR_RETURN(Single single, SingleOf(node));
  for (const Single& other : *singles) {
    if (other.name == single.name) {
      return base::InvalidArgument(
          "KeyConditionExpressions must only contain one condition per key");
    }
  }
  singles->push_back(std::move(single));
  return absl::OkStatus();
}

const Single* Find(const std::vector<Single>& singles, const std::string& name) {
  for (const Single& single : singles) {
    if (single.name == name) return &single;
  }
  return nullptr;
}

// The operand is a key value: of the key's type, not empty where it must be met exactly, and not
// too long.
absl::Status CheckOperand(const KeyAttribute& attribute, const Value& value, bool is_partition) {
  if (!value.is(attribute.type)) {
    return base::InvalidArgument(
        "One or more parameter values were invalid: Condition parameter type does not match schema "
        "type");
  }
  const std::string* bytes = value.is(ValueType::kString)   ? &value.string()
                             : value.is(ValueType::kBinary) ? &value.binary()
                                                            : nullptr;
  if (bytes == nullptr) return absl::OkStatus();
  if (bytes->empty()) {
    return base::InvalidArgument(
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
        "contain an empty {} value. Key: {}",
        value.is(ValueType::kString) ? "string" : "binary", attribute.name);
  }
  if (is_partition && bytes->size() > kMaxPartitionKeySizeBytes) {
    return base::InvalidArgument(
        "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size "
        "limit of{} bytes",
        kMaxPartitionKeySizeBytes);
  }
  if (!is_partition && bytes->size() > kMaxSortKeySizeBytes) {
    return base::InvalidArgument(
        "One or more parameter values were invalid: Aggregated size of all range keys has exceeded "
        "the size limit of {} bytes",
        kMaxSortKeySizeBytes);
  }
  return absl::OkStatus();
}

absl::Status MissedElement(const std::string& name) {
  return base::InvalidArgument("Query condition missed key schema element: {}", name);
}

}  // namespace

absl::StatusOr<KeyCondition> KeyCondition::Compile(const KeySchema& schema, std::string_view text,
                                                   Placeholders* placeholders) {
  const absl::StatusOr<ConditionNode> root = internal::ParseCondition(text, placeholders);
  if (!root.ok()) return base::Annotate(root.status(), "Invalid KeyConditionExpression");
  std::vector<Single> singles;
  SMELT_RETURN_IF_ERROR(AddSingles(*root, &singles));
  if (singles.size() > 2) return base::InvalidArgument("Conditions can be of length 1 or 2 only");

  const Single* partition = Find(singles, schema.partition.name);
  if (partition == nullptr) return MissedElement(schema.partition.name);
  if (partition->op != SortOperator::kEqual) {
    return base::InvalidArgument("Query key condition not supported");
  }
  SMELT_RETURN_IF_ERROR(CheckOperand(schema.partition, *partition->low, true));
  KeyCondition condition{.partition = *partition->low};
  if (singles.size() == 1) return condition;

  if (!schema.sort) return base::InvalidArgument("Query key condition not supported");
  const Single* sort = Find(singles, schema.sort->name);
  if (sort == nullptr) return MissedElement(schema.sort->name);
  SMELT_RETURN_IF_ERROR(CheckOperand(*schema.sort, *sort->low, false));
  if (sort->high != nullptr) SMELT_RETURN_IF_ERROR(CheckOperand(*schema.sort, *sort->high, false));
  condition.sort = Sort{.op = sort->op, .low = *sort->low};
  if (sort->high != nullptr) condition.sort->high = *sort->high;
  return condition;
}

}  // namespace smelt::dynamodb
