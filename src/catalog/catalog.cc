#include "catalog/catalog.h"

#include <algorithm>

#include "base/status.h"

namespace smelt::catalog {

delta::Table Catalog::TableAt(const std::string& location) const {
  delta::Table table = lake_;
  table.root = location;
  return table;
}

delta::Table Catalog::TableOf(const TableName& name) const {
  return TableAt(LocationOf(name, defaults_));
}

absl::StatusOr<std::optional<delta::Snapshot::Ptr>> Catalog::Find(const TableName& name,
                                                                  const Principal& principal) {
  return FindAt(LocationOf(name, defaults_));
}

absl::StatusOr<std::optional<delta::Snapshot::Ptr>> Catalog::FindAt(const std::string& location) {
  delta::Snapshot::Ptr known;
  {
    std::lock_guard lock(mutex_);
    const auto it = snapshots_.find(location);
    if (it != snapshots_.end()) known = it->second;
  }
  // Read outside of the lock: tables are read side by side, and reading one twice does no harm.
  auto snapshot = known ? delta::Snapshot::Update(known) : delta::Snapshot::Load(TableAt(location));
  if (absl::IsNotFound(snapshot.status())) {
    std::lock_guard lock(mutex_);
    snapshots_.erase(location);
    return std::nullopt;
  }
  SMELT_RETURN_IF_ERROR(snapshot.status());
  std::lock_guard lock(mutex_);
  snapshots_[location] = *snapshot;
  return std::optional<delta::Snapshot::Ptr>(*std::move(snapshot));
}

absl::StatusOr<std::vector<TableName>> Catalog::List(const Principal& principal) {
  constexpr char kFirstCommit[] = "/_delta_log/";
  std::vector<TableName> names;
  std::string last_location;
  SMELT_RETURN_IF_ERROR(lake_.store->List("", "", [&](const storage::ObjectInfo& info) {
    const size_t log = info.key.find(kFirstCommit);
    if (log == std::string::npos || info.key.starts_with("_smelt/")) return true;
    const std::string location = info.key.substr(0, log);
    if (location == last_location) return true;
    last_location = location;
    std::vector<std::string> parts;
    size_t begin = 0;
    for (size_t slash = location.find('/'); slash != std::string::npos;
         slash = location.find('/', begin)) {
      parts.push_back(location.substr(begin, slash - begin));
      begin = slash + 1;
    }
    parts.push_back(location.substr(begin));
    // Folders of other depths are tables by path only, without a name.
    if (parts.size() != 2 && parts.size() != 3) return true;
    auto name = ResolveName(parts, defaults_);
    if (name.ok()) names.push_back(*std::move(name));
    return true;
  }));
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace smelt::catalog
