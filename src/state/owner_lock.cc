#include "state/owner_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"

namespace smelt::state {
namespace {

namespace fs = std::filesystem;

absl::Status SyncFolder(const fs::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) {
    return base::Unavailable("cannot open {}: {}", folder.string(), std::strerror(errno));
  }
  const int result = fsync(descriptor);
  const int error = errno;
  close(descriptor);
  if (result != 0) {
    return base::Unavailable("cannot sync {}: {}", folder.string(), std::strerror(error));
  }
  return absl::OkStatus();
}

// Each new folder's name is on disk before anything is put into it.
absl::Status CreateFolders(const fs::path& folder) {
  std::vector<fs::path> missing;
  std::error_code error;
  for (fs::path path = folder; !path.empty() && !fs::exists(path, error);
       path = path.parent_path()) {
    missing.push_back(path);
  }
  for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
    fs::create_directory(*path, error);
    if (error) return base::Unavailable("cannot create {}: {}", path->string(), error.message());
    SMELT_RETURN_IF_ERROR(SyncFolder(path->has_parent_path() ? path->parent_path() : "."));
  }
  return absl::OkStatus();
}

std::string DescribeOwner(int descriptor) {
  char text[32] = {};
  const ssize_t size = pread(descriptor, text, sizeof text - 1, 0);
  const long pid = size > 0 ? std::strtol(text, nullptr, 10) : 0;
  if (pid <= 0) return "another process";
  if (pid == getpid()) return fmt::format("this process ({})", pid);
  std::string command;
  std::ifstream(fmt::format("/proc/{}/comm", pid)) >> command;
  return command.empty() ? fmt::format("process {}", pid)
                         : fmt::format("process {} ({})", pid, command);
}

}  // namespace

absl::StatusOr<OwnerLock> OwnerLock::Acquire(const fs::path& file) {
  SMELT_RETURN_IF_ERROR(CreateFolders(file.parent_path()));
  const fs::path path = file.string() + ".lock";
  OwnerLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.descriptor_ < 0) {
    return base::Unavailable("cannot open {}: {}", path.string(), std::strerror(errno));
  }
  if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return base::Unavailable("cannot lock {}: {}", path.string(), std::strerror(errno));
    }
    return base::FailedPrecondition("{} is in use by {}; wait until that is done, or end it",
                                    file.string(), DescribeOwner(lock.descriptor_));
  }
  const std::string pid = fmt::format("{}\n", getpid());
  if (ftruncate(lock.descriptor_, 0) != 0 ||
      pwrite(lock.descriptor_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return base::Unavailable("cannot write {}: {}", path.string(), std::strerror(errno));
  }
  return lock;
}

OwnerLock::OwnerLock(OwnerLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

OwnerLock& OwnerLock::operator=(OwnerLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

// The lock file stays: removing it would let two processes lock two files of one name.
OwnerLock::~OwnerLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace smelt::state
