#include "pipeline/promises.h"

#include <fmt/format.h>

#include <algorithm>

namespace smelt::pipeline {
namespace {

constexpr double kMicrosPerSecond = 1e6;

// The rule that was the first to reject most rows, with its share of the input.
std::string CauseOf(const engine::Ledger& ledger) {
  const auto worst =
      std::max_element(ledger.expectations.begin(), ledger.expectations.end(),
                       [](const auto& a, const auto& b) { return a.failed < b.failed; });
  if (worst == ledger.expectations.end() || worst->failed == 0) return {};
  return fmt::format(
      "{} rejects {} of {} rows ({:.1f} %)", worst->name, worst->failed, ledger.input,
      100.0 * static_cast<double>(worst->failed) / static_cast<double>(ledger.input));
}

}  // namespace

std::vector<PromiseReport> JudgePromises(const PipelineSpec& spec, const UpdateReport& report) {
  std::vector<PromiseReport> judged;
  for (const Promise& promise : spec.promises) {
    const std::string table = promise.table.ToString();
    const auto dataset = std::find_if(
        report.datasets.begin(), report.datasets.end(),
        [&](const DatasetReport& d) { return d.name == table && d.state == NodeState::kDone; });
    if (dataset == report.datasets.end()) continue;
    PromiseReport out{promise.name, table, "", promise.text, 0, true, ""};
    if (promise.metric == Promise::Metric::kQualityScore) {
      const auto score = QualityScore(dataset->ledger);
      if (!score) continue;
      out.metric = "quality_score";
      out.value = *score;
    } else {
      // One update has one duration; the median over many is the records' to keep.
      out.metric = "duration_seconds";
      out.value = static_cast<double>(dataset->duration_micros) / kMicrosPerSecond;
    }
    out.holds = promise.Holds(out.value);
    if (!out.holds) out.cause = CauseOf(dataset->ledger);
    judged.push_back(std::move(out));
  }
  return judged;
}

}  // namespace smelt::pipeline
