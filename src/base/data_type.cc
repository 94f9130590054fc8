#include "base/data_type.h"

#include <strings.h>

#include "base/check.h"

namespace smelt::base {
namespace {

const char* SimpleName(TypeKind kind) {
  switch (kind) {
    case TypeKind::kNull:
      return "void";
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kByte:
      return "tinyint";
    case TypeKind::kShort:
      return "smallint";
    case TypeKind::kInteger:
      return "int";
    case TypeKind::kLong:
      return "bigint";
    case TypeKind::kFloat:
      return "float";
    case TypeKind::kDouble:
      return "double";
    case TypeKind::kString:
      return "string";
    case TypeKind::kBinary:
      return "binary";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTimestamp:
      return "timestamp";
    case TypeKind::kTimestampNtz:
      return "timestamp_ntz";
    case TypeKind::kInterval:
      return "interval";
    case TypeKind::kVariant:
      return "variant";
    case TypeKind::kDecimal:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kStruct:
      break;
  }
  return "";
}

}  // namespace

DataType::DataType(TypeKind kind) : kind_(kind) {
  SMELT_CHECK(!is_nested() && kind != TypeKind::kDecimal, "this kind has parameters");
}

DataType DataType::Decimal(int precision, int scale) {
  SMELT_CHECK(precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision,
              "decimal({}, {})", precision, scale);
  DataType type;
  type.kind_ = TypeKind::kDecimal;
  type.precision_ = precision;
  type.scale_ = scale;
  return type;
}

DataType DataType::Array(DataType element, bool contains_null) {
  DataType type;
  type.kind_ = TypeKind::kArray;
  type.contains_null_ = contains_null;
  type.children_ = std::make_shared<std::vector<Field>>(
      std::vector<Field>{{"element", std::move(element), contains_null, {}}});
  return type;
}

DataType DataType::Map(DataType key, DataType value, bool value_contains_null) {
  DataType type;
  type.kind_ = TypeKind::kMap;
  type.contains_null_ = value_contains_null;
  type.children_ = std::make_shared<std::vector<Field>>(std::vector<Field>{
      {"key", std::move(key), false, {}}, {"value", std::move(value), value_contains_null, {}}});
  return type;
}

DataType DataType::Struct(std::vector<Field> fields) {
  DataType type;
  type.kind_ = TypeKind::kStruct;
  type.children_ = std::make_shared<std::vector<Field>>(std::move(fields));
  return type;
}

const DataType& DataType::element() const {
  SMELT_CHECK(kind_ == TypeKind::kArray);
  return (*children_)[0].type;
}

const DataType& DataType::key() const {
  SMELT_CHECK(kind_ == TypeKind::kMap);
  return (*children_)[0].type;
}

const DataType& DataType::value() const {
  SMELT_CHECK(kind_ == TypeKind::kMap);
  return (*children_)[1].type;
}

const std::vector<Field>& DataType::fields() const {
  SMELT_CHECK(kind_ == TypeKind::kStruct);
  return *children_;
}

std::string DataType::ToString() const {
  switch (kind_) {
    case TypeKind::kDecimal:
      return fmt::format("decimal({},{})", precision_, scale_);
    case TypeKind::kArray:
      return "array<" + element().ToString() + ">";
    case TypeKind::kMap:
      return "map<" + key().ToString() + "," + value().ToString() + ">";
    case TypeKind::kStruct: {
      std::string out = "struct<";
      for (const Field& field : fields()) {
        if (out.back() != '<') out += ',';
        out += field.name + ":" + field.type.ToString();
      }
      return out + ">";
    }
    default:
      return SimpleName(kind_);
  }
}

bool operator==(const DataType& a, const DataType& b) {
  if (a.kind_ != b.kind_ || a.precision_ != b.precision_ || a.scale_ != b.scale_ ||
      a.contains_null_ != b.contains_null_) {
    return false;
  }
  if (a.children_ == b.children_) return true;
  return a.children_ && b.children_ && *a.children_ == *b.children_;
}

std::optional<size_t> FindField(const Schema& schema, const std::string& name) {
  for (size_t i = 0; i < schema.size(); ++i) {
    if (strcasecmp(schema[i].name.c_str(), name.c_str()) == 0) return i;
  }
  return std::nullopt;
}

std::string SchemaToString(const Schema& schema) {
  std::string out;
  for (const Field& field : schema) {
    if (!out.empty()) out += ", ";
    out += field.name + " " + field.type.ToString();
  }
  return out;
}

}  // namespace smelt::base
