#include "sql/relation_parser.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sql/flow_parser.h"
#include "sql/type_parser.h"

namespace smelt::sql {
namespace {

enum class RelationKind { kStreamingTable, kMaterializedView, kTemporaryView };

class RelationParser {
 public:
  RelationParser(TokenCursor& cursor, RelationKind kind) : cursor_(cursor), kind_(kind) {}

  bool Parse(ObjectName* name) {
    cursor_.Accept({"IF", "NOT", "EXISTS"});  // every statement of a pipeline means this
    std::optional<ObjectName> parsed = cursor_.ParseObjectName("a name");
    if (!parsed) return false;
    *name = *parsed;
    relation_.name = *std::move(parsed);
    if (cursor_.At({"("}) && !ParseElements()) return false;
    while (!cursor_.AtEnd()) {
      if (!ParseClause()) return false;
    }
    if (!relation_.query && kind_ != RelationKind::kStreamingTable) {
      return cursor_.FailExpected("AS and a query");
    }
    return true;
  }

  RelationDeclaration& relation() { return relation_; }
  RefreshPolicy refresh_policy() const { return refresh_policy_; }
  std::optional<AutoCdcClause>& auto_cdc() { return auto_cdc_; }

 private:
  // (column.., CONSTRAINT ..)
  bool ParseElements() {
    cursor_.Advance();
    do {
      const bool is_constraint =
          cursor_.At({"CONSTRAINT"}) && !cursor_.AtAhead(1, {","}) && !cursor_.AtAhead(1, {")"});
      if (is_constraint ? !ParseConstraint() : !ParseColumn()) return false;
    } while (cursor_.Accept({","}));
    if (cursor_.Accept({")"})) return true;
    return cursor_.FailExpected("',' or ')' after the column or constraint");
  }

  bool ParseConstraint() {
    cursor_.Advance();
    ExpectClause expectation;
    std::optional<Text> name = cursor_.ParseIdentifier("the constraint's name");
    if (!name) return false;
    for (const ExpectClause& other : relation_.expectations) {
      if (EqualsIgnoreCase(other.name.value, name->value)) {
        return cursor_.Fail(name->span,
                            fmt::format("the constraint '{}' is there twice", name->value));
      }
    }
    if (cursor_.At({"PRIMARY"}) || cursor_.At({"FOREIGN"}) || cursor_.At({"CHECK"})) {
      cursor_.Refuse(cursor_.Peek().span, fmt::format("a {} constraint", Upper()),
                     "use CONSTRAINT name EXPECT (predicate)");
      return SkipElement();
    }
    if (!cursor_.Expect({"EXPECT"}, "after the constraint's name")) return false;
    std::optional<Fragment> predicate = cursor_.ParseParenthesized("the predicate");
    if (!predicate) return false;
    expectation.name = *std::move(name);
    expectation.predicate = *std::move(predicate);
    if (cursor_.Accept({"ON"})) {
      if (!cursor_.Expect({"VIOLATION"}, "after ON")) return false;
      if (!ParseViolationAction(&expectation.action)) return false;
    }
    relation_.expectations.push_back(std::move(expectation));
    return true;
  }

  bool ParseViolationAction(ViolationAction* action) {
    if (cursor_.Accept({"DROP"})) {
      *action = ViolationAction::kDrop;
      return cursor_.Expect({"ROW"}, "after ON VIOLATION DROP");
    }
    if (cursor_.Accept({"FAIL"})) {
      *action = ViolationAction::kFail;
      return cursor_.Expect({"UPDATE"}, "after ON VIOLATION FAIL");
    }
    if (cursor_.Accept({"QUARANTINE"})) {
      *action = ViolationAction::kQuarantine;
      return true;
    }
    return cursor_.FailExpected("DROP ROW, FAIL UPDATE or QUARANTINE after ON VIOLATION",
                                SuggestName(Upper(), {"DROP", "FAIL", "QUARANTINE"}));
  }

  bool ParseColumn() {
    ColumnDeclaration column;
    std::optional<Text> name = cursor_.ParseIdentifier("a column or CONSTRAINT");
    if (!name) return false;
    for (const ColumnDeclaration& other : relation_.columns) {
      if (EqualsIgnoreCase(other.name.value, name->value)) {
        return cursor_.Fail(name->span, fmt::format("the column '{}' is there twice", name->value));
      }
    }
    column.name = *std::move(name);
    const bool has_type = cursor_.Peek().kind == TokenKind::kWord && !AtColumnOption();
    if (has_type && !ParseColumnType(&column)) return false;
    while (!cursor_.AtEnd() && !cursor_.At({","}) && !cursor_.At({")"})) {
      if (!ParseColumnOption(&column)) return false;
    }
    relation_.columns.push_back(std::move(column));
    return true;
  }

