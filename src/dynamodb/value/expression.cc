#include "dynamodb/value/expression.h"

#include <algorithm>
#include <compare>

#include "base/check.h"
#include "base/status.h"
#include "dynamodb/value/expression_tree.h"

namespace smelt::dynamodb {

using internal::Comparator;
using internal::CompareScalars;
using internal::ConditionNode;
using internal::Function;
using internal::NodeKind;

namespace {

// An operand's value; of size() a computed one. Null where the item has no such attribute, or
// size() does not apply.
class OperandValue {
 public:
  OperandValue(const ConditionNode& node, const Item& item) {
    if (node.kind == NodeKind::kValue) value_ = &node.value;
    if (node.kind == NodeKind::kPath) value_ = Resolve(item, node.path);
    if (node.kind == NodeKind::kFunction) ComputeSize(OperandValue(node.args[0], item).get());
  }
  OperandValue(const OperandValue&) = delete;
  OperandValue& operator=(const OperandValue&) = delete;

  const Value* get() const { return value_; }

 private:
  void ComputeSize(const Value* of) {
    if (of == nullptr) return;
    size_t size = 0;
    switch (of->type()) {
      case ValueType::kString:
        size = of->string().size();
        break;
      case ValueType::kBinary:
        size = of->binary().size();
        break;
      case ValueType::kList:
        size = of->list().size();
        break;
      case ValueType::kMap:
        size = of->map().size();
        break;
      case ValueType::kStringSet:
        size = of->string_set().size();
        break;
      case ValueType::kNumberSet:
        size = of->number_set().size();
        break;
      case ValueType::kBinarySet:
        size = of->binary_set().size();
        break;
      default:
        return;
    }
    computed_ = Value(Number(static_cast<int64_t>(size)));
    value_ = &computed_;
  }

