#include "engine/duckdb/row_preserving.h"

#include <gtest/gtest.h>

#include "sql/fragment.h"
#include "sql/query_parser.h"

namespace smelt::duck {
namespace {

bool Preserves(const std::string& text) {
  const auto parsed = sql::ParseQuery(sql::MakeFragment("q", text));
  EXPECT_TRUE(parsed.ok()) << text;
  return parsed.ok() && IsRowPreserving(*parsed.value());
}

TEST(RowPreserving, ProjectionsAre) {
  EXPECT_TRUE(Preserves("SELECT * FROM STREAM(t)"));
  EXPECT_TRUE(Preserves("SELECT a + 1 AS b, upper(c) FROM t"));
  EXPECT_TRUE(Preserves("SELECT *, current_timestamp() AS at FROM STREAM dynamodb_export('p')"));
  EXPECT_TRUE(Preserves("SELECT sum(a) OVER (PARTITION BY b) FROM t"));
}

TEST(RowPreserving, WhatDropsMergesOrMultipliesRowsIsNot) {
  for (const char* text :
       {"SELECT * FROM t WHERE a > 1", "SELECT DISTINCT a FROM t", "SELECT a FROM t LIMIT 1",
        "SELECT count(*) FROM t", "SELECT a FROM t GROUP BY a", "SELECT * FROM t JOIN u USING (a)",
        "SELECT explode(a) FROM t", "SELECT * FROM t UNION ALL SELECT * FROM u",
        "SELECT * FROM t, u", "SELECT x FROM t LATERAL VIEW explode(a) v AS x",
        "SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1",
        "SELECT * FROM t TABLESAMPLE (10 PERCENT)", "SELECT * FROM (SELECT * FROM t)"}) {
    EXPECT_FALSE(Preserves(text)) << text;
  }
}

}  // namespace
}  // namespace smelt::duck
