#include "pipeline/report.h"

#include <algorithm>

#include "base/clock.h"
#include "base/status.h"

namespace smelt::pipeline {
namespace {

constexpr int64_t kMicrosPerMilli = 1000;

std::string CodeName(absl::StatusCode code) { return absl::StatusCodeToString(code); }

base::OrderedJson ToJson(const DatasetReport& dataset) {
  const engine::Ledger& ledger = dataset.ledger;
  base::OrderedJson json = {{"name", dataset.name},
                            {"kind", DatasetKindName(dataset.kind)},
                            {"step", StepActionName(dataset.step)},
                            {"reason", dataset.reason},
                            {"rows_in", ledger.input},
                            {"rows_out", dataset.rows_out()},
                            {"dropped", ledger.dropped},
                            {"quarantined", ledger.quarantined},
                            {"duplicates", ledger.superseded},
                            {"deleted", ledger.deleted},
                            {"version", dataset.version},
                            {"files_added", ledger.files_added},
                            {"bytes_written", ledger.bytes_written},
                            {"duration_ms", dataset.duration_micros / kMicrosPerMilli},
                            {"cpu_ms", dataset.cpu_micros / kMicrosPerMilli}};
  const auto score = QualityScore(ledger);
  if (score) json["quality_score"] = *score;
  json["expectations"] = base::OrderedJson::array();
  for (const engine::ExpectationCounts& counts : ledger.expectations) {
    json["expectations"].push_back({{"name", counts.name},
                                    {"action", counts.action},
                                    {"passed", counts.passed},
                                    {"failed", counts.failed},
                                    {"first_rejected", counts.first_rejected}});
  }
  return json;
}

base::OrderedJson ToJson(const SinkReport& sink) {
  return {{"name", sink.name},
          {"table", sink.result.table},
          {"reason", sink.reason},
          {"puts", sink.result.puts},
          {"deletes", sink.result.deletes},
          {"unchanged", sink.result.unchanged},
          {"retries", sink.result.retries},
          {"write_units", sink.result.write_units},
          {"verified", sink.result.verified},
          {"duration_ms", sink.duration_micros / kMicrosPerMilli}};
}

void AddErrors(const UpdateError& error, base::OrderedJson* errors) {
  if (error.diagnostics.empty()) {
    errors->push_back({{"code", CodeName(error.status.code())},
                       {"message", base::Message(error.status)},
                       {"dataset", error.dataset},
                       {"file", ""},
                       {"line", 0},
                       {"column", 0}});
  }
  for (const sql::Diagnostic& diagnostic : error.diagnostics) {
    errors->push_back({{"code", diagnostic.code},
                       {"message", diagnostic.message},
                       {"dataset", error.dataset},
                       {"file", diagnostic.file},
                       {"line", diagnostic.line},
                       {"column", diagnostic.column}});
  }
}

}  // namespace

const char* UpdateStateName(UpdateState state) {
  switch (state) {
    case UpdateState::kCompleted:
      return "COMPLETED";
    case UpdateState::kFailed:
      return "FAILED";
    case UpdateState::kCanceled:
      return "CANCELED";
  }
  return "";
}

std::optional<double> QualityScore(const engine::Ledger& ledger) {
  if (ledger.input == 0 || ledger.expectations.empty()) return std::nullopt;
  return static_cast<double>(ledger.passed_all) / static_cast<double>(ledger.input);
}

bool UpdateReport::nothing_to_do() const {
  return state == UpdateState::kCompleted &&
         std::all_of(datasets.begin(), datasets.end(),
                     [](const DatasetReport& d) { return d.step == StepAction::kNone; }) &&
         std::all_of(sinks.begin(), sinks.end(),
                     [](const SinkReport& s) { return s.state == NodeState::kNothing; });
}

base::OrderedJson UpdateReport::ToJson() const {
  base::OrderedJson json = {{"update_id", update_id},
                            {"pipeline", pipeline},
                            {"state", UpdateStateName(state)},
                            {"started_at", base::FormatIsoMillis(started_micros)},
                            {"duration_ms", duration_micros / kMicrosPerMilli}};
  json["datasets"] = base::OrderedJson::array();
  for (const DatasetReport& dataset : datasets) {
    json["datasets"].push_back(smelt::pipeline::ToJson(dataset));
  }
  json["sinks"] = base::OrderedJson::array();
  for (const SinkReport& sink : sinks) json["sinks"].push_back(smelt::pipeline::ToJson(sink));
  json["promises"] = base::OrderedJson::array();
  for (const PromiseReport& promise : promises) {
    json["promises"].push_back({{"name", promise.name},
                                {"table", promise.table},
                                {"metric", promise.metric},
                                {"threshold", promise.threshold},
                                {"value", promise.value},
                                {"holds", promise.holds},
                                {"cause", promise.cause}});
  }
  json["errors"] = base::OrderedJson::array();
  for (const UpdateError& error : errors) AddErrors(error, &json["errors"]);
  return json;
}

}  // namespace smelt::pipeline
