#include "sql/query_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/query_parser.h"

namespace smelt::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

QueryPtr Parse(const std::string& text) {
  Parsed<QueryPtr> parsed = ParseQuery(MakeFragment("t.sql", text));
  EXPECT_TRUE(parsed.ok()) << text;
  return std::move(parsed.value());
}

TEST(CollectUses, FindsTablesWhereverTheyAreNamed) {
  const QueryPtr query = Parse(
      "SELECT (SELECT max(x) FROM a.b), upper(c) FROM STREAM(cat.s.t) VERSION AS OF 3 JOIN u ON "
      "u.k IN "
      "(SELECT k FROM v) LATERAL VIEW explode(w) e UNION ALL TABLE z");
  const QueryUses uses = CollectUses(*query);
  ASSERT_THAT(uses.tables, SizeIs(5));
  EXPECT_THAT(uses.tables[0].name, ElementsAre("a", "b"));
  EXPECT_THAT(uses.tables[1].name, ElementsAre("cat", "s", "t"));
  EXPECT_TRUE(uses.tables[1].is_stream);
  EXPECT_NE(uses.tables[1].ref->version, nullptr);
  EXPECT_THAT(uses.tables[2].name, ElementsAre("u"));
  EXPECT_THAT(uses.tables[3].name, ElementsAre("v"));
  EXPECT_THAT(uses.tables[4].name, ElementsAre("z"));
  EXPECT_THAT(uses.functions, ElementsAre("explode", "max", "upper"));
}

TEST(CollectUses, LeavesOutWhatWithDefines) {
  const QueryPtr query = Parse(
      "WITH t AS (SELECT * FROM t), u AS (SELECT * FROM t JOIN u) SELECT * FROM T, (WITH w AS "
      "(SELECT 1) "
      "SELECT * FROM w), w");
  const QueryUses uses = CollectUses(*query);
  std::vector<std::string> names;
  for (const TableUse& use : uses.tables) names.push_back(use.name.back());
  EXPECT_THAT(names, ElementsAre("t", "u", "w"));
}

TEST(CollectUses, KeepsTheArgumentsOfTableFunctions) {
  const QueryPtr query =
      Parse("SELECT * FROM STREAM read_files('p', format => 'csv') WHERE rand() < 1");
  const QueryUses uses = CollectUses(*query);
  EXPECT_THAT(uses.tables, IsEmpty());
  ASSERT_THAT(uses.table_functions, SizeIs(1));
  EXPECT_EQ(uses.table_functions[0].name, "read_files");
  EXPECT_TRUE(uses.table_functions[0].is_stream);
  ASSERT_THAT(uses.table_functions[0].function->args, SizeIs(2));
  EXPECT_EQ(uses.table_functions[0].function->args[1].name->text, "format");
  EXPECT_THAT(uses.functions, ElementsAre("rand"));
}

}  // namespace
}  // namespace smelt::sql
