#include "storage/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/status.h"

namespace smelt::storage {
namespace {

absl::Status ErrnoStatus(int error, const char* what, const std::string& path) {
  const char* reason = strerrordesc_np(error);
  if (reason == nullptr) reason = "unknown error";
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return base::NotFound("{}: {}: {}", path, what, reason);
    case EEXIST:
    case ENOTEMPTY:
      return base::AlreadyExists("{}: {}: {}", path, what, reason);
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return base::ResourceExhausted("{}: {}: {}", path, what, reason);
    case EROFS:
    case EACCES:
    case EPERM:
      return base::PermissionDenied("{}: {}: {}", path, what, reason);
    case EISDIR:
    case ENAMETOOLONG:
    case EINVAL:
    case ELOOP:
      return base::InvalidArgument("{}: {}: {}", path, what, reason);
    default:
      return base::Internal("{}: {}: {}", path, what, reason);
  }
}

// Repeats a call that a signal interrupted.
template <typename Call>
auto Retry(Call call) {
  auto result = call();
  while (result == -1 && errno == EINTR) result = call();
  return result;
}

absl::Status Check(int result, const char* what, const std::string& path) {
  return result == 0 ? absl::OkStatus() : ErrnoStatus(errno, what, path);
}

FileStatus FromStat(const struct stat& info) {
  return {S_ISDIR(info.st_mode), info.st_size,
          int64_t{info.st_mtim.tv_sec} * 1'000'000 + info.st_mtim.tv_nsec / 1'000};
}

class PosixFile : public DiskFile {
 public:
  PosixFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~PosixFile() override { ::close(descriptor_); }

  absl::StatusOr<int64_t> Read(int64_t offset, void* buffer, int64_t size) override {
    int64_t done = 0;
    while (done < size) {
      const ssize_t got = Retry([&] {
        return ::pread(descriptor_, static_cast<char*>(buffer) + done, size - done, offset + done);
      });
      if (got < 0) return ErrnoStatus(errno, "read", path_);
      if (got == 0) break;
      done += got;
    }
    return done;
  }

  absl::Status Append(const void* bytes, int64_t size) override {
    int64_t done = 0;
    while (done < size) {
      const ssize_t put = Retry([&] {
        return ::write(descriptor_, static_cast<const char*>(bytes) + done, size - done);
      });
      if (put < 0) return ErrnoStatus(errno, "write", path_);
      done += put;
    }
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    return Check(Retry([&] { return ::fsync(descriptor_); }), "sync", path_);
  }

  absl::StatusOr<FileStatus> Status() override {
    struct stat info;
    if (::fstat(descriptor_, &info) != 0) return ErrnoStatus(errno, "stat", path_);
    return FromStat(info);
  }

 private:
  const int descriptor_;
  const std::string path_;
};

absl::StatusOr<std::unique_ptr<DiskFile>> Open(const std::string& path, int flags,
                                               const char* what) {
  const int descriptor = Retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0644); });
  if (descriptor < 0) return ErrnoStatus(errno, what, path);
  return std::make_unique<PosixFile>(descriptor, path);
}

}  // namespace

PosixDisk* PosixDisk::Get() {
  static PosixDisk disk;
  return &disk;
}

absl::StatusOr<std::unique_ptr<DiskFile>> PosixDisk::OpenRead(const std::string& path) {
  return Open(path, O_RDONLY, "open");
}

absl::StatusOr<std::unique_ptr<DiskFile>> PosixDisk::Create(const std::string& path) {
  return Open(path, O_WRONLY | O_CREAT | O_EXCL, "create");
}

absl::StatusOr<std::unique_ptr<DiskFile>> PosixDisk::OpenWrite(const std::string& path) {
  return Open(path, O_WRONLY, "open");
}

absl::Status PosixDisk::SyncFile(const std::string& path) {
  SMELT_ASSIGN_OR_RETURN(auto file, Open(path, O_RDONLY, "open"));
  return file->Sync();
}

absl::Status PosixDisk::SyncFolder(const std::string& path) {
  SMELT_ASSIGN_OR_RETURN(auto folder, Open(path, O_RDONLY | O_DIRECTORY, "open"));
  return folder->Sync();
}

absl::Status PosixDisk::Link(const std::string& from, const std::string& to) {
  return Check(::link(from.c_str(), to.c_str()), "link", to);
}

absl::Status PosixDisk::Rename(const std::string& from, const std::string& to) {
  return Check(::rename(from.c_str(), to.c_str()), "rename", to);
}

absl::Status PosixDisk::Unlink(const std::string& path) {
  return Check(::unlink(path.c_str()), "delete", path);
}

absl::Status PosixDisk::MakeFolder(const std::string& path) {
  return Check(::mkdir(path.c_str(), 0755), "make folder", path);
}

absl::Status PosixDisk::RemoveFolder(const std::string& path) {
  return Check(::rmdir(path.c_str()), "remove folder", path);
}

absl::StatusOr<std::vector<FolderEntry>> PosixDisk::List(const std::string& path) {
  DIR* folder = ::opendir(path.c_str());
  if (folder == nullptr) return ErrnoStatus(errno, "list", path);
  std::vector<FolderEntry> entries;
  errno = 0;
  while (const dirent* entry = ::readdir(folder)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") {
      bool is_folder = entry->d_type == DT_DIR;
      if (entry->d_type == DT_UNKNOWN || entry->d_type == DT_LNK) {
        struct stat info;
        is_folder = ::stat((path + "/" + name).c_str(), &info) == 0 && S_ISDIR(info.st_mode);
      }
      entries.push_back({name, is_folder});
    }
    errno = 0;
  }
  const int error = errno;
  ::closedir(folder);
  if (error != 0) return ErrnoStatus(error, "list", path);
  return entries;
}

absl::StatusOr<FileStatus> PosixDisk::Stat(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return ErrnoStatus(errno, "stat", path);
  return FromStat(info);
}

}  // namespace smelt::storage
