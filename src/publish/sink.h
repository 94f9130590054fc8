#pragma once

// A sink: the DynamoDB table that a flow mirrors into, as CREATE SINK .. USING dynamodb and MIRROR
// INTO .. KEYS say it.

#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "dynamodb/client/client.h"

namespace smelt::publish {

// Attributes that belong to the mirror; a source's columns may not begin so.
inline constexpr char kReservedPrefix[] = "_smelt_";
// On every item: who wrote it, as one comparable string (fence.h).
inline constexpr char kFenceAttribute[] = "_smelt_fence";

enum class CapacityMode {
  kNone,  // the table's capacity is left alone
  kAuto,  // raised for the load where the table is provisioned, and given back
};

enum class VerifyMode {
  kAuto,    // kFull up to SinkOptions::full_verify_limit rows, kSample above
  kFull,    // every item is read: their number, and the content of those written
  kSample,  // up to 1,000 written and 1,000 deleted keys are read back
};

// OPTIONS (..) of CREATE SINK.
struct SinkOptions {
  std::string table;
  CapacityMode capacity = CapacityMode::kNone;
  // For a table that is created; unset: on demand.
  std::optional<dynamodb::Throughput> throughput;
  // The most write units a second that kAuto raises to.
  int64_t max_write_units = 4000;
  // Take over a table that holds items written by others: those that are not in the source are
  // deleted.
  bool adopt = false;
  // A publish that would delete more than this share of the items, and more than
  // min_guarded_deletes, is refused.
  double max_delete_share = 0.5;
  int64_t min_guarded_deletes = 1000;
  VerifyMode verify = VerifyMode::kAuto;
  int64_t full_verify_limit = 1'000'000;
};

// From the option texts, names without regard to case: table, capacity ('auto' | 'none'),
// read_capacity and write_capacity, max_write_capacity, adopt, max_delete_share, verify ('auto' |
// 'full' | 'sample'). kInvalidArgument names what is unknown or wrong, and `sink`.
absl::StatusOr<SinkOptions> ParseSinkOptions(const std::string& sink,
                                             const std::map<std::string, std::string>& options);

struct Sink {
  std::string name;
  SinkOptions options;
  dynamodb::KeySchema key;
};

// The key schema of KEYS (partition [, sort]) over the source's columns: STRING gives S, numbers N,
// BINARY B. kInvalidArgument names a column that is missing or of another type, and says what to
// do.
absl::StatusOr<dynamodb::KeySchema> KeySchemaFor(const base::Schema& columns,
                                                 const std::vector<std::string>& keys);

}  // namespace smelt::publish
