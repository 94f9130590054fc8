#pragma once

// ExportReader: one data file of an export as batches of typed columns, in bounded memory. One
// thread at a time; many readers may share a store.
//
// A line that is not an item (no JSON, no DynamoDB JSON, bad UTF-8, an attribute twice, nested
// deeper than 32, too long) is still a row: attributes NULL, the raw text in _rescued_data, file
// and line in _metadata. What makes the file as a whole untrustworthy (missing, cut short, corrupt,
// another MD5 or count than the manifest's) is kDataLoss naming the file and the line reached; rows
// handed out before belong to a read that failed.

#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "dynamodb/export/column.h"
#include "dynamodb/export/export_row.h"
#include "dynamodb/export/gzip_lines.h"
#include "dynamodb/export/manifest.h"
#include "dynamodb/export/text_arena.h"
#include "storage/object_store.h"

namespace smelt::dynamodb {

struct ReadOptions {
  // A bad line fails the read with kDataLoss instead of becoming a row.
  bool fail_on_bad_line = false;
};

// The texts that every row's _metadata repeats.
struct FileTexts {
  std::string path;
  std::string name;
  std::string export_id;
};

// What keeps a batch's texts alive. Whoever keeps a TextRef keeps this.
struct BatchMemory {
  std::vector<std::shared_ptr<TextBlock>> blocks;
  std::shared_ptr<const FileTexts> file;
  TextArena arena;
};

struct Batch {
  size_t rows = 0;
  // The projected columns, in the order of the projection.
  std::vector<Column> columns;
  std::shared_ptr<BatchMemory> memory;
};

class ExportReader {
 public:
  static constexpr size_t kBatchRows = 2048;

  // `projection`: positions in ExportRowSchema(attributes). `found` and the store must outlive the
  // reader.
  static absl::StatusOr<std::unique_ptr<ExportReader>> Open(storage::ObjectStore& store,
                                                            const Export& found,
                                                            const DataFile& file,
                                                            const base::Schema& attributes,
                                                            const std::vector<size_t>& projection,
                                                            const ReadOptions& options);
  virtual ~ExportReader() = default;

  // Replaces the batch's rows; zero rows at the end of the file, which by then has been checked
  // against its manifest.
  virtual absl::Status Next(Batch* batch) = 0;

  virtual int64_t rows() const = 0;       // delivered so far
  virtual int64_t bad_lines() const = 0;  // of them
};

}  // namespace smelt::dynamodb
