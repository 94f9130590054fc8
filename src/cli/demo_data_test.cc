#include "cli/demo_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/check.h"
#include "base/status.h"
#include "dynamodb/export/export_finder.h"
#include "dynamodb/export/gzip_lines.h"
#include "dynamodb/value/value_json.h"
#include "storage/memory_store.h"

namespace smelt::cli {
namespace {

using dynamodb::Export;
using dynamodb::Item;

std::string SmallCsv(int rows) {
  std::string text =
      "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";
  for (int i = 0; i < rows; ++i) {
    text += fmt::format(
        "5363{},8512{},\"WHITE \"\"HEART\"\", T-LIGHT {}\",{},2010-12-{:02} "
        "08:26:00,2.55,{},United Kingdom\r\n",
        i / 7, i % 10, i, i % 5 - 1, i % 28 + 1,
        i % 4 == 0 ? "" : fmt::format("{}.0", 17000 + i % 50));
  }
  return text;
}

DemoData SmallData(int rows = 3000) { return DemoData(*RetailCsv::Parse(SmallCsv(rows))); }

// Every line of an export.
std::vector<base::Json> Records(storage::ObjectStore& store, const Export& found) {
  std::vector<base::Json> records;
  for (const dynamodb::DataFile& file : found.files) {
    auto lines = *dynamodb::GzipLines::Open(store, file.key);
    dynamodb::TextLine line;
    int64_t count = 0;
    while (true) {
      const absl::StatusOr<bool> more = lines->Next(&line);
      SMELT_CHECK(more.ok(), "{}", base::Message(more.status()));
      if (!*more) break;
      ++count;
      records.push_back(base::Json::parse(line.text));
    }
    EXPECT_EQ(count, file.item_count);
    EXPECT_EQ(*lines->FinishMd5Base64(), file.md5_base64);
  }
  return records;
}

TEST(RetailCsvTest, ReadsQuotesNumbersAndLinesOfInvoices) {
  const RetailCsv csv = *RetailCsv::Parse(
      "a,b,c,d,e,f,g,h\n"
      "536365,85123A,\"SET OF 6 \"\"T-LIGHTS\"\", RED\",6,2010-12-01 08:26:00,2.55,17850.0,United "
      "Kingdom\n"
      "536365,71053,,-3,2010-12-01 08:26:00,-11062.06,,EIRE\n"
      "536366,B,x,1,2010-12-01 08:28:00,0.001,1,EIRE");
  ASSERT_EQ(csv.rows().size(), 3u);
  EXPECT_EQ(csv.rows()[0].description, "SET OF 6 \"T-LIGHTS\", RED");
  EXPECT_EQ(csv.rows()[0].customer_id, 17850);
  EXPECT_EQ(csv.rows()[1].price_millis, -11062060);
  EXPECT_EQ(csv.rows()[1].line, 2);
  EXPECT_EQ(csv.rows()[2].line, 1);
  EXPECT_EQ(csv.rows()[2].price_millis, 1);
  EXPECT_FALSE(RetailCsv::Parse("h\na,b\n").ok());
  EXPECT_FALSE(RetailCsv::Parse("h\n1,2,\"open,4,2010-12-01 08:26:00,1,1,x\n").ok());
}

TEST(RetailCsvTest, TheEmbeddedDataSetIsWhole) {
  const absl::StatusOr<RetailCsv> csv = RetailCsv::Load();
  ASSERT_TRUE(csv.ok()) << csv.status();
  ASSERT_EQ(csv->rows().size(), 541909u);
  EXPECT_EQ(csv->rows().back().invoice, "581587");
  EXPECT_EQ(csv->rows().back().country, "France");
}

TEST(DemoDataTest, TheFullExportIsOneThatCanBeRead) {
  storage::MemoryStore store;
  const DemoData data = SmallData();
  const absl::StatusOr<DemoExport> written = data.WriteFullExport(store, "exports/", 2);
  ASSERT_TRUE(written.ok()) << written.status();
  const auto found =
      dynamodb::FindExports(store, "exports", {.table_name = "customer_transactions"});
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->exports.size(), 1u);
  EXPECT_EQ(found->exports[0].id, written->id);
  EXPECT_EQ(found->exports[0].item_count, written->items);

