#pragma once

// The rows of an export: the item's attributes as columns, then what Smelt adds. `SELECT *` gives
// all but _metadata.

#include <string_view>

#include "base/data_type.h"

namespace smelt::dynamodb {

inline constexpr char kRescuedDataColumn[] =
    "_rescued_data";  // string: what fits no column, as JSON
inline constexpr char kChangeTypeColumn[] =
    "_change_type";  // string: snapshot, insert, update, delete
inline constexpr char kChangeTimestampColumn[] = "_change_timestamp";  // timestamp
inline constexpr char kMetadataColumn[] = "_metadata";                 // struct

// In the order of ExportRowSchema, after the attributes.
enum class SystemColumn { kRescuedData, kChangeType, kChangeTimestamp, kMetadata };
inline constexpr size_t kSystemColumnCount = 4;

// struct<file_path, file_name, file_size, file_modification_time, export_id, export_time, line>
base::DataType ExportMetadataType();

// The attributes followed by the system columns. None of the attributes bears a system column's
// name (IsReservedName).
base::Schema ExportRowSchema(const base::Schema& attributes);

// An attribute that cannot be a column because a system column has its name, without regard to
// case: its values are rescued.
bool IsReservedName(std::string_view attribute);

}  // namespace smelt::dynamodb
