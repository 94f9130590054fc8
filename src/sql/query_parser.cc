#include "sql/query_parser.h"

#include <algorithm>
#include <utility>

#include "sql/lexer.h"
#include "sql/query_parser_impl.h"

namespace smelt::sql {
namespace {

// Words that go on with a query, hence no alias without AS.
constexpr std::string_view kClauseWords[] = {
    "FROM",     "WHERE",   "GROUP",  "HAVING",  "ORDER",       "SORT",    "CLUSTER", "DISTRIBUTE",
    "LIMIT",    "OFFSET",  "WINDOW", "QUALIFY", "UNION",       "EXCEPT",  "MINUS",   "INTERSECT",
    "SETMINUS", "LATERAL", "PIVOT",  "UNPIVOT", "TABLESAMPLE", "JOIN",    "INNER",   "CROSS",
    "LEFT",     "RIGHT",   "FULL",   "SEMI",    "ANTI",        "NATURAL", "ON",      "USING",
    "AS",       "AND",     "OR",     "NOT",     "IN",          "BETWEEN", "LIKE",    "ILIKE",
    "RLIKE",    "REGEXP",  "IS",     "WHEN",    "THEN",        "ELSE",    "END",     "ASC",
    "DESC",     "NULLS",   "DIV",    "SELECT",  "COLLATE",     "WITHIN",  "FILTER",  "OVER"};

bool IsSetOperator(const Token& token) {
  return token.IsWord("UNION") || token.IsWord("EXCEPT") || token.IsWord("MINUS") ||
         token.IsWord("SETMINUS") || token.IsWord("INTERSECT");
}

std::string Describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::kEnd:
      return "the end";
    case TokenKind::kString:
      return "a string";
    case TokenKind::kVariable:
      return "${" + token.value + "}";
    case TokenKind::kHint:
      return "a hint";
    case TokenKind::kParameter:
      return "?";
    default:
      return "'" + token.value + "'";
  }
}

// A query that is no more than SELECT * over something, onto which a pipe operator can go without a
// subquery.
Select* PlainSelect(Query& query) {
  Select* select = std::get_if<Select>(&query.body);
  if (select == nullptr || !query.with.empty() || !query.order_by.empty() ||
      !query.sort_by.empty() || !query.distribute_by.empty() || !query.cluster_by.empty() ||
      query.limit || query.offset || select->distinct || select->group_by || select->having ||
      select->qualify || !select->windows.empty() || select->items.size() != 1) {
    return nullptr;
  }
  const Star* star = select->items[0].value->As<Star>();
  const bool all =
      star != nullptr && star->qualifier.empty() && star->except.empty() && star->replace.empty();
  return all ? select : nullptr;
}

}  // namespace

// ---- Cursor ----

QueryParser::QueryParser(const SourceText& source, std::span<const Token> tokens)
    : source_(source), tokens_with_end_(tokens.begin(), tokens.end()) {
  if (tokens_with_end_.empty() || tokens_with_end_.back().kind != TokenKind::kEnd) {
    const uint32_t end = tokens.empty() ? 0 : tokens.back().span.end;
    tokens_with_end_.push_back({TokenKind::kEnd, {end, end}, {}, {}});
  }
  tokens_ = std::span<const Token>(tokens_with_end_).first(tokens_with_end_.size() - 1);
  matching_.resize(tokens_.size(), tokens_.size());
  std::vector<size_t> open;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].IsOperator("(")) open.push_back(i);
    if (tokens_[i].IsOperator(")") && !open.empty()) {
      matching_[open.back()] = i;
      open.pop_back();
    }
  }
}

const Token& QueryParser::Peek(size_t ahead) const {
  return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : tokens_with_end_.back();
}

const Token& QueryParser::Next() {
  const Token& token = Peek();
  if (at_ < tokens_.size()) ++at_;
  return token;
}

bool QueryParser::AcceptWord(std::string_view word) {
  if (!PeekWord(word)) return false;
  Next();
  return true;
}

bool QueryParser::AcceptWords(std::initializer_list<std::string_view> words) {
  size_t ahead = 0;
  for (const std::string_view word : words) {
    if (!PeekWord(word, ahead++)) return false;
  }
  at_ += words.size();
  return true;
}

bool QueryParser::AcceptOperator(std::string_view op) {
  if (!PeekOperator(op)) return false;
  Next();
  return true;
}

