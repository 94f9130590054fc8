#pragma once

// What the engine hands to the publisher: the rows that are new, changed or gone between the states
// that the table may be at (the bases) and the state to publish, as items.

#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "dynamodb/client/client.h"

namespace smelt::publish {

// A state of a mirror's source: which question, over which versions. Two equal states hold the same
// rows.
struct SourceState {
  // Identifies query text, key columns and column types; compared, never read. A digest will do.
  std::string definition;
  // Delta table id -> version, for every table that the query reads.
  std::map<std::string, int64_t> versions;

  friend bool operator==(const SourceState&, const SourceState&) = default;
};

enum class ChangeKind { kPut, kDelete };

struct ItemChange {
  ChangeKind kind = ChangeKind::kPut;
  dynamodb::Item item;  // kPut: the whole item (row_item.h); kDelete: the key alone
};

// The changes of one publish, in batches. With bases B1..Bn and target T: a put for each row of T
// that is not the same in every base, a delete for each key that is in any base and not in T.
// Without bases: a put for every row of T and no deletes (the publisher finds what is gone by
// scanning). A key comes at most once. Used by one thread.
class DiffSource {
 public:
  virtual ~DiffSource() = default;

  // Fills `batch` with the next changes, some thousands; leaves it empty at the end.
  virtual absl::Status Next(std::vector<ItemChange>* batch) = 0;
  // Starts again: the same changes in any order. The publisher reads all of them to check them
  // before its first write.
  virtual absl::Status Rewind() = 0;
  // Rows of T that need no put.
  virtual int64_t unchanged() const = 0;
};

}  // namespace smelt::publish
