#pragma once

// The object stores that DuckDB reaches, by id: "smelt://<id>/<key>". Thread-safe. Stores outlive
// the database.

#include <absl/status/statusor.h>

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "storage/object_store.h"

namespace smelt::duck {

inline constexpr std::string_view kStoreScheme = "smelt://";

class StoreRegistry {
 public:
  // `id` is of letters, digits, '-' and '_', and stands for one store until it is removed.
  void Add(const std::string& id, storage::ObjectStore* store);
  void Remove(const std::string& id);

  // kNotFound where no store has this id.
  absl::StatusOr<storage::ObjectStore*> Find(const std::string& id) const;

  struct Location {
    storage::ObjectStore* store = nullptr;
    std::string key;
  };
  // Splits "smelt://<id>/<key>".
  absl::StatusOr<Location> Resolve(std::string_view url) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, storage::ObjectStore*> stores_;
};

// Registers a store under an id of its own for as long as this lives.
class TemporaryStore {
 public:
  TemporaryStore(StoreRegistry* stores, storage::ObjectStore* store);
  ~TemporaryStore();
  TemporaryStore(const TemporaryStore&) = delete;
  TemporaryStore& operator=(const TemporaryStore&) = delete;
  const std::string& id() const { return id_; }

 private:
  StoreRegistry* const stores_;
  const std::string id_;
};

std::string StoreUrl(const std::string& store_id, const std::string& key);

}  // namespace smelt::duck
