#include "dynamodb/export/export_finder.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/digest.h"
#include "base/status.h"

namespace smelt::dynamodb {

namespace {

constexpr char kFolder[] = "AWSDynamoDB";

// Where to look: `root` ends in "AWSDynamoDB/"; `only` is one export's id or empty.
struct Place {
  std::string root;
  std::string only;
};

Place PlaceOf(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '/') prefix.pop_back();
  const std::string folder = std::string("/") + kFolder;
  const std::string rooted = "/" + prefix;
  const size_t at = rooted.rfind(folder);
  if (at != std::string::npos) {
    const std::string rest = rooted.substr(at + folder.size());
    const std::string root = prefix.substr(0, at + folder.size() - 1) + "/";
    if (rest.empty()) return {root, ""};
    if (rest[0] == '/' && rest.find('/', 1) == std::string::npos) return {root, rest.substr(1)};
  }
  return {prefix.empty() ? std::string(kFolder) + "/" : prefix + folder + "/", ""};
}

// The names of the folders under `root`, one listing call for each: the first key of a folder names
// it, and the next call starts after everything in it.
absl::StatusOr<std::vector<std::string>> ListFolders(storage::ObjectStore& store,
                                                     const std::string& root) {
  std::vector<std::string> folders;
  std::string start_after;
  while (true) {
    std::optional<std::string> key;
    SMELT_RETURN_IF_ERROR(store.List(root, start_after, [&](const storage::ObjectInfo& object) {
      key = object.key;
      return false;
    }));
    if (!key) return folders;
    const size_t slash = key->find('/', root.size());
    if (slash == std::string::npos) {  // a stray object beside the folders
      start_after = *key;
      continue;
    }
    folders.push_back(key->substr(root.size(), slash - root.size()));
    start_after = key->substr(0, slash) + '0';  // the character after '/': past all of the folder
  }
}

// nullopt where there is no such object.
absl::StatusOr<std::optional<std::string>> GetIfPresent(storage::ObjectStore& store,
                                                        const std::string& key) {
  absl::StatusOr<std::string> bytes = store.Get(key);
  if (bytes.ok()) return std::optional<std::string>(*std::move(bytes));
  if (bytes.status().code() == absl::StatusCode::kNotFound) return std::optional<std::string>();
  return base::Annotate(bytes.status(), "{}", key);
}

// `key` is a manifest's .json; its checksum lies beside it as .md5 in base64, where the export was
// copied with it.
absl::Status CheckMd5(storage::ObjectStore& store, const std::string& key,
                      const std::string& bytes) {
  const std::string md5_key = key.substr(0, key.size() - std::string_view(".json").size()) + ".md5";
  SMELT_ASSIGN_OR_RETURN(const std::optional<std::string> stated, GetIfPresent(store, md5_key));
  if (!stated) return absl::OkStatus();
  std::string expected = *stated;
  expected.erase(std::find_if(expected.begin(), expected.end(), ::isspace), expected.end());
  const std::string actual = base::Base64Encode(base::Md5(bytes));
  if (expected == actual) return absl::OkStatus();
  return base::DataLoss("{} has MD5 {}, but {} says {}", key, actual, md5_key, expected);
}

// Turns the keys of the bucket that the export was written to into keys of this store.
absl::Status ResolveKeys(const std::string& root, const ManifestSummary& summary,
                         const std::string& what, Export* found) {
  const std::string tail = fmt::format("{}/{}/manifest-files.json", kFolder, found->id);
  const std::string& stated = summary.files_manifest_key;
  if (!stated.ends_with(tail)) {
    return base::DataLoss("{}: manifestFilesS3Key '{}' does not end in {}", what, stated, tail);
  }
  const std::string bucket_root = stated.substr(0, stated.size() - tail.size()) + kFolder + "/";
  for (DataFile& file : found->files) {
    if (!file.key.starts_with(bucket_root) || file.key.find("/../") != std::string::npos) {
      return base::DataLoss("{}: data file '{}' lies outside of '{}'", what, file.key, bucket_root);
    }
    file.key = root + file.key.substr(bucket_root.size());
  }
  return absl::OkStatus();
}

absl::Status CheckCounts(const Export& found) {
  int64_t sum = 0;
  for (const DataFile& file : found.files) sum += file.item_count;
  if (sum == found.item_count) return absl::OkStatus();
  return base::DataLoss("{} says {} items, but the files of manifest-files.json have {}",
                        found.manifest_key, found.item_count, sum);
}

// nullopt for an export of another table.
absl::StatusOr<std::optional<Export>> ReadExport(storage::ObjectStore& store,
                                                 const std::string& root, const std::string& id,
                                                 const std::string& summary_text,
                                                 const FindOptions& options) {
  const std::string summary_key = root + id + "/manifest-summary.json";
  SMELT_RETURN_IF_ERROR(CheckMd5(store, summary_key, summary_text));
  SMELT_ASSIGN_OR_RETURN(const ManifestSummary summary,
                         ParseManifestSummary(summary_text, summary_key));
  if (!options.table_name.empty() && summary.header.table_name != options.table_name) {
    return std::optional<Export>();
  }
  Export found = summary.header;
  found.id = id;
  found.manifest_key = summary_key;

  const std::string files_key = root + id + "/manifest-files.json";
  SMELT_ASSIGN_OR_RETURN(const std::optional<std::string> files_text,
                         GetIfPresent(store, files_key));
  if (!files_text) {
    return base::DataLoss("{} is missing, though {} is there", files_key, summary_key);
  }
  SMELT_RETURN_IF_ERROR(CheckMd5(store, files_key, *files_text));
  SMELT_ASSIGN_OR_RETURN(found.files, ParseManifestFiles(*files_text, files_key));
  SMELT_RETURN_IF_ERROR(ResolveKeys(root, summary, summary_key, &found));
  SMELT_RETURN_IF_ERROR(CheckCounts(found));
  return std::optional<Export>(std::move(found));
}

}  // namespace

absl::StatusOr<FoundExports> FindExports(storage::ObjectStore& store, const std::string& prefix,
                                         const FindOptions& options) {
  const Place place = PlaceOf(prefix);
  FoundExports result;
  std::vector<std::string> folders = {place.only};
  if (place.only.empty()) {
    SMELT_ASSIGN_OR_RETURN(folders, ListFolders(store, place.root));
  }
  for (const std::string& id : folders) {
    if (id == "data") continue;  // the data folder that incremental exports share
    if (options.is_known && options.is_known(id)) {
      ++result.known_count;
      continue;
    }
    const std::string folder = place.root + id + "/";
    SMELT_ASSIGN_OR_RETURN(const std::optional<std::string> summary,
                           GetIfPresent(store, folder + "manifest-summary.json"));
    if (!summary) {
      const absl::StatusOr<storage::ObjectInfo> started = store.Head(folder + "_started");
      result.unfinished.push_back(
          {id, started.ok()
                   ? fmt::format("{} has no manifest-summary.json yet: the export is in progress",
                                 folder)
                   : fmt::format("{} has neither _started nor manifest-summary.json: it is no "
                                 "export, or was copied in part",
                                 folder)});
      continue;
    }
    SMELT_ASSIGN_OR_RETURN(std::optional<Export> found,
                           ReadExport(store, place.root, id, *summary, options));
    if (found) result.exports.push_back(*std::move(found));
  }
  std::sort(result.exports.begin(), result.exports.end(), [](const Export& a, const Export& b) {
    return std::tie(a.export_micros, a.id) < std::tie(b.export_micros, b.id);
  });
  return result;
}

}  // namespace smelt::dynamodb
