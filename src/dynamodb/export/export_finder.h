#pragma once

// FindExports: the exports under a prefix, found and checked by their manifests alone. Data files
// are neither listed nor opened.

#include <absl/status/statusor.h>

#include <functional>
#include <string>
#include <vector>

#include "dynamodb/export/manifest.h"
#include "storage/object_store.h"

namespace smelt::dynamodb {

struct FindOptions {
  // Only exports of this table; empty: of every table.
  std::string table_name;
  // Exports that were read before: nothing of them is opened. May be empty.
  std::function<bool(const std::string& export_id)> is_known;
};

// An export that is there but cannot be read yet, and why.
struct UnfinishedExport {
  std::string id;
  std::string reason;
};

struct FoundExports {
  std::vector<Export> exports;  // oldest first: by export_micros, then by id
  std::vector<UnfinishedExport> unfinished;
  int64_t known_count = 0;  // passed over because is_known said so
};

// `prefix` is the folder that holds AWSDynamoDB/ (or that folder itself, or one export's folder),
// "" the store's root. Files' keys are resolved against it, wherever the bucket's prefix was when
// the export was made.
//
// kDataLoss, naming the file, where a manifest is missing, broken, contradicts its checksum or
// itself; kUnimplemented for a format that cannot be read. An export in progress is no error: see
// `unfinished`. A prefix without any export finds nothing.
absl::StatusOr<FoundExports> FindExports(storage::ObjectStore& store, const std::string& prefix,
                                         const FindOptions& options);

}  // namespace smelt::dynamodb
