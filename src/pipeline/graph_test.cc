#include "pipeline/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "pipeline/load.h"

namespace smelt::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Built {
  PipelineSpec spec;
  GraphResult result;

  const Graph& graph() const { return result.graph; }
  std::string NameOf(int node) const {
    const GraphNode& n = graph().nodes[node];
    return n.kind == GraphNode::Kind::kFlow ? spec.flows[n.index].name
                                            : spec.datasets[n.index].ToString();
  }
  // "name <- input, input"
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (size_t i = 0; i < graph().nodes.size(); ++i) {
      std::string line = NameOf(static_cast<int>(i));
      for (const int input : graph().nodes[i].inputs) line += " <- " + NameOf(input);
      lines.push_back(line);
    }
    return lines;
  }
};

// Tables a, b and c of schema ext exist already.
Built Build(const std::string& text) {
  LoadResult loaded = LoadPipelineText({}, PipelineConfig{.name = "p", .defaults = {"main", "d"}},
                                       {{"t.sql", text}});
  Built built{std::move(loaded.spec), {}};
  const auto exists = [](const catalog::TableName& name) {
    return name.schema == "ext" && (name.table == "a" || name.table == "b" || name.table == "c");
  };
  built.result = BuildGraph(built.spec, exists, {{"main", "ext", "a"}});
  for (sql::Diagnostic& diagnostic : loaded.diagnostics) {
    built.result.diagnostics.push_back(std::move(diagnostic));
  }
  return built;
}

Built BuildRight(const std::string& text) {
  Built built = Build(text);
  EXPECT_EQ(sql::RenderDiagnostics(built.result.diagnostics), "");
  return built;
}

std::vector<std::string> Mistakes(const std::string& text) {
  std::vector<std::string> mistakes;
  for (const sql::Diagnostic& d : Build(text).result.diagnostics) {
    mistakes.push_back(fmt::format("{}:{} {}{}", d.line, d.column, d.message,
                                   d.hint.empty() ? "" : " | " + d.hint));
  }
  return mistakes;
}

TEST(Graph, OrdersByWhatIsReadAndThenByTheFiles) {
  const Built built = BuildRight(
      "CREATE MATERIALIZED VIEW last AS SELECT * FROM mid JOIN LIVE.other;"
      "CREATE MATERIALIZED VIEW mid AS SELECT * FROM first;"
      "CREATE MATERIALIZED VIEW other AS SELECT * FROM ext.a;"
      "CREATE STREAMING TABLE first AS SELECT * FROM STREAM(ext.b);");
  EXPECT_THAT(built.Lines(),
              ElementsAre("main.d.other", "main.d.first", "main.d.mid <- main.d.first",
                          "main.d.last <- main.d.other <- main.d.mid"));
}

TEST(Graph, SeesThroughSubqueriesAndWith) {
  const Built built = BuildRight(
      "CREATE STREAMING TABLE t AS SELECT * FROM STREAM ext.a;"
      "CREATE MATERIALIZED VIEW v AS WITH x AS (SELECT * FROM t) SELECT * FROM x "
      "WHERE k IN (SELECT k FROM ext.b) AND EXISTS (SELECT 1 FROM ext.c);");
  const GraphNode& view = built.graph().nodes[1];
  ASSERT_THAT(view.reads.tables, SizeIs(3));
  EXPECT_EQ(view.reads.tables[0].dataset, 0);
  EXPECT_EQ(view.reads.tables[1].name.ToString(), "main.ext.b");
  EXPECT_EQ(view.reads.tables[1].dataset, -1);
}

TEST(Graph, KnowsStreamsAndTableFunctions) {
  const Built built = BuildRight(
      "CREATE STREAMING TABLE t AS SELECT * FROM STREAM read_files('x', format => 'csv') r "
      "JOIN ext.a ON true;");
  const QueryReads& reads = built.graph().nodes[0].reads;
  ASSERT_THAT(reads.functions, SizeIs(1));
  EXPECT_EQ(reads.functions[0].name, "read_files");
  EXPECT_TRUE(reads.functions[0].is_stream);
  ASSERT_THAT(reads.tables, SizeIs(1));
  EXPECT_FALSE(reads.tables[0].is_stream);
}

TEST(Graph, SeveralFlowsFillOneTable) {
  const Built built = BuildRight(
      "CREATE STREAMING TABLE t;"
      "CREATE FLOW f AS INSERT INTO t BY NAME SELECT * FROM STREAM ext.a;"
      "CREATE FLOW g AS INSERT INTO t BY NAME SELECT * FROM STREAM ext.b;"
      "CREATE MATERIALIZED VIEW v AS SELECT count(*) FROM t;");
  EXPECT_THAT(built.Lines(), ElementsAre("f", "g", "main.d.v <- f <- g"));
  EXPECT_THAT(built.graph().NodesOf(0), ElementsAre(0, 1));
  EXPECT_THAT(built.graph().WithInputs({2}), ElementsAre(0, 1, 2));
  EXPECT_THAT(built.graph().WithInputs({1}), ElementsAre(1));
}

