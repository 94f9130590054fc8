#pragma once

// How the promises of smelt.yml fared in an update, by the ledgers of its steps.

#include <vector>

#include "pipeline/report.h"
#include "pipeline/spec.h"

namespace smelt::pipeline {

// A promise about a table that this update did not touch, or that had no rows, is not judged.
std::vector<PromiseReport> JudgePromises(const PipelineSpec& spec, const UpdateReport& report);

}  // namespace smelt::pipeline
