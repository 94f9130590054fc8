#include "state/owner_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <optional>

#include "base/status.h"

namespace smelt::state {
namespace {

using ::testing::HasSubstr;

class OwnerLockTest : public ::testing::Test {
 protected:
  ~OwnerLockTest() override { std::filesystem::remove_all(folder_); }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / fmt::format("smelt-owner-lock-{}", getpid());
  const std::filesystem::path file_ = folder_ / "deep" / "store.sqlite";
};

TEST_F(OwnerLockTest, CreatesTheFoldersAboveTheFile) {
  EXPECT_TRUE(OwnerLock::Acquire(file_).ok());
  EXPECT_TRUE(std::filesystem::is_directory(file_.parent_path()));
}

TEST_F(OwnerLockTest, IsHeldOnceEvenWithinAProcess) {
  std::optional<OwnerLock> first = OwnerLock::Acquire(file_).value();
  const absl::Status second = OwnerLock::Acquire(file_).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(base::Message(second), HasSubstr(fmt::format("this process ({})", getpid())));
  first.reset();
  EXPECT_TRUE(OwnerLock::Acquire(file_).ok());
}

TEST_F(OwnerLockTest, NamesTheProcessThatHasItAndIsFreeOnceThatWasKilled) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto lock = OwnerLock::Acquire(file_);
    const char byte = lock.ok() ? '1' : '0';
    if (write(ready[1], &byte, 1) != 1) _exit(1);
    pause();
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, '1');

  const absl::Status taken = OwnerLock::Acquire(file_).status();
  EXPECT_EQ(taken.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(base::Message(taken), HasSubstr(fmt::format("process {} (", child)));

  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(OwnerLock::Acquire(file_).ok());
  close(ready[0]);
  close(ready[1]);
}

}  // namespace
}  // namespace smelt::state
