// What the text looks like and what is refused; that the answers are Spark's, corpus_test.cc shows.

#include "engine/duckdb/dialect/translate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "engine/duckdb/dialect/output_name.h"
#include "sql/query_parser.h"

namespace smelt::duck {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::variant<FromItem, sql::Diagnostic> ResolveAny(const SourceRef& ref) {
  if (ref.function != nullptr) return FromItem{"scan()", {"_metadata"}};
  return FromItem{ref.table->name.back().text, {}};
}

sql::Parsed<std::string> TryTranslate(const std::string& text,
                                      const Resolver& resolver = ResolveAny) {
  const sql::Fragment fragment = sql::MakeFragment("t.sql", text);
  const sql::Parsed<sql::QueryPtr> query = sql::ParseQuery(fragment);
  if (!query.ok()) return query.diagnostic();
  return Translate(*query.value(), *fragment.source, resolver);
}

std::string Translated(const std::string& text) {
  const sql::Parsed<std::string> sql = TryTranslate(text);
  return sql.ok() ? sql.value() : sql::RenderDiagnostic(sql.diagnostic());
}

sql::Diagnostic Refused(const std::string& text) {
  const sql::Parsed<std::string> sql = TryTranslate(text);
  EXPECT_FALSE(sql.ok()) << text;
  return sql.ok() ? sql::Diagnostic() : sql.diagnostic();
}

TEST(Translate, SpellsOutWhereNullsGo) {
  EXPECT_THAT(Translated("SELECT a FROM t ORDER BY a, b DESC"),
              HasSubstr("ORDER BY \"a\" ASC NULLS FIRST, spark_order_key(\"b\") DESC NULLS LAST"));
  EXPECT_THAT(Translated("SELECT row_number() OVER (ORDER BY a DESC) AS r FROM t"),
              HasSubstr("OVER (ORDER BY spark_order_key(\"a\") DESC NULLS LAST)"));
}

TEST(Translate, LeavesHiddenColumnsOutOfStars) {
  EXPECT_THAT(Translated("SELECT *, _metadata.line AS l FROM f(1) x"),
              HasSubstr("SELECT * EXCLUDE (\"_metadata\"), spark_field(\"_metadata\", 'line') AS "
                        "\"l\" FROM scan() AS \"x\""));
  EXPECT_THAT(Translated("SELECT x.* FROM f(1) x JOIN t"),
              HasSubstr("\"x\".* EXCLUDE (\"_metadata\")"));
  EXPECT_THAT(Translated("SELECT t.* FROM f(1) x JOIN t"), HasSubstr("SELECT \"t\".* FROM"));
}

TEST(Translate, GivesTheResolverWhatStandsThere) {
  std::vector<std::string> seen;
  const Resolver resolver = [&](const SourceRef& ref) -> std::variant<FromItem, sql::Diagnostic> {
    std::string text =
        ref.function != nullptr ? ref.function->LowerName() + "()" : ref.table->name.back().text;
    if (ref.table != nullptr && ref.table->is_stream) text = "stream " + text;
    if (ref.table != nullptr && ref.table->version) text += " version";
    seen.push_back(text);
    return FromItem{"x", {}};
  };
  const sql::Parsed<std::string> sql = TryTranslate(
      "WITH c AS (SELECT * FROM a) SELECT * FROM c, STREAM(s.b) VERSION AS OF 3, STREAM "
      "read_files('p'), range(3) r "
      "WHERE EXISTS (SELECT 1 FROM d)",
      resolver);
  ASSERT_TRUE(sql.ok()) << sql.diagnostic().message;
  EXPECT_THAT(seen, ElementsAre("a", "stream b version", "read_files()", "d"));
}

TEST(Translate, PassesOnWhyATableCannotBeResolved) {
  const Resolver resolver = [](const SourceRef& ref) -> std::variant<FromItem, sql::Diagnostic> {
    return sql::Diagnostic{.code = "unknown-table", .message = "no such table"};
  };
  const sql::Parsed<std::string> sql = TryTranslate("SELECT * FROM nowhere", resolver);
  ASSERT_FALSE(sql.ok());
  EXPECT_EQ(sql.diagnostic().code, "unknown-table");
}

TEST(Translate, TellsTablesFromStructs) {
  EXPECT_THAT(Translated("SELECT t.a.b FROM t"), HasSubstr("spark_field(\"t\".\"a\", 'b')"));
  EXPECT_THAT(Translated("SELECT a.b FROM t"), HasSubstr("spark_field(\"a\", 'b')"));
  EXPECT_THAT(Translated("SELECT s.t.a FROM s.t"), HasSubstr("SELECT \"t\".\"a\" AS"));
  EXPECT_THAT(Translated("SELECT (SELECT max(b) FROM u WHERE u.k = t.k) FROM t"),
              HasSubstr("\"t\".\"k\""));
}

TEST(Translate, KeepsAliasesOutOfSubqueries) {
  // `b` within the subquery is its own column, whatever the SELECT list calls so.
  EXPECT_THAT(Translated("SELECT a AS b FROM t WHERE EXISTS (SELECT 1 FROM u WHERE b = 1)"),
              HasSubstr("spark_eq(\"b\", 1)"));
  EXPECT_THAT(Translated("SELECT a AS b FROM t WHERE b = 1"),
              HasSubstr("spark_eq(\"t\".\"b\", 1)"));
}

TEST(Translate, QuotesWhateverNamesAndStringsHold) {
  EXPECT_THAT(Translated("SELECT `a\"b`, 'it''s' FROM t"),
              HasSubstr("SELECT \"a\"\"b\" AS \"a\"\"b\", 'it''s'"));
  EXPECT_THAT(Translated("SELECT 'a\\0b'"), HasSubstr("('a' || chr(0) || 'b')"));
}

TEST(Translate, RefusesByNameAndPlace) {
  const sql::Diagnostic unknown = Refused("SELECT a,\n  cuont(b) FROM t");
  EXPECT_EQ(unknown.code, "unknown-function");
  EXPECT_EQ(unknown.line, 2);
  EXPECT_EQ(unknown.column, 3);
  EXPECT_THAT(unknown.hint, HasSubstr("'count'"));
  EXPECT_EQ(Refused("SELECT histogram_numeric(a, 3) FROM t").code, sql::kUnsupported);
  EXPECT_EQ(Refused("SELECT * FROM a NATURAL JOIN b").code, sql::kUnsupported);
  EXPECT_EQ(Refused("SELECT * FROM t TABLESAMPLE (10 PERCENT) REPEATABLE (3)").code,
            sql::kUnsupported);
  EXPECT_EQ(Refused("SELECT *, explode(a), explode(b) FROM t").code, sql::kUnsupported);
  EXPECT_EQ(Refused("SELECT array_sort(a, (x, y) -> 1) FROM t").code, sql::kUnsupported);
  EXPECT_EQ(Refused("SELECT my.function(a) FROM t").code, sql::kUnsupported);
}

TEST(Translate, ChecksHowFunctionsAreCalled) {
  EXPECT_THAT(Refused("SELECT upper(a, b) FROM t").message,
              HasSubstr("upper takes 1 argument, not 2"));
  EXPECT_THAT(Refused("SELECT upper(DISTINCT a) FROM t").message,
              HasSubstr("cannot have DISTINCT"));
  EXPECT_THAT(Refused("SELECT upper(a) OVER () FROM t").message, HasSubstr("cannot have OVER"));
  EXPECT_THAT(Refused("SELECT rank() FROM t").message, HasSubstr("needs OVER"));
  EXPECT_THAT(Refused("SELECT rank() OVER () FROM t").message, HasSubstr("ORDER BY"));
  EXPECT_THAT(Refused("SELECT explode(a) + 1 FROM t").message, HasSubstr("several rows"));
  EXPECT_THAT(Refused("SELECT transform(a, 1) FROM t").message, HasSubstr("expected a lambda"));
  EXPECT_THAT(Refused("SELECT transform(a, (x, y, z) -> x) FROM t").message,
              HasSubstr("parameter"));
  EXPECT_THAT(Refused("SELECT x -> x").message, HasSubstr("lambda"));
  EXPECT_THAT(Refused("SELECT a AS (b, c) FROM t").message, HasSubstr("several names"));
  EXPECT_THAT(Refused("SELECT stack(2, 'a') AS (x, y)").message,
              HasSubstr("stack gives 1 columns"));
  EXPECT_THAT(Refused("SELECT 1, 2 UNION SELECT 1").message, HasSubstr("2 columns"));
  EXPECT_THAT(Refused("SELECT 300Y").message, HasSubstr("out of the range"));
  EXPECT_THAT(Refused("SELECT INTERVAL '1' MONTH 2 DAYS").message, HasSubstr("months"));
}

TEST(TranslateExpression, TakesColumnsByTheirOwnNames) {
  const sql::Fragment fragment = sql::MakeFragment("t.sql", "cust_id > 0 AND s.a IS NOT NULL");
  const sql::Parsed<sql::ExprPtr> expr = sql::ParseExpression(fragment);
  ASSERT_TRUE(expr.ok());
  const sql::Parsed<std::string> text =
      TranslateExpression(*expr.value(), *fragment.source, ResolveAny);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text.value(), "(spark_gt(\"cust_id\", 0) AND (spark_field(\"s\", 'a') IS NOT NULL))");
}

