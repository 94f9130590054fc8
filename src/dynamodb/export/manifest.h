#pragma once

// The manifests of a DynamoDB export to S3 (Developer Guide, "DynamoDB table export output
// format"):
//   <prefix>/AWSDynamoDB/<export-id>/manifest-summary.json   one object: which table, when, how
//   many items <prefix>/AWSDynamoDB/<export-id>/manifest-files.json     one line per data file:
//   key, item count, MD5
// Plain data and pure parsing; export_finder.h does the I/O.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::dynamodb {

enum class ExportKind { kFull, kIncremental };

// What an incremental export's records carry.
enum class OutputView { kNewImage, kNewAndOldImages };

struct DataFile {
  std::string key;  // as the store that the export was found in names it
  int64_t item_count = 0;
  std::string md5_base64;  // of the compressed bytes
};

struct Export {
  std::string id;
  std::string table_name;
  std::string table_arn;
  ExportKind kind = ExportKind::kFull;
  OutputView view = OutputView::kNewAndOldImages;  // incremental only
  // The moment that a full export shows, the end of the window that an incremental one covers.
  int64_t export_micros = 0;
  int64_t window_start_micros = 0;  // incremental only
  int64_t item_count = 0;
  std::string manifest_key;  // of manifest-summary.json
  std::vector<DataFile> files;
};

struct ManifestSummary {
  Export header;                   // without id and files
  std::string files_manifest_key;  // relative to the bucket that the export was written to
};

// `what` names the document in errors. kDataLoss for what is broken or contradicts itself,
// kUnimplemented (naming it) for a format that is not DynamoDB JSON.
absl::StatusOr<ManifestSummary> ParseManifestSummary(std::string_view text, std::string_view what);
absl::StatusOr<std::vector<DataFile>> ParseManifestFiles(std::string_view text,
                                                         std::string_view what);

}  // namespace smelt::dynamodb
