#pragma once

// The tables of a lake by name: where they lie and their newest snapshot, read once and then only
// followed. Every look-up is made for a Principal; grants come with the catalog's own tables later.
// Thread-safe.

#include <absl/status/statusor.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "catalog/table_name.h"
#include "delta/snapshot.h"
#include "delta/table.h"

namespace smelt::catalog {

// Whoever asks. The one principal of a laptop is its user.
struct Principal {
  std::string name;
};

class Catalog {
 public:
  // `lake` gives store, Parquet and clock of every table; its root is not used.
  Catalog(delta::Table lake, NameDefaults defaults)
      : lake_(std::move(lake)), defaults_(std::move(defaults)) {}

  const NameDefaults& defaults() const { return defaults_; }
  const delta::Table& lake() const { return lake_; }

  delta::Table TableAt(const std::string& location) const;
  delta::Table TableOf(const TableName& name) const;

  // The newest snapshot; nullopt where no such table exists.
  absl::StatusOr<std::optional<delta::Snapshot::Ptr>> Find(const TableName& name,
                                                           const Principal& principal);
  // The same by the table's folder, for the lake's own tables.
  absl::StatusOr<std::optional<delta::Snapshot::Ptr>> FindAt(const std::string& location);

  // Every table of the lake, in order of names: for suggestions and listings.
  absl::StatusOr<std::vector<TableName>> List(const Principal& principal);

 private:
  const delta::Table lake_;
  const NameDefaults defaults_;
  std::mutex mutex_;
  std::map<std::string, delta::Snapshot::Ptr> snapshots_;  // by location
};

}  // namespace smelt::catalog
