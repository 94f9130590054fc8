// Generator functions: explode and its kin, which give several rows for one. In a SELECT list they
// are unnest in place; in FROM a lateral subquery of it.

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "engine/duckdb/dialect/translator.h"
#include "sql/token.h"

namespace smelt::duck {
namespace {

// Whether an expression can only be a map. Of a column that is not known: then the number of names
// tells.
bool IsMap(const sql::Expr& expr) {
  static const std::set<std::string> kMapFunctions = {
      "map",        "map_concat",     "map_filter",       "map_from_arrays", "map_from_entries",
      "str_to_map", "transform_keys", "transform_values", "map_zip_with"};
  if (const sql::Cast* cast = expr.As<sql::Cast>()) return cast->type.is(base::TypeKind::kMap);
  const sql::FunctionCall* call = expr.As<sql::FunctionCall>();
  return call != nullptr && kMapFunctions.contains(call->LowerName());
}

// Whether the text does not tell an array from a map.
bool IsOpaque(const sql::Expr& expr) {
  return expr.As<sql::FunctionCall>() == nullptr && expr.As<sql::Cast>() == nullptr;
}

}  // namespace

Translator::Generated Translator::GenerateText(std::string name,
                                               const std::vector<sql::Argument>& arguments,
                                               size_t columns, bool outer, sql::Span span) {
  const FunctionEntry* entry = FindFunction(name);
  if (entry == nullptr || !entry->is_generator) {
    Fail(span, "not-a-generator", fmt::format("'{}' is not a generator function", name),
         "explode, posexplode, inline, stack and json_tuple are");
    return {{"NULL"}, {"col"}};
  }
  if (!CheckArguments(arguments, *entry, span)) return {{"NULL"}, {"col"}};
  if (name.ends_with("_outer")) {
    name.resize(name.size() - std::string_view("_outer").size());
    outer = true;
  }
  std::vector<std::string> args;
  for (const sql::Argument& argument : arguments) args.push_back(Text(argument.value));

  // An empty or missing collection gives no row, and with OUTER one row of NULLs.
  const auto rows = [outer](const std::string& list) {
    return outer ? fmt::format("CASE WHEN len({0}) > 0 THEN {0} ELSE [NULL] END", list) : list;
  };
  if (columns == 0 && (name == "explode" || name == "posexplode") &&
      IsOpaque(*arguments[0].value)) {
    // An array or a map: the columns are named when it is known which.
    return {{fmt::format("unnest({}, max_depth := 2)",
                         rows(fmt::format("spark_{}_rows({})", name, args[0])))},
            {}};
  }
  if (name == "explode" || name == "posexplode") {
    const bool positions = name == "posexplode";
    const bool map = IsMap(*arguments[0].value) || columns == (positions ? 3 : 2);
    Generated generated;
    if (positions) {
      const std::string keys = map ? fmt::format("spark_map_keys({})", args[0]) : args[0];
      const std::string indexes = fmt::format("CAST(range(len({})) AS INTEGER[])", keys);
      generated = {{fmt::format("unnest({})", rows(indexes))}, {"pos"}};
    }
    if (map) {
      generated.values.push_back(
          fmt::format("unnest({})", rows(fmt::format("spark_map_keys({})", args[0]))));
      generated.values.push_back(
          fmt::format("unnest({})", rows(fmt::format("spark_map_values({})", args[0]))));
      generated.names.insert(generated.names.end(), {"key", "value"});
    } else {
      generated.values.push_back(fmt::format("unnest({})", rows(args[0])));
      generated.names.push_back("col");
    }
    return generated;
  }
  if (name == "inline") return {{fmt::format("unnest({}, max_depth := 2)", rows(args[0]))}, {}};
  if (name == "json_tuple") {
    Generated generated;
    for (size_t i = 1; i < args.size(); ++i) {
      generated.values.push_back(fmt::format("spark_json_field({}, {})", args[0], args[i]));
      generated.names.push_back(fmt::format("c{}", i - 1));
    }
    return generated;
  }
  // stack(rows, value, ..)
  const sql::Literal* count = arguments[0].value->As<sql::Literal>();
  size_t row_count = 0;
  if (count != nullptr) {
    std::from_chars(count->text.data(), count->text.data() + count->text.size(), row_count);
  }
  if (row_count == 0 || row_count > 10000) {
    Fail(arguments[0].value->span, "arguments",
         "the first argument of stack is a positive number, written out");
    return {{"NULL"}, {"col0"}};
  }
  const size_t width = (args.size() - 1 + row_count - 1) / row_count;
  Generated generated;
  for (size_t column = 0; column < width; ++column) {
    std::vector<std::string> values;
    for (size_t row = 0; row < row_count; ++row) {
      const size_t index = 1 + row * width + column;
      values.push_back(index < args.size() ? args[index] : "NULL");
    }
    generated.values.push_back(fmt::format("unnest(spark_array({}))", Joined(values, ", ")));
    generated.names.push_back(fmt::format("col{}", column));
  }
  return generated;
}

std::string Translator::GeneratorRelationText(const std::string& name,
                                              const std::vector<sql::Argument>& arguments,
                                              bool outer, std::string alias,
                                              std::vector<std::string> columns, sql::Span span) {
  const Generated generated = GenerateText(name, arguments, columns.size(), outer, span);
  if (columns.empty()) columns = generated.names;
  if (!generated.names.empty() && columns.size() != generated.names.size()) {
    Fail(span, "aliases",
         fmt::format("{} gives {} columns, not {}", name, generated.names.size(), columns.size()));
  }
  if (alias.empty()) alias = UniqueName("view");
  Source source;
  source.alias = alias;
  for (const std::string& column : columns) source.columns.push_back(sql::ToLower(column));
  scope_->sources.push_back(source);
  std::string text =
      fmt::format("LATERAL (SELECT {}) AS {}", Joined(generated.values, ", "), Quoted(alias));
  if (!columns.empty()) text += fmt::format("({})", QuotedList(columns));
  return text;
}

std::string Translator::GeneratorItemText(const sql::SelectItem& item,
                                          const sql::FunctionCall& call, bool alone,
                                          std::string* from) {
  const std::string name = call.LowerName();
  if (!CheckClauses(call, *FindFunction(name), item.span)) return {};
  std::vector<std::string> names;
  for (const sql::Name& alias : item.aliases) names.push_back(alias.text);
  const Generated generated =
      GenerateText(name, call.args, names.size(), /*outer=*/false, item.span);
  const bool members = generated.names.empty();
  if (!members && names.empty()) names = generated.names;
  if (!members && names.size() != generated.names.size()) {
    Fail(item.span, "aliases",
         fmt::format("{} gives {} columns, not {}", name, generated.names.size(), names.size()));
    return {};
  }
  // Members of structs can be named and ordered by only as columns of a table, which * would show a
  // second time.
  const bool star = std::any_of(
      scope_->select->items.begin(), scope_->select->items.end(),
      [](const sql::SelectItem& other) { return other.value->As<sql::Star>() != nullptr; });
  if (star && (!alone || (members && !names.empty()))) {
    Refuse(item.span, fmt::format("* beside this use of {} is not supported", name),
           "use LATERAL VIEW");
  }
  if (alone && !(members && !star)) {
    if (members) return Joined(generated.values, ", ");
    std::vector<std::string> items;
    for (size_t i = 0; i < names.size(); ++i) {
      items.push_back(fmt::format("{} AS {}", generated.values[i], Quoted(names[i])));
    }
    return Joined(items, ", ");
  }
  const std::string alias = UniqueName(name);
  *from += fmt::format("{}LATERAL (SELECT {}) AS {}", from->empty() ? "" : ", ",
                       Joined(generated.values, ", "), Quoted(alias));
  if (!names.empty()) *from += fmt::format("({})", QuotedList(names));
  return Quoted(alias) + ".*";
}

}  // namespace smelt::duck