void QueryParser::ExpectWord(std::string_view word) {
  if (!AcceptWord(word)) FailExpected(word);
}

void QueryParser::ExpectOperator(std::string_view op) {
  if (!AcceptOperator(op)) FailExpected(fmt::format("'{}'", op));
}

bool QueryParser::PeekAnyWord(std::initializer_list<std::string_view> words, size_t ahead) const {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return PeekWord(word, ahead); });
}

bool QueryParser::PeekName(size_t ahead) const {
  const TokenKind kind = Peek(ahead).kind;
  return kind == TokenKind::kWord || kind == TokenKind::kQuotedIdentifier;
}

Name QueryParser::ExpectName(std::string_view what) {
  if (!PeekName()) {
    FailExpected(what);
    return {};
  }
  const Token& token = Next();
  return {token.value, token.span};
}

NameParts QueryParser::ExpectNameParts(std::string_view what) {
  NameParts parts;
  do {
    parts.push_back(ExpectName(what));
  } while (AcceptOperator("."));
  return parts;
}

std::vector<Name> QueryParser::ExpectNameList(std::string_view what) {
  std::vector<Name> names;
  ExpectOperator("(");
  do {
    names.push_back(ExpectName(what));
  } while (AcceptOperator(","));
  ExpectOperator(")");
  return names;
}

bool QueryParser::PeekImplicitAlias(size_t ahead) const {
  if (Peek(ahead).kind == TokenKind::kQuotedIdentifier) return true;
  if (Peek(ahead).kind != TokenKind::kWord) return false;
  return std::none_of(std::begin(kClauseWords), std::end(kClauseWords),
                      [&](std::string_view word) { return PeekWord(word, ahead); });
}

Span QueryParser::SpanFrom(size_t first_token) const {
  if (first_token >= tokens_.size()) return tokens_with_end_.back().span;
  const size_t last = std::max(at_, first_token + 1) - 1;
  return Cover(tokens_[first_token].span, tokens_[std::min(last, tokens_.size() - 1)].span);
}

void QueryParser::Fail(Span span, std::string code, std::string message, std::string hint) {
  if (error_) return;
  error_ = MakeDiagnostic(source_, span, std::move(code), std::move(message), std::move(hint));
  at_ = tokens_.size();
}

void QueryParser::FailExpected(std::string_view what, std::string hint) {
  const Token& token = Peek();
  if (token.kind == TokenKind::kVariable) {
    Fail(token.span, "unknown-variable", fmt::format("nothing sets ${{{}}}", token.value));
    return;
  }
  Fail(token.span, kSyntax, fmt::format("expected {}, found {}", what, Describe(token)),
       std::move(hint));
}

void QueryParser::Unsupported(Span span, std::string what, std::string hint) {
  Fail(span, kUnsupported, std::move(what) + " is not supported", std::move(hint));
}

QueryParser::Nested::Nested(QueryParser& parser) : parser_(parser) {
  if (++parser_.nesting_ > kMaxDepth) {
    parser_.Fail(parser_.Peek().span, "too-deep",
                 fmt::format("this is nested more than {} levels deep", kMaxDepth));
  }
}

void QueryParser::ExpectEnd() {
  if (!AtEnd()) FailExpected("the end of the query");
}

