#include "engine/duckdb/delta/delta_scan.h"

#include <algorithm>
#include <duckdb.hpp>
#include <duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp>
#include <duckdb/common/multi_file/multi_file_function.hpp>
#include <duckdb/common/multi_file/multi_file_reader.hpp>
#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/function/partition_stats.hpp>
#include <duckdb/main/extension/extension_loader.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/planner/expression/bound_columnref_expression.hpp>
#include <duckdb/planner/expression/bound_constant_expression.hpp>
#include <duckdb/planner/expression_iterator.hpp>
#include <optional>

#include "base/status.h"
#include "delta/partition_values.h"
#include "engine/duckdb/db/error.h"
#include "engine/duckdb/db/type_mapping.h"
#include "engine/duckdb/delta/pushed_filters.h"

namespace smelt::duck {
namespace {

using duckdb::ClientContext;
using duckdb::column_t;
using duckdb::Expression;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::MultiFileOptions;
using duckdb::OpenFileInfo;
using duckdb::Value;

// A file's position in ScanSpec::files, which pruning does not change.
constexpr char kOrdinalOption[] = "smelt_ordinal";

// A copy: taking the address of the class's own constant would define it a second time.
constexpr column_t kRowNumberColumn = duckdb::MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER;
constexpr column_t kMetadataColumn = UINT64_C(9223372036854776000);
constexpr column_t kFileColumn = UINT64_C(9223372036854776001);

LogicalType MetadataType() {
  return LogicalType::STRUCT({{"file_path", LogicalType::VARCHAR},
                              {"file_name", LogicalType::VARCHAR},
                              {"file_size", LogicalType::BIGINT},
                              {"file_modification_time", LogicalType::TIMESTAMP_TZ}});
}

Value MetadataValue(const RegisteredScan& scan, idx_t ordinal) {
  const delta::AddFile& file = *scan.spec.files[ordinal];
  const std::string& url = scan.urls[ordinal];
  // Spark's paths have no store id: the key, as in the lake.
  const std::string key = url.substr(url.find('/', kStoreScheme.size()) + 1);
  return Value::STRUCT({{"file_path", Value(key)},
                        {"file_name", Value(key.substr(key.rfind('/') + 1))},
                        {"file_size", Value::BIGINT(file.size_bytes)},
                        {"file_modification_time", Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(
                                                       file.modification_time_ms * 1000))}});
}

Value PartitionValue(const RegisteredScan& scan, idx_t ordinal, const base::Field& column) {
  const LogicalType type = ToLogicalType(column.type);
  const delta::PartitionValues& values = scan.spec.files[ordinal]->partition_values;
  const auto entry = values.find(column.name);
  if (entry == values.end()) return Value(type);
  const auto text = delta::NormalizePartitionValue(column.type, entry->second);
  if (!text.ok()) {
    ThrowStatus(base::Annotate(text.status(), "table {}, data file '{}', partition column {}",
                               scan.spec.table_name, scan.spec.files[ordinal]->path, column.name));
  }
  if (!text->has_value()) return Value(type);
  if (column.type.is(base::TypeKind::kBinary)) return Value::BLOB_RAW(**text);
  return Value(**text).DefaultCastAs(type);
}

// The files that a query still has to look at: positions in the registered scan.
class DeltaFileList : public duckdb::MultiFileList {
 public:
  DeltaFileList(std::shared_ptr<RegisteredScan> scan, std::vector<idx_t> ordinals)
      : scan_(std::move(scan)), ordinals_(std::move(ordinals)) {}

  static duckdb::unique_ptr<DeltaFileList> All(std::shared_ptr<RegisteredScan> scan) {
    std::vector<idx_t> ordinals(scan->spec.files.size());
    for (idx_t i = 0; i < ordinals.size(); ++i) ordinals[i] = i;
    return duckdb::make_uniq<DeltaFileList>(std::move(scan), std::move(ordinals));
  }

  const RegisteredScan& scan() const { return *scan_; }

