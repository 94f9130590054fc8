// The wire client against the embedded store's server: two sides of one protocol that were written
// apart.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/status.h"
#include "cli/dynamodb_server.h"
#include "dynamodb/client/wire_client.h"
#include "dynamodb/store/store.h"

namespace smelt::dynamodb {
namespace {

class WireStoreTest : public ::testing::Test {
 protected:
  void SetUp() override { Start({}); }
  void TearDown() override {
    client_.reset();
    server_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Start(const store::FaultPlan& faults) {
    TearDown();
    store::StoreOptions options;
    options.faults = faults;
    store_ = store::Store::Open(folder_ / "store.db", options).value();
    server_ = cli::StartDynamoDbServer(store_.get(), {}).value();
    WireClientOptions fast;
    fast.backoff_base_micros = 100;
    fast.backoff_cap_micros = 1000;
    client_ = ConnectToUrl("http://127.0.0.1:" + std::to_string(server_->port()), "", "",
                           base::Clock::Real(), fast)
                  .value();
    key_.partition = {"day", ValueType::kString};
    key_.sort = KeyAttribute{"at", ValueType::kNumber};
    ASSERT_TRUE(client_->CreateTable({"events", key_, {}}).ok());
  }

  static Item Key(const std::string& day, int64_t at) {
    Item item;
    item.emplace("day", Value(day));
    item.emplace("at", Value(Number(at)));
    return item;
  }
  static WriteOp Put(const std::string& day, int64_t at, const std::string& text) {
    WriteOp op;
    op.table = "events";
    op.item = Key(day, at);
    op.item.emplace("text", Value(text));
    return op;
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / "smelt_wire_store_test";
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<Client> client_;
  KeySchema key_;
};

TEST_F(WireStoreTest, CreatesDescribesChangesListsAndDeletesTables) {
  KeySchema other;
  other.partition = {"id", ValueType::kBinary};
  ASSERT_TRUE(client_->CreateTable({"other", other, Throughput{3, 4}}).ok());
  EXPECT_EQ(client_->CreateTable({"other", other, {}}).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(client_->ListTables().value(), (std::vector<std::string>{"events", "other"}));
  EXPECT_EQ(client_->DescribeTable("events")->key, key_);
  EXPECT_EQ(client_->DescribeTable("events")->billing, BillingMode::kOnDemand);
  const auto described = client_->DescribeTable("other");
  EXPECT_EQ(described->key, other);
  EXPECT_EQ(described->billing, BillingMode::kProvisioned);
  EXPECT_EQ(described->throughput, (Throughput{3, 4}));
  UpdateTableRequest update;
  update.table = "other";
  update.throughput = Throughput{5, 6};
  ASSERT_TRUE(client_->UpdateTable(update).ok());
  EXPECT_EQ(client_->DescribeTable("other")->throughput, (Throughput{5, 6}));
  ASSERT_TRUE(client_->DeleteTable("other").ok());
  EXPECT_EQ(client_->DescribeTable("other").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(WireStoreTest, EveryTypeComesBackAsItWent) {
  WriteOp op = Put("d", 1, "text with \"quotes\", \u00fc and \n");
  op.item.emplace("n", Value(Number::Parse("-12345678901234567890.123456789012345678").value()));
  op.item.emplace("b", Value(Binary{std::string("\0\xff", 2)}));
  op.item.emplace("bool", Value(true));
  op.item.emplace("null", Value());
  op.item.emplace("list", Value(List{Value("x"), Value(Number(1)), Value(List{})}));
  op.item.emplace("map", Value(Map{{"a", Value(Map{})}}));
  op.item.emplace("ss", Value(StringSet{"a", "b"}));
  op.item.emplace("ns", Value(NumberSet{Number(2), Number(1)}));
  op.item.emplace("bs", Value(BinarySet{Binary{"z"}}));
  const WriteResult result = client_->Write(op);
  ASSERT_EQ(result.outcome, WriteOutcome::kDone) << result.status;
  EXPECT_EQ(result.write_units, 1);
  EXPECT_EQ(client_->GetItem({"events", Key("d", 1), true}).value(), op.item);
  EXPECT_EQ(client_->GetItem({"events", Key("d", 2), true}).value(), std::nullopt);
}

TEST_F(WireStoreTest, ConditionsHoldOrShowWhatIsThere) {
  auto absent = std::make_shared<Expression>();
  absent->text = "attribute_not_exists(#day)";
  absent->names = {{"#day", "day"}};
  WriteOp op = Put("d", 1, "first");
  op.condition = absent;
  op.return_existing = true;
  EXPECT_EQ(client_->Write(op).outcome, WriteOutcome::kDone);
  op.item.insert_or_assign("text", Value("second"));
  const WriteResult failed = client_->Write(op);
  EXPECT_EQ(failed.outcome, WriteOutcome::kConditionFailed);
  ASSERT_TRUE(failed.existing.has_value());
  EXPECT_EQ(failed.existing->at("text"), Value("first"));

  WriteOp bad = op;
  auto broken = std::make_shared<Expression>();
  broken->text = "this is no condition";
  bad.condition = broken;
  const WriteResult refused = client_->Write(bad);
  EXPECT_EQ(refused.outcome, WriteOutcome::kFailed);
  EXPECT_EQ(refused.status.code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(WireStoreTest, ManyWritesLandAndSegmentsFindThemAll) {
  std::vector<WriteOp> ops;
  for (int i = 0; i < 300; ++i) ops.push_back(Put("d" + std::to_string(i % 20), i, "x"));
  for (const WriteResult& result : client_->WriteMany(ops, {.max_in_flight = 8})) {
    ASSERT_EQ(result.outcome, WriteOutcome::kDone) << result.status;
  }
  std::multiset<std::string> found;
  for (int segment = 0; segment < 3; ++segment) {
    ScanRequest scan;
    scan.table = "events";
    scan.attributes = {"at"};
    scan.segment = segment;
    scan.segments = 3;
    scan.limit = 17;
    do {
      const auto page = client_->Scan(scan);
      ASSERT_TRUE(page.ok()) << page.status();
      for (const Item& item : page->items) {
        EXPECT_EQ(item.size(), 1u);
        found.insert(item.at("at").number().ToString());
      }
      scan.start_after = page->last_key;
    } while (!scan.start_after.empty());
  }
  EXPECT_EQ(found.size(), 300u);
  EXPECT_EQ(std::set<std::string>(found.begin(), found.end()).size(), 300u);

  ScanRequest count;
  count.table = "events";
  count.count_only = true;
  EXPECT_EQ(client_->Scan(count)->count, 300);
}

TEST_F(WireStoreTest, QueriesByKeyBackwardsAndFiltered) {
  for (int64_t at = 0; at < 10; ++at) {
    ASSERT_EQ(client_->Write(Put("d", at, at % 2 == 0 ? "even" : "odd")).outcome,
              WriteOutcome::kDone);
  }
  QueryRequest query;
  query.table = "events";
  query.key_condition.text = "#day = :day AND #at > :at";
  query.key_condition.names = {{"#day", "day"}, {"#at", "at"}};
  query.key_condition.values.emplace(":day", Value("d"));
  query.key_condition.values.emplace(":at", Value(Number(3)));
  query.filter = Expression{"#text = :text", {{"#text", "text"}}, {}};
  query.filter->values.emplace(":text", Value("odd"));
  query.forward = false;
  const auto page = client_->Query(query);
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->items.size(), 3u);
  EXPECT_EQ(page->items[0].at("at"), Value(Number(9)));
  EXPECT_EQ(page->items[2].at("at"), Value(Number(5)));
  EXPECT_EQ(page->scanned, 6);
}

TEST_F(WireStoreTest, FaultsOfTheServiceAreRiddenOut) {
  Start({.error_share = 0.1, .lost_answer_share = 0.1, .throttle_share = 0.2, .seed = 5});
  std::vector<WriteOp> ops;
  for (int i = 0; i < 300; ++i) ops.push_back(Put("d", i, "x"));
  int64_t retries = 0;
  while (!ops.empty()) {
    const std::vector<WriteResult> results = client_->WriteMany(ops, {.max_in_flight = 8});
    std::vector<WriteOp> again;
    for (size_t i = 0; i < ops.size(); ++i) {
      retries += results[i].retries;
      ASSERT_NE(results[i].outcome, WriteOutcome::kFailed) << results[i].status;
      if (results[i].outcome != WriteOutcome::kDone) again.push_back(ops[i]);
    }
    ops = std::move(again);
  }
  EXPECT_GT(retries, 50);
  ScanRequest count;
  count.table = "events";
  count.count_only = true;
  EXPECT_EQ(client_->Scan(count)->count, 300);
}

}  // namespace
}  // namespace smelt::dynamodb
