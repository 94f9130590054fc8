#include "publish/publisher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/status.h"
#include "publish/control_item.h"
#include "publish/fence.h"
#include "publish/row_item.h"
#include "publish/test_faulty_client.h"
#include "publish/test_memory_client.h"

namespace smelt::publish {
namespace {

using dynamodb::Item;
using dynamodb::Number;
using dynamodb::Value;
using dynamodb::ValueType;
using ::testing::HasSubstr;

// A source: the rows of one version, key -> value.
using Rows = std::map<std::string, int64_t>;

constexpr int64_t kStartMicros = 1'750'000'000'000'000;

Sink TestSink() {
  Sink sink;
  sink.name = "metrics";
  sink.options.table = "metrics";
  sink.key.partition = {"day", ValueType::kString};
  sink.key.sort = dynamodb::KeyAttribute{"slice", ValueType::kNumber};
  return sink;
}

Item KeyItem(const std::string& row) {
  Item item;
  item.emplace("day", Value("d" + row));
  item.emplace("slice", Value(Number(static_cast<int64_t>(row.size()))));
  return item;
}

Item RowItem(const std::string& row, int64_t value) {
  Item item = KeyItem(row);
  item.emplace("value", Value(Number(value)));
  return item;
}

// The versions of a source, and the diffs between them as the engine computes them.
class History {
 public:
  int64_t Add(Rows rows) {
    versions_.push_back(std::move(rows));
    return static_cast<int64_t>(versions_.size()) - 1;
  }
  const Rows& at(int64_t version) const { return versions_[version]; }

  static SourceState State(int64_t version) { return {"select", {{"gold", version}}}; }

  class Diff : public DiffSource {
   public:
    absl::Status Next(std::vector<ItemChange>* batch) override {
      batch->clear();
      for (int i = 0; i < 3 && next_ < changes.size(); ++i) batch->push_back(changes[next_++]);
      return absl::OkStatus();
    }
    absl::Status Rewind() override {
      next_ = 0;
      return absl::OkStatus();
    }
    int64_t unchanged() const override { return unchanged_rows; }

    std::vector<ItemChange> changes;
    int64_t unchanged_rows = 0;

   private:
    size_t next_ = 0;
  };

  Diff DiffTo(int64_t target, const std::vector<SourceState>& bases) const {
    Diff diff;
    std::map<std::string, bool> gone;
    for (const auto& [row, value] : at(target)) {
      bool same = !bases.empty();
      for (const SourceState& base : bases) {
        const Rows& before = at(base.versions.at("gold"));
        const auto found = before.find(row);
        same = same && found != before.end() && found->second == value;
      }
      if (same) {
        ++diff.unchanged_rows;
      } else {
        diff.changes.push_back({ChangeKind::kPut, RowItem(row, value)});
      }
    }
    for (const SourceState& base : bases) {
      for (const auto& [row, value] : at(base.versions.at("gold"))) {
        if (!at(target).contains(row)) gone[row] = true;
      }
    }
    for (const auto& [row, yes] : gone) {
      diff.changes.push_back({ChangeKind::kDelete, KeyItem(row)});
    }
    return diff;
  }

 private:
  std::vector<Rows> versions_;
};

class PublisherTest : public ::testing::Test {
 protected:
  // As the planner does it: what does the table hold, what differs, publish.
  absl::StatusOr<PublishResult> PublishVersion(dynamodb::Client& client, int64_t version) {
    SMELT_ASSIGN_OR_RETURN(std::optional<Published> published,
                           ReadPublished(client, clock_, sink_));
    PublishRequest request{sink_, History::State(version), {}};
    if (published) request.bases = published->bases;
    History::Diff diff = history_.DiffTo(version, request.bases);
    return Publish(client, clock_, request, options_, &diff);
  }

  Rows TableRows() {
    Rows rows;
    for (const Item& item : memory_.Items("metrics")) {
      if (HasControlKey(sink_.key, item)) continue;
      EXPECT_FALSE(FenceOf(item).empty());
      rows[item.at("day").string().substr(1)] = item.at("value").number().ToInt64().value();
    }
    return rows;
  }

  void PutForeignItem(const std::string& row) {
    dynamodb::WriteOp op;
    op.table = "metrics";
    op.item = RowItem(row, 7);
    ASSERT_EQ(memory_.Write(op).outcome, dynamodb::WriteOutcome::kDone);
  }

