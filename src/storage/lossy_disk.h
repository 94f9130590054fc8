#pragma once

// LossyDisk: a disk that shows what a power cut shows and kill -9 cannot. It makes every change for
// real, so that other processes and libraries see it, and remembers what was not synced yet:
// contents of files since their last Sync, names since the last SyncFolder of their folder. Crash()
// takes all that back.
//
// The model is the harshest that POSIX allows: contents that were not synced are lost, and a name
// that was not synced (created, linked, renamed, removed) is as it was. Thread-safe. Only what goes
// through this object is tracked; syncing only keeps the books, so tests are not slowed by the real
// disk.

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/disk.h"

namespace smelt::storage {

class LossyDisk : public Disk {
 public:
  // `attic`: a folder on the same file system, made if need be, where removed files wait until
  // their removal is synced.
  explicit LossyDisk(std::string attic);
  ~LossyDisk() override;

  // Undoes on the real disk what was not synced. Every call after it fails with kUnavailable until
  // Restart.
  void Crash();
  // The machine is up again.
  void Restart();
  // Before the `operation`-th operation from now that changes or syncs anything (1 is the next):
  // Crash, then `callback` (a test process ends itself there with _exit; if it returns, that
  // operation fails with kUnavailable).
  void CrashAfter(int64_t operation, std::function<void()> callback = nullptr);
  // Operations so far that changed or synced something: what CrashAfter counts.
  int64_t operations() const;

  absl::StatusOr<std::unique_ptr<DiskFile>> OpenRead(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<DiskFile>> Create(const std::string& path) override;
  absl::Status SyncFile(const std::string& path) override;
  absl::Status SyncFolder(const std::string& path) override;
  absl::Status Link(const std::string& from, const std::string& to) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Unlink(const std::string& path) override;
  absl::Status MakeFolder(const std::string& path) override;
  absl::Status RemoveFolder(const std::string& path) override;
  absl::StatusOr<std::vector<FolderEntry>> List(const std::string& path) override;
  absl::StatusOr<FileStatus> Stat(const std::string& path) override;

 private:
  class File;
  class Descriptor;
  using Inode = std::pair<dev_t, ino_t>;
  // A file with contents that were not synced.
  struct Unsynced {
    std::shared_ptr<Descriptor> descriptor;
    int64_t synced_size_bytes = 0;
  };
  // What a changed name stands for on the disk as it is after a crash.
  struct Before {
    bool was_folder = false;
    std::string in_attic;  // a link to the file it named; "" where there was none
  };

  // Every call begins with one of these, holding the mutex.
  absl::Status CheckUp() const;
  absl::Status BeginChange();
  void CrashLocked();
  // To be called before a name changes.
  absl::Status Remember(const std::string& path);

  PosixDisk* const real_ = PosixDisk::Get();
  const std::string attic_;
  mutable std::mutex mutex_;
  std::map<Inode, Unsynced> contents_;
  std::map<std::string, Before> names_;  // by path, so that folders come before what is in them
  int64_t next_in_attic_ = 0;
  bool crashed_ = false;
  int64_t operations_ = 0;
  std::optional<int64_t> crash_at_;
  std::function<void()> callback_;
};

}  // namespace smelt::storage
