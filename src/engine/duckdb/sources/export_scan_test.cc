#include "engine/duckdb/sources/export_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "dynamodb/export/export_builder_for_test.h"
#include "dynamodb/export/export_finder.h"
#include "dynamodb/export/schema_inference.h"
#include "engine/duckdb/db/result_rows.h"
#include "storage/memory_store.h"

namespace smelt::duck {
namespace {

using base::Json;
using dynamodb::ExportBuilder;

class ExportScanTest : public testing::Test {
 protected:
  void SetUp() override {
    database_ = *Database::Open({});
    connection_ = *database_->Connect();
    registry_ = *RegisterExportScan(*database_);
  }

  // Registers all exports of the store, with the attributes inferred.
  ExportScan ScanAll(dynamodb::ReadOptions options = {}) {
    const auto found = dynamodb::FindExports(*store_, "", {});
    SMELT_CHECK(found.ok(), "{}", base::Message(found.status()));
    const auto attributes = dynamodb::InferAttributes(*store_, found->exports, {});
    SMELT_CHECK(attributes.ok(), "{}", base::Message(attributes.status()));
    return registry_->Add({store_, found->exports, *attributes, options});
  }

  // The rows as JSON arrays; or the error's message.
  std::string Rows(const std::string& sql) {
    const auto rows = QueryRows(*connection_, sql);
    if (!rows.ok()) return base::Message(rows.status());
    std::string text;
    for (const auto& row : rows->rows)
      text += (text.empty() ? "" : "\n") + base::OrderedJson(row).dump();
    return text;
  }

