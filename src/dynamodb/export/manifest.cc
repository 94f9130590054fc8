#include "dynamodb/export/manifest.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/status.h"

namespace smelt::dynamodb {

namespace {

using base::Json;

// "arn:aws:dynamodb:eu-west-1:123456789012:table/orders" -> "orders"
std::string TableNameOf(const std::string& arn) {
  const size_t table = arn.find(":table/");
  if (table == std::string::npos) return "";
  const size_t begin = table + 7;
  return arn.substr(begin, arn.find('/', begin) - begin);
}

absl::StatusOr<int64_t> TimeField(const Json& object, const char* name, std::string_view what) {
  SMELT_ASSIGN_OR_RETURN(const std::string text, base::StringField(object, name, what));
  const absl::StatusOr<int64_t> micros = base::ParseIsoMicros(text);
  if (!micros.ok()) return base::DataLoss("{}: {} is no time: '{}'", what, name, text);
  return *micros;
}

// A manifest is machine-written: whatever is wrong with one is damage, not the user's input.
absl::Status Damage(const absl::Status& status) {
  if (status.ok() || status.code() == absl::StatusCode::kUnimplemented) return status;
  return absl::Status(absl::StatusCode::kDataLoss, status.message());
}

absl::StatusOr<ManifestSummary> Parse(std::string_view text, std::string_view what) {
  SMELT_ASSIGN_OR_RETURN(const Json object, base::ParseJson(text, what));
  if (!object.is_object()) return base::DataLoss("{} is not a JSON object", what);
  ManifestSummary summary;
  Export& header = summary.header;
  SMELT_ASSIGN_OR_RETURN(header.table_arn, base::StringField(object, "tableArn", what));
  header.table_name = TableNameOf(header.table_arn);
  if (header.table_name.empty()) {
    return base::DataLoss("{}: tableArn names no table: '{}'", what, header.table_arn);
  }
  const std::string format = base::StringOr(object, "outputFormat", "DYNAMODB_JSON");
  if (format != "DYNAMODB_JSON") {
    return base::Unimplemented(
        "{}: the export is in format {}; only DYNAMODB_JSON can be read: export the table again in "
        "that format",
        what, format);
  }
  SMELT_ASSIGN_OR_RETURN(header.item_count, base::IntField(object, "itemCount", what));
  if (header.item_count < 0) return base::DataLoss("{}: itemCount is negative", what);
  SMELT_ASSIGN_OR_RETURN(summary.files_manifest_key,
                         base::StringField(object, "manifestFilesS3Key", what));

  // Exports from before incremental ones existed have no exportType.
  const std::string type = base::StringOr(object, "exportType", "FULL_EXPORT");
  if (type == "FULL_EXPORT") {
    header.kind = ExportKind::kFull;
    SMELT_ASSIGN_OR_RETURN(header.export_micros, TimeField(object, "exportTime", what));
    return summary;
  }
  if (type != "INCREMENTAL_EXPORT") {
    return base::Unimplemented("{}: exportType {} is not known", what, type);
  }
  header.kind = ExportKind::kIncremental;
  SMELT_ASSIGN_OR_RETURN(header.window_start_micros, TimeField(object, "exportFromTime", what));
  SMELT_ASSIGN_OR_RETURN(header.export_micros, TimeField(object, "exportToTime", what));
  const std::string view = base::StringOr(object, "outputView", "NEW_AND_OLD_IMAGES");
  if (view != "NEW_IMAGE" && view != "NEW_AND_OLD_IMAGES") {
    return base::Unimplemented("{}: outputView {} is not known", what, view);
  }
  header.view = view == "NEW_IMAGE" ? OutputView::kNewImage : OutputView::kNewAndOldImages;
  return summary;
}

absl::StatusOr<DataFile> ParseFileLine(std::string_view line, const std::string& what) {
  SMELT_ASSIGN_OR_RETURN(const Json object, base::ParseJson(line, what));
  if (!object.is_object()) return base::DataLoss("{} is not a JSON object", what);
  DataFile file;
  SMELT_ASSIGN_OR_RETURN(file.key, base::StringField(object, "dataFileS3Key", what));
  SMELT_ASSIGN_OR_RETURN(file.item_count, base::IntField(object, "itemCount", what));
  if (file.item_count < 0) return base::DataLoss("{}: itemCount is negative", what);
  SMELT_ASSIGN_OR_RETURN(file.md5_base64, base::StringField(object, "md5Checksum", what));
  return file;
}

}  // namespace

absl::StatusOr<ManifestSummary> ParseManifestSummary(std::string_view text, std::string_view what) {
  absl::StatusOr<ManifestSummary> summary = Parse(text, what);
  if (!summary.ok()) return Damage(summary.status());
  return summary;
}

absl::StatusOr<std::vector<DataFile>> ParseManifestFiles(std::string_view text,
                                                         std::string_view what) {
  std::vector<DataFile> files;
  int line_number = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++line_number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    absl::StatusOr<DataFile> file = ParseFileLine(line, fmt::format("{}:{}", what, line_number));
    if (!file.ok()) return Damage(file.status());
    files.push_back(*std::move(file));
  }
  return files;
}

}  // namespace smelt::dynamodb
