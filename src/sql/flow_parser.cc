#include "sql/flow_parser.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace smelt::sql {
namespace {

// Whether a clause of AUTO CDC begins `ahead` tokens on; that is where an expression ends.
bool AtCdcClause(const TokenCursor& cursor, size_t ahead) {
  return cursor.AtAhead(ahead, {"KEYS", "("}) || cursor.AtAhead(ahead, {"IGNORE", "NULL"}) ||
         cursor.AtAhead(ahead, {"APPLY", "AS"}) || cursor.AtAhead(ahead, {"SEQUENCE", "BY"}) ||
         cursor.AtAhead(ahead, {"COLUMNS", "("}) ||
         cursor.AtAhead(ahead, {"COLUMNS", "*", "EXCEPT"}) ||
         cursor.AtAhead(ahead, {"STORED", "AS"}) || cursor.AtAhead(ahead, {"TRACK", "HISTORY"});
}

// The index of the token where the next clause begins.
size_t NextCdcClause(const TokenCursor& cursor) {
  int depth = 0;
  size_t ahead = 0;
  for (; cursor.at() + ahead < cursor.end(); ++ahead) {
    const Token& token = cursor.Peek(ahead);
    if (depth == 0 && ahead > 0 && AtCdcClause(cursor, ahead)) break;
    if (token.IsOperator("(")) ++depth;
    if (token.IsOperator(")")) --depth;
  }
  return cursor.at() + ahead;
}

class AutoCdcParser {
 public:
  explicit AutoCdcParser(TokenCursor& cursor) : cursor_(cursor) {}

  std::optional<AutoCdcClause> Parse() {
    const Span begin = cursor_.Peek().span;
    if (!ParseFrom()) return std::nullopt;
    while (!cursor_.AtEnd()) {
      if (!ParseClause()) return std::nullopt;
    }
    if (clause_.keys.empty()) {
      cursor_.Fail(begin, "AUTO CDC needs KEYS (..)", "the columns that tell one row from another");
      return std::nullopt;
    }
    // A snapshot carries no events, hence no order among them.
    if (clause_.sequence_by.empty() && !is_snapshot_) {
      cursor_.Fail(begin, "AUTO CDC needs SEQUENCE BY",
                   "an expression that is greater for a later event of the same key");
      return std::nullopt;
    }
    return std::move(clause_);
  }

 private:
  bool ParseFrom() {
    if (!cursor_.Expect({"FROM"})) return false;
    const Span begin = cursor_.Peek().span;
    const size_t first = cursor_.at();
    is_snapshot_ = cursor_.Accept({"SNAPSHOT"});
    if (!is_snapshot_) cursor_.Accept({"STREAM"});
    // (source), a table, or a table function.
    if (!cursor_.At({"("}) && !cursor_.ParseObjectName("STREAM(source) after FROM")) return false;
    if (cursor_.At({"("})) cursor_.MoveTo(cursor_.BehindClosing(cursor_.at()));
    if (is_snapshot_) {
      cursor_.Refuse(begin, "AUTO CDC .. FROM SNAPSHOT",
                     "give the changes as a stream: FROM STREAM(source)");
    }
    clause_.from = cursor_.FragmentOf(first, cursor_.at());
    return true;
  }

  bool ParseClause() {
    const Span span = cursor_.Peek().span;
    const std::string word = ToUpper(cursor_.Peek().value);
    if (cursor_.Accept({"KEYS"})) {
      return Once(word, span) && cursor_.ParseIdentifierList("KEYS", &clause_.keys);
    }
    if (cursor_.Accept({"SEQUENCE"})) {
      return cursor_.Expect({"BY"}, "after SEQUENCE") && Once("SEQUENCE BY", span) &&
             ParseExpression("an expression after SEQUENCE BY", &clause_.sequence_by);
    }
    if (cursor_.Accept({"IGNORE"})) {
      if (!cursor_.Expect({"NULL", "UPDATES"}, "after IGNORE")) return false;
      cursor_.Refuse(Cover(span, cursor_.LastSpan()), "IGNORE NULL UPDATES");
      return true;
    }
    if (cursor_.Accept({"APPLY"})) return ParseApplyAs(span);
    if (cursor_.Accept({"COLUMNS"})) return Once(word, span) && ParseColumns();
    if (cursor_.Accept({"STORED"})) return Once("STORED AS", span) && ParseStoredAs(span);
    if (cursor_.Accept({"TRACK"})) return ParseTrackHistory(span);
    return cursor_.FailExpected(
        "a clause of AUTO CDC or the statement's end",
        SuggestName(word, {"KEYS", "SEQUENCE", "APPLY", "COLUMNS", "STORED", "TRACK", "IGNORE"}));
  }

