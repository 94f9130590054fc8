#pragma once

// StagingStore: what one write creates in a store, so that it can be made durable at once or taken
// back. Objects that are written through it are staged in the target (ObjectStore::OpenStaged);
// reading goes through unchanged. Thread-safe; the target outlives it.

#include <absl/status/statusor.h>

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "storage/object_store.h"

namespace smelt::duck {

class StagingStore : public storage::ObjectStore {
 public:
  // Refuses with kAborted to write into more than `max_folders` folders; 0: any number.
  StagingStore(storage::ObjectStore* target, int64_t max_folders)
      : target_(target), max_folders_(max_folders) {}

  // Makes everything that was written durable.
  absl::Status Sync();
  // Deletes everything that was written, as far as the target lets it.
  void Discard();
  // The limit was hit.
  bool too_many_folders() const;

  std::string Describe() const override { return target_->Describe(); }
  absl::StatusOr<std::string> Get(const std::string& key) override { return target_->Get(key); }
  absl::StatusOr<storage::ObjectInfo> Head(const std::string& key) override {
    return target_->Head(key);
  }
  absl::Status Put(const std::string& key, std::string_view bytes, storage::PutMode mode) override;
  absl::Status List(const std::string& prefix, const std::string& start_after,
                    const std::function<bool(const storage::ObjectInfo&)>& visit) override {
    return target_->List(prefix, start_after, visit);
  }
  absl::Status Delete(const std::string& key) override { return target_->Delete(key); }
  absl::StatusOr<std::unique_ptr<storage::RandomAccessObject>> OpenRead(
      const std::string& key) override {
    return target_->OpenRead(key);
  }
  absl::StatusOr<std::unique_ptr<storage::WritableObject>> OpenWrite(
      const std::string& key) override;

 private:
  storage::ObjectStore* const target_;
  const int64_t max_folders_;
  mutable std::mutex mutex_;
  std::vector<std::string> keys_;
  std::set<std::string> folders_;
  bool too_many_folders_ = false;
};

}  // namespace smelt::duck