// ---- Queries ----

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
  int operations = 0;
  while (IsSetOperator(Peek())) {
    if (++operations > kMaxDepth / 2) {
      Fail(Peek().span, "too-deep", "this query has too many set operations");
      break;
    }
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

// ---- Pipes ----

QueryPtr QueryParser::ParsePipes(QueryPtr query) {
  int operators = 0;
  while (AcceptOperator("|>")) {
    if (++operators > kMaxDepth / 2) {
      Fail(Peek().span, "too-deep", "this query has too many |> operators");
      break;
    }
    query = ParsePipeOperator(std::move(query));
  }
  return query;
}

namespace {

// SELECT * FROM (query): what most pipe operators build on. The alias of a lone table goes with it,
// so that t.a still means what it did.
QueryPtr WrapQuery(QueryPtr inner, ExprPtr star) {
  auto outer = std::make_unique<Query>();
  outer->span = inner->span;
  auto relation = std::make_unique<Relation>();
  relation->span = inner->span;
  const Select* select = inner->As<Select>();
  if (select != nullptr && select->from.size() == 1 && select->lateral_views.empty()) {
    const Relation& from = *select->from.front();
    if (from.alias) {
      relation->alias = from.alias;
    } else if (const TableRef* table = from.As<TableRef>()) {
      relation->alias = table->name.back();
    }
  }
  relation->node = Subquery{std::move(inner)};
  Select wrapped;
  SelectItem item;
  item.span = star->span;
  item.value = std::move(star);
  wrapped.items.push_back(std::move(item));
  wrapped.from.push_back(std::move(relation));
  outer->body = std::move(wrapped);
  return outer;
}

}  // namespace

QueryPtr QueryParser::ParsePipeOperator(QueryPtr input) {
  const size_t first = at_;
  const auto plain = [&](QueryPtr query) {
    return PlainSelect(*query) != nullptr ? std::move(query)
                                          : WrapQuery(std::move(query), MakeExpr(first, Star{}));
  };
  const auto body = [](QueryPtr& query) -> Select& { return std::get<Select>(query->body); };

  if (AcceptWord("WHERE")) {
    input = plain(std::move(input));
    if (body(input).where) input = WrapQuery(std::move(input), MakeExpr(first, Star{}));
    body(input).where = ParseExpression();
  } else if (AcceptWord("SELECT")) {
    input = plain(std::move(input));
    body(input).distinct = AcceptWord("DISTINCT");
    body(input).items = ParseSelectItems();
  } else if (AcceptWord("EXTEND")) {
    input = plain(std::move(input));
    for (SelectItem& item : ParseSelectItems()) body(input).items.push_back(std::move(item));
  } else if (AcceptWord("SET")) {
    do {
      // One after another: a later assignment sees an earlier one.
      input = WrapQuery(std::move(input), MakeExpr(first, Star{}));
      const Name column = ExpectName("a column name");
      if (PeekOperator(".")) Unsupported(column.span, "|> SET of a member");
      ExpectOperator("=");
      ExprPtr value = ParseExpression();
      if (Star* star = std::get_if<Star>(&body(input).items[0].value->node)) {
        star->replace.emplace_back(std::move(value), column);
      }
    } while (AcceptOperator(","));
  } else if (AcceptWord("DROP")) {
    input = WrapQuery(std::move(input), MakeExpr(first, Star{}));
    do {
      const Name column = ExpectName("a column name");
      if (Star* star = std::get_if<Star>(&body(input).items[0].value->node)) {
        star->except.push_back({column});
      }
    } while (AcceptOperator(","));
  } else if (AcceptWord("AS")) {
    input = WrapQuery(std::move(input), MakeExpr(first, Star{}));
    body(input).from[0]->alias = ExpectName("a table alias");
  } else if (PeekWord("AGGREGATE")) {
    return ParsePipeAggregate(plain(std::move(input)));
  } else if (PeekAnyWord({"ORDER", "SORT", "CLUSTER", "DISTRIBUTE", "LIMIT", "OFFSET"})) {
    const bool offset_of_limit = PeekWord("LIMIT") || PeekWord("OFFSET");
    if (input->limit || input->offset || (!offset_of_limit && !input->order_by.empty())) {
      input = WrapQuery(std::move(input), MakeExpr(first, Star{}));
    }
    ParseOrganization(*input);
  } else if (IsSetOperator(Peek())) {
    return ParsePipeSetOperation(std::move(input));
  } else if (PeekWord("LATERAL") && PeekWord("VIEW", 1)) {
    input = plain(std::move(input));
    if (body(input).where) input = WrapQuery(std::move(input), MakeExpr(first, Star{}));
    body(input).lateral_views.push_back(ParseLateralView());
  } else {
    // JOIN, PIVOT, UNPIVOT and TABLESAMPLE work on the relation.
    input = plain(std::move(input));
    const Select& select = body(input);
    if (select.where || select.from.size() != 1 || !select.lateral_views.empty()) {
      input = WrapQuery(std::move(input), MakeExpr(first, Star{}));
    }
    RelationPtr& relation = body(input).from[0];
    Join join;
    if (AcceptJoin(join)) {
      relation = ParseJoin(std::move(relation), std::move(join));
    } else if (PeekWord("PIVOT")) {
      relation = ParsePivot(std::move(relation));
    } else if (PeekWord("UNPIVOT")) {
      relation = ParseUnpivot(std::move(relation));
    } else if (PeekWord("TABLESAMPLE")) {
      relation->sample = ParseSample();
    } else {
      FailExpected(
          "a pipe operator",
          "after |> comes SELECT, EXTEND, SET, DROP, AS, WHERE, AGGREGATE, JOIN, ORDER BY, LIMIT, "
          "UNION, EXCEPT, INTERSECT, PIVOT or UNPIVOT");
    }
  }
  return input;
}

// AGGREGATE a GROUP BY g gives g and then a.
QueryPtr QueryParser::ParsePipeAggregate(QueryPtr input) {
  ExpectWord("AGGREGATE");
  Select& select = std::get<Select>(input->body);
  std::vector<SelectItem> aggregates;
  if (!PeekWord("GROUP")) aggregates = ParseSelectItems();
  select.items.clear();
  if (AcceptWords({"GROUP", "BY"})) {
    select.group_by.emplace();
    int ordinal = 0;
    do {
      if (PeekAnyWord({"ROLLUP", "CUBE", "GROUPING"}) &&
          (PeekOperator("(", 1) || PeekWord("SETS", 1))) {
        Unsupported(Peek().span, "a grouping set in |> AGGREGATE");
      }
      const size_t first = at_;
      SelectItem item = ParseSelectItem();
      GroupingElement element;
      element.sets.emplace_back();
      element.sets[0].push_back(
          MakeExpr(first, Literal{Literal::Kind::kInteger, std::to_string(++ordinal)}));
      select.group_by->elements.push_back(std::move(element));
      select.items.push_back(std::move(item));
    } while (AcceptOperator(","));
  }
  for (SelectItem& item : aggregates) select.items.push_back(std::move(item));
  return input;
}

QueryPtr QueryParser::ParsePipeSetOperation(QueryPtr input) {
  const Span span = input->span;
  SetOperation operation;
  operation.op = PeekWord("INTERSECT") ? SetOperator::kIntersect
                 : PeekWord("UNION")   ? SetOperator::kUnion
                                       : SetOperator::kExcept;
  Next();
  operation.all = AcceptWord("ALL");
  if (!operation.all) AcceptWord("DISTINCT");
  RefuseByName();
  operation.left = std::move(input);
  operation.right = ParseQueryPrimary();
  auto query = std::make_unique<Query>();
  query->span = Cover(span, operation.right->span);
  query->body = std::move(operation);
  return query;
}

// ---- Entry points ----

namespace {

template <typename T, typename Parse>
Parsed<T> ParseAll(const SourceText& source, std::span<const Token> tokens, Parse parse) {
  QueryParser parser(source, tokens);
  T value = parse(parser);
  if (!parser.failed()) parser.AcceptSemicolon();
  if (!parser.failed()) parser.ExpectEnd();
  if (parser.failed()) return parser.error();
  return value;
}

// Lexes the whole text: whether a quote opens or closes is known only from the start.
template <typename T, typename Parse>
Parsed<T> LexAndParse(const Fragment& fragment, Parse parse) {
  LexResult lexed = Lex(*fragment.source);
  if (!lexed.ok()) return lexed.diagnostics.front();
  const auto first = std::find_if(lexed.tokens.begin(), lexed.tokens.end(), [&](const Token& t) {
    return t.span.begin >= fragment.span.begin || t.kind == TokenKind::kEnd;
  });
  const auto last = std::find_if(first, lexed.tokens.end(), [&](const Token& t) {
    return t.span.begin >= fragment.span.end || t.kind == TokenKind::kEnd;
  });
  return ParseAll<T>(*fragment.source, std::span<const Token>(first, last), parse);
}

constexpr auto kQuery = [](QueryParser& parser) { return parser.ParseQuery(); };
constexpr auto kExpression = [](QueryParser& parser) { return parser.ParseExpression(); };

}  // namespace

Parsed<QueryPtr> ParseQuery(const SourceText& source, std::span<const Token> tokens) {
  return ParseAll<QueryPtr>(source, tokens, kQuery);
}
Parsed<ExprPtr> ParseExpression(const SourceText& source, std::span<const Token> tokens) {
  return ParseAll<ExprPtr>(source, tokens, kExpression);
}
Parsed<QueryPtr> ParseQuery(const Fragment& fragment) {
  return LexAndParse<QueryPtr>(fragment, kQuery);
}
Parsed<ExprPtr> ParseExpression(const Fragment& fragment) {
  return LexAndParse<ExprPtr>(fragment, kExpression);
}
}  // namespace smelt::sql
