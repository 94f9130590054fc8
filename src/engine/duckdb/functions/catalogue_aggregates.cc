#include <initializer_list>

#include "engine/duckdb/functions/catalogue_entries.h"

namespace smelt::duck {
namespace {

struct Row {
  const char* name;
  int min_args;
  int max_args;
  const char* target;  // nullptr: spark_<name>
};

void Add(std::vector<FunctionEntry>& entries, FunctionKind kind, std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    FunctionEntry entry;
    entry.name = row.name;
    entry.min_args = row.min_args;
    entry.max_args = row.max_args;
    entry.kind = kind;
    if (row.target != nullptr) {
      entry.target = row.target;
    } else if (kind == FunctionKind::kRegistered) {
      entry.target = std::string("spark_") + row.name;
    }
    entry.is_aggregate = true;
    entries.push_back(std::move(entry));
  }
}

}  // namespace

void AddAggregateEntries(std::vector<FunctionEntry>& entries) {
  Add(entries, FunctionKind::kRegistered,
      {{"array_agg", 1, 1, "spark_collect_list"},
       {"avg", 1, 1},
       {"bit_and", 1, 1},
       {"bit_or", 1, 1},
       {"bit_xor", 1, 1},
       {"bool_and", 1, 1},
       {"bool_or", 1, 1},
       {"any", 1, 1, "spark_bool_or"},
       {"some", 1, 1, "spark_bool_or"},
       {"every", 1, 1, "spark_bool_and"},
       {"collect_list", 1, 1},
       {"corr", 2, 2},
       {"count_if", 1, 1},
       {"covar_pop", 2, 2},
       {"covar_samp", 2, 2},
       {"kurtosis", 1, 1},
       {"max", 1, 1},
       {"max_by", 2, 2},
       {"mean", 1, 1, "spark_avg"},
       {"median", 1, 1},
       {"min", 1, 1},
       {"min_by", 2, 2},
       {"mode", 1, 1},
       {"percentile", 2, 2},
       {"percentile_approx", 2, 3},
       {"approx_percentile", 2, 3, "spark_percentile_approx"},
       {"regr_avgx", 2, 2},
       {"regr_avgy", 2, 2},
       {"regr_count", 2, 2},
       {"regr_intercept", 2, 2},
       {"regr_r2", 2, 2},
       {"regr_slope", 2, 2},
       {"regr_sxx", 2, 2},
       {"regr_sxy", 2, 2},
       {"regr_syy", 2, 2},
       {"skewness", 1, 1},
       {"std", 1, 1, "spark_stddev_samp"},
       {"stddev", 1, 1, "spark_stddev_samp"},
       {"stddev_pop", 1, 1},
       {"stddev_samp", 1, 1},
       {"sum", 1, 1},
       {"try_avg", 1, 1},
       {"try_sum", 1, 1},
       {"var_pop", 1, 1},
       {"var_samp", 1, 1},
       {"variance", 1, 1, "spark_var_samp"}});

  // Both over DISTINCT values, which the dialect adds; an exact count is within every error asked
  // for.
  Add(entries, FunctionKind::kRegistered, {{"collect_set", 1, 1, "spark_collect_list"}});
  Add(entries, FunctionKind::kDuckDb, {{"approx_count_distinct", 1, 2, "count"}});

  // Their clauses (DISTINCT over several columns, WITHIN GROUP, IGNORE NULLS) are the dialect's.
  Add(entries, FunctionKind::kSpecial,
      {{"count", 0, -1},
       {"first", 1, 2},
       {"last", 1, 2},
       {"any_value", 1, 2},
       {"listagg", 1, 2},
       {"string_agg", 1, 2},
       {"percentile_cont", 1, 1},
       {"percentile_disc", 1, 1}});

  const size_t first_window = entries.size();
  Add(entries, FunctionKind::kSpecial,
      {{"row_number", 0, 0},
       {"rank", 0, 0},
       {"dense_rank", 0, 0},
       {"percent_rank", 0, 0},
       {"cume_dist", 0, 0},
       {"ntile", 1, 1},
       {"lag", 1, 3},
       {"lead", 1, 3},
       {"nth_value", 2, 2}});
  for (size_t i = first_window; i < entries.size(); ++i) {
    entries[i].is_window = true;
    entries[i].is_aggregate = false;
  }
  // Aggregates with and without OVER.
  Add(entries, FunctionKind::kSpecial, {{"first_value", 1, 2}, {"last_value", 1, 2}});
}

}  // namespace smelt::duck
