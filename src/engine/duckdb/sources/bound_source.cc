#include "engine/duckdb/sources/bound_source.h"

#include <algorithm>
#include <set>

#include "base/status.h"
#include "dynamodb/export/export_finder.h"
#include "dynamodb/export/export_row.h"
#include "dynamodb/export/schema_inference.h"
#include "engine/duckdb/sources/export_scan.h"
#include "engine/duckdb/sources/file_listing.h"
#include "engine/duckdb/sources/file_query.h"
#include "engine/duckdb/sources/source_options.h"
#include "storage/disk_store.h"

namespace smelt::duck {

class SourceRegistry {
 public:
  Database* database = nullptr;
  std::shared_ptr<ExportScanRegistry> exports;
};

struct BoundSource::State {
  FromItem from;
  base::Schema attributes;
  ExportScan scan;                               // of exports
  std::unique_ptr<storage::ObjectStore> store;   // of files
  std::unique_ptr<TemporaryStore> registration;  // of the store, so it goes first
};

BoundSource::BoundSource(std::shared_ptr<State> state) : state_(std::move(state)) {}

const FromItem& BoundSource::from() const { return state_->from; }

const base::Schema& BoundSource::attributes() const { return state_->attributes; }

absl::Status BoundSource::CheckDelivered() const { return state_->scan.CheckDelivered(); }

absl::StatusOr<std::shared_ptr<SourceRegistry>> RegisterSources(Database& database) {
  auto registry = std::make_shared<SourceRegistry>();
  registry->database = &database;
  SMELT_ASSIGN_OR_RETURN(registry->exports, RegisterExportScan(database));
  return registry;
}

absl::StatusOr<BoundSource> BindExports(SourceRegistry& registry, const engine::ExportInput& input,
                                        const base::Schema& previous, int threads) {
  SMELT_ASSIGN_OR_RETURN(const ExportOptions options, ParseExportOptions(input.options));
  const SplitPath split = SplitExportPath(input.prefix);
  ExportScanSpec spec;
  spec.store = std::make_shared<storage::DiskStore>(split.root);
  spec.options = options.read;

  // Only the batch's own manifests are opened.
  const std::set<std::string> wanted(input.export_ids.begin(), input.export_ids.end());
  if (!wanted.empty()) {
    dynamodb::FindOptions find;
    find.is_known = [&](const std::string& id) { return !wanted.contains(id); };
    SMELT_ASSIGN_OR_RETURN(dynamodb::FoundExports found,
                           dynamodb::FindExports(*spec.store, split.pattern, find));
    spec.exports = std::move(found.exports);
  }
  for (const std::string& id : input.export_ids) {
    const bool is_there = std::any_of(spec.exports.begin(), spec.exports.end(),
                                      [&](const dynamodb::Export& one) { return one.id == id; });
    if (!is_there) {
      return base::DataLoss("export {} was found at '{}' when the batch was planned, and is gone",
                            id, input.prefix);
    }
  }
  dynamodb::InferenceOptions inference;
  inference.previous = previous;
  inference.hints = options.hints;
  inference.threads = threads;
  SMELT_ASSIGN_OR_RETURN(spec.attributes,
                         dynamodb::InferAttributes(*spec.store, spec.exports, inference));
  auto state = std::make_shared<BoundSource::State>();
  state->attributes = spec.attributes;
  state->scan = registry.exports->Add(std::move(spec));
  // _metadata is a virtual column of the scan, which * leaves out by itself.
  state->from = {state->scan.Sql(), {}};
  return BoundSource(std::move(state));
}

absl::StatusOr<BoundSource> BindFiles(SourceRegistry& registry, const engine::FilesInput& input) {
  SMELT_ASSIGN_OR_RETURN(const FileOptions options, ParseFileOptions(input.options));
  // A stream without new files still has the columns that the earlier ones gave it.
  const bool is_idle = input.files.empty();
  const std::vector<engine::FilesInput::File>& read = is_idle ? input.taken_files : input.files;
  if (read.empty()) return base::NotFound("read_files: there is no file at '{}'", input.path);

  // The folder that all files are below.
  std::string root = read[0].path.substr(0, read[0].path.rfind('/') + 1);
  for (const engine::FilesInput::File& file : read) {
    while (!file.path.starts_with(root))
      root = root.substr(0, root.rfind('/', root.size() - 2) + 1);
  }
  auto state = std::make_shared<BoundSource::State>();
  state->store = std::make_unique<storage::DiskStore>(
      root.size() > 1 ? root.substr(0, root.size() - 1) : root);
  state->registration =
      std::make_unique<TemporaryStore>(&registry.database->stores(), state->store.get());
  std::vector<SourceFile> files;
  for (const engine::FilesInput::File& file : read) {
    files.push_back({StoreUrl(state->registration->id(), file.path.substr(root.size())), file.path,
                     file.size_bytes, file.modified_micros});
  }
  SMELT_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection,
                         registry.database->Connect());
  SMELT_ASSIGN_OR_RETURN(const FileQuery query, PlanFileQuery(*connection, files, options));
  state->from = {is_idle ? "(SELECT * FROM " + query.sql + " WHERE false)" : query.sql,
                 {dynamodb::kMetadataColumn}};
  return BoundSource(std::move(state));
}

}  // namespace smelt::duck
