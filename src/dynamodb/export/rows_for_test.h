#pragma once

// Batches as JSON, so that a test can say what it expects. For tests only.

#include <string>
#include <vector>

#include "base/json.h"
#include "dynamodb/export/export_reader.h"
#include "dynamodb/value/number.h"

namespace smelt::dynamodb {

inline std::string DecimalText(Int128 unscaled, int scale) {
  const bool negative = unscaled < 0;
  return Number::Make(negative, static_cast<UInt128>(negative ? -unscaled : unscaled), -scale)
      ->ToString();
}

// NULL is null; decimals are strings, dates and timestamps numbers.
inline base::Json CellOf(const Column& column, size_t row) {
  if (!column.is_valid(row)) return nullptr;
  const base::DataType& type = column.type();
  switch (type.kind()) {
    case base::TypeKind::kBoolean:
      return column.at<uint8_t>(row) != 0;
    case base::TypeKind::kByte:
      return column.at<int8_t>(row);
    case base::TypeKind::kShort:
      return column.at<int16_t>(row);
    case base::TypeKind::kInteger:
    case base::TypeKind::kDate:
      return column.at<int32_t>(row);
    case base::TypeKind::kLong:
    case base::TypeKind::kTimestamp:
      return column.at<int64_t>(row);
    case base::TypeKind::kFloat:
      return column.at<float>(row);
    case base::TypeKind::kDouble:
      return column.at<double>(row);
    case base::TypeKind::kDecimal:
      switch (column.width_bytes()) {
        case 2:
          return DecimalText(column.at<int16_t>(row), type.scale());
        case 4:
          return DecimalText(column.at<int32_t>(row), type.scale());
        case 8:
          return DecimalText(column.at<int64_t>(row), type.scale());
        default:
          return DecimalText(column.at<Int128>(row), type.scale());
      }
    case base::TypeKind::kArray: {
      base::Json array = base::Json::array();
      const ListRange range = column.at<ListRange>(row);
      for (uint64_t i = 0; i < range.length; ++i) {
        array.push_back(CellOf(column.children()[0], range.offset + i));
      }
      return array;
    }
    case base::TypeKind::kMap: {
      base::Json object = base::Json::object();
      const ListRange range = column.at<ListRange>(row);
      for (uint64_t i = range.offset; i < range.offset + range.length; ++i) {
        object[CellOf(column.children()[0], i).get<std::string>()] =
            CellOf(column.children()[1], i);
      }
      return object;
    }
    case base::TypeKind::kStruct: {
      base::Json object = base::Json::object();
      for (size_t i = 0; i < type.fields().size(); ++i) {
        object[type.fields()[i].name] = CellOf(column.children()[i], row);
      }
      return object;
    }
    default: {
      const TextRef text = column.at<TextRef>(row);
      return std::string(text.data, text.size);
    }
  }
}

struct FileRows {
  absl::Status status;
  std::vector<base::Json> rows;  // objects by column name
  int64_t bad_lines = 0;
};

// All rows of one data file, every column.
inline FileRows ReadFile(storage::ObjectStore& store, const Export& found, const DataFile& file,
                         const base::Schema& attributes, const ReadOptions& options = {}) {
  const base::Schema schema = ExportRowSchema(attributes);
  std::vector<size_t> projection;
  for (size_t i = 0; i < schema.size(); ++i) projection.push_back(i);
  FileRows result;
  auto reader = ExportReader::Open(store, found, file, attributes, projection, options);
  if (!reader.ok()) {
    result.status = reader.status();
    return result;
  }
  Batch batch;
  while (true) {
    result.status = (*reader)->Next(&batch);
    if (!result.status.ok() || batch.rows == 0) break;
    for (size_t row = 0; row < batch.rows; ++row) {
      base::Json object = base::Json::object();
      for (size_t i = 0; i < schema.size(); ++i) {
        object[schema[i].name] = CellOf(batch.columns[i], row);
      }
      result.rows.push_back(std::move(object));
    }
  }
  result.bad_lines = (*reader)->bad_lines();
  return result;
}

}  // namespace smelt::dynamodb
