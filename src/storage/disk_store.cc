#include "storage/disk_store.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "base/digest.h"
#include "base/status.h"

namespace smelt::storage {
namespace {

constexpr std::string_view kTemporaryPrefix = ".smelt-tmp-";
// fsync waits for the disk, not for the processor: a few in flight let the file system's journal
// take them together.
constexpr size_t kSyncThreads = 8;

std::string ParentOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string WithoutTrailingSlashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path.empty() ? "." : path;
}

bool IsKey(std::string_view key) {
  if (key.empty() || key.find('\0') != std::string_view::npos) return false;
  for (size_t begin = 0; begin <= key.size();) {
    const size_t end = std::min(key.find('/', begin), key.size());
    const std::string_view part = key.substr(begin, end - begin);
    if (part.empty() || part == "." || part == ".." || DiskStore::IsTemporaryName(part))
      return false;
    begin = end + 1;
  }
  return true;
}

// Runs `work` on every item, a few at a time; returns the first error.
absl::Status ForEachInParallel(const std::vector<std::string>& items,
                               const std::function<absl::Status(const std::string&)>& work) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  absl::Status first_error;
  const auto run = [&] {
    for (size_t i = next++; i < items.size(); i = next++) {
      absl::Status status = work(items[i]);
      if (status.ok()) continue;
      std::lock_guard lock(mutex);
      if (first_error.ok()) first_error = std::move(status);
      return;
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 1; i < std::min(kSyncThreads, items.size()); ++i) threads.emplace_back(run);
  run();
  for (std::thread& thread : threads) thread.join();
  return first_error;
}

class Reader : public RandomAccessObject {
 public:
  Reader(std::unique_ptr<DiskFile> file, FileStatus status)
      : file_(std::move(file)), status_(status) {}
  int64_t size_bytes() const override { return status_.size_bytes; }
  int64_t modified_micros() const override { return status_.modified_micros; }
  absl::StatusOr<int64_t> Read(int64_t offset, void* buffer, int64_t size) override {
    return file_->Read(offset, buffer, size);
  }

 private:
  const std::unique_ptr<DiskFile> file_;
  const FileStatus status_;
};

}  // namespace

class DiskStore::Writer : public WritableObject {
 public:
  Writer(DiskStore* store, std::unique_ptr<DiskFile> file, std::string temporary, std::string path,
         bool staged)
      : store_(store),
        file_(std::move(file)),
        temporary_(std::move(temporary)),
        path_(std::move(path)),
        staged_(staged) {}

  ~Writer() override {
    // Best effort: what stays behind is a temporary file, which RemoveLeftovers knows.
    if (file_ != nullptr) store_->disk_->Unlink(temporary_).IgnoreError();
  }

  absl::Status Append(const void* bytes, int64_t size) override {
    if (file_ == nullptr) return base::FailedPrecondition("{} is finished already", path_);
    SMELT_RETURN_IF_ERROR(file_->Append(bytes, size));
    size_bytes_ += size;
    return absl::OkStatus();
  }

  absl::Status Finish() override { return Publish(PutMode::kOverwrite); }

  absl::Status Publish(PutMode mode) {
    if (file_ == nullptr) return base::FailedPrecondition("{} is finished already", path_);
    if (!staged_) SMELT_RETURN_IF_ERROR(file_->Sync());
    if (mode == PutMode::kIfAbsent) {
      // The destructor unlinks the temporary name if the link is refused.
      SMELT_RETURN_IF_ERROR(store_->disk_->Link(temporary_, path_));
      file_.reset();
      store_->disk_->Unlink(temporary_).IgnoreError();
    } else {
      SMELT_RETURN_IF_ERROR(store_->disk_->Rename(temporary_, path_));
      file_.reset();
    }
    return staged_ ? absl::OkStatus() : store_->SyncNames(ParentOf(path_));
  }

  int64_t size_bytes() const override { return size_bytes_; }

 private:
  DiskStore* const store_;
  std::unique_ptr<DiskFile> file_;  // null once published
  const std::string temporary_;
  const std::string path_;
  const bool staged_;
  int64_t size_bytes_ = 0;
};

DiskStore::DiskStore(std::string root, Disk* disk)
    : root_(WithoutTrailingSlashes(std::move(root))), disk_(disk) {}

bool DiskStore::IsTemporaryName(std::string_view name) {
  return name.substr(0, kTemporaryPrefix.size()) == kTemporaryPrefix;
}

absl::StatusOr<std::string> DiskStore::PathOf(const std::string& key) const {
  if (!IsKey(key)) return base::InvalidArgument("'{}' is no key of an object store", key);
  return root_ == "/" ? root_ + key : root_ + "/" + key;
}

