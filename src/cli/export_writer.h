#pragma once

// Writes a DynamoDB export in the service's own format: gzip data files and the two manifests with
// their checksums. What dynamodb/export reads, and what the service would have written.

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dynamodb/export/manifest.h"
#include "storage/object_store.h"

struct isal_zstream;

namespace smelt::cli {

// One gzip file in memory, compressed as it is appended to. One thread at a time.
class GzipText {
 public:
  GzipText();
  ~GzipText();
  void Append(std::string_view text) { Deflate(text, false); }
  // The whole file.
  std::string Finish();

 private:
  void Deflate(std::string_view text, bool is_last);

  std::unique_ptr<isal_zstream> stream_;
  std::unique_ptr<uint8_t[]> level_buffer_;
  std::string out_;
};

// Writes both manifests of `written` (with its files) below `prefix` ("" or ending in '/'), and the
// mark that it was started.
absl::Status WriteManifests(storage::ObjectStore& store, const std::string& prefix,
                            const dynamodb::Export& written);

}  // namespace smelt::cli
