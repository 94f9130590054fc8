#include "engine/duckdb/delta/parquet_write.h"

#include <algorithm>

#include "base/clock.h"
#include "base/json.h"
#include "base/status.h"
#include "delta/partition_values.h"
#include "delta/paths.h"
#include "delta/stats.h"
#include "engine/duckdb/db/result_rows.h"
#include "engine/duckdb/db/type_mapping.h"
#include "engine/duckdb/delta/staging_store.h"

namespace smelt::duck {
namespace {

using base::OrderedJson;
using base::TypeKind;

absl::Status CheckStorable(const base::DataType& type, const std::string& column) {
  switch (type.kind()) {
    case TypeKind::kNull:
      return base::InvalidArgument(
          "column '{}' is only ever NULL and has no type: give it one with CAST({} AS STRING)",
          column, column);
    case TypeKind::kInterval:
      return base::InvalidArgument(
          "column '{}' is an INTERVAL, which tables cannot hold: use CAST({} AS STRING)", column,
          column);
    case TypeKind::kVariant:
      return base::Unimplemented("column '{}': VARIANT columns cannot be written yet", column);
    case TypeKind::kArray:
      return CheckStorable(type.element(), column + ".element");
    case TypeKind::kMap:
      SMELT_RETURN_IF_ERROR(CheckStorable(type.key(), column + ".key"));
      return CheckStorable(type.value(), column + ".value");
    case TypeKind::kStruct:
      for (const base::Field& field : type.fields()) {
        SMELT_RETURN_IF_ERROR(CheckStorable(field.type, column + "." + field.name));
      }
      return absl::OkStatus();
    default:
      return absl::OkStatus();
  }
}

absl::Status CheckSpec(const WriteSpec& spec) {
  for (const base::Field& field : spec.schema) {
    SMELT_RETURN_IF_ERROR(CheckStorable(field.type, field.name));
  }
  for (const std::string& name : spec.partition_columns) {
    const auto column = base::FindField(spec.schema, name);
    if (!column.has_value()) {
      return base::InvalidArgument("partition column '{}' is not among the columns {}", name,
                                   base::SchemaToString(spec.schema));
    }
    const base::DataType& type = spec.schema[*column].type;
    if (type.is_nested() || type.is(TypeKind::kBinary)) {
      return base::InvalidArgument("a table cannot be partitioned by '{}', which is {}", name,
                                   type.ToString());
    }
  }
  if (spec.partition_columns.size() >= spec.schema.size()) {
    return base::InvalidArgument("a table needs a column that it is not partitioned by");
  }
  return absl::OkStatus();
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string QuotedList(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + QuoteName(name);
  return list;
}

// The query with exactly the table's columns.
std::string ShapedQuery(const std::string& query, const WriteSpec& spec, bool sort_partitions) {
  std::string columns;
  for (const base::Field& field : spec.schema) {
    const std::string name = QuoteName(field.name);
    std::string value = fmt::format("CAST({} AS {})", name, ToSqlType(field.type));
    // In the log, NULL and the empty text are one partition.
    if (field.type.is(TypeKind::kString) && Contains(spec.partition_columns, field.name)) {
      value = fmt::format("nullif({}, '')", value);
    }
    columns += fmt::format("{}{} AS {}", columns.empty() ? "" : ", ", value, name);
  }
  std::vector<std::string> order;
  if (sort_partitions || !spec.sort_by.empty()) order = spec.partition_columns;
  order.insert(order.end(), spec.sort_by.begin(), spec.sort_by.end());
  return fmt::format("SELECT {} FROM ({}\n) AS rows_to_write{}", columns, query,
                     order.empty() ? "" : " ORDER BY " + QuotedList(order));
}

std::string CopyStatement(const std::string& shaped_query, const WriteSpec& spec,
                          const std::string& url) {
  std::string options = fmt::format(
      "FORMAT parquet, COMPRESSION {}, RETURN_STATS true, OVERWRITE_OR_IGNORE true, "
      "FILENAME_PATTERN {}",
      spec.compression == ParquetCompression::kZstd ? "zstd" : "snappy",
      QuoteLiteral(spec.file_prefix + "-{uuid}"));
  if (spec.partition_columns.empty()) {
    options += fmt::format(", FILE_SIZE_BYTES {}, WRITE_EMPTY_FILE false", spec.target_file_bytes);
  } else {
    options += fmt::format(", PARTITION_BY ({})", QuotedList(spec.partition_columns));
  }
  return fmt::format("COPY ({}) TO {} ({})", shaped_query, QuoteLiteral(url), options);
}

// "\"a\".\"b\"" as DuckDB writes the path of a leaf column.
std::vector<std::string> SplitColumnPath(const std::string& quoted) {
  std::vector<std::string> path;
  bool inside = false;
  for (size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] != '"') {
      if (inside) path.back() += quoted[i];
    } else if (!inside) {
      inside = true;
      path.emplace_back();
    } else if (i + 1 < quoted.size() && quoted[i + 1] == '"') {
      path.back() += quoted[++i];
    } else {
      inside = false;
    }
  }
  return path;
}

std::optional<std::string> TextMember(const OrderedJson& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || !member->is_string()) return std::nullopt;
  return member->get<std::string>();
}

