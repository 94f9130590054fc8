#include "dynamodb/export/export_row.h"

#include <strings.h>

#include <string>

namespace smelt::dynamodb {

using base::DataType;
using base::TypeKind;

DataType ExportMetadataType() {
  return DataType::Struct({{"file_path", DataType(TypeKind::kString), false},
                           {"file_name", DataType(TypeKind::kString), false},
                           {"file_size", DataType(TypeKind::kLong), false},
                           {"file_modification_time", DataType(TypeKind::kTimestamp), false},
                           {"export_id", DataType(TypeKind::kString), false},
                           {"export_time", DataType(TypeKind::kTimestamp), false},
                           {"line", DataType(TypeKind::kLong), false}});
}

base::Schema ExportRowSchema(const base::Schema& attributes) {
  base::Schema schema = attributes;
  schema.push_back({kRescuedDataColumn, DataType(TypeKind::kString)});
  schema.push_back({kChangeTypeColumn, DataType(TypeKind::kString)});
  schema.push_back({kChangeTimestampColumn, DataType(TypeKind::kTimestamp)});
  schema.push_back({kMetadataColumn, ExportMetadataType(), false});
  return schema;
}

bool IsReservedName(std::string_view attribute) {
  for (const char* name :
       {kRescuedDataColumn, kChangeTypeColumn, kChangeTimestampColumn, kMetadataColumn}) {
    if (attribute.size() == std::string_view(name).size() &&
        strncasecmp(attribute.data(), name, attribute.size()) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace smelt::dynamodb
