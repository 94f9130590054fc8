#include "engine/duckdb/delta/parquet_write.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/json.h"
#include "base/status.h"
#include "delta/paths.h"
#include "engine/duckdb/db/result_rows.h"
#include "engine/duckdb/delta/delta_scan.h"
#include "storage/fault_injecting_store.h"
#include "storage/memory_store.h"

namespace smelt::duck {
namespace {

using base::DataType;
using base::Json;
using base::Message;
using base::TypeKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

DataType Type(TypeKind kind) { return DataType(kind); }

class ParquetWriteTest : public testing::Test {
 protected:
  void SetUp() override { Open({.memory_bytes = 512 << 20, .threads = 2, .temp_directory = ""}); }

  void Open(const DatabaseOptions& options) {
    connection_.reset();
    auto opened = Database::Open(options);
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = std::move(opened).value();
    database_->stores().Add("lake", &store_);
    registry_ = RegisterDeltaScan(*database_).value();
    connection_ = database_->Connect().value();
  }

  WriteSpec Spec(base::Schema schema, std::vector<std::string> partitions = {}) {
    WriteSpec spec{.store_id = "lake", .table_root = "silver/t", .schema = std::move(schema)};
    spec.partition_columns = std::move(partitions);
    return spec;
  }

  std::vector<std::string> Keys() {
    std::vector<std::string> keys;
    EXPECT_TRUE(store_
                    .List("", "",
                          [&](const storage::ObjectInfo& info) {
                            keys.push_back(info.key);
                            return true;
                          })
                    .ok());
    return keys;
  }

  // What reading the files back gives.
  std::string ReadBack(const WriteSpec& spec, const WrittenFiles& written,
                       const std::string& select) {
    ScanSpec scan{
        .store_id = "lake", .table_root = "silver/t", .table_name = "t", .schema = spec.schema};
    scan.partition_columns = spec.partition_columns;
    for (const auto& file : written.files) {
      scan.files.push_back(std::make_shared<const delta::AddFile>(file));
    }
    const Scan registered = registry_->Add(std::move(scan)).value();
    auto rows = QueryRows(
        *connection_,
        "SELECT " + select.substr(0, select.find('|')) + " FROM " + registered.Sql() +
            (select.find('|') == std::string::npos ? "" : select.substr(select.find('|') + 1)));
    if (!rows.ok()) return Message(rows.status());
    base::OrderedJson array = base::OrderedJson::array();
    for (const auto& row : rows->rows) array.push_back(row);
    return array.dump();
  }

