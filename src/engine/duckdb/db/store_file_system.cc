#include "engine/duckdb/db/store_file_system.h"

#include <duckdb.hpp>
#include <duckdb/common/file_system.hpp>
#include <duckdb/common/multi_file/multi_file_list.hpp>
#include <utility>

#include "base/status.h"
#include "engine/duckdb/db/error.h"

namespace smelt::duck {
namespace {

using duckdb::FileHandle;
using duckdb::FileOpener;
using duckdb::FileOpenFlags;
using duckdb::idx_t;
using duckdb::optional_ptr;

template <typename T>
T ValueOrThrow(absl::StatusOr<T> result) {
  if (!result.ok()) ThrowStatus(result.status());
  return std::move(result).value();
}

void OkOrThrow(const absl::Status& status) {
  if (!status.ok()) ThrowStatus(status);
}

// Either an object that is read or one that is being written.
struct StoreFileHandle : FileHandle {
  StoreFileHandle(duckdb::FileSystem& file_system, const std::string& path, FileOpenFlags flags,
                  std::unique_ptr<storage::RandomAccessObject> reader,
                  std::unique_ptr<storage::WritableObject> writer)
      : FileHandle(file_system, path, flags),
        reader(std::move(reader)),
        writer(std::move(writer)) {}
  // What was not closed was not finished: the object stays invisible.
  ~StoreFileHandle() override = default;

  void Close() override {
    reader.reset();
    if (writer == nullptr) return;
    const absl::Status finished = writer->Finish();
    written_bytes = writer->size_bytes();
    writer.reset();
    OkOrThrow(finished);
  }

  std::unique_ptr<storage::RandomAccessObject> reader;
  std::unique_ptr<storage::WritableObject> writer;
  int64_t position = 0;
  int64_t written_bytes = 0;
};

class StoreFileSystem : public duckdb::FileSystem {
 public:
  explicit StoreFileSystem(std::shared_ptr<StoreRegistry> stores) : stores_(std::move(stores)) {}

  duckdb::unique_ptr<FileHandle> OpenFile(const std::string& path, FileOpenFlags flags,
                                          optional_ptr<FileOpener> opener) override {
    const StoreRegistry::Location location = ValueOrThrow(stores_->Resolve(path));
    if (flags.OpenForWriting()) {
      if (flags.OpenForReading() || flags.OpenForAppending()) {
        throw duckdb::NotImplementedException("'%s' can be read or written once, not both", path);
      }
      return duckdb::make_uniq<StoreFileHandle>(
          *this, path, flags, nullptr, ValueOrThrow(location.store->OpenWrite(location.key)));
    }
    auto reader = location.store->OpenRead(location.key);
    if (absl::IsNotFound(reader.status()) && flags.ReturnNullIfNotExists()) return nullptr;
    return duckdb::make_uniq<StoreFileHandle>(*this, path, flags, ValueOrThrow(std::move(reader)),
                                              nullptr);
  }

  void Read(FileHandle& handle, void* buffer, int64_t size, idx_t offset) override {
    const int64_t read = ReadAt(handle, buffer, size, static_cast<int64_t>(offset));
    if (read != size) {
      ThrowStatus(base::DataLoss("'{}' ends at byte {}, where {} more were expected", handle.path,
                                 static_cast<int64_t>(offset) + read, size - read));
    }
  }

  int64_t Read(FileHandle& handle, void* buffer, int64_t size) override {
    auto& file = handle.Cast<StoreFileHandle>();
    const int64_t read = ReadAt(handle, buffer, size, file.position);
    file.position += read;
    return read;
  }

  int64_t Write(FileHandle& handle, void* buffer, int64_t size) override {
    auto& file = handle.Cast<StoreFileHandle>();
    OkOrThrow(file.writer->Append(buffer, size));
    return size;
  }

