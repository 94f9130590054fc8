#pragma once

// Shows an update while it runs: on a terminal a line for each dataset, redrawn in place; elsewhere
// a line when something begins or ends. To stderr.

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "cli/output.h"
#include "pipeline/run.h"

namespace smelt::cli {

// The lines of a progress display, without any terminal: pure.
class ProgressLines {
 public:
  // Takes in what happened; what it says of a dataset replaces what was known.
  void Update(const pipeline::NodeProgress& progress);

  struct Line {
    Style style = Style::kPlain;
    std::string mark;  // ✓ ✗ ● ·
    std::string text;
  };
  // In the order in which the datasets were first heard of; each text at most `width` columns wide.
  std::vector<Line> Lines(int width) const;
  // What to print where lines cannot be redrawn; empty: nothing worth a line.
  static std::string PlainLine(const pipeline::NodeProgress& progress);

 private:
  std::vector<pipeline::NodeProgress> nodes_;
};

class ProgressDisplay : public pipeline::ProgressListener {
 public:
  explicit ProgressDisplay(const Output& output);
  // Leaves the last state on the screen.
  ~ProgressDisplay() override;

  void OnProgress(const pipeline::NodeProgress& progress) override;
  // Draws the final state and stops drawing, so that results can follow.
  void Finish();

 private:
  void Draw();

  const Output& output_;
  std::mutex mutex_;
  ProgressLines lines_;
  int drawn_lines_ = 0;
  int64_t drawn_micros_ = 0;
  bool is_finished_ = false;
};

}  // namespace smelt::cli
