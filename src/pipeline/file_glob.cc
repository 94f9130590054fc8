#include "pipeline/file_glob.h"

#include <fnmatch.h>

#include <algorithm>
#include <set>
#include <system_error>

namespace smelt::pipeline {
namespace {

using Path = std::filesystem::path;

void FindFrom(const Path& folder, Path::const_iterator part, Path::const_iterator end,
              std::set<Path>* found) {
  const std::string pattern = part->string();
  const Path::const_iterator next = std::next(part);
  const bool is_last = next == end;
  if (pattern == ".." || pattern == ".") {
    if (!is_last) FindFrom((folder / pattern).lexically_normal(), next, end, found);
    return;
  }
  const bool is_deep = pattern == "**";
  if (is_deep && !is_last) FindFrom(folder, next, end, found);
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (!is_deep && fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) != 0) continue;
    if (is_deep && name[0] == '.') continue;
    const bool is_folder = entry.is_directory(error);
    // Links to folders are not followed by **: they may lead in circles.
    if (is_deep && is_folder && !entry.is_symlink(error)) {
      FindFrom(entry.path(), part, end, found);
    } else if (!is_deep && is_folder && !is_last) {
      FindFrom(entry.path(), next, end, found);
    } else if (!is_folder && is_last) {
      found->insert(entry.path());
    }
  }
}

}  // namespace

std::vector<Path> FindFiles(const Path& folder, const std::string& pattern) {
  std::set<Path> found;
  const Path path(pattern);
  const Path relative = path.relative_path();
  if (!relative.empty()) {
    FindFrom(path.is_absolute() ? path.root_path() : folder, relative.begin(), relative.end(),
             &found);
  }
  return {found.begin(), found.end()};
}

}  // namespace smelt::pipeline
