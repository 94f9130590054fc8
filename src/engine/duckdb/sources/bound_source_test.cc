#include "engine/duckdb/sources/bound_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/digest.h"
#include "base/status.h"
#include "dynamodb/export/export_builder_for_test.h"
#include "engine/duckdb/db/result_rows.h"
#include "engine/duckdb/sources/source_finder.h"
#include "storage/disk_store.h"

namespace smelt::duck {
namespace {

using dynamodb::ExportBuilder;
using engine::ExportInput;
using engine::FilesInput;
using engine::Input;
using engine::SourceCall;
using testing::HasSubstr;

class BoundSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("smelt-sources-" + base::RandomUuid());
    std::filesystem::create_directories(folder_);
    database_ = *Database::Open({});
    connection_ = *database_->Connect();
    registry_ = *RegisterSources(*database_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }

  SourceCall Call(const std::string& function, const std::string& path,
                  std::map<std::string, std::string> named = {}, bool is_stream = false) {
    return {.function = function,
            .is_stream = is_stream,
            .positional = {path},
            .named = std::move(named),
            .folder = folder_.string()};
  }

  template <typename T>
  T Find(const SourceCall& call, const Input* taken = nullptr) {
    const auto found = finder_.Find(call, taken);
    SMELT_CHECK(found.ok(), "{}", base::Message(found.status()));
    return std::get<T>(*found);
  }
  std::string FindError(const SourceCall& call) {
    return base::Message(finder_.Find(call, nullptr).status());
  }

  // Rows as JSON arrays, a line each; or the error's message.
  std::string Rows(const std::string& sql) {
    const auto rows = QueryRows(*connection_, sql);
    if (!rows.ok()) return base::Message(rows.status());
    std::string text;
    for (const auto& row : rows->rows) text += base::OrderedJson(row).dump() + "\n";
    return text;
  }

  // SELECT <what> FROM the files of the call.
  std::string ReadFiles(const std::string& path, std::map<std::string, std::string> options,
                        const std::string& what = "* EXCLUDE (_metadata)") {
    const auto found = finder_.Find(Call("read_files", path, std::move(options)), nullptr);
    if (!found.ok()) return base::Message(found.status());
    const auto bound = BindFiles(*registry_, std::get<FilesInput>(*found));
    if (!bound.ok()) return base::Message(bound.status());
    const auto schema = connection_->Describe("SELECT * FROM " + bound->from().sql);
    if (!schema.ok()) return base::Message(schema.status());
    schema_ = base::SchemaToString(*schema);
    return Rows("SELECT " + what + " FROM " + bound->from().sql + " ORDER BY 1 NULLS LAST");
  }

