#include "engine/duckdb/sources/file_query.h"

#include <set>

#include "base/clock.h"
#include "base/status.h"
#include "engine/duckdb/db/result_rows.h"
#include "engine/duckdb/db/type_mapping.h"
#include "engine/duckdb/sources/csv_types.h"

namespace smelt::duck {

namespace {

using base::DataType;
using base::TypeKind;

// The reader's column that says which file a row is from.
constexpr char kUrlColumn[] = "__smelt_url";

std::string UrlList(const std::vector<SourceFile>& files) {
  std::string list;
  for (const SourceFile& file : files) {
    list += (list.empty() ? "" : ", ") + QuoteLiteral(file.url);
  }
  return "[" + list + "]";
}

// "(SELECT <columns>, {..} AS _metadata FROM <reader> JOIN <the files> ..)"
std::string WithMetadata(const std::string& columns, const std::string& reader,
                         const std::vector<SourceFile>& files, bool has_row_index) {
  std::string rows;
  for (const SourceFile& file : files) {
    rows += fmt::format("{}({}, {}, {}, {}, TIMESTAMPTZ {})", rows.empty() ? "" : ", ",
                        QuoteLiteral(file.url), QuoteLiteral(file.path),
                        QuoteLiteral(file.path.substr(file.path.rfind('/') + 1)), file.size_bytes,
                        QuoteLiteral(base::FormatIsoMillis(file.modified_micros)));
  }
  return fmt::format(
      "(SELECT {}, {{'file_path': f.path, 'file_name': f.name, 'file_size': f.size::BIGINT, "
      "'file_modification_time': f.modified{}}} AS _metadata FROM {} AS r JOIN (VALUES {}) AS "
      "f(url, path, name, size, modified) ON r.{} = f.url)",
      columns, has_row_index ? ", 'row_index': r.file_row_number" : "", reader, rows, kUrlColumn);
}

// Where a type was asked for, that; else what was found.
const DataType& TypeFor(const base::Field& found, const FileOptions& options) {
  const base::Schema& given = options.schema ? *options.schema : options.hints;
  const std::optional<size_t> at = base::FindField(given, found.name);
  return at ? given[*at].type : found.type;
}

// --- CSV ---

std::string CsvReader(const std::vector<SourceFile>& files, const FileOptions& options) {
  std::string sql = fmt::format(
      "read_csv({}, all_varchar = true, header = {}, skip = 0, delim = {}, quote = {}, escape = "
      "{}, "
      "nullstr = {}, allow_quoted_nulls = false, null_padding = true, union_by_name = true, "
      "comment = {}, filename = '{}'",
      UrlList(files), options.header, QuoteLiteral(options.delimiter), QuoteLiteral(options.quote),
      QuoteLiteral(options.escape), QuoteLiteral(options.null_value), QuoteLiteral(options.comment),
      kUrlColumn);
  // DuckDB's limit of 2 MB a line is below what one quoted text may be.
  return sql + ", max_line_size = 16777216)";
}

// Spark's name of the column at `position` where there is no header, DuckDB's being column0,
// column01..
std::string CsvName(const std::string& name, size_t position, const FileOptions& options) {
  if (options.header) return name;
  return options.schema && position < options.schema->size() ? (*options.schema)[position].name
                                                             : "_c" + std::to_string(position);
}

absl::StatusOr<std::vector<DataType>> InferCsvTypes(Connection& connection,
                                                    const std::string& reader,
                                                    const std::vector<std::string>& columns) {
  std::string questions;
  for (const std::string& column : columns) {
    questions += (questions.empty() ? "" : ", ") + CsvTypeQuestions(QuoteName(column));
  }
  SMELT_ASSIGN_OR_RETURN(const ResultRows answers,
                         QueryRows(connection, "SELECT " + questions + " FROM " + reader));
  std::vector<DataType> types;
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto begin =
        answers.rows[0].begin() + static_cast<std::ptrdiff_t>(i * kCsvTypeQuestionCount);
    types.push_back(CsvTypeOf({begin, begin + kCsvTypeQuestionCount}));
  }
  return types;
}

struct CsvColumn {
  std::string raw;  // as the reader calls it, quoted
  base::Field field;
  std::string conversion;  // of raw to the field's type
};

// What fits no column, as JSON; NULL where all fits.
std::string CsvRescue(const std::vector<CsvColumn>& columns,
                      const std::vector<std::pair<std::string, std::string>>& unknown) {
  std::string any, entries;
  const auto add = [&](const std::string& name, const std::string& raw,
                       const std::string& condition) {
    any += (any.empty() ? "" : " OR ") + condition;
    entries += fmt::format("{}{{'k': {}, 'v': CASE WHEN {} THEN {} END}}",
                           entries.empty() ? "" : ", ", QuoteLiteral(name), condition, raw);
  };
  for (const CsvColumn& column : columns) {
    if (column.conversion == column.raw || column.raw.empty()) continue;
    add(column.field.name, column.raw,
        fmt::format("({} IS NOT NULL AND ({}) IS NULL)", column.raw, column.conversion));
  }
  for (const auto& [name, raw] : unknown) add(name, raw, fmt::format("({} IS NOT NULL)", raw));
  if (any.empty()) return "CAST(NULL AS VARCHAR)";
  return fmt::format(
      "CASE WHEN {} THEN CAST(to_json(map_from_entries(list_filter([{}, {{'k': '_file_path', 'v': "
      "f.path}}], lambda smelt_entry: smelt_entry.v IS NOT NULL))) AS VARCHAR) END",
      any, entries);
}

absl::StatusOr<FileQuery> PlanCsv(Connection& connection, const std::vector<SourceFile>& files,
                                  const FileOptions& options) {
  const std::string reader = CsvReader(files, options);
  SMELT_ASSIGN_OR_RETURN(
      const base::Schema found,
      connection.Describe("SELECT * EXCLUDE (" + std::string(kUrlColumn) + ") FROM " + reader));
  std::vector<std::string> raw_names;
  for (const base::Field& field : found) raw_names.push_back(field.name);
  std::vector<DataType> types(found.size(), DataType(TypeKind::kString));
  if (!options.schema && options.infer_column_types) {
    SMELT_ASSIGN_OR_RETURN(types, InferCsvTypes(connection, reader, raw_names));
  }
  base::Schema present;
  for (size_t i = 0; i < raw_names.size(); ++i) {
    base::Field field{CsvName(raw_names[i], i, options), types[i]};
    field.type = TypeFor(field, options);
    present.push_back(std::move(field));
  }
  const base::Schema& wanted = options.schema ? *options.schema : present;

  std::vector<CsvColumn> columns;
  std::set<size_t> used;
  for (const base::Field& field : wanted) {
    const std::optional<size_t> at = base::FindField(present, field.name);
    CsvColumn column{.field = field};
    if (at) {
      used.insert(*at);
      column.raw = "r." + QuoteName(raw_names[*at]);
      SMELT_ASSIGN_OR_RETURN(column.conversion, CsvConversion(column.raw, field.type));
    } else {
      column.conversion = "CAST(NULL AS " + ToSqlType(field.type) + ")";
    }
    columns.push_back(std::move(column));
  }
  std::vector<std::pair<std::string, std::string>> unknown;
  for (size_t i = 0; i < present.size(); ++i) {
    if (!used.contains(i)) unknown.emplace_back(present[i].name, "r." + QuoteName(raw_names[i]));
  }

  FileQuery query;
  std::string select;
  for (const CsvColumn& column : columns) {
    query.schema.push_back(column.field);
    select += fmt::format("{}{} AS {}", select.empty() ? "" : ", ", column.conversion,
                          QuoteName(column.field.name));
  }
  std::string rescue = CsvRescue(columns, unknown);
  if (options.fail_fast && rescue.starts_with("CASE")) {
    rescue = fmt::format(
        "error(CASE WHEN ({0}) IS NOT NULL THEN 'a value does not fit its column: ' || ({0}) END)",
        rescue);
  }
  const std::string rescued_column = options.rescued_column;
  if (!rescued_column.empty()) {
    query.schema.push_back({rescued_column, DataType(TypeKind::kString)});
    select += ", " + rescue + " AS " + QuoteName(rescued_column);
  }
  query.sql = WithMetadata(select, reader, files, false);
  return query;
}

// --- JSON and Parquet ---

// Spark reads dates, times and UUIDs in JSON as the strings that they are.
DataType JsonType(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
    case TypeKind::kNull:
      return DataType(TypeKind::kString);
    case TypeKind::kArray:
      return DataType::Array(JsonType(type.element()));
    case TypeKind::kMap:
      return DataType::Map(type.key(), JsonType(type.value()));
    case TypeKind::kStruct: {
      std::vector<base::Field> fields;
      for (const base::Field& field : type.fields()) {
        fields.push_back({field.name, JsonType(field.type)});
      }
      return DataType::Struct(std::move(fields));
    }
    default:
      return type;
  }
}

