// What every ObjectStore promises, asked of each of them.

#include "storage/object_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

#include "base/digest.h"
#include "storage/disk_store.h"
#include "storage/fault_injecting_store.h"
#include "storage/lossy_disk.h"
#include "storage/memory_store.h"

namespace smelt::storage {
namespace {

using ::testing::ElementsAre;

// A store with all that it stands on.
struct Stand {
  std::filesystem::path folder;
  std::vector<std::shared_ptr<void>> parts;
  ObjectStore* store = nullptr;

  Stand() : folder(std::filesystem::temp_directory_path() / ("smelt-" + base::RandomUuid())) {}
  ~Stand() {
    parts.clear();
    std::filesystem::remove_all(folder);
  }
  template <typename T, typename... Args>
  T* Make(Args&&... args) {
    auto part = std::make_shared<T>(std::forward<Args>(args)...);
    parts.push_back(part);
    return part.get();
  }
};

struct Kind {
  const char* name;
  std::function<void(Stand&)> set_up;
};

class ObjectStoreTest : public ::testing::TestWithParam<Kind> {
 protected:
  ObjectStoreTest() {
    GetParam().set_up(stand_);
    store_ = stand_.store;
  }
  void Put(const std::string& key, const std::string& bytes) {
    ASSERT_TRUE(store_->Put(key, bytes, PutMode::kOverwrite).ok());
  }
  std::vector<std::string> Keys(const std::string& prefix, const std::string& start_after = "") {
    std::vector<std::string> keys;
    EXPECT_TRUE(store_
                    ->List(prefix, start_after,
                           [&](const ObjectInfo& object) {
                             keys.push_back(object.key);
                             return true;
                           })
                    .ok());
    return keys;
  }

