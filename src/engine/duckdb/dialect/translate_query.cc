// Queries: WITH, SELECT and its clauses, set operations, ORDER BY, LIMIT.

#include <algorithm>
#include <utility>

#include "engine/duckdb/dialect/output_name.h"
#include "engine/duckdb/dialect/translator.h"
#include "sql/token.h"

namespace smelt::duck {
namespace {

const sql::FunctionCall* AsGenerator(const sql::Expr& expr) {
  const sql::FunctionCall* call = expr.As<sql::FunctionCall>();
  if (call == nullptr) return nullptr;
  const FunctionEntry* entry = FindFunction(call->LowerName());
  return entry != nullptr && entry->is_generator ? call : nullptr;
}

const sql::FunctionCall* AsCallOf(const sql::Expr& expr, std::string_view name) {
  const sql::FunctionCall* call = expr.As<sql::FunctionCall>();
  return call != nullptr && call->LowerName() == name ? call : nullptr;
}

// The alias that an item has, given or by its name alone; nullptr for stars and unnamed
// expressions.
const sql::Name* ItemAlias(const sql::SelectItem& item) {
  if (item.aliases.size() == 1) return &item.aliases.front();
  const sql::ColumnRef* column = item.value->As<sql::ColumnRef>();
  return item.aliases.empty() && column != nullptr ? &column->parts.back() : nullptr;
}

bool IsStruct(const sql::Expr& expr) {
  return expr.As<sql::Row>() != nullptr || AsCallOf(expr, "struct") != nullptr ||
         AsCallOf(expr, "named_struct") != nullptr;
}

}  // namespace

std::string Translator::QueryText(const sql::Query& query) {
  std::string text;
  const size_t outer_ctes = ctes_.size();
  for (const sql::Cte& cte : query.with) {
    const std::string name = sql::ToLower(cte.name.text);
    text += text.empty() ? (query.recursive ? "WITH RECURSIVE " : "WITH ") : ", ";
    text += Quoted(cte.name.text);
    if (!cte.columns.empty()) {
      std::vector<std::string> columns;
      for (const sql::Name& column : cte.columns) columns.push_back(column.text);
      text += fmt::format("({})", QuotedList(columns));
    }
    if (query.recursive) ctes_.push_back(name);
    // The query of a WITH sees nothing of what is around it.
    Scope* const scope = std::exchange(scope_, nullptr);
    text += fmt::format(" AS ({})", QueryText(*cte.query));
    scope_ = scope;
    if (!query.recursive) ctes_.push_back(name);
  }
  if (!text.empty()) text += " ";
  text += BodyText(query);
  ctes_.resize(outer_ctes);
  return text;
}

std::string Translator::BodyText(const sql::Query& query) {
  if (const sql::Select* select = query.As<sql::Select>()) return SelectText(*select, query);
  Scope scope;
  scope.is_query = true;
  const ScopeGuard guard(*this, scope);
  std::string text;
  if (const sql::SetOperation* operation = query.As<sql::SetOperation>()) {
    text = SetOperationText(*operation, query.span);
    const bool ordered = !query.order_by.empty() || !query.sort_by.empty();
    // Only names and positions can order a set operation itself.
    if (ordered) text = fmt::format("SELECT * FROM ({})", text);
  } else if (const sql::InlineTable* table = query.As<sql::InlineTable>()) {
    text = "SELECT * FROM " + ValuesText(*table);
  } else if (const sql::TableRef* table = query.As<sql::TableRef>()) {
    sql::Relation relation;
    relation.span = query.span;
    text = "SELECT * FROM " +
           NamedSourceText(relation, SourceRef{table, nullptr, query.span}, table->name);
    if (!scope.sources.empty() && !scope.sources[0].hidden.empty()) {
      text.replace(0, std::string("SELECT *").size(),
                   fmt::format("SELECT * EXCLUDE ({})", QuotedList(scope.sources[0].hidden)));
    }
  }
  return text + OrderByText(query, nullptr) + LimitText(query);
}

// ---- SELECT ----

std::string Translator::SelectText(const sql::Select& select, const sql::Query& query) {
  Scope scope;
  scope.is_query = true;
  scope.select = &select;
  const ScopeGuard guard(*this, scope);
  std::string from = FromText(select);
  std::vector<std::string> conditions;
  if (select.where) conditions.push_back(fmt::format("({})", WhereText(select)));
  // Before the items: grouping by window() gives them the column `window`.
  std::string group;
  if (select.group_by) group = GroupByText(*select.group_by, &conditions, &from);

  std::string text = select.distinct ? "SELECT DISTINCT " : "SELECT ";
  text += SelectItemsText(select, &from);
  if (!from.empty()) text += " FROM " + from;
  if (!conditions.empty()) text += " WHERE " + Joined(conditions, " AND ");
  if (!group.empty()) text += " GROUP BY " + group;
  if (select.having) text += " HAVING " + Text(select.having);
  if (!select.windows.empty()) {
    std::vector<std::string> windows;
    for (const sql::NamedWindow& named : select.windows) {
      windows.push_back(fmt::format("{} AS {}", Quoted(named.name.text), WindowText(named.window)));
    }
    text += " WINDOW " + Joined(windows, ", ");
  }
  if (select.qualify) text += " QUALIFY " + Text(select.qualify);
  return text + OrderByText(query, &select) + LimitText(query);
}

// DuckDB lets WHERE use the aliases of the SELECT list, Spark does not: a name that is one has to
// be a column of the table.
std::string Translator::WhereText(const sql::Select& select) {
  Scope columns;
  columns.select = &select;
  if (scope_->sources.size() == 1 && scope_->outer == nullptr) {
    const std::string table = Quoted(scope_->sources.front().alias);
    for (const sql::SelectItem& item : select.items) {
      for (const sql::Name& alias : item.aliases) {
        columns.substitutes[sql::ToLower(alias.text)] =
            fmt::format("{}.{}", table, Quoted(alias.text));
      }
    }
  }
  const ScopeGuard guard(*this, columns);
  return Text(select.where);
}

std::string Translator::SelectItemsText(const sql::Select& select, std::string* from) {
  std::vector<std::string> items;
  const auto generators = std::count_if(
      select.items.begin(), select.items.end(),
      [](const sql::SelectItem& item) { return AsGenerator(*item.value) != nullptr; });
  for (const sql::SelectItem& item : select.items) {
    if (const sql::FunctionCall* call = AsGenerator(*item.value)) {
      items.push_back(GeneratorItemText(item, *call, /*alone=*/generators == 1, from));
      continue;
    }
    if (item.aliases.size() > 1) {
      Fail(item.span, "aliases",
           "several names are for generator functions such as inline and stack only");
    }
    if (const sql::Star* star = item.value->As<sql::Star>()) {
      items.push_back(StarText(*star, item.value->span));
      continue;
    }
    const std::string name = item.aliases.empty() ? OutputName(*item.value) : item.aliases[0].text;
    items.push_back(fmt::format("{} AS {}", Text(item.value), Quoted(name)));
  }
  return Joined(items, ", ");
}

std::string Translator::StarText(const sql::Star& star, sql::Span span) {
  std::vector<std::string> excluded;
  for (const sql::NameParts& name : star.except) {
    if (name.size() > 2) Refuse(span, "EXCEPT of a member of a column");
    excluded.push_back(name.back().text);
  }
  std::string prefix;
  std::vector<std::string> hidden;
  for (const Source& source : scope_->sources) {
    const bool named =
        !star.qualifier.empty() && sql::EqualsIgnoreCase(source.alias, star.qualifier.back().text);
    if (named || star.qualifier.empty())
      hidden.insert(hidden.end(), source.hidden.begin(), source.hidden.end());
  }
  if (!star.qualifier.empty()) {
    for (const sql::Name& part : star.qualifier) prefix = Quoted(part.text) + ".";
  }
  if (!scope_->no_star.empty()) Refuse(span, scope_->no_star, "name the columns");

  // Spark puts the columns of USING first.
  std::vector<std::string> items;
  std::vector<std::string> left_out = excluded;
  const auto excludes = [&](const std::string& name) {
    return std::any_of(left_out.begin(), left_out.end(), [&](const std::string& other) {
      return sql::EqualsIgnoreCase(name, other);
    });
  };
  for (const std::string& column : scope_->using_columns) {
    if (excludes(column)) continue;
    items.push_back(prefix + Quoted(column));
    left_out.push_back(column);
  }
  for (const std::string& column : hidden) {
    if (!excludes(column)) left_out.push_back(column);
  }
  std::string text = prefix + "*";
  if (!left_out.empty()) text += fmt::format(" EXCLUDE ({})", QuotedList(left_out));
  if (!star.replace.empty()) {
    std::vector<std::string> replacements;
    for (const auto& [value, name] : star.replace) {
      replacements.push_back(fmt::format("{} AS {}", Text(value), Quoted(name.text)));
    }
    text += fmt::format(" REPLACE ({})", Joined(replacements, ", "));
  }
  items.push_back(text);
  return Joined(items, ", ");
}

// ---- GROUP BY ----

std::string Translator::GroupByText(const sql::GroupBy& group, std::vector<std::string>* conditions,
                                    std::string* from) {
  if (group.all) return "ALL";
  std::vector<std::string> elements;
  for (const sql::GroupingElement& element : group.elements) {
    if (element.kind == sql::GroupingElement::Kind::kExpression) {
      const sql::Expr& value = *element.sets[0][0];
      if (const sql::FunctionCall* window = AsCallOf(value, "window")) {
        elements.push_back(WindowGroupText(*window, value.span, conditions, from));
      } else {
        elements.push_back(Text(value));
      }
      continue;
    }
    std::vector<std::string> sets;
    for (const auto& set : element.sets) sets.push_back(fmt::format("({})", ListText(set)));
    static constexpr std::string_view kWords[] = {"", "ROLLUP", "CUBE", "GROUPING SETS"};
    elements.push_back(
        fmt::format("{} ({})", kWords[static_cast<int>(element.kind)], Joined(sets, ", ")));
  }
  return Joined(elements, ", ");
}

// window(time, '30 days') is a column `window` of the rows that have a time; windows that overlap
// give a row several.
std::string Translator::WindowGroupText(const sql::FunctionCall& call, sql::Span span,
                                        std::vector<std::string>* conditions, std::string* from) {
  if (scope_->substitutes.contains("window")) Refuse(span, "a second window() in one GROUP BY");
  if (call.args.size() < 2 || call.args.size() > 4) {
    Fail(span, "arguments", "window takes a time, a duration, and perhaps a slide and a start");
    return {};
  }
  std::vector<std::string> args;
  for (const sql::Argument& argument : call.args) args.push_back(Text(argument.value));
  conditions->push_back(fmt::format("({}) IS NOT NULL", args[0]));
  std::string column;
  if (args.size() == 2 || args[1] == args[2]) {
    if (args.size() > 2) args.erase(args.begin() + 2);
    column = fmt::format("spark_window({})", Joined(args, ", "));
  } else {
    const std::string alias = UniqueName("windows");
    *from += fmt::format(", LATERAL (SELECT unnest(spark_windows({})) AS \"window\") AS {}",
                         Joined(args, ", "), Quoted(alias));
    column = fmt::format("{}.\"window\"", Quoted(alias));
  }
  scope_->substitutes["window"] = column;
  return column;
}

// ---- ORDER BY, LIMIT ----

std::string Translator::OrderByText(const sql::Query& query, const sql::Select* select) {
  // SORT BY orders within partitions: an order of all rows is one of the answers it may give.
  const std::vector<sql::SortItem>& items = query.order_by.empty() ? query.sort_by : query.order_by;
  std::vector<std::string> texts;
  for (const sql::SortItem& item : items) {
    texts.push_back(fmt::format("{} {} NULLS {}", OrderValueText(*item.value, select),
                                item.descending ? "DESC" : "ASC",
                                item.NullsFirst() ? "FIRST" : "LAST"));
  }
  return texts.empty() ? "" : " ORDER BY " + Joined(texts, ", ");
}

// Names of the SELECT list come before those of its tables, within expressions, too.
std::string Translator::OrderValueText(const sql::Expr& value, const sql::Select* select) {
  const sql::Literal* literal = value.As<sql::Literal>();
  if (literal != nullptr && literal->kind == sql::Literal::Kind::kInteger) return literal->text;
  if (select == nullptr) return Text(value);
  Scope aliases;
  aliases.select = select;
  const sql::ColumnRef* column = value.As<sql::ColumnRef>();
  for (const sql::SelectItem& item : select->items) {
    const sql::Name* alias = ItemAlias(item);
    if (alias == nullptr || item.value->As<sql::Star>() != nullptr) continue;
    const bool is_it =
        column != nullptr && sql::EqualsIgnoreCase(column->parts.back().text, alias->text);
    if (is_it && column->parts.size() == 1) {
      // Members of structs are compared as Spark compares them; the name itself is quicker for all
      // else.
      if (IsStruct(*item.value)) return fmt::format("spark_order_key({})", Text(item.value));
      return Quoted(alias->text);
    }
    // A column under its own name is the same either way, and a generator's rows exist only once.
    if (item.value->As<sql::ColumnRef>() != nullptr && item.aliases.empty()) continue;
    if (AsGenerator(*item.value) != nullptr) continue;
    aliases.substitutes[sql::ToLower(alias->text)] = fmt::format("({})", Text(item.value));
  }
  const ScopeGuard guard(*this, aliases);
  const std::string text = Text(value);
  // DISTINCT can be ordered only by what it selects, and constants by nothing.
  return select->distinct || literal != nullptr ? text : fmt::format("spark_order_key({})", text);
}

std::string Translator::LimitText(const sql::Query& query) {
  std::string text;
  if (query.limit) text += fmt::format(" LIMIT {}", Text(query.limit));
  if (query.offset) text += fmt::format(" OFFSET {}", Text(query.offset));
  return text;
}

}  // namespace smelt::duck
