#pragma once

// The local files that a path of read_files means: one file, all files below a folder, or what a
// glob matches ('*', '?', '[..]' within a name, '{a,b}'). Files whose names begin with '_' or '.',
// or that lie in such folders below the path, are left out, as Spark does.

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "storage/object_store.h"

namespace smelt::duck {

// A local path, absolute and without "file:"; `folder` is what a relative one is relative to.
// kUnimplemented, naming it, for a path in a cloud store.
absl::StatusOr<std::string> ResolveLocalPath(const std::string& path, const std::string& folder);

// The folder that a local path's files are all in, and the rest: "/data" and "in/*.csv" of
// "/data/in/*.csv".
struct SplitPath {
  std::string root;
  std::string pattern;
};
SplitPath SplitLocalPath(const std::string& absolute);

// The same for a prefix of exports: the folder that holds AWSDynamoDB/, and "" or where below it to
// look.
SplitPath SplitExportPath(const std::string& absolute);

// Objects that `pattern` matches, in order of their keys. `name_pattern`: another glob that names
// must match; empty: all do.
absl::StatusOr<std::vector<storage::ObjectInfo>> ListFiles(storage::ObjectStore& store,
                                                           const std::string& pattern,
                                                           const std::string& name_pattern);

}  // namespace smelt::duck
