#include "sql/lexer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace smelt::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> Values(const std::string& text) {
  std::vector<std::string> values;
  const LexResult result = Lex(SourceText("t.sql", text));
  EXPECT_THAT(result.diagnostics, IsEmpty()) << text;
  for (const Token& token : result.tokens) values.push_back(token.value);
  EXPECT_EQ(result.tokens.back().kind, TokenKind::kEnd);
  values.pop_back();
  return values;
}

Token Single(const std::string& text) {
  const LexResult result = Lex(SourceText("t.sql", text));
  EXPECT_THAT(result.diagnostics, IsEmpty()) << text;
  EXPECT_THAT(result.tokens, SizeIs(2)) << text;
  return result.tokens.front();
}

Diagnostic SingleDiagnostic(const std::string& text) {
  const LexResult result = Lex(SourceText("t.sql", text));
  EXPECT_THAT(result.diagnostics, SizeIs(1)) << text;
  return result.diagnostics.empty() ? Diagnostic() : result.diagnostics.front();
}

TEST(Lexer, CutsWordsNumbersAndOperators) {
  EXPECT_THAT(Values("SELECT a.b<=>c||d|>x->y=>z::t!=1"),
              ElementsAre("SELECT", "a", ".", "b", "<=>", "c", "||", "d", "|>", "x", "->", "y",
                          "=>", "z", "::", "t", "!=", "1"));
}

TEST(Lexer, LeavesClosingBracketsOfNestedTypesApart) {
  EXPECT_THAT(Values("ARRAY<ARRAY<INT>>"),
              ElementsAre("ARRAY", "<", "ARRAY", "<", "INT", ">", ">"));
}

TEST(Lexer, ReadsSparksNumberForms) {
  EXPECT_EQ(Single("10L").suffix, "L");
  EXPECT_EQ(Single("5s").suffix, "S");
  EXPECT_EQ(Single("1.5BD").suffix, "BD");
  EXPECT_EQ(Single("1.5BD").value, "1.5");
  EXPECT_EQ(Single("1").kind, TokenKind::kInteger);
  EXPECT_EQ(Single(".5").kind, TokenKind::kDecimal);
  EXPECT_EQ(Single("1.").kind, TokenKind::kDecimal);
  EXPECT_EQ(Single("1e3").kind, TokenKind::kExponent);
  EXPECT_EQ(Single("1.5E-3D").value, "1.5E-3");
  EXPECT_EQ(Single("2024_sales").kind, TokenKind::kWord);
  EXPECT_EQ(SingleDiagnostic("1.5xyz").code, "invalid-number");
}

TEST(Lexer, ReadsMembersAfterNamesAndIndexesRatherThanFractions) {
  EXPECT_THAT(Values("t.1a"), ElementsAre("t", ".", "1a"));
  EXPECT_THAT(Values("x[0].y"), ElementsAre("x", "[", "0", "]", ".", "y"));
}

TEST(Lexer, DecodesStringEscapes) {
  EXPECT_EQ(Single("'it''s'").value, "it's");
  EXPECT_EQ(Single("\"say \"\"so\"\"\"").value, "say \"so\"");
  EXPECT_EQ(Single("'it\\'s'").value, "it's");
  EXPECT_EQ(Single("'a\\tb\\n\\\\'").value, "a\tb\n\\");
  EXPECT_EQ(Single("'uni\\u00e9'").value, "uni\u00e9");
  EXPECT_EQ(Single("'\\U0001F600'").value, "\U0001F600");
  EXPECT_EQ(Single("'\\uD83D\\uDE00'").value, "\U0001F600");
  EXPECT_EQ(Single("'\\101'").value, "A");
  EXPECT_EQ(Single("'a\\_c\\%'").value, "a\\_c\\%");
  EXPECT_EQ(Single("r'\\d+\\n'").value, "\\d+\\n");
  EXPECT_EQ(Single("R\"x\"").value, "x");
}

TEST(Lexer, DoublesBackticks) {
  const Token token = Single("`a``b`");
  EXPECT_EQ(token.kind, TokenKind::kQuotedIdentifier);
  EXPECT_EQ(token.value, "a`b");
}

TEST(Lexer, SkipsCommentsAndKeepsHints) {
  EXPECT_THAT(Values("1 -- x\n/* a /* nested */ b */ 2"), ElementsAre("1", "2"));
  EXPECT_THAT(Values("SELECT /*+ BROADCAST(t) */ 1"), ElementsAre("SELECT", " BROADCAST(t) ", "1"));
}

TEST(Lexer, LeavesVariablesToTheLoader) {
  const Token token = Single("${catalog.name}");
  EXPECT_EQ(token.kind, TokenKind::kVariable);
  EXPECT_EQ(token.value, "catalog.name");
}

TEST(Lexer, CountsColumnsInCodePoints) {
  const SourceText source("t.sql", "'\u00e9\u00e9' x\n  \u4e2d\u6587 y");
  const LexResult result = Lex(source);
  ASSERT_THAT(result.tokens, SizeIs(5));
  EXPECT_EQ(source.PositionOf(result.tokens[1].span.begin), (Position{1, 6}));
  EXPECT_EQ(result.tokens[2].value, "\u4e2d\u6587");
  EXPECT_EQ(source.PositionOf(result.tokens[3].span.begin), (Position{2, 6}));
}

TEST(Lexer, PointsAtWhatIsNeverClosed) {
  const Diagnostic string = SingleDiagnostic("SELECT 'abc");
  EXPECT_EQ(string.code, "unterminated-string");
  EXPECT_EQ(string.column, 8);
  const Diagnostic comment = SingleDiagnostic("a\n /* b /* c */");
  EXPECT_EQ(comment.code, "unterminated-comment");
  EXPECT_EQ(comment.line, 2);
  EXPECT_EQ(comment.column, 2);
  EXPECT_EQ(SingleDiagnostic("`x").code, "unterminated-identifier");
}

TEST(Lexer, ExplainsWordProcessorQuotes) {
  const LexResult result = Lex(SourceText("t.sql", "\u2018a\u2019"));
  ASSERT_THAT(result.diagnostics, SizeIs(2));
  EXPECT_THAT(result.diagnostics[0].hint, HasSubstr("straight quotes"));
}

TEST(Lexer, SurvivesAnyBytes) {
  std::mt19937 random(20240305);
  const std::string alphabet =
      "'\"`\\/*-+$ {}()u0123456789abeELrR.:?\n\xC3\xA9\xE2\x80\x98\xFF<>=|";
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (size_t i = random() % 60; i > 0; --i) {
      text += round % 2 == 0 ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
    }
    const LexResult result = Lex(SourceText("fuzz", text));
    ASSERT_FALSE(result.tokens.empty());
    uint32_t end = 0;
    for (const Token& token : result.tokens) {
      ASSERT_GE(token.span.begin, end);
      ASSERT_GE(token.span.end, token.span.begin);
      end = token.span.end;
    }
    ASSERT_LE(end, text.size());
    RenderDiagnostics(result.diagnostics);
  }
}

TEST(Lexer, ReadsBackWhatIsQuoted) {
  for (const std::string value : {"it's", "a\\_b\\%", "\\\\%", "tab\t\\n", "\u00e9`\"", ""}) {
    EXPECT_EQ(Single(QuoteString(value)).value, value);
    if (value.empty()) continue;  // no name is empty
    EXPECT_EQ(Single(QuoteIdentifier(value)).value, value);
  }
}

}  // namespace
}  // namespace smelt::sql
