#pragma once

// What an update did, and what one would do, for people to read and (the plan) as JSON. Pure but
// for the colours.

#include <string>
#include <vector>

#include "base/json.h"
#include "cli/output.h"
#include "pipeline/plan.h"
#include "pipeline/report.h"

namespace smelt::cli {

// Datasets, sinks, rules that rejected rows, broken promises with their cause, and how it ended.
std::string ReportText(const pipeline::UpdateReport& report, const Output& output);
// Errors with their places, to stderr.
void ExplainErrors(const pipeline::UpdateReport& report, const Output& output);

std::string PlanText(const std::vector<pipeline::PlannedStep>& plan, const Output& output);
base::OrderedJson PlanJson(const std::string& pipeline,
                           const std::vector<pipeline::PlannedStep>& plan);

}  // namespace smelt::cli