std::string JsonReader(const std::vector<SourceFile>& files, const FileOptions& options,
                       const std::string& columns) {
  return fmt::format(
      "read_json({}, format = '{}', records = true, union_by_name = true, maximum_object_size = "
      "67108864, filename = '{}', {})",
      UrlList(files), options.multi_line ? "auto" : "newline_delimited", kUrlColumn, columns);
}

absl::StatusOr<FileQuery> PlanTyped(Connection& connection, const std::vector<SourceFile>& files,
                                    const FileOptions& options) {
  const bool is_json = options.format == FileFormat::kJson;
  std::string reader =
      is_json
          ? JsonReader(files, options, "sample_size = -1, map_inference_threshold = -1")
          : fmt::format(
                "read_parquet({}, union_by_name = true, file_row_number = true, filename = '{}')",
                UrlList(files), kUrlColumn);
  SMELT_ASSIGN_OR_RETURN(base::Schema found, connection.Describe(fmt::format(
                                                 "SELECT * EXCLUDE ({}{}) FROM {}", kUrlColumn,
                                                 is_json ? "" : ", file_row_number", reader)));
  for (base::Field& field : found) {
    if (is_json)
      field.type = options.infer_column_types ? JsonType(field.type) : DataType(TypeKind::kString);
    field.type = TypeFor(field, options);
  }
  FileQuery query;
  query.schema = options.schema ? *options.schema : found;
  if (is_json) {
    std::string columns;
    for (const base::Field& field : query.schema) {
      columns += fmt::format("{}{}: {}", columns.empty() ? "" : ", ", QuoteLiteral(field.name),
                             QuoteLiteral(ToSqlType(field.type)));
    }
    reader = JsonReader(files, options, "columns = {" + columns + "}");
  }
  std::string select;
  for (const base::Field& field : query.schema) {
    const bool is_there = is_json || base::FindField(found, field.name).has_value();
    select += fmt::format("{}CAST({} AS {}) AS {}", select.empty() ? "" : ", ",
                          is_there ? "r." + QuoteName(field.name) : std::string("NULL"),
                          ToSqlType(field.type), QuoteName(field.name));
  }
  if (!options.rescued_column.empty()) {
    query.schema.push_back({options.rescued_column, DataType(TypeKind::kString)});
    select += ", CAST(NULL AS VARCHAR) AS " + QuoteName(options.rescued_column);
  }
  query.sql = WithMetadata(select, reader, files, !is_json);
  return query;
}

}  // namespace

absl::StatusOr<FileQuery> PlanFileQuery(Connection& connection,
                                        const std::vector<SourceFile>& files,
                                        const FileOptions& options) {
  return options.format == FileFormat::kCsv ? PlanCsv(connection, files, options)
                                            : PlanTyped(connection, files, options);
}

}  // namespace smelt::duck