  bool ParseColumnType(ColumnDeclaration* column) {
    for (const char* type : {"CHAR", "CHARACTER", "VARCHAR"}) {
      if (!cursor_.At({type})) continue;
      cursor_.Refuse(cursor_.Peek().span, fmt::format("{} as the type of a column", type),
                     "use STRING, and a constraint for the length");
    }
    size_t at = cursor_.at();
    column->type = ParseTypeTokens(*cursor_.source(), cursor_.tokens(), &at, cursor_.diagnostics());
    cursor_.MoveTo(at);
    return column->type.has_value();
  }

  bool AtColumnOption() const {
    for (const char* word : {"COMMENT", "NOT", "CONSTRAINT", "PRIMARY", "REFERENCES", "GENERATED",
                             "DEFAULT", "MASK"}) {
      if (cursor_.At({word})) return true;
    }
    return false;
  }

  bool ParseColumnOption(ColumnDeclaration* column) {
    if (cursor_.Accept({"COMMENT"})) {
      const std::optional<Text> comment = cursor_.ParseString("the comment as a string");
      if (comment) column->comment = comment->value;
      return comment.has_value();
    }
    if (cursor_.Accept({"NOT"})) {
      column->nullable = false;
      return cursor_.Expect({"NULL"}, "after NOT");
    }
    if (AtColumnOption()) {
      cursor_.Refuse(cursor_.Peek().span, fmt::format("{} of a column", Upper()));
      return SkipElement();
    }
    return cursor_.FailExpected("NOT NULL, COMMENT, ',' or ')' after the column");
  }

  // To the next ',' or ')' of the column list.
  bool SkipElement() {
    while (!cursor_.AtEnd() && !cursor_.At({","}) && !cursor_.At({")"})) {
      if (cursor_.At({"("})) {
        cursor_.MoveTo(cursor_.BehindClosing(cursor_.at()));
      } else {
        cursor_.Advance();
      }
    }
    return true;
  }

  bool ParseClause() {
    const Span span = cursor_.Peek().span;
    if (cursor_.Accept({"AS"})) {
      relation_.query = cursor_.ParseUpTo(cursor_.end(), "a query after AS");
      return relation_.query.has_value();
    }
    if (cursor_.Accept({"COMMENT"})) {
      if (!Once("COMMENT", span)) return false;
      relation_.comment = cursor_.ParseString("the comment as a string");
      return relation_.comment.has_value();
    }
    if (cursor_.Accept({"TBLPROPERTIES"})) {
      return Once("TBLPROPERTIES", span) &&
             cursor_.ParseProperties("table properties", &relation_.properties);
    }
    if (kind_ != RelationKind::kTemporaryView) {
      if (cursor_.Accept({"PARTITIONED", "BY"})) {
        return Once("PARTITIONED BY", span) &&
               cursor_.ParseIdentifierList("partition columns", &relation_.partitioned_by);
      }
      if (cursor_.Accept({"CLUSTER", "BY"}))
        return Once("CLUSTER BY", span) && ParseClusterBy(span);
    }
    if (kind_ == RelationKind::kMaterializedView && cursor_.Accept({"REFRESH", "POLICY"})) {
      return Once("REFRESH POLICY", span) && ParseRefreshPolicy(span);
    }
    if (kind_ == RelationKind::kStreamingTable && cursor_.Accept({"FLOW"}))
      return ParseInlineFlow();
    return ParseOtherClause(span);
  }

  bool ParseClusterBy(Span begin) {
    if (cursor_.At({"AUTO"}) || cursor_.At({"NONE"})) {
      cursor_.Advance();
      cursor_.Refuse(Cover(begin, cursor_.LastSpan()), "CLUSTER BY AUTO or NONE");
      return true;
    }
    return cursor_.ParseIdentifierList("clustering columns", &relation_.clustered_by);
  }

  bool ParseRefreshPolicy(Span begin) {
    if (cursor_.Accept({"AUTO"})) {
      refresh_policy_ = RefreshPolicy::kAuto;
    } else if (cursor_.Accept({"FULL"})) {
      refresh_policy_ = RefreshPolicy::kFull;
    } else if (cursor_.Accept({"INCREMENTAL"})) {
      refresh_policy_ = RefreshPolicy::kIncremental;
      if (cursor_.Accept({"STRICT"})) {
        cursor_.Refuse(Cover(begin, cursor_.LastSpan()), "REFRESH POLICY INCREMENTAL STRICT",
                       "INCREMENTAL refreshes in full where it has to");
      }
    } else {
      return cursor_.FailExpected("AUTO, INCREMENTAL or FULL after REFRESH POLICY",
                                  SuggestName(Upper(), {"AUTO", "INCREMENTAL", "FULL"}));
    }
    return true;
  }

