#include "dynamodb/export/attribute_shape.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "dynamodb/value/value_json.h"

namespace smelt::dynamodb {

using base::DataType;
using base::TypeKind;

MemberShapes::MemberShapes() = default;
MemberShapes::~MemberShapes() = default;
MemberShapes::MemberShapes(MemberShapes&&) noexcept = default;
MemberShapes& MemberShapes::operator=(MemberShapes&&) noexcept = default;

AttributeShape& MemberShapes::At(std::string_view name) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) return *shapes_[found->second];
  names_.push_back(std::make_unique<std::string>(name));
  shapes_.push_back(std::make_unique<AttributeShape>());
  by_name_.emplace(*names_.back(), names_.size() - 1);
  return *shapes_.back();
}

const AttributeShape& MemberShapes::shape(size_t position) const { return *shapes_[position]; }

bool MemberShapes::Add(ondemand::value object, int depth) {
  size_t next = 0;  // where the member is likely to be: items have theirs in one order
  return VisitMembers(object, [&](std::string_view key, ondemand::value value) {
    constexpr size_t kLookAhead = 4;
    for (size_t i = next; i < names_.size() && i < next + kLookAhead; ++i) {
      if (*names_[i] == key) {
        next = i + 1;
        return shapes_[i]->Add(value, depth);
      }
    }
    if (!HasEscape(key)) {
      AttributeShape& shape = At(key);
      next = by_name_.at(key) + 1;
      return shape.Add(value, depth);
    }
    const std::optional<std::string> name = UnescapedName(key);
    return name && At(*name).Add(value, depth);
  });
}

void MemberShapes::Merge(const MemberShapes& other) {
  for (size_t i = 0; i < other.size(); ++i) At(other.name(i)).Merge(other.shape(i));
}

std::vector<size_t> MemberShapes::Sorted() const {
  std::vector<size_t> order(names_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return *names_[a] < *names_[b]; });
  return order;
}

bool AttributeShape::Add(ondemand::value attribute, int depth) {
  return VisitTyped(attribute, [&](ValueType type, ondemand::value value) {
    const bool well_formed = AddTyped(type, value, depth);
    if (well_formed) ++counts_[static_cast<size_t>(type)];
    return well_formed;
  });
}

bool AttributeShape::AddTyped(ValueType type, ondemand::value value, int depth) {
  switch (type) {
    case ValueType::kString:
    case ValueType::kBinary:
      return QuotedText(value).has_value();
    case ValueType::kNumber: {
      const std::optional<std::string_view> text = QuotedText(value);
      if (text) numbers_.Add(*text);
      return text.has_value();
    }
    case ValueType::kNumberSet:
      return VisitElements(value, [&](ondemand::value element) {
        const std::optional<std::string_view> text = QuotedText(element);
        if (text) numbers_.Add(*text);
        return text.has_value();
      });
    case ValueType::kList:
      if (depth >= kMaxNesting) return false;
      if (!element_) element_ = std::make_unique<AttributeShape>();
      return VisitElements(
          value, [&](ondemand::value element) { return element_->Add(element, depth + 1); });
    case ValueType::kMap:
      return depth < kMaxNesting && AddMembers(value, depth + 1);
    default:
      return true;  // passed over; reading it finds out whether it is whole
  }
}

bool AttributeShape::AddMembers(ondemand::value value, int depth) {
  if (united_) {
    return VisitMembers(value, [&](std::string_view, ondemand::value member) {
      return united_->Add(member, depth);
    });
  }
  const bool well_formed = members_.Add(value, depth);
  if (members_.size() > kMaxStructMembers) Unite();
  return well_formed;
}

void AttributeShape::Unite() {
  if (!united_) united_ = std::make_unique<AttributeShape>();
  for (size_t i = 0; i < members_.size(); ++i) united_->Merge(members_.shape(i));
  members_ = MemberShapes();
}

void AttributeShape::Merge(const AttributeShape& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  numbers_.Merge(other.numbers_);
  if (other.element_) {
    if (!element_) element_ = std::make_unique<AttributeShape>();
    element_->Merge(*other.element_);
  }
  members_.Merge(other.members_);
  if (other.united_) {
    if (!united_) united_ = std::make_unique<AttributeShape>();
    united_->Merge(*other.united_);
  }
  if (united_ || members_.size() > kMaxStructMembers) Unite();
}

int64_t AttributeShape::count() const {
  return std::accumulate(counts_.begin(), counts_.end(), int64_t{0});
}

DataType AttributeShape::Type() const {
  constexpr std::array<ValueType, 9> kByPreference = {
      ValueType::kString,    ValueType::kNumber,    ValueType::kBool,
      ValueType::kBinary,    ValueType::kMap,       ValueType::kList,
      ValueType::kStringSet, ValueType::kNumberSet, ValueType::kBinarySet};
  const auto count = [&](ValueType type) { return counts_[static_cast<size_t>(type)]; };
  const ValueType kind =
      *std::max_element(kByPreference.begin(), kByPreference.end(),
                        [&](ValueType a, ValueType b) { return count(a) < count(b); });
  if (count(kind) == 0) return DataType(TypeKind::kString);
  switch (kind) {
    case ValueType::kNumber:
      return numbers_.Type();
    case ValueType::kBool:
      return DataType(TypeKind::kBoolean);
    case ValueType::kBinary:
      return DataType(TypeKind::kBinary);
    case ValueType::kList:
      return DataType::Array(element_->Type());
    case ValueType::kStringSet:
      return DataType::Array(DataType(TypeKind::kString));
    case ValueType::kNumberSet:
      return DataType::Array(numbers_.Type());
    case ValueType::kBinarySet:
      return DataType::Array(DataType(TypeKind::kBinary));
    case ValueType::kMap: {
      if (united_) return DataType::Map(DataType(TypeKind::kString), united_->Type());
      // A struct without members is nothing that a table can store.
      if (members_.size() == 0) {
        return DataType::Map(DataType(TypeKind::kString), DataType(TypeKind::kString));
      }
      std::vector<base::Field> fields;
      for (size_t position : members_.Sorted()) {
        base::Field field{members_.name(position), members_.shape(position).Type()};
        if (!base::FindField(fields, field.name)) fields.push_back(std::move(field));
      }
      return DataType::Struct(std::move(fields));
    }
    default:
      return DataType(TypeKind::kString);
  }
}

}  // namespace smelt::dynamodb
