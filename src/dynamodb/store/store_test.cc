#include "dynamodb/store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <thread>

#include "base/status.h"
#include "dynamodb/store/table.h"
#include "dynamodb/value/item_size.h"

namespace smelt::dynamodb::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Value N(int64_t number) { return Value(Number(number)); }

Item MakeItem(const std::string& pk, int64_t sk, int64_t fence = 0) {
  return {{"pk", Value(pk)}, {"sk", N(sk)}, {"fence", N(fence)}};
}

Item Key(const std::string& pk, int64_t sk) { return {{"pk", Value(pk)}, {"sk", N(sk)}}; }

std::shared_ptr<const Condition> When(const std::string& text, Item values = {}) {
  Placeholders placeholders({}, std::move(values));
  return std::make_shared<const Condition>(
      Condition::Compile("ConditionExpression", text, &placeholders).value());
}

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    std::filesystem::remove_all(folder_);
    Open();
  }
  ~StoreTest() override { std::filesystem::remove_all(folder_); }

  void Open(const StoreOptions& options = {}) {
    store_.reset();
    store_ = Store::Open(file_, options).value();
  }
  void CreateTable(const std::string& name = "tab", Throughput throughput = {}) {
    TableSpec spec{.name = name, .throughput = throughput};
    spec.key.partition = {.name = "pk", .type = ValueType::kString};
    spec.key.sort = {.name = "sk", .type = ValueType::kNumber};
    if (throughput != Throughput{}) spec.billing = BillingMode::kProvisioned;
    ASSERT_TRUE(store_->CreateTable(spec).ok());
  }
  WriteResult Put(const Item& item, std::shared_ptr<const Condition> condition = nullptr) {
    const WriteOp op{.table = "tab", .item = &item, .condition = std::move(condition)};
    return std::move(store_->Write({&op, 1}).front());
  }
  std::vector<WriteResult> PutMany(const std::string& pk, int64_t count) {
    std::vector<Item> items;
    for (int64_t sk = 0; sk < count; ++sk) items.push_back(MakeItem(pk, sk));
    std::vector<WriteOp> ops;
    for (const Item& item : items) ops.push_back({.table = "tab", .item = &item});
    return store_->Write(ops);
  }
  static int64_t Done(const std::vector<WriteResult>& results) {
    return std::count_if(results.begin(), results.end(), [](const WriteResult& result) {
      return result.outcome == WriteOutcome::kDone;
    });
  }
  std::optional<Item> Get(const std::string& pk, int64_t sk) {
    return store_->GetItem("tab", Key(pk, sk)).value().item;
  }
  std::vector<int64_t> SortKeys(const Page& page) {
    std::vector<int64_t> keys;
    for (const Item& item : page.items) keys.push_back(*item.at("sk").number().ToInt64());
    return keys;
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / fmt::format("smelt-store-{}", getpid());
  const std::filesystem::path file_ = folder_ / "dynamodb" / "store.sqlite";
  std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, KeepsTablesAndItemsOverAReopening) {
  CreateTable("tab", {.read_units = 3, .write_units = 4});
  const TableDescription before = store_->DescribeTable("tab").value();
  Put(MakeItem("a", 1));
  Open();
  EXPECT_THAT(store_->ListTables(), ElementsAre("tab"));
  const TableDescription after = store_->DescribeTable("tab").value();
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(after.spec.key, before.spec.key);
  EXPECT_EQ(after.spec.throughput.write_units, 4);
  EXPECT_EQ(after.created_at_micros, before.created_at_micros);
  EXPECT_EQ(after.item_count, 1);
  EXPECT_EQ(after.size_bytes, SizeBytes(MakeItem("a", 1)));
  EXPECT_EQ(Get("a", 1), MakeItem("a", 1));
}

TEST_F(StoreTest, IsOwnedByOneAtATime) {
  const absl::Status second = Store::Open(file_).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(base::Message(second), HasSubstr("in use by"));
}

