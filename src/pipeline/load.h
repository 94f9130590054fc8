#pragma once

// Reads a pipeline's SQL files into a PipelineSpec: parameters replaced, statements parsed, names
// resolved to three levels. All mistakes of all files come out at once.

#include <string>
#include <utility>
#include <vector>

#include "pipeline/project.h"
#include "pipeline/spec.h"
#include "sql/diagnostic.h"

namespace smelt::pipeline {

struct LoadResult {
  PipelineSpec spec;  // what could be read; whole only if there are no diagnostics
  std::vector<sql::Diagnostic> diagnostics;

  bool ok() const { return diagnostics.empty(); }
};

LoadResult LoadPipeline(const Project& project, const PipelineConfig& pipeline);

// The same from texts in memory: (file name, text), in order.
LoadResult LoadPipelineText(const Project& project, const PipelineConfig& pipeline,
                            const std::vector<std::pair<std::string, std::string>>& files);

}  // namespace smelt::pipeline
