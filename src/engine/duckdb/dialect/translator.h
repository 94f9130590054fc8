#pragma once

// The translator behind translate.h; of no use to anyone else. One class over one query, its
// methods in one file for each part of the language: translate_query.cc, _relation.cc,
// _expression.cc, _call.cc, _aggregate.cc, _lambda.cc, _generator.cc; literals and the names of
// columns need no translator (literal.h, output_name.h).
//
// Every method returns DuckDB SQL. Refusals are sticky: the first one is kept, and the text that
// was made is thrown away.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/duckdb/dialect/translate.h"
#include "engine/duckdb/functions/catalogue.h"
#include "sql/diagnostic.h"
#include "sql/query_ast.h"
#include "sql/source.h"

namespace smelt::duck {

class Translator {
 public:
  Translator(const sql::SourceText& source, const Resolver& resolver);

  std::string TranslateQuery(const sql::Query& query);
  std::string TranslateExpression(const sql::Expr& expr);

  const std::optional<sql::Diagnostic>& error() const { return error_; }

 private:
  // What a FROM brings into scope.
  struct Source {
    std::string alias;
    std::vector<std::string> name;  // of a table: its parts, as schema.table.column may be written
    std::vector<std::string> columns;  // in lower case, where they are known; else empty
    std::vector<std::string> hidden;
  };
  // The names that an expression may use; the outer ones for correlated subqueries and lambdas.
  struct Scope {
    Scope* outer = nullptr;
    const sql::Select* select = nullptr;
    std::vector<Source> sources;
    // Joined by USING: they come first in *. In order.
    std::vector<std::string> using_columns;
    // Why * cannot be expanded in Spark's order, or empty.
    std::string no_star;
    // Of a query of its own: substitutes from further out do not reach into it.
    bool is_query = false;
    // Names that stand for an expression: lambda parameters, the window column. Lower case -> SQL.
    std::map<std::string, std::string> substitutes;
  };
  class ScopeGuard {
   public:
    ScopeGuard(Translator& translator, Scope& scope);
    ~ScopeGuard();
    ScopeGuard(const ScopeGuard&) = delete;
    ScopeGuard& operator=(const ScopeGuard&) = delete;

   private:
    Translator& translator_;
  };

  void Refuse(sql::Span span, std::string message, std::string hint = {});
  void Fail(sql::Span span, std::string code, std::string message, std::string hint = {});
  std::string UniqueName(std::string_view stem);

  // ---- translate_query.cc ----
  std::string QueryText(const sql::Query& query);
  std::string BodyText(const sql::Query& query);
  std::string SelectText(const sql::Select& select, const sql::Query& query);
  std::string WhereText(const sql::Select& select);
  std::string SelectItemsText(const sql::Select& select, std::string* from);
  std::string StarText(const sql::Star& star, sql::Span span);
  std::string GroupByText(const sql::GroupBy& group, std::vector<std::string>* conditions,
                          std::string* from);
  std::string WindowGroupText(const sql::FunctionCall& call, sql::Span span,
                              std::vector<std::string>* conditions, std::string* from);
  std::string SetOperationText(const sql::SetOperation& operation, sql::Span span);
  std::string OrderByText(const sql::Query& query, const sql::Select* select);
  std::string OrderValueText(const sql::Expr& value, const sql::Select* select);
  std::string LimitText(const sql::Query& query);

  // ---- translate_relation.cc ----
  std::string FromText(const sql::Select& select);
  std::string RelationText(const sql::Relation& relation);
  std::string NamedSourceText(const sql::Relation& relation, const SourceRef& ref,
                              const sql::NameParts& name);
  std::string JoinText(const sql::Join& join);
  std::string PivotText(const sql::Pivot& pivot, sql::Span span);
  std::string UnpivotText(const sql::Unpivot& unpivot, sql::Span span);
  std::string StarWithout(std::vector<std::string> columns, sql::Span span);
  std::string ValuesText(const sql::InlineTable& table);
  std::string RangeText(const sql::TableFunction& function, sql::Span span);
  std::string SampleText(const std::string& relation, const sql::Sample& sample, sql::Span span);
  std::string LateralViewText(const sql::LateralView& view);
  void CollectUsing(const sql::Relation& relation);
  bool IsCte(const sql::NameParts& name) const;

  // ---- translate_generator.cc ----
  struct Generated {
    std::vector<std::string> values;  // one SQL expression for each column
    std::vector<std::string>
        names;  // Spark's default names; empty for inline, whose columns are its fields
  };
  // `columns` is how many the user has named, 0 for none: explode of a map gives two.
  Generated GenerateText(std::string name, const std::vector<sql::Argument>& arguments,
                         size_t columns, bool outer, sql::Span span);
  std::string GeneratorRelationText(const std::string& name,
                                    const std::vector<sql::Argument>& arguments, bool outer,
                                    std::string alias, std::vector<std::string> columns,
                                    sql::Span span);
  // Adds to `from` what cannot be unnested in place; several generators give all combinations.
  std::string GeneratorItemText(const sql::SelectItem& item, const sql::FunctionCall& call,
                                bool alone, std::string* from);

