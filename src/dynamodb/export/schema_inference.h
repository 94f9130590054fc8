#pragma once

// InferAttributes: the columns that hold every attribute of a set of exports, from all their items,
// in one parallel pass.
//
// Over time a column never changes its type, for a Delta table of the default protocol cannot:
// `previous` columns stay as they are, in their order, structs in them gain members at their end;
// new attributes follow, sorted by name. A value that does not fit the column it has is rescued
// when read. Hints name columns and give their types, before anything seen.
//
// Of attributes that differ in case alone the first by bytes becomes the column and the others are
// rescued, as are attributes with a system column's name.

#include <absl/status/statusor.h>

#include <vector>

#include "base/data_type.h"
#include "dynamodb/export/manifest.h"
#include "storage/object_store.h"

namespace smelt::dynamodb {

struct InferenceOptions {
  base::Schema previous;
  base::Schema hints;
  int threads = 1;
};

// kDataLoss where a data file is missing, cut short or corrupt. Lines that are no items are passed
// over.
absl::StatusOr<base::Schema> InferAttributes(storage::ObjectStore& store,
                                             const std::vector<Export>& exports,
                                             const InferenceOptions& options);

// The rule that InferAttributes goes by, apart from any data: `seen` added to `previous`.
base::Schema MergeAttributes(const base::Schema& previous, const base::Schema& hints,
                             const base::Schema& seen);

}  // namespace smelt::dynamodb
