#include "engine/duckdb/delta/staging_store.h"

#include "base/status.h"

namespace smelt::duck {

absl::Status StagingStore::Sync() {
  std::lock_guard lock(mutex_);
  return target_->SyncStaged(keys_);
}

void StagingStore::Discard() {
  std::lock_guard lock(mutex_);
  // What cannot be deleted is an orphan that no log names; vacuum takes it.
  for (const std::string& key : keys_) target_->Delete(key).IgnoreError();
  keys_.clear();
}

bool StagingStore::too_many_folders() const {
  std::lock_guard lock(mutex_);
  return too_many_folders_;
}

absl::Status StagingStore::Put(const std::string& key, std::string_view bytes,
                               storage::PutMode mode) {
  SMELT_RETURN_IF_ERROR(target_->Put(key, bytes, mode));
  std::lock_guard lock(mutex_);
  keys_.push_back(key);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<storage::WritableObject>> StagingStore::OpenWrite(
    const std::string& key) {
  {
    std::lock_guard lock(mutex_);
    folders_.insert(key.substr(0, key.rfind('/') + 1));
    if (max_folders_ > 0 && static_cast<int64_t>(folders_.size()) > max_folders_) {
      too_many_folders_ = true;
      return base::Aborted("more than {} partitions are being written at once", max_folders_);
    }
    keys_.push_back(key);
  }
  return target_->OpenStaged(key);
}

}  // namespace smelt::duck
