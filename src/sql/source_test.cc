#include "sql/source.h"

#include <gtest/gtest.h>

#include "sql/diagnostic.h"

namespace smelt::sql {
namespace {

TEST(SourceText, CountsLinesAndCodePointsFromOne) {
  const SourceText source("f", "a\n\u00e9b\r\n");
  EXPECT_EQ(source.PositionOf(0), (Position{1, 1}));
  EXPECT_EQ(source.PositionOf(4), (Position{2, 2}));
  EXPECT_EQ(source.PositionOf(100), (Position{3, 1}));
  EXPECT_EQ(source.Line(2), "\u00e9b");
  EXPECT_EQ(source.Line(4), "");
}

TEST(SourceText, MadeFromAnotherSpeaksOfTheOriginal) {
  //                                                           01234567890123456789
  const auto written = std::make_shared<const SourceText>("f", "x\nread('${in}', bad)");
  const auto made = std::make_shared<const SourceText>(
      written, std::vector<SourceText::Piece>{
                   {{0, 8}, {}}, {{8, 13}, "s3://bucket\n/long"}, {{13, 20}, {}}});
  EXPECT_EQ(made->text(), "x\nread('s3://bucket\n/long', bad)");
  EXPECT_EQ(made->PositionOf(made->text().find("bad")), (Position{2, 15}));
  EXPECT_EQ(made->PositionOf(made->text().find("/long")), (Position{2, 7}));
  EXPECT_EQ(made->Line(2), "read('${in}', bad)");

  // And so does one that is made from that.
  const uint32_t bad = static_cast<uint32_t>(made->text().find("bad"));
  const SourceText again(made, {{{0, 0}, "SELECT * FROM "}, {{bad, bad + 3}, {}}});
  EXPECT_EQ(again.text(), "SELECT * FROM bad");
  EXPECT_EQ(RenderDiagnostic(MakeDiagnostic(again, {14, 17}, kSyntax, "no")),
            "f:2:15: error: no\n"
            "  2 | read('${in}', bad)\n"
            "    |               ^~~\n");
}

TEST(SourceText, UnderlinesTheWholeParameterWhoseValueIsWrong) {
  const auto written = std::make_shared<const SourceText>("f", "a ${p} b");
  const SourceText made(written, {{{0, 2}, {}}, {{2, 6}, "1"}, {{6, 8}, {}}});
  EXPECT_EQ(MakeDiagnostic(made, {2, 3}, kSyntax, "no").length, 4);
}

}  // namespace
}  // namespace smelt::sql