  duckdb::unique_ptr<duckdb::MultiFileList> ComplexFilterPushdown(
      ClientContext& context, const MultiFileOptions& options, duckdb::MultiFilePushdownInfo& info,
      duckdb::vector<duckdb::unique_ptr<Expression>>& filters) const override {
    PushedFilters pushed(context, scan_->spec, info.table_index, info.column_ids);
    for (const auto& filter : filters) pushed.Add(*filter);
    auto pruned = Prune(pushed);
    if (pruned != nullptr) {
      info.extra_info.total_files = ordinals_.size();
      info.extra_info.filtered_files = pruned->ordinals_.size();
      info.extra_info.file_filters = pushed.ToString();
    }
    std::erase_if(filters, [&](const auto& filter) { return pushed.Decided(*filter); });
    return pruned;
  }

  duckdb::unique_ptr<duckdb::MultiFileList> DynamicFilterPushdown(
      ClientContext& context, const MultiFileOptions& options,
      const duckdb::vector<std::string>& names, const duckdb::vector<LogicalType>& types,
      const duckdb::vector<column_t>& column_ids, duckdb::TableFilterSet& filters) const override {
    constexpr idx_t kTable = 0;
    PushedFilters pushed(context, scan_->spec, kTable, column_ids);
    for (const auto& [position, filter] : filters.filters) {
      const column_t column = column_ids[position];
      if (duckdb::IsVirtualColumn(column)) continue;
      const duckdb::BoundColumnRefExpression reference(types[column],
                                                       duckdb::ColumnBinding(kTable, position));
      pushed.Add(*filter->ToExpression(reference));
    }
    return Prune(pushed);
  }

  duckdb::vector<OpenFileInfo> GetAllFiles() const override {
    duckdb::vector<OpenFileInfo> files;
    for (idx_t i = 0; i < ordinals_.size(); ++i) files.push_back(GetFile(i));
    return files;
  }
  // Never "a single file": DuckDB would then ask the file that it was bound to for the number of
  // threads, and there is no such file here.
  duckdb::FileExpandResult GetExpandResult() const override {
    return ordinals_.empty() ? duckdb::FileExpandResult::NO_FILES
                             : duckdb::FileExpandResult::MULTIPLE_FILES;
  }
  idx_t GetTotalFileCount() const override { return ordinals_.size(); }

  // Rows of all files by the log; nullopt where a file does not say.
  std::optional<idx_t> Rows() const {
    const std::vector<std::optional<int64_t>>& records = scan_->NumRecords();
    int64_t rows = 0;
    for (const idx_t ordinal : ordinals_) {
      if (!records[ordinal].has_value()) return std::nullopt;
      rows += *records[ordinal];
    }
    return static_cast<idx_t>(rows);
  }
  duckdb::unique_ptr<duckdb::NodeStatistics> GetCardinality(ClientContext& context) const override {
    const auto rows = Rows();
    if (rows.has_value()) return duckdb::make_uniq<duckdb::NodeStatistics>(*rows, *rows);
    constexpr int64_t kGuessedBytesPerRow = 64;
    int64_t bytes = 0;
    for (const idx_t ordinal : ordinals_) bytes += scan_->spec.files[ordinal]->size_bytes;
    return duckdb::make_uniq<duckdb::NodeStatistics>(
        static_cast<idx_t>(bytes / kGuessedBytesPerRow));
  }
  duckdb::unique_ptr<duckdb::MultiFileList> Copy() const override {
    return duckdb::make_uniq<DeltaFileList>(scan_, ordinals_);
  }

 protected:
  OpenFileInfo GetFile(idx_t i) const override {
    if (i >= ordinals_.size()) return OpenFileInfo();
    OpenFileInfo file(scan_->urls[ordinals_[i]]);
    file.extended_info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
    file.extended_info->options[kOrdinalOption] = Value::UBIGINT(ordinals_[i]);
    return file;
  }

 private:
  // nullptr where every file stays.
  duckdb::unique_ptr<DeltaFileList> Prune(PushedFilters& pushed) const {
    if (pushed.empty()) return nullptr;
    std::vector<idx_t> kept =
        pushed.MayMatch(ordinals_, [this](idx_t ordinal, const base::Field& column) {
          return PartitionValue(*scan_, ordinal, column);
        });
    if (kept.size() == ordinals_.size()) return nullptr;
    return duckdb::make_uniq<DeltaFileList>(scan_, std::move(kept));
  }

