#include "pipeline/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/parameters.h"

namespace smelt::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

LoadResult Load(const std::string& text, std::map<std::string, std::string> configuration = {}) {
  Project project;
  PipelineConfig pipeline{.name = "p", .defaults = {"Main", "silver"}};
  for (auto& [key, value] : configuration) pipeline.configuration[key] = {value, {}};
  return LoadPipelineText(project, pipeline, {{"t.sql", text}});
}

PipelineSpec LoadRight(const std::string& text,
                       std::map<std::string, std::string> configuration = {}) {
  LoadResult result = Load(text, std::move(configuration));
  EXPECT_EQ(sql::RenderDiagnostics(result.diagnostics), "");
  EXPECT_FALSE(result.spec.is_partial);
  return std::move(result.spec);
}

std::vector<std::string> Mistakes(const std::string& text,
                                  std::map<std::string, std::string> configuration = {}) {
  std::vector<std::string> mistakes;
  for (const sql::Diagnostic& d : Load(text, std::move(configuration)).diagnostics) {
    mistakes.push_back(fmt::format("{}:{} {}{}", d.line, d.column, d.message,
                                   d.hint.empty() ? "" : " | " + d.hint));
  }
  return mistakes;
}

TEST(Load, ResolvesNamesToThreeLevels) {
  const PipelineSpec spec = LoadRight(
      "CREATE STREAMING TABLE Bronze.T AS SELECT * FROM STREAM x;"
      "CREATE MATERIALIZED VIEW LIVE.v AS SELECT 1;"
      "CREATE TEMPORARY VIEW W AS SELECT 1;");
  ASSERT_THAT(spec.datasets, SizeIs(3));
  EXPECT_EQ(spec.datasets[0].ToString(), "main.bronze.t");
  EXPECT_EQ(spec.datasets[1].ToString(), "main.silver.v");
  EXPECT_EQ(spec.datasets[2].ToString(), "w");
  ASSERT_THAT(spec.flows, SizeIs(1));
  EXPECT_EQ(spec.flows[0].name, "main.bronze.t");
  EXPECT_EQ(spec.flows[0].query.text(), "SELECT * FROM STREAM x");
  EXPECT_FALSE(spec.datasets[0].query.has_value());
}

TEST(Load, MakesAWholeQueryOfEveryFlow) {
  const PipelineSpec spec = LoadRight(
      "CREATE STREAMING TABLE t;\n"
      "CREATE FLOW f AS AUTO CDC INTO t FROM STREAM(s) KEYS (a) SEQUENCE BY b;\n"
      "CREATE SINK k USING dynamodb OPTIONS (table = 'kkk');\n"
      "CREATE FLOW g AS MIRROR INTO k FROM t KEYS (a);\n"
      "CREATE FLOW h AS MIRROR INTO k FROM (SELECT a FROM t) KEYS (a);\n"
      "APPLY CHANGES INTO t FROM STREAM s KEYS (a) SEQUENCE BY b");
  ASSERT_THAT(spec.flows, SizeIs(4));
  EXPECT_EQ(spec.flows[0].query.text(), "SELECT * FROM STREAM(s)");
  EXPECT_EQ(spec.flows[0].query.source->PositionOf(14), (sql::Position{2, 39}));
  EXPECT_EQ(std::get<AutoCdcFlow>(spec.flows[0].kind).sequence_by.text(), "b");
  EXPECT_EQ(spec.flows[1].query.text(), "SELECT * FROM t");
  EXPECT_EQ(spec.flows[1].sink, "k");
  EXPECT_EQ(spec.flows[2].query.text(), "SELECT a FROM t");
  EXPECT_EQ(spec.flows[3].name, "main.silver.t");
}

TEST(Load, KeepsExpectationsWithTheirPlaces) {
  const PipelineSpec spec = LoadRight(
      "CREATE TEMPORARY VIEW v (CONSTRAINT c EXPECT (a > 1) ON VIOLATION QUARANTINE) AS SELECT 1 "
      "a");
  ASSERT_THAT(spec.datasets[0].expectations, SizeIs(1));
  const Expectation& rule = spec.datasets[0].expectations[0];
  EXPECT_EQ(rule.name, "c");
  EXPECT_EQ(rule.predicate.text(), "a > 1");
  EXPECT_EQ(rule.action, sql::ViolationAction::kQuarantine);
  EXPECT_EQ(rule.place.text(), "c");
}

TEST(Load, ReplacesParametersAndKeepsPositions) {
  const PipelineSpec spec = LoadRight(
      "-- not ${here}\n"
      "CREATE MATERIALIZED VIEW ${schema}.v AS SELECT '${in}', `${in}`, ${n} + wrong;",
      {{"schema", "gold"}, {"in", "s3://a/b"}, {"n", "12"}});
  EXPECT_EQ(spec.datasets[0].ToString(), "main.gold.v");
  const sql::Fragment& query = *spec.datasets[0].query;
  EXPECT_EQ(query.text(), "SELECT 's3://a/b', `s3://a/b`, 12 + wrong");
  EXPECT_EQ(query.source->PositionOf(query.span.end - 5), (sql::Position{2, 73}));
}

