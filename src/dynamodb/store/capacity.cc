#include "dynamodb/store/capacity.h"

#include <algorithm>

namespace smelt::dynamodb::store {
namespace {

double Blocks(int64_t size_bytes, int64_t block_bytes) {
  return static_cast<double>(std::max<int64_t>(1, (size_bytes + block_bytes - 1) / block_bytes));
}

}  // namespace

double WriteUnits(int64_t size_bytes) { return Blocks(size_bytes, 1024); }

double ReadUnits(int64_t size_bytes, bool consistent) {
  return Blocks(size_bytes, 4096) * (consistent ? 1.0 : 0.5);
}

bool WriteCapacity::Take(const Table& table, double units) {
  const TableSpec spec = table.description().spec;
  if (spec.billing != BillingMode::kProvisioned) return true;
  const auto limit = static_cast<double>(spec.throughput.write_units);
  const int64_t now_micros = clock_->MonotonicMicros();
  const auto [found, is_new] =
      buckets_.try_emplace(table.number(), Bucket{.units = limit, .filled_at_micros = now_micros});
  Bucket& bucket = found->second;
  const double elapsed_s = static_cast<double>(now_micros - bucket.filled_at_micros) / 1e6;
  bucket.units = std::min(limit, bucket.units + elapsed_s * limit);
  bucket.filled_at_micros = now_micros;
  if (bucket.units <= 0) return false;
  bucket.units -= units;
  return true;
}

}  // namespace smelt::dynamodb::store
