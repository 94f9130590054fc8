#include "engine/duckdb/delta/delta_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "engine/duckdb/db/result_rows.h"
#include "engine/duckdb/delta/parquet_write.h"
#include "storage/fault_injecting_store.h"
#include "storage/memory_store.h"

namespace smelt::duck {
namespace {

using base::DataType;
using base::Message;
using base::TypeKind;
using testing::HasSubstr;

DataType Type(TypeKind kind) { return DataType(kind); }

class DeltaScanTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Database::Open({.memory_bytes = 512 << 20, .threads = 2, .temp_directory = ""});
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = std::move(opened).value();
    database_->stores().Add("lake", &store_);
    registry_ = RegisterDeltaScan(*database_).value();
    connection_ = database_->Connect().value();
  }

  std::vector<delta::AddFile> Write(const std::string& query, const base::Schema& schema,
                                    std::vector<std::string> partitions = {}) {
    WriteSpec spec{.store_id = "lake", .table_root = "t", .schema = schema};
    spec.partition_columns = std::move(partitions);
    auto written = WriteParquet(*connection_, query, spec);
    EXPECT_TRUE(written.ok()) << written.status();
    return written.ok() ? written->files : std::vector<delta::AddFile>{};
  }

  Scan Register(const base::Schema& schema, const std::vector<delta::AddFile>& files,
                std::vector<std::string> partitions = {}) {
    ScanSpec spec{.store_id = "lake", .table_root = "t", .table_name = "main.t", .schema = schema};
    spec.partition_columns = std::move(partitions);
    for (const auto& file : files) {
      spec.files.push_back(std::make_shared<const delta::AddFile>(file));
    }
    auto scan = registry_->Add(std::move(spec));
    EXPECT_TRUE(scan.ok()) << scan.status();
    return std::move(scan).value();
  }

  std::string Rows(const std::string& sql) {
    auto rows = QueryRows(*connection_, sql);
    if (!rows.ok()) return Message(rows.status());
    base::OrderedJson array = base::OrderedJson::array();
    for (const auto& row : rows->rows) array.push_back(row);
    return array.dump();
  }

  // One file of 100 rows for each day of January, partitioned by it; v runs on through the days.
  std::vector<delta::AddFile> WriteJanuary() {
    return Write(
        "SELECT DATE '2024-01-01' + (i // 100)::INTEGER AS day, i AS v FROM range(3100) t(i)",
        january_, {"day"});
  }
  const base::Schema january_ = {{.name = "day", .type = Type(TypeKind::kDate)},
                                 {.name = "v", .type = Type(TypeKind::kLong)}};