  void Write(FileHandle& handle, void* buffer, int64_t size, idx_t offset) override {
    auto& file = handle.Cast<StoreFileHandle>();
    if (static_cast<int64_t>(offset) != file.writer->size_bytes()) {
      throw duckdb::NotImplementedException("'%s' can only be written from start to end",
                                            file.path);
    }
    Write(handle, buffer, size);
  }

  int64_t GetFileSize(FileHandle& handle) override {
    auto& file = handle.Cast<StoreFileHandle>();
    if (file.reader != nullptr) return file.reader->size_bytes();
    return file.writer != nullptr ? file.writer->size_bytes() : file.written_bytes;
  }

  duckdb::timestamp_t GetLastModifiedTime(FileHandle& handle) override {
    auto& file = handle.Cast<StoreFileHandle>();
    return duckdb::timestamp_t(file.reader != nullptr ? file.reader->modified_micros() : 0);
  }

  std::string GetVersionTag(FileHandle& handle) override { return {}; }
  duckdb::FileType GetFileType(FileHandle& handle) override {
    return duckdb::FileType::FILE_TYPE_REGULAR;
  }
  void FileSync(FileHandle& handle) override {}  // Close makes durable.

  void Seek(FileHandle& handle, idx_t offset) override {
    handle.Cast<StoreFileHandle>().position = static_cast<int64_t>(offset);
  }
  idx_t SeekPosition(FileHandle& handle) override {
    return static_cast<idx_t>(handle.Cast<StoreFileHandle>().position);
  }
  bool CanSeek() override { return true; }
  // For a reader this means: many small reads are cheap, do not fetch ahead.
  bool OnDiskFile(FileHandle& handle) override { return true; }

  bool FileExists(const std::string& path, optional_ptr<FileOpener> opener) override {
    const StoreRegistry::Location location = ValueOrThrow(stores_->Resolve(path));
    if (location.key.empty() || location.key.back() == '/') return false;
    const auto info = location.store->Head(location.key);
    if (!info.ok() && !absl::IsNotFound(info.status())) ThrowStatus(info.status());
    return info.ok();
  }
  bool TryRemoveFile(const std::string& path, optional_ptr<FileOpener> opener) override {
    const StoreRegistry::Location location = ValueOrThrow(stores_->Resolve(path));
    OkOrThrow(location.store->Delete(location.key));
    return true;
  }
  void RemoveFile(const std::string& path, optional_ptr<FileOpener> opener) override {
    TryRemoveFile(path, opener);
  }
  bool DirectoryExists(const std::string& path, optional_ptr<FileOpener> opener) override {
    return true;
  }
  void CreateDirectory(const std::string& path, optional_ptr<FileOpener> opener) override {}
  bool ListFiles(const std::string& directory,
                 const std::function<void(const std::string&, bool)>& visit,
                 FileOpener* opener) override {
    return false;
  }
  // Keys are taken as they are: '*' and '[' in a name mean themselves.
  duckdb::vector<duckdb::OpenFileInfo> Glob(const std::string& path, FileOpener* opener) override {
    return {duckdb::OpenFileInfo(path)};
  }

  bool CanHandleFile(const std::string& path) override {
    return path.compare(0, kStoreScheme.size(), kStoreScheme) == 0;
  }
  std::string CanonicalizePath(const std::string& path, optional_ptr<FileOpener> opener) override {
    return path;
  }
  std::string PathSeparator(const std::string& path) override { return "/"; }
  std::string GetName() const override { return "SmeltStoreFileSystem"; }

 private:
  static int64_t ReadAt(FileHandle& handle, void* buffer, int64_t size, int64_t offset) {
    return ValueOrThrow(handle.Cast<StoreFileHandle>().reader->Read(offset, buffer, size));
  }

  const std::shared_ptr<StoreRegistry> stores_;
};

}  // namespace

std::unique_ptr<duckdb::FileSystem> MakeStoreFileSystem(std::shared_ptr<StoreRegistry> stores) {
  return std::make_unique<StoreFileSystem>(std::move(stores));
}

}  // namespace smelt::duck
