#include "engine/duckdb/sources/export_scan.h"

#include <duckdb.hpp>
#include <duckdb/main/extension/extension_loader.hpp>
#include <optional>

#include "base/status.h"
#include "dynamodb/export/export_row.h"
#include "engine/duckdb/db/error.h"
#include "engine/duckdb/db/type_mapping.h"

namespace smelt::duck {

namespace {

using duckdb::ClientContext;
using duckdb::column_t;
using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::Vector;
using dynamodb::Batch;
using dynamodb::BatchMemory;
using dynamodb::Column;
using dynamodb::ExportReader;
using dynamodb::ListRange;
using dynamodb::TextRef;

// Any id in the range that DuckDB sets aside for hidden columns.
constexpr column_t kMetadataColumnId = UINT64_C(9223372036854776000);

// --- From the reader's columns to DuckDB's vectors ---

// Keeps the texts that a vector's strings point to.
class TextBuffer : public duckdb::VectorBuffer {
 public:
  explicit TextBuffer(std::shared_ptr<BatchMemory> memory)
      : VectorBuffer(duckdb::VectorBufferType::OPAQUE_BUFFER), memory_(std::move(memory)) {}

 private:
  const std::shared_ptr<BatchMemory> memory_;
};

void FillValidity(const Column& column, Vector& out) {
  if (!column.has_nulls()) return;
  duckdb::ValidityMask& mask = duckdb::FlatVector::Validity(out);
  const uint8_t* const valid = column.validity();
  for (size_t row = 0; row < column.size(); ++row) {
    if (valid[row] == 0) mask.SetInvalid(row);
  }
}

void FillText(const Column& column, const std::shared_ptr<BatchMemory>& memory, Vector& out) {
  auto* const target = duckdb::FlatVector::GetData<duckdb::string_t>(out);
  const auto* const source = static_cast<const TextRef*>(column.data());
  const uint8_t* const valid = column.validity();
  for (size_t row = 0; row < column.size(); ++row) {
    if (valid[row] == 0) continue;
    target[row] = duckdb::string_t(source[row].data, static_cast<uint32_t>(source[row].size));
  }
  duckdb::StringVector::AddBuffer(out, duckdb::make_buffer<TextBuffer>(memory));
}

void FillVector(const Column& column, const std::shared_ptr<BatchMemory>& memory, Vector& out);

void FillList(const Column& column, const std::shared_ptr<BatchMemory>& memory, Vector& out) {
  static_assert(sizeof(ListRange) == sizeof(duckdb::list_entry_t));
  const idx_t elements = column.children()[0].size();
  duckdb::ListVector::Reserve(out, elements);
  std::memcpy(duckdb::FlatVector::GetData(out), column.data(), column.size() * sizeof(ListRange));
  Vector& child = duckdb::ListVector::GetEntry(out);
  if (column.type().is(base::TypeKind::kMap)) {
    auto& entries = duckdb::StructVector::GetEntries(child);
    FillVector(column.children()[0], memory, *entries[0]);
    FillVector(column.children()[1], memory, *entries[1]);
  } else {
    FillVector(column.children()[0], memory, child);
  }
  duckdb::ListVector::SetListSize(out, elements);
}

void FillVector(const Column& column, const std::shared_ptr<BatchMemory>& memory, Vector& out) {
  if (column.size() == 0) return;
  FillValidity(column, out);
  switch (column.type().kind()) {
    case base::TypeKind::kString:
    case base::TypeKind::kBinary:
      return FillText(column, memory, out);
    case base::TypeKind::kArray:
    case base::TypeKind::kMap:
      return FillList(column, memory, out);
    case base::TypeKind::kStruct: {
      auto& members = duckdb::StructVector::GetEntries(out);
      for (size_t i = 0; i < members.size(); ++i) {
        FillVector(column.children()[i], memory, *members[i]);
      }
      return;
    }
    default:
      std::memcpy(duckdb::FlatVector::GetData(out), column.data(),
                  column.size() * column.width_bytes());
  }
}

// --- The table function ---

struct FunctionInfo : public duckdb::TableFunctionInfo {
  explicit FunctionInfo(std::shared_ptr<ExportScanRegistry> scans) : registry(std::move(scans)) {}
  std::shared_ptr<ExportScanRegistry> registry;
};

struct BindData : public duckdb::TableFunctionData {
  std::shared_ptr<RegisteredExportScan> scan;

