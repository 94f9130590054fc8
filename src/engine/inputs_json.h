#pragma once

// Bound inputs as JSON: how a plan entry keeps them, and how they come back when a batch is
// repeated or the next one asks where the last one ended.

#include <absl/status/statusor.h>

#include <vector>

#include "base/json.h"
#include "engine/step.h"

namespace smelt::engine {

base::Json InputsToJson(const std::vector<Input>& inputs);
absl::StatusOr<std::vector<Input>> InputsFromJson(const base::Json& json);

}  // namespace smelt::engine