  bool ParseInlineFlow() {
    if (!cursor_.Accept({"AUTO", "CDC"})) {
      return cursor_.FailExpected("AUTO CDC after FLOW");
    }
    auto_cdc_ = ParseAutoCdc(cursor_);
    return auto_cdc_.has_value();
  }

  // Clauses that are known and refused, and what is none.
  bool ParseOtherClause(Span span) {
    struct Known {
      const char* word;
      const char* what;
    };
    for (const Known& known : {Known{"SCHEDULE", "SCHEDULE"}, Known{"TRIGGER", "TRIGGER ON"},
                               Known{"LOCATION", "LOCATION"}, Known{"OPTIONS", "OPTIONS"},
                               Known{"DEFAULT", "DEFAULT COLLATION"}, Known{"USING", "USING"}}) {
      if (!cursor_.At({known.word})) continue;
      if (cursor_.Accept({"USING", "DELTA"})) return true;
      cursor_.Refuse(span, fmt::format("{} of a pipeline's table", known.what));
      return SkipClause();
    }
    if (cursor_.At({"WITH", "ROW"}) || cursor_.At({"ROW", "FILTER"})) {
      cursor_.Refuse(span, "ROW FILTER");
      return SkipClause();
    }
    std::vector<std::string> words = {"AS", "COMMENT", "TBLPROPERTIES"};
    std::string expected = "AS";
    if (kind_ != RelationKind::kTemporaryView) {
      words.insert(words.end(), {"PARTITIONED", "CLUSTER"});
      expected += ", PARTITIONED BY, CLUSTER BY";
    }
    if (kind_ == RelationKind::kMaterializedView) words.emplace_back("REFRESH");
    if (kind_ == RelationKind::kMaterializedView) expected += ", REFRESH POLICY";
    if (kind_ == RelationKind::kStreamingTable) words.emplace_back("FLOW");
    if (kind_ == RelationKind::kStreamingTable) expected += ", FLOW AUTO CDC";
    expected += ", COMMENT, TBLPROPERTIES or the statement's end";
    return cursor_.FailExpected(expected, SuggestName(Upper(), words));
  }

  // To the next word that begins a clause that could follow.
  bool SkipClause() {
    do {
      if (cursor_.At({"("})) {
        cursor_.MoveTo(cursor_.BehindClosing(cursor_.at()));
      } else {
        cursor_.Advance();
      }
    } while (!cursor_.AtEnd() && !cursor_.At({"AS"}) && !cursor_.At({"COMMENT"}) &&
             !cursor_.At({"TBLPROPERTIES"}) && !cursor_.At({"PARTITIONED"}) &&
             !cursor_.At({"CLUSTER"}) && !cursor_.At({"REFRESH", "POLICY"}));
    return true;
  }

  bool Once(const std::string& clause, Span span) {
    return seen_.insert(clause).second ||
           cursor_.Fail(span, fmt::format("{} is there twice", clause));
  }

  std::string Upper() const { return ToUpper(cursor_.source()->Slice(cursor_.Peek().span)); }

  TokenCursor& cursor_;
  const RelationKind kind_;
  RelationDeclaration relation_;
  RefreshPolicy refresh_policy_ = RefreshPolicy::kAuto;
  std::optional<AutoCdcClause> auto_cdc_;
  std::set<std::string> seen_;
};

}  // namespace

std::optional<CreateStreamingTable> ParseStreamingTable(TokenCursor& cursor, ObjectName* name) {
  RelationParser parser(cursor, RelationKind::kStreamingTable);
  if (!parser.Parse(name)) return std::nullopt;
  return CreateStreamingTable{std::move(parser.relation()), std::move(parser.auto_cdc())};
}

std::optional<CreateMaterializedView> ParseMaterializedView(TokenCursor& cursor, ObjectName* name) {
  RelationParser parser(cursor, RelationKind::kMaterializedView);
  if (!parser.Parse(name)) return std::nullopt;
  return CreateMaterializedView{std::move(parser.relation()), parser.refresh_policy()};
}

std::optional<CreateTemporaryView> ParseTemporaryView(TokenCursor& cursor, ObjectName* name) {
  RelationParser parser(cursor, RelationKind::kTemporaryView);
  if (!parser.Parse(name)) return std::nullopt;
  return CreateTemporaryView{std::move(parser.relation())};
}

}  // namespace smelt::sql
