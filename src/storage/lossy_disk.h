#pragma once

// LossyDisk: a disk that shows what a power cut shows and kill -9 cannot. It makes every change for
// real, so that other processes and libraries see it, and remembers what was not synced yet:
// contents of files since their last Sync, names since the last SyncFolder of their folder. Crash()
// takes all that back.
//
// The model is the harshest that POSIX allows: contents of a file not synced are lost from the last
// sync on, a name not synced (created, linked, renamed, removed) is as it was. Thread-safe. Only
// what goes through this object is tracked.

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/disk.h"

namespace smelt::storage {

class LossyDisk : public Disk {
 public:
  explicit LossyDisk(Disk* real = PosixDisk::Get());
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
  struct Undo;

  Disk* const real_;
  mutable std::mutex mutex_;
  std::vector<Undo> undo_;  // of names, oldest first
  bool crashed_ = false;
  int64_t operations_ = 0;
  std::optional<int64_t> crash_at_;
  std::function<void()> callback_;
};

}  // namespace smelt::storage
