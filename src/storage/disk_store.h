#pragma once

// DiskStore: an ObjectStore in a local folder. A key is a path below the root.
//
// An object is written to a temporary file beside its place (TemporaryName; List hides them),
// synced, and then linked (put-if-absent: link(2) fails where the name is taken) or renamed; then
// its folder is synced, and the parents of every folder that had to be made. What a killed writer
// leaves is a temporary file; RemoveLeftovers deletes those that nobody has written for a while.
// Safe for several processes on one machine.

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

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
  // Makes a folder and its parents, each synced into the one above.
  absl::Status MakeFolders(const std::string& folder);
  // Creates a temporary file in `folder`, which is made if need be.
  absl::StatusOr<std::unique_ptr<DiskFile>> CreateTemporary(const std::string& folder,
                                                            std::string* path);

  const std::string root_;
  Disk* const disk_;
};

}  // namespace smelt::storage
