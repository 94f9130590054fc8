// |> operators: each is turned into the query that it stands for.
// https://spark.apache.org/docs/latest/sql-pipe-syntax.html

#include <utility>

#include "sql/query_parser_impl.h"

namespace smelt::sql {
namespace {

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

QueryPtr QueryParser::ParsePipes(QueryPtr query) {
  while (AcceptOperator("|>")) {
    Deepen();
    query = ParsePipeOperator(std::move(query));
  }
  return query;
}

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

}  // namespace smelt::sql
