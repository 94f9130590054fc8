#include "cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.h"
#include "cli/text_width.h"

namespace smelt::cli {
namespace {

using pipeline::NodeProgress;
using pipeline::NodeState;

const char* StateWord(NodeState state) {
  switch (state) {
    case NodeState::kWaiting:
      return "waiting";
    case NodeState::kRunning:
      return "running";
    case NodeState::kDone:
      return "done";
    case NodeState::kNothing:
      return "up to date";
    case NodeState::kFailed:
      return "failed";
    case NodeState::kSkipped:
      return "skipped";
  }
  return "";
}

std::string Rows(const NodeProgress& node) {
  if (node.rows <= 0) return "";
  std::string text = Counted(node.rows, "row");
  if (node.total_rows > node.rows) {
    text = fmt::format("{} of {}", WithSeparators(node.rows), Counted(node.total_rows, "row"));
  }
  constexpr int64_t kSecond = 1'000'000;
  if (node.elapsed_micros > kSecond / 10) {
    const auto rate = static_cast<int64_t>(static_cast<double>(node.rows) * kSecond /
                                           static_cast<double>(node.elapsed_micros));
    text += fmt::format(", {}/s", WithSeparators(rate));
  }
  return text;
}

// "bronze.t  reading 1,000 rows, 500/s  2.0 s"
std::string Describe(const NodeProgress& node, size_t name_width) {
  const bool is_running = node.state == NodeState::kRunning && !node.phase.empty();
  std::string text = fmt::format("{:<{}}  {}", node.name, name_width,
                                 is_running ? node.phase.c_str() : StateWord(node.state));
  if (const std::string rows = Rows(node); !rows.empty()) text += "  " + rows;
  if (node.elapsed_micros > 0 && node.state != NodeState::kNothing) {
    text += "  " + Duration(node.elapsed_micros);
  }
  if (!node.detail.empty()) text += "  " + EscapeControls(node.detail);
  return text;
}

int TerminalWidth() {
  constexpr int kUsual = 80;
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

}  // namespace

void ProgressLines::Update(const NodeProgress& progress) {
  const auto known = std::find_if(nodes_.begin(), nodes_.end(), [&](const NodeProgress& node) {
    return node.name == progress.name;
  });
  if (known == nodes_.end()) {
    nodes_.push_back(progress);
  } else {
    *known = progress;
  }
}

std::vector<ProgressLines::Line> ProgressLines::Lines(int width) const {
  size_t name_width = 0;
  for (const NodeProgress& node : nodes_) name_width = std::max(name_width, node.name.size());
  std::vector<Line> lines;
  for (const NodeProgress& node : nodes_) {
    Line line;
    switch (node.state) {
      case NodeState::kWaiting:
        line = {Style::kDim, "·", ""};
        break;
      case NodeState::kRunning:
        line = {Style::kCyan, "●", ""};
        break;
      case NodeState::kDone:
        line = {Style::kGreen, "✓", ""};
        break;
      case NodeState::kNothing:
        line = {Style::kDim, "✓", ""};
        break;
      case NodeState::kFailed:
        line = {Style::kRed, "✗", ""};
        break;
      case NodeState::kSkipped:
        line = {Style::kYellow, "-", ""};
        break;
    }
    line.text = CutToWidth(Describe(node, name_width), std::max(0, width - 2));
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string ProgressLines::PlainLine(const NodeProgress& progress) {
  if (progress.state == NodeState::kWaiting) return "";
  if (progress.state == NodeState::kRunning && progress.rows > 0) return "";
  return Describe(progress, 0);
}

ProgressDisplay::ProgressDisplay(const Output& output) : output_(output) {}

ProgressDisplay::~ProgressDisplay() { Finish(); }

void ProgressDisplay::OnProgress(const NodeProgress& progress) {
  std::lock_guard lock(mutex_);
  if (is_finished_) return;
  lines_.Update(progress);
  if (!output_.err_is_terminal()) {
    // A step reports its phases; only the first line of a running step is worth printing.
    const std::string line = ProgressLines::PlainLine(progress);
    const bool is_first = progress.elapsed_micros == 0 || progress.state != NodeState::kRunning;
    if (!line.empty() && is_first) output_.Note(line);
    return;
  }
  constexpr int64_t kRedrawMicros = 66'000;
  const int64_t now = base::Clock::Real()->MonotonicMicros();
  const bool is_change = progress.state != NodeState::kRunning;
  if (!is_change && now - drawn_micros_ < kRedrawMicros) return;
  drawn_micros_ = now;
  Draw();
}

void ProgressDisplay::Draw() {
  std::string text;
  if (drawn_lines_ > 0) text += fmt::format("\x1b[{}A", drawn_lines_);
  const std::vector<ProgressLines::Line> lines = lines_.Lines(TerminalWidth() - 1);
  for (const ProgressLines::Line& line : lines) {
    text += "\r\x1b[2K" + output_.OnErr(line.style, line.mark) + " " + line.text + "\n";
  }
  drawn_lines_ = static_cast<int>(lines.size());
  if (text.empty()) return;
  text.pop_back();  // Note adds it
  output_.Note(text);
}

void ProgressDisplay::Finish() {
  std::lock_guard lock(mutex_);
  if (is_finished_) return;
  is_finished_ = true;
  if (output_.err_is_terminal() && drawn_lines_ > 0) Draw();
}

}  // namespace smelt::cli
