#include "delta/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/status.h"
#include "delta/checkpoint.h"
#include "delta/json_lines_handler.h"
#include "storage/fault_injecting_store.h"
#include "storage/memory_store.h"

namespace smelt::delta {
namespace {

using storage::FaultInjectingStore;
using storage::MemoryStore;
using storage::Operation;
using storage::PutMode;
using ::testing::HasSubstr;

constexpr const char* kHead =
    "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
    "{\"metaData\":{\"id\":\"t\",\"format\":{\"provider\":\"parquet\",\"options\":{}},"
    "\"partitionColumns\":[],"
    "\"configuration\":{},\"schemaString\":\"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[{"
    "\\\"name\\\":\\\"a\\\","
    "\\\"type\\\":\\\"long\\\",\\\"nullable\\\":true,\\\"metadata\\\":{}}]}\"}}\n";

std::string AddLine(const std::string& path) {
  return fmt::format(
             R"({{"add":{{"path":"{}","partitionValues":{{}},"size":5,"modificationTime":1,"dataChange":true}}}})",
             path) +
         "\n";
}

std::string RemoveLine(const std::string& path) {
  return fmt::format(R"({{"remove":{{"path":"{}","deletionTimestamp":9,"dataChange":true}}}})",
                     path) +
         "\n";
}

class SnapshotTest : public ::testing::Test {
 protected:
  SnapshotTest() {
    table_.store = &store_;
    table_.root = "t";
    table_.parquet = &parquet_;
  }
  void Put(const std::string& name, const std::string& text) {
    ASSERT_TRUE(store_.Put("t/_delta_log/" + name, text, PutMode::kOverwrite).ok());
  }
  void PutCommit(int64_t version, const std::string& text) {
    Put(fmt::format("{:020}.json", version), text);
  }
  void PutCommits(int64_t through) {
    PutCommit(0, kHead + AddLine("f0"));
    for (int64_t v = 1; v <= through; ++v) {
      PutCommit(v, AddLine("f" + std::to_string(v)) +
                       (v % 3 == 0 ? RemoveLine("f" + std::to_string(v - 2)) : ""));
    }
  }
  absl::StatusOr<Snapshot::Ptr> Load(std::optional<Version> at = std::nullopt) {
    return Snapshot::Load(table_, at);
  }
  static std::vector<std::string> Paths(const Snapshot& snapshot) {
    std::vector<std::string> paths;
    for (const auto& file : snapshot.files()) paths.push_back(file->path);
    return paths;
  }
  void Checkpoint(int64_t version) { ASSERT_TRUE(WriteCheckpoint(**Load(Version(version))).ok()); }

