#include "storage/memory_store.h"

#include <algorithm>
#include <cstring>

#include "base/status.h"

namespace smelt::storage {

class MemoryStore::Reader : public RandomAccessObject {
 public:
  explicit Reader(Object object) : object_(std::move(object)) {}
  int64_t size_bytes() const override { return static_cast<int64_t>(object_.bytes->size()); }
  int64_t modified_micros() const override { return object_.modified_micros; }
  absl::StatusOr<int64_t> Read(int64_t offset, void* buffer, int64_t size) override {
    if (offset < 0 || offset >= size_bytes()) return 0;
    const int64_t got = std::min(size, size_bytes() - offset);
    std::memcpy(buffer, object_.bytes->data() + offset, got);
    return got;
  }

 private:
  const Object object_;
};

class MemoryStore::Writer : public WritableObject {
 public:
  Writer(MemoryStore* store, std::string key) : store_(store), key_(std::move(key)) {}
  absl::Status Append(const void* bytes, int64_t size) override {
    bytes_.append(static_cast<const char*>(bytes), size);
    return absl::OkStatus();
  }
  absl::Status Finish() override { return store_->Put(key_, bytes_, PutMode::kOverwrite); }
  int64_t size_bytes() const override { return static_cast<int64_t>(bytes_.size()); }

 private:
  MemoryStore* const store_;
  const std::string key_;
  std::string bytes_;
};

absl::StatusOr<MemoryStore::Object> MemoryStore::Find(const std::string& key) {
  std::lock_guard lock(mutex_);
  const auto it = objects_.find(key);
  if (it == objects_.end()) return base::NotFound("memory:{}: no such object", key);
  return it->second;
}

absl::StatusOr<std::string> MemoryStore::Get(const std::string& key) {
  SMELT_ASSIGN_OR_RETURN(const Object object, Find(key));
  return *object.bytes;
}

absl::StatusOr<ObjectInfo> MemoryStore::Head(const std::string& key) {
  SMELT_ASSIGN_OR_RETURN(const Object object, Find(key));
  return ObjectInfo{key, static_cast<int64_t>(object.bytes->size()), object.modified_micros};
}

absl::Status MemoryStore::Put(const std::string& key, std::string_view bytes, PutMode mode) {
  Object object{std::make_shared<const std::string>(bytes), clock_->NowMicros()};
  std::lock_guard lock(mutex_);
  const auto [it, inserted] = objects_.try_emplace(key);
  if (!inserted && mode == PutMode::kIfAbsent) {
    return base::AlreadyExists("memory:{} is there already", key);
  }
  it->second = std::move(object);
  return absl::OkStatus();
}

absl::Status MemoryStore::List(const std::string& prefix, const std::string& start_after,
                               const std::function<bool(const ObjectInfo&)>& visit) {
  std::vector<ObjectInfo> found;  // so that `visit` may call the store
  {
    std::lock_guard lock(mutex_);
    for (auto it = objects_.lower_bound(std::max(prefix, start_after)); it != objects_.end();
         ++it) {
      if (it->first.compare(0, prefix.size(), prefix) != 0) break;
      if (it->first <= start_after) continue;
      found.push_back(
          {it->first, static_cast<int64_t>(it->second.bytes->size()), it->second.modified_micros});
    }
  }
  for (const ObjectInfo& object : found) {
    if (!visit(object)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::Delete(const std::string& key) {
  std::lock_guard lock(mutex_);
  objects_.erase(key);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<RandomAccessObject>> MemoryStore::OpenRead(const std::string& key) {
  SMELT_ASSIGN_OR_RETURN(Object object, Find(key));
  return std::make_unique<Reader>(std::move(object));
}

absl::StatusOr<std::unique_ptr<WritableObject>> MemoryStore::OpenWrite(const std::string& key) {
  return std::make_unique<Writer>(this, key);
}

}  // namespace smelt::storage
