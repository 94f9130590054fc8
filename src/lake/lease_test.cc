#include "lake/lease.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "storage/memory_store.h"

namespace smelt::lake {
namespace {

constexpr int64_t kSecond = 1'000'000;

// A lease as another machine would leave it.
void PutForeignLease(storage::ObjectStore& store, int64_t epoch, int64_t expires_micros,
                     bool released) {
  const base::Json lease = {{"epoch", epoch},
                            {"updateId", "other"},
                            {"host", "another-machine"},
                            {"boot", "b"},
                            {"pid", 7},
                            {"processStart", "1"},
                            {"acquiredAtMicros", 0},
                            {"expiresAtMicros", expires_micros},
                            {"released", released}};
  const std::string key = fmt::format("_smelt/leases/retail/{:012}.json", epoch);
  ASSERT_TRUE(store.Put(key, lease.dump(), storage::PutMode::kIfAbsent).ok());
}

TEST(Lease, IsExclusiveAndNamesItsHolder) {
  storage::MemoryStore store;
  base::FakeClock clock(100 * kSecond);
  auto first = Lease::Acquire(&store, "retail", "update-1", &clock);
  ASSERT_TRUE(first.ok()) << base::Message(first.status());
  const auto second = Lease::Acquire(&store, "retail", "update-2", &clock);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(base::Message(second.status()).find("update-1"), std::string::npos);
  EXPECT_TRUE(Lease::Acquire(&store, "other pipeline", "update-3", &clock).ok());
}

TEST(Lease, IsFreeAfterRelease) {
  storage::MemoryStore store;
  base::FakeClock clock(100 * kSecond);
  int64_t first_epoch = 0;
  {
    auto first = Lease::Acquire(&store, "retail", "update-1", &clock);
    ASSERT_TRUE(first.ok());
    first_epoch = (*first)->epoch();
  }
  auto second = Lease::Acquire(&store, "retail", "update-2", &clock);
  ASSERT_TRUE(second.ok()) << base::Message(second.status());
  EXPECT_GT((*second)->epoch(), first_epoch);
}

TEST(Lease, OfAnotherMachineHoldsUntilItExpires) {
  storage::MemoryStore store;
  base::FakeClock clock(100 * kSecond);
  PutForeignLease(store, 4, 130 * kSecond, false);
  EXPECT_FALSE(Lease::Acquire(&store, "retail", "mine", &clock).ok());
  clock.Advance(31 * kSecond);
  auto lease = Lease::Acquire(&store, "retail", "mine", &clock);
  ASSERT_TRUE(lease.ok()) << base::Message(lease.status());
  EXPECT_EQ((*lease)->epoch(), 5);
}

TEST(Lease, OfAProcessThatIsGoneFromThisMachineIsTakenOverAtOnce) {
  storage::MemoryStore store;
  base::FakeClock clock(100 * kSecond);
  std::string text;
  {
    auto lease = Lease::Acquire(&store, "retail", "update-1", &clock);
    ASSERT_TRUE(lease.ok());
    text = *store.Get(fmt::format("_smelt/leases/retail/{:012}.json", (*lease)->epoch()));
  }
  // The same machine and boot, but a process that started at another time: it is dead.
  base::Json dead = base::Json::parse(text);
  dead["epoch"] = 9;
  dead["processStart"] = "0";
  ASSERT_TRUE(store
                  .Put(fmt::format("_smelt/leases/retail/{:012}.json", 9), dead.dump(),
                       storage::PutMode::kIfAbsent)
                  .ok());
  EXPECT_TRUE(Lease::Acquire(&store, "retail", "update-2", &clock).ok());
}

TEST(Lease, IsNotHeldOnceItRanOut) {
  storage::MemoryStore store;
  base::FakeClock clock(100 * kSecond);
  auto lease = Lease::Acquire(&store, "retail", "update-1", &clock);
  ASSERT_TRUE(lease.ok());
  EXPECT_TRUE((*lease)->CheckHeld().ok());
  clock.Advance(61 * kSecond);
  EXPECT_EQ((*lease)->CheckHeld().code(), absl::StatusCode::kAborted);
}

}  // namespace
}  // namespace smelt::lake
