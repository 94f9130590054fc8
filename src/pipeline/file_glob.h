#pragma once

// Finds files by pattern as bundles do: * and ? within a name, ** for any folders. Reads folders
// only.

#include <filesystem>
#include <string>
#include <vector>

namespace smelt::pipeline {

// The files below `folder` that match, absolute and sorted. A pattern that ends in ** matches every
// file below; one that names a folder matches nothing. Files and folders that begin with '.' match
// only a pattern that says so.
std::vector<std::filesystem::path> FindFiles(const std::filesystem::path& folder,
                                             const std::string& pattern);

}  // namespace smelt::pipeline