  const std::shared_ptr<storage::MemoryStore> store_ = std::make_shared<storage::MemoryStore>();
  std::unique_ptr<Database> database_;
  std::unique_ptr<Connection> connection_;
  std::shared_ptr<ExportScanRegistry> registry_;
};

std::string Items(int from, int to) {
  std::string text;
  for (int i = from; i < to; ++i) {
    text += fmt::format(
        R"({{"Item":{{"id":{{"S":"a longer identifier {}"}},"n":{{"N":"{}"}},"d":{{"N":"{}.25"}},)"
        R"("tags":{{"SS":["t{}","shared and quite long tag"]}},"m":{{"M":{{"x":{{"N":"{}"}},"l":{{"L":[{{"M":{{"k":{{"BOOL":true}}}}}}]}}}}}}}}}})"
        "\n",
        i, i, i, i % 7, i);
  }
  return text;
}

TEST_F(ExportScanTest, DeliversEveryRowOfEveryFileInParallel) {
  ExportBuilder builder(*store_);
  for (int i = 0; i < 8; ++i) builder.File(Items(i * 5000, (i + 1) * 5000));
  builder.Write();
  const ExportScan scan = ScanAll();
  EXPECT_EQ(scan.item_count(), 40000);
  EXPECT_EQ(Rows("SELECT count(*), count(DISTINCT id), sum(n), sum(d), sum(m.x), sum(len(tags)), "
                 "count_if(m.l[1].k), count(DISTINCT tags[1]) FROM " +
                 scan.Sql()),
            R"([40000,40000,"799980000","799990000.00","799980000","80000","40000",7])");
  EXPECT_EQ(scan.counts().rows, 40000);
  EXPECT_EQ(scan.counts().files, 8);
  EXPECT_EQ(scan.counts().bad_lines, 0);
  EXPECT_EQ(Rows("SELECT count(*) FROM " + scan.Sql()), "[40000]");
}

TEST_F(ExportScanTest, MetadataIsThereAndHidden) {
  ExportBuilder(*store_)
      .File("{\"Item\":{\"id\":{\"S\":\"a\"}}}\n\n{\"Item\":{\"id\":{\"S\":\"b\"}}}\n")
      .Compressed(dynamodb::Gzip(""), 0)
      .Write();
  ExportBuilder again(*store_);
  again.File("{\"Item\":{\"id\":{\"S\":\"a\"}}}\n\n{\"Item\":{\"id\":{\"S\":\"b\"}}}\n");
  again.files[0].second = 2;
  again.Write();
  const ExportScan scan = ScanAll();
  EXPECT_EQ(Rows("SELECT * FROM " + scan.Sql() + " ORDER BY id"),
            "[\"a\",null,\"snapshot\",\"2023-11-14T22:13:20Z\"]\n[\"b\",null,\"snapshot\",\"2023-"
            "11-14T22:13:20Z\"]");
  EXPECT_EQ(Rows("SELECT id, _metadata.export_id, _metadata.line, _metadata.file_name FROM " +
                 scan.Sql() + " WHERE _metadata.line = 3"),
            "[\"b\",\"01700000000000-aaaaaaaa\",3,\"01700000000000-aaaaaaaa-0.json.gz\"]");
}

TEST_F(ExportScanTest, NullsAndMapsAndRescuedValuesArrive) {
  ExportBuilder builder(*store_);
  std::string text =
      R"({"Item":{"id":{"S":"a"},"n":{"N":"1"},"l":{"L":[{"NULL":true},{"S":"x"}]},"b":{"B":"AAH/"}}})"
      "\n"
      R"({"Item":{"id":{"S":"b"},"n":{"N":"2"},"s":{"M":{"k":{"N":"17014118346046923173168730371588410572"}}}}})"
      "\n"
      R"({"Item":{"id":{"S":"c"},"n":{"S":"not a number"}}})"
      "\n"
      "broken\n";
  builder.File(text).Write();
  const ExportScan scan = ScanAll();
  EXPECT_EQ(
      Rows("SELECT id, n, l, b, s, _rescued_data FROM " + scan.Sql() + " ORDER BY _metadata.line"),
      "[\"a\",1,[null,\"x\"],\"AAH/\",null,null]\n"
      "[\"b\",2,null,null,{\"k\":\"17014118346046923173168730371588410572\"},null]\n"
      "[\"c\",null,null,null,null,\"{\\\"n\\\":{\\\"S\\\":\\\"not a number\\\"}}\"]\n"
      "[null,null,null,null,null,\"broken\"]");
  EXPECT_EQ(scan.counts().bad_lines, 1);
}

TEST_F(ExportScanTest, DamageComesOutAsItWentIn) {
  ExportBuilder builder(*store_);
  builder.File(Items(0, 10));
  builder.files[0].second = 11;
  builder.Write();
  const auto found = *dynamodb::FindExports(*store_, "", {});
  const ExportScan scan = registry_->Add({store_, found.exports, {}, {}});
  const auto rows = QueryRows(*connection_, "SELECT count(*) FROM " + scan.Sql());
  EXPECT_EQ(rows.status().code(), absl::StatusCode::kDataLoss) << rows.status();
  EXPECT_THAT(base::Message(rows.status()), testing::HasSubstr("it has 10 items, but"));
}

TEST_F(ExportScanTest, AScanThatIsGoneIsNotFound) {
  EXPECT_EQ(Rows("SELECT * FROM smelt_export_scan('nothing')"),
            "no export scan 'nothing' is registered");
}

TEST_F(ExportScanTest, StringsOutliveTheirBatches) {
  ExportBuilder builder(*store_);
  for (int i = 0; i < 3; ++i) builder.File(Items(i * 7000, (i + 1) * 7000));
  builder.Write();
  const ExportScan scan = ScanAll();
  // A sort and a join hold on to rows long after their batches.
  EXPECT_EQ(Rows("SELECT count(*) FROM (SELECT id, tags FROM " + scan.Sql() +
                 " ORDER BY id DESC) a JOIN " + scan.Sql() +
                 " b USING (id) WHERE a.id LIKE 'a longer identifier %' AND a.tags[2] = b.tags[2]"),
            "[21000]");
}

}  // namespace
}  // namespace smelt::duck
