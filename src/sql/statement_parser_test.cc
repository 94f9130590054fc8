#include "sql/statement_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace smelt::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

StatementFile Parse(std::string text) {
  return ParseStatements(std::make_shared<const SourceText>("t.sql", std::move(text)));
}

// The one statement of a text that is right.
template <typename T>
T One(std::string text) {
  StatementFile file = Parse(std::move(text));
  EXPECT_EQ(RenderDiagnostics(file.diagnostics), "");
  if (file.statements.size() != 1 || !std::holds_alternative<T>(file.statements[0].body)) {
    ADD_FAILURE() << "not one statement of the kind that was expected";
    return T{};
  }
  return std::get<T>(std::move(file.statements[0].body));
}

template <typename T>
T FlowOf(std::string text) {
  const CreateFlow flow = One<CreateFlow>(std::move(text));
  if (!std::holds_alternative<T>(flow.body)) {
    ADD_FAILURE() << "another kind of flow";
    return T{};
  }
  return std::get<T>(flow.body);
}

// "line:column message", one a mistake.
std::vector<std::string> Mistakes(std::string text) {
  std::vector<std::string> mistakes;
  for (const Diagnostic& diagnostic : Parse(std::move(text)).diagnostics) {
    mistakes.push_back(fmt::format("{}:{} {}{}", diagnostic.line, diagnostic.column,
                                   diagnostic.message,
                                   diagnostic.hint.empty() ? "" : " | " + diagnostic.hint));
  }
  return mistakes;
}

std::vector<std::string> Values(const std::vector<Text>& texts) {
  std::vector<std::string> values;
  for (const Text& text : texts) values.push_back(text.value);
  return values;
}

TEST(StreamingTable, ReadsAllOfItsClauses) {
  const auto create = One<CreateStreamingTable>(R"(
    CREATE OR REFRESH STREAMING TABLE IF NOT EXISTS main.silver.`odd name` (
      id BIGINT NOT NULL COMMENT 'key',
      tags ARRAY<STRUCT<k: STRING, v: STRING>>,
      note COMMENT 'any type',
      CONSTRAINT id_there EXPECT (id IS NOT NULL AND (id > 0)) ON VIOLATION DROP ROW,
      CONSTRAINT warn_only EXPECT (note <> 'x;y'),
      CONSTRAINT stop EXPECT (true) ON VIOLATION FAIL UPDATE,
      CONSTRAINT keep EXPECT (tags IS NOT NULL) ON VIOLATION QUARANTINE
    )
    PARTITIONED BY (day, region)
    COMMENT 'two ' 'parts'
    TBLPROPERTIES ('quality' = 'silver', delta.appendOnly = true, n = -1)
    AS SELECT * FROM STREAM source;)");
  const RelationDeclaration& table = create.table;
  EXPECT_THAT(table.name.parts, ElementsAre("main", "silver", "odd name"));
  ASSERT_THAT(table.columns, SizeIs(3));
  EXPECT_EQ(table.columns[0].type->ToString(), "bigint");
  EXPECT_FALSE(table.columns[0].nullable);
  EXPECT_EQ(table.columns[0].comment, "key");
  EXPECT_EQ(table.columns[1].type->ToString(), "array<struct<k:string,v:string>>");
  EXPECT_FALSE(table.columns[2].type.has_value());
  ASSERT_THAT(table.expectations, SizeIs(4));
  EXPECT_EQ(table.expectations[0].name.value, "id_there");
  EXPECT_EQ(table.expectations[0].predicate.text(), "id IS NOT NULL AND (id > 0)");
  EXPECT_EQ(table.expectations[0].action, ViolationAction::kDrop);
  EXPECT_EQ(table.expectations[1].action, ViolationAction::kWarn);
  EXPECT_EQ(table.expectations[2].action, ViolationAction::kFail);
  EXPECT_EQ(table.expectations[3].action, ViolationAction::kQuarantine);
  EXPECT_THAT(Values(table.partitioned_by), ElementsAre("day", "region"));
  EXPECT_EQ(table.comment->value, "two parts");
  ASSERT_THAT(table.properties, SizeIs(3));
  EXPECT_EQ(table.properties[1].key.value, "delta.appendOnly");
  EXPECT_EQ(table.properties[1].value.value, "true");
  EXPECT_EQ(table.properties[2].value.value, "-1");
  EXPECT_EQ(table.query->text(), "SELECT * FROM STREAM source");
  EXPECT_EQ(table.query->source->PositionOf(table.query->span.begin), (Position{14, 8}));
}

