#include "storage/disk_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/clock.h"
#include "base/digest.h"
#include "base/status.h"
#include "storage/lossy_disk.h"

namespace smelt::storage {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class DiskStoreTest : public ::testing::Test {
 protected:
  DiskStoreTest() : folder_(fs::temp_directory_path() / ("smelt-" + base::RandomUuid())) {
    fs::create_directories(folder_);
  }
  ~DiskStoreTest() override { fs::remove_all(folder_); }

  static std::set<std::string> Keys(ObjectStore& store) {
    std::set<std::string> keys;
    EXPECT_TRUE(store
                    .List("", "",
                          [&](const ObjectInfo& object) {
                            keys.insert(object.key);
                            return true;
                          })
                    .ok());
    return keys;
  }

  const fs::path folder_;
};

TEST_F(DiskStoreTest, AKeyCannotLeaveTheRoot) {
  DiskStore store(folder_ / "lake");
  for (const char* key : {"", "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "a/",
                          ".smelt-tmp-x", "a/.smelt-tmp-x"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(store.Get(key).status())) << key;
    EXPECT_TRUE(absl::IsInvalidArgument(store.Put(key, "x", PutMode::kOverwrite))) << key;
    EXPECT_TRUE(absl::IsInvalidArgument(store.Delete(key))) << key;
  }
}

TEST_F(DiskStoreTest, LeftoversAreHiddenAndRemovedWhenTheyAreOld) {
  DiskStore store(folder_ / "lake");
  ASSERT_TRUE(store.Put("t/a", "x", PutMode::kOverwrite).ok());
  auto open = store.OpenWrite("t/b");  // as if its writer had been killed
  ASSERT_TRUE(open.ok());
  EXPECT_EQ(Keys(store), std::set<std::string>{"t/a"});
  const int64_t now = base::Clock::Real()->NowMicros();
  EXPECT_EQ(*store.RemoveLeftovers("", now - 3'600'000'000), 0);
  EXPECT_EQ(*store.RemoveLeftovers("other/", now + 3'600'000'000), 0);
  EXPECT_EQ(*store.RemoveLeftovers("", now + 3'600'000'000), 1);
  EXPECT_EQ(Keys(store), std::set<std::string>{"t/a"});
}

TEST_F(DiskStoreTest, AFileInTheWayOfAFolderIsAnErrorThatNamesIt) {
  DiskStore store(folder_ / "lake");
  ASSERT_TRUE(store.Put("a", "x", PutMode::kOverwrite).ok());
  const absl::Status status = store.Put("a/b", "x", PutMode::kOverwrite);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(base::Message(status), HasSubstr("lake/a"));
  EXPECT_FALSE(store.Put("d/e", "x", PutMode::kOverwrite).ok() &&
               store.Put("d", "x", PutMode::kOverwrite).ok());
}

// /dev/full answers every write with ENOSPC.
TEST_F(DiskStoreTest, AFullDiskIsResourceExhaustedAndLeavesNothing) {
  class FullDisk : public PosixDisk {
   public:
    absl::StatusOr<std::unique_ptr<DiskFile>> Create(const std::string& path) override {
      std::error_code error;
      fs::create_symlink("/dev/full", path, error);
      if (error) return base::NotFound("{}", path);
      return OpenWrite(path);
    }
  } disk;
  DiskStore store(folder_ / "lake", &disk);
  const absl::Status status = store.Put("t/a", "x", PutMode::kIfAbsent);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(base::Message(status), HasSubstr("lake/t/"));
  EXPECT_TRUE(Keys(store).empty());
  EXPECT_TRUE(fs::is_empty(folder_ / "lake/t"));
}

TEST_F(DiskStoreTest, AFolderThatCannotBeMadeIsNamed) {
  const absl::Status status = DiskStore("/proc/smelt").Put("a", "x", PutMode::kOverwrite);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(base::Message(status), HasSubstr("/proc/smelt"));
}

class LossyDiskTest : public DiskStoreTest {
 protected:
  LossyDisk disk_{folder_ / "attic"};
  DiskStore store_{folder_ / "lake", &disk_};
};

TEST_F(LossyDiskTest, WhatWasPutSurvivesACrash) {
  ASSERT_TRUE(store_.Put("a/b/c", "1", PutMode::kIfAbsent).ok());
  ASSERT_TRUE(store_.Put("a/b/d", "1", PutMode::kOverwrite).ok());
  ASSERT_TRUE(store_.Put("a/b/d", "2", PutMode::kOverwrite).ok());
  ASSERT_TRUE(store_.Put("e", "1", PutMode::kOverwrite).ok());
  ASSERT_TRUE(store_.Delete("e").ok());
  disk_.Crash();
  EXPECT_TRUE(absl::IsUnavailable(store_.Get("a/b/c").status()));
  disk_.Restart();
  EXPECT_EQ(Keys(store_), (std::set<std::string>{"a/b/c", "a/b/d"}));
  EXPECT_EQ(*store_.Get("a/b/c"), "1");
  EXPECT_EQ(*store_.Get("a/b/d"), "2");
}

TEST_F(LossyDiskTest, WhatWasOnlyStagedIsLostUntilItIsSynced) {
  const auto stage = [&](const std::string& key) {
    auto object = store_.OpenStaged(key);
    ASSERT_TRUE((*object)->Append("data", 4).ok());
    ASSERT_TRUE((*object)->Finish().ok());
    ASSERT_EQ(*store_.Get(key), "data");
  };
  stage("t/p=1/a");
  stage("t/p=2/b");
  const std::vector<std::string> keys = {"t/p=1/a", "t/p=2/b"};
  ASSERT_TRUE(store_.SyncStaged(keys).ok());
  stage("t/p=1/c");
  stage("t/p=3/d");
  disk_.Crash();
  disk_.Restart();
  EXPECT_EQ(Keys(store_), (std::set<std::string>{"t/p=1/a", "t/p=2/b"}));
  EXPECT_EQ(*store_.Get("t/p=1/a"), "data");
  EXPECT_FALSE(fs::exists(folder_ / "lake/t/p=3"));
}

// A folder that only staging made must not take a durable object down with it.
TEST_F(LossyDiskTest, APutIntoAFolderThatWasNotSyncedIsDurable) {
  auto staged = store_.OpenStaged("t/p=1/a");
  ASSERT_TRUE((*staged)->Finish().ok());
  ASSERT_TRUE(store_.Put("t/p=1/b", "1", PutMode::kIfAbsent).ok());
  disk_.Crash();
  disk_.Restart();
  EXPECT_EQ(*store_.Get("t/p=1/b"), "1");
}

TEST_F(LossyDiskTest, SyncsOfEveryKindBringBackTheStateBefore) {
  const std::string path = folder_ / "f";
  auto file = disk_.Create(path);
  ASSERT_TRUE((*file)->Append("abc", 3).ok());
  ASSERT_TRUE((*file)->Sync().ok());
  ASSERT_TRUE(disk_.SyncFolder(folder_).ok());
  ASSERT_TRUE((*file)->Append("def", 3).ok());          // contents not synced
  ASSERT_TRUE(disk_.Rename(path, folder_ / "g").ok());  // name not synced
  ASSERT_TRUE(disk_.MakeFolder(folder_ / "d").ok());
  disk_.Crash();
  EXPECT_EQ(fs::file_size(folder_ / "f"), 3u);
  EXPECT_FALSE(fs::exists(folder_ / "g"));
  EXPECT_FALSE(fs::exists(folder_ / "d"));
  disk_.Restart();
  ASSERT_TRUE(disk_.Unlink(path).ok());
  disk_.Crash();
  EXPECT_EQ(fs::file_size(folder_ / "f"), 3u);
  disk_.Restart();
  ASSERT_TRUE(disk_.Unlink(path).ok());
  ASSERT_TRUE(disk_.SyncFolder(folder_).ok());
  disk_.Crash();
  EXPECT_FALSE(fs::exists(folder_ / "f"));
}

// A crash before each single operation: put-if-absent is all there or not at all, and what was
// answered OK is there.
TEST_F(LossyDiskTest, ACrashAnywhereLeavesWholeObjects) {
  for (int64_t at = 1;; ++at) {
    const std::string run = "run" + std::to_string(at) + "/";
    bool crashed = false;
    disk_.CrashAfter(at, [&crashed] { crashed = true; });
    const bool first = store_.Put(run + "t/log/0", "commit 0", PutMode::kIfAbsent).ok();
    const bool second = store_.Put(run + "t/log/1", "commit 1", PutMode::kIfAbsent).ok();
    const bool replaced = store_.Put(run + "t/log/0", "COMMIT 0", PutMode::kOverwrite).ok();
    disk_.Restart();
    DiskStore after(folder_ / "lake", &disk_);
    if (first) {
      EXPECT_TRUE(after.Get(run + "t/log/0").ok()) << at;
    }
    if (second) {
      EXPECT_EQ(*after.Get(run + "t/log/1"), "commit 1") << at;
    }
    if (replaced) {
      EXPECT_EQ(*after.Get(run + "t/log/0"), "COMMIT 0") << at;
    }
    for (const std::string& key : Keys(after)) {
      EXPECT_THAT(*after.Get(key), ::testing::AnyOf("commit 0", "COMMIT 0", "commit 1")) << at;
    }
    if (!crashed) break;
    ASSERT_LT(at, 100);
  }
}

}  // namespace
}  // namespace smelt::storage
