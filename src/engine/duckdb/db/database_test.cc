#include "engine/duckdb/db/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "base/status.h"
#include "engine/duckdb/db/result_rows.h"
#include "storage/memory_store.h"

namespace smelt::duck {
namespace {

using base::Message;
using testing::HasSubstr;
using testing::Not;

class DatabaseTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Database::Open({.memory_bytes = 512 << 20, .threads = 2, .temp_directory = ""});
    ASSERT_TRUE(opened.ok()) << opened.status();
    database_ = std::move(opened).value();
    connection_ = database_->Connect().value();
  }

  std::string Json(const std::string& sql) {
    auto rows = QueryRows(*connection_, sql);
    if (!rows.ok()) return Message(rows.status());
    base::OrderedJson array = base::OrderedJson::array();
    for (const auto& row : rows->rows) array.push_back(RowToObject(rows->schema, row));
    return array.dump();
  }
  std::string Text(const std::string& sql) {
    auto rows = QueryRows(*connection_, sql, RowFormat::kText);
    if (!rows.ok()) return Message(rows.status());
    std::string text;
    for (const auto& cell : rows->rows.at(0)) {
      text += (text.empty() ? "" : "|") + (cell.is_null() ? "-" : cell.get<std::string>());
    }
    return text;
  }

  storage::MemoryStore store_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(DatabaseTest, LoadsTheExtensionsThatTheProgramLinks) {
  EXPECT_EQ(connection_
                ->QueryInt("SELECT count(DISTINCT function_name) FROM duckdb_functions() WHERE "
                           "function_name IN ('read_parquet', 'json_extract', "
                           "'pg_timezone_names', 'list_sort')")
                .value(),
            4);
}

TEST_F(DatabaseTest, WritesAndReadsParquetThroughAStore) {
  database_->stores().Add("lake", &store_);
  ASSERT_TRUE(connection_
                  ->Execute("COPY (SELECT range i, i::VARCHAR s FROM range(100000)) TO "
                            "'smelt://lake/a/b.parquet' (FORMAT parquet)")
                  .ok());
  EXPECT_TRUE(store_.Head("a/b.parquet").ok());
  EXPECT_EQ(connection_
                ->QueryInt("SELECT sum(i) FROM read_parquet('smelt://lake/a/b.parquet') "
                           "WHERE s LIKE '%7'")
                .value(),
            500020000);
}

TEST_F(DatabaseTest, TakesKeysAsTheyAre) {
  database_->stores().Add("lake", &store_);
  const std::string url = "'smelt://lake/p=a%20b*[1]?/ü x.parquet'";
  ASSERT_TRUE(connection_->Execute("COPY (SELECT 1 i) TO " + url + " (FORMAT parquet)").ok());
  EXPECT_TRUE(store_.Head("p=a%20b*[1]?/ü x.parquet").ok());
  EXPECT_EQ(connection_->QueryInt("SELECT count(*) FROM read_parquet(" + url + ")").value(), 1);
}

TEST_F(DatabaseTest, AFailedCopyLeavesNothingInTheStore) {
  database_->stores().Add("lake", &store_);
  const absl::Status status = connection_->Execute(
      "COPY (SELECT CASE WHEN i = 999999 THEN error('boom') ELSE i::VARCHAR END s FROM "
      "range(1000000) t(i)) TO 'smelt://lake/x.parquet' (FORMAT parquet)");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Message(status), "boom");
  EXPECT_TRUE(absl::IsNotFound(store_.Head("x.parquet").status()));
}

TEST_F(DatabaseTest, AStoresErrorComesBackUnchanged) {
  database_->stores().Add("lake", &store_);
  const absl::Status missing =
      connection_->Execute("SELECT * FROM read_parquet('smelt://lake/none.parquet')");
  EXPECT_EQ(missing, store_.OpenRead("none.parquet").status());
  const absl::Status unknown =
      connection_->Execute("SELECT * FROM read_parquet('smelt://other/x.parquet')");
  EXPECT_EQ(unknown, base::NotFound("no store has the id 'other'"));
}

