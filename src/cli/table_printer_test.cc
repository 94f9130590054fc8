#include "cli/table_printer.h"

#include <gtest/gtest.h>

#include "cli/output.h"
#include "cli/text_width.h"

namespace smelt::cli {
namespace {

TEST(DisplayWidth, CountsColumnsOfATerminal) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("\u00e9\u00fc"), 2);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);       // a combining accent
  EXPECT_EQ(DisplayWidth("\u6771\u4eac"), 4);  // CJK
  EXPECT_EQ(DisplayWidth("\U0001F600"), 2);    // emoji
  EXPECT_EQ(DisplayWidth("\uff8a\uff9d"), 2);  // half-width katakana
  EXPECT_EQ(DisplayWidth("\xff\xfe"), 2);      // not UTF-8
  EXPECT_EQ(DisplayWidth("\xe6\x9d"), 2);      // a sequence that is cut
}

TEST(CutToWidth, NeverCutsThroughACharacter) {
  EXPECT_EQ(CutToWidth("abc", 3), "abc");
  EXPECT_EQ(CutToWidth("abcd", 3), "ab\u2026");
  EXPECT_EQ(CutToWidth("\u6771\u4eac\u90fd", 4), "\u6771\u2026");
  EXPECT_EQ(CutToWidth("abc", 1), "\u2026");
  EXPECT_EQ(CutToWidth("abc", 0), "");
}

TEST(EscapeControls, KeepsCellsOnTheirLineAndOffTheTerminal) {
  EXPECT_EQ(EscapeControls("a\nb\tc\r"), "a\\nb\\tc\\r");
  EXPECT_EQ(EscapeControls("\x1b[31mred"), "\\x1b[31mred");
  EXPECT_EQ(EscapeControls("\u00e9"), "\u00e9");
}

TableData Sample() {
  return {{{"id", "int", true}, {"name", "string", false}},
          {{"1", "Ada"}, {"20", std::nullopt}, {"300", "\u6771\u4eac"}},
          false};
}

TEST(FormatTable, AlignsNumbersRightAndShowsNull) {
  EXPECT_EQ(FormatTable(Sample(), {}),
            "┌─────┬────────┐\n"
            "│  id │ name   │\n"
            "│ int │ string │\n"
            "├─────┼────────┤\n"
            "│   1 │ Ada    │\n"
            "│  20 │ NULL   │\n"
            "│ 300 │ 東京   │\n"
            "└─────┴────────┘\n"
            "3 rows\n");
}

TEST(FormatTable, SaysWhichRowsItLeftOut) {
  TableData data{{{"n", "", true}}, {}, false};
  for (int i = 0; i < 100; ++i) data.rows.push_back({std::to_string(i)});
  EXPECT_EQ(FormatTable(data, {.max_rows = 4}),
            "┌────┐\n"
            "│  n │\n"
            "├────┤\n"
            "│  0 │\n"
            "│  1 │\n"
            "│  … │\n"
            "│ 98 │\n"
            "│ 99 │\n"
            "└────┘\n"
            "100 rows (4 shown)\n");
  data.is_cut = true;
  const std::string cut = FormatTable(data, {.max_rows = 2});
  EXPECT_NE(cut.find("│ 0 │\n│ 1 │\n"), std::string::npos) << cut;
  EXPECT_NE(cut.find("the first 100 rows, there are more (2 shown)"), std::string::npos) << cut;
}

TEST(FormatTable, FitsTheTerminal) {
  TableData data;
  data.rows.emplace_back();
  for (int i = 0; i < 12; ++i) {
    data.columns.push_back({"column_" + std::to_string(i), "string", false});
    data.rows[0].push_back(std::string(50, 'x'));
  }
  for (const int width : {30, 40, 80, 120, 400}) {
    const std::string text = FormatTable(data, {.width = width});
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = text.find('\n', begin);
      EXPECT_LE(DisplayWidth(text.substr(begin, end - begin)), width) << text;
      begin = end + 1;
    }
  }
  const std::string narrow = FormatTable(data, {.width = 60});
  EXPECT_NE(narrow.find("of 12 columns shown"), std::string::npos) << narrow;
}

TEST(FormatTable, WorksWithoutRowsAndWithoutColumns) {
  EXPECT_EQ(FormatTable({{{"a", "", false}}, {}, false}, {}),
            "┌───┐\n│ a │\n├───┤\n└───┘\n0 rows\n");
  EXPECT_EQ(FormatTable({}, {}), "0 rows\n");
}

TEST(FormatCsv, QuotesWhatNeedsIt) {
  const TableData data{{{"a,b", "", false}, {"c", "", false}},
                       {{"say \"hi\"", std::nullopt}, {"two\nlines", ""}, {"plain", "\u00e9"}},
                       false};
  EXPECT_EQ(FormatCsv(data),
            "\"a,b\",c\r\n\"say \"\"hi\"\"\",\r\n\"two\nlines\",\"\"\r\nplain,\u00e9\r\n");
}

TEST(FormatMarkdown, EscapesBars) {
  const TableData data{
      {{"a", "", false}, {"n", "", true}}, {{"x|y", "1"}, {std::nullopt, "2"}}, false};
  EXPECT_EQ(FormatMarkdown(data), "| a | n |\n| --- | ---: |\n| x\\|y | 1 |\n| NULL | 2 |\n");
}

TEST(ParseTableFormat, KnowsItsNames) {
  EXPECT_EQ(*ParseTableFormat("markdown"), TableFormat::kMarkdown);
  EXPECT_FALSE(ParseTableFormat("xml").ok());
}

TEST(Numbers, ReadWell) {
  EXPECT_EQ(WithSeparators(0), "0");
  EXPECT_EQ(WithSeparators(-1234567), "-1,234,567");
  EXPECT_EQ(WithSeparators(-123), "-123");
  EXPECT_EQ(Counted(1, "row"), "1 row");
  EXPECT_EQ(Counted(1000, "row"), "1,000 rows");
  EXPECT_EQ(Duration(999'999), "999 ms");
  EXPECT_EQ(Duration(4'200'000), "4.2 s");
  EXPECT_EQ(Duration(192'000'000), "3 min 12 s");
  EXPECT_EQ(Size(999), "999 B");
  EXPECT_EQ(Size(3'400'000), "3.4 MB");
}

}  // namespace
}  // namespace smelt::cli
