#include "engine/duckdb/db/type_mapping.h"

#include <duckdb/common/types.hpp>

#include "base/status.h"

namespace smelt::duck {
namespace {

using base::DataType;
using base::TypeKind;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;

absl::Status Unsupported(const std::string& column, const LogicalType& type, const char* cast) {
  return base::InvalidArgument("column '{}' has the type {}, which tables cannot hold: use {}",
                               column, type.ToString(), fmt::format(fmt::runtime(cast), column));
}

absl::StatusOr<DataType> FromStruct(const LogicalType& type, const std::string& column) {
  std::vector<base::Field> fields;
  for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
    SMELT_ASSIGN_OR_RETURN(DataType field, FromLogicalType(child, column + "." + name));
    fields.push_back({.name = name, .type = std::move(field), .nullable = true, .metadata = {}});
  }
  return DataType::Struct(std::move(fields));
}

absl::StatusOr<DataType> FromMap(const LogicalType& type, const std::string& column) {
  SMELT_ASSIGN_OR_RETURN(DataType key,
                         FromLogicalType(duckdb::MapType::KeyType(type), column + ".key"));
  SMELT_ASSIGN_OR_RETURN(DataType value,
                         FromLogicalType(duckdb::MapType::ValueType(type), column + ".value"));
  return DataType::Map(std::move(key), std::move(value));
}

absl::StatusOr<DataType> FromElement(const LogicalType& element, const std::string& column) {
  SMELT_ASSIGN_OR_RETURN(DataType type, FromLogicalType(element, column + ".element"));
  return DataType::Array(std::move(type));
}

}  // namespace

LogicalType ToLogicalType(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kNull:
      return LogicalType::SQLNULL;
    case TypeKind::kBoolean:
      return LogicalType::BOOLEAN;
    case TypeKind::kByte:
      return LogicalType::TINYINT;
    case TypeKind::kShort:
      return LogicalType::SMALLINT;
    case TypeKind::kInteger:
      return LogicalType::INTEGER;
    case TypeKind::kLong:
      return LogicalType::BIGINT;
    case TypeKind::kFloat:
      return LogicalType::FLOAT;
    case TypeKind::kDouble:
      return LogicalType::DOUBLE;
    case TypeKind::kDecimal:
      return LogicalType::DECIMAL(static_cast<uint8_t>(type.precision()),
                                  static_cast<uint8_t>(type.scale()));
    case TypeKind::kString:
      return LogicalType::VARCHAR;
    case TypeKind::kBinary:
      return LogicalType::BLOB;
    case TypeKind::kDate:
      return LogicalType::DATE;
    case TypeKind::kTimestamp:
      return LogicalType::TIMESTAMP_TZ;
    case TypeKind::kTimestampNtz:
      return LogicalType::TIMESTAMP;
    case TypeKind::kInterval:
      return LogicalType::INTERVAL;
    case TypeKind::kVariant:
      return LogicalType::VARIANT();
    case TypeKind::kArray:
      return LogicalType::LIST(ToLogicalType(type.element()));
    case TypeKind::kMap:
      return LogicalType::MAP(ToLogicalType(type.key()), ToLogicalType(type.value()));
    case TypeKind::kStruct: {
      duckdb::child_list_t<LogicalType> children;
      for (const base::Field& field : type.fields()) {
        children.emplace_back(field.name, ToLogicalType(field.type));
      }
      return LogicalType::STRUCT(std::move(children));
    }
  }
  return LogicalType::INVALID;
}

absl::StatusOr<DataType> FromLogicalType(const LogicalType& type, const std::string& column) {
  switch (type.id()) {
    case LogicalTypeId::SQLNULL:
      return DataType();
    case LogicalTypeId::BOOLEAN:
      return DataType(TypeKind::kBoolean);
    case LogicalTypeId::TINYINT:
      return DataType(TypeKind::kByte);
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::UTINYINT:
      return DataType(TypeKind::kShort);
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::INTEGER_LITERAL:
    case LogicalTypeId::USMALLINT:
      return DataType(TypeKind::kInteger);
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::UINTEGER:
      return DataType(TypeKind::kLong);
    case LogicalTypeId::UBIGINT:
      return DataType::Decimal(20, 0);
    case LogicalTypeId::HUGEINT:
      return DataType::Decimal(38, 0);
    case LogicalTypeId::FLOAT:
      return DataType(TypeKind::kFloat);
    case LogicalTypeId::DOUBLE:
      return DataType(TypeKind::kDouble);
    case LogicalTypeId::DECIMAL:
      return DataType::Decimal(duckdb::DecimalType::GetWidth(type),
                               duckdb::DecimalType::GetScale(type));
    case LogicalTypeId::VARCHAR:
    case LogicalTypeId::STRING_LITERAL:
    case LogicalTypeId::CHAR:
    case LogicalTypeId::ENUM:
      return DataType(TypeKind::kString);
    case LogicalTypeId::BLOB:
      return DataType(TypeKind::kBinary);
    case LogicalTypeId::DATE:
      return DataType(TypeKind::kDate);
    case LogicalTypeId::TIMESTAMP_TZ:
      return DataType(TypeKind::kTimestamp);
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
      return DataType(TypeKind::kTimestampNtz);
    case LogicalTypeId::INTERVAL:
      return DataType(TypeKind::kInterval);
    case LogicalTypeId::VARIANT:
      return DataType(TypeKind::kVariant);
    case LogicalTypeId::LIST:
      return FromElement(duckdb::ListType::GetChildType(type), column);
    case LogicalTypeId::ARRAY:
      return FromElement(duckdb::ArrayType::GetChildType(type), column);
    case LogicalTypeId::MAP:
      return FromMap(type, column);
    case LogicalTypeId::STRUCT:
      return FromStruct(type, column);
    case LogicalTypeId::UHUGEINT:
      return Unsupported(column, type, "CAST({} AS DECIMAL(38,0))");
    case LogicalTypeId::TIMESTAMP_NS:
      return Unsupported(column, type, "CAST({} AS TIMESTAMP_NTZ)");
    default:
      return Unsupported(column, type, "CAST({} AS STRING)");
  }
}

std::string ToSqlType(const DataType& type) { return ToLogicalType(type).ToString(); }

}  // namespace smelt::duck
