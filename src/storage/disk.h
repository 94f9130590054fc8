#pragma once

// Disk: the POSIX calls that DiskStore needs, as a seam: PosixDisk makes them, LossyDisk makes them
// and forgets at a crash what was never synced. Errors carry the path and a canonical code: ENOENT
// kNotFound, EEXIST kAlreadyExists, ENOSPC and EDQUOT kResourceExhausted, EROFS, EACCES and EPERM
// kPermissionDenied, the rest kInternal. Thread-safe, but for a DiskFile, which one thread writes
// at a time; Read may be called from several.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace smelt::storage {

struct FileStatus {
  bool is_folder = false;
  int64_t size_bytes = 0;
  int64_t modified_micros = 0;
};

struct FolderEntry {
  std::string name;
  bool is_folder = false;
};

// An open file; closed when destroyed.
class DiskFile {
 public:
  virtual ~DiskFile() = default;
  // Up to `size` bytes from `offset`; fewer only at the end of the file.
  virtual absl::StatusOr<int64_t> Read(int64_t offset, void* buffer, int64_t size) = 0;
  virtual absl::Status Append(const void* bytes, int64_t size) = 0;
  virtual absl::Status Sync() = 0;
  virtual absl::StatusOr<FileStatus> Status() = 0;
};

class Disk {
 public:
  virtual ~Disk() = default;
  virtual absl::StatusOr<std::unique_ptr<DiskFile>> OpenRead(const std::string& path) = 0;
  // A new, empty file; kAlreadyExists where the path is taken.
  virtual absl::StatusOr<std::unique_ptr<DiskFile>> Create(const std::string& path) = 0;
  // Syncs the contents of a file that was written through another handle.
  virtual absl::Status SyncFile(const std::string& path) = 0;
  // Syncs the names in a folder.
  virtual absl::Status SyncFolder(const std::string& path) = 0;
  virtual absl::Status Link(const std::string& from, const std::string& to) = 0;
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  virtual absl::Status Unlink(const std::string& path) = 0;
  // One folder, whose parent exists; kAlreadyExists where the path is taken.
  virtual absl::Status MakeFolder(const std::string& path) = 0;
  virtual absl::Status RemoveFolder(const std::string& path) = 0;
  // In no order, without "." and "..".
  virtual absl::StatusOr<std::vector<FolderEntry>> List(const std::string& path) = 0;
  virtual absl::StatusOr<FileStatus> Stat(const std::string& path) = 0;
};

// The machine's file systems.
class PosixDisk : public Disk {
 public:
  static PosixDisk* Get();

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

 protected:
  // An existing file, to be written.
  static absl::StatusOr<std::unique_ptr<DiskFile>> OpenWrite(const std::string& path);
};

}  // namespace smelt::storage
