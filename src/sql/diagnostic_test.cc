#include "sql/diagnostic.h"

#include <gtest/gtest.h>

namespace smelt::sql {
namespace {

TEST(Diagnostic, ShowsTheLineAndUnderlinesTheSpan) {
  const SourceText source("a/b.sql", "SELECT 1,\n\tcout(x) FROM t");
  const Diagnostic diagnostic = MakeDiagnostic(source, {11, 15}, "unknown-function",
                                               "unknown function 'cout'", "did you mean 'count'?");
  EXPECT_EQ(RenderDiagnostic(diagnostic),
            "a/b.sql:2:2: error: unknown function 'cout'\n"
            "  2 | \tcout(x) FROM t\n"
            "    | \t^~~~\n"
            "  hint: did you mean 'count'?\n");
}

TEST(Diagnostic, UnderlinesASpanOfSeveralLinesOnItsFirst) {
  const SourceText source("t", "ab\ncd");
  EXPECT_EQ(MakeDiagnostic(source, {1, 5}, kSyntax, "x").length, 1);
}

TEST(Diagnostic, PointsBehindTheEnd) {
  const SourceText source("t", "\u00e9b");
  const Diagnostic diagnostic = MakeDiagnostic(source, {3, 3}, kSyntax, "x");
  EXPECT_EQ(diagnostic.column, 3);
  EXPECT_EQ(diagnostic.length, 1);
}

TEST(Diagnostic, AreShownInOrderOfPlace) {
  const SourceText source("t", "a\nb");
  const std::string text = RenderDiagnostics({MakeDiagnostic(source, {2, 3}, kSyntax, "second"),
                                              MakeDiagnostic(source, {0, 1}, kSyntax, "first")});
  EXPECT_LT(text.find("first"), text.find("second"));
}

TEST(Diagnostic, BecomesAStatusOfItsKind) {
  const SourceText source("t", "a");
  EXPECT_TRUE(absl::IsInvalidArgument(ToStatus(MakeDiagnostic(source, {0, 1}, kSyntax, "x"))));
  EXPECT_TRUE(absl::IsUnimplemented(ToStatus(MakeDiagnostic(source, {0, 1}, kUnsupported, "x"))));
  EXPECT_TRUE(ToStatus(std::vector<Diagnostic>()).ok());
}

TEST(NearestName, FindsMisspellingsAndNothingElse) {
  const std::vector<std::string> known = {"count", "customer_id", "amount"};
  EXPECT_EQ(NearestName("CUONT", known), "count");
  EXPECT_EQ(NearestName("custmer_id", known), "customer_id");
  EXPECT_EQ(NearestName("xyz", known), std::nullopt);
  EXPECT_EQ(SuggestName("amuont", known), "did you mean 'amount'?");
  EXPECT_EQ(SuggestName("zzz", {}), "");
}

}  // namespace
}  // namespace smelt::sql
