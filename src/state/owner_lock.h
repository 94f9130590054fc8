#pragma once

// OwnerLock: one process owns a file of state at a time. An advisory lock (flock) on `<file>.lock`,
// which the kernel lets go of when its process ends, however it ends; so a lock file that is left
// over means nothing, and none is ever stale. The file holds the owner's process id, for the
// message that the next one reads.

#include <absl/status/statusor.h>

#include <filesystem>

namespace smelt::state {

class OwnerLock {
 public:
  // Creates the folders above `file`, synced. kFailedPrecondition where another owner has it, in
  // this process or in another:
  // "<file> is in use by process <pid> (<command>); .."
  static absl::StatusOr<OwnerLock> Acquire(const std::filesystem::path& file);

  OwnerLock(OwnerLock&& other) noexcept;
  OwnerLock& operator=(OwnerLock&& other) noexcept;
  ~OwnerLock();

 private:
  explicit OwnerLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
};

}  // namespace smelt::state
