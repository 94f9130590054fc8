#include "cli/report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "cli/table_printer.h"

namespace smelt::cli {
namespace {

using pipeline::NodeState;
using pipeline::UpdateReport;

TableStyle StyleOf(const Output& output) {
  return {
      .width = output.width(), .max_rows = 0, .colour = output.OnOut(Style::kDim, "x").size() > 1};
}

// Columns that have nothing to say only take the room of those that do.
void RemoveBlankColumns(TableData* data) {
  for (size_t i = data->columns.size(); i-- > 0;) {
    const bool is_blank = std::all_of(data->rows.begin(), data->rows.end(),
                                      [i](const auto& row) { return !row[i] || row[i]->empty(); });
    if (!is_blank) continue;
    data->columns.erase(data->columns.begin() + static_cast<long>(i));
    for (auto& row : data->rows) row.erase(row.begin() + static_cast<long>(i));
  }
}

// Without the line that counts the rows.
std::string TableOf(TableData data, const Output& output) {
  RemoveBlankColumns(&data);
  std::string text = FormatTable(data, StyleOf(output));
  const size_t last = text.rfind('\n', text.size() - 2);
  return text.substr(0, last + 1);
}

std::string CountOrNothing(int64_t count) { return count == 0 ? "" : WithSeparators(count); }

std::string DatasetTable(const UpdateReport& report, const Output& output) {
  TableData data;
  data.columns = {{"table", "", false},   {"step", "", false},       {"rows in", "", true},
                  {"rows out", "", true}, {"deleted", "", true},     {"superseded", "", true},
                  {"dropped", "", true},  {"quarantined", "", true}, {"version", "", true},
                  {"time", "", true}};
  for (const pipeline::DatasetReport& dataset : report.datasets) {
    if (dataset.kind == pipeline::DatasetKind::kTemporaryView) continue;
    const bool is_done = dataset.state == NodeState::kDone;
    std::string step = pipeline::StepActionName(dataset.step);
    if (dataset.state == NodeState::kNothing) step = "up to date";
    if (dataset.state == NodeState::kFailed) step = "failed";
    if (dataset.state == NodeState::kSkipped) step = "skipped";
    data.rows.push_back(
        {dataset.name, step, is_done ? WithSeparators(dataset.ledger.input) : "",
         is_done ? WithSeparators(dataset.rows_out()) : "", CountOrNothing(dataset.ledger.deleted),
         CountOrNothing(dataset.ledger.superseded), CountOrNothing(dataset.ledger.dropped),
         CountOrNothing(dataset.ledger.quarantined),
         dataset.version < 0 ? "" : std::to_string(dataset.version),
         is_done ? Duration(dataset.duration_micros) : ""});
  }
  return data.rows.empty() ? "" : TableOf(std::move(data), output);
}

std::string SinkTable(const UpdateReport& report, const Output& output) {
  TableData data;
  data.columns = {{"sink", "", false},       {"state", "", false},    {"puts", "", true},
                  {"deletes", "", true},     {"unchanged", "", true}, {"retries", "", true},
                  {"write units", "", true}, {"verified", "", false}, {"time", "", true}};
  for (const pipeline::SinkReport& sink : report.sinks) {
    const bool is_done = sink.state == NodeState::kDone;
    const char* state = is_done ? "published" : "up to date";
    if (sink.state == NodeState::kFailed) state = "failed";
    if (sink.state == NodeState::kSkipped) state = "skipped";
    const publish::PublishResult& result = sink.result;
    data.rows.push_back({sink.name, state, is_done ? WithSeparators(result.puts) : "",
                         is_done ? WithSeparators(result.deletes) : "",
                         is_done ? WithSeparators(result.unchanged) : "",
                         CountOrNothing(result.retries),
                         is_done ? fmt::format("{:.0f}", result.write_units) : "",
                         is_done ? (result.verified ? "yes" : "no") : "",
                         is_done ? Duration(sink.duration_micros) : ""});
  }
  return data.rows.empty() ? "" : TableOf(std::move(data), output);
}

// The rules of datasets that took rows in, in both counts.
std::string RuleTable(const UpdateReport& report, const Output& output) {
  TableData data;
  data.columns = {{"table", "", false},  {"rule", "", false},   {"action", "", false},
                  {"fail it", "", true}, {"of rows", "", true}, {"rejected first", "", true}};
  for (const pipeline::DatasetReport& dataset : report.datasets) {
    for (const engine::ExpectationCounts& rule : dataset.ledger.expectations) {
      if (dataset.ledger.input == 0) continue;
      const double share =
          100.0 * static_cast<double>(rule.failed) / static_cast<double>(dataset.ledger.input);
      data.rows.push_back({dataset.name, rule.name, rule.action, WithSeparators(rule.failed),
                           fmt::format("{:.2f} %", share), WithSeparators(rule.first_rejected)});
    }
  }
  return data.rows.empty() ? "" : TableOf(std::move(data), output);
}

std::string PromiseLines(const UpdateReport& report, const Output& output) {
  std::string text;
  for (const pipeline::PromiseReport& promise : report.promises) {
    const std::string mark = promise.holds ? output.OnOut(Style::kGreen, "✓ promise kept")
                                           : output.OnOut(Style::kRed, "✗ promise broken");
    text += fmt::format("{}: {}: {} of {} is {:.4g}, promised {}\n", mark, promise.name,
                        promise.metric, promise.table, promise.value, promise.threshold);
    if (!promise.cause.empty()) text += fmt::format("    because {}\n", promise.cause);
  }
  return text;
}

std::string EndLine(const UpdateReport& report, const Output& output) {
  const std::string time = Duration(report.duration_micros);
  switch (report.state) {
    case pipeline::UpdateState::kCompleted:
      if (report.nothing_to_do())
        return fmt::format("Nothing to do: everything is up to date ({}).\n", time);
      return fmt::format("{} update {} in {}\n", output.OnOut(Style::kGreen, "✓ Completed"),
                         report.update_id, time);
    case pipeline::UpdateState::kFailed:
      return fmt::format("{} update {} after {}; what is done is kept, run again to go on\n",
                         output.OnOut(Style::kRed, "✗ Failed"), report.update_id, time);
    case pipeline::UpdateState::kCanceled:
      return fmt::format("{} update {} after {}; it is safe to run again\n",
                         output.OnOut(Style::kYellow, "Interrupted"), report.update_id, time);
  }
  return "";
}

const char* Verb(pipeline::StepAction action) {
  switch (action) {
    case pipeline::StepAction::kNone:
      return "nothing to do";
    case pipeline::StepAction::kAppend:
      return "append";
    case pipeline::StepAction::kUpsert:
      return "upsert";
    case pipeline::StepAction::kReplace:
      return "replace";
    case pipeline::StepAction::kMirror:
      return "mirror";
  }
  return "";
}

base::OrderedJson JsonOrNull(int64_t number) {
  return number < 0 ? base::OrderedJson() : base::OrderedJson(number);
}

}  // namespace

std::string ReportText(const UpdateReport& report, const Output& output) {
  std::string text;
  if (report.nothing_to_do()) {
    if (output.verbose()) {
      for (const auto& dataset : report.datasets) {
        if (!dataset.reason.empty()) text += fmt::format("{}: {}\n", dataset.name, dataset.reason);
      }
      for (const auto& sink : report.sinks) text += fmt::format("{}: {}\n", sink.name, sink.reason);
    }
    return text + EndLine(report, output);
  }
  text += DatasetTable(report, output) + RuleTable(report, output) + SinkTable(report, output);
  for (const pipeline::SinkReport& sink : report.sinks) {
    for (const std::string& warning : sink.result.warnings) {
      text += fmt::format("{}: {}\n", sink.name, warning);
    }
  }
  return text + PromiseLines(report, output) + EndLine(report, output);
}

void ExplainErrors(const UpdateReport& report, const Output& output) {
  for (const pipeline::UpdateError& error : report.errors) {
    if (!error.diagnostics.empty()) {
      output.Note(fmt::format("{} {}:", output.OnErr(Style::kRed, "failed:"), error.dataset));
      output.Explain(error.diagnostics);
    } else {
      output.Note(fmt::format("{} {}: {}", output.OnErr(Style::kRed, "failed:"), error.dataset,
                              base::Message(error.status)));
    }
  }
}

std::string PlanText(const std::vector<pipeline::PlannedStep>& plan, const Output& output) {
  std::string text;
  int64_t steps = 0;
  for (const pipeline::PlannedStep& step : plan) {
    const bool is_nothing = step.action == pipeline::StepAction::kNone && !step.waits;
    if (!is_nothing) ++steps;
    text +=
        fmt::format("{} {}\n", output.OnOut(is_nothing ? Style::kDim : Style::kBold, step.name),
                    output.OnOut(is_nothing ? Style::kDim : Style::kCyan,
                                 step.recovers ? "finish an earlier batch" : Verb(step.action)));
    text += fmt::format("    why    {}\n", step.reason);
    for (const std::string& read : step.reads) text += fmt::format("    reads  {}\n", read);
    if (!is_nothing && (step.estimated_rows >= 0 || step.estimated_bytes >= 0)) {
      std::string estimate;
      if (step.estimated_rows >= 0) estimate = Counted(step.estimated_rows, "row");
      if (step.estimated_bytes >= 0) {
        estimate += (estimate.empty() ? "" : ", ") + Size(step.estimated_bytes);
      }
      text += fmt::format("    about  {}\n", estimate);
    }
  }
  return text + (steps == 0 ? std::string("Nothing to do: everything is up to date.\n")
                            : Counted(steps, "step") + " to do.\n");
}

base::OrderedJson PlanJson(const std::string& pipeline,
                           const std::vector<pipeline::PlannedStep>& plan) {
  base::OrderedJson steps = base::OrderedJson::array();
  for (const pipeline::PlannedStep& step : plan) {
    steps.push_back({{"name", step.name},
                     {"kind", step.kind ? pipeline::DatasetKindName(*step.kind) : "SINK"},
                     {"step", pipeline::StepActionName(step.action)},
                     {"reason", step.reason},
                     {"reads", step.reads},
                     {"waits", step.waits},
                     {"estimated_rows", JsonOrNull(step.estimated_rows)},
                     {"estimated_bytes", JsonOrNull(step.estimated_bytes)}});
  }
  return {{"pipeline", pipeline}, {"steps", std::move(steps)}};
}

}  // namespace smelt::cli