TEST_F(DatabaseTest, SqlCannotReachFilesExtensionsOrSettings) {
  for (const char* sql :
       {"SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/smelt_escape.csv'", "ATTACH '/tmp/smelt_escape.db'",
        "SELECT * FROM '/etc/passwd'", "SELECT * FROM glob('/*')", "INSTALL httpfs", "LOAD httpfs",
        "LOAD '/tmp/x.duckdb_extension'", "EXPORT DATABASE '/tmp/smelt_escape'",
        "SELECT * FROM read_parquet('https://example.com/x.parquet')",
        "SET enable_external_access = true", "SET memory_limit = '100GB'",
        "SET lock_configuration = false", "SET temp_directory = '/tmp'",
        "SELECT * FROM read_text('smelt:///etc/passwd')",
        "SELECT * FROM read_text('smelt://../../etc/passwd')"}) {
    EXPECT_FALSE(connection_->Execute(sql).ok()) << sql;
  }
  EXPECT_FALSE(std::filesystem::exists("/tmp/smelt_escape.csv"));
  EXPECT_FALSE(std::filesystem::exists("/tmp/smelt_escape.db"));
}

TEST_F(DatabaseTest, SpillsToItsTemporaryDirectory) {
  const auto directory = std::filesystem::temp_directory_path() / "smelt_db_test" / "spill";
  std::filesystem::remove_all(directory.parent_path());
  // Two million groups of more than a hundred bytes, and 83 MB for them.
  const std::string sql =
      "SELECT sum(n)::BIGINT FROM (SELECT s, count(*) AS n FROM (SELECT i::VARCHAR || repeat('x', "
      "100) AS s FROM "
      "range(2000000) t(i)) GROUP BY s)";
  auto database = Database::Open(
      {.memory_bytes = 128 << 20, .threads = 2, .temp_directory = directory.string()});
  ASSERT_TRUE(database.ok()) << database.status();
  const auto spilled = (*database)->Connect().value()->QueryInt(sql);
  ASSERT_TRUE(spilled.ok()) << spilled.status();
  EXPECT_EQ(*spilled, 2000000);
  EXPECT_TRUE(std::filesystem::exists(directory.parent_path()));
  database->reset();
  std::filesystem::remove_all(directory.parent_path());
  // Without a directory the same is a clean error.
  auto strict = Database::Open({.memory_bytes = 128 << 20, .threads = 2, .temp_directory = ""});
  const absl::Status status = (*strict)->Connect().value()->Execute(sql);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
}

TEST_F(DatabaseTest, MapsErrorsToCodes) {
  using absl::StatusCode;
  const std::vector<std::pair<const char*, StatusCode>> cases = {
      {"SELEC 1", StatusCode::kInvalidArgument},
      {"SELECT nope", StatusCode::kInvalidArgument},
      {"SELECT CAST('x' AS INTEGER)", StatusCode::kInvalidArgument},
      {"SELECT error('[DIVIDE_BY_ZERO] Division by zero.')", StatusCode::kInvalidArgument},
      {"SELECT * FROM none.none", StatusCode::kInvalidArgument},
  };
  for (const auto& [sql, code] : cases) {
    const absl::Status status = connection_->Execute(sql);
    EXPECT_EQ(status.code(), code) << sql << ": " << status;
    EXPECT_THAT(Message(status), Not(HasSubstr("LINE 1"))) << sql;
  }
  EXPECT_EQ(Message(connection_->Execute(cases[3].first)), "[DIVIDE_BY_ZERO] Division by zero.");
  // A connection goes on after an error.
  EXPECT_EQ(connection_->QueryInt("SELECT 7").value(), 7);
}

