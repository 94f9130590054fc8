#pragma once

// MemoryStore: an ObjectStore in memory, for tests and for tables that live as long as the process.
// Thread-safe.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "storage/object_store.h"

namespace smelt::storage {

class MemoryStore : public ObjectStore {
 public:
  explicit MemoryStore(base::Clock* clock = base::Clock::Real()) : clock_(clock) {}

  std::string Describe() const override { return "memory:"; }
  absl::StatusOr<std::string> Get(const std::string& key) override;
  absl::StatusOr<ObjectInfo> Head(const std::string& key) override;
  absl::Status Put(const std::string& key, std::string_view bytes, PutMode mode) override;
  absl::Status List(const std::string& prefix, const std::string& start_after,
                    const std::function<bool(const ObjectInfo&)>& visit) override;
  absl::Status Delete(const std::string& key) override;
  absl::StatusOr<std::unique_ptr<RandomAccessObject>> OpenRead(const std::string& key) override;
  absl::StatusOr<std::unique_ptr<WritableObject>> OpenWrite(const std::string& key) override;

 private:
  class Reader;
  class Writer;
  struct Object {
    std::shared_ptr<const std::string> bytes;
    int64_t modified_micros = 0;
  };

  absl::StatusOr<Object> Find(const std::string& key);

  base::Clock* const clock_;
  std::mutex mutex_;
  std::map<std::string, Object> objects_;
};

}  // namespace smelt::storage