// What COPY's RETURN_STATS says of a file's columns.
delta::FileStatistics ToStatistics(const OrderedJson& columns, int64_t rows) {
  delta::FileStatistics stats{.num_records = rows, .columns = {}};
  if (!columns.is_object()) return stats;
  for (const auto& [path, values] : columns.items()) {
    delta::ColumnStatistics& column = stats.columns.emplace_back();
    column.path = SplitColumnPath(path);
    column.min = TextMember(values, "min");
    column.max = TextMember(values, "max");
    if (const auto nulls = TextMember(values, "null_count")) column.null_count = std::stoll(*nulls);
    column.has_nan = TextMember(values, "has_nan") == "true";
  }
  return stats;
}

absl::Status NullError(const std::string& column) {
  return base::InvalidArgument(
      "[DELTA_NOT_NULL_CONSTRAINT_VIOLATED] NOT NULL constraint violated for column: {}.", column);
}

absl::Status CheckNotNull(const base::Schema& schema, const delta::FileStatistics& stats) {
  for (const base::Field& field : schema) {
    if (field.nullable || field.type.is_nested()) continue;
    for (const delta::ColumnStatistics& column : stats.columns) {
      if (column.path == std::vector{field.name} && column.null_count.value_or(0) > 0) {
        return NullError(field.name);
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<delta::PartitionValues> ToPartitionValues(const OrderedJson& keys,
                                                         const WriteSpec& spec) {
  delta::PartitionValues values;
  for (const std::string& name : spec.partition_columns) {
    const base::Field& field = spec.schema[*base::FindField(spec.schema, name)];
    SMELT_ASSIGN_OR_RETURN(
        values[name], delta::NormalizePartitionValue(field.type, TextMember(keys, name.c_str())));
    if (!values[name].has_value() && !field.nullable) return NullError(name);
  }
  return values;
}

// COPY's report of one file: filename, count, file_size_bytes, footer_size_bytes,
// column_statistics, partition_keys.
absl::StatusOr<delta::AddFile> ToAddFile(const OrderedJson& report, const WriteSpec& spec,
                                         const std::string& table_url) {
  const int64_t rows = std::stoll(report.at("count").get<std::string>());
  const delta::FileStatistics stats = ToStatistics(report.at("column_statistics"), rows);
  SMELT_RETURN_IF_ERROR(CheckNotNull(spec.schema, stats));
  delta::AddFile file;
  file.path = delta::EncodePath(report.at("filename").get<std::string>().substr(table_url.size()));
  SMELT_ASSIGN_OR_RETURN(file.partition_values,
                         ToPartitionValues(report.at("partition_keys"), spec));
  file.size_bytes = std::stoll(report.at("file_size_bytes").get<std::string>());
  file.modification_time_ms = base::Clock::Real()->NowMicros() / 1000;
  base::Schema data_columns;
  for (const base::Field& field : spec.schema) {
    if (!Contains(spec.partition_columns, field.name)) data_columns.push_back(field);
  }
  file.stats = delta::StatsToJson(data_columns, stats);
  return file;
}

absl::StatusOr<WrittenFiles> WriteStaged(Connection& connection, const std::string& query,
                                         const WriteSpec& spec, bool sort_partitions,
                                         StagingStore& staging) {
  const TemporaryStore registered(&connection.database().stores(), &staging);
  const std::string table_url = StoreUrl(registered.id(), spec.table_root);
  SMELT_ASSIGN_OR_RETURN(
      const ResultRows reports,
      QueryRows(connection,
                CopyStatement(ShapedQuery(query, spec, sort_partitions), spec, table_url)));
  WrittenFiles written;
  for (const auto& row : reports.rows) {
    SMELT_ASSIGN_OR_RETURN(delta::AddFile file,
                           ToAddFile(RowToObject(reports.schema, row), spec,
                                     table_url.back() == '/' ? table_url : table_url + "/"));
    written.rows += delta::NumRecords(file.stats).value_or(0);
    written.bytes += file.size_bytes;
    written.files.push_back(std::move(file));
  }
  SMELT_RETURN_IF_ERROR(staging.Sync());
  return written;
}

}  // namespace

absl::StatusOr<WrittenFiles> WriteParquet(Connection& connection, const std::string& query,
                                          const WriteSpec& spec) {
  SMELT_RETURN_IF_ERROR(CheckSpec(spec));
  Database& database = connection.database();
  SMELT_ASSIGN_OR_RETURN(storage::ObjectStore * target, database.stores().Find(spec.store_id));
  const auto attempt = [&](bool sort_partitions, bool* sorting_helps) {
    StagingStore staging(target, sort_partitions ? 0 : database.max_open_partitions());
    auto written = WriteStaged(connection, query, spec, sort_partitions, staging);
    if (!written.ok()) staging.Discard();
    *sorting_helps = !sort_partitions && !spec.partition_columns.empty() &&
                     (staging.too_many_folders() || absl::IsResourceExhausted(written.status()));
    return written;
  };
  bool sorting_helps = false;
  auto written = attempt(spec.sort_partitions, &sorting_helps);
  return sorting_helps ? attempt(true, &sorting_helps) : std::move(written);
}

}  // namespace smelt::duck
