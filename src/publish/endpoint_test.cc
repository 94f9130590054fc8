// The mirror against the embedded store, in process and over the wire, with the faults that the
// store can play.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>

#include "base/status.h"
#include "cli/dynamodb_server.h"
#include "cli/embedded_client.h"
#include "dynamodb/client/wire_client.h"
#include "dynamodb/store/store.h"
#include "publish/control_item.h"
#include "publish/publisher.h"
#include "publish/test_faulty_client.h"

namespace smelt::publish {
namespace {

using dynamodb::Item;
using dynamodb::Number;
using dynamodb::Value;
using Rows = std::map<int64_t, std::string>;

enum class Endpoint { kInProcess, kOverTheWire };

// All of `after` that is not in `before` the same, and what is gone.
class RowsDiff : public DiffSource {
 public:
  RowsDiff(const Rows* before, const Rows& after) {
    for (const auto& [id, text] : after) {
      if (before != nullptr && before->contains(id) && before->at(id) == text) {
        ++unchanged_;
        continue;
      }
      Item item = Key(id);
      item.emplace("text", Value(text));
      changes_.push_back({ChangeKind::kPut, std::move(item)});
    }
    if (before == nullptr) return;
    for (const auto& [id, text] : *before) {
      if (!after.contains(id)) changes_.push_back({ChangeKind::kDelete, Key(id)});
    }
  }
  absl::Status Next(std::vector<ItemChange>* batch) override {
    batch->clear();
    if (!read_) *batch = changes_;
    read_ = true;
    return absl::OkStatus();
  }
  absl::Status Rewind() override {
    read_ = false;
    return absl::OkStatus();
  }
  int64_t unchanged() const override { return unchanged_; }

 private:
  static Item Key(int64_t id) {
    Item item;
    item.emplace("id", Value(Number(id)));
    return item;
  }

