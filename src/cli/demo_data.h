#pragma once

// The demo's source data, as a DynamoDB table of transactions would give it: a full export, then an
// incremental export of the day after with new, changed, deleted and re-sent items, and the
// customers' dimension as CSV. The same bytes every time. Thread-safe.
// The room links liblzma and ISA-L for it.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "cli/retail_csv.h"
#include "cli/retail_items.h"
#include "storage/object_store.h"

namespace smelt::cli {

struct DemoExport {
  std::string id;
  int64_t items = 0;    // of a full export: all; of an incremental one: the records below
  int64_t inserts = 0;  // re-sent ones are among them
  int64_t resent = 0;   // transactions seen before, under a new event id
  int64_t updates = 0;
  int64_t deletes = 0;
  int64_t compressed_bytes = 0;
};

class DemoData {
 public:
  // Unpacks the data set that the program carries.
  static absl::StatusOr<DemoData> Load();
  explicit DemoData(RetailCsv csv) : csv_(std::move(csv)) {}

  // Writes an export below `prefix` (which ends in '/', or is empty) of the store: prefix +
  // "AWSDynamoDB/..".
  absl::StatusOr<DemoExport> WriteFullExport(storage::ObjectStore& store, const std::string& prefix,
                                             int threads) const;
  absl::StatusOr<DemoExport> WriteIncrement(storage::ObjectStore& store, const std::string& prefix,
                                            int threads) const;
  // customer_id, segment, region, country; about one customer in a hundred is not in it yet.
  // Returns their number.
  absl::StatusOr<int64_t> WriteCustomers(storage::ObjectStore& store, const std::string& key) const;

 private:
  RetailCsv csv_;
};

}  // namespace smelt::cli