  storage::MemoryStore memory_;
  storage::FaultInjectingStore store_{&memory_};
  std::unique_ptr<Database> database_;
  std::shared_ptr<ScanRegistry> registry_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(ParquetWriteTest, WritesOneFileWithItsAction) {
  const WriteSpec spec = Spec({{.name = "i", .type = Type(TypeKind::kLong)},
                               {.name = "s", .type = Type(TypeKind::kString)},
                               {.name = "d", .type = DataType::Decimal(10, 2)},
                               {.name = "t", .type = Type(TypeKind::kTimestamp)}});
  const auto written = WriteParquet(
      *connection_,
      "SELECT i, 'n' || i AS s, CASE WHEN i > 1 THEN i * 1.25 END AS d, TIMESTAMPTZ '2024-01-01 "
      "10:00:00.123456+00' AS t FROM range(10) t(i)",
      spec);
  ASSERT_TRUE(written.ok()) << written.status();
  ASSERT_EQ(written->files.size(), 1u);
  const delta::AddFile& file = written->files[0];
  EXPECT_EQ(written->rows, 10);
  EXPECT_THAT(file.path, testing::MatchesRegex("part-[0-9a-f-]{36}\\.parquet"));
  EXPECT_EQ(memory_.Head("silver/t/" + file.path)->size_bytes, file.size_bytes);
  EXPECT_EQ(written->bytes, file.size_bytes);
  EXPECT_TRUE(file.partition_values.empty());
  EXPECT_GT(file.modification_time_ms, int64_t{1700000000000});
  EXPECT_EQ(Json::parse(file.stats), Json::parse(R"({"numRecords": 10,
              "minValues": {"i": 0, "s": "n0", "d": 2.50, "t": "2024-01-01T10:00:00.123Z"},
              "maxValues": {"i": 9, "s": "n9", "d": 11.25, "t": "2024-01-01T10:00:00.124Z"},
              "nullCount": {"i": 0, "s": 0, "d": 2, "t": 0}})"))
      << file.stats;
}

TEST_F(ParquetWriteTest, KeepsEveryPartitionValue) {
  const WriteSpec spec = Spec({{.name = "v", .type = Type(TypeKind::kLong)},
                               {.name = "p", .type = Type(TypeKind::kString)},
                               {.name = "n", .type = Type(TypeKind::kInteger)}},
                              {"p", "n"});
  const auto written = WriteParquet(
      *connection_,
      "SELECT * FROM (VALUES (1, 'plain', 1), (2, 'with space', 1), (3, 'a/b', 1), (4, 'k=v', 1), "
      "(5, '100%', 1), (6, 'Zürich 東京', 1), (7, NULL, 1), (8, '', 1), (9, 'plain', NULL), "
      "(10, '__HIVE_DEFAULT_PARTITION__x', 1), (11, 'it''s \"quoted\"', 1), (12, 'a:b?c#d*[1]', "
      "1), "
      "(13, '..', 1), (14, '%20', 1), (15, 'a' || chr(10) || 'b', 1)) t(v, p, n)",
      spec);
  ASSERT_TRUE(written.ok()) << written.status();
  // NULL and '' are one partition in a Delta log.
  EXPECT_EQ(written->files.size(), 14u);
  EXPECT_EQ(
      ReadBack(spec, *written, "v, p, n| ORDER BY v"),
      "[[1,\"plain\",1],[2,\"with "
      "space\",1],[3,\"a/b\",1],[4,\"k=v\",1],[5,\"100%\",1],[6,\"Zürich "
      "東京\",1],[7,null,1],[8,null,1],[9,\"plain\",null],[10,\"__HIVE_DEFAULT_PARTITION__x\",1],["
      "11,"
      "\"it's "
      "\\\"quoted\\\"\",1],[12,\"a:b?c#d*[1]\",1],[13,\"..\",1],[14,\"%20\",1],[15,\"a\\nb\",1]]");
  for (const delta::AddFile& file : written->files) {
    // As the log has it: a URI that gives the key when it is decoded once.
    EXPECT_TRUE(memory_.Head("silver/t/" + delta::DecodePath(file.path).value()).ok()) << file.path;
  }
}

TEST_F(ParquetWriteTest, WritesPartitionValuesAsTheProtocolDoes) {
  const std::vector<std::tuple<DataType, std::string, std::optional<std::string>>> cases = {
      {Type(TypeKind::kDate), "DATE '2011-01-04'", "2011-01-04"},
      {Type(TypeKind::kBoolean), "true", "true"},
      {DataType::Decimal(10, 2), "1.5", "1.50"},
      {Type(TypeKind::kTimestamp), "TIMESTAMPTZ '2011-01-04 10:00:00.5+00'",
       "2011-01-04T10:00:00.5"},
      {Type(TypeKind::kTimestampNtz), "TIMESTAMP '2011-01-04 10:00:00'", "2011-01-04 10:00:00"},
      {Type(TypeKind::kLong), "-7", "-7"},
      {Type(TypeKind::kLong), "NULL", std::nullopt},
  };
  for (const auto& [type, value, text] : cases) {
    const WriteSpec spec =
        Spec({{.name = "v", .type = Type(TypeKind::kLong)}, {.name = "p", .type = type}}, {"p"});
    const auto written = WriteParquet(*connection_, "SELECT 1 AS v, " + value + " AS p", spec);
    ASSERT_TRUE(written.ok()) << written.status();
    std::optional<std::string> got = written->files.at(0).partition_values.at("p");
    if (type.is(TypeKind::kTimestamp) || type.is(TypeKind::kTimestampNtz)) {
      ASSERT_TRUE(got.has_value());
      EXPECT_THAT(*got, StartsWith(*text));
    } else {
      EXPECT_EQ(got, text) << type.ToString();
    }
    EXPECT_EQ(ReadBack(spec, *written, "count(*)| WHERE p IS NOT DISTINCT FROM " + value), "[[1]]")
        << type.ToString();
  }
}

TEST_F(ParquetWriteTest, CastsAndOrdersTheQuerysColumns) {
  const WriteSpec spec =
      Spec({{.name = "a", .type = Type(TypeKind::kShort)},
            {.name = "B", .type = Type(TypeKind::kString)},
            {.name = "s",
             .type = DataType::Struct({{.name = "y", .type = Type(TypeKind::kLong)},
                                       {.name = "x", .type = Type(TypeKind::kString)}})}});
  const auto written = WriteParquet(
      *connection_, "SELECT {'x': 1, 'y': 2} AS s, 7 AS b, 5.0 AS a -- a comment", spec);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(ReadBack(spec, *written, "*"), R"([[5,"7",{"y":2,"x":"1"}]])");
}

TEST_F(ParquetWriteTest, WritesTypesOtherReadersKnow) {
  const WriteSpec spec =
      Spec({{.name = "d9", .type = DataType::Decimal(9, 2)},
            {.name = "d18", .type = DataType::Decimal(18, 2)},
            {.name = "d38", .type = DataType::Decimal(38, 2)},
            {.name = "ts", .type = Type(TypeKind::kTimestamp)},
            {.name = "ntz", .type = Type(TypeKind::kTimestampNtz)},
            {.name = "l", .type = DataType::Array(Type(TypeKind::kLong))},
            {.name = "m", .type = DataType::Map(Type(TypeKind::kString), Type(TypeKind::kLong))}});
  const auto written = WriteParquet(*connection_,
                                    "SELECT 1 AS d9, 1 AS d18, 1 AS d38, now() AS ts, TIMESTAMP "
                                    "'2024-01-01' AS ntz, [1] AS l, MAP {'k': 1} AS m",
                                    spec);
  ASSERT_TRUE(written.ok()) << written.status();
  const auto rows = QueryRows(*connection_,
                              "SELECT name || ' ' || coalesce(type, '') || ' ' || repetition_type "
                              "|| ' ' || coalesce(logical_type, converted_type, '') "
                              "FROM parquet_schema('smelt://lake/silver/t/" +
                                  written->files[0].path + "')");
  std::vector<std::string> lines;
  for (const auto& row : rows->rows) lines.push_back(row[0].get<std::string>());
  EXPECT_THAT(
      lines, ElementsAre(HasSubstr("schema"), "d9 INT32 OPTIONAL DecimalType(scale=2, precision=9)",
                         "d18 INT64 OPTIONAL DecimalType(scale=2, precision=18)",
                         "d38 FIXED_LEN_BYTE_ARRAY OPTIONAL DecimalType(scale=2, precision=38)",
                         HasSubstr("ts INT64 OPTIONAL TimestampType(isAdjustedToUTC=1, "
                                   "unit=TimeUnit(MILLIS=<null>, MICROS=MicroSeconds()"),
                         HasSubstr("ntz INT64 OPTIONAL TimestampType(isAdjustedToUTC=0"),
                         "l  OPTIONAL LIST", "list  REPEATED ", "element INT64 OPTIONAL INT_64",
                         "m  OPTIONAL MAP", "key_value  REPEATED ", "key BYTE_ARRAY REQUIRED UTF8",
                         "value INT64 OPTIONAL INT_64"));
}

TEST_F(ParquetWriteTest, AnEmptyResultHasNoFiles) {
  for (const std::vector<std::string>& partitions : {std::vector<std::string>{}, {"p"}}) {
    const auto written = WriteParquet(*connection_, "SELECT 1 AS v, 1 AS p WHERE false",
                                      Spec({{.name = "v", .type = Type(TypeKind::kLong)},
                                            {.name = "p", .type = Type(TypeKind::kLong)}},
                                           partitions));
    ASSERT_TRUE(written.ok()) << written.status();
    EXPECT_TRUE(written->files.empty());
    EXPECT_EQ(written->rows, 0);
  }
  EXPECT_THAT(Keys(), ElementsAre());
}

TEST_F(ParquetWriteTest, SplitsLargeResultsIntoFiles) {
  WriteSpec spec = Spec({{.name = "i", .type = Type(TypeKind::kLong)},
                         {.name = "h", .type = Type(TypeKind::kString)}});
  spec.target_file_bytes = 2 << 20;
  const auto written =
      WriteParquet(*connection_, "SELECT i, md5(i::VARCHAR) AS h FROM range(500000) t(i)", spec);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_GT(written->files.size(), 2u);
  EXPECT_EQ(written->rows, 500000);
  EXPECT_EQ(ReadBack(spec, *written, "count(DISTINCT h), sum(i)::BIGINT"),
            "[[500000,124999750000]]");
}

TEST_F(ParquetWriteTest, ManyPartitionsAreSortedWhenTheyDoNotFit) {
  // A quarter of 41 MB lets 166 partitions be open at once.
  Open({.memory_bytes = 64 << 20,
        .threads = 2,
        .temp_directory = (std::filesystem::temp_directory_path() / "smelt_write_test").string()});
  const WriteSpec spec = Spec(
      {{.name = "v", .type = Type(TypeKind::kLong)}, {.name = "p", .type = Type(TypeKind::kLong)}},
      {"p"});
  const auto written =
      WriteParquet(*connection_, "SELECT i AS v, i % 200 AS p FROM range(100000) t(i)", spec);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->rows, 100000);
  EXPECT_GE(written->files.size(), 200u);
  EXPECT_LE(written->files.size(), 260u);
  // Nothing of the first attempt is left.
  EXPECT_EQ(Keys().size(), written->files.size());
  EXPECT_EQ(ReadBack(spec, *written, "count(*), sum(v)::BIGINT, count(DISTINCT p)"),
            "[[100000,4999950000,200]]");
}

TEST_F(ParquetWriteTest, EverythingIsSyncedOnce) {
  const auto written =
      WriteParquet(*connection_, "SELECT i AS v, i % 30 AS p FROM range(1000) t(i)",
                   Spec({{.name = "v", .type = Type(TypeKind::kLong)},
                         {.name = "p", .type = Type(TypeKind::kLong)}},
                        {"p"}));
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(store_.Count(storage::Operation::kSync), 1);
  EXPECT_EQ(store_.Count(storage::Operation::kOpenWrite), 30);
}

TEST_F(ParquetWriteTest, AFailedWriteLeavesNothing) {
  using storage::Fault;
  using storage::Operation;
  const WriteSpec spec = Spec(
      {{.name = "v", .type = Type(TypeKind::kLong)}, {.name = "p", .type = Type(TypeKind::kLong)}},
      {"p"});
  const std::string query = "SELECT i AS v, i % 30 AS p FROM range(1000) t(i)";
  for (const Operation operation :
       {Operation::kOpenWrite, Operation::kAppend, Operation::kFinish, Operation::kSync}) {
    store_.AddFault(Fault::Nth(operation, operation == Operation::kSync ? 1 : 17));
    const auto written = WriteParquet(*connection_, query, spec);
    EXPECT_EQ(written.status(), absl::UnavailableError("injected fault"));
    store_.ClearFaults();
    EXPECT_THAT(Keys(), ElementsAre());
  }
  const auto late = WriteParquet(*connection_,
                                 "SELECT CASE WHEN i < 900000 THEN i ELSE error('[BAD] late') END "
                                 "AS v, i % 3 AS p FROM range(1000000) t(i)",
                                 spec);
  EXPECT_EQ(late.status(), base::InvalidArgument("[BAD] late"));
  EXPECT_THAT(Keys(), ElementsAre());
  // The connection goes on.
  EXPECT_TRUE(WriteParquet(*connection_, query, spec).ok());
}

TEST_F(ParquetWriteTest, RefusesWhatATableCannotHold) {
  const auto error = [&](const std::string& query, const WriteSpec& spec) {
    const auto written = WriteParquet(*connection_, query, spec);
    return written.ok() ? "it wrote" : Message(written.status());
  };
  EXPECT_THAT(error("SELECT NULL AS v", Spec({{.name = "v", .type = DataType()}})),
              HasSubstr("CAST(v AS STRING)"));
  EXPECT_THAT(error("SELECT 1 AS v",
                    Spec({{.name = "v", .type = DataType::Array(Type(TypeKind::kInterval))}})),
              HasSubstr("column 'v.element' is an INTERVAL"));
  EXPECT_THAT(error("SELECT 1 AS v", Spec({{.name = "v", .type = Type(TypeKind::kLong)}}, {"p"})),
              HasSubstr("partition column 'p' is not among the columns"));
  EXPECT_THAT(error("SELECT 1 AS v", Spec({{.name = "v", .type = Type(TypeKind::kLong)}}, {"v"})),
              HasSubstr("needs a column that it is not partitioned by"));
  EXPECT_THAT(error("SELECT [1] AS p, 1 AS v",
                    Spec({{.name = "p", .type = DataType::Array(Type(TypeKind::kLong))},
                          {.name = "v", .type = Type(TypeKind::kLong)}},
                         {"p"})),
              HasSubstr("cannot be partitioned by 'p', which is array<bigint>"));
  EXPECT_THAT(error("SELECT 1 AS other", Spec({{.name = "v", .type = Type(TypeKind::kLong)}})),
              HasSubstr("\"v\""));
  EXPECT_THAT(error("SELECT NULL::BIGINT AS v",
                    Spec({{.name = "v", .type = Type(TypeKind::kLong), .nullable = false}})),
              HasSubstr("[DELTA_NOT_NULL_CONSTRAINT_VIOLATED]"));
  EXPECT_THAT(error("SELECT 1 AS v, NULL::INTEGER AS p",
                    Spec({{.name = "v", .type = Type(TypeKind::kLong)},
                          {.name = "p", .type = Type(TypeKind::kInteger), .nullable = false}},
                         {"p"})),
              HasSubstr("[DELTA_NOT_NULL_CONSTRAINT_VIOLATED]"));
  EXPECT_THAT(Keys(), ElementsAre());
}

}  // namespace
}  // namespace smelt::duck
