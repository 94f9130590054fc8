#pragma once

// AUTO CDC as SQL: which events win over each other and over what the key state knows, and what
// that means for the target.
//
// The batch's temporary table holds the events with the columns of rules.h, kSequenceColumn and
// kDeleteColumn. The key state (a Delta table) holds one row for every event that ever won: keys,
// sequence, deleted, row_hash; the greatest of a key, in that order, is its state. Of equal
// sequences a deletion wins, then the greater row hash, so that the order of arrival does not
// matter. Pure text; thread-safe.

#include <string>
#include <vector>

#include "base/data_type.h"

namespace smelt::duck {

inline constexpr char kSequenceColumn[] = "__smelt_sequence";
inline constexpr char kDeleteColumn[] = "__smelt_delete";

// Columns of the key state behind the keys.
inline constexpr char kStateSequence[] = "sequence";
inline constexpr char kStateDeleted[] = "deleted";
inline constexpr char kStateRowHash[] = "row_hash";

struct UpsertNames {
  std::vector<std::string> keys;
  base::Schema columns;  // of the target, in order
  std::string batch;     // temporary table of the events
  std::string winners;   // to be made: one event a key
  std::string known;     // to be made: the state of the winners' keys
  std::string applied;   // to be made: the events that change something
  std::string passes;    // condition: the event passed the rules
};

// Statements that make `winners`, and of them and the state's FROM item (empty: there is no state
// yet) `known` and `applied`.
std::vector<std::string> SelectWinners(const UpsertNames& names, const std::string& state_from);

// One row: events applied; of them inserted, updated, deleted; keys that leave the target's rows
// (updated, or deleted while there).
std::string AppliedCounts(const UpsertNames& names);

// Events without a key or without a sequence: they cannot be ordered.
std::string UnorderableCount(const UpsertNames& names);

// The target's new rows.
std::string NewRows(const UpsertNames& names);
// The keys whose rows the target holds and that change or go.
std::string ReplacedKeys(const UpsertNames& names);
// The rows of `from` that stay.
std::string KeptRows(const UpsertNames& names, const std::string& from);
// New rows for the key state.
std::string StateRows(const UpsertNames& names);
// The key state with only the last row of each key, new rows included.
std::string CompactedState(const UpsertNames& names, const std::string& state_from);

}  // namespace smelt::duck
