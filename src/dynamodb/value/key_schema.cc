#include "dynamodb/value/key_schema.h"

#include "base/check.h"
#include "base/status.h"

namespace smelt::dynamodb {

namespace {

int64_t KeySizeBytes(const Value& value) {
  switch (value.type()) {
    case ValueType::kString:
      return static_cast<int64_t>(value.string().size());
    case ValueType::kBinary:
      return static_cast<int64_t>(value.binary().size());
    default:
      return 0;  // numbers always fit
  }
}

absl::Status CheckLength(const KeyAttribute& attribute, const Value& value, bool is_partition) {
  if (value.is(ValueType::kString) && value.string().empty()) {
    return base::InvalidArgument(
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
        "contain an empty string value. Key: {}",
        attribute.name);
  }
  if (value.is(ValueType::kBinary) && value.binary().empty()) {
    return base::InvalidArgument(
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
        "contain an empty binary value. Key: {}",
        attribute.name);
  }
  const int64_t size = KeySizeBytes(value);
  if (is_partition && size > kMaxPartitionKeySizeBytes) {
    return base::InvalidArgument(
        "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size "
        "limit of{} bytes",
        kMaxPartitionKeySizeBytes);
  }
  if (!is_partition && size > kMaxSortKeySizeBytes) {
    return base::InvalidArgument(
        "One or more parameter values were invalid: Aggregated size of all range keys has exceeded "
        "the size limit of {} bytes",
        kMaxSortKeySizeBytes);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ItemKeyPart(const KeyAttribute& attribute, const Item& item,
                                        bool is_partition) {
  const auto found = item.find(attribute.name);
  if (found == item.end()) {
    return base::InvalidArgument(
        "One or more parameter values were invalid: Missing the key {} in the item",
        attribute.name);
  }
  if (!found->second.is(attribute.type)) {
    return base::InvalidArgument(
        "One or more parameter values were invalid: Type mismatch for key {} expected: {} actual: "
        "{}",
        attribute.name, TypeName(attribute.type), TypeName(found->second.type()));
  }
  SMELT_RETURN_IF_ERROR(CheckLength(attribute, found->second, is_partition));
  return EncodeKeyValue(found->second);
}

absl::StatusOr<std::string> ParameterKeyPart(const KeyAttribute& attribute, const Item& key,
                                             bool is_partition) {
  const auto found = key.find(attribute.name);
  if (found == key.end() || !found->second.is(attribute.type)) {
    return base::InvalidArgument("The provided key element does not match the schema");
  }
  SMELT_RETURN_IF_ERROR(CheckLength(attribute, found->second, is_partition));
  return EncodeKeyValue(found->second);
}

}  // namespace

std::string EncodeKeyValue(const Value& value) {
  switch (value.type()) {
    case ValueType::kString:
      return value.string();
    case ValueType::kNumber:
      return value.number().EncodeOrdered();
    case ValueType::kBinary:
      return value.binary();
    default:
      SMELT_CHECK(false, "a key is S, N or B, not {}", TypeName(value.type()));
      return {};
  }
}

absl::StatusOr<EncodedKey> KeyOfItem(const KeySchema& schema, const Item& item) {
  EncodedKey key;
  SMELT_ASSIGN_OR_RETURN(key.partition, ItemKeyPart(schema.partition, item, true));
  if (schema.sort) {
    SMELT_ASSIGN_OR_RETURN(key.sort, ItemKeyPart(*schema.sort, item, false));
  }
  return key;
}

absl::StatusOr<EncodedKey> KeyOfParameter(const KeySchema& schema, const Item& parameter) {
  if (parameter.size() != (schema.sort ? 2u : 1u)) {
    return base::InvalidArgument("The provided key element does not match the schema");
  }
  EncodedKey key;
  SMELT_ASSIGN_OR_RETURN(key.partition, ParameterKeyPart(schema.partition, parameter, true));
  if (schema.sort) {
    SMELT_ASSIGN_OR_RETURN(key.sort, ParameterKeyPart(*schema.sort, parameter, false));
  }
  return key;
}

Item ProjectKey(const KeySchema& schema, const Item& item) {
  Item key;
  key.emplace(schema.partition.name, item.at(schema.partition.name));
  if (schema.sort) key.emplace(schema.sort->name, item.at(schema.sort->name));
  return key;
}

}  // namespace smelt::dynamodb