  duckdb::unique_ptr<FunctionData> Copy() const override {
    auto copy = duckdb::make_uniq<BindData>();
    copy->scan = scan;
    return copy;
  }
  bool Equals(const FunctionData& other) const override {
    return scan == other.Cast<BindData>().scan;
  }
};

duckdb::unique_ptr<duckdb::FunctionData> Bind(ClientContext&, duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<LogicalType>& types,
                                              duckdb::vector<std::string>& names) {
  const std::string id = input.inputs[0].ToString();
  auto scan = input.info->Cast<FunctionInfo>().registry->Find(id);
  if (!scan.ok()) ThrowStatus(scan.status());
  auto data = duckdb::make_uniq<BindData>();
  data->scan = *std::move(scan);
  for (const base::Field& field : dynamodb::ExportRowSchema(data->scan->spec.attributes)) {
    if (field.name == dynamodb::kMetadataColumn) continue;
    names.push_back(field.name);
    types.push_back(ToLogicalType(field.type));
  }
  return data;
}

duckdb::virtual_column_map_t VirtualColumns(ClientContext&,
                                            duckdb::optional_ptr<duckdb::FunctionData>) {
  duckdb::virtual_column_map_t columns;
  columns.emplace(duckdb::COLUMN_IDENTIFIER_EMPTY, duckdb::TableColumn("", LogicalType::BOOLEAN));
  columns.emplace(kMetadataColumnId,
                  duckdb::TableColumn(dynamodb::kMetadataColumn,
                                      ToLogicalType(dynamodb::ExportMetadataType())));
  return columns;
}

struct GlobalState : public duckdb::GlobalTableFunctionState {
  std::shared_ptr<RegisteredExportScan> scan;
  std::vector<size_t> projection;                // for the reader
  std::vector<std::optional<size_t>> column_of;  // by output column; nullopt: of no interest
  std::atomic<size_t> next_file{0};
  std::atomic<int64_t> rows{0};

