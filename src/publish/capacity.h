#pragma once

// Write capacity for the load of one publish (capacity = 'auto'). What is to be restored is written
// into the control item before anything is raised, so that a crash leaves a note for whoever comes
// next. Tables on demand are left alone.

#include <absl/status/status.h>

#include <cstdint>

#include "base/clock.h"
#include "dynamodb/client/client.h"
#include "publish/lease.h"
#include "publish/sink.h"

namespace smelt::publish {

// The write units a second that bring `write_units` in about five minutes: no less than `now`, no
// more than `most` (or `now`).
int64_t WriteUnitsFor(double write_units, int64_t now, int64_t most);

// Raises the table's write capacity where the load needs it, and waits until it is there; first
// restores what a publisher before left raised and is not needed now. Call with the lease held.
absl::Status RaiseCapacity(dynamodb::Client& client, base::Clock& clock, const Sink& sink,
                           double write_units, Lease* lease);

// Restores what the control item notes; nothing where it notes nothing. Capacity that somebody else
// has changed meanwhile is left as it is. Call with the lease held.
absl::Status RestoreCapacity(dynamodb::Client& client, base::Clock& clock, const std::string& table,
                             Lease* lease);

}  // namespace smelt::publish
