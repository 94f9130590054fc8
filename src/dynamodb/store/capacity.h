#pragma once

// Capacity units by the service's rules, and the bucket that refuses what goes beyond a table's.
// Source: Developer Guide, "Read/write capacity mode".

#include <absl/container/flat_hash_map.h>

#include <cstdint>

#include "base/clock.h"
#include "dynamodb/store/table.h"

namespace smelt::dynamodb::store {

// One for each KB begun, at least one.
double WriteUnits(int64_t size_bytes);
// One for each 4 KB begun, at least one; half of it where the read may be stale.
double ReadUnits(int64_t size_bytes, bool consistent);

// A token bucket for each provisioned table, filled at its write units a second, with one second of
// burst. A write that finds anything in it passes, and may leave it in debt: an item of 400 KB gets
// through a table of one unit, in time. One thread's at a time.
class WriteCapacity {
 public:
  explicit WriteCapacity(base::Clock* clock) : clock_(clock) {}

  bool Take(const Table& table, double units);

 private:
  struct Bucket {
    double units = 0;
    int64_t filled_at_micros = 0;
  };

  base::Clock* clock_;
  absl::flat_hash_map<int64_t, Bucket> buckets_;  // by the table's number
};

}  // namespace smelt::dynamodb::store
