#pragma once

// What is asked of DynamoDB and what it answers, as plain data over dynamodb/value: field for field
// the service's API, less what nobody here uses. Expected outcomes (a condition that failed,
// throttling) are values, not errors.

#include <absl/status/status.h>

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dynamodb/value/key_schema.h"
#include "dynamodb/value/value.h"

namespace smelt::dynamodb {

enum class BillingMode { kOnDemand, kProvisioned };

// Capacity units a second.
struct Throughput {
  int64_t read_units = 0;
  int64_t write_units = 0;

  friend bool operator==(const Throughput&, const Throughput&) = default;
};

struct CreateTableRequest {
  std::string table;
  KeySchema key;
  // Nullopt: on demand.
  std::optional<Throughput> throughput;
};

// Exactly the members that are set change.
struct UpdateTableRequest {
  std::string table;
  std::optional<BillingMode> billing;
  std::optional<Throughput>
      throughput;  // with billing kProvisioned, or unset where the table is that already
};

enum class TableStatus { kCreating, kUpdating, kActive, kDeleting, kOther };

struct TableDescription {
  std::string table;
  TableStatus status = TableStatus::kActive;
  KeySchema key;
  BillingMode billing = BillingMode::kOnDemand;
  Throughput throughput;   // zero on demand
  int64_t item_count = 0;  // the service's own estimate, hours old
  int64_t size_bytes = 0;  // likewise
};

// An expression with its placeholders: "#f" -> "_smelt_fence", ":mine" -> a value.
struct Expression {
  std::string text;
  std::map<std::string, std::string> names;
  Item values;
};

enum class WriteKind { kPut, kDelete };

// One conditional write. Conditions are shared: thousands of operations point at one.
struct WriteOp {
  WriteKind kind = WriteKind::kPut;
  std::string table;
  Item item;  // kPut: the whole item; kDelete: the key alone
  std::shared_ptr<const Expression> condition;
  // Where the condition fails, WriteResult::existing holds the item that is there.
  bool return_existing = false;
};

enum class WriteOutcome {
  kDone,
  kConditionFailed,
  kThrottled,     // still throttled when the retries were used up: nothing was written
  kNotAttempted,  // stop_at_micros came first: nothing was written
  kUnknown,       // the answer was lost, and the retries were used up: it may have been written
  // Refused: nothing was written. `status` says why; kUnavailable and kInternal (the service's 503
  // and 500) may pass.
  kFailed,
};

struct WriteResult {
  WriteOutcome outcome = WriteOutcome::kNotAttempted;
  double write_units = 0;
  int64_t retries = 0;           // attempts beyond the first
  std::optional<Item> existing;  // see WriteOp::return_existing
  absl::Status status;           // not OK for kThrottled, kUnknown and kFailed
};

struct WriteManyOptions {
  int max_in_flight = 32;
  // By Clock::MonotonicMicros of the client's clock: no request begins after this, and none that
  // has begun can take effect later than the client's request timeout after it.
  int64_t stop_at_micros = std::numeric_limits<int64_t>::max();
};

struct GetItemRequest {
  std::string table;
  Item key;
  bool consistent = false;
};

struct QueryRequest {
  std::string table;
  Expression key_condition;
  // Its names and values join those of key_condition.
  std::optional<Expression> filter;
  bool consistent = false;
  bool forward = true;
  int64_t limit = 0;  // items examined; 0: a full page of 1 MB
  Item start_after;   // Page::last_key of the page before; empty: from the start
  bool count_only = false;
};

struct ScanRequest {
  std::string table;
  std::optional<Expression> filter;
  std::vector<std::string> attributes;  // top-level names to return; empty: all
  bool consistent = false;
  int64_t limit = 0;
  Item start_after;
  int segment = 0;
  int segments = 1;
  bool count_only = false;
};

struct Page {
  std::vector<Item> items;  // empty for count_only
  int64_t count = 0;        // items that passed the filter
  int64_t scanned = 0;      // items examined
  Item last_key;            // empty: this was the last page
  double read_units = 0;
};

}  // namespace smelt::dynamodb