TEST(StreamingTable, NeedsNoQuery) {
  EXPECT_FALSE(One<CreateStreamingTable>("CREATE STREAMING TABLE t").table.query.has_value());
}

TEST(StreamingTable, TakesAutoCdcInline) {
  const auto create = One<CreateStreamingTable>(
      "CREATE STREAMING TABLE t FLOW AUTO CDC FROM STREAM events KEYS (id) SEQUENCE BY ts");
  ASSERT_TRUE(create.auto_cdc.has_value());
  EXPECT_EQ(create.auto_cdc->from.text(), "STREAM events");
  EXPECT_EQ(create.auto_cdc->sequence_by.text(), "ts");
}

TEST(Views, AreReadInTheirNewAndOlderSpellings) {
  const auto view = One<CreateMaterializedView>(
      "create materialized view v refresh policy incremental as with a as (select 1) table a");
  EXPECT_EQ(view.refresh_policy, RefreshPolicy::kIncremental);
  EXPECT_EQ(view.view.query->text(), "with a as (select 1) table a");
  EXPECT_THAT(One<CreateMaterializedView>("CREATE LIVE TABLE LIVE.v AS SELECT 1").view.name.parts,
              ElementsAre("v"));
  EXPECT_TRUE(
      One<CreateMaterializedView>("CREATE LIVE TABLE LIVE.v AS SELECT 1").view.name.is_live);
  for (const char* words : {"TEMPORARY VIEW", "OR REPLACE TEMP VIEW", "LIVE VIEW",
                            "TEMPORARY LIVE VIEW", "TEMPORARY STREAMING LIVE VIEW"}) {
    const auto temporary = One<CreateTemporaryView>(
        fmt::format("CREATE {} v (CONSTRAINT c EXPECT (x > 1)) COMMENT 'y' AS SELECT 1 x", words));
    EXPECT_THAT(temporary.view.expectations, SizeIs(1)) << words;
  }
}

TEST(Flows, AppendByName) {
  const auto append = FlowOf<AppendClause>(
      "CREATE FLOW f COMMENT 'c' AS INSERT INTO a.b BY NAME SELECT * FROM STREAM x");
  EXPECT_THAT(append.target.parts, ElementsAre("a", "b"));
  EXPECT_EQ(append.query.text(), "SELECT * FROM STREAM x");
  EXPECT_THAT(
      FlowOf<AppendClause>("CREATE FLOW f AS INSERT INTO once BY NAME SELECT 1").target.parts,
      ElementsAre("once"));
}

TEST(Flows, AutoCdcWithClausesInAnyOrder) {
  const auto flow = FlowOf<AutoCdcFlowClause>(R"(
    CREATE FLOW f AS AUTO CDC INTO t FROM STREAM(live.source)
    KEYS (a, b)
    APPLY AS DELETE WHEN op = 'd' AND (keys > 1 OR apply IS NULL)
    SEQUENCE BY struct(ts, id)
    COLUMNS * EXCEPT (op, ts)
    STORED AS SCD TYPE 1)");
  EXPECT_EQ(flow.target.ToString(), "t");
  const AutoCdcClause& cdc = flow.auto_cdc;
  EXPECT_EQ(cdc.from.text(), "STREAM(live.source)");
  EXPECT_THAT(Values(cdc.keys), ElementsAre("a", "b"));
  EXPECT_EQ(cdc.delete_when->text(), "op = 'd' AND (keys > 1 OR apply IS NULL)");
  EXPECT_EQ(cdc.sequence_by.text(), "struct(ts, id)");
  EXPECT_THAT(Values(cdc.except_columns), ElementsAre("op", "ts"));

  const auto other = FlowOf<AutoCdcFlowClause>(
      "CREATE FLOW f AS AUTO CDC INTO t FROM STREAM read_files('x', format => 'csv') "
      "SEQUENCE BY ts COLUMNS (a, c) KEYS (a)");
  EXPECT_EQ(other.auto_cdc.from.text(), "STREAM read_files('x', format => 'csv')");
  EXPECT_THAT(Values(other.auto_cdc.columns), ElementsAre("a", "c"));
}

