// Golden tables, written by Spark: their logs are read by this room alone, their checkpoints and
// rows are tested where Parquet can be read (engine/duckdb/delta).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/status.h"
#include "delta/changes.h"
#include "delta/paths.h"
#include "delta/pruning.h"
#include "delta/snapshot.h"
#include "storage/disk_store.h"

namespace smelt::delta {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class GoldenTableTest : public ::testing::Test {
 protected:
  Table Golden(const std::string& name) {
    Table table;
    table.store = &store_;
    table.root = name + "/delta";
    return table;
  }
  Snapshot::Ptr Load(const std::string& name, std::optional<Version> at = std::nullopt) {
    auto snapshot = Snapshot::Load(Golden(name), at);
    EXPECT_TRUE(snapshot.ok()) << name << ": " << snapshot.status();
    return snapshot.ok() ? *snapshot : nullptr;
  }
  absl::Status Refusal(const std::string& name) { return Snapshot::Load(Golden(name)).status(); }
  std::set<std::string> Paths(const Snapshot& snapshot) {
    std::set<std::string> paths;
    for (const auto& file : snapshot.files()) paths.insert(file->path);
    return paths;
  }

  storage::DiskStore store_{SMELT_SOURCE_DIR "/tests/tables/delta"};
};

TEST_F(GoldenTableTest, AFileRemovedAndAddedAgainIsThere) {
  const auto snapshot = Load("delete-re-add-same-file-different-transactions");
  EXPECT_EQ(snapshot->version(), Version(3));
  ASSERT_EQ(snapshot->files().size(), 2u);
  EXPECT_EQ(snapshot->files()[0]->path, "foo");
  EXPECT_EQ(snapshot->files()[0]->modification_time_ms, 1'700'000'000'000);
  EXPECT_EQ(snapshot->files()[1]->path, "bar");
}

TEST_F(GoldenTableTest, PathsAreTheSameHoweverTheyAreWritten) {
  EXPECT_TRUE(Load("log-replay-special-characters")->files().empty());
  for (const char* name : {"canonicalized-paths-normal-a", "canonicalized-paths-special-b"}) {
    EXPECT_TRUE(Load(name)->files().empty()) << name;
    EXPECT_EQ(Load(name)->tombstones().size(), 1u) << name;
  }
}

TEST_F(GoldenTableTest, TheNewestProtocolAndMetadataHold) {
  const auto snapshot = Load("log-replay-latest-metadata-protocol");
  EXPECT_EQ(snapshot->protocol().min_reader_version, 3);
  EXPECT_THAT(*snapshot->protocol().writer_features, ElementsAre("appendOnly", "invariants"));
  EXPECT_EQ(base::SchemaToString(snapshot->schema()), "col1 bigint, col2 bigint");
  EXPECT_EQ(snapshot->files().size(), 4u);
}

TEST_F(GoldenTableTest, BrokenLogsAreRefused) {
  EXPECT_TRUE(absl::IsDataLoss(Refusal("versions-not-contiguous")));
  EXPECT_THAT(base::Message(Refusal("versions-not-contiguous")), HasSubstr("version 1"));
  EXPECT_TRUE(absl::IsDataLoss(Refusal("deltalog-state-reconstruction-without-protocol")));
  EXPECT_TRUE(absl::IsDataLoss(Refusal("deltalog-state-reconstruction-without-metadata")));
  EXPECT_TRUE(absl::IsNotFound(Refusal("no-such-table")));
}

TEST_F(GoldenTableTest, WhatIsNotImplementedIsRefusedByName) {
  EXPECT_TRUE(absl::IsUnimplemented(Refusal("deltalog-invalid-protocol-version")));
  const absl::Status mapping = Refusal("table-with-columnmapping-mode-name");
  EXPECT_TRUE(absl::IsUnimplemented(mapping));
  EXPECT_THAT(base::Message(mapping), HasSubstr("columnMapping"));
  const absl::Status checkpoint = Refusal("v2-checkpoint-json");
  EXPECT_TRUE(absl::IsUnimplemented(checkpoint)) << checkpoint;
  EXPECT_THAT(base::Message(checkpoint), HasSubstr("v2"));
}

TEST_F(GoldenTableTest, EarlierVersionsAreReadAsTheyWere) {
  const std::string name = "time-travel-schema-changes-b";
  const auto newest = Load(name);
  const auto first = Load(name, Version(0));
  EXPECT_LT(first->schema().size(), newest->schema().size());
  EXPECT_LT(first->files().size(), newest->files().size());
  for (const std::string& path : Paths(*first)) EXPECT_TRUE(Paths(*newest).contains(path));
  EXPECT_TRUE(absl::IsNotFound(Snapshot::Load(Golden(name), Version(99)).status()));
}

TEST_F(GoldenTableTest, DataFilesAreFoundUnderTheirKeys) {
  for (const char* name : {"data-reader-escaped-chars", "data-reader-partition-values",
                           "snapshot-data3", "basic-with-inserts-updates"}) {
    const auto snapshot = Load(name);
    EXPECT_FALSE(snapshot->files().empty());
    for (const auto& file : snapshot->files()) {
      const auto key = DataFileKey(snapshot->table(), file->path);
      ASSERT_TRUE(key.ok());
      const auto info = store_.Head(*key);
      ASSERT_TRUE(info.ok()) << info.status();
      EXPECT_EQ(info->size_bytes, file->size_bytes);
    }
  }
}

TEST_F(GoldenTableTest, ChangesSayWhatEachVersionDid) {
  const auto changes = ChangesBetween(Golden("deltalog-getChanges"), Version(-1), Version(2));
  ASSERT_TRUE(changes.ok()) << changes.status();
  ASSERT_EQ(changes->size(), 3u);
  EXPECT_EQ((*changes)[0].added.size(), 1u);
  EXPECT_FALSE((*changes)[0].RemovesData());
  EXPECT_TRUE((*changes)[1].RemovesData());
  EXPECT_EQ((*changes)[2].transactions.front(), (SetTransaction{"fakeAppId", 3, 200}));
  EXPECT_TRUE(absl::IsNotFound(
      ChangesBetween(Golden("deltalog-getChanges"), Version(1), Version(3)).status()));
}

TEST_F(GoldenTableTest, HistoryTellsWhatOthersWrote) {
  const auto history = History(Golden("basic-with-inserts-overwrite-restore"), 100);
  ASSERT_TRUE(history.ok()) << history.status();
  EXPECT_EQ(history->front().info->operation, "RESTORE");
  EXPECT_EQ(history->back().version, Version(0));
  EXPECT_EQ(History(Golden("basic-with-inserts-overwrite-restore"), 2)->size(), 2u);
  const auto info = History(Golden("deltalog-commit-info"), 1);
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->front().info->user_metadata, "foo");
  EXPECT_EQ(info->front().info->other["notebook"]["notebookId"], "notebook_id_0");
}