  storage::MemoryStore memory_;
  storage::FaultInjectingStore store_{&memory_};
  std::unique_ptr<Database> database_;
  std::shared_ptr<ScanRegistry> registry_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(DeltaScanTest, TakesPartitionColumnsFromTheLog) {
  const auto files = WriteJanuary();
  ASSERT_EQ(files.size(), 31u);
  const Scan scan = Register(january_, files, {"day"});
  EXPECT_EQ(
      Rows("SELECT day, count(v), min(v) FROM " + scan.Sql() +
           " WHERE v % 1000 = 7 GROUP BY day ORDER BY day"),
      R"([["2024-01-01",1,7],["2024-01-11",1,1007],["2024-01-21",1,2007],["2024-01-31",1,3007]])");
}

TEST_F(DeltaScanTest, OpensOnlyFilesWhosePartitionsMatch) {
  const Scan scan = Register(january_, WriteJanuary(), {"day"});
  const std::vector<std::pair<std::string, int64_t>> cases = {
      {"day = DATE '2024-01-05'", 1},
      {"day >= DATE '2024-01-30'", 2},
      {"day BETWEEN DATE '2024-01-03' AND DATE '2024-01-05'", 3},
      {"day IN (DATE '2024-01-03', DATE '2024-01-09', DATE '2025-01-01')", 2},
      // Whatever is computed of partition columns alone is known before a file is opened.
      {"dayofmonth(day) % 10 = 0", 3},
      {"day = DATE '2024-01-05' OR strftime(day, '%d') = '07'", 2},
      {"day IS NULL", 0},
      {"day > DATE '2024-02-01' AND v > 0", 0},
  };
  ScanCounts before = scan.counts();
  for (const auto& [filter, files] : cases) {
    const auto rows =
        connection_->QueryInt("SELECT count(v) FROM " + scan.Sql() + " WHERE " + filter);
    ASSERT_TRUE(rows.ok()) << filter << rows.status();
    EXPECT_EQ(*rows, files * 100) << filter;
    const ScanCounts after = scan.counts();
    EXPECT_EQ(after.candidates - before.candidates, files) << filter;
    EXPECT_EQ(after.opened - before.opened, files) << filter;
    before = after;
  }
  EXPECT_EQ(before.files, 31);
}

TEST_F(DeltaScanTest, OpensOnlyFilesWhoseStatisticsMatch) {
  const Scan scan = Register(january_, WriteJanuary(), {"day"});
  const std::vector<std::pair<std::string, int64_t>> cases = {
      {"v = 1234", 1},        {"v < 250", 3},   {"v > 2899", 2}, {"v BETWEEN 250 AND 399", 2},
      {"v IN (5, 905)", 2},   {"v IS NULL", 0}, {"1234 = v", 1}, {"v + 1 = 5", 31},
      {"v = 5 OR v = 6", 31},
  };
  ScanCounts before = scan.counts();
  for (const auto& [filter, files] : cases) {
    ASSERT_TRUE(connection_->Execute("SELECT sum(v) FROM " + scan.Sql() + " WHERE " + filter).ok());
    const ScanCounts after = scan.counts();
    EXPECT_LE(after.opened - before.opened, files) << filter;
    before = after;
  }
}

TEST_F(DeltaScanTest, AJoinsKeysRuleFilesOut) {
  const Scan scan = Register(january_, WriteJanuary(), {"day"});
  EXPECT_EQ(Rows("SELECT sum(v) FROM " + scan.Sql() +
                 " JOIN (SELECT DATE '2024-01-02' + (hash(1) * 0)::INTEGER AS d) ON day = d"),
            R"([["14950"]])");
  EXPECT_LE(scan.counts().opened, 1);
}

TEST_F(DeltaScanTest, CountsRowsWithoutOpeningFiles) {
  const Scan scan = Register(january_, WriteJanuary(), {"day"});
  EXPECT_EQ(connection_->QueryInt("SELECT count(*) FROM " + scan.Sql()).value(), 3100);
  EXPECT_EQ(scan.counts().opened, 0);
  EXPECT_EQ(connection_->QueryInt("SELECT count(*) FROM " + scan.Sql() + " WHERE v < 150").value(),
            150);
  EXPECT_EQ(scan.counts().opened, 2);
  // Filters over partition columns are decided by the log, too.
  EXPECT_EQ(
      connection_->QueryInt("SELECT count(*) FROM " + scan.Sql() + " WHERE dayofmonth(day) > 29")
          .value(),
      200);
  EXPECT_EQ(scan.counts().opened, 2);
}

TEST_F(DeltaScanTest, AFilterThatFailsForAPartitionFailsTheQuery) {
  const base::Schema schema = {{.name = "p", .type = Type(TypeKind::kString)},
                               {.name = "v", .type = Type(TypeKind::kLong)}};
  const Scan scan = Register(
      schema,
      Write("SELECT i AS v, CASE i WHEN 2 THEN 'x' ELSE i::VARCHAR END AS p FROM range(5) t(i)",
            schema, {"p"}),
      {"p"});
  const absl::Status status =
      connection_->Execute("SELECT v FROM " + scan.Sql() + " WHERE CAST(p AS INTEGER) = 3");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(Rows("SELECT v FROM " + scan.Sql() + " WHERE TRY_CAST(p AS INTEGER) = 3"), "[[3]]");
}

TEST_F(DeltaScanTest, OlderFilesLackColumnsThatCameLater) {
  auto files = Write(
      "SELECT 1 AS a, {'x': 10} AS s, [{'x': 1}] AS l",
      {{.name = "a", .type = Type(TypeKind::kInteger)},
       {.name = "s", .type = DataType::Struct({{.name = "x", .type = Type(TypeKind::kLong)}})},
       {.name = "l",
        .type =
            DataType::Array(DataType::Struct({{.name = "x", .type = Type(TypeKind::kLong)}}))}});
  const DataType wide = DataType::Struct({{.name = "x", .type = Type(TypeKind::kLong)},
                                          {.name = "y", .type = Type(TypeKind::kString)}});
  const base::Schema now = {{.name = "a", .type = Type(TypeKind::kLong)},
                            {.name = "b", .type = Type(TypeKind::kTimestamp)},
                            {.name = "s", .type = wide},
                            {.name = "l", .type = DataType::Array(wide)}};
  const auto newer = Write(
      "SELECT 2 AS a, TIMESTAMPTZ '2024-01-01 00:00:00+00' AS b, {'x': 20, 'y': 'z'} AS s, [{'x': "
      "2, 'y': 'w'}] AS l",
      now);
  files.insert(files.end(), newer.begin(), newer.end());
  const Scan scan = Register(now, files);
  EXPECT_EQ(
      Rows("SELECT * FROM " + scan.Sql() + " ORDER BY a"),
      R"([[1,null,{"x":10,"y":null},[{"x":1,"y":null}]],[2,"2024-01-01T00:00:00Z",{"x":20,"y":"z"},[{"x":2,"y":"w"}]]])");
  EXPECT_EQ(Rows("SELECT a FROM " + scan.Sql() + " WHERE b IS NULL"), "[[1]]");
  EXPECT_EQ(Rows("SELECT a FROM " + scan.Sql() + " WHERE s.y = 'z'"), "[[2]]");
}

TEST_F(DeltaScanTest, HiddenColumnsSayWhereARowLies) {
  const auto files = WriteJanuary();
  const Scan scan = Register(january_, files, {"day"});
  EXPECT_EQ(connection_->Describe("SELECT * FROM " + scan.Sql())->size(), 2u);
  const std::string third =
      Rows("SELECT DISTINCT __file, _metadata.file_path, _metadata.file_size > 0 FROM " +
           scan.Sql() + " WHERE v = 250");
  const auto match = std::find_if(files.begin(), files.end(), [](const delta::AddFile& file) {
    return file.partition_values.at("day") == "2024-01-03";
  });
  EXPECT_EQ(third, fmt::format(R"([["{0}","t/{0}",true]])", match->path));
  EXPECT_EQ(Rows("SELECT v, file_row_number < 100 FROM " + scan.Sql() + " WHERE __file = '" +
                 match->path + "' AND v % 50 = 0 ORDER BY v"),
            "[[200,true],[250,true]]");
}

TEST_F(DeltaScanTest, ReadsAnySubsetOfFilesAndNone) {
  auto files = WriteJanuary();
  files.resize(2);
  EXPECT_EQ(Rows("SELECT count(v) FROM " + Register(january_, files, {"day"}).Sql()), "[[200]]");
  const Scan none = Register(january_, {}, {"day"});
  EXPECT_EQ(Rows("SELECT count(*), count(v), max(day) FROM " + none.Sql()), "[[0,0,null]]");
  EXPECT_EQ(Rows("SELECT * FROM " + none.Sql()), "[]");
}

TEST_F(DeltaScanTest, AMissingFileIsNamedWithItsTable) {
  const auto files = WriteJanuary();
  const Scan scan = Register(january_, files, {"day"});
  const std::string& path = files[3].path;
  ASSERT_TRUE(store_.Delete("t/" + path).ok());
  const absl::Status status = connection_->Execute("SELECT sum(v) FROM " + scan.Sql());
  EXPECT_EQ(
      status,
      base::DataLoss("table main.t: its log names the data file '{}', which is not there", path));
}

TEST_F(DeltaScanTest, ACorruptFileIsNamedWithItsTable) {
  const auto files = WriteJanuary();
  const Scan scan = Register(january_, files, {"day"});
  for (const std::string& bytes :
       {std::string("no parquet"), std::string(), std::string("PAR1PAR1")}) {
    ASSERT_TRUE(store_.Put("t/" + files[3].path, bytes, storage::PutMode::kOverwrite).ok());
    const absl::Status status = connection_->Execute("SELECT sum(v) FROM " + scan.Sql());
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_THAT(Message(status), HasSubstr("table main.t: data file '" + files[3].path + "'"));
  }
}

TEST_F(DeltaScanTest, AStoresOutageKeepsItsCode) {
  const auto files = WriteJanuary();
  const Scan scan = Register(january_, files, {"day"});
  store_.AddFault(storage::Fault::OnKey(storage::Operation::kOpenRead, "day=2024-01-07"));
  const absl::Status status = connection_->Execute("SELECT sum(v) FROM " + scan.Sql());
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(Message(status), HasSubstr("injected fault"));
}

TEST_F(DeltaScanTest, RefusesWhatItCannotRead) {
  auto files = WriteJanuary();
  files[0].deletion_vector = delta::DeletionVector{};
  ScanSpec spec{.store_id = "lake", .table_root = "t", .table_name = "main.t", .schema = january_};
  spec.files.push_back(std::make_shared<const delta::AddFile>(files[0]));
  EXPECT_EQ(registry_->Add(spec).status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(connection_->Execute("SELECT * FROM smelt_delta_scan('999')"),
            base::NotFound("no Delta scan has the id '999'"));
}

TEST_F(DeltaScanTest, AScanIsGoneWithItsHandle) {
  std::string sql;
  {
    const Scan scan = Register(january_, WriteJanuary(), {"day"});
    sql = scan.Sql();
    EXPECT_TRUE(connection_->Execute("SELECT * FROM " + sql).ok());
  }
  EXPECT_EQ(connection_->Execute("SELECT * FROM " + sql).code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace smelt::duck
