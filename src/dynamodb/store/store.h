#pragma once

// Store: DynamoDB's tables in one SQLite file, with the service's rules, limits and messages.
//
// A write is on disk (fsynced) when Write returns. Writes that arrive together, from one caller or
// from many, share one transaction of the file and so one sync; each keeps its own condition and
// its own outcome, and sees those before it. Reads see every write that was acknowledged before
// they began.
//
// One process owns the file at a time; Open says who does where it is taken.
//
// Errors: kInvalidArgument the service's ValidationException with its message; kNotFound no such
// table (ResourceNotFoundException); kAlreadyExists and kFailedPrecondition ResourceInUseException;
// kResourceExhausted ProvisionedThroughputExceededException; kUnavailable and kInternal the
// service's 503 and 500; kUnimplemented what the store does not do. Thread-safe.

#include <absl/status/statusor.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "dynamodb/store/types.h"

namespace smelt::dynamodb::store {

// Shares of writes, drawn by a seeded generator, that go wrong on purpose.
struct FaultPlan {
  double error_share = 0;        // refused with the service's 500 or 503: nothing is written
  double lost_answer_share = 0;  // written, and answered as kUnknown
  double throttle_share = 0;     // refused with ProvisionedThroughputExceededException
  uint64_t seed = 1;
};

struct StoreOptions {
  base::Clock* clock = base::Clock::Real();
  // Provisioned tables refuse writes beyond their write units a second, with one second of burst.
  bool enforce_throughput = false;
  FaultPlan faults;
};

class Store {
 public:
  // Creates the file, and the folders above it, where they are not there.
  // kFailedPrecondition: another process owns it; the message names that process.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::filesystem::path& file,
                                                     const StoreOptions& options = {});
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  absl::StatusOr<TableDescription> CreateTable(const TableSpec& spec);
  absl::StatusOr<TableDescription> DescribeTable(const std::string& table) const;
  absl::StatusOr<TableDescription> UpdateTable(const std::string& table, const TableChange& change);
  // The description as it was.
  absl::StatusOr<TableDescription> DeleteTable(const std::string& table);
  // In byte order.
  std::vector<std::string> ListTables() const;

  absl::StatusOr<GetResult> GetItem(const std::string& table, const Item& key,
                                    bool consistent = false) const;
  absl::StatusOr<Page> Query(const QueryRequest& request) const;
  absl::StatusOr<Page> Scan(const ScanRequest& request) const;

  // Each write by itself, in order, all in one transaction of the file; results in the order of
  // `ops`.
  std::vector<WriteResult> Write(std::span<const WriteOp> ops);

 private:
  struct Parts;
  explicit Store(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace smelt::dynamodb::store