  bool Once(const std::string& clause, Span span) {
    return seen_.insert(clause).second ||
           cursor_.Fail(span, fmt::format("{} is there twice", clause));
  }

  bool ParseExpression(std::string_view what, Fragment* expression) {
    if (AtCdcClause(cursor_, 0)) return cursor_.FailExpected(what);
    std::optional<Fragment> fragment = cursor_.ParseUpTo(NextCdcClause(cursor_), what);
    if (!fragment) return false;
    *expression = *std::move(fragment);
    return true;
  }

  bool ParseApplyAs(Span begin) {
    if (!cursor_.Expect({"AS"}, "after APPLY")) return false;
    if (cursor_.Accept({"DELETE"})) {
      Fragment condition;
      if (!Once("APPLY AS DELETE", begin) || !cursor_.Expect({"WHEN"}, "after APPLY AS DELETE") ||
          !ParseExpression("a condition after WHEN", &condition)) {
        return false;
      }
      clause_.delete_when = std::move(condition);
      return true;
    }
    if (!cursor_.Accept({"TRUNCATE"})) {
      return cursor_.FailExpected("DELETE or TRUNCATE after APPLY AS",
                                  SuggestName(cursor_.Peek().value, {"DELETE", "TRUNCATE"}));
    }
    Fragment condition;
    cursor_.Refuse(Cover(begin, cursor_.LastSpan()), "APPLY AS TRUNCATE");
    return cursor_.Expect({"WHEN"}, "after APPLY AS TRUNCATE") &&
           ParseExpression("a condition after WHEN", &condition);
  }

  bool ParseColumns() {
    if (!cursor_.Accept({"*"})) return cursor_.ParseIdentifierList("COLUMNS", &clause_.columns);
    return cursor_.Expect({"EXCEPT"}, "after COLUMNS *") &&
           cursor_.ParseIdentifierList("EXCEPT list", &clause_.except_columns);
  }

  bool ParseStoredAs(Span begin) {
    if (!cursor_.Expect({"AS", "SCD", "TYPE"}, "after STORED")) return false;
    const Token& type = cursor_.Peek();
    if (type.kind != TokenKind::kInteger || (type.value != "1" && type.value != "2")) {
      return cursor_.FailExpected("1 or 2 after SCD TYPE");
    }
    cursor_.Advance();
    if (type.value == "2") {
      cursor_.Refuse(Cover(begin, type.span), "STORED AS SCD TYPE 2",
                     "SCD TYPE 1 keeps the latest row of each key");
    }
    return true;
  }

  bool ParseTrackHistory(Span begin) {
    if (!cursor_.Expect({"HISTORY", "ON"}, "after TRACK")) return false;
    std::vector<Text> columns;
    const bool ok = cursor_.Accept({"*"})
                        ? cursor_.Expect({"EXCEPT"}, "after TRACK HISTORY ON *") &&
                              cursor_.ParseIdentifierList("EXCEPT list", &columns)
                        : cursor_.ParseIdentifierList("TRACK HISTORY ON list", &columns);
    if (ok) cursor_.Refuse(Cover(begin, cursor_.LastSpan()), "TRACK HISTORY ON");
    return ok;
  }