TEST(Flows, ApplyChangesIsAutoCdcUnderItsTargetsName) {
  const auto flow =
      One<CreateFlow>("APPLY CHANGES INTO LIVE.t FROM stream(LIVE.s) KEYS (id) SEQUENCE BY ts");
  EXPECT_EQ(flow.name.ToString(), "t");
  EXPECT_TRUE(std::holds_alternative<AutoCdcFlowClause>(flow.body));
}

TEST(Flows, MirrorOfATableAndOfAQuery) {
  const auto table = FlowOf<MirrorClause>("CREATE FLOW f AS MIRROR INTO s FROM gold.m KEYS (id)");
  EXPECT_FALSE(table.from_is_query);
  EXPECT_EQ(table.from.text(), "gold.m");
  EXPECT_THAT(Values(table.keys), ElementsAre("id"));
  const auto query = FlowOf<MirrorClause>(
      "CREATE FLOW f AS MIRROR INTO s FROM (\n  SELECT a, (b) FROM t\n) KEYS (a, b)");
  EXPECT_TRUE(query.from_is_query);
  EXPECT_EQ(query.from.text(), "SELECT a, (b) FROM t");
  EXPECT_EQ(query.from.source->PositionOf(query.from.span.begin), (Position{2, 3}));
  EXPECT_THAT(Values(query.keys), ElementsAre("a", "b"));
}

TEST(Sinks, KeepTheirOptions) {
  const auto sink = One<CreateSink>(
      "CREATE SINK s USING dynamodb OPTIONS (table = 'daily', capacity = 'auto', writers = 4)");
  EXPECT_EQ(sink.kind.value, "dynamodb");
  ASSERT_THAT(sink.options, SizeIs(3));
  EXPECT_EQ(sink.options[2].value.value, "4");
}

TEST(Set, KeepsTheValueAsWritten) {
  const auto set = One<SetParameter>("SET pipelines.start-date = '2020-01-01'");
  EXPECT_EQ(set.key.value, "pipelines.start-date");
  EXPECT_EQ(set.value.value, "'2020-01-01'");
}

TEST(Mistakes, OfAFileComeOutAllAtOnce) {
  EXPECT_THAT(
      Mistakes("CREATE STREAMNG TABLE a AS SELECT 1;\n"
               "CREATE MATERIALIZED VIEW b;\n"
               "SELEC 1;\n"
               "CREATE STREAMING TABLE ok AS SELECT * FROM STREAM x;\n"
               "CREATE STREAMING TABLE c (CONSTRAINT n EXPECT (a > 1) ON VIOLATION DORP ROW);\n"
               "CREATE FLOW f AS AUTO CDC INTO t FROM STREAM(s) KEY (a) SEQUENCE BY b;\n"
               "CREATE STREAMING TABLE d PARTITION BY (x)\n"),
      ElementsAre(
          "1:8 expected STREAMING TABLE, MATERIALIZED VIEW, TEMPORARY VIEW, FLOW or SINK, found "
          "'STREAMNG' | did you mean 'STREAMING'?",
          "2:27 expected AS and a query, found the statement's end",
          "3:1 expected a statement: CREATE .., APPLY CHANGES INTO .. or SET .., found 'SELEC' | "
          "did you mean 'SELECT'?",
          "5:68 expected DROP ROW, FAIL UPDATE or QUARANTINE after ON VIOLATION, found 'DORP' | "
          "did you mean 'DROP'?",
          "6:49 expected a clause of AUTO CDC or the statement's end, found 'KEY' | did you mean "
          "'KEYS'?",
          "7:26 expected AS, PARTITIONED BY, CLUSTER BY, FLOW AUTO CDC, COMMENT, TBLPROPERTIES or "
          "the statement's end, found 'PARTITION' | did you mean 'PARTITIONED'?"));
}

