#include "sql/query_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <string>

#include "base/json.h"
#include "sql/lexer.h"
#include "sql/query_printer.h"

namespace smelt::sql {
namespace {

using ::testing::HasSubstr;

// A query or an expression, parsed and printed.
std::string Reprint(const std::string& text) {
  const Parsed<QueryPtr> parsed = ParseQuery(MakeFragment("t.sql", text));
  return parsed.ok() ? PrintQuery(*parsed.value()) : RenderDiagnostic(parsed.diagnostic());
}
std::string ReprintExpression(const std::string& text) {
  const Parsed<ExprPtr> parsed = ParseExpression(MakeFragment("t.sql", text));
  return parsed.ok() ? PrintExpression(*parsed.value()) : RenderDiagnostic(parsed.diagnostic());
}

Diagnostic Refused(const std::string& text) {
  const Parsed<QueryPtr> parsed = ParseQuery(MakeFragment("t.sql", text));
  EXPECT_FALSE(parsed.ok()) << text.substr(0, 80);
  return parsed.ok() ? Diagnostic() : parsed.diagnostic();
}

std::vector<std::string> CorpusQueries() {
  std::ifstream file(std::string(SMELT_SOURCE_DIR) + "/tests/spark-sql/corpus.jsonl");
  std::vector<std::string> queries;
  for (std::string line; std::getline(file, line);) {
    const nlohmann::json entry = nlohmann::json::parse(line);
    if (entry.contains("sql")) queries.push_back(entry["sql"].get<std::string>());
  }
  return queries;
}

TEST(QueryParser, ReadsBackWhatItPrintsOfTheCorpus) {
  const std::vector<std::string> queries = CorpusQueries();
  ASSERT_GT(queries.size(), 170u);
  for (const std::string& query : queries) {
    const std::string once = Reprint(query);
    ASSERT_THAT(once, Not(HasSubstr("error:"))) << query;
    EXPECT_EQ(Reprint(once), once) << query;
  }
}

TEST(QueryParser, ClimbsSparksLadderOfPrecedence) {
  EXPECT_EQ(ReprintExpression("1 + 2 * 3 - 4"), "((1 + (2 * 3)) - 4)");
  EXPECT_EQ(ReprintExpression("a OR b AND NOT c = d"), "(a OR (b AND (NOT (c = d))))");
  EXPECT_EQ(ReprintExpression("NOT a IS NULL"), "(NOT (a IS NULL))");
  EXPECT_EQ(ReprintExpression("a = b IS NULL"), "((a = b) IS NULL)");
  EXPECT_EQ(ReprintExpression("a | b ^ c & d << 1 + 2"), "(a | (b ^ (c & (d << (1 + 2)))))");
  EXPECT_EQ(ReprintExpression("a >> 2 > 1"), "((a >> 2) > 1)");
  EXPECT_EQ(ReprintExpression("a >>> 2"), "(a >>> 2)");
  EXPECT_EQ(ReprintExpression("x BETWEEN 1 AND 2 AND y"), "((x BETWEEN 1 AND 2) AND y)");
  EXPECT_EQ(ReprintExpression("a || b + c"), "((a || b) + c)");
  EXPECT_EQ(ReprintExpression("-7 div 2"), "(-7 DIV 2)");
  EXPECT_EQ(ReprintExpression("-x"), "(- x)");
  EXPECT_EQ(ReprintExpression("!a"), "(NOT a)");
  EXPECT_EQ(ReprintExpression("a.b[0].c::INT"), "CAST(((a.b)[0]).c AS INT)");
}

TEST(QueryParser, ReadsEveryFormOfIntervals) {
  EXPECT_EQ(ReprintExpression("INTERVAL 1 DAY"), "INTERVAL '1' DAY");
  EXPECT_EQ(ReprintExpression("INTERVAL -3 HOURS"), "INTERVAL '-3' HOURS");
  EXPECT_EQ(ReprintExpression("INTERVAL '1-2' YEAR TO MONTH"), "INTERVAL '1-2' YEAR TO MONTH");
  EXPECT_EQ(ReprintExpression("INTERVAL 1 DAY 2 HOURS"), "INTERVAL '1' DAY '2' HOURS");
  EXPECT_EQ(ReprintExpression("INTERVAL '2 days 3 hours'"), "INTERVAL '2 days 3 hours'");
  EXPECT_EQ(ReprintExpression("d + INTERVAL 1 DAY - 2"), "((d + INTERVAL '1' DAY) - 2)");
  EXPECT_EQ(ReprintExpression("interval"), "`interval`");
}

TEST(QueryParser, TurnsKeywordFormsIntoCalls) {
  EXPECT_EQ(ReprintExpression("EXTRACT(YEAR FROM d)"), "`extract`('YEAR', d)");
  EXPECT_EQ(ReprintExpression("SUBSTRING(s FROM 2 FOR 3)"), "`substring`(s, 2, 3)");
  EXPECT_EQ(ReprintExpression("TRIM(BOTH 'x' FROM s)"), "`btrim`(s, 'x')");
  EXPECT_EQ(ReprintExpression("TRIM(LEADING 'x' FROM s)"), "`ltrim`('x', s)");
  EXPECT_EQ(ReprintExpression("POSITION('a' IN s)"), "`position`('a', s)");
  EXPECT_EQ(ReprintExpression("CURRENT_DATE"), "`CURRENT_DATE`()");
  EXPECT_EQ(ReprintExpression("'a' 'b' \"c\""), "'abc'");
}

TEST(QueryParser, ReadsLambdas) {
  EXPECT_EQ(ReprintExpression("f_1(a, x -> x + 1)"), "f_1(a, (x) -> (x + 1))");
  EXPECT_EQ(ReprintExpression("f_1(a, (x, y) -> x)"), "f_1(a, (x, y) -> x)");
}

TEST(QueryParser, TakesKeywordsForNamesWhereItCan) {
  EXPECT_EQ(Reprint("SELECT t.order, date, end FROM t"), "SELECT t.`order`, `date`, `end` FROM t");
  EXPECT_EQ(Reprint("SELECT a AS from FROM t"), "SELECT a AS `from` FROM t");
  EXPECT_EQ(Reprint("SELECT * FROM stream"), "SELECT * FROM `stream`");
}

TEST(QueryParser, ReadsTableReferences) {
  EXPECT_EQ(Reprint("SELECT * FROM delta.`/p/q` VERSION AS OF 3 x"),
            "SELECT * FROM `delta`.`/p/q` VERSION AS OF 3 AS x");
  EXPECT_EQ(Reprint("SELECT * FROM t TIMESTAMP AS OF '2024-01-01'"),
            "SELECT * FROM t TIMESTAMP AS OF '2024-01-01'");
  EXPECT_EQ(Reprint("SELECT * FROM STREAM a.b x"), "SELECT * FROM STREAM(a.b) AS x");
  EXPECT_EQ(Reprint("SELECT * FROM STREAM(a.b) x"), "SELECT * FROM STREAM(a.b) AS x");
  EXPECT_EQ(Reprint("SELECT * FROM STREAM f_1('p', k_1 => 'v')"),
            "SELECT * FROM STREAM(f_1('p', k_1 => 'v'))");
  EXPECT_EQ(Reprint("SELECT * FROM a LEFT OUTER JOIN b USING (k) CROSS JOIN c"),
            "SELECT * FROM a LEFT JOIN b USING (k) CROSS JOIN c");
  EXPECT_EQ(Reprint("SELECT * FROM (a JOIN b ON a.x = b.x) LEFT ANTI JOIN c ON c.x = a.x"),
            "SELECT * FROM a JOIN b ON (a.x = b.x) LEFT ANTI JOIN c ON (c.x = a.x)");
}

TEST(QueryParser, TellsSubqueriesFromParentheses) {
  EXPECT_EQ(ReprintExpression("((SELECT 1) + 1)"), "((SELECT 1) + 1)");
  EXPECT_EQ(Reprint("SELECT * FROM ((SELECT 1) UNION (SELECT 2)) t"),
            "SELECT * FROM ((SELECT 1) UNION (SELECT 2)) AS t");
  EXPECT_EQ(Reprint("SELECT * FROM ((SELECT 1) t JOIN u)"), "SELECT * FROM (SELECT 1) AS t JOIN u");
  EXPECT_EQ(Reprint("((SELECT 1))"), "SELECT 1");
}

TEST(QueryParser, LetsIntersectBindTighterThanUnion) {
  EXPECT_EQ(Reprint("SELECT 1 UNION SELECT 2 INTERSECT SELECT 3"),
            "(SELECT 1) UNION ((SELECT 2) INTERSECT (SELECT 3))");
  EXPECT_EQ(Reprint("SELECT 1 UNION ALL SELECT 2 MINUS SELECT 3"),
            "((SELECT 1) UNION ALL (SELECT 2)) EXCEPT (SELECT 3)");
}

TEST(QueryParser, TurnsPipesIntoNestedQueries) {
  EXPECT_EQ(Reprint("FROM t |> WHERE a |> SELECT b |> LIMIT 3"), "SELECT b FROM t WHERE a LIMIT 3");
  EXPECT_EQ(Reprint("FROM t |> AGGREGATE count(*) AS n GROUP BY k"),
            "SELECT k, `count`(*) AS n FROM t GROUP BY 1");
  EXPECT_EQ(Reprint("FROM t |> DROP a |> WHERE t.b"),
            "SELECT * FROM (SELECT * EXCEPT (a) FROM (SELECT * FROM t) AS t) AS t WHERE t.b");
}

TEST(QueryParser, SaysWhatItExpectedAndWhere) {
  const Diagnostic comma = Refused("SELECT a,\nFROM t");
  EXPECT_EQ(comma.line, 2);
  EXPECT_EQ(comma.column, 1);
  EXPECT_THAT(comma.message, HasSubstr("expected an expression, found 'FROM'"));
  EXPECT_THAT(comma.hint, HasSubstr("comma"));
  EXPECT_THAT(Refused("SELECT 1 +").message, HasSubstr("found the end"));
  EXPECT_THAT(Refused("SELECT (1").message, HasSubstr("expected ')'"));
  EXPECT_THAT(Refused("SELECT a b c").message,
              HasSubstr("expected the end of the query, found 'c'"));
  EXPECT_THAT(Refused("SELECT 1 FROM ${x}").message, HasSubstr("nothing sets ${x}"));
  EXPECT_THAT(Refused("").message, HasSubstr("expected a query"));
  EXPECT_THAT(Refused("SELECT CAST(a AS NUMBER)").message, HasSubstr("NUMBER"));
  EXPECT_EQ(Refused("SELECT 'a").code, "unterminated-string");
}

TEST(QueryParser, RefusesByNameWhatItKnowsAndDoesNotSupport) {
  for (const std::string text :
       {"SELECT a:b.c FROM t", "SELECT :p", "SELECT ?", "SELECT a COLLATE x FROM t",
        "SELECT * FROM t ORDER BY ALL", "SELECT INTERVAL (a) DAY"}) {
    EXPECT_EQ(Refused(text).code, kUnsupported) << text;
  }
}

TEST(QueryParser, RefusesWhatIsNestedTooDeeply) {
  const int deep = 100000;
  const std::string parentheses = std::string(deep, '(') + "1" + std::string(deep, ')');
  EXPECT_EQ(Refused("SELECT " + parentheses).code, "too-deep");
  std::string sum = "SELECT 1", nots = "SELECT ", members = "SELECT a", joins = "SELECT * FROM a";
  std::string pipes = "FROM a", unions = "SELECT 1", minus = "SELECT ", cases = "SELECT ";
  for (int i = 0; i < deep; ++i) {
    sum += " + 1";
    nots += "NOT ";
    members += "[0]";
    joins += " JOIN b";
    pipes += " |> EXTEND 1 AS x";
    unions += " UNION SELECT 1";
    minus += "- ";
    cases += "CASE WHEN ";
  }
  for (const std::string& text :
       {sum, nots + "1", members, joins, pipes, unions, minus + "a", cases + "1"}) {
    EXPECT_EQ(Refused(text).code, "too-deep") << text.substr(0, 40);
  }
}

TEST(QueryParser, CountsTheDepthOfSubqueriesWithThatOfTheirExpressions) {
  std::string text = "SELECT 1";
  for (int i = 0; i < 20; ++i) {
    text = "SELECT (" + text + ")";
    for (int j = 0; j < 50; ++j) text += " + 1";
  }
  EXPECT_EQ(Refused(text).code, "too-deep");
}

TEST(QueryParser, ReadsLongChainsOfConditions) {
  std::string text = "SELECT * FROM t WHERE a = 0";
  for (int i = 0; i < 20000; ++i) text += " OR a = 1";
  EXPECT_TRUE(ParseQuery(MakeFragment("t.sql", text)).ok());
}

TEST(QueryParser, SurvivesBrokenQueries) {
  // Pieces of real queries in any order, and real queries with pieces missing.
  std::mt19937 random(7);
  const std::vector<std::string> queries = CorpusQueries();
  std::vector<std::string> words;
  for (const std::string& query : queries) {
    const SourceText source("t", query);
    for (const Token& token : Lex(source).tokens) words.emplace_back(source.Slice(token.span));
  }
  for (int round = 0; round < 4000; ++round) {
    std::string text = "SELECT ";
    if (round % 2 == 0) {
      for (size_t i = random() % 30; i > 0; --i) text += words[random() % words.size()] + " ";
    } else {
      text = queries[random() % queries.size()];
      const size_t begin = random() % text.size();
      text.erase(begin, random() % 8);
    }
    const Parsed<QueryPtr> parsed = ParseQuery(MakeFragment("t.sql", text));
    if (!parsed.ok()) continue;
    const std::string once = PrintQuery(*parsed.value());
    EXPECT_EQ(Reprint(once), once) << text;
  }
}

}  // namespace
}  // namespace smelt::sql
