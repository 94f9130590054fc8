#pragma once

// SourceFinder: what there is to read behind a table function of a query, found without reading it:
// exports by their manifests, files by a listing. Implemented beside the engine, since it is the
// engine that reads them. Thread-safe.

#include <absl/status/statusor.h>

#include <variant>

#include "engine/source_call.h"
#include "engine/step.h"

namespace smelt::engine {

using FoundSource = std::variant<ExportInput, FilesInput>;

class SourceFinder {
 public:
  virtual ~SourceFinder() = default;

  // What the call reads beyond `taken` (what earlier batches of the flow read; nullptr: nothing).
  // kInvalidArgument names a wrong argument, kUnimplemented a function or option that is known and
  // not supported.
  virtual absl::StatusOr<FoundSource> Find(const SourceCall& call, const Input* taken) = 0;
};

}  // namespace smelt::engine