TEST(Mistakes, MissingSemicolonIsSeenWhereTheNextStatementBegins) {
  const StatementFile file = Parse(
      "CREATE MATERIALIZED VIEW a AS SELECT 1\n\n"
      "CREATE OR REFRESH MATERIALIZED VIEW b AS SELECT 2;");
  EXPECT_THAT(file.statements, SizeIs(2));
  ASSERT_THAT(file.diagnostics, SizeIs(1));
  EXPECT_EQ(RenderDiagnostic(file.diagnostics[0]),
            "t.sql:3:1: error: expected ';' before CREATE\n"
            "  3 | CREATE OR REFRESH MATERIALIZED VIEW b AS SELECT 2;\n"
            "    | ^~~~~~\n"
            "  hint: the statement above has no ';' at its end\n");
}

TEST(Mistakes, OfParenthesesPointAtTheParenthesis) {
  EXPECT_THAT(Mistakes("CREATE MATERIALIZED VIEW a AS SELECT ((1);\nCREATE SINK s USING dynamodb;"),
              ElementsAre("1:38 this '(' is never closed"));
  EXPECT_THAT(Mistakes("CREATE MATERIALIZED VIEW a AS SELECT 1);"),
              ElementsAre("1:39 this ')' closes nothing"));
}

TEST(Mistakes, OfTheLexerSilenceTheirStatementOnly) {
  EXPECT_THAT(Mistakes("CREATE MATERIALIZED VIEW a AS SELECT $;\nCREATE X;"),
              ElementsAre(HasSubstr("1:38"), HasSubstr("2:8 expected STREAMING TABLE")));
  EXPECT_THAT(Mistakes("CREATE MATERIALIZED VIEW a AS SELECT 'x;\nCREATE X;"), SizeIs(1));
}

TEST(Mistakes, KeepTheNamesThatWereMeant) {
  const StatementFile file = Parse("CREATE STREAMING TABLE a.b PARTITION BY (x);");
  ASSERT_THAT(file.unread_names, SizeIs(1));
  EXPECT_EQ(file.unread_names[0].ToString(), "a.b");
}

struct BadStatement {
  const char* text;
  const char* mistake;
};

class BadStatementTest : public ::testing::TestWithParam<BadStatement> {};

TEST_P(BadStatementTest, SaysWhatItExpected) {
  const std::vector<std::string> mistakes = Mistakes(GetParam().text);
  ASSERT_THAT(mistakes, SizeIs(1));
  EXPECT_THAT(mistakes[0], HasSubstr(GetParam().mistake));
}

