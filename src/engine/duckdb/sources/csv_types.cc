#include "engine/duckdb/sources/csv_types.h"

#include <string>

#include "base/status.h"
#include "engine/duckdb/db/type_mapping.h"

namespace smelt::duck {

namespace {

using base::DataType;
using base::TypeKind;

constexpr char kIntegerPattern[] = "[+-]?[0-9]+";
constexpr char kNumberPattern[] =
    "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?|NaN|[+-]?Inf(inity)?";
constexpr char kDatePattern[] = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
constexpr char kTimestampPattern[] =
    "[0-9]{4}-[0-9]{2}-[0-9]{2}([T "
    "][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?";

// `column` cast to `type` where the text is of that pattern.
std::string Conversion(const std::string& column, const char* pattern, const std::string& type) {
  return fmt::format(
      "CASE WHEN regexp_full_match({0}, '{1}') THEN TRY_CAST(ltrim({0}, '+') AS {2}) END", column,
      pattern, type);
}

std::string IsTruth(const std::string& column) {
  return fmt::format("lower({}) IN ('true', 'false')", column);
}

}  // namespace

std::string CsvTypeQuestions(const std::string& column) {
  const std::string integer = Conversion(column, kIntegerPattern, "HUGEINT");
  const auto all = [&](const std::string& condition) {
    return fmt::format("coalesce(bool_and({}) FILTER ({} IS NOT NULL), true)", condition, column);
  };
  const auto all_convert = [&](const char* pattern, const char* type) {
    return all("(" + Conversion(column, pattern, type) + ") IS NOT NULL");
  };
  std::string sql = fmt::format("count({})", column);
  sql += ", " + all(fmt::format("regexp_full_match({}, '{}')", column, kIntegerPattern));
  // Of whole numbers: whether all fit an int, a bigint; and how many digits the longest has.
  sql += fmt::format(
      ", coalesce(bool_and(({}) BETWEEN -2147483648 AND 2147483647) FILTER ({} IS NOT NULL), true)",
      integer, column);
  sql += fmt::format(
      ", coalesce(bool_and(({}) BETWEEN -9223372036854775808 AND 9223372036854775807) FILTER ({} "
      "IS NOT NULL), true)",
      integer, column);
  sql += fmt::format(", coalesce(max(len(ltrim({}, '+-0'))), 0)", column);
  sql += ", " + all_convert(kNumberPattern, "DOUBLE");
  sql += ", " + all_convert(kDatePattern, "DATE");
  sql += ", " + all_convert(kTimestampPattern, "TIMESTAMPTZ");
  sql += ", " + all(IsTruth(column));
  return sql;
}

DataType CsvTypeOf(const std::vector<base::OrderedJson>& answers) {
  enum Question { kCount, kWhole, kInt, kLong, kDigits, kNumber, kDate, kTimestamp, kBoolean };
  const auto holds = [&](Question question) {
    return answers[question].is_boolean() && answers[question].get<bool>();
  };
  if (answers[kCount].get<int64_t>() == 0) return DataType(TypeKind::kString);
  if (holds(kWhole) && holds(kInt)) return DataType(TypeKind::kInteger);
  if (holds(kWhole) && holds(kLong)) return DataType(TypeKind::kLong);
  const int64_t digits = answers[kDigits].get<int64_t>();
  if (holds(kWhole) && digits <= 38) return DataType::Decimal(static_cast<int>(digits), 0);
  if (holds(kNumber)) return DataType(TypeKind::kDouble);
  if (holds(kDate)) return DataType(TypeKind::kDate);
  if (holds(kTimestamp)) return DataType(TypeKind::kTimestamp);
  if (holds(kBoolean)) return DataType(TypeKind::kBoolean);
  return DataType(TypeKind::kString);
}

absl::StatusOr<std::string> CsvConversion(const std::string& column, const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kString:
      return column;
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return Conversion(column, kIntegerPattern, ToSqlType(type));
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
      return Conversion(column, kNumberPattern, ToSqlType(type));
    case TypeKind::kDate:
      return Conversion(column, kDatePattern, ToSqlType(type));
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
      return Conversion(column, kTimestampPattern, ToSqlType(type));
    case TypeKind::kBoolean:
      return fmt::format("CASE WHEN {} THEN lower({}) = 'true' END", IsTruth(column), column);
    case TypeKind::kBinary:
      return fmt::format("encode({})", column);
    default:
      return base::Unimplemented("column {}: a CSV file cannot hold {}", column, type.ToString());
  }
}

}  // namespace smelt::duck