  void CreateTable(std::optional<dynamodb::Throughput> throughput = {}) {
    ASSERT_TRUE(memory_.CreateTable({"metrics", sink_.key, throughput}).ok());
  }

  base::FakeClock clock_{kStartMicros};
  MemoryClient memory_;
  History history_;
  Sink sink_ = TestSink();
  PublishOptions options_;
};

TEST_F(PublisherTest, CreatesTheTableAndWritesEveryRow) {
  const int64_t version = history_.Add({{"a", 1}, {"bb", 2}});
  const auto result = PublishVersion(memory_, version);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->table_created);
  EXPECT_TRUE(result->verified);
  EXPECT_EQ(result->puts, 2);
  EXPECT_EQ(result->deletes, 0);
  EXPECT_EQ(result->publish_number, 1);
  EXPECT_EQ(result->write_units, 2);
  EXPECT_EQ(TableRows(), history_.at(version));
}

TEST_F(PublisherTest, WritesOnlyWhatChangedAndDeletesWhatIsGone) {
  const int64_t first = history_.Add({{"a", 1}, {"b", 2}, {"c", 3}});
  const int64_t second = history_.Add({{"a", 1}, {"b", 20}, {"d", 4}});
  ASSERT_TRUE(PublishVersion(memory_, first).ok());
  const auto result = PublishVersion(memory_, second);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->puts, 2);
  EXPECT_EQ(result->deletes, 1);
  EXPECT_EQ(result->unchanged, 1);
  EXPECT_EQ(TableRows(), history_.at(second));
}

TEST_F(PublisherTest, SaysWhatIsPublished) {
  EXPECT_EQ(ReadPublished(memory_, clock_, sink_).value(), std::nullopt);
  const int64_t version = history_.Add({{"a", 1}});
  ASSERT_TRUE(PublishVersion(memory_, version).ok());
  const auto published = ReadPublished(memory_, clock_, sink_).value();
  ASSERT_TRUE(published.has_value());
  EXPECT_TRUE(published->IsAt(History::State(version)));
  EXPECT_FALSE(published->IsAt(History::State(version + 1)));
  EXPECT_FALSE(published->IsAt({"another select", {{"gold", version}}}));
  EXPECT_EQ(published->item_count, 1);
}

TEST_F(PublisherTest, RefusesATableWithItemsOfOthersUntilToldToAdoptIt) {
  CreateTable();
  PutForeignItem("a");
  PutForeignItem("stranger");
  const int64_t version = history_.Add({{"a", 1}});
  const auto refused = PublishVersion(memory_, version);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(base::Message(refused.status()), HasSubstr("adopt = true"));
  EXPECT_EQ(memory_.Items("metrics").size(), 2u);

  sink_.options.adopt = true;
  const auto adopted = PublishVersion(memory_, version);
  ASSERT_TRUE(adopted.ok()) << adopted.status();
  EXPECT_EQ(adopted->deletes, 1);
  EXPECT_EQ(TableRows(), history_.at(version));
}

TEST_F(PublisherTest, AnItemThatAnotherPutInTheWayIsNamed) {
  const int64_t first = history_.Add({{"a", 1}});
  const int64_t second = history_.Add({{"a", 2}});
  ASSERT_TRUE(PublishVersion(memory_, first).ok());
  PutForeignItem("a");
  const auto result = PublishVersion(memory_, second);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(base::Message(result.status()), HasSubstr("day='da', slice=1"));
}

TEST_F(PublisherTest, AnotherKeySchemaIsRefused) {
  dynamodb::KeySchema other;
  other.partition = {"id", ValueType::kNumber};
  ASSERT_TRUE(memory_.CreateTable({"metrics", other, {}}).ok());
  const auto result = PublishVersion(memory_, history_.Add({{"a", 1}}));
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(base::Message(result.status()), HasSubstr("has the key id (N)"));
}

TEST_F(PublisherTest, ABadRowIsFoundBeforeTheFirstWrite) {
  const int64_t version = history_.Add({{"a", 1}});
  History::Diff diff = history_.DiffTo(version, {});
  diff.changes.push_back(diff.changes[0]);
  diff.changes.back().item.insert_or_assign("day", Value(""));
  const auto result =
      Publish(memory_, clock_, {sink_, History::State(version), {}}, options_, &diff);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(base::Message(result.status()), HasSubstr("key column day is empty"));
  EXPECT_EQ(memory_.writes(), 0);
  EXPECT_TRUE(memory_.ListTables().value().empty());
}

