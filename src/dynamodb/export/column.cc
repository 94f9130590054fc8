#include "dynamodb/export/column.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace smelt::dynamodb {

namespace {

using base::TypeKind;

size_t WidthBytes(const base::DataType& type) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kByte:
      return 1;
    case TypeKind::kShort:
      return 2;
    case TypeKind::kInteger:
    case TypeKind::kDate:
    case TypeKind::kFloat:
      return 4;
    case TypeKind::kLong:
    case TypeKind::kTimestamp:
    case TypeKind::kDouble:
      return 8;
    case TypeKind::kDecimal:
      return type.precision() <= 4    ? 2
             : type.precision() <= 9  ? 4
             : type.precision() <= 18 ? 8
                                      : 16;
    case TypeKind::kString:
    case TypeKind::kBinary:
      return sizeof(TextRef);
    case TypeKind::kArray:
    case TypeKind::kMap:
      return sizeof(ListRange);
    case TypeKind::kStruct:
      return 0;
    default:
      SMELT_CHECK(false, "no column of type {}", type.ToString());
      return 0;
  }
}

}  // namespace

Column::Column(const base::DataType& type) : type_(type), width_bytes_(WidthBytes(type)) {
  if (type.is(TypeKind::kArray)) children_.emplace_back(type.element());
  if (type.is(TypeKind::kMap)) {
    children_.emplace_back(type.key());
    children_.emplace_back(type.value());
  }
  if (type.is(TypeKind::kStruct)) {
    for (const base::Field& field : type.fields()) children_.emplace_back(field.type);
  }
}

void Column::Grow() {
  const size_t capacity = std::max<size_t>(2048, capacity_ * 2);
  auto valid = std::make_unique_for_overwrite<uint8_t[]>(capacity);
  if (size_ > 0) std::memcpy(valid.get(), valid_.get(), size_);
  valid_ = std::move(valid);
  if (width_bytes_ > 0) {
    auto data = std::make_unique_for_overwrite<std::byte[]>(capacity * width_bytes_);
    if (size_ > 0) std::memcpy(data.get(), data_.get(), size_ * width_bytes_);
    data_ = std::move(data);
  }
  capacity_ = capacity;
}

void Column::AppendNull() {
  Reserve();
  if (type_.is(TypeKind::kStruct)) {
    for (Column& child : children_) child.AppendNull();
  } else if (type_.is(TypeKind::kArray) || type_.is(TypeKind::kMap)) {
    reinterpret_cast<ListRange*>(data_.get())[size_] = {children_[0].size(), 0};
  }
  ++null_count_;
  valid_[size_++] = 0;
}

void Column::Truncate(size_t size) {
  if (size < size_) {
    null_count_ = size == 0 ? 0
                            : null_count_ - static_cast<size_t>(std::count(
                                                valid_.get() + size, valid_.get() + size_, 0));
    size_ = size;
  }
  size_t child_size = size;
  if (type_.is(TypeKind::kArray) || type_.is(TypeKind::kMap)) {
    child_size = 0;
    if (size_ > 0) {
      const ListRange last = at<ListRange>(size_ - 1);
      child_size = last.offset + last.length;
    }
  }
  for (Column& child : children_) child.Truncate(child_size);
}

}  // namespace smelt::dynamodb