absl::StatusOr<std::string> DiskStore::Get(const std::string& key) {
  SMELT_ASSIGN_OR_RETURN(auto object, OpenRead(key));
  std::string bytes(object->size_bytes(), '\0');
  SMELT_ASSIGN_OR_RETURN(const int64_t got, object->Read(0, bytes.data(), bytes.size()));
  bytes.resize(got);
  return bytes;
}

absl::StatusOr<ObjectInfo> DiskStore::Head(const std::string& key) {
  SMELT_ASSIGN_OR_RETURN(const std::string path, PathOf(key));
  SMELT_ASSIGN_OR_RETURN(const FileStatus status, disk_->Stat(path));
  if (status.is_folder) return base::NotFound("{} is a folder", path);
  return ObjectInfo{key, status.size_bytes, status.modified_micros};
}

absl::Status DiskStore::Put(const std::string& key, std::string_view bytes, PutMode mode) {
  if (mode == PutMode::kIfAbsent) {
    // Saves the losers of a race most of their writing; the link decides.
    absl::StatusOr<ObjectInfo> there = Head(key);
    if (there.ok()) return base::AlreadyExists("{}/{} is there already", root_, key);
    if (!absl::IsNotFound(there.status())) return there.status();
  }
  SMELT_ASSIGN_OR_RETURN(auto object, Open(key, /*staged=*/false));
  SMELT_RETURN_IF_ERROR(object->Append(bytes.data(), static_cast<int64_t>(bytes.size())));
  return static_cast<Writer*>(object.get())->Publish(mode);
}

absl::Status DiskStore::Delete(const std::string& key) {
  SMELT_ASSIGN_OR_RETURN(const std::string path, PathOf(key));
  absl::StatusOr<ObjectInfo> there = Head(key);
  if (absl::IsNotFound(there.status())) return absl::OkStatus();
  SMELT_RETURN_IF_ERROR(there.status());
  const absl::Status status = disk_->Unlink(path);
  if (absl::IsNotFound(status)) return absl::OkStatus();
  SMELT_RETURN_IF_ERROR(status);
  return disk_->SyncFolder(ParentOf(path));
}

absl::StatusOr<std::unique_ptr<RandomAccessObject>> DiskStore::OpenRead(const std::string& key) {
  SMELT_ASSIGN_OR_RETURN(const std::string path, PathOf(key));
  SMELT_ASSIGN_OR_RETURN(auto file, disk_->OpenRead(path));
  SMELT_ASSIGN_OR_RETURN(const FileStatus status, file->Status());
  if (status.is_folder) return base::NotFound("{} is a folder", path);
  return std::make_unique<Reader>(std::move(file), status);
}

absl::StatusOr<std::unique_ptr<WritableObject>> DiskStore::OpenWrite(const std::string& key) {
  return Open(key, /*staged=*/false);
}

absl::StatusOr<std::unique_ptr<WritableObject>> DiskStore::OpenStaged(const std::string& key) {
  return Open(key, /*staged=*/true);
}

absl::StatusOr<std::unique_ptr<WritableObject>> DiskStore::Open(const std::string& key,
                                                                bool staged) {
  SMELT_ASSIGN_OR_RETURN(const std::string path, PathOf(key));
  const std::string folder = ParentOf(path);
  const std::string temporary = folder + "/" + std::string(kTemporaryPrefix) + base::RandomUuid();
  absl::StatusOr<std::unique_ptr<DiskFile>> file = disk_->Create(temporary);
  if (absl::IsNotFound(file.status())) {
    SMELT_RETURN_IF_ERROR(MakeFolders(folder));
    file = disk_->Create(temporary);
  }
  SMELT_RETURN_IF_ERROR(file.status());
  return std::make_unique<Writer>(this, *std::move(file), temporary, path, staged);
}

absl::Status DiskStore::MakeFolders(const std::string& folder) {
  absl::Status made = disk_->MakeFolder(folder);
  const std::string parent = ParentOf(folder);
  if (absl::IsNotFound(made) && parent != folder) {
    SMELT_RETURN_IF_ERROR(MakeFolders(parent));
    made = disk_->MakeFolder(folder);
  }
  if (absl::IsAlreadyExists(made)) return absl::OkStatus();
  SMELT_RETURN_IF_ERROR(made);
  std::lock_guard lock(mutex_);
  durable_.erase(folder);
  made_.insert(folder);
  return absl::OkStatus();
}

std::vector<std::string> DiskStore::FoldersToSync(const std::string& folder) {
  std::lock_guard lock(mutex_);
  std::vector<std::string> result;
  bool below_root = folder.size() > root_.size();
  // Below the root another process may have made a folder and not synced it yet, so each is synced
  // once by this store too; the root and what is above it are the user's, unless this store made
  // them.
  for (std::string at = folder;; at = ParentOf(at)) {
    if (at == root_) below_root = false;
    if (below_root ? durable_.contains(at) : !made_.contains(at)) break;
    result.push_back(at);
  }
  return result;
}

