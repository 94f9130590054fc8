// Calls: by the catalogue, where nothing about them is special.

#include <algorithm>
#include <utility>

#include "engine/duckdb/dialect/translator.h"
#include "sql/token.h"

namespace smelt::duck {
namespace {

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// $1, $2 .. and $* of a template.
std::string FillTemplate(const std::string& text, const std::vector<std::string>& args) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '*') {
      out += Joined(args, ", ");
      ++i;
    } else if (text[i] == '$' && i + 1 < text.size() && text[i + 1] >= '1' && text[i + 1] <= '9') {
      const size_t index = text[++i] - '1';
      if (index < args.size()) out += args[index];
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

std::string Translator::NodeText(const sql::FunctionCall& call, sql::Span span) {
  const std::string name = call.LowerName();
  if (call.name.size() > 1) {
    Refuse(span,
           fmt::format("'{}': functions of a schema are not supported",
                       source_.Slice(sql::Cover(call.name.front().span, call.name.back().span))));
    return "NULL";
  }
  // Forms that the parser has made calls of.
  if (name == "extract") {
    if (call.args.size() != 2) {
      Fail(span, "arguments", "extract is written EXTRACT(field FROM value)");
      return "NULL";
    }
    return fmt::format("spark_date_part({})", Joined(ArgumentTexts(call), ", "));
  }
  if (call.args.size() == 3 && IsOneOf(name, {"datediff", "date_diff", "timestampdiff"})) {
    return UnitCallText(call, "spark_timestampdiff");
  }
  if (call.args.size() == 3 && IsOneOf(name, {"dateadd", "date_add", "timestampadd"})) {
    return UnitCallText(call, "spark_timestampadd");
  }

  const FunctionEntry* entry = FindFunction(name);
  if (entry == nullptr) {
    const std::vector<std::string> nearest = NearestFunctions(name);
    Fail(call.name.back().span, "unknown-function",
         fmt::format("unknown function '{}'", call.name.back().text),
         nearest.empty() ? "" : fmt::format("did you mean '{}'?", fmt::join(nearest, "' or '")));
    return "NULL";
  }
  if (entry->kind == FunctionKind::kRefused) {
    Refuse(call.name.back().span, fmt::format("the function '{}' is not supported", name),
           entry->reason);
    return "NULL";
  }
  if (!CheckClauses(call, *entry, span) || !CheckArguments(call.args, *entry, span)) return "NULL";
  if (entry->is_generator) {
    Fail(span, "misplaced-generator",
         fmt::format("{} gives several rows: it cannot be a part of an expression", name),
         "select it alone, or use LATERAL VIEW");
    return "NULL";
  }
  if (entry->kind == FunctionKind::kSpecial) return SpecialText(call, *entry, span);

  std::vector<std::string> args = ArgumentTexts(call);
  if (entry->kind == FunctionKind::kTemplate) return FillTemplate(entry->target, args);
  // As a function these have what is trimmed first.
  if (args.size() == 2 && IsOneOf(name, {"trim", "ltrim", "rtrim"})) std::swap(args[0], args[1]);
  const std::string list = Joined(args, ", ");
  if (entry->is_aggregate) {
    // Exact is within every error that may be asked for.
    const bool approximate = name == "approx_count_distinct";
    if (name == "collect_set" || approximate) {
      const std::string distinct = (call.distinct ? "" : "DISTINCT ") + args[0];
      return WithClauses(call, approximate ? "count" : "spark_collect_list", distinct);
    }
    return WithClauses(call, entry->target, list);
  }
  return fmt::format("{}({})", entry->target, list);
}

std::vector<std::string> Translator::ArgumentTexts(const sql::FunctionCall& call) {
  std::vector<std::string> args;
  for (const sql::Argument& argument : call.args) args.push_back(Text(argument.value));
  return args;
}

// datediff(MONTH, a, b): the unit is a word, which reads as a column's name.
std::string Translator::UnitCallText(const sql::FunctionCall& call, std::string_view function) {
  const sql::Expr& unit = *call.args[0].value;
  const sql::ColumnRef* word = unit.As<sql::ColumnRef>();
  const sql::Literal* text = unit.As<sql::Literal>();
  std::string name;
  if (word != nullptr && word->parts.size() == 1) {
    name = word->parts[0].text;
  } else if (text != nullptr && text->kind == sql::Literal::Kind::kString) {
    name = text->text;
  } else {
    Fail(unit.span, "arguments", "expected a unit such as MONTH");
  }
  return fmt::format("{}({}, {}, {})", function, StringText(sql::ToUpper(name)),
                     Text(call.args[1].value), Text(call.args[2].value));
}

bool Translator::CheckArguments(const std::vector<sql::Argument>& arguments,
                                const FunctionEntry& entry, sql::Span span) {
  const bool names_members = entry.name == "struct";
  for (const sql::Argument& argument : arguments) {
    if (argument.name && !names_members) {
      Refuse(argument.name->span, "a named argument of a function is not supported");
      return false;
    }
    // A star is as many arguments as there are columns.
    if (argument.value->As<sql::Star>() != nullptr) return true;
  }
  const int count = static_cast<int>(arguments.size());
  if (count >= entry.min_args && (entry.max_args < 0 || count <= entry.max_args)) return true;
  std::string expected = std::to_string(entry.min_args);
  if (entry.max_args < 0) {
    expected = "at least " + expected;
  } else if (entry.max_args != entry.min_args) {
    expected += " to " + std::to_string(entry.max_args);
  }
  Fail(span, "arguments",
       fmt::format("{} takes {} argument{}, not {}", entry.name, expected,
                   expected == "1" ? "" : "s", count));
  return false;
}

bool Translator::CheckClauses(const sql::FunctionCall& call, const FunctionEntry& entry,
                              sql::Span span) {
  const auto wrong = [&](std::string_view what) {
    Fail(span, "clause", fmt::format("{} cannot have {}", entry.name, what));
    return false;
  };
  const bool aggregate = entry.is_aggregate;
  if (call.distinct && !aggregate) return wrong("DISTINCT");
  if (call.filter && !aggregate) return wrong("FILTER");
  if (call.over && !aggregate && !entry.is_window) return wrong("OVER");
  if (!call.over && entry.is_window) {
    Fail(span, "clause", fmt::format("{} needs OVER (..)", entry.name));
    return false;
  }
  const bool takes_order =
      IsOneOf(entry.name, {"listagg", "string_agg", "percentile_cont", "percentile_disc"});
  if (!call.within_group.empty() && !takes_order) {
    Refuse(span, fmt::format("WITHIN GROUP of {} is not supported", entry.name));
    return false;
  }
  const bool takes_nulls = IsOneOf(entry.name, {"first", "last", "any_value", "first_value",
                                                "last_value", "lag", "lead", "nth_value"});
  if (call.ignore_nulls && !takes_nulls) return wrong("IGNORE NULLS");
  if (call.over && call.distinct) {
    Refuse(span, "DISTINCT of a window function is not supported");
    return false;
  }
  return true;
}

std::string Translator::SpecialText(const sql::FunctionCall& call, const FunctionEntry& entry,
                                    sql::Span span) {
  const std::string& name = entry.name;
  if (name == "struct") {
    // Alone, a star names the members itself.
    if (call.args.size() == 1 && call.args[0].value->As<sql::Star>() != nullptr) {
      return fmt::format("struct_pack({})", Text(call.args[0].value));
    }
    std::vector<const sql::Expr*> values;
    std::vector<std::optional<sql::Name>> names;
    for (const sql::Argument& argument : call.args) {
      if (argument.value->As<sql::Star>() != nullptr) {
        Refuse(argument.value->span, "* beside other members of a struct is not supported",
               "name the columns");
      }
      values.push_back(argument.value.get());
      names.push_back(argument.name);
    }
    return StructText(values, names);
  }
  if (name == "window") {
    Refuse(span, "window() outside of GROUP BY is not supported",
           "group by it, and select the column window");
    return "NULL";
  }
  if (name == "window_time") {
    return fmt::format("spark_subtract(spark_field({}, 'end'), INTERVAL '1 microsecond')",
                       Text(call.args[0].value));
  }
  if (name == "grouping" || name == "grouping_id") return GroupingIdText(call, span);
  if (name == "array_sort" && call.args.size() == 1)
    return fmt::format("spark_array_sort({})", Text(call.args[0].value));
  if (entry.is_window) return RankText(call, span);
  if (entry.is_aggregate) return AggregateText(call, span);
  return LambdaCallText(call, span);
}

// ---- Windows ----

std::string Translator::SortItemText(const sql::SortItem& item) {
  return fmt::format("spark_order_key({}) {} NULLS {}", Text(item.value),
                     item.descending ? "DESC" : "ASC", item.NullsFirst() ? "FIRST" : "LAST");
}

std::string Translator::WindowText(const sql::Window& window) {
  std::vector<std::string> parts;
  if (window.base) parts.push_back(Quoted(window.base->text));
  if (!window.partition_by.empty())
    parts.push_back("PARTITION BY " + ListText(window.partition_by));
  if (!window.order_by.empty()) {
    std::vector<std::string> items;
    for (const sql::SortItem& item : window.order_by) items.push_back(SortItemText(item));
    parts.push_back("ORDER BY " + Joined(items, ", "));
  }
  if (window.frame) {
    parts.push_back(fmt::format("{} BETWEEN {} AND {}", window.frame->rows ? "ROWS" : "RANGE",
                                FrameBoundText(window.frame->start),
                                FrameBoundText(window.frame->end)));
  }
  return fmt::format("({})", Joined(parts, " "));
}

std::string Translator::FrameBoundText(const sql::FrameBound& bound) {
  switch (bound.kind) {
    case sql::FrameBound::Kind::kUnboundedPreceding:
      return "UNBOUNDED PRECEDING";
    case sql::FrameBound::Kind::kPreceding:
      return Text(bound.offset) + " PRECEDING";
    case sql::FrameBound::Kind::kCurrentRow:
      return "CURRENT ROW";
    case sql::FrameBound::Kind::kFollowing:
      return Text(bound.offset) + " FOLLOWING";
    case sql::FrameBound::Kind::kUnboundedFollowing:
      return "UNBOUNDED FOLLOWING";
  }
  return {};
}

}  // namespace smelt::duck
