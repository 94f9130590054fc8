// Queries: WITH, SELECT and its clauses, set operations, ORDER BY, LIMIT.
// https://spark.apache.org/docs/latest/sql-ref-syntax-qry-select.html

#include <algorithm>
#include <utility>

#include "sql/query_parser_impl.h"

namespace smelt::sql {

bool QueryParser::IsQueryStart(size_t ahead) const {
  if (PeekAnyWord({"SELECT", "WITH"}, ahead)) return true;
  if (PeekWord("FROM", ahead)) return true;
  if (PeekWord("VALUES", ahead))
    return Peek(ahead + 1).kind != TokenKind::kOperator || PeekOperator("(", ahead + 1);
  if (PeekWord("TABLE", ahead)) return PeekName(ahead + 1);
  // Opening parentheses, in a loop: there may be many.
  if (!PeekOperator("(", ahead)) return false;
  size_t inner = ahead;
  while (PeekOperator("(", inner)) {
    const size_t close = matching_[at_ + inner];
    if (close >= tokens_.size()) return false;
    const size_t after = close + 1 - at_;
    const Token& token = Peek(after);
    const bool goes_on =
        token.kind == TokenKind::kEnd || token.IsOperator(")") || token.IsOperator("|>") ||
        token.IsOperator(";") || IsSetOperator(token) ||
        PeekAnyWord({"ORDER", "LIMIT", "OFFSET", "SORT", "CLUSTER", "DISTRIBUTE"}, after);
    if (!goes_on) return false;
    ++inner;
  }
  return PeekAnyWord({"SELECT", "WITH", "FROM", "VALUES", "TABLE"}, inner) && IsQueryStart(inner);
}

QueryPtr QueryParser::ParseQuery() {
  Nested nested(*this);
  const size_t first = at_;
  const int outer_depth = std::exchange(depth_, 0);
  Query head;
  if (PeekWord("WITH")) ParseWith(head);
  QueryPtr query = ParseQueryNoWith();
  if (!head.with.empty()) {
    if (!query->with.empty()) {
      // WITH a .. (WITH b ..): the inner names stay inside.
      auto outer = std::make_unique<Query>();
      Select select;
      SelectItem star;
      star.value = MakeExpr(first, Star{});
      select.items.push_back(std::move(star));
      select.from.push_back(MakeRelation(first, Subquery{std::move(query)}));
      outer->body = std::move(select);
      query = std::move(outer);
    }
    query->with = std::move(head.with);
    query->recursive = head.recursive;
  }
  query->span = SpanFrom(first);
  Deepen();
  query->depth = depth_;
  depth_ = std::max(depth_, outer_depth);
  return query;
}

void QueryParser::ParseWith(Query& query) {
  ExpectWord("WITH");
  query.recursive = AcceptWord("RECURSIVE");
  do {
    Cte cte;
    cte.name = ExpectName("the name of a common table expression");
    if (PeekOperator("(")) cte.columns = ExpectNameList("a column name");
    if (PeekWord("MAX") && query.recursive) Unsupported(Peek().span, "MAX RECURSION LEVEL");
    AcceptWord("AS");
    ExpectOperator("(");
    cte.query = ParseQuery();
    ExpectOperator(")");
    query.with.push_back(std::move(cte));
  } while (AcceptOperator(","));
}

QueryPtr QueryParser::ParseQueryNoWith() {
  QueryPtr query = ParseSetOperations(0);
  const bool more =
      PeekAnyWord({"ORDER", "SORT", "CLUSTER", "DISTRIBUTE", "WINDOW", "LIMIT", "OFFSET"});
  if (more && (!query->order_by.empty() || query->limit || query->offset)) {
    // (SELECT .. LIMIT 5) ORDER BY x: the inner clauses come first.
    auto outer = std::make_unique<Query>();
    outer->span = query->span;
    Select select;
    SelectItem star;
    star.value = MakeExpr(at_, Star{});
    select.items.push_back(std::move(star));
    select.from.push_back(MakeRelation(at_, Subquery{std::move(query)}));
    outer->body = std::move(select);
    query = std::move(outer);
  }
  ParseOrganization(*query);
  return ParsePipes(std::move(query));
}

void QueryParser::RefuseByName() {
  if (PeekWord("BY") && PeekWord("NAME", 1)) {
    Fail(Peek().span, kSyntax, "Spark SQL's set operations go by position, not BY NAME",
         "select the columns in the same order on both sides");
  }
}

// INTERSECT binds tighter than UNION and EXCEPT.
QueryPtr QueryParser::ParseSetOperations(int min_precedence) {
  const size_t first = at_;
  QueryPtr left = ParseQueryPrimary();
  while (IsSetOperator(Peek())) {
    Deepen();
    const bool intersect = PeekWord("INTERSECT");
    const int precedence = intersect ? 2 : 1;
    if (precedence < min_precedence) break;
    SetOperation operation;
    operation.op = intersect           ? SetOperator::kIntersect
                   : PeekWord("UNION") ? SetOperator::kUnion
                                       : SetOperator::kExcept;
    Next();
    operation.all = AcceptWord("ALL");
    if (!operation.all) AcceptWord("DISTINCT");
    RefuseByName();
    operation.left = std::move(left);
    Nested nested(*this);
    operation.right = ParseSetOperations(precedence + 1);
    left = std::make_unique<Query>();
    left->body = std::move(operation);
    left->span = SpanFrom(first);
  }
  return left;
}

QueryPtr QueryParser::ParseQueryPrimary() {
  Nested nested(*this);
  const size_t first = at_;
  if (AcceptOperator("(")) {
    QueryPtr query = ParseQuery();
    ExpectOperator(")");
    return query;
  }
  auto query = std::make_unique<Query>();
  if (PeekWord("SELECT")) {
    query->body = ParseSelect();
  } else if (AcceptWord("VALUES")) {
    query->body = ParseInlineTable();
  } else if (PeekWord("TABLE") && PeekName(1)) {
    Next();
    query->body = TableRef{ExpectNameParts("a table name"), false, nullptr, nullptr};
  } else if (PeekWord("FROM")) {
    Select select;
    ParseFromClause(select);
    if (PeekWord("SELECT")) {  // Hive's order: FROM t SELECT x
      Next();
      AcceptWord("ALL");
      select.distinct = AcceptWord("DISTINCT");
      select.items = ParseSelectItems();
      ParseSelectTail(select);
    } else {
      SelectItem star;
      star.value = MakeExpr(first, Star{});
      star.span = star.value->span;
      select.items.push_back(std::move(star));
    }
    query->body = std::move(select);
  } else if (PeekAnyWord({"MAP", "REDUCE"})) {
    Unsupported(Peek().span, "a script transformation");
  } else {
    FailExpected("a query");
  }
  query->span = SpanFrom(first);
  return query;
}

Select QueryParser::ParseSelect() {
  Select select;
  ExpectWord("SELECT");
  while (Peek().kind == TokenKind::kHint) select.hints.push_back(Next().value);
  if (PeekWord("TRANSFORM") && PeekOperator("(", 1) && matching_[at_ + 1] < tokens_.size() &&
      tokens_.size() > matching_[at_ + 1] + 1 && tokens_[matching_[at_ + 1] + 1].IsWord("USING")) {
    Unsupported(Peek().span, "a script transformation");
  }
  if (!AcceptWord("ALL")) select.distinct = AcceptWord("DISTINCT");
  select.items = ParseSelectItems();
  if (PeekWord("INTO")) Unsupported(Peek().span, "SELECT INTO");
  if (PeekWord("FROM")) ParseFromClause(select);
  ParseSelectTail(select);
  return select;
}

void QueryParser::ParseFromClause(Select& select) {
  ExpectWord("FROM");
  do {
    select.from.push_back(ParseRelation());
  } while (AcceptOperator(","));
  while (PeekWord("LATERAL") && PeekWord("VIEW", 1)) {
    select.lateral_views.push_back(ParseLateralView());
  }
  if (PeekAnyWord({"PIVOT", "UNPIVOT"}) && PeekOperator("(", 1) && !select.lateral_views.empty()) {
    Unsupported(Peek().span, "PIVOT after LATERAL VIEW", "put the LATERAL VIEW into a subquery");
  }
}

void QueryParser::ParseSelectTail(Select& select) {
  while (PeekWord("LATERAL") && PeekWord("VIEW", 1)) {
    select.lateral_views.push_back(ParseLateralView());
  }
  if (AcceptWord("WHERE")) select.where = ParseExpression();
  if (PeekWord("GROUP") && PeekWord("BY", 1)) select.group_by = ParseGroupBy();
  if (AcceptWord("HAVING")) select.having = ParseExpression();
  // Spark has WINDOW before QUALIFY, other dialects after it.
  if (PeekWord("WINDOW") && PeekName(1) && PeekWord("AS", 2)) select.windows = ParseNamedWindows();
  if (AcceptWord("QUALIFY")) select.qualify = ParseExpression();
  if (PeekWord("WINDOW") && PeekName(1) && PeekWord("AS", 2)) select.windows = ParseNamedWindows();
}

std::vector<SelectItem> QueryParser::ParseSelectItems() {
  std::vector<SelectItem> items;
  do {
    items.push_back(ParseSelectItem());
  } while (AcceptOperator(","));
  return items;
}

SelectItem QueryParser::ParseSelectItem() {
  const size_t first = at_;
  SelectItem item;
  if (PeekWord("FROM") && (PeekName(1) || PeekOperator("(", 1))) {
    FailExpected("an expression", "is there a comma too many before FROM?");
  }
  item.value = ParseExpression();
  if (AcceptWord("AS")) {
    if (PeekOperator("(")) {
      item.aliases = ExpectNameList("a column name");
    } else {
      item.aliases.push_back(ExpectName("a name after AS"));
    }
  } else if (PeekImplicitAlias()) {
    item.aliases.push_back(ExpectName("a name"));
  }
  item.span = SpanFrom(first);
  return item;
}

void QueryParser::ParseOrganization(Query& query) {
  while (!failed()) {
    if (AcceptWords({"ORDER", "BY"})) {
      if (PeekWord("ALL") && !PeekOperator("(", 1) && !PeekOperator(".", 1)) {
        Unsupported(Peek().span, "ORDER BY ALL", "name the columns");
      }
      query.order_by = ParseSortItems();
    } else if (AcceptWords({"SORT", "BY"})) {
      query.sort_by = ParseSortItems();
    } else if (AcceptWords({"CLUSTER", "BY"})) {
      query.cluster_by = ParseExpressionList();
    } else if (AcceptWords({"DISTRIBUTE", "BY"})) {
      query.distribute_by = ParseExpressionList();
    } else if (PeekWord("WINDOW") && PeekName(1) && PeekWord("AS", 2)) {
      Select* select = std::get_if<Select>(&query.body);
      if (select == nullptr) Unsupported(Peek().span, "WINDOW after a set operation");
      std::vector<NamedWindow> windows = ParseNamedWindows();
      if (select != nullptr) select->windows = std::move(windows);
    } else if (AcceptWord("LIMIT")) {
      if (!AcceptWord("ALL")) query.limit = ParseExpression();
    } else if (AcceptWord("OFFSET")) {
      query.offset = ParseExpression();
    } else {
      return;
    }
  }
}

GroupBy QueryParser::ParseGroupBy() {
  const size_t first = at_;
  GroupBy group;
  ExpectWord("GROUP");
  ExpectWord("BY");
  if (PeekWord("ALL") && !PeekOperator(".", 1) && !PeekOperator("(", 1)) {
    Next();
    group.all = true;
    group.span = SpanFrom(first);
    return group;
  }
  do {
    group.elements.push_back(ParseGroupingElement());
  } while (AcceptOperator(","));
  const bool rollup = PeekWord("WITH") && PeekWord("ROLLUP", 1);
  if (rollup || (PeekWord("WITH") && PeekWord("CUBE", 1))) {
    at_ += 2;
    GroupingElement all;
    all.kind = rollup ? GroupingElement::Kind::kRollup : GroupingElement::Kind::kCube;
    for (GroupingElement& element : group.elements) {
      if (element.kind != GroupingElement::Kind::kExpression) {
        Fail(SpanFrom(first), kSyntax, "WITH ROLLUP and WITH CUBE follow plain expressions only");
      }
      all.sets.push_back(std::move(element.sets.front()));
    }
    group.elements.clear();
    group.elements.push_back(std::move(all));
  } else if (PeekWord("GROUPING") && PeekWord("SETS", 1)) {
    Unsupported(Peek().span, "GROUP BY a list GROUPING SETS", "write GROUP BY GROUPING SETS (..)");
  }
  group.span = SpanFrom(first);
  return group;
}

GroupingElement QueryParser::ParseGroupingElement() {
  GroupingElement element;
  if (PeekAnyWord({"ROLLUP", "CUBE"}) && PeekOperator("(", 1)) {
    element.kind =
        PeekWord("ROLLUP") ? GroupingElement::Kind::kRollup : GroupingElement::Kind::kCube;
    Next();
  } else if (PeekWord("GROUPING") && PeekWord("SETS", 1)) {
    element.kind = GroupingElement::Kind::kSets;
    at_ += 2;
  } else {
    element.sets.emplace_back();
    element.sets.back().push_back(ParseExpression());
    return element;
  }
  ExpectOperator("(");
  do {
    if (PeekAnyWord({"ROLLUP", "CUBE", "GROUPING"}) &&
        (PeekOperator("(", 1) || PeekWord("SETS", 1))) {
      Unsupported(Peek().span, "a nested grouping set", "write the sets out");
    }
    element.sets.push_back(ParseGroupingSet());
  } while (AcceptOperator(","));
  ExpectOperator(")");
  return element;
}

// (a, b), (), or a: the parentheses of a single expression belong to the expression.
std::vector<ExprPtr> QueryParser::ParseGroupingSet() {
  std::vector<ExprPtr> set;
  if (PeekOperator("(") && PeekOperator(")", 1)) {
    at_ += 2;
    return set;
  }
  ExprPtr value = ParseExpression();
  if (Row* row = std::get_if<Row>(&value->node)) {
    return std::move(row->items);
  }
  set.push_back(std::move(value));
  return set;
}

std::vector<NamedWindow> QueryParser::ParseNamedWindows() {
  ExpectWord("WINDOW");
  std::vector<NamedWindow> windows;
  do {
    NamedWindow named;
    named.name = ExpectName("the name of a window");
    ExpectWord("AS");
    named.window = ParseWindow();
    windows.push_back(std::move(named));
  } while (AcceptOperator(","));
  return windows;
}

LateralView QueryParser::ParseLateralView() {
  const size_t first = at_;
  LateralView view;
  ExpectWord("LATERAL");
  ExpectWord("VIEW");
  view.outer = AcceptWord("OUTER");
  const size_t call_first = at_;
  NameParts name = ExpectNameParts("a generator function");
  ExprPtr call = ParseCall(call_first, std::move(name));
  if (FunctionCall* function = std::get_if<FunctionCall>(&call->node)) {
    view.generator = std::move(*function);
  }
  if (PeekName() && !PeekWord("AS") && PeekImplicitAlias())
    view.alias = ExpectName("a table alias");
  if (AcceptWord("AS") || (view.alias && PeekName() && PeekImplicitAlias())) {
    if (PeekOperator("(")) {
      view.columns = ExpectNameList("a column name");
    } else {
      do {
        view.columns.push_back(ExpectName("a column name"));
      } while (AcceptOperator(","));
    }
  }
  view.span = SpanFrom(first);
  return view;
}

}  // namespace smelt::sql