  std::filesystem::path folder_;
  DiskSourceFinder finder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
  std::shared_ptr<SourceRegistry> registry_;
  std::string schema_;
};

constexpr char kItems[] =
    "{\"Item\":{\"id\":{\"S\":\"a\"},\"n\":{\"N\":\"1\"}}}\n"
    "{\"Item\":{\"id\":{\"S\":\"b\"},\"n\":{\"N\":\"2\"}}}\n";

TEST_F(BoundSourceTest, ExportsAreTakenOnceAndOldestFirst) {
  storage::DiskStore store((folder_ / "exports").string());
  ExportBuilder(store, "01-first").File(kItems).Write();
  const auto call = Call("dynamodb_export", "./exports", {{"table", "orders"}}, true);
  Input input{"dynamodb_export#1", Find<ExportInput>(call)};
  const auto& first = std::get<ExportInput>(input.source);
  EXPECT_EQ(first.prefix, (folder_ / "exports").string());
  EXPECT_EQ(first.export_ids, std::vector<std::string>{"01-first"});
  EXPECT_EQ(first.item_count, 2);

  ExportBuilder(store, "02-second").Incremental("NEW_IMAGE").File("").Write();
  store.Put("AWSDynamoDB/03-running/_started", "", storage::PutMode::kOverwrite).IgnoreError();
  const auto second = Find<ExportInput>(call, &input);
  EXPECT_EQ(second.export_ids, std::vector<std::string>{"02-second"});
  EXPECT_EQ(second.taken_ids, std::vector<std::string>{"01-first"});
  EXPECT_THAT(second.notes, testing::ElementsAre(HasSubstr("export 03-running: ")));

  const auto bound = BindExports(*registry_, first, {}, 2);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(base::SchemaToString(bound->attributes()), "id string, n bigint");
  // The scan hides _metadata from * by itself.
  EXPECT_TRUE(bound->from().hidden_columns.empty());
  EXPECT_EQ(
      Rows("SELECT * EXCLUDE (_change_timestamp) FROM " + bound->from().sql + " WHERE id = 'a'"),
      "[\"a\",1,null,\"snapshot\"]\n");
  EXPECT_EQ(Rows("SELECT id, n, _metadata.export_id FROM " + bound->from().sql + " ORDER BY id"),
            "[\"a\",1,\"01-first\"]\n[\"b\",2,\"01-first\"]\n");
  EXPECT_TRUE(bound->CheckDelivered().ok());
}

TEST_F(BoundSourceTest, ItemSchemasWidenFromWhatWasBefore) {
  storage::DiskStore store((folder_ / "exports").string());
  ExportBuilder(store).File(kItems).Write();
  const auto input = Find<ExportInput>(
      Call("dynamodb_export", "exports/AWSDynamoDB", {{"schemahints", "n DECIMAL(10,2)"}}));
  const base::Schema previous = {{"old", base::DataType(base::TypeKind::kLong)}};
  const auto bound = BindExports(*registry_, input, previous, 1);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(base::SchemaToString(bound->attributes()), "old bigint, id string, n decimal(10,2)");
}

TEST_F(BoundSourceTest, FindingSaysWhatIsWrong) {
  EXPECT_THAT(FindError(Call("dynamodb_export", "nowhere")),
              HasSubstr("there is no export at '" + folder_.string() + "/nowhere'"));
  EXPECT_THAT(FindError(Call("dynamodb_export", "s3://bucket/x")), HasSubstr("only local files"));
  EXPECT_THAT(FindError(Call("dynamodb_export", ".", {{"tabel", "x"}})),
              HasSubstr("has no option tabel"));
  EXPECT_THAT(FindError(Call("dynamodb_export", ".", {{"schemahints", "a BOGUS"}})),
              HasSubstr("option schemahints"));
  EXPECT_THAT(FindError(Call("read_files", ".", {{"format", "avro"}})),
              HasSubstr("avro cannot be read"));
  EXPECT_THAT(FindError(Call("read_files", ".")), HasSubstr("say format => 'csv'"));
  EXPECT_THAT(FindError(Call("read_files", "no.csv", {{"format", "csv"}})),
              HasSubstr("there is no file"));
  EXPECT_THAT(FindError(Call("read_files", ".", {{"format", "csv"}, {"header", "maybe"}})),
              HasSubstr("neither true nor false"));
  EXPECT_THAT(FindError(Call("dynamodb_scan", "t")), HasSubstr("cannot be read yet"));
  storage::DiskStore store((folder_ / "exports").string());
  ExportBuilder(store, "1").Write();
  ExportBuilder other(store, "2");
  other.summary["tableArn"] = "arn:aws:dynamodb:eu-west-1:1:table/customers";
  other.Write();
  EXPECT_THAT(FindError(Call("dynamodb_export", "exports")),
              HasSubstr("exports of several tables"));
}

TEST_F(BoundSourceTest, AnExportThatVanishedSinceThePlanIsDataLoss) {
  storage::DiskStore store((folder_ / "exports").string());
  ExportBuilder(store, "01").File(kItems).Write();
  const auto input = Find<ExportInput>(Call("dynamodb_export", "exports"));
  std::filesystem::remove_all(folder_ / "exports" / "AWSDynamoDB" / "01");
  EXPECT_EQ(BindExports(*registry_, input, {}, 1).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(BoundSourceTest, FilesOfAStreamAreTakenOnce) {
  Write("in/b.csv", "x\n2\n");
  Write("in/a.csv", "x\n1\n");
  Write("in/_temporary/c.csv", "x\n9\n");
  Write("in/.hidden.csv", "x\n9\n");
  Write("in/deeper/d.csv", "x\n3\n");
  const auto call = Call("read_files", "in", {{"format", "csv"}, {"header", "true"}}, true);
  Input input{"read_files#1", Find<FilesInput>(call)};
  std::vector<std::string> paths;
  for (const auto& file : std::get<FilesInput>(input.source).files)
    paths.push_back(file.path.substr(folder_.string().size()));
  EXPECT_EQ(paths, (std::vector<std::string>{"/in/a.csv", "/in/b.csv", "/in/deeper/d.csv"}));
  Write("in/e.csv", "x\n4\n");
  const auto next = Find<FilesInput>(call, &input);
  ASSERT_EQ(next.files.size(), 1u);
  EXPECT_THAT(next.files[0].path, testing::EndsWith("/in/e.csv"));
  EXPECT_EQ(next.taken_files.size(), 3u);
}

TEST_F(BoundSourceTest, GlobsMatchNamesAndFolders) {
  for (const char* name :
       {"d/2024/a.csv", "d/2024/b.txt", "d/2025/a.csv", "d/2025/x/deep.csv", "d/other/a.csv"})
    Write(name, "x\n1\n");
  const auto count = [&](const std::string& path, std::map<std::string, std::string> more = {}) {
    more.merge(std::map<std::string, std::string>{{"format", "csv"}, {"header", "true"}});
    return Find<FilesInput>(Call("read_files", path, more)).files.size();
  };
  EXPECT_EQ(count("d/*/a.csv"), 3u);
  EXPECT_EQ(count("d/20[0-9][0-9]"), 4u);
  EXPECT_EQ(count("d/{2024,other}/*.csv"), 2u);
  EXPECT_EQ(count("d/202?/*"), 4u);
  EXPECT_EQ(count("d"), 5u);
  EXPECT_EQ(count("d", {{"pathglobfilter", "*.csv"}}), 4u);
  EXPECT_EQ(count("file://" + folder_.string() + "/d/other/a.csv"), 1u);
}

TEST_F(BoundSourceTest, CsvColumnsGetTheTypesThatSparkInfers) {
  Write("t.csv",
        "Int,long,big,dbl,date,ts,bool,text,none,mixed,code\n"
        "-9,3000000000,12345678901234567890,1.5,2024-02-29,2024-01-01 10:00:00,true,a,,1,007\n"
        "-2,1,1,1e3,2024-03-01,2024-01-01T10:00:00Z,FALSE,\"b, \"\"quoted\"\"\n and more\",,x,008\n"
        "+3,,,NaN,,2024-01-02,,\"\",,2024-01-01,\n");
  EXPECT_EQ(
      ReadFiles("t.csv", {{"format", "csv"}, {"header", "true"}},
                "* EXCLUDE (_metadata) REPLACE (isnan(dbl) AS dbl)"),
      "[-9,3000000000,\"12345678901234567890\",false,\"2024-02-29\",\"2024-01-01T10:00:00Z\",true,"
      "\"a\",null,\"1\",7,null]\n"
      "[-2,1,\"1\",false,\"2024-03-01\",\"2024-01-01T10:00:00Z\",false,\"b, \\\"quoted\\\"\\n and "
      "more\",null,\"x\",8,null]\n"
      "[3,null,null,true,null,\"2024-01-02T00:00:00Z\",null,\"\",null,\"2024-01-01\",null,null]\n");
  EXPECT_THAT(schema_, testing::StartsWith("Int int, long bigint, big decimal(20,0), dbl double, "
                                           "date date, ts timestamp, bool boolean, "
                                           "text string, none string, mixed string, code int, "
                                           "_rescued_data string, _metadata struct<"));
}

TEST_F(BoundSourceTest, CsvWithoutHeaderAndWithOtherDelimiters) {
  Write("t.csv", "1;'a;b'\n2;c\n");
  EXPECT_EQ(ReadFiles("t.csv", {{"format", "csv"}, {"delimiter", ";"}, {"quote", "'"}}),
            "[1,\"a;b\",null]\n[2,\"c\",null]\n");
  EXPECT_THAT(schema_, testing::StartsWith("_c0 int, _c1 string"));
  Write("tabs.csv", "x\ty\n1\tNA\n");
  EXPECT_EQ(ReadFiles("tabs.csv", {{"format", "csv"},
                                   {"header", "true"},
                                   {"sep", "\\t"},
                                   {"nullvalue", "NA"},
                                   {"infercolumntypes", "false"}}),
            "[\"1\",null,null]\n");
}

TEST_F(BoundSourceTest, WhatDoesNotFitAGivenTypeIsRescued) {
  Write("t.csv", "id,amount,extra\n1,2.5,x\ntwo,3,\n");
  EXPECT_EQ(ReadFiles("t.csv", {{"format", "csv"}, {"header", "true"}, {"schemahints", "id INT"}},
                      "id, amount, _rescued_data"),
            "[1,2.5,null]\n[null,3.0,\"{\\\"id\\\":\\\"two\\\",\\\"_file_path\\\":\\\"" +
                folder_.string() + "/t.csv\\\"}\"]\n");
  EXPECT_EQ(ReadFiles("t.csv",
                      {{"format", "csv"},
                       {"header", "true"},
                       {"schema", "id STRING, missing DATE"},
                       {"rescueddatacolumn", "_rest"}},
                      "id, missing, _rest->>'amount' AS a, _rest->>'extra' AS e"),
            "[\"1\",null,\"2.5\",\"x\"]\n[\"two\",null,\"3\",null]\n");
}

TEST_F(BoundSourceTest, FilesShowTheirMetadata) {
  Write("in/a.csv", "x\n1\n");
  EXPECT_EQ(
      ReadFiles("in", {{"format", "csv"}, {"header", "true"}},
                "_metadata.file_path, _metadata.file_name, _metadata.file_size, "
                "_metadata.file_modification_time > TIMESTAMPTZ '2020-01-01 00:00:00Z' AS recent"),
      "[\"" + folder_.string() + "/in/a.csv\",\"a.csv\",4,true]\n");
}

TEST_F(BoundSourceTest, SeveralCsvFilesAreJoinedByColumnName) {
  Write("in/a.csv", "x,y\n1,a\n");
  Write("in/b.csv", "y,x,z\nb,2.5,c\n");
  EXPECT_EQ(ReadFiles("in", {{"format", "csv"}, {"header", "true"}}, "x, y, z"),
            "[1.0,\"a\",null]\n[2.5,\"b\",\"c\"]\n");
}

TEST_F(BoundSourceTest, JsonLinesKeepTextsAsTexts) {
  Write("t.json", "{\"a\":1,\"d\":\"2024-01-01\",\"n\":{\"x\":[1.5]}}\n{\"a\":2,\"b\":true}\n");
  EXPECT_EQ(ReadFiles("t.json", {{"format", "json"}}),
            "[1,\"2024-01-01\",{\"x\":[1.5]},null,null]\n[2,null,null,true,null]\n");
  EXPECT_THAT(schema_,
              testing::StartsWith("a bigint, d string, n struct<x:array<double>>, b boolean"));
  Write("broken.json", "{\"a\":1}\n{\"a\":\n");
  EXPECT_THAT(ReadFiles("broken.json", {{"format", "json"}}), HasSubstr("broken.json"));
}

TEST_F(BoundSourceTest, ParquetFilesHaveRowIndexes) {
  storage::DiskStore store(folder_.string());
  database_->stores().Add("out", &store);
  ASSERT_TRUE(
      connection_
          ->Execute("COPY (SELECT 42 AS a, DATE '2024-01-01' AS d) TO 'smelt://out/t.parquet'")
          .ok());
  EXPECT_EQ(ReadFiles("t.parquet", {{"format", "parquet"}}, "a, d, _metadata.row_index"),
            "[42,\"2024-01-01\",0]\n");
  database_->stores().Remove("out");
}

TEST_F(BoundSourceTest, AnIdleStreamKeepsItsColumns) {
  Write("in/a.csv", "x,y\n1,a\n");
  const auto call = Call("read_files", "in", {{"format", "csv"}, {"header", "true"}}, true);
  Input input{"read_files#1", Find<FilesInput>(call)};
  const auto idle = Find<FilesInput>(call, &input);
  const auto bound = BindFiles(*registry_, idle);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(Rows("SELECT x, y FROM " + bound->from().sql), "");
}

}  // namespace
}  // namespace smelt::duck