  // ---- translate_expression.cc ----
  std::string Text(const sql::Expr& expr);
  std::string Text(const sql::ExprPtr& expr) { return Text(*expr); }
  std::string ListText(const std::vector<sql::ExprPtr>& list);
  std::string NodeText(const sql::Literal& node, sql::Span span);
  std::string NodeText(const sql::Interval& node, sql::Span span);
  std::string NodeText(const sql::ColumnRef& node, sql::Span span);
  std::string NodeText(const sql::Star& node, sql::Span span);
  std::string NodeText(const sql::Unary& node, sql::Span span);
  std::string NodeText(const sql::Binary& node, sql::Span span);
  std::string NodeText(const sql::Between& node, sql::Span span);
  std::string NodeText(const sql::InList& node, sql::Span span);
  std::string NodeText(const sql::InSubquery& node, sql::Span span);
  std::string NodeText(const sql::Like& node, sql::Span span);
  std::string NodeText(const sql::Is& node, sql::Span span);
  std::string NodeText(const sql::Case& node, sql::Span span);
  std::string NodeText(const sql::Cast& node, sql::Span span);
  std::string NodeText(const sql::FunctionCall& node, sql::Span span);
  std::string NodeText(const sql::Lambda& node, sql::Span span);
  std::string NodeText(const sql::Subscript& node, sql::Span span);
  std::string NodeText(const sql::FieldAccess& node, sql::Span span);
  std::string NodeText(const sql::ScalarSubquery& node, sql::Span span);
  std::string NodeText(const sql::Exists& node, sql::Span span);
  std::string NodeText(const sql::Row& node, sql::Span span);
  // struct(a, b AS c): members are named after what they are.
  std::string StructText(const std::vector<const sql::Expr*>& values,
                         const std::vector<std::optional<sql::Name>>& names);
  // `base`.`field`, whatever the base's type.
  static std::string FieldText(const std::string& base, std::string_view field);

  // ---- translate_call.cc ----
  std::string SpecialText(const sql::FunctionCall& call, const FunctionEntry& entry,
                          sql::Span span);
  std::vector<std::string> ArgumentTexts(const sql::FunctionCall& call);
  std::string UnitCallText(const sql::FunctionCall& call, std::string_view function);
  bool CheckArguments(const std::vector<sql::Argument>& arguments, const FunctionEntry& entry,
                      sql::Span span);
  bool CheckClauses(const sql::FunctionCall& call, const FunctionEntry& entry, sql::Span span);
  std::string WindowText(const sql::Window& window);
  std::string FrameBoundText(const sql::FrameBound& bound);
  std::string SortItemText(const sql::SortItem& item);

  // ---- translate_aggregate.cc ----
  std::string AggregateText(const sql::FunctionCall& call, sql::Span span);
  std::string CountText(const sql::FunctionCall& call, sql::Span span);
  std::string FirstLastText(const sql::FunctionCall& call, bool first, sql::Span span);
  std::string ListAggText(const sql::FunctionCall& call, sql::Span span);
  std::string RankText(const sql::FunctionCall& call, sql::Span span);
  std::string GroupingIdText(const sql::FunctionCall& call, sql::Span span);
  // function([DISTINCT] arguments) [FILTER (..)] [OVER (..)]; `condition` joins the filter's.
  std::string WithClauses(const sql::FunctionCall& call, const std::string& function,
                          const std::string& arguments, const std::string& condition = {});

  // ---- translate_lambda.cc ----
  std::string LambdaCallText(const sql::FunctionCall& call, sql::Span span);
  // The lambda that is argument `index`, with this many parameters (either of two counts).
  const sql::Lambda* LambdaArgument(const sql::FunctionCall& call, size_t index, size_t least,
                                    size_t most);
  // The body, with what each parameter stands for.
  std::string LambdaBody(const sql::Lambda& lambda, const std::vector<std::string>& values);

  const sql::SourceText& source_;
  const Resolver& resolver_;
  Scope* scope_ = nullptr;
  std::vector<std::string> ctes_;  // lower case; those in scope
  // Of a PIVOT: which rows its aggregates take.
  std::string aggregate_condition_;
  int unique_ = 0;
  std::optional<sql::Diagnostic> error_;
};

// An identifier and a string as DuckDB reads them.
std::string Quoted(std::string_view name);
std::string StringText(std::string_view value);
std::string QuotedList(const std::vector<std::string>& names);
std::string Joined(const std::vector<std::string>& parts, std::string_view separator);

}  // namespace smelt::duck
