#include "cli/embedded_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/status.h"

namespace smelt::cli {
namespace {

using dynamodb::Item;
using dynamodb::Value;
using dynamodb::WriteOutcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Item MakeItem(const std::string& day, const std::string& slice, int64_t fence) {
  return {{"day", Value(day)}, {"slice", Value(slice)}, {"fence", Value(dynamodb::Number(fence))}};
}

class EmbeddedClientTest : public ::testing::Test {
 protected:
  EmbeddedClientTest()
      : store_(dynamodb::store::Store::Open(folder_ / "store.sqlite").value()),
        client_(store_.get(), &clock_) {
    dynamodb::CreateTableRequest request{.table = "tab"};
    request.key.partition = {.name = "day", .type = dynamodb::ValueType::kString};
    request.key.sort = {.name = "slice", .type = dynamodb::ValueType::kString};
    request.throughput = dynamodb::Throughput{.read_units = 5, .write_units = 6};
    EXPECT_TRUE(client_.CreateTable(request).ok());
  }
  ~EmbeddedClientTest() override {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  static std::vector<WriteOutcome> Outcomes(const std::vector<dynamodb::WriteResult>& results) {
    std::vector<WriteOutcome> outcomes;
    for (const dynamodb::WriteResult& result : results) outcomes.push_back(result.outcome);
    return outcomes;
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / fmt::format("smelt-embedded-client-{}", getpid());
  base::FakeClock clock_{0};
  std::unique_ptr<dynamodb::store::Store> store_;
  EmbeddedClient client_;
};

TEST_F(EmbeddedClientTest, DescribesAndChangesTables) {
  dynamodb::TableDescription table = client_.DescribeTable("tab").value();
  EXPECT_EQ(table.billing, dynamodb::BillingMode::kProvisioned);
  EXPECT_EQ(table.throughput.write_units, 6);
  EXPECT_EQ(table.key.sort->name, "slice");
  table = client_.UpdateTable({.table = "tab", .throughput = dynamodb::Throughput{5, 600}}).value();
  EXPECT_EQ(table.throughput.write_units, 600);
  EXPECT_THAT(client_.ListTables().value(), ElementsAre("tab"));
  EXPECT_TRUE(client_.DeleteTable("tab").ok());
  EXPECT_EQ(client_.DescribeTable("tab").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(EmbeddedClientTest, WritesManyUnderTheConditionsTheyShare) {
  const auto fenced = std::make_shared<const dynamodb::Expression>(
      dynamodb::Expression{.text = "attribute_not_exists(#d) OR fence <= :mine",
                           .names = {{"#d", "day"}},
                           .values = {{":mine", Value(dynamodb::Number(7))}}});
  const auto wrong =
      std::make_shared<const dynamodb::Expression>(dynamodb::Expression{.text = "day = "});
  ASSERT_EQ(client_.Write({.table = "tab", .item = MakeItem("d", "newer", 8)}).outcome,
            WriteOutcome::kDone);
  const std::vector<dynamodb::WriteOp> ops = {
      {.table = "tab", .item = MakeItem("d", "a", 7), .condition = fenced},
      {.table = "tab",
       .item = MakeItem("d", "newer", 7),
       .condition = fenced,
       .return_existing = true},
      {.table = "tab", .item = MakeItem("d", "b", 7), .condition = wrong},
      {.table = "none", .item = MakeItem("d", "b", 7)},
      {.kind = dynamodb::WriteKind::kDelete,
       .table = "tab",
       .item = {{"day", Value("d")}, {"slice", Value("a")}},
       .condition = fenced},
  };
  const std::vector<dynamodb::WriteResult> results = client_.WriteMany(ops, {});
  EXPECT_THAT(Outcomes(results),
              ElementsAre(WriteOutcome::kDone, WriteOutcome::kConditionFailed,
                          WriteOutcome::kFailed, WriteOutcome::kFailed, WriteOutcome::kDone));
  EXPECT_EQ(results[1].existing, MakeItem("d", "newer", 8));
  EXPECT_THAT(base::Message(results[2].status), HasSubstr("Syntax error"));
  EXPECT_EQ(results[3].status.code(), absl::StatusCode::kNotFound);
}

TEST_F(EmbeddedClientTest, WritesNothingAfterItsTime) {
  clock_.Advance(1000);
  const std::vector<dynamodb::WriteOp> ops = {{.table = "tab", .item = MakeItem("d", "a", 1)}};
  EXPECT_THAT(Outcomes(client_.WriteMany(ops, {.stop_at_micros = 1000})),
              ElementsAre(WriteOutcome::kNotAttempted));
  EXPECT_FALSE(
      client_.GetItem({.table = "tab", .key = {{"day", Value("d")}, {"slice", Value("a")}}})
          ->has_value());
}

TEST_F(EmbeddedClientTest, QueriesAndScansInPages) {
  for (const char* slice : {"a", "b", "c", "d"}) {
    client_.Write({.table = "tab", .item = MakeItem("d", slice, *slice - 'a')});
  }
  dynamodb::QueryRequest query{.table = "tab"};
  query.key_condition = {.text = "#d = :d AND slice > :a",
                         .names = {{"#d", "day"}},
                         .values = {{":d", Value("d")}, {":a", Value("a")}}};
  query.filter = dynamodb::Expression{.text = "fence <> :two",
                                      .values = {{":two", Value(dynamodb::Number(2))}}};
  const dynamodb::Page page = client_.Query(query).value();
  EXPECT_EQ(page.count, 2);
  EXPECT_EQ(page.scanned, 3);

  dynamodb::ScanRequest scan{.table = "tab", .attributes = {"slice"}, .limit = 3};
  std::vector<std::string> slices;
  do {
    dynamodb::Page next = client_.Scan(scan).value();
    for (const Item& item : next.items) {
      EXPECT_EQ(item.size(), 1u);
      slices.push_back(item.at("slice").string());
    }
    scan.start_after = std::move(next.last_key);
  } while (!scan.start_after.empty());
  EXPECT_THAT(slices, ElementsAre("a", "b", "c", "d"));
}

}  // namespace
}  // namespace smelt::cli
