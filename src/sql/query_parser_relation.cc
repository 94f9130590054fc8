// What stands in FROM: https://spark.apache.org/docs/latest/sql-ref-syntax-qry-select.html and the
// pages below it.

#include <utility>

#include "sql/query_parser_impl.h"

namespace smelt::sql {

RelationPtr QueryParser::MakeRelation(size_t first_token, Relation::Node node) const {
  auto relation = std::make_unique<Relation>();
  relation->span = SpanFrom(first_token);
  relation->node = std::move(node);
  return relation;
}

// A primary with the joins and pivots that follow it.
RelationPtr QueryParser::ParseRelation() {
  Nested nested(*this);
  RelationPtr relation = ParseRelationPrimary();
  while (!failed()) {
    Join join;
    if (AcceptJoin(join)) {
      Deepen();
      relation = ParseJoin(std::move(relation), std::move(join));
    } else if (PeekWord("PIVOT") && PeekOperator("(", 1)) {
      Deepen();
      relation = ParsePivot(std::move(relation));
    } else if (PeekWord("UNPIVOT") && (PeekOperator("(", 1) || PeekWord("NULLS", 2))) {
      Deepen();
      relation = ParseUnpivot(std::move(relation));
    } else {
      break;
    }
  }
  return relation;
}

RelationPtr QueryParser::ParseRelationPrimary() {
  const bool lateral = PeekWord("LATERAL") && !PeekWord("VIEW", 1) && AcceptWord("LATERAL");
  const size_t first = at_;
  RelationPtr relation = ParseRelationAtom();
  relation->lateral = lateral;
  if (PeekWord("TABLESAMPLE")) relation->sample = ParseSample();
  ParseRelationAlias(*relation);
  relation->span = SpanFrom(first);
  return relation;
}

RelationPtr QueryParser::ParseRelationAtom() {
  const size_t first = at_;
  if (AcceptWord("VALUES")) return MakeRelation(first, ParseInlineTable());
  if (PeekOperator("(")) {
    if (IsQueryStart(1) || IsQueryStart(0)) {
      // ((SELECT ..) UNION ..) and ((SELECT ..)) alike: the query takes all parentheses but the
      // first.
      Next();
      QueryPtr query = ParseQuery();
      ExpectOperator(")");
      return MakeRelation(first, Subquery{std::move(query)});
    }
    Next();
    RelationPtr inner = ParseRelation();
    ExpectOperator(")");
    if (inner->alias && (PeekWord("AS") || PeekImplicitAlias())) {
      Unsupported(Peek().span, "a second alias of a table");
    }
    return inner;
  }
  return ParseNamedRelation();
}

RelationPtr QueryParser::ParseNamedRelation() {
  const size_t first = at_;
  // STREAM t, STREAM(t), STREAM f(..), STREAM(f(..)); a table may be called stream, too.
  bool stream = false, parenthesized = false;
  if (PeekWord("STREAM")) {
    if (PeekOperator("(", 1)) {
      stream = parenthesized = true;
      at_ += 2;
    } else if (PeekImplicitAlias(1)) {
      stream = true;
      Next();
    }
  }
  NameParts name = ExpectNameParts("a table");
  if (PeekOperator("(")) {
    TableFunction function;
    function.name = std::move(name);
    function.is_stream = stream;
    Next();
    if (!PeekOperator(")")) {
      do {
        function.args.push_back(ParseArgument());
      } while (AcceptOperator(","));
    }
    ExpectOperator(")");
    if (parenthesized) ExpectOperator(")");
    return MakeRelation(first, std::move(function));
  }
  TableRef table;
  table.name = std::move(name);
  table.is_stream = stream;
  if (parenthesized) ExpectOperator(")");
  ParseTimeTravel(table);
  return MakeRelation(first, std::move(table));
}

// [FOR] {VERSION | SYSTEM_VERSION} AS OF v, [FOR] {TIMESTAMP | SYSTEM_TIME} AS OF t
void QueryParser::ParseTimeTravel(TableRef& table) {
  const size_t start = PeekWord("FOR") ? 1 : 0;
  if (!PeekWord("AS", start + 1) || !PeekWord("OF", start + 2)) return;
  if (PeekAnyWord({"VERSION", "SYSTEM_VERSION"}, start)) {
    at_ += start + 3;
    table.version = ParseUnary();
  } else if (PeekAnyWord({"TIMESTAMP", "SYSTEM_TIME"}, start)) {
    at_ += start + 3;
    table.timestamp = ParseNot();
  }
}

void QueryParser::ParseRelationAlias(Relation& relation) {
  const bool as = AcceptWord("AS");
  // `JOIN t LATERAL VIEW`, `STREAM t TIMESTAMP AS OF` and the like are words of the clause.
  if (as || PeekImplicitAlias()) {
    relation.alias = ExpectName("a table alias");
    if (PeekOperator("(")) relation.column_aliases = ExpectNameList("a column name");
  }
}

InlineTable QueryParser::ParseInlineTable() {
  InlineTable table;
  do {
    ExprPtr row = ParseExpression();
    table.rows.emplace_back();
    if (Row* several = std::get_if<Row>(&row->node)) {
      table.rows.back() = std::move(several->items);
    } else {
      table.rows.back().push_back(std::move(row));
    }
    if (table.rows.back().size() != table.rows.front().size()) {
      Fail(SpanFrom(at_ - 1), "uneven-rows",
           fmt::format("this row has {} values, the first one {}", table.rows.back().size(),
                       table.rows.front().size()));
    }
  } while (AcceptOperator(","));
  return table;
}

bool QueryParser::AcceptJoin(Join& join) {
  size_t ahead = 0;
  if (PeekWord("NATURAL")) {
    join.natural = true;
    ++ahead;
  }
  const auto word = [&](std::string_view what) {
    if (!PeekWord(what, ahead)) return false;
    ++ahead;
    return true;
  };
  if (word("INNER")) {
    join.kind = JoinKind::kInner;
  } else if (word("CROSS")) {
    join.kind = JoinKind::kCross;
  } else if (word("LEFT")) {
    join.kind = word("SEMI")   ? JoinKind::kLeftSemi
                : word("ANTI") ? JoinKind::kLeftAnti
                               : JoinKind::kLeft;
    if (join.kind == JoinKind::kLeft) word("OUTER");
  } else if (word("SEMI")) {
    join.kind = JoinKind::kLeftSemi;
  } else if (word("ANTI")) {
    join.kind = JoinKind::kLeftAnti;
  } else if (word("RIGHT")) {
    join.kind = JoinKind::kRight;
    word("OUTER");
  } else if (word("FULL")) {
    join.kind = JoinKind::kFull;
    word("OUTER");
  }
  if (!PeekWord("JOIN", ahead)) return false;
  at_ += ahead + 1;
  return true;
}

RelationPtr QueryParser::ParseJoin(RelationPtr left, Join join) {
  const Span begin = left->span;
  join.left = std::move(left);
  join.right = ParseRelationPrimary();
  if (AcceptWord("ON")) {
    join.on = ParseExpression();
  } else if (AcceptWord("USING")) {
    join.using_columns = ExpectNameList("a column name");
  }
  auto relation = std::make_unique<Relation>();
  relation->span = Cover(begin, SpanFrom(at_ == 0 ? 0 : at_ - 1));
  relation->node = std::move(join);
  return relation;
}

// PIVOT (sum(a) AS s, .. FOR c IN (1 AS one, ..)) or FOR (c, d) IN ((1, 2) AS x, ..)
RelationPtr QueryParser::ParsePivot(RelationPtr input) {
  const size_t first = at_;
  Pivot pivot;
  pivot.input = std::move(input);
  ExpectWord("PIVOT");
  ExpectOperator("(");
  do {
    Pivot::Aggregate aggregate;
    aggregate.value = ParseExpression();
    if (AcceptWord("AS") || (PeekImplicitAlias() && !PeekWord("FOR"))) {
      aggregate.alias = ExpectName("a name");
    }
    pivot.aggregates.push_back(std::move(aggregate));
  } while (AcceptOperator(","));
  ExpectWord("FOR");
  if (PeekOperator("(")) {
    pivot.columns = ExpectNameList("a column name");
  } else {
    pivot.columns.push_back(ExpectName("a column name"));
  }
  ExpectWord("IN");
  ExpectOperator("(");
  do {
    Pivot::Value value;
    value.value = ParseExpression();
    if (AcceptWord("AS") || PeekImplicitAlias()) value.alias = ExpectName("a name");
    pivot.values.push_back(std::move(value));
  } while (AcceptOperator(","));
  ExpectOperator(")");
  ExpectOperator(")");
  RelationPtr relation = MakeRelation(first, std::move(pivot));
  ParseRelationAlias(*relation);
  return relation;
}

// UNPIVOT [INCLUDE NULLS] (v FOR k IN (a AS 'x', b)), or ((v, w) FOR k IN ((a, b) AS x, ..))
RelationPtr QueryParser::ParseUnpivot(RelationPtr input) {
  const size_t first = at_;
  Unpivot unpivot;
  unpivot.input = std::move(input);
  ExpectWord("UNPIVOT");
  if (AcceptWords({"INCLUDE", "NULLS"})) {
    unpivot.include_nulls = true;
  } else {
    AcceptWords({"EXCLUDE", "NULLS"});
  }
  ExpectOperator("(");
  if (PeekOperator("(")) {
    unpivot.value_columns = ExpectNameList("a column name");
  } else {
    unpivot.value_columns.push_back(ExpectName("a column name"));
  }
  ExpectWord("FOR");
  unpivot.name_column = ExpectName("a column name");
  ExpectWord("IN");
  ExpectOperator("(");
  do {
    ParseUnpivotGroup(unpivot);
  } while (AcceptOperator(","));
  ExpectOperator(")");
  ExpectOperator(")");
  RelationPtr relation = MakeRelation(first, std::move(unpivot));
  ParseRelationAlias(*relation);
  return relation;
}

void QueryParser::ParseUnpivotGroup(Unpivot& unpivot) {
  const size_t first = at_;
  Unpivot::Group group;
  if (AcceptOperator("(")) {
    do {
      group.columns.push_back(ExpectNameParts("a column name"));
    } while (AcceptOperator(","));
    ExpectOperator(")");
  } else {
    group.columns.push_back(ExpectNameParts("a column name"));
  }
  if (group.columns.size() != unpivot.value_columns.size()) {
    Fail(SpanFrom(first), "uneven-rows",
         fmt::format("{} columns for {} value columns", group.columns.size(),
                     unpivot.value_columns.size()));
  }
  if (AcceptWord("AS") || PeekImplicitAlias()) {
    group.alias = ExpectName("a name");
  }
  unpivot.groups.push_back(std::move(group));
}

// TABLESAMPLE (10 PERCENT), (5 ROWS), (BUCKET 1 OUT OF 3) [REPEATABLE (seed)]
Sample QueryParser::ParseSample() {
  Sample sample;
  ExpectWord("TABLESAMPLE");
  if (PeekAnyWord({"SYSTEM", "BERNOULLI"})) Next();
  ExpectOperator("(");
  if (AcceptWord("BUCKET")) {
    sample.kind = Sample::Kind::kBuckets;
    sample.amount = Next().value;
    ExpectWord("OUT");
    ExpectWord("OF");
    sample.amount += "/" + Next().value;
  } else if (Peek().IsNumber()) {
    sample.amount = Next().value;
    if (AcceptWord("ROWS")) {
      sample.kind = Sample::Kind::kRows;
    } else {
      ExpectWord("PERCENT");
    }
  } else {
    FailExpected("a number and PERCENT or ROWS");
  }
  ExpectOperator(")");
  if (AcceptWord("REPEATABLE")) {
    ExpectOperator("(");
    sample.repeatable = Next().value;
    ExpectOperator(")");
  }
  return sample;
}

}  // namespace smelt::sql