  const std::shared_ptr<RegisteredScan> scan_;
  const std::vector<idx_t> ordinals_;
};

struct ScanFunctionInfo : duckdb::TableFunctionInfo {
  explicit ScanFunctionInfo(std::shared_ptr<ScanRegistry> registry)
      : registry(std::move(registry)) {}
  const std::shared_ptr<ScanRegistry> registry;
};

// Tells DuckDB's Parquet scan what the log knows: columns, constants, files.
class DeltaFileReader : public duckdb::MultiFileReader {
 public:
  DeltaFileReader(std::shared_ptr<ScanRegistry> registry, std::shared_ptr<RegisteredScan> scan)
      : registry_(std::move(registry)), scan_(std::move(scan)) {}

  duckdb::shared_ptr<duckdb::MultiFileList> CreateFileList(
      ClientContext& context, const duckdb::vector<std::string>& paths,
      const duckdb::FileGlobInput& glob) override {
    auto scan = registry_->Find(paths.at(0));
    if (!scan.ok()) ThrowStatus(scan.status());
    scan_ = std::move(scan).value();
    return duckdb::shared_ptr<duckdb::MultiFileList>(DeltaFileList::All(scan_).release());
  }

  bool Bind(MultiFileOptions& options, duckdb::MultiFileList& files,
            duckdb::vector<LogicalType>& types, duckdb::vector<std::string>& names,
            duckdb::MultiFileReaderBindData& bind_data) override {
    options.auto_detect_hive_partitioning = false;
    options.hive_partitioning = false;
    options.union_by_name = false;
    for (const base::Field& field : scan_->spec.schema) {
      const LogicalType type = ToLogicalType(field.type);
      names.push_back(field.name);
      types.push_back(type);
      auto column = duckdb::MultiFileColumnDefinition::CreateFromNameAndType(field.name, type);
      // In files that are older than the column.
      column.default_expression = duckdb::make_uniq<duckdb::ConstantExpression>(Value(type));
      bind_data.schema.push_back(std::move(column));
    }
    return true;
  }

  duckdb::unique_ptr<duckdb::MultiFileReaderGlobalState> InitializeGlobalState(
      ClientContext& context, const MultiFileOptions& options,
      const duckdb::MultiFileReaderBindData& bind_data, const duckdb::MultiFileList& files,
      const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
      const duckdb::vector<duckdb::ColumnIndex>& column_ids) override {
    scan_->candidates += static_cast<int64_t>(files.GetTotalFileCount());
    return MultiFileReader::InitializeGlobalState(context, options, bind_data, files, columns,
                                                  column_ids);
  }

  duckdb::shared_ptr<duckdb::BaseFileReader> CreateReader(
      ClientContext& context, duckdb::GlobalTableFunctionState& state, const OpenFileInfo& file,
      idx_t file_index, const duckdb::MultiFileBindData& bind_data) override {
    ++scan_->opened;
    try {
      return MultiFileReader::CreateReader(context, state, file, file_index, bind_data);
    } catch (const std::exception& exception) {
      ThrowUnreadable(file, ToStatus(exception));
    }
  }

  void FinalizeBind(duckdb::MultiFileReaderData& reader_data, const MultiFileOptions& options,
                    const duckdb::MultiFileReaderBindData& bind_data,
                    const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
                    const duckdb::vector<duckdb::ColumnIndex>& column_ids, ClientContext& context,
                    duckdb::optional_ptr<duckdb::MultiFileReaderGlobalState> state) override {
    MultiFileReader::FinalizeBind(reader_data, options, bind_data, columns, column_ids, context,
                                  state);
    const idx_t ordinal = OrdinalOf(reader_data.reader->file);
    for (idx_t i = 0; i < column_ids.size(); ++i) {
      const column_t column = column_ids[i].GetPrimaryIndex();
      const duckdb::MultiFileGlobalIndex position(i);
      if (column == kMetadataColumn) {
        reader_data.constant_map.Add(position, MetadataValue(*scan_, ordinal));
      } else if (column == kFileColumn) {
        reader_data.constant_map.Add(position, Value(scan_->spec.files[ordinal]->path));
      } else if (!duckdb::IsVirtualColumn(column) && IsPartitionColumn(column)) {
        reader_data.constant_map.Add(position,
                                     PartitionValue(*scan_, ordinal, scan_->spec.schema[column]));
      }
    }
  }

