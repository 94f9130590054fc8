// Higher-order functions: Spark's lambdas as DuckDB's. Parameters get names that no column has;
// where DuckDB's lambda has other parameters than Spark's, the body is written in terms of them.

#include <utility>

#include "engine/duckdb/dialect/translator.h"
#include "sql/token.h"

namespace smelt::duck {

const sql::Lambda* Translator::LambdaArgument(const sql::FunctionCall& call, size_t index,
                                              size_t least, size_t most) {
  const sql::Expr& value = *call.args[index].value;
  const sql::Lambda* lambda = value.As<sql::Lambda>();
  if (lambda == nullptr) {
    Fail(value.span, "arguments",
         fmt::format("expected a lambda such as x -> x + 1 in {}", call.LowerName()));
    return nullptr;
  }
  if (lambda->params.size() < least || lambda->params.size() > most) {
    Fail(value.span, "arguments",
         fmt::format("the lambda of {} takes {} parameter{}, not {}", call.LowerName(), least,
                     least == 1 ? "" : "s", lambda->params.size()));
    return nullptr;
  }
  return lambda;
}

std::string Translator::LambdaBody(const sql::Lambda& lambda,
                                   const std::vector<std::string>& values) {
  Scope scope;
  scope.select = scope_ == nullptr ? nullptr : scope_->select;
  for (size_t i = 0; i < lambda.params.size(); ++i) {
    scope.substitutes[sql::ToLower(lambda.params[i].text)] = values[i];
  }
  const ScopeGuard guard(*this, scope);
  return Text(lambda.body);
}

std::string Translator::LambdaCallText(const sql::FunctionCall& call, sql::Span span) {
  const std::string name = call.LowerName();
  const std::string x = Quoted(UniqueName("x"));
  const auto collection = [&] { return Text(call.args[0].value); };
  const auto member = [&](std::string_view field) {
    return fmt::format("struct_extract({}, '{}')", x, field);
  };

  if (name == "transform" || name == "filter" || name == "exists" || name == "forall") {
    const sql::Lambda* lambda =
        LambdaArgument(call, 1, 1, name == "transform" || name == "filter" ? 2 : 1);
    if (lambda == nullptr) return "NULL";
    std::string params = x;
    std::string index;
    if (lambda->params.size() == 2) {
      // DuckDB counts from 1.
      const std::string i = Quoted(UniqueName("i"));
      params += ", " + i;
      index = fmt::format("CAST({} - 1 AS INTEGER)", i);
    }
    const std::string body = LambdaBody(*lambda, {x, index});
    if (name == "filter")
      return fmt::format("list_filter({}, lambda {}: {})", collection(), params, body);
    const std::string list =
        fmt::format("list_transform({}, lambda {}: {})", collection(), params, body);
    if (name == "exists") return fmt::format("spark_any_true({})", list);
    if (name == "forall") return fmt::format("spark_all_true({})", list);
    return list;
  }
  if (name == "aggregate" || name == "reduce") {
    const sql::Lambda* merge = LambdaArgument(call, 2, 2, 2);
    if (merge == nullptr) return "NULL";
    const std::string accumulator = Quoted(UniqueName("acc"));
    const std::string text =
        fmt::format("spark_aggregate({}, lambda {}, {}: {}, {})", collection(), accumulator, x,
                    LambdaBody(*merge, {accumulator, x}), Text(call.args[1].value));
    if (call.args.size() == 3) return text;
    const sql::Lambda* finish = LambdaArgument(call, 3, 1, 1);
    if (finish == nullptr) return "NULL";
    const std::string result = Quoted(UniqueName("acc"));
    return fmt::format("list_transform([{}], lambda {}: {})[1]", text, result,
                       LambdaBody(*finish, {result}));
  }
  if (name == "zip_with") {
    const sql::Lambda* lambda = LambdaArgument(call, 2, 2, 2);
    if (lambda == nullptr) return "NULL";
    return fmt::format("list_transform(spark_zip({}, {}), lambda {}: {})", collection(),
                       Text(call.args[1].value), x,
                       LambdaBody(*lambda, {member("x"), member("y")}));
  }
  if (name == "map_filter" || name == "transform_keys" || name == "transform_values") {
    const sql::Lambda* lambda = LambdaArgument(call, 1, 2, 2);
    if (lambda == nullptr) return "NULL";
    const std::string body = LambdaBody(*lambda, {member("key"), member("value")});
    const std::string entries = fmt::format("spark_map_entries({})", collection());
    if (name == "map_filter") {
      return fmt::format("spark_map_from_entries(list_filter({}, lambda {}: {}))", entries, x,
                         body);
    }
    const bool keys = name == "transform_keys";
    return fmt::format(
        "spark_map_from_entries(list_transform({}, lambda {}: struct_pack(key := {}, value := "
        "{})))",
        entries, x, keys ? body : member("key"), keys ? member("value") : body);
  }
  if (name == "map_zip_with") {
    const sql::Lambda* lambda = LambdaArgument(call, 2, 3, 3);
    if (lambda == nullptr) return "NULL";
    return fmt::format(
        "spark_map_from_entries(list_transform(spark_map_zip({}, {}), lambda {}: struct_pack(key "
        ":= {}, value := {})))",
        collection(), Text(call.args[1].value), x, member("key"),
        LambdaBody(*lambda, {member("key"), member("x"), member("y")}));
  }
  if (name == "array_sort") {
    Refuse(span, "array_sort with a comparator is not supported", "sort_array sorts either way");
    return "NULL";
  }
  Refuse(span, fmt::format("the function '{}' is not supported", name));
  return "NULL";
}

}  // namespace smelt::duck
