#include "engine/duckdb/sources/source_options.h"

#include <algorithm>
#include <functional>

#include "base/status.h"
#include "sql/type_parser.h"

namespace smelt::duck {

namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

using Setter = std::function<absl::Status(const std::string& value)>;
using Setters = std::map<std::string, Setter>;

absl::Status Apply(const char* function, const OptionMap& options, const Setters& setters) {
  for (const auto& [given, value] : options) {
    const std::string prefix = "cloudfiles.";
    const std::string name = given.starts_with(prefix) ? given.substr(prefix.size()) : given;
    const auto setter = setters.find(name);
    if (setter == setters.end()) {
      std::string known;
      for (const auto& [candidate, unused] : setters)
        known += (known.empty() ? "" : ", ") + candidate;
      return base::InvalidArgument("{} has no option {}; it has {}", function, given, known);
    }
    SMELT_RETURN_IF_ERROR(base::Annotate(setter->second(value), "{}, option {}", function, given));
  }
  return absl::OkStatus();
}

Setter Text(std::string* target) {
  return [target](const std::string& value) {
    *target = value;
    return absl::OkStatus();
  };
}

Setter Truth(bool* target) {
  return [target](const std::string& value) -> absl::Status {
    const std::string lower = Lower(value);
    if (lower != "true" && lower != "false") {
      return base::InvalidArgument("'{}' is neither true nor false", value);
    }
    *target = lower == "true";
    return absl::OkStatus();
  };
}

// A single character, or "\t" written out.
Setter Character(std::string* target) {
  return [target](const std::string& value) -> absl::Status {
    *target = value == "\\t" ? "\t" : value;
    if (target->size() > 1) return base::InvalidArgument("'{}' is not a single character", value);
    return absl::OkStatus();
  };
}

Setter Columns(base::Schema* target) {
  return [target](const std::string& value) -> absl::Status {
    SMELT_ASSIGN_OR_RETURN(*target, sql::ParseSchema(value));
    return absl::OkStatus();
  };
}

// A value among these alone; anything else is known and not supported.
Setter Only(std::vector<std::string> allowed) {
  return [allowed = std::move(allowed)](const std::string& value) -> absl::Status {
    if (std::find(allowed.begin(), allowed.end(), Lower(value)) != allowed.end()) {
      return absl::OkStatus();
    }
    return base::Unimplemented("'{}' is not supported, only {}", value, fmt::join(allowed, ", "));
  };
}

Setter Mode(bool* fail_fast) {
  return [fail_fast](const std::string& value) -> absl::Status {
    const std::string lower = Lower(value);
    if (lower == "dropmalformed") {
      return base::Unimplemented("'{}' would drop rows unseen; use PERMISSIVE or FAILFAST", value);
    }
    if (lower != "permissive" && lower != "failfast") {
      return base::InvalidArgument("'{}' is neither PERMISSIVE nor FAILFAST", value);
    }
    *fail_fast = lower == "failfast";
    return absl::OkStatus();
  };
}

}  // namespace

absl::StatusOr<ExportOptions> ParseExportOptions(const OptionMap& options) {
  ExportOptions parsed;
  SMELT_RETURN_IF_ERROR(Apply("dynamodb_export", options,
                              {{"table", Text(&parsed.table)},
                               {"schemahints", Columns(&parsed.hints)},
                               {"schemaevolutionmode", Only({"addnewcolumns"})},
                               {"mode", Mode(&parsed.read.fail_on_bad_line)}}));
  return parsed;
}

absl::StatusOr<FileOptions> ParseFileOptions(const OptionMap& options) {
  FileOptions parsed;
  std::string format;
  std::optional<std::string> rescued;
  SMELT_RETURN_IF_ERROR(
      Apply("read_files", options,
            {{"format", Text(&format)},
             {"schema",
              [&](const std::string& value) -> absl::Status {
                SMELT_ASSIGN_OR_RETURN(parsed.schema, sql::ParseSchema(value));
                return absl::OkStatus();
              }},
             {"schemahints", Columns(&parsed.hints)},
             {"schemaevolutionmode", Only({"addnewcolumns", "rescue", "none"})},
             {"schemalocation", [](const std::string&) { return absl::OkStatus(); }},
             {"infercolumntypes", Truth(&parsed.infer_column_types)},
             {"inferschema", Truth(&parsed.infer_column_types)},
             {"rescueddatacolumn",
              [&](const std::string& value) {
                rescued = value;
                return absl::OkStatus();
              }},
             {"mode", Mode(&parsed.fail_fast)},
             {"pathglobfilter", Text(&parsed.name_pattern)},
             {"filenamepattern", Text(&parsed.name_pattern)},
             {"recursivefilelookup", Only({"true"})},
             {"header", Truth(&parsed.header)},
             {"delimiter", Character(&parsed.delimiter)},
             {"sep", Character(&parsed.delimiter)},
             {"quote", Character(&parsed.quote)},
             {"escape", Character(&parsed.escape)},
             {"comment", Character(&parsed.comment)},
             {"nullvalue", Text(&parsed.null_value)},
             {"encoding", Only({"utf-8", "utf8"})},
             {"charset", Only({"utf-8", "utf8"})},
             {"multiline", Truth(&parsed.multi_line)}}));
  const std::string lower = Lower(format);
  if (lower == "csv") {
    parsed.format = FileFormat::kCsv;
  } else if (lower == "json") {
    parsed.format = FileFormat::kJson;
  } else if (lower == "parquet") {
    parsed.format = FileFormat::kParquet;
  } else if (lower == "avro" || lower == "orc" || lower == "text" || lower == "binaryfile" ||
             lower == "xml") {
    return base::Unimplemented(
        "read_files, option format: {} cannot be read; csv, json and parquet can", format);
  } else {
    return base::InvalidArgument(
        "read_files, option format: '{}' is not a format; say format => 'csv', 'json' or 'parquet'",
        format);
  }
  parsed.rescued_column = rescued ? *rescued : parsed.schema ? "" : "_rescued_data";
  return parsed;
}

}  // namespace smelt::duck