TEST_F(PublisherTest, StopsBeforeDeletingMoreThanItsShare) {
  sink_.options.min_guarded_deletes = 2;
  Rows many;
  for (int i = 0; i < 10; ++i) many["row" + std::to_string(i)] = i;
  const int64_t first = history_.Add(many);
  const int64_t second = history_.Add({{"row1", 1}});
  ASSERT_TRUE(PublishVersion(memory_, first).ok());
  const auto refused = PublishVersion(memory_, second);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(base::Message(refused.status()), HasSubstr("9 of the 10 items"));
  EXPECT_EQ(TableRows(), many);

  sink_.options.max_delete_share = 1;
  ASSERT_TRUE(PublishVersion(memory_, second).ok());
  EXPECT_EQ(TableRows(), history_.at(second));
}

TEST_F(PublisherTest, GuardsTheDeletesOfAnAdoptionToo) {
  CreateTable();
  for (int i = 0; i < 10; ++i) PutForeignItem("stranger" + std::to_string(i));
  sink_.options.adopt = true;
  sink_.options.min_guarded_deletes = 2;
  const auto refused = PublishVersion(memory_, history_.Add({{"a", 1}}));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(memory_.Items("metrics").size(), 12u);  // with the row and the control item
}

TEST_F(PublisherTest, ADiffFromAnotherStateThanTheTablesIsRefused) {
  const int64_t first = history_.Add({{"a", 1}});
  const int64_t second = history_.Add({{"a", 2}});
  ASSERT_TRUE(PublishVersion(memory_, second).ok());
  History::Diff diff = history_.DiffTo(second, {History::State(first)});
  const auto result = Publish(
      memory_, clock_, {sink_, History::State(second), {History::State(first)}}, options_, &diff);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kAborted);
}

