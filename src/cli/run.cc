#include <fmt/format.h>

#include "base/status.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/project_loader.h"
#include "cli/report_text.h"

namespace smelt::cli {
namespace {

struct RunArguments {
  std::vector<std::string> tables;
  std::string full_refresh;  // "*", or tables separated by ','
  std::string pipeline;
};

// A first argument that is a SQL file is a project of that one file.
std::string TakeSqlFile(std::vector<std::string>* tables) {
  if (tables->empty() || !tables->front().ends_with(".sql")) return "";
  std::string file = tables->front();
  tables->erase(tables->begin());
  return file;
}

absl::StatusOr<pipeline::PlanOptions> PlanOptionsOf(const LoadedPipeline& pipeline,
                                                    const RunArguments& arguments) {
  pipeline::PlanOptions options;
  if (arguments.full_refresh.empty()) return options;
  std::vector<std::string> names;
  if (arguments.full_refresh == "*") {
    names = arguments.tables;
    options.full_refresh_all = names.empty();
  } else {
    for (size_t begin = 0; begin <= arguments.full_refresh.size();) {
      const size_t comma =
          std::min(arguments.full_refresh.find(',', begin), arguments.full_refresh.size());
      names.push_back(arguments.full_refresh.substr(begin, comma - begin));
      begin = comma + 1;
    }
  }
  SMELT_ASSIGN_OR_RETURN(const std::vector<int> nodes, FindNodes(pipeline, names));
  for (const int node : nodes) {
    const int dataset = pipeline.graph.nodes[node].dataset;
    if (dataset >= 0) options.full_refresh.insert(pipeline.spec.datasets[dataset].name);
  }
  return options;
}

absl::StatusOr<std::vector<int>> NodesOf(const LoadedPipeline& pipeline,
                                         const std::vector<std::string>& tables) {
  SMELT_ASSIGN_OR_RETURN(std::vector<int> nodes, FindNodes(pipeline, tables));
  if (tables.empty()) {
    for (size_t i = 0; i < pipeline.graph.nodes.size(); ++i) nodes.push_back(static_cast<int>(i));
  }
  return pipeline.graph.WithInputs(nodes);
}

ExitCode ExitCodeOf(const pipeline::UpdateReport& report) {
  if (report.state == pipeline::UpdateState::kCanceled) return kInterrupted;
  if (report.state == pipeline::UpdateState::kFailed) {
    return report.expectation_failed ? kPromiseBroken : kFailed;
  }
  for (const pipeline::PromiseReport& promise : report.promises) {
    if (!promise.holds) return kPromiseBroken;
  }
  return kDone;
}

ExitCode RunPipeline(const Context& context, LoadedPipeline& pipeline,
                     const RunArguments& arguments) {
  const Output& output = context.output;
  if (pipeline.workspace == nullptr) return output.Fail(pipeline.lake_status);
  const auto nodes = NodesOf(pipeline, arguments.tables);
  if (!nodes.ok()) return output.Fail(nodes.status());
  const auto plan_options = PlanOptionsOf(pipeline, arguments);
  if (!plan_options.ok()) return output.Fail(plan_options.status());
  ProgressDisplay progress(output);
  pipeline::RunOptions options;
  options.plan = *plan_options;
  options.nodes = *nodes;
  options.listener = &progress;
  options.cancelled = Interrupted();
  const auto report =
      pipeline::Run(pipeline.spec, pipeline.graph, pipeline.workspace->RunServices(), options);
  progress.Finish();
  if (!report.ok()) return output.Fail(report.status());
  if (output.json()) {
    output.PrintJson(report->ToJson());
  } else {
    output.Print(ReportText(*report, output));
  }
  ExplainErrors(*report, output);
  return ExitCodeOf(*report);
}

ExitCode Run(const Context& context, RunArguments arguments) {
  const std::string file = TakeSqlFile(&arguments.tables);
  absl::StatusOr<LoadedProject> loaded = LoadWholeProject(context, file);
  if (!loaded.ok()) return context.output.Fail(loaded.status());
  if (!loaded->ok()) return context.output.Fail(loaded->diagnostics);
  WatchInterrupts();
  const auto pipeline = ChoosePipelines(*loaded, arguments.pipeline);
  if (!pipeline.ok()) return context.output.Fail(pipeline.status());
  for (LoadedPipeline* const chosen : *pipeline) {
    const ExitCode code = RunPipeline(context, *chosen, arguments);
    if (code != kDone) return code;
  }
  return kDone;
}

ExitCode PlanPipeline(const Context& context, LoadedPipeline& pipeline,
                      const RunArguments& arguments) {
  const Output& output = context.output;
  if (pipeline.workspace == nullptr) return output.Fail(pipeline.lake_status);
  const auto nodes = NodesOf(pipeline, arguments.tables);
  if (!nodes.ok()) return output.Fail(nodes.status());
  const auto options = PlanOptionsOf(pipeline, arguments);
  if (!options.ok()) return output.Fail(options.status());
  pipeline::Planner planner(pipeline.spec, pipeline.graph, pipeline.workspace->PlanSources(),
                            *options);
  const auto plan = pipeline::MakePlan(planner, pipeline.graph, *nodes);
  if (!plan.ok()) return output.Fail(plan.status());
  if (output.json()) {
    output.PrintJson(PlanJson(pipeline.spec.name, *plan));
  } else {
    output.Print(PlanText(*plan, output));
  }
  return kDone;
}

ExitCode Plan(const Context& context, RunArguments arguments) {
  const std::string file = TakeSqlFile(&arguments.tables);
  absl::StatusOr<LoadedProject> loaded = LoadWholeProject(context, file);
  if (!loaded.ok()) return context.output.Fail(loaded.status());
  if (!loaded->ok()) return context.output.Fail(loaded->diagnostics);
  const auto pipelines = ChoosePipelines(*loaded, arguments.pipeline);
  if (!pipelines.ok()) return context.output.Fail(pipelines.status());
  for (LoadedPipeline* const chosen : *pipelines) {
    const ExitCode code = PlanPipeline(context, *chosen, arguments);
    if (code != kDone) return code;
  }
  return kDone;
}

std::shared_ptr<RunArguments> AddArguments(CLI::App* command) {
  auto arguments = std::make_shared<RunArguments>();
  command->add_option("tables", arguments->tables,
                      "Only these tables and sinks, and what they need; or a single .sql file");
  command->add_option("--pipeline", arguments->pipeline, "Of several pipelines, only this one");
  command->add_flag(
      "--full-refresh{*}", arguments->full_refresh,
      "Make tables anew from their sources: all, the ones named, or --full-refresh=a,b");
  return arguments;
}

}  // namespace

void AddRun(CLI::App& app, Context& context) {
  CLI::App* const command = app.add_subcommand("run", "Bring the tables up to date, and publish");
  const auto arguments = AddArguments(command);
  command->callback([&context, arguments] { context.exit_code = Run(context, *arguments); });
}

void AddPlan(CLI::App& app, Context& context) {
  CLI::App* const command =
      app.add_subcommand("plan", "Show what an update would do, and why, without doing it");
  const auto arguments = AddArguments(command);
  command->callback([&context, arguments] { context.exit_code = Plan(context, *arguments); });
}

}  // namespace smelt::cli
