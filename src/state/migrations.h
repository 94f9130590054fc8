#pragma once

// A file's schema has a version (PRAGMA user_version): how many of its owner's migrations it has
// been through. Opening brings it up to date, each migration in a transaction with its version, so
// that a crash leaves one version or the other.

#include <absl/status/status.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "state/database.h"

namespace smelt::state {

// `application_id` marks the file as its owner's, so that one kind of file is not taken for
// another. `migrations` only ever grows at its end. kFailedPrecondition: the file is another
// application's, or a newer version's.
absl::Status Migrate(Database* database, int32_t application_id,
                     std::span<const std::string_view> migrations);

}  // namespace smelt::state
