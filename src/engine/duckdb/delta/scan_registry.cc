#include <utility>

#include "base/status.h"
#include "delta/paths.h"
#include "delta/stats.h"
#include "engine/duckdb/delta/delta_scan.h"

namespace smelt::duck {

const std::vector<std::optional<int64_t>>& RegisteredScan::NumRecords() {
  std::call_once(num_records_once_, [this] {
    num_records_.reserve(spec.files.size());
    for (const auto& file : spec.files) num_records_.push_back(delta::NumRecords(file->stats));
  });
  return num_records_;
}

Scan::~Scan() {
  if (registry_ != nullptr) registry_->Remove(id_);
}

Scan::Scan(Scan&& other) noexcept
    : registry_(std::exchange(other.registry_, nullptr)),
      id_(std::move(other.id_)),
      scan_(std::move(other.scan_)) {}

Scan& Scan::operator=(Scan&& other) noexcept {
  std::swap(registry_, other.registry_);
  std::swap(id_, other.id_);
  std::swap(scan_, other.scan_);
  return *this;
}

std::string Scan::Sql() const { return fmt::format("smelt_delta_scan('{}')", id_); }

ScanCounts Scan::counts() const {
  if (scan_ == nullptr) return {};
  return {.files = static_cast<int64_t>(scan_->spec.files.size()),
          .candidates = scan_->candidates,
          .opened = scan_->opened};
}

absl::StatusOr<Scan> ScanRegistry::Add(ScanSpec spec) {
  auto scan = std::make_shared<RegisteredScan>();
  SMELT_ASSIGN_OR_RETURN(storage::ObjectStore * store, stores_->Find(spec.store_id));
  const delta::Table table{.store = store, .root = spec.table_root};
  scan->urls.reserve(spec.files.size());
  for (const auto& file : spec.files) {
    if (file->deletion_vector.has_value()) {
      return base::Unimplemented(
          "table {}: data file '{}' has a deletion vector, which cannot be read yet",
          spec.table_name, file->path);
    }
    SMELT_ASSIGN_OR_RETURN(const std::string key, delta::DataFileKey(table, file->path));
    scan->urls.push_back(StoreUrl(spec.store_id, key));
  }
  scan->spec = std::move(spec);
  std::lock_guard lock(mutex_);
  std::string id = std::to_string(next_id_++);
  scans_.emplace(id, scan);
  return Scan(this, std::move(id), std::move(scan));
}

absl::StatusOr<std::shared_ptr<RegisteredScan>> ScanRegistry::Find(const std::string& id) const {
  std::lock_guard lock(mutex_);
  const auto entry = scans_.find(id);
  if (entry == scans_.end()) return base::NotFound("no Delta scan has the id '{}'", id);
  return entry->second;
}

void ScanRegistry::Remove(const std::string& id) {
  std::lock_guard lock(mutex_);
  scans_.erase(id);
}

}  // namespace smelt::duck
