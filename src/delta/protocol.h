#pragma once

// What this program can read and write. A table that needs more is refused by the names of the
// features. Pure.

#include <absl/status/status.h>

#include "base/data_type.h"
#include "delta/actions.h"

namespace smelt::delta {

// kUnimplemented, naming every feature that is missing.
absl::Status CheckReadable(const Protocol& protocol, const Metadata& metadata);
// The same for writing; a reader's features bind a writer too. Features of old writer versions (3
// to 6) count only where the table uses them, as the protocol allows.
absl::Status CheckWritable(const Protocol& protocol, const Metadata& metadata,
                           const base::Schema& schema);

// The protocol of a new table: reader 1, writer 2; higher only where the schema needs it
// (timestamp_ntz: 3 and 7).
Protocol ProtocolFor(const base::Schema& schema);
// The least protocol that has all of `current` and all that `schema` needs.
Protocol UpgradeFor(const Protocol& current, const base::Schema& schema);

}  // namespace smelt::delta
