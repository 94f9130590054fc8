#include "sql/query_printer.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sql/token.h"

namespace smelt::sql {
namespace {

std::string Joined(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

// Quoted unless it is a lower-case word with an underscore or digit in it, which no keyword has.
std::string NameText(const Name& name) {
  const bool plain = std::all_of(name.text.begin(), name.text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  const bool keyword = name.text.find_first_of("_0123456789") == std::string::npos;
  const bool short_name = name.text.size() == 1;
  return plain && !name.text.empty() && (!keyword || short_name) &&
                 !(name.text[0] >= '0' && name.text[0] <= '9')
             ? name.text
             : QuoteIdentifier(name.text);
}

std::string NamesText(const std::vector<Name>& names, std::string_view separator = ", ") {
  std::vector<std::string> texts;
  for (const Name& name : names) texts.push_back(NameText(name));
  return Joined(texts, separator);
}

std::string TypeText(const base::DataType& type) {
  using base::TypeKind;
  if (type.is(TypeKind::kArray)) return fmt::format("ARRAY<{}>", TypeText(type.element()));
  if (type.is(TypeKind::kMap))
    return fmt::format("MAP<{}, {}>", TypeText(type.key()), TypeText(type.value()));
  if (!type.is(TypeKind::kStruct)) return ToUpper(type.ToString());
  std::vector<std::string> fields;
  for (const base::Field& field : type.fields()) {
    fields.push_back(fmt::format("{}: {}", QuoteIdentifier(field.name), TypeText(field.type)));
  }
  return fmt::format("STRUCT<{}>", Joined(fields, ", "));
}

std::string_view OperatorText(BinaryOp op) {
  static constexpr std::string_view kTexts[] = {"OR", "AND", "=", "<=>", "<>", "<",  "<=",  ">",
                                                ">=", "|",   "^", "&",   "<<", ">>", ">>>", "+",
                                                "-",  "||",  "*", "/",   "%",  "DIV"};
  return kTexts[static_cast<int>(op)];
}

class Printer {
 public:
  std::string Text(const Query& query) {
    std::string text;
    for (const Cte& cte : query.with) {
      text += text.empty() ? (query.recursive ? "WITH RECURSIVE " : "WITH ") : ", ";
      text += NameText(cte.name);
      if (!cte.columns.empty()) text += fmt::format("({})", NamesText(cte.columns));
      text += fmt::format(" AS ({})", Text(*cte.query));
    }
    if (!text.empty()) text += " ";
    text += std::visit([this](const auto& body) { return Body(body); }, query.body);
    if (!query.order_by.empty()) text += " ORDER BY " + SortText(query.order_by);
    if (!query.sort_by.empty()) text += " SORT BY " + SortText(query.sort_by);
    if (!query.cluster_by.empty()) text += " CLUSTER BY " + List(query.cluster_by);
    if (!query.distribute_by.empty()) text += " DISTRIBUTE BY " + List(query.distribute_by);
    if (query.limit) text += " LIMIT " + Text(query.limit);
    if (query.offset) text += " OFFSET " + Text(query.offset);
    return text;
  }

  std::string Text(const ExprPtr& expr) { return Text(*expr); }
  std::string Text(const Expr& expr) {
    return std::visit([this](const auto& node) { return Node(node); }, expr.node);
  }

 private:
  std::string List(const std::vector<ExprPtr>& list) {
    std::vector<std::string> texts;
    for (const ExprPtr& expr : list) texts.push_back(Text(expr));
    return Joined(texts, ", ");
  }

  std::string SortText(const std::vector<SortItem>& items) {
    std::vector<std::string> texts;
    for (const SortItem& item : items) {
      std::string text = Text(item.value);
      if (item.descending) text += " DESC";
      if (item.nulls_first) text += *item.nulls_first ? " NULLS FIRST" : " NULLS LAST";
      texts.push_back(text);
    }
    return Joined(texts, ", ");
  }

  // ---- Bodies ----

  std::string Body(const Select& select) {
    std::string text = "SELECT ";
    for (const std::string& hint : select.hints) text += fmt::format("/*+{}*/ ", hint);
    if (select.distinct) text += "DISTINCT ";
    std::vector<std::string> items;
    for (const SelectItem& item : select.items) {
      std::string one = Text(item.value);
      if (item.aliases.size() == 1) one += " AS " + NameText(item.aliases[0]);
      if (item.aliases.size() > 1) one += fmt::format(" AS ({})", NamesText(item.aliases));
      items.push_back(one);
    }
    text += Joined(items, ", ");
    std::vector<std::string> from;
    for (const RelationPtr& relation : select.from) from.push_back(Text(*relation));
    if (!from.empty()) text += " FROM " + Joined(from, ", ");
    for (const LateralView& view : select.lateral_views) {
      text += fmt::format(" LATERAL VIEW {}{}", view.outer ? "OUTER " : "", Node(view.generator));
      text += " " + (view.alias ? NameText(*view.alias) : "`t`");
      if (!view.columns.empty()) text += " AS " + NamesText(view.columns);
    }
    if (select.where) text += " WHERE " + Text(select.where);
    if (select.group_by) text += " GROUP BY " + GroupText(*select.group_by);
    if (select.having) text += " HAVING " + Text(select.having);
    std::vector<std::string> windows;
    for (const NamedWindow& named : select.windows) {
      windows.push_back(fmt::format("{} AS ({})", NameText(named.name), WindowText(named.window)));
    }
    if (!windows.empty()) text += " WINDOW " + Joined(windows, ", ");
    if (select.qualify) text += " QUALIFY " + Text(select.qualify);
    return text;
  }

  std::string GroupText(const GroupBy& group) {
    if (group.all) return "ALL";
    static constexpr std::string_view kWords[] = {"", "ROLLUP", "CUBE", "GROUPING SETS"};
    std::vector<std::string> elements;
    for (const GroupingElement& element : group.elements) {
      if (element.kind == GroupingElement::Kind::kExpression) {
        elements.push_back(Text(element.sets[0][0]));
        continue;
      }
      std::vector<std::string> sets;
      for (const auto& set : element.sets) sets.push_back(fmt::format("({})", List(set)));
      elements.push_back(
          fmt::format("{} ({})", kWords[static_cast<int>(element.kind)], Joined(sets, ", ")));
    }
    return Joined(elements, ", ");
  }

  std::string Body(const SetOperation& operation) {
    static constexpr std::string_view kWords[] = {"UNION", "EXCEPT", "INTERSECT"};
    return fmt::format("({}) {}{} ({})", Text(*operation.left),
                       kWords[static_cast<int>(operation.op)], operation.all ? " ALL" : "",
                       Text(*operation.right));
  }

  std::string Body(const InlineTable& table) {
    std::vector<std::string> rows;
    for (const auto& row : table.rows) rows.push_back(fmt::format("({})", List(row)));
    return "VALUES " + Joined(rows, ", ");
  }

  std::string Body(const TableRef& table) { return "TABLE " + NamesText(table.name, "."); }

  // ---- Relations ----

  std::string Text(const Relation& relation) {
    std::string text = relation.lateral ? "LATERAL " : "";
    text += std::visit([this](const auto& node) { return From(node); }, relation.node);
    if (relation.sample) text += SampleText(*relation.sample);
    if (relation.alias) text += " AS " + NameText(*relation.alias);
    if (!relation.column_aliases.empty())
      text += fmt::format("({})", NamesText(relation.column_aliases));
    return text;
  }

  std::string From(const TableRef& table) {
    std::string text = NamesText(table.name, ".");
    if (table.is_stream) text = fmt::format("STREAM({})", text);
    if (table.version) text += " VERSION AS OF " + Text(table.version);
    if (table.timestamp) text += " TIMESTAMP AS OF " + Text(table.timestamp);
    return text;
  }
  std::string From(const TableFunction& function) {
    std::string text =
        fmt::format("{}({})", NamesText(function.name, "."), Arguments(function.args));
    return function.is_stream ? fmt::format("STREAM({})", text) : text;
  }
  std::string From(const Subquery& subquery) { return fmt::format("({})", Text(*subquery.query)); }
  std::string From(const InlineTable& table) { return Body(table); }
  std::string From(const Join& join) {
    static constexpr std::string_view kWords[] = {"JOIN",          "CROSS JOIN", "LEFT JOIN",
                                                  "RIGHT JOIN",    "FULL JOIN",  "LEFT SEMI JOIN",
                                                  "LEFT ANTI JOIN"};
    std::string right = Text(*join.right);
    if (join.right->As<Join>() != nullptr) right = fmt::format("({})", right);
    std::string text = fmt::format("{} {}{} {}", Text(*join.left), join.natural ? "NATURAL " : "",
                                   kWords[static_cast<int>(join.kind)], right);
    if (join.on) text += " ON " + Text(join.on);
    if (!join.using_columns.empty())
      text += fmt::format(" USING ({})", NamesText(join.using_columns));
    return text;
  }
  std::string From(const Pivot& pivot) {
    std::vector<std::string> aggregates, values;
    for (const Pivot::Aggregate& aggregate : pivot.aggregates) {
      aggregates.push_back(Text(aggregate.value) +
                           (aggregate.alias ? " AS " + NameText(*aggregate.alias) : ""));
    }
    for (const Pivot::Value& value : pivot.values) {
      values.push_back(Text(value.value) + (value.alias ? " AS " + NameText(*value.alias) : ""));
    }
    return fmt::format("{} PIVOT ({} FOR ({}) IN ({}))", Text(*pivot.input),
                       fmt::join(aggregates, ", "), NamesText(pivot.columns),
                       fmt::join(values, ", "));
  }

  std::string From(const Unpivot& unpivot) {
    std::vector<std::string> groups;
    for (const Unpivot::Group& group : unpivot.groups) {
      std::vector<std::string> columns;
      for (const NameParts& column : group.columns) columns.push_back(NamesText(column, "."));
      groups.push_back(fmt::format("({}){}", fmt::join(columns, ", "),
                                   group.alias ? " AS " + NameText(*group.alias) : ""));
    }
    return fmt::format("{} UNPIVOT {}(({}) FOR {} IN ({}))", Text(*unpivot.input),
                       unpivot.include_nulls ? "INCLUDE NULLS " : "",
                       NamesText(unpivot.value_columns), NameText(unpivot.name_column),
                       fmt::join(groups, ", "));
  }

  std::string SampleText(const Sample& sample) {
    std::string amount = sample.amount;
    if (sample.kind == Sample::Kind::kPercent) amount += " PERCENT";
    if (sample.kind == Sample::Kind::kRows) amount += " ROWS";
    if (sample.kind == Sample::Kind::kBuckets) {
      const size_t slash = amount.find('/');
      amount =
          fmt::format("BUCKET {} OUT OF {}", amount.substr(0, slash), amount.substr(slash + 1));
    }
    return fmt::format(
        " TABLESAMPLE ({}){}", amount,
        sample.repeatable ? fmt::format(" REPEATABLE ({})", *sample.repeatable) : "");
  }

  // ---- Expressions ----

  std::string Node(const Literal& literal) {
    switch (literal.kind) {
      case Literal::Kind::kNull:
        return "NULL";
      case Literal::Kind::kBoolean:
        return ToUpper(literal.text);
      case Literal::Kind::kInteger:
        return literal.text;
      case Literal::Kind::kTinyint:
        return literal.text + "Y";
      case Literal::Kind::kSmallint:
        return literal.text + "S";
      case Literal::Kind::kBigint:
        return literal.text + "L";
      case Literal::Kind::kDecimal:
        return literal.text + "BD";
      case Literal::Kind::kFloat:
        return literal.text + "F";
      case Literal::Kind::kDouble:
        return literal.text + "D";
      case Literal::Kind::kString:
        return QuoteString(literal.text);
      case Literal::Kind::kBinary:
        return "X" + QuoteString(literal.text);
      case Literal::Kind::kDate:
        return "DATE " + QuoteString(literal.text);
      case Literal::Kind::kTimestamp:
        return "TIMESTAMP " + QuoteString(literal.text);
      case Literal::Kind::kTimestampNtz:
        return "TIMESTAMP_NTZ " + QuoteString(literal.text);
      case Literal::Kind::kTimestampLtz:
        return "TIMESTAMP_LTZ " + QuoteString(literal.text);
    }
    return {};
  }
  std::string Node(const Interval& interval) {
    std::string text = "INTERVAL";
    for (const Interval::Part& part : interval.parts) {
      text += " " + QuoteString(part.value);
      if (!part.unit.empty()) text += " " + ToUpper(part.unit);
      if (!part.to.empty()) text += " TO " + ToUpper(part.to);
    }
    return text;
  }
  std::string Node(const ColumnRef& column) { return NamesText(column.parts, "."); }
  std::string Node(const Star& star) {
    std::string text = star.qualifier.empty() ? "*" : NamesText(star.qualifier, ".") + ".*";
    std::vector<std::string> except;
    for (const NameParts& name : star.except) except.push_back(NamesText(name, "."));
    if (!except.empty()) text += fmt::format(" EXCEPT ({})", fmt::join(except, ", "));
    return text;
  }
  std::string Node(const Unary& unary) {
    static constexpr std::string_view kTexts[] = {"NOT ", "- ", "+ ", "~ "};
    return fmt::format("({}{})", kTexts[static_cast<int>(unary.op)], Operand(unary.operand));
  }
  // A sign before a number would become a part of it.
  std::string Operand(const ExprPtr& expr) {
    return expr->As<Literal>() != nullptr ? fmt::format("({})", Text(expr)) : Text(expr);
  }
  std::string Node(const Binary& binary) {
    return fmt::format("({} {} {})", Text(binary.left), OperatorText(binary.op),
                       Text(binary.right));
  }
  std::string Node(const Between& node) {
    return fmt::format("({} {}BETWEEN {} AND {})", Text(node.value), node.negated ? "NOT " : "",
                       Text(node.low), Text(node.high));
  }
  std::string Node(const InList& node) {
    return fmt::format("({} {}IN ({}))", Text(node.value), node.negated ? "NOT " : "",
                       List(node.list));
  }
  std::string Node(const InSubquery& node) {
    return fmt::format("({} {}IN ({}))", Text(node.value), node.negated ? "NOT " : "",
                       Text(*node.query));
  }
  std::string Node(const Like& node) {
    static constexpr std::string_view kWords[] = {"LIKE", "ILIKE", "RLIKE"};
    static constexpr std::string_view kQuantifiers[] = {"", "ANY ", "ALL "};
    const bool quantified = node.quantifier != Like::Quantifier::kNone;
    std::string text = fmt::format("({} {}{} {}", Text(node.value), node.negated ? "NOT " : "",
                                   kWords[static_cast<int>(node.kind)],
                                   kQuantifiers[static_cast<int>(node.quantifier)]);
    text += quantified ? fmt::format("({})", List(node.patterns)) : Text(node.patterns[0]);
    if (node.escape) text += " ESCAPE " + QuoteString(*node.escape);
    return text + ")";
  }
  std::string Node(const Is& node) {
    static constexpr std::string_view kWords[] = {"NULL", "TRUE", "FALSE", "UNKNOWN",
                                                  "DISTINCT FROM "};
    return fmt::format("({} IS {}{}{})", Text(node.value), node.negated ? "NOT " : "",
                       kWords[static_cast<int>(node.kind)], node.other ? Text(node.other) : "");
  }
  std::string Node(const Case& node) {
    std::string text = "CASE";
    if (node.operand) text += " " + Text(node.operand);
    for (const auto& [condition, value] : node.branches) {
      text += fmt::format(" WHEN {} THEN {}", Text(condition), Text(value));
    }
    if (node.otherwise) text += " ELSE " + Text(node.otherwise);
    return text + " END";
  }
  std::string Node(const Cast& node) {
    return fmt::format("{}({} AS {})", node.is_try ? "TRY_CAST" : "CAST", Text(node.value),
                       TypeText(node.type));
  }
  std::string Arguments(const std::vector<Argument>& args, bool names_after = false) {
    std::vector<std::string> texts;
    for (const Argument& argument : args) {
      std::string text = Text(argument.value);
      if (argument.name && names_after) text += " AS " + NameText(*argument.name);
      if (argument.name && !names_after)
        text = fmt::format("{} => {}", NameText(*argument.name), text);
      texts.push_back(text);
    }
    return Joined(texts, ", ");
  }
  std::string Node(const FunctionCall& call) {
    std::string text =
        fmt::format("{}({}{})", NamesText(call.name, "."), call.distinct ? "DISTINCT " : "",
                    Arguments(call.args, call.LowerName() == "struct"));
    if (!call.within_group.empty())
      text += fmt::format(" WITHIN GROUP (ORDER BY {})", SortText(call.within_group));
    if (call.filter) text += fmt::format(" FILTER (WHERE {})", Text(call.filter));
    if (call.ignore_nulls) text += *call.ignore_nulls ? " IGNORE NULLS" : " RESPECT NULLS";
    if (call.over) text += fmt::format(" OVER ({})", WindowText(*call.over));
    return text;
  }
  std::string WindowText(const Window& window) {
    std::vector<std::string> parts;
    if (window.base) parts.push_back(NameText(*window.base));
    if (!window.partition_by.empty()) parts.push_back("PARTITION BY " + List(window.partition_by));
    if (!window.order_by.empty()) parts.push_back("ORDER BY " + SortText(window.order_by));
    if (window.frame) {
      parts.push_back(fmt::format("{} BETWEEN {} AND {}", window.frame->rows ? "ROWS" : "RANGE",
                                  BoundText(window.frame->start), BoundText(window.frame->end)));
    }
    return Joined(parts, " ");
  }
  std::string BoundText(const FrameBound& bound) {
    static constexpr std::string_view kWords[] = {
        "UNBOUNDED PRECEDING", " PRECEDING", "CURRENT ROW", " FOLLOWING", "UNBOUNDED FOLLOWING"};
    return (bound.offset ? Text(bound.offset) : "") +
           std::string(kWords[static_cast<int>(bound.kind)]);
  }
  std::string Node(const Lambda& lambda) {
    return fmt::format("({}) -> {}", NamesText(lambda.params), Text(lambda.body));
  }
  std::string Node(const Subscript& node) {
    return fmt::format("({})[{}]", Text(node.base), Text(node.index));
  }
  std::string Node(const FieldAccess& node) {
    return fmt::format("({}).{}", Text(node.base), NameText(node.field));
  }
  std::string Node(const ScalarSubquery& node) { return fmt::format("({})", Text(*node.query)); }
  std::string Node(const Exists& node) { return fmt::format("EXISTS ({})", Text(*node.query)); }
  std::string Node(const Row& row) { return fmt::format("({})", List(row.items)); }
};

}  // namespace

std::string PrintQuery(const Query& query) { return Printer().Text(query); }
std::string PrintExpression(const Expr& expr) { return Printer().Text(expr); }

}  // namespace smelt::sql