  idx_t MaxThreads() const override { return std::max<idx_t>(1, scan->files.size()); }
};

struct LocalState : public duckdb::LocalTableFunctionState {
  std::unique_ptr<ExportReader> reader;
  size_t file = 0;        // the reader's
  int64_t delivered = 0;  // rows of it
  Batch batch;
  int64_t bad_lines = 0;  // of the reader, as counted so far
};

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> InitGlobal(
    ClientContext&, duckdb::TableFunctionInitInput& input) {
  auto state = duckdb::make_uniq<GlobalState>();
  state->scan = input.bind_data->Cast<BindData>().scan;
  const size_t metadata =
      state->scan->spec.attributes.size() + static_cast<size_t>(dynamodb::SystemColumn::kMetadata);
  for (const column_t column : input.column_ids) {
    if (column != kMetadataColumnId && duckdb::IsVirtualColumn(column)) {
      state->column_of.push_back(std::nullopt);
      continue;
    }
    state->column_of.push_back(state->projection.size());
    state->projection.push_back(column == kMetadataColumnId ? metadata : column);
  }
  return state;
}

duckdb::unique_ptr<duckdb::LocalTableFunctionState> InitLocal(duckdb::ExecutionContext&,
                                                              duckdb::TableFunctionInitInput&,
                                                              duckdb::GlobalTableFunctionState*) {
  return duckdb::make_uniq<LocalState>();
}

void FinishFile(RegisteredExportScan& scan, const LocalState& local) {
  ++scan.files_done;
  const dynamodb::DataFile& file = *scan.files[local.file].file;
  if (local.delivered == file.item_count) return;
  const std::lock_guard<std::mutex> lock(scan.mutex);
  scan.undelivered.Update(
      base::DataLoss("{}: {} rows were delivered, but its manifest says {} items", file.key,
                     local.delivered, file.item_count));
}

// Reads the next batch of this thread's file, or of the next file that nobody reads; false where
// there is none.
bool NextBatch(GlobalState& global, LocalState& local) {
  RegisteredExportScan& scan = *global.scan;
  while (true) {
    if (local.reader == nullptr) {
      const size_t next = global.next_file++;
      if (next >= scan.files.size()) return false;
      auto reader =
          ExportReader::Open(*scan.spec.store, *scan.files[next].found, *scan.files[next].file,
                             scan.spec.attributes, global.projection, scan.spec.options);
      if (!reader.ok()) ThrowStatus(reader.status());
      local.reader = *std::move(reader);
      local.batch = Batch();
      local.bad_lines = 0;
      local.file = next;
      local.delivered = 0;
    }
    const absl::Status status = local.reader->Next(&local.batch);
    if (!status.ok()) ThrowStatus(status);
    scan.bad_lines +=
        local.reader->bad_lines() - std::exchange(local.bad_lines, local.reader->bad_lines());
    if (local.batch.rows > 0) return true;
    local.reader.reset();
    FinishFile(scan, local);
  }
}

void Scan(ClientContext&, duckdb::TableFunctionInput& input, duckdb::DataChunk& output) {
  static_assert(ExportReader::kBatchRows <= STANDARD_VECTOR_SIZE);
  auto& global = input.global_state->Cast<GlobalState>();
  auto& local = input.local_state->Cast<LocalState>();
  if (!NextBatch(global, local)) {
    output.SetCardinality(0);
    return;
  }
  for (size_t i = 0; i < global.column_of.size(); ++i) {
    if (global.column_of[i]) {
      FillVector(local.batch.columns[*global.column_of[i]], local.batch.memory, output.data[i]);
    } else {
      output.data[i].SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
      duckdb::ConstantVector::SetNull(output.data[i], true);
    }
  }
  output.SetCardinality(local.batch.rows);
  local.delivered += static_cast<int64_t>(output.size());
  global.rows += static_cast<int64_t>(local.batch.rows);
  global.scan->rows += static_cast<int64_t>(local.batch.rows);
}

duckdb::unique_ptr<duckdb::NodeStatistics> Cardinality(ClientContext&,
                                                       const duckdb::FunctionData* data) {
  const auto items = static_cast<idx_t>(data->Cast<BindData>().scan->item_count);
  return duckdb::make_uniq<duckdb::NodeStatistics>(items, items);
}

double ProgressPercent(ClientContext&, const duckdb::FunctionData*,
                       const duckdb::GlobalTableFunctionState* state) {
  const auto& global = state->Cast<GlobalState>();
  if (global.scan->item_count == 0) return 100;
  return 100.0 * static_cast<double>(global.rows) / static_cast<double>(global.scan->item_count);
}

}  // namespace

absl::StatusOr<std::shared_ptr<ExportScanRegistry>> RegisterExportScan(Database& database) {
  return CatchErrors([&]() -> absl::StatusOr<std::shared_ptr<ExportScanRegistry>> {
    auto registry = std::make_shared<ExportScanRegistry>();
    duckdb::TableFunction scan("smelt_export_scan", {LogicalType::VARCHAR}, Scan, Bind, InitGlobal,
                               InitLocal);
    scan.function_info = duckdb::make_shared_ptr<FunctionInfo>(registry);
    scan.projection_pushdown = true;
    scan.get_virtual_columns = VirtualColumns;
    scan.cardinality = Cardinality;
    scan.table_scan_progress = ProgressPercent;
    duckdb::ExtensionLoader loader(*database.raw().instance, "smelt");
    loader.RegisterFunction(std::move(scan));
    return registry;
  });
}

}  // namespace smelt::duck