TEST_F(StoreTest, EachWriteOfABatchHasItsOwnConditionAndSeesThoseBefore) {
  CreateTable();
  const auto absent = When("attribute_not_exists(pk)");
  const auto fenced = When("fence <= :f", {{":f", N(5)}});
  const Item first = MakeItem("a", 1, 5);
  const Item second = MakeItem("a", 1, 9);
  const Item other = MakeItem("b", 1);
  const Item key = Key("b", 1);
  const WriteOp ops[] = {
      {.table = "tab", .item = &first, .condition = absent},
      {.table = "tab", .item = &second, .condition = absent, .return_old_on_failure = true},
      {.table = "tab", .item = &second, .condition = fenced, .return_old = true},
      {.table = "tab", .item = &first, .condition = fenced},
      {.table = "none", .item = &first},
      {.table = "tab", .item = &other},
      {.kind = WriteKind::kDelete,
       .table = "tab",
       .item = &key,
       .condition = When("attribute_exists(pk)")},
      {.kind = WriteKind::kDelete,
       .table = "tab",
       .item = &key,
       .condition = When("attribute_exists(pk)")},
  };
  const std::vector<WriteResult> results = store_->Write(ops);
  EXPECT_EQ(results[0].outcome, WriteOutcome::kDone);
  EXPECT_EQ(results[1].outcome, WriteOutcome::kConditionFailed);
  EXPECT_EQ(results[1].old, first);
  EXPECT_EQ(results[2].outcome, WriteOutcome::kDone);
  EXPECT_EQ(results[2].old, first);
  EXPECT_EQ(results[3].outcome, WriteOutcome::kConditionFailed);
  EXPECT_FALSE(results[3].old.has_value());
  EXPECT_EQ(results[4].outcome, WriteOutcome::kRefused);
  EXPECT_EQ(results[4].status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(results[6].outcome, WriteOutcome::kDone);
  EXPECT_EQ(results[7].outcome, WriteOutcome::kConditionFailed);
  EXPECT_EQ(Get("a", 1), second);
  EXPECT_FALSE(Get("b", 1).has_value());
  EXPECT_EQ(store_->DescribeTable("tab")->item_count, 1);
}

TEST_F(StoreTest, AWriteThatIsWrongDoesNotStopTheOthers) {
  CreateTable();
  Item large = MakeItem("a", 1);
  large["v"] = Value(std::string(kMaxItemSizeBytes, 'x'));
  const Item no_key = {{"pk", Value("a")}};
  const Item good = MakeItem("a", 2);
  const WriteOp ops[] = {{.table = "tab", .item = &large},
                         {.table = "tab", .item = &no_key},
                         {.table = "tab", .item = &good}};
  const std::vector<WriteResult> results = store_->Write(ops);
  EXPECT_EQ(base::Message(results[0].status), "Item size has exceeded the maximum allowed size");
  EXPECT_EQ(base::Message(results[1].status),
            "One or more parameter values were invalid: Missing the key sk in the item");
  EXPECT_EQ(results[2].outcome, WriteOutcome::kDone);
}

TEST_F(StoreTest, ConcurrentConditionalWritesLetOneThrough) {
  CreateTable();
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const WriteResult result = Put(MakeItem("a", i, t), When("attribute_not_exists(pk)"));
        if (result.outcome == WriteOutcome::kDone) ++done;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 20);
  EXPECT_EQ(store_->DescribeTable("tab")->item_count, 20);
}

TEST_F(StoreTest, ReadsSeeWhatWasAcknowledgedBefore) {
  CreateTable();
  std::thread writer([&] {
    for (int i = 0; i < 50; ++i) Put(MakeItem("other", i));
  });
  for (int i = 0; i < 50; ++i) {
    Put(MakeItem("mine", i));
    EXPECT_TRUE(Get("mine", i).has_value());
  }
  writer.join();
}

