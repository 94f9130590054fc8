#pragma once

// The type model that every room shares: Spark SQL's types, as Delta's schema strings and pipeline
// files name them. Values, cheap to copy (children are shared and immutable). Thread-safe once
// built.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace smelt::base {

enum class TypeKind {
  kNull,  // Spark's void: only ever NULL
  kBoolean,
  kByte,
  kShort,
  kInteger,
  kLong,
  kFloat,
  kDouble,
  kDecimal,
  kString,
  kBinary,
  kDate,
  kTimestamp,     // an instant, microseconds, shown in the session time zone
  kTimestampNtz,  // a wall-clock time without zone
  kInterval,
  kVariant,
  kArray,
  kMap,
  kStruct,
};

struct Field;

class DataType {
 public:
  DataType() = default;  // void
  // Any kind without parameters.
  explicit DataType(TypeKind kind);
  static DataType Decimal(int precision, int scale);
  static DataType Array(DataType element, bool contains_null = true);
  static DataType Map(DataType key, DataType value, bool value_contains_null = true);
  static DataType Struct(std::vector<Field> fields);

  TypeKind kind() const { return kind_; }
  bool is(TypeKind kind) const { return kind_ == kind; }
  bool is_nested() const { return kind_ >= TypeKind::kArray; }
  int precision() const { return precision_; }  // of a decimal: 1..38
  int scale() const { return scale_; }
  const DataType& element() const;                       // of an array
  const DataType& key() const;                           // of a map
  const DataType& value() const;                         // of a map
  const std::vector<Field>& fields() const;              // of a struct
  bool contains_null() const { return contains_null_; }  // array elements, map values

  // Spark's simpleString: "bigint", "decimal(10,2)", "array<struct<a:int>>".
  std::string ToString() const;

  friend bool operator==(const DataType& a, const DataType& b);

 private:
  TypeKind kind_ = TypeKind::kNull;
  int precision_ = 0;
  int scale_ = 0;
  bool contains_null_ = true;
  std::shared_ptr<const std::vector<Field>> children_;
};

// A column, or a member of a struct. Metadata values are JSON texts by key ("comment" -> "\"..\"").
struct Field {
  std::string name;
  DataType type;
  bool nullable = true;
  std::map<std::string, std::string> metadata;

  friend bool operator==(const Field& a, const Field& b) = default;
};

// A table's columns, in order.
using Schema = std::vector<Field>;

// The position of a column by name, without regard to case as Spark resolves it; nullopt where
// there is none.
std::optional<size_t> FindField(const Schema& schema, const std::string& name);

// "a INT, b STRUCT<c: STRING>": one line for messages.
std::string SchemaToString(const Schema& schema);

}  // namespace smelt::base
