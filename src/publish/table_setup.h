#pragma once

// The table that a sink names: there, active, and with the sink's key.

#include <absl/status/statusor.h>

#include <functional>

#include "base/clock.h"
#include "dynamodb/client/client.h"
#include "publish/sink.h"

namespace smelt::publish {

struct EnsuredTable {
  dynamodb::TableDescription description;
  bool created = false;
};

// Creates the table where there is none, and waits until it is active. kFailedPrecondition where it
// has another key.
absl::StatusOr<EnsuredTable> EnsureTable(dynamodb::Client& client, base::Clock& clock,
                                         const Sink& sink);

// Waits until the table is active; `tick` is called before each look and may stop the waiting.
absl::StatusOr<dynamodb::TableDescription> WaitUntilActive(
    dynamodb::Client& client, base::Clock& clock, const std::string& table,
    const std::function<absl::Status()>& tick);

// kFailedPrecondition names both keys where they differ.
absl::Status CheckKeySchema(const Sink& sink, const dynamodb::TableDescription& table);

// Whether it holds no item at all.
absl::StatusOr<bool> IsEmpty(dynamodb::Client& client, const std::string& table);

}  // namespace smelt::publish