TEST_F(StoreTest, QueriesRangesInBothDirectionsAndPages) {
  CreateTable();
  for (int64_t sk : {5, -3, 100, 0, 20}) Put(MakeItem("a", sk));
  Put(MakeItem("b", 7));
  QueryRequest request;
  request.table = "tab";
  request.key.partition = Value("a");
  EXPECT_THAT(SortKeys(*store_->Query(request)), ElementsAre(-3, 0, 5, 20, 100));
  request.key.sort = KeyCondition::Sort{.op = SortOperator::kBetween, .low = N(0), .high = N(20)};
  EXPECT_THAT(SortKeys(*store_->Query(request)), ElementsAre(0, 5, 20));
  request.forward = false;
  request.limit = 2;
  Page page = store_->Query(request).value();
  EXPECT_THAT(SortKeys(page), ElementsAre(20, 5));
  EXPECT_EQ(page.last_key, Key("a", 5));
  request.start_after = page.last_key;
  page = store_->Query(request).value();
  EXPECT_THAT(SortKeys(page), ElementsAre(0));
  EXPECT_TRUE(page.last_key.empty());
}

TEST_F(StoreTest, AFilterCountsWhatItSawAndTheProjectionCutsWhatItGives) {
  CreateTable();
  for (int64_t sk = 0; sk < 10; ++sk) Put(MakeItem("a", sk, sk % 2));
  ScanRequest request;
  request.table = "tab";
  request.filter = When("fence = :one", {{":one", N(1)}});
  request.projection = std::make_shared<const Projection>(Projection::OfNames({"sk"}));
  const Page page = store_->Scan(request).value();
  EXPECT_EQ(page.count, 5);
  EXPECT_EQ(page.scanned, 10);
  EXPECT_EQ(page.items.front().size(), 1u);
  request.count_only = true;
  EXPECT_EQ(store_->Scan(request)->count, 5);
  EXPECT_TRUE(store_->Scan(request)->items.empty());
}

