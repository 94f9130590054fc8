#include "sql/query_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <string>

#include "base/json.h"
#include "sql/lexer.h"

namespace smelt::sql {
namespace {

using ::testing::HasSubstr;

QueryPtr Parse(const std::string& text) {
  Parsed<QueryPtr> parsed = ParseQuery(MakeFragment("t.sql", text));
  if (!parsed.ok()) {
    ADD_FAILURE() << RenderDiagnostic(parsed.diagnostic());
    return std::make_unique<Query>();
  }
  return std::move(parsed.value());
}

Diagnostic Refused(const std::string& text) {
  const Parsed<QueryPtr> parsed = ParseQuery(MakeFragment("t.sql", text));
  EXPECT_FALSE(parsed.ok()) << text;
  return parsed.ok() ? Diagnostic() : parsed.diagnostic();
}

std::vector<nlohmann::json> Corpus() {
  std::ifstream file(std::string(SMELT_SOURCE_DIR) + "/tests/spark-sql/corpus.jsonl");
  std::vector<nlohmann::json> rows;
  for (std::string line; std::getline(file, line);) rows.push_back(nlohmann::json::parse(line));
  return rows;
}

TEST(QueryParser, ParsesEveryQueryOfTheCorpus) {
  const std::vector<nlohmann::json> corpus = Corpus();
  ASSERT_GT(corpus.size(), 170u);
  for (const nlohmann::json& entry : corpus) {
    if (entry.contains("sql")) Parse(entry["sql"].get<std::string>());
  }
}

}  // namespace
}  // namespace smelt::sql
