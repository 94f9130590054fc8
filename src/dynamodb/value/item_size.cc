#include "dynamodb/value/item_size.h"

#include "base/status.h"

namespace smelt::dynamodb {

namespace {

// One byte for every two significant digits, one more, and one for a minus sign.
int64_t NumberSizeBytes(const Number& number) {
  if (number.is_zero()) return 1;
  return 1 + (number.digits() + 1) / 2 + (number.is_negative() ? 1 : 0);
}

constexpr int64_t kContainerSizeBytes = 3;  // of a list or map, full or empty
constexpr int64_t kMemberSizeBytes = 1;     // of each element or pair in it

struct Sizer {
  int64_t operator()(const Null&) const { return 1; }
  int64_t operator()(bool) const { return 1; }
  int64_t operator()(const std::string& text) const { return static_cast<int64_t>(text.size()); }
  int64_t operator()(const Number& number) const { return NumberSizeBytes(number); }
  int64_t operator()(const Binary& binary) const {
    return static_cast<int64_t>(binary.bytes.size());
  }
  int64_t operator()(const List& list) const {
    int64_t size = kContainerSizeBytes;
    for (const Value& element : list) size += kMemberSizeBytes + SizeBytes(element);
    return size;
  }
  int64_t operator()(const Map& map) const {
    return kContainerSizeBytes + kMemberSizeBytes * static_cast<int64_t>(map.size()) +
           SizeBytes(map);
  }
  int64_t operator()(const StringSet& set) const { return SumOf(set); }
  int64_t operator()(const NumberSet& set) const { return SumOf(set); }
  int64_t operator()(const BinarySet& set) const { return SumOf(set); }

 private:
  template <typename Set>
  int64_t SumOf(const Set& set) const {
    int64_t size = 0;
    for (const auto& element : set) size += (*this)(element);
    return size;
  }
};

}  // namespace

int64_t SizeBytes(const Value& value) { return std::visit(Sizer(), value.data()); }

int64_t SizeBytes(const Item& item) {
  int64_t size = 0;
  for (const auto& [name, value] : item)
    size += static_cast<int64_t>(name.size()) + SizeBytes(value);
  return size;
}

absl::Status CheckItemSize(const Item& item) {
  if (SizeBytes(item) <= kMaxItemSizeBytes) return absl::OkStatus();
  return base::InvalidArgument("Item size has exceeded the maximum allowed size");
}

}  // namespace smelt::dynamodb