TEST_F(StoreTest, ProvisionedTablesThrottleWhereThatIsAsked) {
  base::FakeClock clock(0);
  Open({.clock = &clock, .enforce_throughput = true});
  CreateTable("tab", {.read_units = 1, .write_units = 3});
  const std::vector<WriteResult> first = PutMany("a", 10);
  EXPECT_EQ(Done(first), 3);
  EXPECT_EQ(first[9].outcome, WriteOutcome::kRefused);
  EXPECT_EQ(first[9].status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(Get("a", 9).has_value());

  clock.Advance(1'000'000);
  EXPECT_EQ(Put(MakeItem("a", 9)).outcome, WriteOutcome::kDone);
  ASSERT_TRUE(store_->UpdateTable("tab", {.throughput = Throughput{1, 1000}}).ok());
  clock.Advance(1'000'000);
  EXPECT_EQ(Done(PutMany("b", 1500)), 1000);
}

TEST_F(StoreTest, AWriteLargerThanASecondsUnitsGetsThroughInTime) {
  base::FakeClock clock(0);
  Open({.clock = &clock, .enforce_throughput = true});
  CreateTable("tab", {.read_units = 1, .write_units = 1});
  Item large = MakeItem("a", 1);
  large["v"] = Value(std::string(5000, 'x'));
  EXPECT_EQ(Put(large).outcome, WriteOutcome::kDone);
  clock.Advance(3'000'000);
  EXPECT_EQ(Put(MakeItem("a", 2)).outcome, WriteOutcome::kRefused);
  clock.Advance(2'000'000);
  EXPECT_EQ(Put(MakeItem("a", 2)).outcome, WriteOutcome::kDone);
}

TEST_F(StoreTest, FaultsAreInjectedAsAsked) {
  Open(
      {.faults = {.error_share = 0.2, .lost_answer_share = 0.2, .throttle_share = 0.2, .seed = 7}});
  CreateTable();
  std::map<std::string, int> seen;
  const std::vector<WriteResult> results = PutMany("a", 1000);
  for (size_t i = 0; i < results.size(); ++i) {
    const WriteResult& result = results[i];
    EXPECT_EQ(Get("a", static_cast<int64_t>(i)).has_value(),
              result.outcome != WriteOutcome::kRefused);
    ++seen[result.outcome == WriteOutcome::kUnknown ? "lost"
           : result.outcome == WriteOutcome::kDone
               ? "done"
               : absl::StatusCodeToString(result.status.code())];
  }
  EXPECT_NEAR(seen["RESOURCE_EXHAUSTED"], 200, 60);
  EXPECT_NEAR(seen["UNAVAILABLE"] + seen["INTERNAL"], 200, 60);
  EXPECT_NEAR(seen["lost"], 120, 50);
}

TEST_F(StoreTest, ATableCreatedAgainIsEmptyAndAnother) {
  CreateTable();
  Put(MakeItem("a", 1));
  const std::string id = store_->DescribeTable("tab")->id;
  ASSERT_TRUE(store_->DeleteTable("tab").ok());
  EXPECT_EQ(store_->GetItem("tab", Key("a", 1)).status().code(), absl::StatusCode::kNotFound);
  CreateTable();
  EXPECT_FALSE(Get("a", 1).has_value());
  EXPECT_NE(store_->DescribeTable("tab")->id, id);
}

TEST_F(StoreTest, TableSpecsAreChecked) {
  TableSpec spec{.name = "tab"};
  spec.key.partition = {.name = "pk", .type = ValueType::kString};
  for (const char* name : {"", "ab", "a b", "a/b"}) {
    spec.name = name;
    EXPECT_EQ(store_->CreateTable(spec).status().code(), absl::StatusCode::kInvalidArgument)
        << name;
  }
  spec.name = std::string(256, 'x');
  EXPECT_FALSE(store_->CreateTable(spec).ok());
  spec.name = "tab";
  spec.billing = BillingMode::kProvisioned;
  EXPECT_FALSE(store_->CreateTable(spec).ok());  // without units
}

// The publisher's load: a mirror of the reference workload, first all new, then all fenced.
TEST_F(StoreTest, ThousandsOfConditionalWritesCostOneSync) {
  constexpr int kItems = 31'000;
  CreateTable();
  const auto condition =
      When("attribute_not_exists(pk) OR fence <= :f", {{":f", Value("000000000001.000001")}});
  std::vector<Item> items;
  for (int i = 0; i < kItems; ++i) {
    Item item = MakeItem(fmt::format("2011-01-{:02}", i % 31), i);
    item["fence"] = Value("000000000001.000001");
    for (const char* name : {"total_revenue", "avg_transaction_value", "transaction_count",
                             "unique_customers", "p95_transaction_value", "revenue_std_dev"}) {
      item[name] = N(i * 7919);
    }
    items.push_back(std::move(item));
  }
  std::vector<WriteOp> ops;
  for (const Item& item : items)
    ops.push_back({.table = "tab", .item = &item, .condition = condition});
  for (const char* round : {"new", "fenced"}) {
    const auto start = std::chrono::steady_clock::now();
    const std::vector<WriteResult> results = store_->Write(ops);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(Done(results), kItems);
    fmt::print("{} {} writes in {:.3f} s\n", kItems, round, seconds.count());
  }
}

TEST(HashOfPartition, IsPartOfTheFormat) {
  // Changing these loses every file that was written before.
  EXPECT_EQ(HashOfPartition(""), 8529007325742898729);
  EXPECT_EQ(HashOfPartition("2011-01-01"), 8351393595147153350);
}

TEST(HashesOfSegment, CoverAllHashesOnce) {
  for (int segments : {1, 2, 3, 7, 1'000'000}) {
    int64_t next = 0;
    for (int segment = 0; segment<segments; segment += segments> 100 ? segments - 1 : 1) {
      const auto [begin, end] = HashesOfSegment(segment, segments);
      if (segments <= 100) {
        EXPECT_EQ(begin, next);
      }
      EXPECT_LT(begin, end);
      next = end;
    }
    EXPECT_EQ(next, kHashEnd);
  }
}

TEST(HashOfPartition, SpreadsSimilarKeysOverTheSegments) {
  std::map<int, int> counts;
  for (int i = 0; i < 1000; ++i) {
    const int64_t hash = HashOfPartition(fmt::format("2011-{:03}", i));
    ++counts[static_cast<int>(hash / (kHashEnd / 10))];
  }
  for (const auto& [segment, count] : counts) EXPECT_NEAR(count, 100, 45) << segment;
}

}  // namespace
}  // namespace smelt::dynamodb::store
