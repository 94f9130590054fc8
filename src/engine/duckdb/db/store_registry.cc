#include "engine/duckdb/db/store_registry.h"

#include "base/check.h"
#include "base/digest.h"
#include "base/status.h"

namespace smelt::duck {

void StoreRegistry::Add(const std::string& id, storage::ObjectStore* store) {
  SMELT_CHECK(!id.empty() && id.find('/') == std::string::npos, "store id '{}'", id);
  std::lock_guard lock(mutex_);
  const auto [entry, inserted] = stores_.emplace(id, store);
  SMELT_CHECK(inserted || entry->second == store, "store id '{}' is taken", id);
}

void StoreRegistry::Remove(const std::string& id) {
  std::lock_guard lock(mutex_);
  stores_.erase(id);
}

absl::StatusOr<storage::ObjectStore*> StoreRegistry::Find(const std::string& id) const {
  std::lock_guard lock(mutex_);
  const auto entry = stores_.find(id);
  if (entry == stores_.end()) return base::NotFound("no store has the id '{}'", id);
  return entry->second;
}

absl::StatusOr<StoreRegistry::Location> StoreRegistry::Resolve(std::string_view url) const {
  const std::string_view path = url.substr(0, kStoreScheme.size()) == kStoreScheme
                                    ? url.substr(kStoreScheme.size())
                                    : std::string_view();
  const size_t slash = path.find('/');
  if (slash == std::string_view::npos || slash == 0) {
    return base::InvalidArgument("'{}' is not {}<store>/<key>", url, kStoreScheme);
  }
  Location location;
  SMELT_ASSIGN_OR_RETURN(location.store, Find(std::string(path.substr(0, slash))));
  location.key = std::string(path.substr(slash + 1));
  return location;
}

TemporaryStore::TemporaryStore(StoreRegistry* stores, storage::ObjectStore* store)
    : stores_(stores), id_("tmp-" + base::RandomUuid()) {
  stores_->Add(id_, store);
}

TemporaryStore::~TemporaryStore() { stores_->Remove(id_); }

std::string StoreUrl(const std::string& store_id, const std::string& key) {
  return std::string(kStoreScheme) + store_id + "/" + key;
}

}  // namespace smelt::duck