INSTANTIATE_TEST_SUITE_P(
    Syntax, BadStatementTest,
    ::testing::Values(
        BadStatement{"CREATE STREAMING TABLE 'x'", "1:24 expected a name, found ''x'' | names are"},
        BadStatement{"CREATE STREAMING TABLE a.b.c.d", "at most 3 parts"},
        BadStatement{"CREATE STREAMING TABLE t (a INT, A STRING)", "1:34 the column 'A' is there"},
        BadStatement{"CREATE STREAMING TABLE t (a INTT)", "did you mean 'int'?"},
        BadStatement{"CREATE STREAMING TABLE t (a INT b INT)", "expected NOT NULL, COMMENT"},
        BadStatement{"CREATE STREAMING TABLE t (CONSTRAINT c EXPECT a > 1)", "expected '(' before"},
        BadStatement{"CREATE STREAMING TABLE t (CONSTRAINT c EXPECT ())", "expected the predicate"},
        BadStatement{"CREATE STREAMING TABLE t (CONSTRAINT c EXPECTS (a))",
                     "expected EXPECT after the constraint's name, found 'EXPECTS' | did you mean"},
        BadStatement{"CREATE STREAMING TABLE t (CONSTRAINT c EXPECT (a), CONSTRAINT C EXPECT (b))",
                     "the constraint 'C' is there twice"},
        BadStatement{"CREATE STREAMING TABLE t COMMENT 'a' COMMENT 'b'", "1:38 COMMENT is there"},
        BadStatement{"CREATE STREAMING TABLE t COMMENT a", "expected the comment as a string"},
        BadStatement{"CREATE STREAMING TABLE t AS", "expected a query after AS"},
        BadStatement{"CREATE STREAMING TABLE t TBLPROPERTIES ('a' = b)", "expected a value"},
        BadStatement{"CREATE STREAMING TABLE t TBLPROPERTIES ('a' = 1, 'a' = 2)", "there twice"},
        BadStatement{"CREATE TEMPORARY VIEW v PARTITIONED BY (a) AS SELECT 1", "expected AS, COM"},
        BadStatement{"CREATE OR SELECT", "expected REFRESH after CREATE OR"},
        BadStatement{"CREATE", "found the statement's end"},
        BadStatement{"CREATE FLOW f AS INSERT INTO t SELECT 1", "expected BY NAME after the table"},
        BadStatement{"CREATE FLOW f AS UPSERT INTO t", "did you mean 'INSERT'?"},
        BadStatement{"CREATE FLOW f AUTO CDC INTO t", "expected AS after the flow's name"},
        BadStatement{"CREATE FLOW f AS AUTO CDC INTO t KEYS (a)", "expected FROM"},
        BadStatement{"CREATE FLOW f AS AUTO CDC INTO t FROM s KEYS (a)", "needs SEQUENCE BY"},
        BadStatement{"CREATE FLOW f AS AUTO CDC INTO t FROM s SEQUENCE BY a", "needs KEYS (..)"},
        BadStatement{"CREATE FLOW f AS AUTO CDC INTO t FROM s KEYS (a) SEQUENCE BY STORED AS SCD",
                     "expected an expression after SEQUENCE BY"},
        BadStatement{"CREATE FLOW f AS AUTO CDC INTO t FROM s KEYS (a) KEYS (b) SEQUENCE BY c",
                     "1:50 KEYS is there twice"},
        BadStatement{"CREATE FLOW f AS AUTO CDC INTO t FROM s KEYS (a) SEQUENCE BY c STORED AS SCD "
                     "TYPE 3",
                     "expected 1 or 2"},
        BadStatement{"CREATE FLOW f AS MIRROR INTO s FROM t", "expected KEYS (partition_key"},
        BadStatement{"CREATE FLOW f AS MIRROR INTO s FROM t KEYS (a, b, c)",
                     "at most one sort key"},
        BadStatement{"CREATE FLOW f AS MIRROR INTO s FROM t KEYS (a) x",
                     "expected the statement's"},
        BadStatement{"CREATE SINK s", "expected USING"}, BadStatement{"SET = 1", "SET key = value"},
        BadStatement{"SET a", "expected '='"}, BadStatement{"SET a =", "a value after '='"},
        BadStatement{"APPLY CHANGES t", "expected INTO"},
        BadStatement{"42", "expected a statement"}));

class RefusedStatementTest : public ::testing::TestWithParam<BadStatement> {};

TEST_P(RefusedStatementTest, IsRefusedByName) {
  const StatementFile file = Parse(GetParam().text);
  EXPECT_THAT(file.statements, IsEmpty());
  ASSERT_THAT(file.diagnostics, SizeIs(1));
  EXPECT_EQ(file.diagnostics[0].code, kUnsupported);
  EXPECT_EQ(fmt::format("{} {}", file.diagnostics[0].column, file.diagnostics[0].message),
            fmt::format("{} is not supported", GetParam().mistake));
}

