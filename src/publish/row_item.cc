#include "publish/row_item.h"

#include <chrono>
#include <cmath>
#include <utility>

#include "base/digest.h"
#include "base/status.h"
#include "dynamodb/value/item_size.h"
#include "dynamodb/value/value_json.h"
#include "publish/control_item.h"
#include "publish/fence.h"
#include "publish/sink.h"

namespace smelt::publish {
namespace {

using dynamodb::Item;
using dynamodb::KeyAttribute;
using dynamodb::KeySchema;
using dynamodb::Number;
using dynamodb::Value;
using dynamodb::ValueType;

absl::StatusOr<Value> NumberValue(std::string_view text) {
  absl::StatusOr<Number> number = Number::Parse(text);
  if (number.ok()) return Value(*number);
  return base::InvalidArgument(
      "{} is no number that DynamoDB holds (38 digits, from 1E-130 to 9.99E+125)", text);
}

template <typename Float>
absl::StatusOr<Value> FloatValue(Float value) {
  if (!std::isfinite(value)) {
    return base::InvalidArgument(
        "{} is no number that DynamoDB holds; select nullif(..) or another value in its place",
        std::isnan(value) ? "NaN"
        : value < 0       ? "-Infinity"
                          : "Infinity");
  }
  return NumberValue(fmt::format("{}", value));
}

std::string IsoDate(std::chrono::sys_days day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string IsoTime(int64_t micros) {
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(micros)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text = fmt::format("{}T{:02}:{:02}:{:02}", IsoDate(day), clock.hours().count(),
                                 clock.minutes().count(), clock.seconds().count());
  const int64_t fraction_micros = clock.subseconds().count();
  if (fraction_micros % 1000 != 0) {
    text += fmt::format(".{:06}", fraction_micros);
  } else if (fraction_micros != 0) {
    text += fmt::format(".{:03}", fraction_micros / 1000);
  }
  return text;
}

int Depth(const Value& value) {
  int depth = 0;
  if (value.is(ValueType::kList)) {
    for (const Value& element : value.list()) depth = std::max(depth, Depth(element));
  } else if (value.is(ValueType::kMap)) {
    for (const auto& [name, member] : value.map()) depth = std::max(depth, Depth(member));
  } else {
    return 0;
  }
  return depth + 1;
}

std::string KeyText(const Value& value) {
  switch (value.type()) {
    case ValueType::kString:
      return "'" + value.string() + "'";
    case ValueType::kNumber:
      return value.number().ToString();
    case ValueType::kBinary:
      return "X'" + base::HexEncode(value.binary()) + "'";
    default:
      return std::string(TypeName(value.type()));
  }
}

absl::Status CheckKeyAttribute(const KeySchema& key, const KeyAttribute& attribute, int max_bytes,
                               const Item& item) {
  const auto found = item.find(attribute.name);
  if (found == item.end() || found->second.is_null()) {
    return base::InvalidArgument(
        "the key column {} is NULL in the row with {}; a DynamoDB key can be neither NULL nor "
        "empty (dynamodb_key(..) encodes NULL)",
        attribute.name, DescribeKey(key, item));
  }
  const Value& value = found->second;
  if (value.type() != attribute.type) {
    return base::InvalidArgument("the key column {} is {} in the row with {}, not {}",
                                 attribute.name, TypeName(value.type()), DescribeKey(key, item),
                                 TypeName(attribute.type));
  }
  if (attribute.type == ValueType::kNumber) return absl::OkStatus();
  const std::string& bytes = attribute.type == ValueType::kString ? value.string() : value.binary();
  if (bytes.empty()) {
    return base::InvalidArgument(
        "the key column {} is empty in the row with {}; a DynamoDB key can be neither NULL nor "
        "empty (dynamodb_key(..) encodes both)",
        attribute.name, DescribeKey(key, item));
  }
  if (bytes.size() > static_cast<size_t>(max_bytes)) {
    return base::InvalidArgument(
        "the key column {} has {} bytes in the row with {}; DynamoDB takes at most {}",
        attribute.name, bytes.size(), DescribeKey(key, item), max_bytes);
  }
  return absl::OkStatus();
}

}  // namespace

Value ValueFromBool(bool value) { return Value(value); }
Value ValueFromInteger(int64_t value) { return Value(Number(value)); }
absl::StatusOr<Value> ValueFromDouble(double value) { return FloatValue(value); }
absl::StatusOr<Value> ValueFromFloat(float value) { return FloatValue(value); }
absl::StatusOr<Value> ValueFromDecimal(std::string_view text) { return NumberValue(text); }
Value ValueFromString(std::string_view utf8) { return Value(utf8); }
Value ValueFromBinary(std::string_view bytes) {
  return Value(dynamodb::Binary{std::string(bytes)});
}
Value ValueFromDate(int32_t days) {
  return Value(IsoDate(std::chrono::sys_days(std::chrono::days(days))));
}
Value ValueFromTimestamp(int64_t micros) { return Value(IsoTime(micros) + "Z"); }
Value ValueFromTimestampNtz(int64_t micros) { return Value(IsoTime(micros)); }

void ItemBuilder::Set(const std::string& column, absl::StatusOr<Value> value) {
  if (value.ok()) {
    item_.insert_or_assign(column, *std::move(value));
  } else if (failure_.ok()) {
    failed_column_ = column;
    failure_ = value.status();
  }
}

absl::StatusOr<Item> ItemBuilder::Finish() {
  Item item = std::exchange(item_, {});
  const absl::Status failure = std::exchange(failure_, absl::OkStatus());
  if (!failure.ok()) {
    return base::Annotate(failure, "column {} of the row with {}", failed_column_,
                          DescribeKey(*key_, item));
  }
  SMELT_RETURN_IF_ERROR(CheckItem(*key_, item));
  return item;
}

absl::Status CheckKey(const KeySchema& key, const Item& item) {
  SMELT_RETURN_IF_ERROR(
      CheckKeyAttribute(key, key.partition, dynamodb::kMaxPartitionKeySizeBytes, item));
  if (key.sort) {
    SMELT_RETURN_IF_ERROR(CheckKeyAttribute(key, *key.sort, dynamodb::kMaxSortKeySizeBytes, item));
  }
  if (HasControlKey(key, item)) {
    return base::InvalidArgument("the key {} is reserved for the mirror's own control item",
                                 DescribeKey(key, item));
  }
  return absl::OkStatus();
}

absl::Status CheckItem(const KeySchema& key, const Item& item) {
  SMELT_RETURN_IF_ERROR(CheckKey(key, item));
  for (const auto& [name, value] : item) {
    if (name.starts_with(kReservedPrefix)) {
      return base::InvalidArgument(
          "the column {} begins with {}, which is the mirror's own; select it under another name",
          name, kReservedPrefix);
    }
    if (Depth(value) > dynamodb::kMaxNesting) {
      return base::InvalidArgument("column {} of the row with {} nests deeper than {} levels", name,
                                   DescribeKey(key, item), dynamodb::kMaxNesting);
    }
  }
  const int64_t fence_bytes =
      static_cast<int64_t>(std::string_view(kFenceAttribute).size() + FormatFence(0, 0).size());
  const int64_t size_bytes = dynamodb::SizeBytes(item) + fence_bytes;
  if (size_bytes > dynamodb::kMaxItemSizeBytes) {
    return base::InvalidArgument(
        "the row with {} makes an item of {} bytes; DynamoDB holds at most {}",
        DescribeKey(key, item), size_bytes, dynamodb::kMaxItemSizeBytes);
  }
  return absl::OkStatus();
}

std::string DescribeKey(const KeySchema& key, const Item& item) {
  const auto describe = [&](const KeyAttribute& attribute) {
    const auto found = item.find(attribute.name);
    return attribute.name + "=" + (found == item.end() ? "NULL" : KeyText(found->second));
  };
  return describe(key.partition) + (key.sort ? ", " + describe(*key.sort) : "");
}

}  // namespace smelt::publish