TEST(Graph, TemporaryViewsPassStreamsOn) {
  const Built built = BuildRight(
      "CREATE TEMPORARY VIEW v AS SELECT * FROM STREAM(ext.a);"
      "CREATE STREAMING TABLE t;"
      "CREATE FLOW f AS AUTO CDC INTO t FROM STREAM(v) KEYS (k) SEQUENCE BY s;"
      "CREATE SINK s USING dynamodb OPTIONS (table = 'xxx');"
      "CREATE FLOW m AS MIRROR INTO s FROM t KEYS (k);");
  EXPECT_THAT(built.Lines(), ElementsAre("v", "f <- v", "m <- f"));
  EXPECT_EQ(built.graph().nodes[2].dataset, -1);
}

TEST(Graph, TheQuarantineOfATableIsATableMadeWithIt) {
  const char* const table =
      "CREATE STREAMING TABLE t (CONSTRAINT c EXPECT (a > 1) ON VIOLATION {}) AS SELECT * FROM "
      "STREAM ext.a; CREATE MATERIALIZED VIEW v AS SELECT count(*) FROM t_quarantine;";
  const Built built = BuildRight(fmt::format(fmt::runtime(table), "QUARANTINE"));
  EXPECT_THAT(built.Lines(), ElementsAre("main.d.t", "main.d.v <- main.d.t"));
  EXPECT_EQ(built.graph().nodes[1].reads.tables[0].name.table, "t_quarantine");
  EXPECT_THAT(Mistakes(fmt::format(fmt::runtime(table), "DROP ROW")),
              ElementsAre(HasSubstr("there is no table or view 't_quarantine'")));
}

struct Mistake {
  const char* text;
  const char* says;
};

class GraphMistakeTest : public ::testing::TestWithParam<Mistake> {};