INSTANTIATE_TEST_SUITE_P(
    Known, RefusedStatementTest,
    ::testing::Values(
        BadStatement{
            "CREATE FLOW f AS AUTO CDC INTO t FROM STREAM(s) KEYS (a) SEQUENCE BY b STORED "
            "AS SCD TYPE 2",
            "72 STORED AS SCD TYPE 2"},
        BadStatement{"CREATE FLOW f AS AUTO CDC INTO t FROM SNAPSHOT (s) KEYS (a)",
                     "39 AUTO CDC .. FROM SNAPSHOT"},
        BadStatement{
            "CREATE FLOW f AS AUTO CDC INTO t FROM s KEYS (a) IGNORE NULL UPDATES SEQUENCE "
            "BY b",
            "50 IGNORE NULL UPDATES"},
        BadStatement{"CREATE FLOW f AS AUTO CDC INTO t FROM s KEYS (a) APPLY AS TRUNCATE WHEN b "
                     "SEQUENCE BY c",
                     "50 APPLY AS TRUNCATE"},
        BadStatement{"CREATE FLOW f AS AUTO CDC INTO t FROM s KEYS (a) SEQUENCE BY c TRACK HISTORY "
                     "ON * EXCEPT (d)",
                     "64 TRACK HISTORY ON"},
        BadStatement{"CREATE FLOW f AS INSERT INTO ONCE t BY NAME SELECT 1", "18 INSERT INTO ONCE"},
        BadStatement{"CREATE MATERIALIZED VIEW v REFRESH POLICY INCREMENTAL STRICT AS SELECT 1",
                     "28 REFRESH POLICY INCREMENTAL STRICT"},
        BadStatement{"CREATE MATERIALIZED VIEW v SCHEDULE EVERY 1 HOUR AS SELECT 1",
                     "28 SCHEDULE of a pipeline's table"},
        BadStatement{"CREATE STREAMING TABLE t (a INT, CONSTRAINT k PRIMARY KEY (a, b))",
                     "47 a PRIMARY constraint"},
        BadStatement{"CREATE STREAMING TABLE t (a INT GENERATED ALWAYS AS (1 + 2), b INT)",
                     "33 GENERATED of a column"},
        BadStatement{"CREATE STREAMING TABLE t (a VARCHAR(10))",
                     "29 VARCHAR as the type of a column"},
        BadStatement{"CREATE STREAMING TABLE t CLUSTER BY AUTO", "26 CLUSTER BY AUTO or NONE"},
        BadStatement{"CREATE TABLE t (a INT)", "8 CREATE TABLE in a pipeline file"},
        BadStatement{"CREATE TEMPORARY STREAMING TABLE t", "8 a temporary table"},
        BadStatement{"GRANT SELECT ON TABLE t TO u", "1 GRANT in a pipeline file"},
        BadStatement{"ALTER TABLE t SET TBLPROPERTIES ('a' = 'b')", "1 ALTER in a pipeline file"},
        BadStatement{"COMMENT ON TABLE t IS 'x'", "1 COMMENT in a pipeline file"},
        BadStatement{"SELECT 1", "1 SELECT in a pipeline file"}));

TEST(BadInput, NeverFalls) {
  // Every prefix and every single missing token of a real file.
  const std::string text =
      "SET a = 1;\nCREATE OR REFRESH STREAMING TABLE t (a INT, CONSTRAINT c EXPECT (a > 1) ON "
      "VIOLATION DROP ROW) PARTITIONED BY (a) TBLPROPERTIES ('q' = 's');\nCREATE FLOW f AS AUTO "
      "CDC INTO t FROM STREAM(s) KEYS (a) APPLY AS DELETE WHEN b SEQUENCE BY struct(c) COLUMNS * "
      "EXCEPT (d) STORED AS SCD TYPE 1;\nCREATE FLOW g AS MIRROR INTO k FROM (SELECT 1) KEYS (x)";
  for (size_t size = 0; size <= text.size(); ++size) Parse(text.substr(0, size));
  for (size_t at = 0; at < text.size(); ++at) {
    for (const char* with : {"", "(", ")", "'", ";", "`", "\n", "\xff", "0"}) {
      Parse(std::string(text).replace(at, 1, with));
    }
  }
}

}  // namespace
}  // namespace smelt::sql