void DiskStore::MarkDurable(const std::string& folder) {
  std::lock_guard lock(mutex_);
  durable_.insert(folder);
  made_.erase(folder);
}

absl::Status DiskStore::SyncNames(const std::string& folder) {
  SMELT_RETURN_IF_ERROR(disk_->SyncFolder(folder));
  for (const std::string& name : FoldersToSync(folder)) {
    SMELT_RETURN_IF_ERROR(disk_->SyncFolder(ParentOf(name)));
    MarkDurable(name);
  }
  return absl::OkStatus();
}

absl::Status DiskStore::SyncStaged(std::span<const std::string> keys) {
  std::vector<std::string> files;
  std::set<std::string> folders;  // whose names are synced
  std::set<std::string> names;    // folders that are durable after that
  for (const std::string& key : keys) {
    SMELT_ASSIGN_OR_RETURN(files.emplace_back(), PathOf(key));
    const std::string folder = ParentOf(files.back());
    if (!folders.insert(folder).second) continue;
    for (std::string& name : FoldersToSync(folder)) {
      folders.insert(ParentOf(name));
      names.insert(std::move(name));
    }
  }
  SMELT_RETURN_IF_ERROR(
      ForEachInParallel(files, [this](const std::string& path) { return disk_->SyncFile(path); }));
  SMELT_RETURN_IF_ERROR(
      ForEachInParallel({folders.begin(), folders.end()},
                        [this](const std::string& path) { return disk_->SyncFolder(path); }));
  for (const std::string& name : names) MarkDurable(name);
  return absl::OkStatus();
}

absl::Status DiskStore::List(const std::string& prefix, const std::string& start_after,
                             const std::function<bool(const ObjectInfo&)>& visit) {
  const size_t slash = prefix.rfind('/');
  bool stop = false;
  return ListFolder(slash == std::string::npos ? "" : prefix.substr(0, slash + 1), prefix,
                    start_after, /*temporary=*/false, visit, &stop);
}

absl::Status DiskStore::ListFolder(const std::string& folder_key, const std::string& prefix,
                                   const std::string& start_after, bool temporary,
                                   const std::function<bool(const ObjectInfo&)>& visit,
                                   bool* stop) {
  const std::string folder =
      folder_key.empty() ? root_ : root_ + "/" + folder_key.substr(0, folder_key.size() - 1);
  absl::StatusOr<std::vector<FolderEntry>> entries = disk_->List(folder);
  if (absl::IsNotFound(entries.status())) return absl::OkStatus();
  SMELT_RETURN_IF_ERROR(entries.status());
  // A folder's name takes part in the order of keys with its slash: "a.b" comes before "a/x".
  for (FolderEntry& entry : *entries) {
    if (entry.is_folder) entry.name += '/';
  }
  std::sort(entries->begin(), entries->end(),
            [](const FolderEntry& a, const FolderEntry& b) { return a.name < b.name; });
  for (const FolderEntry& entry : *entries) {
    const std::string key = folder_key + entry.name;
    const bool has_prefix = key.compare(0, prefix.size(), prefix) == 0;
    if (entry.is_folder) {
      const bool leads_to_prefix = has_prefix || prefix.compare(0, key.size(), key) == 0;
      const bool leads_past_start =
          key > start_after || start_after.compare(0, key.size(), key) == 0;
      if (!leads_to_prefix || !leads_past_start) continue;
      SMELT_RETURN_IF_ERROR(ListFolder(key, prefix, start_after, temporary, visit, stop));
    } else if (has_prefix && key > start_after && IsTemporaryName(entry.name) == temporary) {
      absl::StatusOr<FileStatus> status = disk_->Stat(folder + "/" + entry.name);
      if (absl::IsNotFound(status.status())) continue;  // deleted since
      SMELT_RETURN_IF_ERROR(status.status());
      *stop = !visit({key, status->size_bytes, status->modified_micros});
    }
    if (*stop) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> DiskStore::RemoveLeftovers(const std::string& prefix,
                                                   int64_t older_than_micros) {
  std::vector<std::string> leftovers;
  bool stop = false;
  const size_t slash = prefix.rfind('/');
  SMELT_RETURN_IF_ERROR(ListFolder(
      slash == std::string::npos ? "" : prefix.substr(0, slash + 1), prefix, "", /*temporary=*/true,
      [&](const ObjectInfo& object) {
        if (object.modified_micros < older_than_micros) {
          leftovers.push_back(root_ + "/" + object.key);
        }
        return true;
      },
      &stop));
  int64_t removed = 0;
  for (const std::string& path : leftovers) {
    const absl::Status status = disk_->Unlink(path);
    if (status.ok()) ++removed;
    if (!status.ok() && !absl::IsNotFound(status)) return status;
  }
  return removed;
}

}  // namespace smelt::storage
