#pragma once

// What the store is asked and what it answers, as plain data. Expressions come compiled
// (dynamodb/value/expression.h). An expected outcome (a condition that does not hold) is a value,
// not an error.

#include <absl/status/status.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dynamodb/value/expression.h"
#include "dynamodb/value/key_schema.h"
#include "dynamodb/value/value.h"

namespace smelt::dynamodb::store {

enum class BillingMode { kOnDemand, kProvisioned };

// Capacity units a second; zero on demand.
struct Throughput {
  int64_t read_units = 0;
  int64_t write_units = 0;

  friend bool operator==(const Throughput&, const Throughput&) = default;
};

struct TableSpec {
  std::string name;
  KeySchema key;
  BillingMode billing = BillingMode::kOnDemand;
  Throughput throughput;
  bool deletion_protection = false;
};

// Exactly the members that are set change.
struct TableChange {
  std::optional<BillingMode> billing;
  std::optional<Throughput> throughput;
  std::optional<bool> deletion_protection;
};

// A table is ACTIVE from its creation on: there is no machine to wait for.
struct TableDescription {
  TableSpec spec;
  std::string id;  // a UUID, another one for a table that is created again
  int64_t created_at_micros = 0;
  int64_t last_increase_at_micros = 0;  // of throughput; 0: never
  int64_t last_decrease_at_micros = 0;
  int64_t item_count = 0;  // exact, where the service's own is hours old
  int64_t size_bytes = 0;
};

enum class WriteKind { kPut, kDelete };

// One write of one item, by itself: there is no all or nothing among the writes of a batch.
struct WriteOp {
  WriteKind kind = WriteKind::kPut;
  std::string table;
  // kPut: the whole item; kDelete: the key alone. Not copied: it must live until the write is done.
  const Item* item = nullptr;
  std::shared_ptr<const Condition> condition;  // null: always
  // WriteResult::old holds the item that was there: where it was written, where the condition
  // failed.
  bool return_old = false;
  bool return_old_on_failure = false;
};

enum class WriteOutcome {
  kDone,             // on disk
  kConditionFailed,  // nothing was written
  kRefused,          // nothing was written; `status` says why
  kUnknown,          // fault injection only: it was written, and the answer is lost
};

struct WriteResult {
  WriteOutcome outcome = WriteOutcome::kRefused;
  absl::Status status;
  std::optional<Item> old;
  double write_units = 0;
};

struct GetResult {
  std::optional<Item> item;
  double read_units = 0;
};

// What Query and Scan have in common. Null pointers: everything passes, the whole item.
struct PageRequest {
  std::string table;
  std::shared_ptr<const Condition> filter;
  std::shared_ptr<const Projection> projection;
  bool consistent =
      false;  // costs twice the read units; every read sees every write that was acknowledged
  bool count_only = false;
  int64_t limit = 0;  // items examined; 0: as many as make a page
  Item start_after;   // Page::last_key of the page before; empty: from the start
};

struct QueryRequest : PageRequest {
  KeyCondition key;
  bool forward = true;
};

struct ScanRequest : PageRequest {
  int segment = 0;
  int segments = 1;
};

struct Page {
  std::vector<Item> items;  // empty for count_only
  int64_t count = 0;        // items that passed the filter
  int64_t scanned = 0;      // items examined
  Item last_key;            // empty: this was the last page
  double read_units = 0;
};

}  // namespace smelt::dynamodb::store