  std::vector<ItemChange> changes_;
  int64_t unchanged_ = 0;
  bool read_ = false;
};

class EndpointTest : public ::testing::TestWithParam<Endpoint> {
 protected:
  void SetUp() override {
    sink_.name = sink_.options.table = "mirror";
    sink_.key.partition = {"id", dynamodb::ValueType::kNumber};
    options_.sole_owner = true;
    options_.max_in_flight = 8;
  }
  void TearDown() override {
    client_.reset();
    server_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  // Opens the store, the same one again after the first time.
  void Open(dynamodb::store::StoreOptions options = {}) {
    options.clock = &clock_;
    client_.reset();
    server_.reset();
    store_.reset();
    store_ = dynamodb::store::Store::Open(folder_ / "store.db", options).value();
    if (GetParam() == Endpoint::kInProcess) {
      client_ = std::make_unique<cli::EmbeddedClient>(store_.get(), &clock_);
      return;
    }
    server_ = cli::StartDynamoDbServer(store_.get(), {}).value();
    client_ = dynamodb::ConnectToUrl("http://127.0.0.1:" + std::to_string(server_->port()), "", "",
                                     &clock_)
                  .value();
  }

  absl::StatusOr<PublishResult> PublishRows(dynamodb::Client& client, int64_t version,
                                            const std::map<int64_t, Rows>& versions) {
    SMELT_ASSIGN_OR_RETURN(std::optional<Published> published,
                           ReadPublished(client, clock_, sink_));
    PublishRequest request{sink_, {"rows", {{"gold", version}}}, {}};
    // One base, or everything: what a caller may always do.
    const Rows* before = nullptr;
    if (published && published->bases.size() == 1) {
      request.bases = published->bases;
      before = &versions.at(published->bases[0].versions.at("gold"));
    }
    RowsDiff diff(before, versions.at(version));
    return Publish(client, clock_, request, options_, &diff);
  }

  Rows TableRows() {
    Rows rows;
    dynamodb::ScanRequest scan;
    scan.table = "mirror";
    do {
      const auto page = client_->Scan(scan);
      EXPECT_TRUE(page.ok()) << page.status();
      for (const Item& item : page->items) {
        if (HasControlKey(sink_.key, item)) continue;
        rows[item.at("id").number().ToInt64().value()] = item.at("text").string();
      }
      scan.start_after = page->last_key;
    } while (!scan.start_after.empty());
    return rows;
  }

  Rows RandomRows(int64_t most, std::mt19937_64* random) {
    Rows rows;
    for (int64_t id = 0; id < most; ++id) {
      if ((*random)() % 4 != 0) rows[id] = std::to_string((*random)() % 3);
    }
    return rows;
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / "smelt_publish_endpoint_test";
  base::FakeClock clock_{1'750'000'000'000'000};
  std::unique_ptr<dynamodb::store::Store> store_;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<dynamodb::Client> client_;
  Sink sink_;
  PublishOptions options_;
};

TEST_P(EndpointTest, FollowsItsSourceThroughThrottlingAndLostAnswers) {
  std::mt19937_64 random(3);
  std::map<int64_t, Rows> versions;
  int64_t retries = 0;
  for (int64_t version = 0; version < 6; ++version) {
    dynamodb::store::StoreOptions store_options;
    store_options.faults = {
        .error_share = 0.05, .lost_answer_share = 0.05, .throttle_share = 0.5, .seed = random()};
    Open(store_options);
    versions[version] = RandomRows(200, &random);
    const auto result = PublishRows(*client_, version, versions);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_TRUE(result->verified);
    EXPECT_EQ(result->puts + result->unchanged, static_cast<int64_t>(versions[version].size()));
    retries += result->retries;
    ASSERT_EQ(TableRows(), versions[version]) << version;
  }
  EXPECT_GT(retries, 300);
}

TEST_P(EndpointTest, PicksUpAfterACrashAtAnyCall) {
  std::mt19937_64 random(9);
  for (int round = 0; round < 12; ++round) {
    TearDown();
    Open();
    std::map<int64_t, Rows> versions;
    for (int64_t version = 0; version < 3; ++version) versions[version] = RandomRows(20, &random);
    ASSERT_TRUE(PublishRows(*client_, 0, versions).ok());
    FaultyClient crashing(client_.get(), &clock_,
                          {.crash_at_call = static_cast<int64_t>(random() % 40),
                           .crash_after_effect = random() % 2 == 0});
    options_.patience_micros = 1000;
    PublishRows(crashing, 1, versions).IgnoreError();
    options_.patience_micros = PublishOptions().patience_micros;
    Open();  // another process
    const int64_t target = 1 + static_cast<int64_t>(random() % 2);
    const auto result = PublishRows(*client_, target, versions);
    ASSERT_TRUE(result.ok()) << result.status();
    ASSERT_EQ(TableRows(), versions[target]) << round;
  }
}

TEST_P(EndpointTest, RaisesCapacityThatIsEnforcedAndGivesItBack) {
  dynamodb::store::StoreOptions store_options;
  store_options.enforce_throughput = true;
  Open(store_options);
  ASSERT_TRUE(client_->CreateTable({"mirror", sink_.key, dynamodb::Throughput{1, 1}}).ok());
  sink_.options.capacity = CapacityMode::kAuto;
  std::map<int64_t, Rows> versions;
  // Some 840 units: 14 minutes at one a second, 5 at the three that it is raised to.
  for (int64_t id = 0; id < 40; ++id) versions[0][id] = std::string(20 * 1024, 'x');
  const int64_t begun_micros = clock_.NowMicros();
  const auto result = PublishRows(*client_, 0, versions);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(TableRows(), versions[0]);
  // Of the capacity that it was given, the publish uses nearly all; the rest are the control item's
  // writes, and the wait for what the last large item overdrew.
  const double seconds = static_cast<double>(clock_.NowMicros() - begun_micros) / 1e6;
  EXPECT_GT(result->write_units / seconds, 3 * 0.9) << seconds << " s";
  EXPECT_EQ(client_->DescribeTable("mirror")->throughput, (dynamodb::Throughput{1, 1}));
}

INSTANTIATE_TEST_SUITE_P(Endpoints, EndpointTest,
                         ::testing::Values(Endpoint::kInProcess, Endpoint::kOverTheWire),
                         [](const auto& info) {
                           return info.param == Endpoint::kInProcess ? "InProcess" : "OverTheWire";
                         });

}  // namespace
}  // namespace smelt::publish
