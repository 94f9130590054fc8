#include <algorithm>

#include "base/status.h"
#include "engine/duckdb/sources/export_scan.h"

namespace smelt::duck {

ExportScan::~ExportScan() { Release(); }

ExportScan& ExportScan::operator=(ExportScan&& other) noexcept {
  if (this != &other) {
    Release();
    registry_ = std::move(other.registry_);
    id_ = std::move(other.id_);
    scan_ = std::move(other.scan_);
  }
  return *this;
}

void ExportScan::Release() {
  if (registry_) registry_->Remove(id_);
  registry_.reset();
}

std::string ExportScan::Sql() const { return fmt::format("smelt_export_scan('{}')", id_); }

ExportScanCounts ExportScan::counts() const {
  if (scan_ == nullptr) return {};
  return {.rows = scan_->rows, .bad_lines = scan_->bad_lines, .files = scan_->files_done};
}

absl::Status ExportScan::CheckDelivered() const {
  if (scan_ == nullptr) return absl::OkStatus();
  const std::lock_guard<std::mutex> lock(scan_->mutex);
  return scan_->undelivered;
}

ExportScan ExportScanRegistry::Add(ExportScanSpec spec) {
  auto scan = std::make_shared<RegisteredExportScan>();
  scan->spec = std::move(spec);
  for (const dynamodb::Export& found : scan->spec.exports) {
    scan->item_count += found.item_count;
    for (const dynamodb::DataFile& file : found.files) scan->files.push_back({&found, &file});
  }
  // So that the last file to finish is a small one.
  std::stable_sort(scan->files.begin(), scan->files.end(), [](const auto& a, const auto& b) {
    return a.file->item_count > b.file->item_count;
  });
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::string id = std::to_string(next_id_++);
  scans_.emplace(id, scan);
  return ExportScan(shared_from_this(), id, std::move(scan));
}

absl::StatusOr<std::shared_ptr<RegisteredExportScan>> ExportScanRegistry::Find(
    const std::string& id) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = scans_.find(id);
  if (found == scans_.end()) return base::NotFound("no export scan '{}' is registered", id);
  return found->second;
}

void ExportScanRegistry::Remove(const std::string& id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  scans_.erase(id);
}

}  // namespace smelt::duck
