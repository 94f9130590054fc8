#include "pipeline/query_reads.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "sql/lexer.h"
#include "sql/query_parser.h"
#include "sql/query_walk.h"

namespace smelt::pipeline {
namespace {

constexpr std::array<std::string_view, 24> kUnstableFunctions = {"current_timestamp",
                                                                 "now",
                                                                 "current_date",
                                                                 "curdate",
                                                                 "current_time",
                                                                 "localtimestamp",
                                                                 "rand",
                                                                 "random",
                                                                 "randn",
                                                                 "randstr",
                                                                 "uniform",
                                                                 "uuid",
                                                                 "shuffle",
                                                                 "monotonically_increasing_id",
                                                                 "spark_partition_id",
                                                                 "input_file_name",
                                                                 "current_user",
                                                                 "session_user",
                                                                 "user",
                                                                 "current_database",
                                                                 "current_schema",
                                                                 "current_catalog",
                                                                 "current_timezone",
                                                                 "getdate"};

bool IsUnstable(const sql::FunctionCall& call) {
  const std::string name = call.LowerName();
  if (name == "unix_timestamp") return call.args.empty();
  return std::find(kUnstableFunctions.begin(), kUnstableFunctions.end(), name) !=
         kUnstableFunctions.end();
}

}  // namespace

std::vector<sql::Token> QueryReader::TokensOf(const sql::Fragment& fragment) {
  auto known = tokens_.find(fragment.source.get());
  if (known == tokens_.end()) {
    // The statement parser has said already what is wrong with the file's tokens.
    known = tokens_.emplace(fragment.source.get(), sql::Lex(*fragment.source).tokens).first;
  }
  const std::vector<sql::Token>& all = known->second;
  const auto starts_before = [](const sql::Token& token, uint32_t at) {
    return token.span.begin < at;
  };
  const auto begin = std::lower_bound(all.begin(), all.end(), fragment.span.begin, starts_before);
  const auto end = std::lower_bound(begin, all.end() - 1, fragment.span.end, starts_before);
  std::vector<sql::Token> tokens(begin, end);
  sql::Token last;
  last.span = {fragment.span.end, fragment.span.end};
  tokens.push_back(std::move(last));
  return tokens;
}

NamedReads QueryReader::Read(const sql::Fragment& query) {
  NamedReads reads;
  const auto parsed = sql::ParseQuery(*query.source, TokensOf(query));
  if (!parsed.ok()) {
    diagnostics_->push_back(parsed.diagnostic());
    return reads;
  }
  const sql::QueryUses uses = sql::CollectUses(*parsed.value());
  for (const sql::TableUse& table : uses.tables) {
    reads.tables.push_back({table.name, table.is_stream, table.span});
  }
  for (const sql::TableFunctionUse& function : uses.table_functions) {
    reads.functions.push_back({function.name, function.is_stream, function.span});
  }
  sql::Walk(*parsed.value(), {.call = [&](const sql::FunctionCall& call, sql::Span span) {
    if (IsUnstable(call)) reads.unstable_calls.push_back({call.LowerName(), false, span});
  }});
  return reads;
}

void QueryReader::CheckExpression(const sql::Fragment& expression) {
  const auto parsed = sql::ParseExpression(*expression.source, TokensOf(expression));
  if (!parsed.ok()) diagnostics_->push_back(parsed.diagnostic());
}

}  // namespace smelt::pipeline