  const Value* value_ = nullptr;
  Value computed_;
};

bool IsOrdered(const Value& value) {
  return value.is(ValueType::kString) || value.is(ValueType::kNumber) ||
         value.is(ValueType::kBinary);
}

bool AreEqual(const Value* a, const Value* b) { return a != nullptr && b != nullptr && *a == *b; }

// Values of different types, and types without an order, compare as neither less nor greater.
bool InOrder(const Value* a, Comparator comparator, const Value* b) {
  if (a == nullptr || b == nullptr || a->type() != b->type() || !IsOrdered(*a)) return false;
  const int order = CompareScalars(*a, *b);
  switch (comparator) {
    case Comparator::kLess:
      return order < 0;
    case Comparator::kLessOrEqual:
      return order <= 0;
    case Comparator::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

bool BeginsWith(const Value* value, const Value* prefix) {
  if (value == nullptr || prefix == nullptr || value->type() != prefix->type()) return false;
  if (value->is(ValueType::kString)) return value->string().starts_with(prefix->string());
  return value->is(ValueType::kBinary) && value->binary().starts_with(prefix->binary());
}

bool Contains(const Value* value, const Value* part) {
  if (value == nullptr || part == nullptr) return false;
  switch (value->type()) {
    case ValueType::kString:
      return part->is(ValueType::kString) &&
             value->string().find(part->string()) != std::string::npos;
    case ValueType::kBinary:
      return part->is(ValueType::kBinary) &&
             value->binary().find(part->binary()) != std::string::npos;
    case ValueType::kStringSet:
      return part->is(ValueType::kString) && value->string_set().contains(part->string());
    case ValueType::kNumberSet:
      return part->is(ValueType::kNumber) && value->number_set().contains(part->number());
    case ValueType::kBinarySet:
      return part->is(ValueType::kBinary) && value->binary_set().contains(Binary{part->binary()});
    case ValueType::kList:
      return std::find(value->list().begin(), value->list().end(), *part) != value->list().end();
    default:
      return false;
  }
}

bool FunctionHolds(const ConditionNode& node, const Item& item) {
  const OperandValue first(node.args[0], item);
  switch (node.function) {
    case Function::kAttributeExists:
      return first.get() != nullptr;
    case Function::kAttributeNotExists:
      return first.get() == nullptr;
    case Function::kAttributeType:
      return first.get() != nullptr && TypeName(first.get()->type()) == node.args[1].value.string();
    case Function::kBeginsWith:
      return BeginsWith(first.get(), OperandValue(node.args[1], item).get());
    case Function::kContains:
      return Contains(first.get(), OperandValue(node.args[1], item).get());
    case Function::kSize:
      break;
  }
  SMELT_CHECK(false, "size() is no condition");
  return false;
}

bool ComparisonHolds(const ConditionNode& node, const Item& item) {
  const OperandValue left(node.args[0], item);
  const OperandValue right(node.args[1], item);
  if (node.comparator == Comparator::kEqual) return AreEqual(left.get(), right.get());
  // An attribute that is not there differs from every value.
  if (node.comparator == Comparator::kNotEqual) return !AreEqual(left.get(), right.get());
  return InOrder(left.get(), node.comparator, right.get());
}

bool NodeHolds(const ConditionNode& node, const Item& item) {
  const auto holds = [&](const ConditionNode& arg) { return NodeHolds(arg, item); };
  switch (node.kind) {
    case NodeKind::kAnd:
      return std::all_of(node.args.begin(), node.args.end(), holds);
    case NodeKind::kOr:
      return std::any_of(node.args.begin(), node.args.end(), holds);
    case NodeKind::kNot:
      return !holds(node.args[0]);
    case NodeKind::kFunction:
      return FunctionHolds(node, item);
    case NodeKind::kCompare:
      return ComparisonHolds(node, item);
    case NodeKind::kBetween: {
      const OperandValue value(node.args[0], item);
      return InOrder(value.get(), Comparator::kGreaterOrEqual,
                     OperandValue(node.args[1], item).get()) &&
             InOrder(value.get(), Comparator::kLessOrEqual, OperandValue(node.args[2], item).get());
    }
    case NodeKind::kIn: {
      const OperandValue value(node.args[0], item);
      return std::any_of(node.args.begin() + 1, node.args.end(), [&](const ConditionNode& arg) {
        return AreEqual(value.get(), OperandValue(arg, item).get());
      });
    }
    case NodeKind::kPath:
    case NodeKind::kValue:
      break;
  }
  SMELT_CHECK(false, "an operand is no condition");
  return false;
}

void CollectNames(const ConditionNode& node, std::set<std::string>* names) {
  if (node.kind == NodeKind::kPath) names->insert(std::get<std::string>(node.path.front()));
  for (const ConditionNode& arg : node.args) CollectNames(arg, names);
}

// Joined as the service lists placeholders: "#a, #b".
template <typename Map>
std::string Unused(const Map& given, const std::set<std::string>& used) {
  std::string out;
  for (const auto& [name, value] : given) {
    if (used.contains(name)) continue;
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

}  // namespace

const std::string* Placeholders::UseName(const std::string& placeholder) {
  const auto found = names_.find(placeholder);
  if (found == names_.end()) return nullptr;
  used_names_.insert(placeholder);
  return &found->second;
}

const Value* Placeholders::UseValue(const std::string& placeholder) {
  const auto found = values_.find(placeholder);
  if (found == values_.end()) return nullptr;
  used_values_.insert(placeholder);
  return &found->second;
}

absl::Status Placeholders::CheckAllUsed() const {
  if (const std::string names = Unused(names_, used_names_); !names.empty()) {
    return base::InvalidArgument(
        "Value provided in ExpressionAttributeNames unused in expressions: keys: {{{}}}", names);
  }
  if (const std::string values = Unused(values_, used_values_); !values.empty()) {
    return base::InvalidArgument(
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {{{}}}", values);
  }
  return absl::OkStatus();
}

absl::StatusOr<Condition> Condition::Compile(std::string_view parameter, std::string_view text,
                                             Placeholders* placeholders) {
  absl::StatusOr<ConditionNode> root = internal::ParseCondition(text, placeholders);
  if (!root.ok()) return base::Annotate(root.status(), "Invalid {}", parameter);
  return Condition(std::make_shared<const ConditionNode>(*std::move(root)));
}

bool Condition::Holds(const Item* item) const {
  static const Item* const kNothing = new Item();
  return NodeHolds(*root_, item == nullptr ? *kNothing : *item);
}

std::set<std::string> Condition::TopLevelNames() const {
  std::set<std::string> names;
  CollectNames(*root_, &names);
  return names;
}

int internal::CompareScalars(const Value& a, const Value& b) {
  if (a.is(ValueType::kString)) return a.string().compare(b.string());
  if (a.is(ValueType::kBinary)) return a.binary().compare(b.binary());
  const auto order = a.number() <=> b.number();
  return std::is_lt(order) ? -1 : std::is_gt(order) ? 1 : 0;
}

}  // namespace smelt::dynamodb