TEST(Load, SetGivesAParameterItsValueForWhatFollows) {
  const PipelineSpec spec = LoadRight(
      "CREATE MATERIALIZED VIEW a AS SELECT ${day};\n"
      "SET day = '2020-01-01';\nSET later = ${day} || 'x';\n"
      "CREATE MATERIALIZED VIEW b AS SELECT ${day}, ${later};",
      {{"day", "1"}});
  EXPECT_EQ(spec.datasets[0].query->text(), "SELECT 1");
  EXPECT_EQ(spec.datasets[1].query->text(), "SELECT '2020-01-01', '2020-01-01' || 'x'");
}

TEST(Load, UnknownParametersAreNamedOnceEach) {
  EXPECT_THAT(Mistakes("CREATE MATERIALIZED VIEW a AS SELECT '${expots}', '${expots}', ${y};",
                       {{"exports", "x"}}),
              ElementsAre("1:39 the parameter 'expots' has no value | did you mean 'exports'?",
                          "1:64 the parameter 'y' has no value | give it a value in the pipeline's "
                          "configuration in databricks.yml"));
}

TEST(Load, WhatIsNoParameterStays) {
  EXPECT_THAT(Mistakes("CREATE MATERIALIZED VIEW a AS SELECT '${2}', '$x', '{y}', '${', '${a b}'"),
              IsEmpty());
}

TEST(Load, MistakesOfAllKindsComeOutAtOnce) {
  EXPECT_THAT(
      Mistakes("CREATE TEMPORARY VIEW a.b AS SELECT 1;\n"
               "CREATE SINK s.t USING dynamodb OPTIONS (table = 'ttt');\n"
               "CREATE SINK u USING dynamdb OPTIONS (table = 'ttt');\n"
               "CREATE MATERIALIZED VIEW `a b`.c AS SELECT 1;\n"
               "CREATE MATERIALISED VIEW d AS SELECT 1;\n"),
      ElementsAre(HasSubstr("5:8 expected STREAMING TABLE"),
                  "1:23 a temporary view belongs to no schema | name it b",
                  "2:13 a sink belongs to no schema | name it t",
                  "3:21 a sink of kind 'dynamdb' is not supported | did you mean 'dynamodb'?",
                  HasSubstr("4:26 the name 'a b' holds a character")));
}

TEST(Load, SinkOptionsAreChecked) {
  EXPECT_THAT(Mistakes("CREATE SINK s USING dynamodb OPTIONS (tabel = 't');"),
              ElementsAre(HasSubstr("1:13 ")));
}

std::vector<std::string> PromiseMistakes(const std::string& table, const std::string& metric,
                                         const std::string& threshold,
                                         std::vector<Promise>* promises = nullptr) {
  Project project;
  const auto source = std::make_shared<const sql::SourceText>("smelt.yml", "x");
  const Place place{source, {0, 1}};
  project.promises.push_back({{"n", place}, {table, place}, {metric, place}, {threshold, place}});
  const LoadResult result =
      LoadPipelineText(project, PipelineConfig{.defaults = {"main", "silver"}},
                       {{"t.sql", "CREATE MATERIALIZED VIEW gold.t AS SELECT 1"}});
  if (promises != nullptr) *promises = result.spec.promises;
  std::vector<std::string> mistakes;
  for (const sql::Diagnostic& d : result.diagnostics) mistakes.push_back(d.message + d.hint);
  return mistakes;
}

TEST(Promises, AreReadWithTheirUnits) {
  std::vector<Promise> promises;
  EXPECT_THAT(PromiseMistakes("gold.t", "quality_score", ">= 0.98", &promises), IsEmpty());
  ASSERT_THAT(promises, SizeIs(1));
  EXPECT_EQ(promises[0].table.ToString(), "main.gold.t");
  EXPECT_TRUE(promises[0].Holds(0.98));
  EXPECT_FALSE(promises[0].Holds(0.979));
  EXPECT_THAT(PromiseMistakes("main.gold.t", "median_duration", "< 10m", &promises), IsEmpty());
  EXPECT_EQ(promises[0].value, 600);
  EXPECT_FALSE(promises[0].Holds(600));
  EXPECT_THAT(PromiseMistakes("gold.t", "quality_score", ">98 %", &promises), IsEmpty());
  EXPECT_DOUBLE_EQ(promises[0].value, 0.98);
}

TEST(Promises, SayWhatIsWrong) {
  EXPECT_THAT(PromiseMistakes("gold.tt", "quality_score", ">= 1"),
              ElementsAre("no pipeline makes the table 'gold.tt'did you mean 'gold.t'?"));
  EXPECT_THAT(PromiseMistakes("gold.t", "quality_score", "0.98"),
              ElementsAre(HasSubstr("begins with <")));
  EXPECT_THAT(PromiseMistakes("gold.t", "quality_score", ">="),
              ElementsAre(HasSubstr("compares with a number")));
  EXPECT_THAT(PromiseMistakes("gold.t", "median_duration", "<= 10"),
              ElementsAre(HasSubstr("a duration is a number and ms")));
  EXPECT_THAT(PromiseMistakes("gold.t", "median_duration", "<= 10 weeks"), SizeIs(1));
  EXPECT_THAT(PromiseMistakes("a.b.c.d", "quality_score", ">= 1"), SizeIs(1));
}

}  // namespace
}  // namespace smelt::pipeline
