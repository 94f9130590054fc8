#pragma once

// The options of dynamodb_export(..) and read_files(..), checked and typed. Names come in lower
// case; "cloudfiles." before one is passed over. kInvalidArgument names what is not known or not a
// valid value, kUnimplemented what is known and not supported.

#include <absl/status/statusor.h>

#include <map>
#include <optional>
#include <string>

#include "base/data_type.h"
#include "dynamodb/export/export_reader.h"

namespace smelt::duck {

using OptionMap = std::map<std::string, std::string>;

struct ExportOptions {
  std::string table;   // empty: the only one there is
  base::Schema hints;  // schemaHints
  dynamodb::ReadOptions read;
};

absl::StatusOr<ExportOptions> ParseExportOptions(const OptionMap& options);

enum class FileFormat { kCsv, kJson, kParquet };

struct FileOptions {
  FileFormat format = FileFormat::kCsv;
  std::optional<base::Schema> schema;  // given: nothing is inferred
  base::Schema hints;
  bool infer_column_types = true;
  // Empty: none. By default _rescued_data, where the schema is not given.
  std::string rescued_column;
  bool fail_fast = false;    // mode => 'FAILFAST'
  std::string name_pattern;  // pathGlobFilter, fileNamePattern: of file names

  // CSV
  bool header = false;
  std::string delimiter = ",";
  std::string quote = "\"";
  std::string escape = "\"";
  std::string comment;
  std::string null_value;

  // JSON
  bool multi_line = false;
};

absl::StatusOr<FileOptions> ParseFileOptions(const OptionMap& options);

}  // namespace smelt::duck
