#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/project_loader.h"

namespace smelt::cli {
namespace {

base::OrderedJson Describe(const LoadedProject& loaded) {
  base::OrderedJson pipelines = base::OrderedJson::array();
  for (const LoadedPipeline& pipeline : loaded.pipelines) {
    base::OrderedJson datasets = base::OrderedJson::array();
    for (const pipeline::Dataset& dataset : pipeline.spec.datasets) {
      datasets.push_back({{"name", dataset.ToString()},
                          {"kind", pipeline::DatasetKindName(dataset.kind)},
                          {"expectations", dataset.expectations.size()}});
    }
    base::OrderedJson sinks = base::OrderedJson::array();
    for (const pipeline::Sink& sink : pipeline.spec.sinks) sinks.push_back(sink.name);
    pipelines.push_back({{"name", pipeline.spec.name},
                         {"datasets", std::move(datasets)},
                         {"flows", pipeline.spec.flows.size()},
                         {"sinks", std::move(sinks)}});
  }
  base::OrderedJson errors = base::OrderedJson::array();
  for (const sql::Diagnostic& diagnostic : loaded.diagnostics) errors.push_back(ToJson(diagnostic));
  return {{"project", loaded.project.name},    {"target", loaded.project.target},
          {"lake", loaded.project.lake},       {"valid", loaded.ok()},
          {"pipelines", std::move(pipelines)}, {"errors", std::move(errors)}};
}

ExitCode Validate(const Context& context, const std::string& file) {
  const absl::StatusOr<LoadedProject> loaded = LoadWholeProject(context, file);
  if (!loaded.ok()) return context.output.Fail(loaded.status());
  if (context.output.json()) {
    context.output.PrintJson(Describe(*loaded));
    return loaded->ok() ? kDone : kWrongUse;
  }
  if (!loaded->ok()) return context.output.Fail(loaded->diagnostics);
  for (const LoadedPipeline& pipeline : loaded->pipelines) {
    const pipeline::PipelineSpec& spec = pipeline.spec;
    size_t rules = 0;
    for (const pipeline::Dataset& dataset : spec.datasets) rules += dataset.expectations.size();
    context.output.Print(fmt::format("{} pipeline {}: {}, {}, {}, {}\n",
                                     context.output.OnOut(Style::kGreen, "✓"), spec.name,
                                     Counted(static_cast<int64_t>(spec.datasets.size()), "dataset"),
                                     Counted(static_cast<int64_t>(spec.flows.size()), "flow"),
                                     Counted(static_cast<int64_t>(rules), "expectation"),
                                     Counted(static_cast<int64_t>(spec.sinks.size()), "sink")));
  }
  context.output.Print(fmt::format(
      "No mistakes in {}{}.\n", loaded->project.name,
      loaded->project.target.empty() ? "" : fmt::format(" for target {}", loaded->project.target)));
  return kDone;
}

}  // namespace

void AddValidate(CLI::App& app, Context& context) {
  CLI::App* const command = app.add_subcommand(
      "validate", "Read the project and name all its mistakes at once, file:line:column");
  const auto file = std::make_shared<std::string>();
  command->add_option("file", *file, "A single SQL file instead of a project");
  command->callback([&context, file] { context.exit_code = Validate(context, *file); });
}

}  // namespace smelt::cli