  MemoryStore memory_;
  FaultInjectingStore store_{&memory_};
  JsonLinesHandler parquet_;
  Table table_;
};

TEST_F(SnapshotTest, NoLogIsNoTable) {
  EXPECT_TRUE(absl::IsNotFound(Load().status()));
  Put("_last_checkpoint", R"({"version":5})");
  EXPECT_TRUE(absl::IsNotFound(Load().status()));
}

TEST_F(SnapshotTest, FilesComeInTheOrderTheyWereAdded) {
  PutCommits(4);
  EXPECT_EQ(Paths(**Load()), (std::vector<std::string>{"f0", "f2", "f3", "f4"}));
  EXPECT_EQ((*Load())->size_bytes(), 20);
}

TEST_F(SnapshotTest, AReplayFromACheckpointEqualsOneFromTheBeginning) {
  PutCommits(14);
  std::map<int64_t, std::vector<std::string>> expected;
  for (int64_t v = 0; v <= 14; ++v) expected[v] = Paths(**Load(Version(v)));
  Checkpoint(4);
  Checkpoint(10);
  for (int64_t v = 0; v <= 14; ++v) {
    const auto snapshot = Load(Version(v));
    ASSERT_TRUE(snapshot.ok()) << snapshot.status();
    EXPECT_EQ(Paths(**snapshot), expected[v]) << v;
  }
  EXPECT_EQ((*Load())->checkpoint_version(), Version(10));
}

TEST_F(SnapshotTest, AHintThatLiesIsSurvived) {
  PutCommits(12);
  Checkpoint(5);
  const auto expected = Paths(**Load());
  for (const char* hint : {"", "{", "[]", "{\"version\":\"5\"}", "{\"version\":-1}",
                           "{\"version\":3}", "{\"version\":9}", "{\"version\":400,\"size\":1}"}) {
    Put("_last_checkpoint", hint);
    const auto snapshot = Load();
    ASSERT_TRUE(snapshot.ok()) << hint << snapshot.status();
    EXPECT_EQ(Paths(**snapshot), expected) << hint;
  }
}

TEST_F(SnapshotTest, ANewerCheckpointThanTheHintIsTaken) {
  PutCommits(12);
  Checkpoint(10);
  Checkpoint(5);  // writes the hint, back to 5
  EXPECT_EQ((*Load())->checkpoint_version(), Version(10));
}

TEST_F(SnapshotTest, ACleanedLogIsReadFromItsCheckpoint) {
  PutCommits(12);
  Checkpoint(10);
  const auto expected = Paths(**Load());
  for (int64_t v = 0; v <= 10; ++v) {
    ASSERT_TRUE(store_.Delete(table_.CommitKey(Version(v))).ok());
  }
  EXPECT_EQ(Paths(**Load()), expected);
  EXPECT_TRUE(absl::IsNotFound(Load(Version(4)).status()));
  ASSERT_TRUE(store_.Delete(table_.CommitKey(Version(12))).ok());
  ASSERT_TRUE(store_.Delete(table_.CommitKey(Version(11))).ok());
  EXPECT_EQ((*Load())->version(), Version(10));
  EXPECT_GT((*Load())->timestamp_ms(), 0);
}

TEST_F(SnapshotTest, AGapIsDataLoss) {
  PutCommits(6);
  ASSERT_TRUE(store_.Delete(table_.CommitKey(Version(4))).ok());
  const absl::Status status = Load().status();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(base::Message(status), HasSubstr("version 4"));
  // What lies before it can be read.
  EXPECT_EQ((*Load(Version(3)))->version(), Version(3));
}

TEST_F(SnapshotTest, ACommitThatIsTornIsNamed) {
  PutCommits(2);
  PutCommit(2, "{\"add\":{\"path\":\"x");
  const absl::Status status = Load().status();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(base::Message(status), HasSubstr("00000000000000000002.json, line 1"));
}

TEST_F(SnapshotTest, MultiPartCheckpointsAreReadWhenAllPartsAreThere) {
  PutCommits(6);
  const auto expected = Paths(**Load());
  Put("00000000000000000006.checkpoint.0000000002.0000000002.parquet", AddLine("f6"));
  EXPECT_EQ((*Load())->checkpoint_version(), std::nullopt);
  std::string part = kHead;
  for (const std::string& path : expected) {
    if (path != "f6") part += AddLine(path);
  }
  Put("00000000000000000006.checkpoint.0000000001.0000000002.parquet", part);
  EXPECT_EQ((*Load())->checkpoint_version(), Version(6));
  EXPECT_EQ(Paths(**Load()), expected);
}

TEST_F(SnapshotTest, OtherFilesOfTheLogFolderArePassedOver) {
  PutCommits(2);
  for (const char* name :
       {"00000000000000000002.crc", "00000000000000000000.00000000000000000002.compacted.json",
        ".tmp", "00000000000000000003.json.tmp", "_commits/00000000000000000003.x.json", "zzz",
        "00000000000000000001.checkpoint.parquet.crc"}) {
    Put(name, "junk");
  }
  Put("00000000000000000002.checkpoint.parquet", "");  // what a writer without atomic puts left
  const auto snapshot = Load();
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_EQ((*snapshot)->version(), Version(2));
}

TEST_F(SnapshotTest, UpdateReadsOnlyWhatIsNew) {
  PutCommits(9);
  const auto old = *Load();
  EXPECT_EQ(*Snapshot::Update(old), old);
  PutCommit(10, AddLine("x") + RemoveLine("f0") + RemoveLine("f9"));
  PutCommit(11, AddLine("f9"));
  PutCommit(12, R"({"txn":{"appId":"a","version":3}})");
  store_.ResetCounts();
  const auto updated = Snapshot::Update(old);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(store_.Count(Operation::kGet), 3);
  EXPECT_EQ(Paths(**updated), Paths(**Load()));
  EXPECT_EQ((*updated)->TransactionVersion("a"), 3);
  EXPECT_EQ((*updated)->tombstones().size(), (*Load())->tombstones().size());
  EXPECT_EQ(old->version(), Version(9));
}

TEST_F(SnapshotTest, UpdateNoticesATableMadeAnew) {
  PutCommits(3);
  const auto old = *Load();
  for (int64_t v = 0; v <= 3; ++v) ASSERT_TRUE(store_.Delete(table_.CommitKey(Version(v))).ok());
  EXPECT_TRUE(absl::IsNotFound(Snapshot::Update(old).status()));
  PutCommit(0, kHead + AddLine("new"));
  EXPECT_EQ(Paths(**Snapshot::Update(old)), std::vector<std::string>{"new"});
}

TEST_F(SnapshotTest, RemovedDomainsAreGone) {
  PutCommit(0, std::string(kHead) +
                   R"({"domainMetadata":{"domain":"d","configuration":"1","removed":false}})" +
                   "\n" +
                   R"({"domainMetadata":{"domain":"e","configuration":"2","removed":false}})");
  PutCommit(1, R"({"domainMetadata":{"domain":"d","configuration":"","removed":true}})");
  EXPECT_EQ((*Load())->domains().size(), 1u);
  EXPECT_EQ((*Load())->domains().at("e").configuration, "2");
}

TEST_F(SnapshotTest, InCommitTimestampsCountWhereTheyAreOn) {
  std::string head = kHead;
  head.replace(head.find("\"configuration\":{}"), 18,
               "\"configuration\":{\"delta.enableInCommitTimestamps\":\"true\"}");
  PutCommit(0, "{\"commitInfo\":{\"inCommitTimestamp\":123456}}\n" + head);
  EXPECT_EQ((*Load())->timestamp_ms(), 123'456);
}

TEST_F(SnapshotTest, WithoutAnEngineACheckpointIsRefused) {
  PutCommits(3);
  Checkpoint(2);
  table_.parquet = nullptr;
  EXPECT_TRUE(absl::IsFailedPrecondition(Load().status()));
}

}  // namespace
}  // namespace smelt::delta