// Two files: one holds a row of 0 and of dates of 2000-01-01, the other no row.
TEST_F(GoldenTableTest, SparksStatisticsSkipFiles) {
  const auto snapshot = Load("data-skipping-basic-stats-all-types");
  const auto matching = [&](const char* column, Comparison comparison,
                            std::vector<std::string> literals) {
    const FilePruner pruner(snapshot->schema(), snapshot->partition_columns(),
                            {{{column}, comparison, std::move(literals)}});
    int count = 0;
    for (const auto& file : snapshot->files()) count += pruner.MayMatch(*file);
    return count;
  };
  const int all = static_cast<int>(snapshot->files().size());
  for (const char* column : {"as_int", "as_long", "as_byte", "as_short", "as_float", "as_double",
                             "as_string", "as_big_decimal"}) {
    EXPECT_GE(matching(column, Comparison::kEqual, {"0"}), 1) << column;
    EXPECT_LT(matching(column, Comparison::kLess, {"0"}), all) << column;
    EXPECT_LT(matching(column, Comparison::kIsNull, {}), all) << column;
  }
  EXPECT_GE(matching("as_date", Comparison::kIn, {"1999-01-01", "2000-01-01"}), 1);
  EXPECT_LT(matching("as_date", Comparison::kGreater, {"2000-01-01"}), all);
  EXPECT_GE(matching("as_timestamp", Comparison::kEqual, {"2000-01-01 08:00:00"}), 1);
  EXPECT_LT(matching("as_timestamp", Comparison::kLess, {"2000-01-01 08:00:00"}), all);
}

}  // namespace
}  // namespace smelt::delta