TEST(OutputName, IsWhatSparkWouldCallTheColumn) {
  const auto name = [](const std::string& text) {
    const sql::Parsed<sql::ExprPtr> expr = sql::ParseExpression(sql::MakeFragment("t.sql", text));
    return expr.ok() ? OutputName(*expr.value()) : expr.diagnostic().message;
  };
  EXPECT_EQ(name("count(*)"), "count(1)");
  EXPECT_EQ(name("t.a + 1"), "(a + 1)");
  EXPECT_EQ(name("CAST(a AS INT)"), "a");
  EXPECT_EQ(name("CAST(a + 1 AS INT)"), "CAST((a + 1) AS INT)");
  EXPECT_EQ(name("a <> 1"), "(NOT (a = 1))");
  EXPECT_EQ(name("sum(DISTINCT a)"), "sum(DISTINCT a)");
  EXPECT_EQ(name("1e20"), "1.0E20");
  EXPECT_EQ(name("round(a)"), "round(a, 0)");
  EXPECT_EQ(name("sqrt(a)"), "SQRT(a)");
}

TEST(Translate, SurvivesWhateverParses) {
  // Expressions put together at random: each is translated or refused.
  std::mt19937 random(11);
  const std::vector<std::string> leaves = {"a",
                                           "t.b.c",
                                           "1",
                                           "'x'",
                                           "NULL",
                                           "1.5",
                                           "INTERVAL 1 DAY",
                                           "DATE'2024-01-01'",
                                           "*",
                                           "(SELECT 1)",
                                           "x -> x",
                                           "CURRENT_DATE"};
  const std::vector<std::string> shapes = {"({} + {})",
                                           "f({}, {})",
                                           "explode({})",
                                           "sum({}) OVER ({})",
                                           "({}, {})",
                                           "CASE {} WHEN {} THEN 1 END",
                                           "{}[{}]",
                                           "({}).m",
                                           "struct({}, {} AS z)",
                                           "transform({}, {})",
                                           "{} IN ({}, {})",
                                           "CAST({} AS ARRAY<INT>)",
                                           "window({}, {})",
                                           "first({}, {})",
                                           "stack({}, {})",
                                           "count(DISTINCT {}, {})",
                                           "grouping_id({})",
                                           "listagg({}) WITHIN GROUP (ORDER BY {})"};
  for (int round = 0; round < 3000; ++round) {
    std::string text = leaves[random() % leaves.size()];
    for (int depth = static_cast<int>(random() % 4); depth > 0; --depth) {
      std::string shape = shapes[random() % shapes.size()];
      for (size_t at; (at = shape.find("{}")) != std::string::npos;) {
        shape.replace(at, 2, random() % 2 == 0 ? text : leaves[random() % leaves.size()]);
      }
      text = shape;
    }
    TryTranslate("SELECT " + text + " FROM t GROUP BY " + text + " ORDER BY " + text);
  }
}

}  // namespace
}  // namespace smelt::duck