TEST_F(PublisherTest, MissingItemsAreFoundAndHealedByTheNextPublish) {
  const int64_t first = history_.Add({{"a", 1}, {"b", 2}});
  const int64_t second = history_.Add({{"a", 1}, {"b", 2}, {"c", 3}});
  ASSERT_TRUE(PublishVersion(memory_, first).ok());
  dynamodb::WriteOp op;
  op.kind = dynamodb::WriteKind::kDelete;
  op.table = "metrics";
  op.item = KeyItem("a");
  ASSERT_EQ(memory_.Write(op).outcome, dynamodb::WriteOutcome::kDone);

  const auto damaged = PublishVersion(memory_, second);
  EXPECT_EQ(damaged.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(base::Message(damaged.status()), HasSubstr("the source has 3 rows"));
  EXPECT_TRUE(ReadPublished(memory_, clock_, sink_).value()->bases.empty());
  ASSERT_TRUE(PublishVersion(memory_, second).ok());
  EXPECT_EQ(TableRows(), history_.at(second));
}

TEST_F(PublisherTest, ASampleFindsWhatWasTamperedWithMeanwhile) {
  sink_.options.verify = VerifyMode::kSample;
  const int64_t version = history_.Add({{"a", 1}, {"b", 2}});
  FaultyClient faulty(&memory_, &clock_, {});
  faulty.before_write = [&](const dynamodb::WriteOp& op) {
    if (op.item.contains("value") && op.item.at("day").string() == "db") {
      dynamodb::WriteOp other = op;
      other.condition = nullptr;
      other.item.insert_or_assign("day", Value("da"));
      memory_.Write(other);
    }
  };
  const auto result = PublishVersion(faulty, version);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(base::Message(result.status()), HasSubstr("value of day='da'"));
}

TEST_F(PublisherTest, HalfOfAllWritesThrottledLosesNothing) {
  Rows rows;
  for (int i = 0; i < 500; ++i) rows["row" + std::to_string(i)] = i;
  const int64_t version = history_.Add(rows);
  FaultyClient faulty(&memory_, &clock_, {.throttle_share = 0.5, .lost_answer_share = 0.1});
  const auto result = PublishVersion(faulty, version);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_GT(result->retries, 100);
  EXPECT_EQ(TableRows(), rows);
}

TEST_F(PublisherTest, GivesUpWhenNothingGetsThroughForLong) {
  const int64_t version = history_.Add({{"a", 1}});
  FaultyClient faulty(&memory_, &clock_, {.throttle_share = 1});
  const auto result = PublishVersion(faulty, version);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(PublisherTest, RenewsItsLeaseWhileItWrites) {
  Rows rows;
  for (int i = 0; i < 300; ++i) rows["row" + std::to_string(i)] = i;
  const int64_t version = history_.Add(rows);
  options_.max_in_flight = 1;
  FaultyClient faulty(&memory_, &clock_, {.micros_per_write = 1'000'000});
  int64_t latest_expiry_millis = 0;
  faulty.before_write = [&](const dynamodb::WriteOp& op) {
    if (HasControlKey(sink_.key, op.item)) {
      latest_expiry_millis = ParseControlItem(op.item)->lease_expires_millis;
    } else {
      EXPECT_LE(clock_.NowMicros() + memory_.request_timeout_micros(), latest_expiry_millis * 1000);
    }
  };
  ASSERT_TRUE(PublishVersion(faulty, version).ok());
  EXPECT_EQ(TableRows(), rows);
}

TEST_F(PublisherTest, AStoppedPublishIsPickedUp) {
  const int64_t version = history_.Add({{"a", 1}, {"b", 2}});
  std::stop_source stop;
  options_.stop = stop.get_token();
  stop.request_stop();
  EXPECT_EQ(PublishVersion(memory_, version).status().code(), absl::StatusCode::kCancelled);
  options_.stop = {};
  ASSERT_TRUE(PublishVersion(memory_, version).ok());
  EXPECT_EQ(TableRows(), history_.at(version));
}

TEST_F(PublisherTest, AFencedPublisherNeverOverwritesTheOneThatTookOver) {
  Rows rows;
  for (int i = 0; i < 100; ++i) rows["row" + std::to_string(i)] = i;
  const int64_t first = history_.Add(rows);
  for (auto& [row, value] : rows) value += 1000;
  const int64_t second = history_.Add(rows);
  options_.max_in_flight = 1;
  FaultyClient paused(&memory_, &clock_, {});
  int writes = 0;
  paused.before_write = [&](const dynamodb::WriteOp&) {
    // In the middle of a batch the process stands still for an hour; another publishes the next
    // version meanwhile.
    if (++writes != 10) return;
    clock_.Advance(3'600'000'000);
    ASSERT_TRUE(PublishVersion(memory_, second).ok());
  };
  const auto result = PublishVersion(paused, first);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kAborted) << result.status();
  EXPECT_EQ(TableRows(), history_.at(second));
  EXPECT_TRUE(ReadPublished(memory_, clock_, sink_).value()->IsAt(History::State(second)));
}

// Crashes a random publish at every one of its calls, before and after the effect, then publishes
// the same or a newer version: the table always ends equal to its source.
TEST_F(PublisherTest, ACrashAtAnyCallIsResumed) {
  std::mt19937_64 random(7);
  const auto random_rows = [&] {
    Rows rows;
    for (int i = 0; i < 8; ++i) {
      if (random() % 3 != 0) rows["row" + std::to_string(i)] = static_cast<int64_t>(random() % 3);
    }
    return rows;
  };
  int64_t resumed = 0;
  for (int scenario = 0; scenario < 30; ++scenario) {
    for (int64_t crash_at = 0;; ++crash_at) {
      memory_.Clear();
      history_ = {};
      const int64_t first = history_.Add(random_rows());
      const int64_t second = history_.Add(random_rows());
      const int64_t third = history_.Add(random_rows());
      ASSERT_TRUE(PublishVersion(memory_, first).ok());
      FaultyClient crashing(&memory_, &clock_,
                            {.throttle_share = 0.2,
                             .crash_at_call = crash_at,
                             .crash_after_effect = random() % 2 == 0,
                             .seed = random()});
      const auto broken = PublishVersion(crashing, second);
      if (crashing.calls() <= crash_at) break;  // it ran to its end
      if (random() % 2 == 0) {
        // A second crash on the way to a newer version.
        FaultyClient again(&memory_, &clock_,
                           {.crash_at_call = static_cast<int64_t>(random() % 20),
                            .crash_after_effect = random() % 2 == 0});
        PublishVersion(again, third).IgnoreError();
      }
      const int64_t target = random() % 2 == 0 ? second : third;
      const auto result = PublishVersion(memory_, target);
      ASSERT_TRUE(result.ok()) << result.status() << " scenario " << scenario << " call "
                               << crash_at << ", broken: " << broken.status();
      ASSERT_EQ(TableRows(), history_.at(target)) << scenario << " " << crash_at;
      ++resumed;
    }
  }
  EXPECT_GT(resumed, 300);
}

}  // namespace
}  // namespace smelt::publish
