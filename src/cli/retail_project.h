#pragma once

// The files of examples/retail that the program carries, for `smelt demo`. Immutable.

#include <string_view>
#include <vector>

namespace smelt::cli {

struct ProjectFile {
  std::string_view path;  // below the project's folder
  std::string_view text;
};

const std::vector<ProjectFile>& RetailProject();

}  // namespace smelt::cli
