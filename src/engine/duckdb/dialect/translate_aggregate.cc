// Aggregates and window functions whose clauses DuckDB writes otherwise.

#include <algorithm>
#include <utility>

#include "engine/duckdb/dialect/translator.h"
#include "sql/token.h"

namespace smelt::duck {
std::string Translator::WithClauses(const sql::FunctionCall& call, const std::string& function,
                                    const std::string& arguments, const std::string& condition) {
  std::string text = fmt::format("{}({}{})", function, call.distinct ? "DISTINCT " : "", arguments);
  std::vector<std::string> conditions;
  if (!condition.empty()) conditions.push_back(condition);
  if (!aggregate_condition_.empty()) conditions.push_back(aggregate_condition_);
  if (call.filter) conditions.push_back(Text(call.filter));
  if (!conditions.empty()) text += fmt::format(" FILTER (WHERE {})", Joined(conditions, " AND "));
  if (call.over) {
    text += " OVER " + (call.over->base ? Quoted(call.over->base->text) : WindowText(*call.over));
  }
  return text;
}

std::string Translator::AggregateText(const sql::FunctionCall& call, sql::Span span) {
  const std::string name = call.LowerName();
  if (name == "count") return CountText(call, span);
  if (name == "first" || name == "first_value" || name == "any_value")
    return FirstLastText(call, true, span);
  if (name == "last" || name == "last_value") return FirstLastText(call, false, span);
  if (name == "listagg" || name == "string_agg") return ListAggText(call, span);
  // percentile_cont(p) and percentile_disc(p) WITHIN GROUP (ORDER BY x)
  if (call.within_group.size() != 1) {
    Fail(span, "clause", fmt::format("{} needs WITHIN GROUP (ORDER BY one value)", name));
    return "NULL";
  }
  if (call.within_group[0].descending) {
    Refuse(span, fmt::format("{} in descending order is not supported", name),
           "take 1 - p in ascending order");
  }
  if (name == "percentile_disc") {
    Refuse(span, "percentile_disc is not supported", "use percentile or percentile_approx");
  }
  return WithClauses(
      call, "spark_percentile",
      fmt::format("{}, {}", Text(call.within_group[0].value), Text(call.args[0].value)));
}

std::string Translator::CountText(const sql::FunctionCall& call, sql::Span span) {
  if (call.args.empty()) {
    Fail(span, "arguments", "count takes * or an expression");
    return "NULL";
  }
  const sql::Star* star = call.args[0].value->As<sql::Star>();
  if (star != nullptr) {
    if (call.distinct || !star->qualifier.empty() || call.args.size() > 1) {
      Refuse(span, "count of this star is not supported", "name the columns");
    }
    return WithClauses(call, "count", "*");
  }
  const std::vector<std::string> args = ArgumentTexts(call);
  if (args.size() == 1) return WithClauses(call, "count", args[0]);
  // Rows of which any value is NULL do not count.
  std::vector<std::string> present;
  for (const std::string& arg : args) present.push_back(fmt::format("{} IS NOT NULL", arg));
  return WithClauses(call, "count",
                     call.distinct ? fmt::format("row({})", Joined(args, ", ")) : "*",
                     Joined(present, " AND "));
}

// first(x [, ignore nulls]) and its names: the first row, or the first value that is not NULL.
std::string Translator::FirstLastText(const sql::FunctionCall& call, bool first, sql::Span span) {
  bool ignore_nulls = call.ignore_nulls.value_or(false);
  if (call.args.size() == 2) {
    const sql::Literal* flag = call.args[1].value->As<sql::Literal>();
    if (flag == nullptr || flag->kind != sql::Literal::Kind::kBoolean) {
      Fail(call.args[1].value->span, "arguments",
           "the second argument is TRUE or FALSE, written out");
      return "NULL";
    }
    ignore_nulls = flag->text == "true";
  }
  if (call.distinct) Refuse(span, "DISTINCT of first and last is not supported");
  const std::string value = Text(call.args[0].value);
  if (call.over) {
    return WithClauses(call, first ? "first_value" : "last_value",
                       value + (ignore_nulls ? " IGNORE NULLS" : ""));
  }
  return WithClauses(call, first ? "first" : "last", value,
                     ignore_nulls ? fmt::format("{} IS NOT NULL", value) : "");
}

std::string Translator::ListAggText(const sql::FunctionCall& call, sql::Span span) {
  if (call.over) Refuse(span, "listagg as a window function is not supported");
  std::string args = fmt::format("spark_cast({}, 'string')", Text(call.args[0].value));
  args += ", " + (call.args.size() > 1 ? Text(call.args[1].value) : "''");
  if (!call.within_group.empty()) {
    std::vector<std::string> items;
    for (const sql::SortItem& item : call.within_group) {
      // DISTINCT can be ordered by nothing but the argument itself.
      if (call.distinct) {
        items.push_back(fmt::format("spark_cast({}, 'string') {} NULLS {}", Text(item.value),
                                    item.descending ? "DESC" : "ASC",
                                    item.NullsFirst() ? "FIRST" : "LAST"));
      } else {
        items.push_back(SortItemText(item));
      }
    }
    args += " ORDER BY " + Joined(items, ", ");
  }
  return WithClauses(call, "string_agg", args);
}

// row_number, rank, lag and their like: they need OVER (ORDER BY ..).
std::string Translator::RankText(const sql::FunctionCall& call, sql::Span span) {
  const std::string name = call.LowerName();
  const auto has_order = [&] {
    if (!call.over->order_by.empty()) return true;
    if (!call.over->base || scope_ == nullptr) return false;
    for (const Scope* scope = scope_; scope != nullptr; scope = scope->outer) {
      if (scope->select == nullptr) continue;
      for (const sql::NamedWindow& named : scope->select->windows) {
        if (sql::EqualsIgnoreCase(named.name.text, call.over->base->text)) {
          return !named.window.order_by.empty() || named.window.base.has_value();
        }
      }
    }
    return false;
  };
  if (!has_order()) {
    Fail(span, "clause", fmt::format("{} needs OVER (.. ORDER BY ..)", name));
    return "NULL";
  }
  std::string args = Joined(ArgumentTexts(call), ", ");
  if (call.ignore_nulls.value_or(false)) args += " IGNORE NULLS";
  const std::string text = WithClauses(call, name, args);
  // Spark counts in INT.
  const bool counts =
      name == "row_number" || name == "rank" || name == "dense_rank" || name == "ntile";
  return counts ? fmt::format("CAST({} AS INTEGER)", text) : text;
}

// grouping(x), grouping_id(), grouping_id(x, y)
std::string Translator::GroupingIdText(const sql::FunctionCall& call, sql::Span span) {
  std::vector<std::string> columns = ArgumentTexts(call);
  if (columns.empty() && scope_ != nullptr && scope_->select != nullptr &&
      scope_->select->group_by) {
    // All that is grouped by, each once, in the order in which it is written.
    for (const sql::GroupingElement& element : scope_->select->group_by->elements) {
      for (const auto& set : element.sets) {
        for (const sql::ExprPtr& expr : set) {
          std::string text = Text(expr);
          if (std::find(columns.begin(), columns.end(), text) == columns.end())
            columns.push_back(std::move(text));
        }
      }
    }
  }
  if (columns.empty()) {
    Fail(span, "clause", "grouping_id() needs a GROUP BY");
    return "NULL";
  }
  return fmt::format("CAST(grouping({}) AS {})", Joined(columns, ", "),
                     call.LowerName() == "grouping" ? "TINYINT" : "BIGINT");
}

}  // namespace smelt::duck