TEST_P(GraphMistakeTest, IsSaid) {
  EXPECT_THAT(Mistakes(GetParam().text), ElementsAre(HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(
    All, GraphMistakeTest,
    ::testing::Values(
        Mistake{"CREATE MATERIALIZED VIEW a AS SELECT * FROM b;\n"
                "CREATE MATERIALIZED VIEW b AS SELECT * FROM c;\n"
                "CREATE MATERIALIZED VIEW c AS SELECT * FROM a;",
                "1:45 these read each other in a circle: main.d.a -> main.d.b -> main.d.c -> "
                "main.d.a"},
        Mistake{"CREATE MATERIALIZED VIEW a AS SELECT * FROM a;",
                "1:45 these read each other in a circle: main.d.a -> main.d.a"},
        Mistake{"CREATE STREAMING TABLE a AS SELECT * FROM STREAM(a);", "main.d.a -> main.d.a"},
        Mistake{"CREATE MATERIALIZED VIEW v AS SELECT * FROM ext.aa;",
                "1:45 there is no table or view 'ext.aa' | did you mean 'ext.a'?"},
        Mistake{"CREATE STREAMING TABLE silver.orders AS SELECT * FROM STREAM ext.a;"
                "CREATE MATERIALIZED VIEW v AS SELECT * FROM orders;",
                "there is no table or view 'orders' | did you mean 'silver.orders'?"},
        Mistake{"CREATE MATERIALIZED VIEW v AS SELECT * FROM a.b.c.d;", "one to three parts"},
        Mistake{
            "CREATE MATERIALIZED VIEW v AS SELECT 1;\nCREATE MATERIALIZED VIEW D.V AS SELECT 2;",
            "2:26 'main.d.v' is defined twice | first in t.sql:1"},
        Mistake{"CREATE SINK s USING dynamodb OPTIONS (table = 'aaa');"
                "CREATE SINK S USING dynamodb OPTIONS (table = 'bbb');",
                "the sink 's' is defined twice"},
        Mistake{"CREATE STREAMING TABLE t;"
                "CREATE FLOW f AS INSERT INTO t BY NAME SELECT * FROM STREAM ext.a;"
                "CREATE FLOW F AS INSERT INTO t BY NAME SELECT * FROM STREAM ext.b;",
                "the flow 'f' is defined twice"},
        Mistake{"CREATE STREAMING TABLE t;", "1:24 nothing flows into the streaming table"},
        Mistake{"CREATE STREAMING TABLE tab AS SELECT * FROM STREAM ext.a;"
                "CREATE FLOW f AS INSERT INTO tabb BY NAME SELECT * FROM STREAM ext.a;",
                "the flow's target 'tabb' is no table of this pipeline | did you mean 'd.tab'?"},
        Mistake{"CREATE MATERIALIZED VIEW v AS SELECT 1;"
                "CREATE FLOW f AS INSERT INTO v BY NAME SELECT * FROM STREAM ext.a;",
                "'main.d.v' is a materialized view: only streaming tables have flows"},
        Mistake{"CREATE TEMPORARY VIEW v AS SELECT 1;"
                "CREATE FLOW f AS INSERT INTO v BY NAME SELECT * FROM STREAM ext.a;",
                "'v' is a temporary view: only streaming tables have flows"},
        Mistake{"CREATE MATERIALIZED VIEW v AS SELECT * FROM STREAM ext.a;",
                "the materialized view 'main.d.v' reads a STREAM"},
        Mistake{"CREATE TEMPORARY VIEW w AS SELECT * FROM STREAM ext.a;"
                "CREATE MATERIALIZED VIEW v AS SELECT * FROM w;",
                "the materialized view 'main.d.v' reads a STREAM"},
        Mistake{"CREATE STREAMING TABLE t AS SELECT * FROM ext.a;",
                "1:29 the flow into 'main.d.t' reads no STREAM"},
        Mistake{"CREATE STREAMING TABLE t FLOW AUTO CDC FROM ext.a KEYS (a) SEQUENCE BY b;",
                "1:45 the flow into 'main.d.t' reads no STREAM"},
        Mistake{"CREATE MATERIALIZED VIEW v AS SELECT 1;"
                "CREATE STREAMING TABLE t AS SELECT * FROM STREAM v;",
                "the materialized view 'main.d.v' cannot be read as a stream"},
        Mistake{"CREATE STREAMING TABLE t AS SELECT * FROM STREAM ext.a;"
                "CREATE FLOW f AS AUTO CDC INTO t FROM STREAM ext.b KEYS (a) SEQUENCE BY b;",
                "AUTO CDC must be the only flow into 'main.d.t' | it has a query of its own"},
        Mistake{"CREATE STREAMING TABLE t;"
                "CREATE FLOW f AS AUTO CDC INTO t FROM STREAM ext.b KEYS (a) SEQUENCE BY b;"
                "CREATE FLOW g AS AUTO CDC INTO t FROM STREAM ext.a KEYS (a) SEQUENCE BY b;",
                "AUTO CDC must be the only flow into 'main.d.t' | it has another flow"},
        Mistake{"CREATE FLOW m AS MIRROR INTO s FROM ext.a KEYS (k);", "1:30 there is no sink 's'"},
        Mistake{"CREATE SINK s USING dynamodb OPTIONS (table = 'aaa');"
                "CREATE FLOW m AS MIRROR INTO s FROM ext.a KEYS (k);"
                "CREATE FLOW n AS MIRROR INTO s FROM ext.b KEYS (k);",
                "another flow mirrors into the sink 's' already"},
        Mistake{"CREATE SINK s USING dynamodb OPTIONS (table = 'aaa');"
                "CREATE FLOW m AS MIRROR INTO s FROM (SELECT * FROM STREAM ext.a) KEYS (k);",
                "a mirror publishes rows as they are now"},
        Mistake{"CREATE MATERIALIZED VIEW v AS SELECT a,\n  current_timestamp() AS t FROM ext.a;",
                "2:3 the materialized view 'main.d.v' calls current_timestamp()"},
        Mistake{"CREATE MATERIALIZED VIEW v AS SELECT uuid() FROM ext.a;", "calls uuid()"},
        Mistake{"CREATE TEMPORARY VIEW w AS SELECT rand() r FROM ext.a;\n"
                "CREATE MATERIALIZED VIEW v AS SELECT * FROM w;",
                "1:35 the materialized view 'main.d.v' calls rand()"},
        Mistake{"CREATE TEMPORARY VIEW v (CONSTRAINT c EXPECT (a > 1)) AS SELECT 1 a;",
                "1:37 an expectation of a temporary view is not supported"},
        Mistake{"CREATE MATERIALIZED VIEW v CLUSTER BY (a) AS SELECT 1 a;",
                "1:26 CLUSTER BY is not supported"},
        Mistake{"CREATE MATERIALIZED VIEW v AS SELECT a FROM ext.a WHERE;", "1:"},
        Mistake{
            "CREATE STREAMING TABLE t (CONSTRAINT c EXPECT (a >)) AS SELECT * FROM STREAM ext.a;",
            "1:5"},
        Mistake{
            "CREATE STREAMING TABLE t FLOW AUTO CDC FROM STREAM ext.a KEYS (a) SEQUENCE BY a b;",
            "1:"}));

TEST(Graph, AllMistakesComeOutAtOnce) {
  EXPECT_THAT(Mistakes("CREATE MATERIALIZED VIEW a AS SELECT rand() FROM nope;\n"
                       "CREATE STREAMING TABLE t AS SELECT * FROM ext.a;\n"
                       "CREATE STREAMING TABLE u;\n"),
              SizeIs(4));
}

TEST(Graph, IsSilentAboutWhatOtherMistakesHide) {
  // The broken table is not "unknown", the table without its broken flow is not "without a flow".
  EXPECT_THAT(Mistakes("CREATE STREAMING TABLE t PARTITION BY (x) AS SELECT * FROM STREAM ext.a;\n"
                       "CREATE MATERIALIZED VIEW v AS SELECT * FROM t;\n"
                       "CREATE STREAMING TABLE u;\n"
                       "CREATE FLOW f AS INSRT INTO u BY NAME SELECT * FROM STREAM t;\n"
                       "CREATE FLOW g AS INSERT INTO t BY NAME SELECT * FROM STREAM ext.a;\n"),
              SizeIs(2));
}

}  // namespace
}  // namespace smelt::pipeline
