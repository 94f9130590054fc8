// Writes tables into the folder that SMELT_TABLES_DIR names, for other people's readers:
// tests/interop/test_delta_tables.py runs this and knows what must be in them.

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/status.h"
#include "delta/checkpoint.h"
#include "delta/operations.h"
#include "engine/duckdb/delta/delta_scan.h"
#include "engine/duckdb/delta/parquet_handler.h"
#include "engine/duckdb/delta/parquet_write.h"
#include "storage/disk_store.h"

namespace smelt::duck {
namespace {

using base::DataType;
using base::TypeKind;

class TablesForPeersTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("SMELT_TABLES_DIR");
    if (folder == nullptr) GTEST_SKIP() << "SMELT_TABLES_DIR is not set";
    store_ = std::make_unique<storage::DiskStore>(folder);
    database_ = Database::Open({.memory_bytes = 512 << 20, .threads = 2}).value();
    database_->stores().Add("lake", store_.get());
    parquet_ = std::make_unique<DuckParquetHandler>(database_.get());
    connection_ = database_->Connect().value();
  }

  delta::Table Table(const std::string& root) {
    return {.store = store_.get(), .root = root, .parquet = parquet_.get()};
  }

  std::vector<delta::AddFile> Write(const std::string& root, const delta::TableDefinition& table,
                                    const std::string& query) {
    WriteSpec spec{.store_id = "lake", .table_root = root, .schema = table.schema};
    spec.partition_columns = table.partition_columns;
    auto written = WriteParquet(*connection_, query, spec);
    EXPECT_TRUE(written.ok()) << written.status();
    return written.ok() ? written->files : std::vector<delta::AddFile>{};
  }

  static void Commit(absl::StatusOr<delta::Transaction> transaction) {
    ASSERT_TRUE(transaction.ok()) << transaction.status();
    const auto outcome = transaction->Commit();
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    ASSERT_TRUE(std::holds_alternative<delta::Committed>(*outcome));
  }

  void Create(const std::string& root, const delta::TableDefinition& table,
              const std::string& query) {
    Commit(delta::CreateTable(Table(root), table, Write(root, table, query)));
  }

  std::unique_ptr<storage::DiskStore> store_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<DuckParquetHandler> parquet_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(TablesForPeersTest, EveryType) {
  const DataType text(TypeKind::kString);
  const DataType number(TypeKind::kLong);
  const delta::TableDefinition table{
      .schema = {{.name = "id", .type = DataType(TypeKind::kInteger)},
                 {.name = "bool", .type = DataType(TypeKind::kBoolean)},
                 {.name = "byte", .type = DataType(TypeKind::kByte)},
                 {.name = "short", .type = DataType(TypeKind::kShort)},
                 {.name = "long", .type = number},
                 {.name = "float", .type = DataType(TypeKind::kFloat)},
                 {.name = "double", .type = DataType(TypeKind::kDouble)},
                 {.name = "dec9", .type = DataType::Decimal(9, 2)},
                 {.name = "dec18", .type = DataType::Decimal(18, 6)},
                 {.name = "dec38", .type = DataType::Decimal(38, 10)},
                 {.name = "text", .type = text},
                 {.name = "bytes", .type = DataType(TypeKind::kBinary)},
                 {.name = "date", .type = DataType(TypeKind::kDate)},
                 {.name = "ts", .type = DataType(TypeKind::kTimestamp)},
                 {.name = "list", .type = DataType::Array(number)},
                 {.name = "map", .type = DataType::Map(text, DataType::Decimal(5, 1))},
                 {.name = "struct",
                  .type = DataType::Struct({{.name = "a", .type = number},
                                            {.name = "b", .type = DataType::Array(text)}})},
                 {.name = "list_of_struct",
                  .type = DataType::Array(DataType::Struct({{.name = "x", .type = text}}))}}};
  Create("every_type", table,
         "SELECT 1 AS id, true AS bool, -128 AS byte, 32767 AS short, 9223372036854775807 AS long, "
         "0.1 AS float, 1e300 AS double, 1234567.89 AS dec9, -123456789012.345678 AS dec18, "
         "1234567890123456789012345678.0123456789 AS dec38, 'é\"\\n' AS text, '\\x00\\xFF'::BLOB "
         "AS bytes, "
         "DATE '2024-02-29' AS date, TIMESTAMPTZ '2024-02-29 12:34:56.789012+00' AS ts, [1, NULL, "
         "3] AS list, "
         "MAP {'k': 1.5, 'l': NULL} AS map, {'a': 7, 'b': ['x', 'y']} AS struct, [{'x': 'p'}, "
         "NULL] AS list_of_struct "
         "UNION ALL SELECT 2, false, 127, -32768, -9223372036854775808, 'nan'::FLOAT, "
         "'-inf'::DOUBLE, NULL, NULL, "
         "NULL, '', ''::BLOB, DATE '1969-12-31', TIMESTAMPTZ '1969-12-31 23:59:59.999999+00', [], "
         "MAP {}, {'a': NULL, 'b': []}, [] "
         "UNION ALL SELECT 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
         "NULL, NULL, NULL, NULL, NULL, NULL");
}

TEST_F(TablesForPeersTest, Partitions) {
  const delta::TableDefinition table{
      .schema = {{.name = "v", .type = DataType(TypeKind::kLong)},
                 {.name = "text", .type = DataType(TypeKind::kString)},
                 {.name = "day", .type = DataType(TypeKind::kDate)},
                 {.name = "ts", .type = DataType(TypeKind::kTimestamp)},
                 {.name = "dec", .type = DataType::Decimal(10, 2)}},
      .partition_columns = {"text", "day", "ts", "dec"}};
  Create("partitions", table,
         "SELECT v, text, CASE WHEN v % 2 = 0 THEN DATE '2011-01-04' END AS day, CASE WHEN v % 3 = "
         "0 THEN TIMESTAMPTZ "
         "'2011-01-04 10:00:00.5+00' END AS ts, CASE WHEN v % 5 = 0 THEN 1.5 END AS dec FROM "
         "(VALUES (0, 'plain'), "
         "(1, 'with space'), (2, 'a/b'), (3, 'k=v'), (4, '100%'), (5, 'Zürich 東京'), (6, NULL), "
         "(7, '%20'), "
         "(8, 'it''s \"quoted\"'), (9, 'a:b?c#d*[1]&+'), (10, '..'), (11, '{x}')) t(v, text)");
}

TEST_F(TablesForPeersTest, EvolutionAndCheckpoint) {
  const std::string root = "evolved";
  delta::TableDefinition table{.schema = {{.name = "id", .type = DataType(TypeKind::kLong)}}};
  Create(root, table, "SELECT i AS id FROM range(10) t(i)");
  table.schema.push_back({.name = "name", .type = DataType(TypeKind::kString)});
  for (int commit = 1; commit <= 12; ++commit) {
    const auto snapshot = delta::Snapshot::Load(Table(root));
    ASSERT_TRUE(snapshot.ok()) << snapshot.status();
    auto append = delta::Append(
        *snapshot, table.schema, delta::SchemaMode::kMerge,
        Write(root, table,
              fmt::format("SELECT {0} * 100 + i AS id, 'commit {0}' AS name FROM range(10) t(i)",
                          commit)));
    ASSERT_TRUE(append.ok()) << append.status();
    append->SetAppTransaction("peers", commit);
    Commit(std::move(append));
  }
}

}  // namespace
}  // namespace smelt::duck
