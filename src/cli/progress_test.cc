#include "cli/progress.h"

#include <gtest/gtest.h>

#include "cli/context.h"
#include "cli/text_width.h"

namespace smelt::cli {
namespace {

using pipeline::NodeProgress;
using pipeline::NodeState;

NodeProgress Running(const std::string& name, int64_t rows, int64_t total) {
  NodeProgress progress;
  progress.name = name;
  progress.state = NodeState::kRunning;
  progress.phase = "reading";
  progress.rows = rows;
  progress.total_rows = total;
  progress.elapsed_micros = 2'000'000;
  return progress;
}

TEST(ProgressLines, ShowStateRowsRateAndTime) {
  ProgressLines lines;
  lines.Update(Running("bronze.t", 1000, 4000));
  lines.Update({.name = "gold.longer", .state = NodeState::kWaiting});
  ASSERT_EQ(lines.Lines(200).size(), 2u);
  EXPECT_EQ(lines.Lines(200)[0].text, "bronze.t     reading  1,000 of 4,000 rows, 500/s  2.0 s");
  EXPECT_EQ(lines.Lines(200)[1].text, "gold.longer  waiting");
}

TEST(ProgressLines, ReplaceWhatWasKnownAndKeepTheirPlace) {
  ProgressLines lines;
  lines.Update(Running("a", 1, -1));
  lines.Update(Running("b", 1, -1));
  NodeProgress done = Running("a", 2000, -1);
  done.state = NodeState::kDone;
  done.detail = "version 3";
  lines.Update(done);
  ASSERT_EQ(lines.Lines(200).size(), 2u);
  EXPECT_EQ(lines.Lines(200)[0].text, "a  done  2,000 rows, 1,000/s  2.0 s  version 3");
  EXPECT_EQ(lines.Lines(200)[0].style, Style::kGreen);
}

TEST(ProgressLines, StayWithinTheTerminal) {
  ProgressLines lines;
  NodeProgress failed = Running(std::string(60, 'n'), 1, -1);
  failed.state = NodeState::kFailed;
  failed.detail = "first line\nsecond line";
  lines.Update(failed);
  EXPECT_LE(DisplayWidth(lines.Lines(40)[0].text), 40);
  EXPECT_EQ(lines.Lines(400)[0].text.find('\n'), std::string::npos);
}

TEST(ProgressLines, PlainOnesAreFewWhereNothingIsRedrawn) {
  EXPECT_EQ(ProgressLines::PlainLine({.name = "a", .state = NodeState::kWaiting}), "");
  EXPECT_EQ(ProgressLines::PlainLine(Running("a", 100, 200)), "");
  EXPECT_EQ(
      ProgressLines::PlainLine({.name = "a", .state = NodeState::kNothing, .detail = "as before"}),
      "a  up to date  as before");
}

TEST(ParseSize, TakesWhatPeopleWrite) {
  EXPECT_EQ(*ParseSize("512MB"), 512'000'000);
  EXPECT_EQ(*ParseSize("2GiB"), int64_t{2} << 30);
  EXPECT_EQ(*ParseSize("1.5g"), 1'500'000'000);
  EXPECT_EQ(*ParseSize("100 kB"), 100'000);
  EXPECT_EQ(*ParseSize("123"), 123);
  for (const char* wrong : {"", "MB", "-1GB", "0", "1XB", "1GBB", "1 000", "nan", "1e30GB"}) {
    EXPECT_FALSE(ParseSize(wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace smelt::cli