  Stand stand_;
  ObjectStore* store_ = nullptr;
};

TEST_P(ObjectStoreTest, AnObjectIsReadAsItWasPut) {
  const std::string bytes("a\0b\n", 4);
  Put("deep/folder/x", bytes);
  EXPECT_EQ(*store_->Get("deep/folder/x"), bytes);
  EXPECT_EQ(store_->Head("deep/folder/x")->size_bytes, 4);
  EXPECT_GT(store_->Head("deep/folder/x")->modified_micros, 1'600'000'000'000'000);
  Put("deep/folder/x", "");
  EXPECT_EQ(*store_->Get("deep/folder/x"), "");
}

TEST_P(ObjectStoreTest, WhatIsNotThereIsNotFound) {
  Put("a/b", "x");
  for (const char* key : {"c", "a/c", "a", "a/b/c"}) {
    EXPECT_TRUE(absl::IsNotFound(store_->Get(key).status())) << key;
    EXPECT_TRUE(absl::IsNotFound(store_->Head(key).status())) << key;
    EXPECT_TRUE(absl::IsNotFound(store_->OpenRead(key).status())) << key;
    EXPECT_TRUE(store_->Delete(key).ok()) << key;
  }
  EXPECT_EQ(*store_->Get("a/b"), "x");
}

TEST_P(ObjectStoreTest, PutIfAbsentLeavesWhatIsThere) {
  EXPECT_TRUE(store_->Put("k", "first", PutMode::kIfAbsent).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(store_->Put("k", "second", PutMode::kIfAbsent)));
  EXPECT_EQ(*store_->Get("k"), "first");
}

TEST_P(ObjectStoreTest, OfManyWhoPutIfAbsentOneWins) {
  for (int round = 0; round < 20; ++round) {
    const std::string key = "race/" + std::to_string(round);
    std::atomic<int> winners = 0;
    std::atomic<int> winner = -1;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        const absl::Status status = store_->Put(key, std::to_string(i), PutMode::kIfAbsent);
        if (status.ok()) {
          ++winners;
          winner = i;
        } else {
          EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(*store_->Get(key), std::to_string(winner));
  }
}

TEST_P(ObjectStoreTest, KeysAreListedInByteOrder) {
  for (const char* key : {"a/x", "a.b", "a-b/y", "a/b/c", "b", "a/b.c", "a/bb/d"}) Put(key, "x");
  EXPECT_THAT(Keys(""), ElementsAre("a-b/y", "a.b", "a/b.c", "a/b/c", "a/bb/d", "a/x", "b"));
  EXPECT_THAT(Keys("a/"), ElementsAre("a/b.c", "a/b/c", "a/bb/d", "a/x"));
  EXPECT_THAT(Keys("a/b"), ElementsAre("a/b.c", "a/b/c", "a/bb/d"));
  EXPECT_THAT(Keys("a/", "a/b/c"), ElementsAre("a/bb/d", "a/x"));
  EXPECT_THAT(Keys("", "a/b"), ElementsAre("a/b.c", "a/b/c", "a/bb/d", "a/x", "b"));
  EXPECT_THAT(Keys("a/x"), ElementsAre("a/x"));
  EXPECT_THAT(Keys("nothing/"), ElementsAre());
  int visited = 0;
  EXPECT_TRUE(store_->List("", "", [&](const ObjectInfo&) { return ++visited < 2; }).ok());
  EXPECT_EQ(visited, 2);
}

TEST_P(ObjectStoreTest, ADeletedObjectIsGone) {
  Put("a/x", "1");
  Put("a/y", "1");
  EXPECT_TRUE(store_->Delete("a/x").ok());
  EXPECT_THAT(Keys(""), ElementsAre("a/y"));
}

TEST_P(ObjectStoreTest, AnObjectAppearsWholeWhenItIsFinished) {
  for (const bool staged : {false, true}) {
    const std::string key = staged ? "p/staged" : "p/plain";
    auto object = staged ? store_->OpenStaged(key) : store_->OpenWrite(key);
    ASSERT_TRUE(object.ok()) << object.status();
    EXPECT_TRUE((*object)->Append("abc", 3).ok());
    EXPECT_TRUE((*object)->Append("def", 3).ok());
    EXPECT_EQ((*object)->size_bytes(), 6);
    EXPECT_TRUE(absl::IsNotFound(store_->Get(key).status()));
    EXPECT_TRUE((*object)->Finish().ok());
    EXPECT_EQ(*store_->Get(key), "abcdef");
  }
  const std::vector<std::string> keys = {"p/staged"};
  EXPECT_TRUE(store_->SyncStaged(keys).ok());
  EXPECT_TRUE(store_->SyncStaged({}).ok());
}

TEST_P(ObjectStoreTest, AnObjectThatIsNotFinishedLeavesNothing) {
  { ASSERT_TRUE((*store_->OpenWrite("p/x"))->Append("abc", 3).ok()); }
  EXPECT_THAT(Keys(""), ElementsAre());
}

TEST_P(ObjectStoreTest, PartsAreReadByOffset) {
  Put("k", "0123456789");
  auto object = store_->OpenRead("k");
  ASSERT_TRUE(object.ok());
  EXPECT_EQ((*object)->size_bytes(), 10);
  char buffer[8] = {};
  EXPECT_EQ(*(*object)->Read(3, buffer, 4), 4);
  EXPECT_EQ(std::string(buffer, 4), "3456");
  EXPECT_EQ(*(*object)->Read(8, buffer, 8), 2);
  EXPECT_EQ(*(*object)->Read(10, buffer, 8), 0);
  // What was opened stays readable when the object is replaced.
  Put("k", "other");
  EXPECT_EQ(*(*object)->Read(0, buffer, 3), 3);
  EXPECT_EQ(std::string(buffer, 3), "012");
}

INSTANTIATE_TEST_SUITE_P(
    Stores, ObjectStoreTest,
    ::testing::Values(
        Kind{"disk", [](Stand& s) { s.store = s.Make<DiskStore>(s.folder / "new/lake"); }},
        Kind{"lossy_disk",
             [](Stand& s) {
               auto* disk = s.Make<LossyDisk>(s.folder / "attic");
               s.store = s.Make<DiskStore>(s.folder / "lake", disk);
             }},
        Kind{"memory", [](Stand& s) { s.store = s.Make<MemoryStore>(); }},
        Kind{"fault_injecting",
             [](Stand& s) { s.store = s.Make<FaultInjectingStore>(s.Make<MemoryStore>()); }}),
    [](const auto& info) { return info.param.name; });

TEST(FaultInjectingStoreTest, FaultsStrikeWhereTheyAreTold) {
  MemoryStore memory;
  FaultInjectingStore store(&memory);
  store.AddFault(Fault::Nth(Operation::kPut, 2));
  store.AddFault(Fault::Nth(Operation::kPut, 3).Ambiguous());
  EXPECT_TRUE(store.Put("a", "1", PutMode::kIfAbsent).ok());
  EXPECT_TRUE(absl::IsUnavailable(store.Put("b", "1", PutMode::kIfAbsent)));
  EXPECT_TRUE(absl::IsUnavailable(store.Put("c", "1", PutMode::kIfAbsent)));
  EXPECT_TRUE(absl::IsNotFound(memory.Get("b").status()));
  EXPECT_TRUE(memory.Get("c").ok());
  store.AddFault(Fault::OnKey(Operation::kFinish, "part-")
                     .WithStatus(absl::ResourceExhaustedError("disk full")));
  EXPECT_TRUE(absl::IsResourceExhausted((*store.OpenWrite("t/part-1"))->Finish()));
  EXPECT_TRUE((*store.OpenWrite("t/other"))->Finish().ok());
  store.AddFault(Fault::Every(Operation::kRead, 2));
  auto object = store.OpenRead("a");
  char buffer[1];
  EXPECT_TRUE((*object)->Read(0, buffer, 1).ok());
  EXPECT_FALSE((*object)->Read(0, buffer, 1).ok());
}

TEST(FaultInjectingStoreTest, WhatWasOpenedIsCounted) {
  MemoryStore memory;
  FaultInjectingStore store(&memory);
  ASSERT_TRUE(memory.Put("a", "1", PutMode::kOverwrite).ok());
  EXPECT_TRUE(store.OpenRead("a").ok());
  EXPECT_TRUE(store.Get("a").ok());
  EXPECT_FALSE(store.Get("b").ok());
  EXPECT_THAT(store.KeysRead(), ElementsAre("a", "b"));
  EXPECT_EQ(store.Count(Operation::kGet), 2);
  EXPECT_EQ(store.Count(Operation::kOpenRead, "a"), 1);
  store.ResetCounts();
  EXPECT_THAT(store.KeysRead(), ElementsAre());
}

}  // namespace
}  // namespace smelt::storage
