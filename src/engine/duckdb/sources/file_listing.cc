#include "engine/duckdb/sources/file_listing.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/status.h"

namespace smelt::duck {

namespace {

constexpr char kGlobCharacters[] = "*?[{";

// "a{b,c{d,e}}" as "ab", "acd", "ace".
std::vector<std::string> ExpandBraces(const std::string& pattern) {
  const size_t open = pattern.find('{');
  if (open == std::string::npos) return {pattern};
  int depth = 0;
  std::vector<size_t> cuts = {open};
  for (size_t i = open; i < pattern.size(); ++i) {
    if (pattern[i] == '{') ++depth;
    if (pattern[i] == ',' && depth == 1) cuts.push_back(i);
    if (pattern[i] == '}' && --depth == 0) {
      cuts.push_back(i);
      std::vector<std::string> expanded;
      for (size_t cut = 0; cut + 1 < cuts.size(); ++cut) {
        const std::string choice = pattern.substr(cuts[cut] + 1, cuts[cut + 1] - cuts[cut] - 1);
        for (std::string& text :
             ExpandBraces(pattern.substr(0, open) + choice + pattern.substr(i + 1))) {
          expanded.push_back(std::move(text));
        }
      }
      return expanded;
    }
  }
  return {pattern};  // never closed: an ordinary character
}

size_t CountSlashes(std::string_view text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '/'));
}

// The end of the first `slashes` + 1 components; npos where there are fewer.
size_t EndOfComponents(const std::string& key, size_t slashes) {
  size_t at = 0;
  for (size_t i = 0; i <= slashes; ++i) {
    const size_t slash = key.find('/', at);
    if (slash == std::string::npos) return i == slashes ? key.size() : std::string::npos;
    at = slash + 1;
  }
  return at - 1;
}

// Whether the pattern matches the key, or a folder that it is in.
bool Matches(const std::string& pattern, const std::string& key) {
  if (pattern.empty()) return true;
  const size_t end = EndOfComponents(key, CountSlashes(pattern));
  if (end == std::string::npos) return false;
  return fnmatch(pattern.c_str(), key.substr(0, end).c_str(), FNM_PATHNAME) == 0;
}

bool IsHidden(const std::string& key, size_t from) {
  for (size_t at = from; at != std::string::npos; at = key.find('/', at)) {
    if (at < key.size() && key[at] == '/') ++at;
    if (at < key.size() && (key[at] == '_' || key[at] == '.')) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::string> ResolveLocalPath(const std::string& path, const std::string& folder) {
  std::string local = path;
  if (local.starts_with("file:")) {
    local = local.substr(5);
    while (local.starts_with("//")) local = local.substr(1);
  }
  const size_t scheme = local.find("://");
  if (scheme != std::string::npos || local.starts_with("dbfs:")) {
    return base::Unimplemented("'{}': only local files can be read", path);
  }
  if (local.empty()) return base::InvalidArgument("a path is empty");
  std::string absolute =
      (local[0] == '/' ? std::filesystem::path(local)
                       : std::filesystem::absolute(std::filesystem::path(folder)) / local)
          .lexically_normal()
          .string();
  while (absolute.size() > 1 && absolute.back() == '/') absolute.pop_back();
  return absolute;
}

SplitPath SplitLocalPath(const std::string& absolute) {
  const size_t glob = absolute.find_first_of(kGlobCharacters);
  size_t slash = absolute.rfind('/', glob);
  if (slash == std::string::npos) slash = 0;
  const std::string root = slash == 0 ? "/" : absolute.substr(0, slash);
  return {root, absolute.substr(slash + 1)};
}

SplitPath SplitExportPath(const std::string& absolute) {
  const std::string folder = "/AWSDynamoDB";
  const size_t at = (absolute + "/").find(folder + "/");
  if (at == std::string::npos) return {absolute, ""};
  return {at == 0 ? "/" : absolute.substr(0, at), absolute.substr(at + 1)};
}

absl::StatusOr<std::vector<storage::ObjectInfo>> ListFiles(storage::ObjectStore& store,
                                                           const std::string& pattern,
                                                           const std::string& name_pattern) {
  std::vector<storage::ObjectInfo> files;
  std::set<std::string> seen;
  for (const std::string& expanded : ExpandBraces(pattern)) {
    const std::string fixed = expanded.substr(0, expanded.find_first_of(kGlobCharacters));
    const size_t shown_from = fixed.rfind('/') == std::string::npos ? 0 : fixed.rfind('/') + 1;
    SMELT_RETURN_IF_ERROR(store.List(fixed, "", [&](const storage::ObjectInfo& object) {
      // What the path itself names is read, whatever it is called.
      const bool is_named = object.key == expanded;
      const size_t below = fixed.size() == expanded.size() ? fixed.size() : shown_from;
      if (!Matches(expanded, object.key)) return true;
      if (!is_named && IsHidden(object.key, below)) return true;
      const std::string name = object.key.substr(object.key.rfind('/') + 1);
      if (!name_pattern.empty() && fnmatch(name_pattern.c_str(), name.c_str(), 0) != 0) return true;
      if (seen.insert(object.key).second) files.push_back(object);
      return true;
    }));
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  return files;
}

}  // namespace smelt::duck