  std::set<std::string> events;
  std::map<std::string, int> transactions;
  std::string last_of_file;
  for (const base::Json& record : Records(store, found->exports[0])) {
    const absl::StatusOr<Item> item = dynamodb::ItemFromJson(record.at("Item"));
    ASSERT_TRUE(item.ok()) << item.status() << record.dump();
    EXPECT_EQ(dynamodb::ToText(*item), record.at("Item").dump(-1, ' ', false))
        << "canonical, sorted";
    EXPECT_TRUE(events.insert(item->at("event_id").string()).second);
    EXPECT_GE(item->at("event_id").string(), last_of_file) << "in hash order";
    last_of_file = item->at("event_id").string();
    if (item->contains("transaction_id")) ++transactions[item->at("transaction_id").string()];
  }
  EXPECT_EQ(static_cast<int64_t>(events.size()), written->items);
  int64_t duplicates = 0;
  for (const auto& [id, count] : transactions) duplicates += count - 1;
  EXPECT_GT(duplicates, 10);
  EXPECT_LT(duplicates, 60);
}

TEST(DemoDataTest, TheIncrementChangesItemsOfTheFullExport) {
  storage::MemoryStore store;
  const DemoData data = SmallData();
  ASSERT_TRUE(data.WriteFullExport(store, "", 1).ok());
  const absl::StatusOr<DemoExport> increment = data.WriteIncrement(store, "", 2);
  ASSERT_TRUE(increment.ok()) << increment.status();
  const auto found = dynamodb::FindExports(store, "", {});
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->exports.size(), 2u);
  EXPECT_EQ(found->exports[1].kind, dynamodb::ExportKind::kIncremental);
  EXPECT_EQ(found->exports[1].window_start_micros, found->exports[0].export_micros);

  std::map<std::string, std::string> images;
  for (const base::Json& record : Records(store, found->exports[0])) {
    images[record["Item"]["event_id"]["S"]] = record["Item"].dump();
  }
  int64_t inserts = 0, updates = 0, deletes = 0;
  for (const base::Json& record : Records(store, found->exports[1])) {
    const std::string event = record["Keys"]["event_id"]["S"];
    const bool has_old = record.contains("OldImage"), has_new = record.contains("NewImage");
    EXPECT_EQ(images.contains(event), has_old);
    if (has_old) {
      EXPECT_EQ(record["OldImage"].dump(), images[event]);
    }
    if (has_old && has_new) {
      EXPECT_NE(record["OldImage"]["amount"], record["NewImage"]["amount"]);
    }
    ++(!has_old ? inserts : has_new ? updates : deletes);
  }
  EXPECT_EQ(inserts, increment->inserts);
  EXPECT_EQ(updates, increment->updates);
  EXPECT_EQ(deletes, increment->deletes);
  EXPECT_GT(updates, 0);
  EXPECT_GT(deletes, 0);
  EXPECT_GT(increment->resent, 0);
}

TEST(DemoDataTest, TheSameBytesEveryTimeWhateverTheThreads) {
  storage::MemoryStore once, again;
  for (auto [store, threads] : {std::pair{&once, 1}, {&again, 3}}) {
    ASSERT_TRUE(SmallData(500).WriteFullExport(*store, "", threads).ok());
    ASSERT_TRUE(SmallData(500).WriteIncrement(*store, "", threads).ok());
    ASSERT_TRUE(SmallData(500).WriteCustomers(*store, "customers.csv").ok());
  }
  int objects = 0;
  ASSERT_TRUE(once.List("", "",
                        [&](const storage::ObjectInfo& object) {
                          ++objects;
                          EXPECT_EQ(*once.Get(object.key), *again.Get(object.key)) << object.key;
                          return true;
                        })
                  .ok());
  EXPECT_GT(objects, 32);
}

TEST(DemoDataTest, CustomersAreNearlyAllInTheDimension) {
  storage::MemoryStore store;
  const absl::StatusOr<int64_t> count = SmallData().WriteCustomers(store, "customers.csv");
  ASSERT_TRUE(count.ok());
  const std::string text = *store.Get("customers.csv");
  EXPECT_TRUE(text.starts_with("customer_id,segment,region,country\n17"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), *count + 1);
  EXPECT_EQ(RegionOf("France"), "europe");
  EXPECT_EQ(RegionOf("RSA"), "other");
}

}  // namespace
}  // namespace smelt::cli
