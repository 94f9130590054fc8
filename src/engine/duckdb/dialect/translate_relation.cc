// What stands in FROM: tables, joins, VALUES, PIVOT, UNPIVOT, samples, lateral views.

#include <algorithm>
#include <utility>

#include "engine/duckdb/dialect/output_name.h"
#include "engine/duckdb/dialect/translator.h"
#include "sql/query_walk.h"
#include "sql/token.h"

namespace smelt::duck {
namespace {

std::vector<std::string> Texts(const std::vector<sql::Name>& names) {
  std::vector<std::string> texts;
  for (const sql::Name& name : names) texts.push_back(name.text);
  return texts;
}

std::vector<std::string> LowerAll(std::vector<std::string> names) {
  for (std::string& name : names) name = sql::ToLower(name);
  return names;
}

bool IsGenerator(const std::string& name) {
  const FunctionEntry* entry = FindFunction(name);
  return entry != nullptr && entry->is_generator;
}

}  // namespace

std::string Translator::FromText(const sql::Select& select) {
  std::vector<std::string> items;
  for (const sql::RelationPtr& relation : select.from) {
    items.push_back(RelationText(*relation));
    CollectUsing(*relation);
  }
  if (select.from.size() > 1 && !scope_->using_columns.empty()) {
    scope_->no_star = "* over several tables, of which some are joined by USING, is not supported";
  }
  for (const sql::LateralView& view : select.lateral_views) items.push_back(LateralViewText(view));
  return Joined(items, ", ");
}

std::string Translator::RelationText(const sql::Relation& relation) {
  Source source;
  source.alias = relation.alias ? relation.alias->text : "";
  std::vector<std::string> columns = Texts(relation.column_aliases);
  std::string text;
  if (const sql::TableRef* table = relation.As<sql::TableRef>()) {
    return NamedSourceText(relation, SourceRef{table, nullptr, relation.span}, table->name);
  }
  if (const sql::TableFunction* function = relation.As<sql::TableFunction>()) {
    const std::string name = function->LowerName();
    if (IsGenerator(name)) {
      return GeneratorRelationText(name, function->args, /*outer=*/false, source.alias,
                                   std::move(columns), relation.span);
    }
    if (name == "range") {
      text = RangeText(*function, relation.span);
      if (columns.empty()) columns = {"id"};
      if (source.alias.empty()) source.alias = UniqueName("range");
      source.columns = LowerAll(columns);
      scope_->sources.push_back(source);
      return fmt::format("{} AS {}({})", text, Quoted(source.alias), QuotedList(columns));
    }
    return NamedSourceText(relation, SourceRef{nullptr, function, relation.span}, function->name);
  }
  if (const sql::Join* join = relation.As<sql::Join>()) {
    text = JoinText(*join);
    if (relation.alias) Refuse(relation.span, "an alias of a join");
    return text;
  }
  if (const sql::InlineTable* table = relation.As<sql::InlineTable>()) {
    text = ValuesText(*table);
    if (columns.empty() && relation.alias) {
      for (size_t i = 0; i < table->rows[0].size(); ++i)
        columns.push_back(fmt::format("col{}", i + 1));
    }
    if (!relation.alias) return text;  // ValuesText has named it
    text = text.substr(0, text.rfind(" AS "));
  } else if (const sql::Subquery* subquery = relation.As<sql::Subquery>()) {
    // Only a LATERAL subquery sees its neighbours; the scope of an outer query stays visible.
    if (relation.lateral) {
      text = fmt::format("LATERAL ({})", QueryText(*subquery->query));
    } else {
      Scope* const own = scope_;
      scope_ = own->outer;
      text = fmt::format("({})", QueryText(*subquery->query));
      scope_ = own;
    }
  } else if (const sql::Pivot* pivot = relation.As<sql::Pivot>()) {
    text = PivotText(*pivot, relation.span);
  } else if (const sql::Unpivot* unpivot = relation.As<sql::Unpivot>()) {
    text = UnpivotText(*unpivot, relation.span);
  }
  if (source.alias.empty()) source.alias = UniqueName("query");
  source.columns = LowerAll(columns);
  scope_->sources.push_back(source);
  if (relation.sample) text = SampleText(text, *relation.sample, relation.span);
  text += " AS " + Quoted(source.alias);
  if (!columns.empty()) text += fmt::format("({})", QuotedList(columns));
  return text;
}

bool Translator::IsCte(const sql::NameParts& name) const {
  return name.size() == 1 &&
         std::find(ctes_.begin(), ctes_.end(), sql::ToLower(name[0].text)) != ctes_.end();
}

std::string Translator::NamedSourceText(const sql::Relation& relation, const SourceRef& ref,
                                        const sql::NameParts& name) {
  Source source;
  source.alias = relation.alias ? relation.alias->text : name.back().text;
  if (!relation.alias) source.name = Texts(name);
  std::vector<std::string> columns = Texts(relation.column_aliases);
  source.columns = LowerAll(columns);
  std::string text;
  if (ref.table != nullptr && IsCte(name)) {
    if (ref.table->version || ref.table->timestamp || ref.table->is_stream) {
      Fail(ref.span, "not-a-table",
           fmt::format("'{}' is a name that WITH defines: it has no versions and no stream",
                       name[0].text));
    }
    text = Quoted(name[0].text);
  } else {
    std::variant<FromItem, sql::Diagnostic> resolved = resolver_(ref);
    if (sql::Diagnostic* diagnostic = std::get_if<sql::Diagnostic>(&resolved)) {
      if (!error_) error_ = std::move(*diagnostic);
      return {};
    }
    FromItem& item = std::get<FromItem>(resolved);
    text = std::move(item.sql);
    source.hidden = std::move(item.hidden_columns);
  }
  if (relation.sample) text = SampleText(text, *relation.sample, relation.span);
  scope_->sources.push_back(source);
  text += " AS " + Quoted(source.alias);
  if (!columns.empty()) text += fmt::format("({})", QuotedList(columns));
  return text;
}

// ---- Joins ----

std::string Translator::JoinText(const sql::Join& join) {
  const std::string left = RelationText(*join.left);
  std::string right = RelationText(*join.right);
  if (join.right->As<sql::Join>() != nullptr) right = fmt::format("({})", right);
  static constexpr std::string_view kWords[] = {
      "JOIN", "CROSS JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN"};
  std::string word(kWords[static_cast<int>(join.kind)]);
  const bool has_condition = join.on || !join.using_columns.empty() || join.natural;
  if (join.kind == sql::JoinKind::kCross && has_condition) word = "JOIN";
  if (join.kind == sql::JoinKind::kInner && !has_condition) word = "CROSS JOIN";
  if (join.natural) word = "NATURAL " + word;
  std::string text = fmt::format("{} {} {}", left, word, right);
  if (!join.using_columns.empty()) {
    text += fmt::format(" USING ({})", QuotedList(Texts(join.using_columns)));
  } else if (join.on) {
    text += " ON " + Text(join.on);
  } else if (!has_condition && word != "CROSS JOIN") {
    text += " ON true";
  }
  // A semi or anti join shows nothing of its right side.
  if (join.kind == sql::JoinKind::kLeftSemi || join.kind == sql::JoinKind::kLeftAnti) {
    for (Source& source : scope_->sources) {
      const sql::Relation& hidden = *join.right;
      if (hidden.alias && sql::EqualsIgnoreCase(source.alias, hidden.alias->text))
        source.hidden.clear();
    }
  }
  return text;
}

// Which columns come first in *, the outermost join's before those of the joins on its left.
void Translator::CollectUsing(const sql::Relation& relation) {
  const sql::Join* join = relation.As<sql::Join>();
  if (join == nullptr) return;
  if (join->natural) scope_->no_star = "* over a NATURAL JOIN is not supported";
  for (const sql::Name& column : join->using_columns) {
    const bool known =
        std::any_of(scope_->using_columns.begin(), scope_->using_columns.end(),
                    [&](const auto& other) { return sql::EqualsIgnoreCase(other, column.text); });
    if (!known) scope_->using_columns.push_back(column.text);
  }
  CollectUsing(*join->left);
  const size_t before = scope_->using_columns.size();
  CollectUsing(*join->right);
  if (scope_->using_columns.size() != before) {
    scope_->no_star = "* over a join by USING on the right side of another join is not supported";
  }
}

// ---- VALUES and range ----

namespace {

// What decides the type of a cell, as far as the text tells it; empty for NULL, which takes any.
std::string CellType(const sql::Expr& cell) {
  if (const sql::Literal* literal = cell.As<sql::Literal>()) {
    if (literal->kind == sql::Literal::Kind::kNull) return "";
    // An integer is as wide as it has to be.
    const bool is_long = literal->kind == sql::Literal::Kind::kInteger && literal->text.size() > 9;
    return is_long ? literal->text : fmt::format("literal {}", static_cast<int>(literal->kind));
  }
  if (const sql::Cast* cast = cell.As<sql::Cast>()) return cast->type.ToString();
  return fmt::format("expression {}", cell.span.begin);
}

bool HaveOneType(const sql::InlineTable& table, size_t column) {
  std::string type;
  for (const auto& row : table.rows) {
    const std::string cell = CellType(*row[column]);
    if (cell.empty() || cell == type) continue;
    if (!type.empty()) return false;
    type = cell;
  }
  return true;
}

}  // namespace

std::string Translator::ValuesText(const sql::InlineTable& table) {
  const size_t width = table.rows[0].size();
  Source source;
  source.alias = UniqueName("values");
  bool plain = true;
  std::vector<std::string> columns;
  for (size_t i = 0; i < width; ++i) {
    columns.push_back(fmt::format("col{}", i + 1));
    plain = plain && HaveOneType(table, i);
  }
  source.columns = columns;
  scope_->sources.push_back(source);
  std::vector<std::string> parts;
  std::string text;
  if (plain || table.rows.size() == 1) {
    for (const auto& row : table.rows) parts.push_back(fmt::format("({})", ListText(row)));
    text = fmt::format("VALUES {}", Joined(parts, ", "));
  } else {
    // Cells of several types: an array finds the one that Spark gives them together.
    for (size_t i = 0; i < width; ++i) {
      std::vector<std::string> cells;
      for (const auto& row : table.rows) cells.push_back(Text(row[i]));
      parts.push_back(fmt::format("unnest(spark_array({}))", Joined(cells, ", ")));
    }
    text = fmt::format("SELECT {}", Joined(parts, ", "));
  }
  return fmt::format("({}) AS {}({})", text, Quoted(source.alias), QuotedList(columns));
}

// range([start,] end [, step [, partitions]])
std::string Translator::RangeText(const sql::TableFunction& function, sql::Span span) {
  std::vector<std::string> args;
  for (const sql::Argument& argument : function.args) {
    if (argument.name) Refuse(span, "a named argument of range");
    args.push_back(Text(argument.value));
  }
  if (args.empty() || args.size() > 4) {
    Fail(span, "arguments", "range takes one to four numbers: start, end, step, partitions");
    return {};
  }
  if (args.size() == 4) args.pop_back();
  for (std::string& arg : args) arg = fmt::format("spark_cast({}, 'bigint')", arg);
  return fmt::format("(SELECT unnest(range({})))", Joined(args, ", "));
}

// ---- PIVOT ----

std::string Translator::StarWithout(std::vector<std::string> columns, sql::Span span) {
  sql::Star star;
  for (const std::string& column : columns) {
    const bool known = std::any_of(star.except.begin(), star.except.end(), [&](const auto& other) {
      return sql::EqualsIgnoreCase(column, other.back().text);
    });
    if (!known) star.except.push_back({{column, span}});
  }
  return StarText(star, span);
}

// Spark groups by every column that neither is pivoted nor aggregated. A group that has no row of a
// value has NULL for it, even where the aggregate of no rows would be something else.
std::string Translator::PivotText(const sql::Pivot& pivot, sql::Span span) {
  Scope scope;
  scope.is_query = true;
  const ScopeGuard guard(*this, scope);
  const std::string input = RelationText(*pivot.input);
  CollectUsing(*pivot.input);
  std::vector<std::string> used = Texts(pivot.columns);
  for (const sql::Pivot::Aggregate& aggregate : pivot.aggregates) {
    sql::Walk(*aggregate.value, {.expr = [&](const sql::Expr& expr) {
      if (const sql::ColumnRef* column = expr.As<sql::ColumnRef>())
        used.push_back(column->parts.back().text);
    }});
  }
  std::vector<std::string> items = {StarWithout(std::move(used), span)};
  for (const sql::Pivot::Value& value : pivot.values) {
    std::vector<const sql::Expr*> parts = {value.value.get()};
    if (const sql::Row* row = value.value->As<sql::Row>()) {
      parts.clear();
      for (const sql::ExprPtr& item : row->items) parts.push_back(item.get());
    }
    if (parts.size() != pivot.columns.size()) {
      Fail(value.value->span, "uneven-rows",
           fmt::format("{} values for {} columns", parts.size(), pivot.columns.size()));
      return {};
    }
    std::vector<std::string> matches, names;
    for (size_t i = 0; i < parts.size(); ++i) {
      if (parts[i]->As<sql::Literal>() == nullptr)
        Refuse(parts[i]->span, "a value to pivot on that is no literal");
      matches.push_back(
          fmt::format("spark_equal_null({}, {})", Quoted(pivot.columns[i].text), Text(*parts[i])));
      names.push_back(OutputName(*parts[i]));
    }
    const std::string condition = Joined(matches, " AND ");
    const std::string name = value.alias ? value.alias->text : Joined(names, "_");
    for (const sql::Pivot::Aggregate& aggregate : pivot.aggregates) {
      aggregate_condition_ = condition;
      const std::string aggregated = Text(aggregate.value);
      aggregate_condition_.clear();
      const std::string suffix =
          aggregate.alias ? aggregate.alias->text : OutputName(*aggregate.value);
      items.push_back(fmt::format(
          "CASE WHEN count(*) FILTER (WHERE {}) > 0 THEN {} END AS {}", condition, aggregated,
          Quoted(pivot.aggregates.size() == 1 ? name : name + "_" + suffix)));
    }
  }
  return fmt::format("(SELECT {} FROM {} GROUP BY ALL)", Joined(items, ", "), input);
}

// Rows for each column, in the order of the list; those whose values all are NULL are left out
// unless they are wanted.
std::string Translator::UnpivotText(const sql::Unpivot& unpivot, sql::Span span) {
  Scope scope;
  scope.is_query = true;
  const ScopeGuard guard(*this, scope);
  const std::string input = RelationText(*unpivot.input);
  CollectUsing(*unpivot.input);
  std::vector<std::string> excluded, names;
  std::vector<std::vector<std::string>> values(unpivot.value_columns.size());
  for (const sql::Unpivot::Group& group : unpivot.groups) {
    std::vector<std::string> columns;
    for (size_t i = 0; i < group.columns.size(); ++i) {
      columns.push_back(group.columns[i].back().text);
      excluded.push_back(columns.back());
      values[i].push_back(Quoted(columns.back()));
    }
    names.push_back(StringText(group.alias ? group.alias->text : Joined(columns, "_")));
  }
  std::string text =
      fmt::format("SELECT {}, unnest([{}]) AS {}", StarWithout(std::move(excluded), span),
                  Joined(names, ", "), Quoted(unpivot.name_column.text));
  std::vector<std::string> present;
  for (size_t i = 0; i < values.size(); ++i) {
    const std::string column = Quoted(unpivot.value_columns[i].text);
    text += fmt::format(", unnest(spark_array({})) AS {}", Joined(values[i], ", "), column);
    present.push_back(column + " IS NOT NULL");
  }
  text += " FROM " + input;
  if (unpivot.include_nulls) return fmt::format("({})", text);
  return fmt::format("(SELECT * FROM ({}) WHERE {})", text, Joined(present, " OR "));
}

// ---- Samples ----

std::string Translator::SampleText(const std::string& relation, const sql::Sample& sample,
                                   sql::Span span) {
  if (sample.repeatable) {
    Refuse(span,
           "TABLESAMPLE .. REPEATABLE: which rows Spark draws for a seed cannot be told here");
  }
  switch (sample.kind) {
    case sql::Sample::Kind::kRows:
      return fmt::format("(SELECT * FROM {} LIMIT {})", relation, sample.amount);
    case sql::Sample::Kind::kBuckets:
      Refuse(span, "TABLESAMPLE by buckets is not supported");
      return relation;
    case sql::Sample::Kind::kPercent:
      break;
  }
  if (sample.amount == "100") return relation;
  return fmt::format("(SELECT * FROM {} TABLESAMPLE BERNOULLI ({} PERCENT))", relation,
                     sample.amount);
}

// ---- LATERAL VIEW ----

std::string Translator::LateralViewText(const sql::LateralView& view) {
  return GeneratorRelationText(view.generator.LowerName(), view.generator.args, view.outer,
                               view.alias ? view.alias->text : "", Texts(view.columns), view.span);
}

}  // namespace smelt::duck
