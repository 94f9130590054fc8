#include "dynamodb/store/item_codec.h"

#include <cstdint>

#include "base/status.h"
#include "dynamodb/value/value_json.h"

namespace smelt::dynamodb::store {
namespace {

constexpr char kVersion = 1;

struct Encoder {
  std::string* out;

  void Count(size_t count) const {
    for (; count >= 0x80; count >>= 7) out->push_back(static_cast<char>(0x80 | (count & 0x7f)));
    out->push_back(static_cast<char>(count));
  }
  void Bytes(std::string_view bytes) const {
    Count(bytes.size());
    out->append(bytes);
  }
  void Typed(const Value& value) const {
    out->push_back(static_cast<char>(value.type()));
    std::visit(*this, value.data());
  }

  void operator()(const Null&) const {}
  void operator()(bool value) const { out->push_back(value ? 1 : 0); }
  void operator()(const std::string& text) const { Bytes(text); }
  void operator()(const Number& number) const { Bytes(number.EncodeOrdered()); }
  void operator()(const Binary& binary) const { Bytes(binary.bytes); }
  void operator()(const List& list) const {
    Count(list.size());
    for (const Value& element : list) Typed(element);
  }
  void operator()(const Map& map) const {
    Count(map.size());
    for (const auto& [name, value] : map) {
      Bytes(name);
      Typed(value);
    }
  }
  template <typename Element>
  void operator()(const std::set<Element>& set) const {
    Count(set.size());
    for (const Element& element : set) (*this)(element);
  }
  void operator()(const StringSet& set) const {
    Count(set.size());
    for (const std::string& element : set) Bytes(element);
  }
};

class Decoder {
 public:
  explicit Decoder(std::string_view rest) : rest_(rest) {}

  absl::StatusOr<Item> Whole() {
    if (rest_.empty() || rest_.front() != kVersion) return Corrupt();
    rest_.remove_prefix(1);
    SMELT_ASSIGN_OR_RETURN(Item item, Members(0));
    if (!rest_.empty()) return Corrupt();
    return item;
  }

 private:
  absl::StatusOr<Map> Members(int depth) {
    Map map;
    SMELT_ASSIGN_OR_RETURN(const size_t count, Count());
    for (size_t i = 0; i < count; ++i) {
      SMELT_ASSIGN_OR_RETURN(const std::string_view name, Bytes());
      SMELT_ASSIGN_OR_RETURN(Value value, Typed(depth));
      map.emplace_hint(map.end(), name, std::move(value));
    }
    return map;
  }

  // `depth` counts the lists and maps around the value.
  absl::StatusOr<Value> Typed(int depth) {
    if (rest_.empty() || depth > kMaxNesting) return Corrupt();
    const auto type = static_cast<ValueType>(rest_.front());
    rest_.remove_prefix(1);
    switch (type) {
      case ValueType::kNull:
        return Value();
      case ValueType::kBool: {
        if (rest_.empty()) return Corrupt();
        const bool value = rest_.front() != 0;
        rest_.remove_prefix(1);
        return Value(value);
      }
      case ValueType::kString: {
        SMELT_ASSIGN_OR_RETURN(const std::string_view text, Bytes());
        return Value(text);
      }
      case ValueType::kNumber: {
        SMELT_ASSIGN_OR_RETURN(const Number number, OneNumber());
        return Value(number);
      }
      case ValueType::kBinary: {
        SMELT_ASSIGN_OR_RETURN(const std::string_view bytes, Bytes());
        return Value(Binary{std::string(bytes)});
      }
      case ValueType::kList: {
        List list;
        SMELT_ASSIGN_OR_RETURN(const size_t count, Count());
        for (size_t i = 0; i < count; ++i) {
          SMELT_ASSIGN_OR_RETURN(Value element, Typed(depth + 1));
          list.push_back(std::move(element));
        }
        return Value(std::move(list));
      }
      case ValueType::kMap: {
        SMELT_ASSIGN_OR_RETURN(Map map, Members(depth + 1));
        return Value(std::move(map));
      }
      case ValueType::kStringSet: {
        StringSet set;
        SMELT_ASSIGN_OR_RETURN(const size_t count, Count());
        for (size_t i = 0; i < count; ++i) {
          SMELT_ASSIGN_OR_RETURN(const std::string_view element, Bytes());
          set.emplace_hint(set.end(), element);
        }
        return Value(std::move(set));
      }
      case ValueType::kNumberSet: {
        NumberSet set;
        SMELT_ASSIGN_OR_RETURN(const size_t count, Count());
        for (size_t i = 0; i < count; ++i) {
          SMELT_ASSIGN_OR_RETURN(const Number element, OneNumber());
          set.insert(set.end(), element);
        }
        return Value(std::move(set));
      }
      case ValueType::kBinarySet: {
        BinarySet set;
        SMELT_ASSIGN_OR_RETURN(const size_t count, Count());
        for (size_t i = 0; i < count; ++i) {
          SMELT_ASSIGN_OR_RETURN(const std::string_view element, Bytes());
          set.insert(set.end(), Binary{std::string(element)});
        }
        return Value(std::move(set));
      }
    }
    return Corrupt();
  }

  absl::StatusOr<Number> OneNumber() {
    SMELT_ASSIGN_OR_RETURN(const std::string_view bytes, Bytes());
    absl::StatusOr<Number> number = Number::DecodeOrdered(bytes);
    if (!number.ok()) return Corrupt();
    return number;
  }

  absl::StatusOr<std::string_view> Bytes() {
    SMELT_ASSIGN_OR_RETURN(const size_t size, Count());
    if (size > rest_.size()) return Corrupt();
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  absl::StatusOr<size_t> Count() {
    uint64_t count = 0;
    for (int shift = 0; shift < 35 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      count |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return count;
    }
    return Corrupt();
  }

  static absl::Status Corrupt() {
    return base::DataLoss("an item of the store is damaged, or of a version that is not known");
  }

  std::string_view rest_;
};

}  // namespace

void EncodeItem(const Item& item, std::string* out) {
  out->assign(1, kVersion);
  Encoder{out}(item);
}

absl::StatusOr<Item> DecodeItem(std::string_view bytes) { return Decoder(bytes).Whole(); }

}  // namespace smelt::dynamodb::store