TEST_F(DatabaseTest, InterruptEndsAQueryAsCancelled) {
  absl::Status status;
  std::thread query([&] {
    status = connection_->Execute(
        "SELECT count(*) FROM range(1000000) a, range(1000000) b "
        "WHERE hash(a.range + b.range) = 1");
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  connection_->Interrupt();
  query.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled) << status;
  EXPECT_EQ(connection_->QueryInt("SELECT 7").value(), 7);
}

TEST_F(DatabaseTest, TimesAreUtc) {
  EXPECT_EQ(Json("SELECT CAST(TIMESTAMPTZ '2024-07-01 12:00:00+02' AS VARCHAR) a, "
                 "current_setting('TimeZone') z"),
            R"([{"a":"2024-07-01 10:00:00+00","z":"UTC"}])");
  auto second = database_->Connect().value();
  EXPECT_EQ(second
                ->QueryInt("SELECT count(*) FROM duckdb_settings() WHERE name = 'TimeZone' AND "
                           "value = 'UTC'")
                .value(),
            1);
}

TEST_F(DatabaseTest, PrintsValuesAsJson) {
  EXPECT_EQ(
      Json("SELECT 1::TINYINT a, 9007199254740993 b, 1.5::DOUBLE c, 'nan'::DOUBLE d, "
           "'-inf'::FLOAT e, 0.1::FLOAT f, 12.50::DECIMAL(10,2) g, true h, NULL i"),
      R"([{"a":1,"b":9007199254740993,"c":1.5,"d":"NaN","e":"-Infinity","f":0.1,"g":"12.50","h":true,"i":null}])");
  EXPECT_EQ(
      Json("SELECT DATE '2011-01-04' a, TIMESTAMPTZ '2011-01-04 10:00:00.5+00' b, TIMESTAMP "
           "'2011-01-04 10:00:00' c, 'é\"' d, '\\x00\\xFF'::BLOB e"),
      R"([{"a":"2011-01-04","b":"2011-01-04T10:00:00.5Z","c":"2011-01-04T10:00:00","d":"é\"","e":"AP8="}])");
  EXPECT_EQ(
      Json("SELECT [1, NULL] a, {'x': 1, 'y': {'z': DATE '2020-02-29'}} b, MAP {'k': "
           "[1.5::DECIMAL(3,1)]} c, "
           "MAP {7: true} d, []::INTEGER[] e"),
      R"([{"a":[1,null],"b":{"x":1,"y":{"z":"2020-02-29"}},"c":{"k":["1.5"]},"d":{"7":true},"e":[]}])");
  EXPECT_EQ(Json("SELECT 1 a, 2 a"), R"([{"a":1,"a_2":2}])");
  EXPECT_EQ(Json("SELECT sum(i) s FROM range(3) t(i)"), R"([{"s":"3"}])");
}

TEST_F(DatabaseTest, PrintsValuesAsSparkShowsThem) {
  EXPECT_EQ(
      Text("SELECT 1, 1.0::DOUBLE, 1e10::DOUBLE, 1.2345e-5::DOUBLE, 0.1::FLOAT, 1234567.5::DOUBLE, "
           "12345678.5::DOUBLE, 12.50::DECIMAL(10,2), true, NULL"),
      "1|1.0|1.0E10|1.2345E-5|0.1|1234567.5|1.23456785E7|12.50|true|-");
  EXPECT_EQ(
      Text("SELECT TIMESTAMPTZ '2011-01-04 10:00:00.25+00', DATE '2011-01-04', '\\x0F\\xA0'::BLOB, "
           "[1, NULL], {'a': 1, 'b': 'x'}, MAP {'k': 2.0::DOUBLE}"),
      "2011-01-04 10:00:00.25|2011-01-04|[0f a0]|[1, NULL]|{1, x}|{k -> 2.0}");
}

TEST_F(DatabaseTest, StopsAtTheLimitAndSaysSo) {
  auto rows = QueryRows(*connection_, "SELECT * FROM range(10000)", RowFormat::kJson, 3);
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->rows.size(), 3u);
  EXPECT_TRUE(rows->truncated);
  rows = QueryRows(*connection_, "SELECT * FROM range(3)", RowFormat::kJson, 3);
  EXPECT_FALSE(rows->truncated);
}

TEST_F(DatabaseTest, AnErrorInTheMiddleOfAStreamIsAStatus) {
  auto rows = QueryRows(*connection_,
                        "SELECT CASE WHEN i = 50000 THEN error('late') ELSE i::VARCHAR END FROM "
                        "range(100000) t(i)");
  EXPECT_EQ(rows.status(), base::InvalidArgument("late"));
}

TEST_F(DatabaseTest, DescribesAQueryWithoutRunningIt) {
  EXPECT_EQ(base::SchemaToString(
                connection_->Describe("SELECT 1 a, error('not run') b, [1.5] c").value()),
            "a int, b int, c array<decimal(2,1)>");
}

TEST(QuoteTest, DoublesTheQuotesInside) {
  EXPECT_EQ(QuoteLiteral("it's"), "'it''s'");
  EXPECT_EQ(QuoteName("a\"b"), "\"a\"\"b\"");
}

}  // namespace
}  // namespace smelt::duck
