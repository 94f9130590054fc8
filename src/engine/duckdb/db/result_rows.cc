#include "engine/duckdb/db/result_rows.h"

#include <cmath>
#include <duckdb.hpp>
#include <duckdb/common/types/time.hpp>

#include "base/digest.h"
#include "base/status.h"
#include "engine/duckdb/db/error.h"

namespace smelt::duck {
namespace {

using base::OrderedJson;
using duckdb::LogicalTypeId;
using duckdb::Value;

// "2011-01-01 08:26:00.5": as many digits of the second as it has.
std::string TimestampText(int64_t micros, char separator, const char* zone) {
  const duckdb::timestamp_t timestamp(micros);
  if (!duckdb::Timestamp::IsFinite(timestamp)) return duckdb::Timestamp::ToString(timestamp);
  duckdb::date_t date;
  duckdb::dtime_t time;
  duckdb::Timestamp::Convert(timestamp, date, time);
  std::string text = duckdb::Date::ToString(date) + separator + duckdb::Time::ToString(time);
  return text + zone;
}

// Java's Double.toString, which is what Spark prints: "1.0", "1.0E10".
template <typename T>
std::string FloatText(T value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  const double magnitude = std::abs(static_cast<double>(value));
  std::string text;
  if (magnitude == 0 || (magnitude >= 1e-3 && magnitude < 1e7)) {
    text = fmt::format("{}", value);
    if (text.find('e') != std::string::npos) text = fmt::format("{:f}", value);
    return text.find('.') == std::string::npos ? text + ".0" : text;
  }
  // The shortest digits that read back as the same value.
  for (int digits = 0; digits <= 17; ++digits) {
    text = fmt::format("{:.{}e}", value, digits);
    if (static_cast<T>(std::stod(text)) == value) break;
  }
  const size_t e = text.find('e');
  std::string mantissa = text.substr(0, e);
  if (mantissa.find('.') == std::string::npos) mantissa += ".0";
  return fmt::format("{}E{}", mantissa, std::stoi(text.substr(e + 1)));
}

template <typename T>
OrderedJson FloatJson(T value) {
  if (!std::isfinite(value)) return FloatText(value);
  // A float's own shortest digits, not those of the double that it widens to.
  return std::is_same_v<T, float> ? std::stod(fmt::format("{}", value))
                                  : static_cast<double>(value);
}

std::string ScalarText(const Value& value) {
  switch (value.type().id()) {
    case LogicalTypeId::FLOAT:
      return FloatText(value.GetValueUnsafe<float>());
    case LogicalTypeId::DOUBLE:
      return FloatText(value.GetValueUnsafe<double>());
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ:
      return TimestampText(value.GetValueUnsafe<int64_t>(), ' ', "");
    case LogicalTypeId::BLOB: {
      const std::string hex = base::HexEncode(duckdb::StringValue::Get(value));
      std::string pairs = "[";
      for (size_t i = 0; i < hex.size(); i += 2) {
        pairs += (i == 0 ? "" : " ") + hex.substr(i, 2);
      }
      return pairs + "]";
    }
    default:
      return value.ToString();
  }
}

std::string ToText(const Value& value) {
  if (value.IsNull()) return "NULL";
  std::string text;
  switch (value.type().id()) {
    case LogicalTypeId::LIST:
    case LogicalTypeId::ARRAY: {
      const auto& children = value.type().id() == LogicalTypeId::LIST
                                 ? duckdb::ListValue::GetChildren(value)
                                 : duckdb::ArrayValue::GetChildren(value);
      for (const Value& child : children) text += (text.empty() ? "" : ", ") + ToText(child);
      return "[" + text + "]";
    }
    case LogicalTypeId::STRUCT:
      for (const Value& child : duckdb::StructValue::GetChildren(value)) {
        text += (text.empty() ? "" : ", ") + ToText(child);
      }
      return "{" + text + "}";
    case LogicalTypeId::MAP:
      for (const Value& entry : duckdb::MapValue::GetChildren(value)) {
        const auto& pair = duckdb::StructValue::GetChildren(entry);
        text += (text.empty() ? "" : ", ") + ToText(pair[0]) + " -> " + ToText(pair[1]);
      }
      return "{" + text + "}";
    default:
      return ScalarText(value);
  }
}

OrderedJson ToJson(const Value& value);

OrderedJson ScalarJson(const Value& value) {
  switch (value.type().id()) {
    case LogicalTypeId::BOOLEAN:
      return value.GetValueUnsafe<bool>();
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::UTINYINT:
    case LogicalTypeId::USMALLINT:
    case LogicalTypeId::UINTEGER:
      return value.GetValue<int64_t>();
    case LogicalTypeId::FLOAT:
      return FloatJson(value.GetValueUnsafe<float>());
    case LogicalTypeId::DOUBLE:
      return FloatJson(value.GetValueUnsafe<double>());
    case LogicalTypeId::TIMESTAMP:
      return TimestampText(value.GetValueUnsafe<int64_t>(), 'T', "");
    case LogicalTypeId::TIMESTAMP_TZ:
      return TimestampText(value.GetValueUnsafe<int64_t>(), 'T', "Z");
    case LogicalTypeId::BLOB:
      return base::Base64Encode(duckdb::StringValue::Get(value));
    default:
      return value.ToString();
  }
}

OrderedJson ToJson(const Value& value) {
  if (value.IsNull()) return nullptr;
  switch (value.type().id()) {
    case LogicalTypeId::LIST:
    case LogicalTypeId::ARRAY: {
      OrderedJson array = OrderedJson::array();
      const auto& children = value.type().id() == LogicalTypeId::LIST
                                 ? duckdb::ListValue::GetChildren(value)
                                 : duckdb::ArrayValue::GetChildren(value);
      for (const Value& child : children) array.push_back(ToJson(child));
      return array;
    }
    case LogicalTypeId::STRUCT: {
      OrderedJson object = OrderedJson::object();
      const auto& types = duckdb::StructType::GetChildTypes(value.type());
      const auto& children = duckdb::StructValue::GetChildren(value);
      for (size_t i = 0; i < children.size(); ++i) object[types[i].first] = ToJson(children[i]);
      return object;
    }
    case LogicalTypeId::MAP: {
      OrderedJson object = OrderedJson::object();
      for (const Value& entry : duckdb::MapValue::GetChildren(value)) {
        const auto& pair = duckdb::StructValue::GetChildren(entry);
        const OrderedJson key = ToJson(pair[0]);
        object[key.is_string() ? key.get<std::string>() : key.dump()] = ToJson(pair[1]);
      }
      return object;
    }
    default:
      return ScalarJson(value);
  }
}

}  // namespace

absl::StatusOr<ResultRows> FetchRows(Result& result, RowFormat format,
                                     std::optional<int64_t> limit) {
  ResultRows rows;
  SMELT_ASSIGN_OR_RETURN(rows.schema, result.Schema());
  while (true) {
    SMELT_ASSIGN_OR_RETURN(duckdb::DataChunk * chunk, result.Next());
    if (chunk == nullptr) return rows;
    for (duckdb::idx_t i = 0; i < chunk->size(); ++i) {
      if (limit.has_value() && static_cast<int64_t>(rows.rows.size()) == *limit) {
        rows.truncated = true;
        return rows;
      }
      std::vector<OrderedJson>& row = rows.rows.emplace_back();
      for (duckdb::idx_t column = 0; column < chunk->ColumnCount(); ++column) {
        const Value value = chunk->GetValue(column, i);
        if (format == RowFormat::kJson || value.IsNull()) {
          row.push_back(ToJson(value));
        } else {
          row.emplace_back(ToText(value));
        }
      }
    }
  }
}

absl::StatusOr<ResultRows> QueryRows(Connection& connection, const std::string& sql,
                                     RowFormat format, std::optional<int64_t> limit) {
  SMELT_ASSIGN_OR_RETURN(auto result, connection.Query(sql));
  return CatchErrors([&] { return FetchRows(*result, format, limit); });
}

OrderedJson RowToObject(const base::Schema& schema, const std::vector<OrderedJson>& row) {
  OrderedJson object = OrderedJson::object();
  for (size_t i = 0; i < row.size(); ++i) {
    std::string name = schema[i].name;
    for (int copy = 2; object.contains(name); ++copy) {
      name = fmt::format("{}_{}", schema[i].name, copy);
    }
    object[name] = row[i];
  }
  return object;
}

}  // namespace smelt::duck
