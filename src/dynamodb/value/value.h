#pragma once

// Value and Item: DynamoDB's data as the service sees it, all ten types, numbers with all their
// digits. Plain values: copied deeply, compared by content, sets without regard to order.
// Thread-safe as ints are.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "dynamodb/value/number.h"

namespace smelt::dynamodb {

// In the order of Value's alternatives.
enum class ValueType {
  kNull,
  kBool,
  kString,
  kNumber,
  kBinary,
  kList,
  kMap,
  kStringSet,
  kNumberSet,
  kBinarySet,
};

// "NULL", "BOOL", "S", "N", "B", "L", "M", "SS", "NS", "BS".
std::string_view TypeName(ValueType type);

struct Null {
  friend auto operator<=>(const Null&, const Null&) = default;
};

struct Binary {
  std::string bytes;
  friend auto operator<=>(const Binary&, const Binary&) = default;
};

class Value;
using List = std::vector<Value>;
using Map = std::map<std::string, Value, std::less<>>;
using StringSet = std::set<std::string, std::less<>>;
using NumberSet = std::set<Number>;
using BinarySet = std::set<Binary>;

class Value {
 public:
  using Data = std::variant<Null, bool, std::string, Number, Binary, List, Map, StringSet,
                            NumberSet, BinarySet>;

  Value() = default;  // NULL
  explicit Value(bool value) : data_(value) {}
  explicit Value(std::string value) : data_(std::move(value)) {}
  explicit Value(std::string_view value) : data_(std::string(value)) {}
  explicit Value(const char* value) : data_(std::string(value)) {}
  explicit Value(Number value) : data_(value) {}
  explicit Value(Binary value) : data_(std::move(value)) {}
  explicit Value(List value) : data_(std::move(value)) {}
  explicit Value(Map value) : data_(std::move(value)) {}
  explicit Value(StringSet value) : data_(std::move(value)) {}
  explicit Value(NumberSet value) : data_(std::move(value)) {}
  explicit Value(BinarySet value) : data_(std::move(value)) {}

  ValueType type() const { return static_cast<ValueType>(data_.index()); }
  bool is(ValueType type) const { return this->type() == type; }
  bool is_null() const { return is(ValueType::kNull); }

  // The value as what it is; it must be that.
  bool boolean() const { return std::get<bool>(data_); }
  const std::string& string() const { return std::get<std::string>(data_); }
  const Number& number() const { return std::get<Number>(data_); }
  const std::string& binary() const { return std::get<Binary>(data_).bytes; }
  const List& list() const { return std::get<List>(data_); }
  List& list() { return std::get<List>(data_); }
  const Map& map() const { return std::get<Map>(data_); }
  Map& map() { return std::get<Map>(data_); }
  const StringSet& string_set() const { return std::get<StringSet>(data_); }
  const NumberSet& number_set() const { return std::get<NumberSet>(data_); }
  const BinarySet& binary_set() const { return std::get<BinarySet>(data_); }
  const Data& data() const { return data_; }

  friend bool operator==(const Value& a, const Value& b);

 private:
  Data data_;
};

// An item: attribute name -> value, in byte order of the names.
using Item = Map;

}  // namespace smelt::dynamodb
