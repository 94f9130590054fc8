#pragma once

// smelt.yml: what this machine is. Where a target's lake, DynamoDB and engine are, what was
// promised, and who is told.

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/bundle.h"
#include "pipeline/project.h"

namespace smelt::pipeline {

// Reads `file` for the bundle's target into `project`; without a file, everything has its default.
void LoadMachine(const std::filesystem::path& file, Bundle* bundle, const ProjectOptions& options,
                 Project* project, std::vector<sql::Diagnostic>* diagnostics);

// An absolute folder, or s3://bucket/prefix, of what a person wrote.
std::string ResolveLake(const std::string& lake, const std::filesystem::path& relative_to);

}  // namespace smelt::pipeline
