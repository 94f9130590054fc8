#pragma once

// ObjectStore: the one door to the bytes of a lake or of an export. Disk, memory and
// fault-injecting stores implement it; S3 will.
//
// Keys are '/'-separated paths relative to the store's root, without a leading '/', "." or "..".
// There are no folders: a key exists or not. Writers are never visible in part: an object appears
// whole, when Put or Finish has returned OK.
//
// Durability: when Put or WritableObject::Finish returns OK, the object and its name survive a
// power cut. Thread-safe: every method of a store may be called from any thread at once; a handle
// belongs to one thread at a time, but RandomAccessObject::Read may be called from several.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace smelt::storage {

struct ObjectInfo {
  std::string key;
  int64_t size_bytes = 0;
  int64_t modified_micros = 0;  // wall time, microseconds since the epoch
};

enum class PutMode {
  kOverwrite,
  kIfAbsent,  // kAlreadyExists where the key is taken; of many racing writers exactly one wins
};

class RandomAccessObject {
 public:
  virtual ~RandomAccessObject() = default;
  virtual int64_t size_bytes() const = 0;
  virtual int64_t modified_micros() const = 0;
  // Fills `buffer` with up to `size` bytes from `offset`; fewer only at the end of the object.
  virtual absl::StatusOr<int64_t> Read(int64_t offset, void* buffer, int64_t size) = 0;
};

class WritableObject {
 public:
  // Without Finish, nothing becomes visible.
  virtual ~WritableObject() = default;
  virtual absl::Status Append(const void* bytes, int64_t size) = 0;
  // Makes the object visible and durable.
  virtual absl::Status Finish() = 0;
  virtual int64_t size_bytes() const = 0;
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // Where this store is, for messages: "/data/lake", "s3://bucket/prefix".
  virtual std::string Describe() const = 0;

  // The whole object; kNotFound where there is none.
  virtual absl::StatusOr<std::string> Get(const std::string& key) = 0;
  virtual absl::StatusOr<ObjectInfo> Head(const std::string& key) = 0;
  virtual absl::Status Put(const std::string& key, std::string_view bytes, PutMode mode) = 0;
  // Every object whose key starts with `prefix` and is greater than `start_after`, in byte order of
  // the keys. The callback returns false to stop.
  virtual absl::Status List(const std::string& prefix, const std::string& start_after,
                            const std::function<bool(const ObjectInfo&)>& visit) = 0;
  // OK also where there is no such object.
  virtual absl::Status Delete(const std::string& key) = 0;

  virtual absl::StatusOr<std::unique_ptr<RandomAccessObject>> OpenRead(const std::string& key) = 0;
  virtual absl::StatusOr<std::unique_ptr<WritableObject>> OpenWrite(const std::string& key) = 0;

  // For many objects that count only together (the data files of one batch, under names nobody else
  // uses): Finish makes a staged object visible, and SyncStaged makes all of `keys` durable at
  // once, each folder synced a single time. What was not synced before a power cut may be gone or
  // torn, so nothing durable may name it before.
  virtual absl::StatusOr<std::unique_ptr<WritableObject>> OpenStaged(const std::string& key) {
    return OpenWrite(key);
  }
  virtual absl::Status SyncStaged(std::span<const std::string> keys) { return absl::OkStatus(); }
};

}  // namespace smelt::storage
