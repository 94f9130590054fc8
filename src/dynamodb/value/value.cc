#include "dynamodb/value/value.h"

namespace smelt::dynamodb {

std::string_view TypeName(ValueType type) {
  switch (type) {
    case ValueType::kNull:
      return "NULL";
    case ValueType::kBool:
      return "BOOL";
    case ValueType::kString:
      return "S";
    case ValueType::kNumber:
      return "N";
    case ValueType::kBinary:
      return "B";
    case ValueType::kList:
      return "L";
    case ValueType::kMap:
      return "M";
    case ValueType::kStringSet:
      return "SS";
    case ValueType::kNumberSet:
      return "NS";
    case ValueType::kBinarySet:
      return "BS";
  }
  return "";
}

bool operator==(const Value& a, const Value& b) { return a.data_ == b.data_; }

}  // namespace smelt::dynamodb