  TokenCursor& cursor_;
  AutoCdcClause clause_;
  std::set<std::string> seen_;
  bool is_snapshot_ = false;
};

// INSERT INTO [ONCE] target BY NAME query.
std::optional<AppendClause> ParseAppend(TokenCursor& cursor) {
  const Span begin = cursor.LastSpan();
  if (!cursor.Expect({"INTO"}, "after INSERT")) return std::nullopt;
  // A table may be called once.
  if (cursor.At({"ONCE"}) && !cursor.AtAhead(1, {"BY"}) && !cursor.AtAhead(1, {"."})) {
    cursor.Advance();
    cursor.Refuse(Cover(begin, cursor.LastSpan()), "INSERT INTO ONCE");
  }
  std::optional<ObjectName> target = cursor.ParseObjectName("the table to insert into");
  if (!target || !cursor.Expect({"BY", "NAME"}, "after the table")) return std::nullopt;
  std::optional<Fragment> query = cursor.ParseUpTo(cursor.end(), "a query after BY NAME");
  if (!query) return std::nullopt;
  return AppendClause{*std::move(target), *std::move(query)};
}

std::optional<AutoCdcFlowClause> ParseAutoCdcInto(TokenCursor& cursor) {
  if (cursor.At({"ONCE", "INTO"})) {
    cursor.Advance();
    cursor.Refuse(cursor.LastSpan(), "AUTO CDC ONCE");
  }
  if (!cursor.Expect({"INTO"})) return std::nullopt;
  std::optional<ObjectName> target = cursor.ParseObjectName("the table to change");
  if (!target) return std::nullopt;
  std::optional<AutoCdcClause> clause = ParseAutoCdc(cursor);
  if (!clause) return std::nullopt;
  return AutoCdcFlowClause{*std::move(target), *std::move(clause)};
}

// MIRROR INTO sink FROM query-or-table KEYS (..).
std::optional<MirrorClause> ParseMirror(TokenCursor& cursor) {
  MirrorClause clause;
  if (!cursor.Expect({"INTO"}, "after MIRROR")) return std::nullopt;
  std::optional<ObjectName> sink = cursor.ParseObjectName("the sink to mirror into");
  if (!sink || !cursor.Expect({"FROM"}, "after the sink")) return std::nullopt;
  clause.sink = *std::move(sink);
  // One pair of parentheses around all of it is not part of the query.
  const bool is_closed = cursor.At({"("}) && cursor.BehindClosing(cursor.at()) < cursor.end() &&
                         cursor.tokens()[cursor.BehindClosing(cursor.at())].IsWord("KEYS");
  std::optional<Fragment> from;
  if (is_closed) {
    clause.from_is_query = true;
    from = cursor.ParseParenthesized("a query");
  } else {
    clause.from_is_query = cursor.At({"SELECT"}) || cursor.At({"WITH"});
    size_t keys = cursor.end();
    for (size_t i = cursor.end(); i-- > cursor.at();) {
      if (cursor.tokens()[i].IsWord("KEYS")) {
        keys = i;
        break;
      }
    }
    from = cursor.ParseUpTo(keys, "a table or a query in parentheses after FROM");
  }
  if (!from || !cursor.Expect({"KEYS"}, "(partition_key [, sort_key])")) return std::nullopt;
  clause.from = *std::move(from);
  const Span keys_span = cursor.LastSpan();
  if (!cursor.ParseIdentifierList("KEYS", &clause.keys)) return std::nullopt;
  if (clause.keys.size() > 2) {
    cursor.Fail(Cover(keys_span, cursor.LastSpan()),
                "a DynamoDB table has a partition key and at most one sort key",
                "dynamodb_key(a, b, ..) makes one key of several values");
    return std::nullopt;
  }
  if (!cursor.AtEnd()) {
    cursor.FailExpected("the statement's end after KEYS (..)");
    return std::nullopt;
  }
  return clause;
}

}  // namespace

std::optional<AutoCdcClause> ParseAutoCdc(TokenCursor& cursor) {
  return AutoCdcParser(cursor).Parse();
}

std::optional<CreateFlow> ParseApplyChanges(TokenCursor& cursor) {
  cursor.Advance(2);
  std::optional<AutoCdcFlowClause> body = ParseAutoCdcInto(cursor);
  if (!body) return std::nullopt;
  return CreateFlow{body->target, std::nullopt, *std::move(body)};
}

std::optional<CreateFlow> ParseCreateFlow(TokenCursor& cursor) {
  CreateFlow flow;
  if (!cursor.Expect({"FLOW"})) return std::nullopt;
  std::optional<ObjectName> name = cursor.ParseObjectName("the flow's name");
  if (!name) return std::nullopt;
  flow.name = *std::move(name);
  if (cursor.Accept({"COMMENT"})) {
    flow.comment = cursor.ParseString("the comment as a string");
    if (!flow.comment) return std::nullopt;
  }
  if (!cursor.Expect({"AS"}, "after the flow's name")) return std::nullopt;
  const auto store = [&](auto clause) {
    if (!clause) return false;
    flow.body = *std::move(clause);
    return true;
  };
  bool ok = false;
  if (cursor.Accept({"INSERT"})) {
    ok = store(ParseAppend(cursor));
  } else if (cursor.Accept({"AUTO", "CDC"}) || cursor.Accept({"APPLY", "CHANGES"})) {
    ok = store(ParseAutoCdcInto(cursor));
  } else if (cursor.Accept({"MIRROR"})) {
    ok = store(ParseMirror(cursor));
  } else {
    cursor.FailExpected("INSERT INTO, AUTO CDC INTO or MIRROR INTO after AS",
                        SuggestName(cursor.Peek().value, {"INSERT", "AUTO", "MIRROR"}));
  }
  if (!ok) return std::nullopt;
  return flow;
}

}  // namespace smelt::sql
