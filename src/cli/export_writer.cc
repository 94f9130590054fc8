#include "cli/export_writer.h"

#include <isa-l/igzip_lib.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/status.h"

namespace smelt::cli {

namespace {

constexpr size_t kOutputStepBytes = 256 << 10;

absl::Status PutWithMd5(storage::ObjectStore& store, const std::string& key,
                        const std::string& text) {
  SMELT_RETURN_IF_ERROR(store.Put(key + ".json", text, storage::PutMode::kOverwrite));
  return store.Put(key + ".md5", base::Base64Encode(base::Md5(text)), storage::PutMode::kOverwrite);
}

}  // namespace

GzipText::GzipText()
    : stream_(std::make_unique<isal_zstream>()),
      level_buffer_(std::make_unique_for_overwrite<uint8_t[]>(ISAL_DEF_LVL1_DEFAULT)) {
  isal_deflate_init(stream_.get());
  stream_->level = 1;
  stream_->level_buf = level_buffer_.get();
  stream_->level_buf_size = ISAL_DEF_LVL1_DEFAULT;
  stream_->gzip_flag = IGZIP_GZIP;
}

GzipText::~GzipText() = default;

void GzipText::Deflate(std::string_view text, bool is_last) {
  stream_->next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  stream_->avail_in = static_cast<uint32_t>(text.size());
  stream_->end_of_stream = is_last ? 1 : 0;
  do {
    const size_t used = out_.size();
    out_.resize(used + kOutputStepBytes);
    stream_->next_out = reinterpret_cast<uint8_t*>(out_.data() + used);
    stream_->avail_out = kOutputStepBytes;
    SMELT_CHECK(isal_deflate(stream_.get()) == COMP_OK);
    out_.resize(out_.size() - stream_->avail_out);
  } while (stream_->avail_out == 0);
  SMELT_CHECK(stream_->avail_in == 0);
}

std::string GzipText::Finish() {
  Deflate("", true);
  return std::move(out_);
}

absl::Status WriteManifests(storage::ObjectStore& store, const std::string& prefix,
                            const dynamodb::Export& written) {
  const bool is_full = written.kind == dynamodb::ExportKind::kFull;
  const std::string folder = "AWSDynamoDB/" + written.id + "/";
  std::string lines;
  for (const dynamodb::DataFile& file : written.files) {
    lines += base::Json{{"itemCount", file.item_count},
                        {"md5Checksum", file.md5_base64},
                        {"dataFileS3Key", file.key}}
                 .dump() +
             "\n";
  }
  base::OrderedJson summary = {{"version", is_full ? "2020-06-30" : "2023-08-01"},
                               {"exportArn", written.table_arn + "/export/" + written.id},
                               {"tableArn", written.table_arn}};
  if (is_full) {
    summary["exportTime"] = base::FormatIsoMillis(written.export_micros);
  } else {
    summary["exportFromTime"] = base::FormatIsoMillis(written.window_start_micros);
    summary["exportToTime"] = base::FormatIsoMillis(written.export_micros);
  }
  summary["s3Bucket"] = "exports";
  summary["s3Prefix"] = nullptr;
  summary["manifestFilesS3Key"] = folder + "manifest-files.json";
  summary["itemCount"] = written.item_count;
  summary["outputFormat"] = "DYNAMODB_JSON";
  if (!is_full) {
    summary["outputView"] =
        written.view == dynamodb::OutputView::kNewImage ? "NEW_IMAGE" : "NEW_AND_OLD_IMAGES";
  }
  summary["exportType"] = is_full ? "FULL_EXPORT" : "INCREMENTAL_EXPORT";

  SMELT_RETURN_IF_ERROR(store.Put(prefix + folder + "_started", "", storage::PutMode::kOverwrite));
  SMELT_RETURN_IF_ERROR(PutWithMd5(store, prefix + folder + "manifest-files", lines));
  // The summary comes last: it is what says that the export is complete.
  return PutWithMd5(store, prefix + folder + "manifest-summary", summary.dump());
}

}  // namespace smelt::cli