  duckdb::unique_ptr<MultiFileReader> Copy() const override {
    return duckdb::make_uniq<DeltaFileReader>(registry_, scan_);
  }

 private:
  static idx_t OrdinalOf(const OpenFileInfo& file) {
    return file.extended_info->options.at(kOrdinalOption).GetValue<uint64_t>();
  }

  bool IsPartitionColumn(column_t column) const {
    const auto& partitions = scan_->spec.partition_columns;
    return std::find(partitions.begin(), partitions.end(), scan_->spec.schema[column].name) !=
           partitions.end();
  }

  [[noreturn]] void ThrowUnreadable(const OpenFileInfo& info, const absl::Status& status) const {
    const std::string& path = scan_->spec.files[OrdinalOf(info)]->path;
    if (absl::IsNotFound(status)) {
      ThrowStatus(base::DataLoss("table {}: its log names the data file '{}', which is not there",
                                 scan_->spec.table_name, path));
    }
    const bool corrupt = absl::IsInvalidArgument(status) || absl::IsDataLoss(status);
    ThrowStatus(base::Error(corrupt ? absl::StatusCode::kDataLoss : status.code(),
                            "table {}: data file '{}' cannot be read: {}", scan_->spec.table_name,
                            path, base::Message(status)));
  }

  const std::shared_ptr<ScanRegistry> registry_;
  std::shared_ptr<RegisteredScan> scan_;
};

duckdb::unique_ptr<duckdb::MultiFileReader> CreateDeltaFileReader(
    const duckdb::TableFunction& function) {
  return duckdb::make_uniq<DeltaFileReader>(
      function.function_info->Cast<ScanFunctionInfo>().registry, nullptr);
}

duckdb::virtual_column_map_t VirtualColumns(
    ClientContext& context, duckdb::optional_ptr<duckdb::FunctionData> function_data) {
  auto& bind_data = function_data->Cast<duckdb::MultiFileBindData>();
  duckdb::virtual_column_map_t columns;
  columns.emplace(duckdb::COLUMN_IDENTIFIER_EMPTY, duckdb::TableColumn("", LogicalType::BOOLEAN));
  columns.emplace(kRowNumberColumn, duckdb::TableColumn("file_row_number", LogicalType::BIGINT));
  columns.emplace(kMetadataColumn, duckdb::TableColumn("_metadata", MetadataType()));
  columns.emplace(kFileColumn, duckdb::TableColumn("__file", LogicalType::VARCHAR));
  bind_data.virtual_columns = columns;
  return columns;
}

// Lets the optimizer answer count(*) without a scan.
duckdb::vector<duckdb::PartitionStatistics> PartitionStats(ClientContext& context,
                                                           duckdb::GetPartitionStatsInput& input) {
  const auto& bind_data = input.bind_data->Cast<duckdb::MultiFileBindData>();
  const auto rows = bind_data.file_list->Cast<DeltaFileList>().Rows();
  if (!rows.has_value()) return {};
  duckdb::PartitionStatistics all;
  all.count = *rows;
  all.count_type = duckdb::CountType::COUNT_EXACT;
  return {all};
}

}  // namespace

absl::StatusOr<std::shared_ptr<ScanRegistry>> RegisterDeltaScan(Database& database) {
  auto registry = std::make_shared<ScanRegistry>(&database.stores());
  return CatchErrors([&]() -> absl::StatusOr<std::shared_ptr<ScanRegistry>> {
    duckdb::ExtensionLoader loader(*database.raw().instance, "smelt");
    duckdb::TableFunction scan = loader.GetTableFunction("parquet_scan").functions.functions.at(0);
    scan.name = "smelt_delta_scan";
    scan.function_info = duckdb::make_shared_ptr<ScanFunctionInfo>(registry);
    scan.get_multi_file_reader = CreateDeltaFileReader;
    scan.get_virtual_columns = VirtualColumns;
    scan.get_partition_stats = PartitionStats;
    scan.named_parameters.clear();
    // These go by file names and positions, which for a Delta table are the log's.
    scan.statistics = nullptr;
    scan.serialize = nullptr;
    scan.deserialize = nullptr;
    scan.get_row_id_columns = nullptr;
    scan.late_materialization = false;
    loader.RegisterFunction(std::move(scan));
    return registry;
  });
}

}  // namespace smelt::duck
