#include "engine/duckdb/sources/source_finder.h"

#include <algorithm>
#include <set>

#include "base/status.h"
#include "dynamodb/export/export_finder.h"
#include "engine/duckdb/sources/file_listing.h"
#include "engine/duckdb/sources/source_options.h"
#include "storage/disk_store.h"

namespace smelt::duck {

namespace {

// The one positional argument.
absl::StatusOr<std::string> PathArgument(const engine::SourceCall& call) {
  if (call.positional.size() == 1) return ResolveLocalPath(call.positional[0], call.folder);
  return base::InvalidArgument(
      "{} takes one path and options by name (option => value), not {} paths", call.function,
      call.positional.size());
}

template <typename Input>
const Input* TakenOf(const engine::Input* taken) {
  return taken == nullptr ? nullptr : std::get_if<Input>(&taken->source);
}

absl::StatusOr<engine::FoundSource> FindExportInput(const engine::SourceCall& call,
                                                    const engine::ExportInput* taken) {
  engine::ExportInput input;
  SMELT_ASSIGN_OR_RETURN(input.prefix, PathArgument(call));
  SMELT_ASSIGN_OR_RETURN(const ExportOptions options, ParseExportOptions(call.named));
  input.table = options.table;
  input.options = call.named;
  if (taken != nullptr) {
    input.taken_ids = taken->taken_ids;
    input.taken_ids.insert(input.taken_ids.end(), taken->export_ids.begin(),
                           taken->export_ids.end());
  }
  const std::set<std::string> known(input.taken_ids.begin(), input.taken_ids.end());
  const SplitPath split = SplitExportPath(input.prefix);
  storage::DiskStore store(split.root);
  dynamodb::FindOptions find;
  find.table_name = options.table;
  find.is_known = [&](const std::string& id) { return known.contains(id); };
  SMELT_ASSIGN_OR_RETURN(const dynamodb::FoundExports found,
                         dynamodb::FindExports(store, split.pattern, find));
  for (const dynamodb::Export& one : found.exports) {
    if (one.table_name != found.exports[0].table_name) {
      return base::InvalidArgument(
          "{} holds exports of several tables ({}, {}): say which with table => '..'", input.prefix,
          found.exports[0].table_name, one.table_name);
    }
    input.export_ids.push_back(one.id);
    input.item_count += one.item_count;
  }
  for (const dynamodb::UnfinishedExport& unfinished : found.unfinished) {
    input.notes.push_back(fmt::format("export {}: {}", unfinished.id, unfinished.reason));
  }
  if (input.export_ids.empty() && input.notes.empty() && known.empty()) {
    return base::NotFound(
        "{}: there is no export{} at '{}' (looked for AWSDynamoDB/<id>/manifest-summary.json)",
        call.function, options.table.empty() ? "" : " of table " + options.table, input.prefix);
  }
  return engine::FoundSource(std::move(input));
}

absl::StatusOr<engine::FoundSource> FindFilesInput(const engine::SourceCall& call,
                                                   const engine::FilesInput* taken) {
  engine::FilesInput input;
  SMELT_ASSIGN_OR_RETURN(const std::string path, PathArgument(call));
  SMELT_ASSIGN_OR_RETURN(const FileOptions options, ParseFileOptions(call.named));
  input.path = call.positional[0];
  input.options = call.named;
  input.is_stream = call.is_stream;
  if (taken != nullptr && call.is_stream) {
    input.taken_files = taken->taken_files;
    input.taken_files.insert(input.taken_files.end(), taken->files.begin(), taken->files.end());
  }
  std::set<std::string> known;
  for (const engine::FilesInput::File& file : input.taken_files) known.insert(file.path);

  const SplitPath split = SplitLocalPath(path);
  storage::DiskStore store(split.root);
  SMELT_ASSIGN_OR_RETURN(const std::vector<storage::ObjectInfo> files,
                         ListFiles(store, split.pattern, options.name_pattern));
  const std::string folder = split.root == "/" ? "/" : split.root + "/";
  for (const storage::ObjectInfo& file : files) {
    if (known.contains(folder + file.key)) continue;
    input.files.push_back({folder + file.key, file.size_bytes, file.modified_micros});
  }
  if (files.empty() && known.empty()) {
    return base::NotFound("{}: there is no file at '{}'", call.function, path);
  }
  return engine::FoundSource(std::move(input));
}

}  // namespace

absl::StatusOr<engine::FoundSource> DiskSourceFinder::Find(const engine::SourceCall& call,
                                                           const engine::Input* taken) {
  if (call.function == "dynamodb_export") {
    return FindExportInput(call, TakenOf<engine::ExportInput>(taken));
  }
  if (call.function == "read_files") {
    return FindFilesInput(call, TakenOf<engine::FilesInput>(taken));
  }
  return base::Unimplemented(
      "{} is known, but cannot be read yet; dynamodb_export and read_files can", call.function);
}

}  // namespace smelt::duck
