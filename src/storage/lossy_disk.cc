#include "storage/lossy_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/check.h"
#include "base/digest.h"
#include "base/status.h"

namespace smelt::storage {
namespace {

std::string ParentOf(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

}  // namespace

// Keeps an inode reachable, whatever becomes of its names.
class LossyDisk::Descriptor {
 public:
  explicit Descriptor(const std::string& path) : fd_(::open(path.c_str(), O_WRONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool ok() const { return fd_ >= 0; }
  Inode inode() const {
    struct stat info = {};
    SMELT_CHECK(::fstat(fd_, &info) == 0);
    return {info.st_dev, info.st_ino};
  }
  void Truncate(int64_t size_bytes) { SMELT_CHECK(::ftruncate(fd_, size_bytes) == 0); }

 private:
  const int fd_;
};

class LossyDisk::File : public DiskFile {
 public:
  File(LossyDisk* disk, std::unique_ptr<DiskFile> real, std::shared_ptr<Descriptor> descriptor)
      : disk_(disk), real_(std::move(real)), descriptor_(std::move(descriptor)) {}

  absl::StatusOr<int64_t> Read(int64_t offset, void* buffer, int64_t size) override {
    return real_->Read(offset, buffer, size);
  }

  absl::Status Append(const void* bytes, int64_t size) override {
    std::lock_guard lock(disk_->mutex_);
    SMELT_RETURN_IF_ERROR(disk_->BeginChange());
    disk_->contents_.try_emplace(descriptor_->inode(), Unsynced{descriptor_, size_bytes_});
    SMELT_RETURN_IF_ERROR(real_->Append(bytes, size));
    size_bytes_ += size;
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    std::lock_guard lock(disk_->mutex_);
    SMELT_RETURN_IF_ERROR(disk_->BeginChange());
    disk_->contents_.erase(descriptor_->inode());
    return absl::OkStatus();
  }

  absl::StatusOr<FileStatus> Status() override { return real_->Status(); }

 private:
  LossyDisk* const disk_;
  const std::unique_ptr<DiskFile> real_;
  const std::shared_ptr<Descriptor> descriptor_;
  int64_t size_bytes_ = 0;
};

LossyDisk::LossyDisk(std::string attic) : attic_(std::move(attic)) {
  std::filesystem::create_directories(attic_);
}

LossyDisk::~LossyDisk() {
  std::error_code ignored;
  for (const auto& [path, before] : names_) std::filesystem::remove(before.in_attic, ignored);
}

void LossyDisk::Crash() {
  std::lock_guard lock(mutex_);
  CrashLocked();
}

void LossyDisk::CrashLocked() {
  crashed_ = true;
  for (auto& [inode, unsynced] : contents_)
    unsynced.descriptor->Truncate(unsynced.synced_size_bytes);
  contents_.clear();
  std::error_code ignored;  // a name whose folder went away went with it
  for (const auto& [path, before] : names_) {
    if (before.was_folder) {
      std::filesystem::create_directory(path, ignored);
      continue;
    }
    std::filesystem::remove_all(path, ignored);
    if (before.in_attic.empty()) continue;
    std::filesystem::rename(before.in_attic, path, ignored);
    std::filesystem::remove(before.in_attic, ignored);
  }
  names_.clear();
}

void LossyDisk::Restart() {
  std::lock_guard lock(mutex_);
  crashed_ = false;
  crash_at_.reset();
}

void LossyDisk::CrashAfter(int64_t operation, std::function<void()> callback) {
  std::lock_guard lock(mutex_);
  crash_at_ = operations_ + operation;
  callback_ = std::move(callback);
}

int64_t LossyDisk::operations() const {
  std::lock_guard lock(mutex_);
  return operations_;
}

absl::Status LossyDisk::CheckUp() const {
  if (crashed_) return base::Unavailable("the disk crashed");
  return absl::OkStatus();
}

absl::Status LossyDisk::BeginChange() {
  SMELT_RETURN_IF_ERROR(CheckUp());
  if (++operations_ != crash_at_) return absl::OkStatus();
  CrashLocked();
  if (callback_) callback_();
  return CheckUp();
}

absl::Status LossyDisk::Remember(const std::string& path) {
  if (names_.contains(path))
    return absl::OkStatus();  // what it was when last synced stays what counts
  Before before;
  absl::StatusOr<FileStatus> there = real_->Stat(path);
  if (!there.ok() && !absl::IsNotFound(there.status())) return there.status();
  if (there.ok()) {
    before.was_folder = there->is_folder;
    if (!there->is_folder) {
      before.in_attic = fmt::format("{}/{}-{}", attic_, base::RandomUuid(), next_in_attic_++);
      SMELT_RETURN_IF_ERROR(real_->Link(path, before.in_attic));
    }
  }
  names_.emplace(path, std::move(before));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<DiskFile>> LossyDisk::OpenRead(const std::string& path) {
  std::lock_guard lock(mutex_);
  SMELT_RETURN_IF_ERROR(CheckUp());
  return real_->OpenRead(path);
}

absl::StatusOr<std::unique_ptr<DiskFile>> LossyDisk::Create(const std::string& path) {
  std::lock_guard lock(mutex_);
  SMELT_RETURN_IF_ERROR(BeginChange());
  SMELT_RETURN_IF_ERROR(Remember(path));
  SMELT_ASSIGN_OR_RETURN(auto file, real_->Create(path));
  auto descriptor = std::make_shared<Descriptor>(path);
  if (!descriptor->ok()) return base::Internal("{}: cannot be opened again", path);
  return std::make_unique<File>(this, std::move(file), std::move(descriptor));
}

absl::Status LossyDisk::SyncFile(const std::string& path) {
  std::lock_guard lock(mutex_);
  SMELT_RETURN_IF_ERROR(BeginChange());
  SMELT_RETURN_IF_ERROR(real_->Stat(path).status());
  const Descriptor descriptor(path);
  if (!descriptor.ok()) return base::Internal("{}: cannot be opened", path);
  contents_.erase(descriptor.inode());
  return absl::OkStatus();
}

absl::Status LossyDisk::SyncFolder(const std::string& path) {
  std::lock_guard lock(mutex_);
  SMELT_RETURN_IF_ERROR(BeginChange());
  SMELT_RETURN_IF_ERROR(real_->Stat(path).status());
  for (auto it = names_.begin(); it != names_.end();) {
    if (ParentOf(it->first) != path) {
      ++it;
      continue;
    }
    std::error_code ignored;
    std::filesystem::remove(it->second.in_attic, ignored);
    it = names_.erase(it);
  }
  return absl::OkStatus();
}

absl::Status LossyDisk::Link(const std::string& from, const std::string& to) {
  std::lock_guard lock(mutex_);
  SMELT_RETURN_IF_ERROR(BeginChange());
  SMELT_RETURN_IF_ERROR(Remember(to));
  return real_->Link(from, to);
}

absl::Status LossyDisk::Rename(const std::string& from, const std::string& to) {
  std::lock_guard lock(mutex_);
  SMELT_RETURN_IF_ERROR(BeginChange());
  SMELT_RETURN_IF_ERROR(Remember(from));
  SMELT_RETURN_IF_ERROR(Remember(to));
  return real_->Rename(from, to);
}

absl::Status LossyDisk::Unlink(const std::string& path) {
  std::lock_guard lock(mutex_);
  SMELT_RETURN_IF_ERROR(BeginChange());
  SMELT_RETURN_IF_ERROR(Remember(path));
  return real_->Unlink(path);
}

absl::Status LossyDisk::MakeFolder(const std::string& path) {
  std::lock_guard lock(mutex_);
  SMELT_RETURN_IF_ERROR(BeginChange());
  SMELT_RETURN_IF_ERROR(Remember(path));
  return real_->MakeFolder(path);
}

absl::Status LossyDisk::RemoveFolder(const std::string& path) {
  std::lock_guard lock(mutex_);
  SMELT_RETURN_IF_ERROR(BeginChange());
  SMELT_RETURN_IF_ERROR(Remember(path));
  return real_->RemoveFolder(path);
}

absl::StatusOr<std::vector<FolderEntry>> LossyDisk::List(const std::string& path) {
  std::lock_guard lock(mutex_);
  SMELT_RETURN_IF_ERROR(CheckUp());
  return real_->List(path);
}

absl::StatusOr<FileStatus> LossyDisk::Stat(const std::string& path) {
  std::lock_guard lock(mutex_);
  SMELT_RETURN_IF_ERROR(CheckUp());
  return real_->Stat(path);
}

}  // namespace smelt::storage
