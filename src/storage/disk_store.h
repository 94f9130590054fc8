#pragma once

// DiskStore: an ObjectStore in a local folder. A key is a path below the root.
//
// An object is written to a temporary file beside its place (TemporaryName; List hides them),
// synced, and then linked (put-if-absent: link(2) fails where the name is taken) or renamed; then
// its folder is synced, and the parents of every folder that had to be made. What a killed writer
// leaves is a temporary file; RemoveLeftovers deletes those that nobody has written for a while.
// Safe for several processes on one machine.

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "storage/disk.h"
#include "storage/object_store.h"

namespace smelt::storage {

class DiskStore : public ObjectStore {
 public:
  // The root need not exist: the first write makes it. `disk` outlives the store.
  explicit DiskStore(std::string root, Disk* disk = PosixDisk::Get());

  std::string Describe() const override { return root_; }
  absl::StatusOr<std::string> Get(const std::string& key) override;
  absl::StatusOr<ObjectInfo> Head(const std::string& key) override;
  absl::Status Put(const std::string& key, std::string_view bytes, PutMode mode) override;
  absl::Status List(const std::string& prefix, const std::string& start_after,
                    const std::function<bool(const ObjectInfo&)>& visit) override;
  absl::Status Delete(const std::string& key) override;
  absl::StatusOr<std::unique_ptr<RandomAccessObject>> OpenRead(const std::string& key) override;
  absl::StatusOr<std::unique_ptr<WritableObject>> OpenWrite(const std::string& key) override;
  absl::StatusOr<std::unique_ptr<WritableObject>> OpenStaged(const std::string& key) override;
  absl::Status SyncStaged(std::span<const std::string> keys) override;

  // Deletes temporary files below `prefix` last written before `older_than_micros` (wall time);
  // returns how many.
  absl::StatusOr<int64_t> RemoveLeftovers(const std::string& prefix, int64_t older_than_micros);

  // Whether a file name is that of a temporary file: ".smelt-tmp-<uuid>".
  static bool IsTemporaryName(std::string_view name);

 private:
  class Writer;

  absl::StatusOr<std::string> PathOf(const std::string& key) const;
  absl::StatusOr<std::unique_ptr<WritableObject>> Open(const std::string& key, bool staged);
  absl::Status MakeFolders(const std::string& folder);
  // The folders to sync so that the name of `folder`, and of each folder above it, is durable;
  // nothing for those this store has synced before.
  std::vector<std::string> FoldersToSync(const std::string& folder);
  void MarkDurable(const std::string& folder);
  // Syncs a folder's own names and those that lead to it.
  absl::Status SyncNames(const std::string& folder);
  absl::Status ListFolder(const std::string& folder_key, const std::string& prefix,
                          const std::string& start_after, bool temporary,
                          const std::function<bool(const ObjectInfo&)>& visit, bool* stop);

  const std::string root_;
  Disk* const disk_;

  std::mutex mutex_;
  std::set<std::string> durable_;  // folders whose names are known to be synced into their parents
  std::set<std::string> made_;     // folders this store made that are not
};

}  // namespace smelt::storage
