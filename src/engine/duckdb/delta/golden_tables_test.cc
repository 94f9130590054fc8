// Tables that other writers made, with the rows that Spark reads from them
// (tests/tables/delta/<name>/{delta,expected}). SMELT_GOLDEN_TABLES names a folder of more of the
// kind.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/status.h"
#include "delta/snapshot.h"
#include "engine/duckdb/db/database.h"
#include "engine/duckdb/delta/delta_scan.h"
#include "engine/duckdb/delta/parquet_handler.h"
#include "storage/disk_store.h"

namespace smelt::duck {
namespace {

std::string TablesFolder() {
  const char* folder = std::getenv("SMELT_GOLDEN_TABLES");
  return folder != nullptr ? folder : SMELT_SOURCE_DIR "/tests/tables/delta";
}

std::vector<std::string> TablesWithExpectedRows() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(TablesFolder())) {
    if (std::filesystem::exists(entry.path() / "expected") &&
        std::filesystem::exists(entry.path() / "delta/_delta_log")) {
      names.insert(entry.path().filename());
    }
  }
  return {names.begin(), names.end()};
}

class GoldenTableTest : public testing::TestWithParam<std::string> {};

TEST_P(GoldenTableTest, GivesTheExpectedRowsOrIsRefused) {
  storage::DiskStore store(TablesFolder());
  auto database = Database::Open({.memory_bytes = 512 << 20, .threads = 2}).value();
  database->stores().Add("golden", &store);
  const auto registry = RegisterDeltaScan(*database).value();
  DuckParquetHandler parquet(database.get());
  const auto snapshot =
      delta::Snapshot::Load({.store = &store, .root = GetParam() + "/delta", .parquet = &parquet});
  if (absl::IsUnimplemented(snapshot.status())) {
    GTEST_SKIP() << snapshot.status();
  }
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();

  ScanSpec spec{
      .store_id = "golden", .table_root = GetParam() + "/delta", .table_name = GetParam()};
  spec.schema = (*snapshot)->schema();
  spec.partition_columns = (*snapshot)->partition_columns();
  spec.files = (*snapshot)->files();
  const auto scan = registry->Add(std::move(spec));
  ASSERT_TRUE(scan.ok()) << scan.status();

  std::string columns;
  for (const base::Field& field : (*snapshot)->schema()) {
    // Its partition values have no zone; Spark took them for Californian time when it wrote down
    // the expected rows.
    if (GetParam() == "data-reader-partition-values" && field.name == "as_timestamp") continue;
    columns += (columns.empty() ? "" : ", ") + QuoteName(field.name);
  }
  std::string files;
  ASSERT_TRUE(store
                  .List(GetParam() + "/expected/", "",
                        [&](const storage::ObjectInfo& info) {
                          if (info.key.ends_with(".parquet")) {
                            files += (files.empty() ? "" : ", ") +
                                     QuoteLiteral(StoreUrl("golden", info.key));
                          }
                          return true;
                        })
                  .ok());
  const std::string ours = fmt::format("SELECT {} FROM {}", columns, scan->Sql());
  const std::string expected =
      fmt::format("SELECT {} FROM read_parquet([{}], hive_partitioning = false)", columns, files);
  auto connection = database->Connect().value();
  for (const auto& [left, right] : {std::pair{ours, expected}, std::pair{expected, ours}}) {
    const auto extra = connection->QueryInt(
        fmt::format("SELECT count(*) FROM (({}) EXCEPT ALL ({}))", left, right));
    ASSERT_TRUE(extra.ok()) << extra.status();
    EXPECT_EQ(*extra, 0) << left << " has rows that are not in " << right;
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, GoldenTableTest, testing::ValuesIn(TablesWithExpectedRows()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return !isalnum(c); }, '_');
                           return name;
                         });

}  // namespace
}  // namespace smelt::duck
