#include <initializer_list>

#include "engine/duckdb/functions/catalogue_entries.h"

namespace smelt::duck {
namespace {

struct Row {
  const char* name;
  int min_args;
  int max_args;
};

void Add(std::vector<FunctionEntry>& entries, FunctionKind kind, std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    FunctionEntry entry;
    entry.name = row.name;
    entry.min_args = row.min_args;
    entry.max_args = row.max_args;
    entry.kind = kind;
    if (kind == FunctionKind::kRegistered) entry.target = std::string("spark_") + row.name;
    entries.push_back(std::move(entry));
  }
}

}  // namespace

void AddCollectionEntries(std::vector<FunctionEntry>& entries) {
  Add(entries, FunctionKind::kRegistered,
      {{"array", 0, -1},
       {"array_append", 2, 2},
       {"array_compact", 1, 1},
       {"array_contains", 2, 2},
       {"array_distinct", 1, 1},
       {"array_except", 2, 2},
       {"array_insert", 3, 3},
       {"array_intersect", 2, 2},
       {"array_join", 2, 3},
       {"array_max", 1, 1},
       {"array_min", 1, 1},
       {"array_position", 2, 2},
       {"array_prepend", 2, 2},
       {"array_remove", 2, 2},
       {"array_repeat", 2, 2},
       {"array_size", 1, 1},
       {"array_union", 2, 2},
       {"arrays_overlap", 2, 2},
       {"arrays_zip", 0, -1},
       {"element_at", 2, 2},
       {"flatten", 1, 1},
       {"get", 2, 2},
       {"sequence", 2, 3},
       {"size", 1, 1},
       {"slice", 3, 3},
       {"sort_array", 1, 2},
       {"try_element_at", 2, 2},
       {"map", 0, -1},
       {"map_concat", 0, -1},
       {"map_contains_key", 2, 2},
       {"map_entries", 1, 1},
       {"map_from_arrays", 2, 2},
       {"map_from_entries", 1, 1},
       {"map_keys", 1, 1},
       {"map_values", 1, 1},
       {"named_struct", 2, -1},
       {"get_json_object", 2, 2},
       {"from_json", 2, 3},
       {"to_json", 1, 2},
       {"json_array_length", 1, 1},
       {"json_object_keys", 1, 1},
       {"schema_of_json", 1, 2}});
  FunctionEntry cardinality;
  cardinality.name = "cardinality";
  cardinality.min_args = cardinality.max_args = 1;
  cardinality.target = "spark_size";
  entries.push_back(cardinality);

  // struct(a, b AS c) names its members after its arguments; lambdas need the syntax tree.
  Add(entries, FunctionKind::kSpecial,
      {{"struct", 1, -1},
       {"transform", 2, 2},
       {"filter", 2, 2},
       {"exists", 2, 2},
       {"forall", 2, 2},
       {"aggregate", 3, 4},
       {"reduce", 3, 4},
       {"zip_with", 3, 3},
       {"map_filter", 2, 2},
       {"transform_keys", 2, 2},
       {"transform_values", 2, 2},
       {"map_zip_with", 3, 3},
       {"array_sort", 1, 2},
       {"window", 2, 4},
       {"window_time", 1, 1},
       {"grouping", 1, 1},
       {"grouping_id", 0, -1}});

  const size_t first_generator = entries.size();
  Add(entries, FunctionKind::kSpecial,
      {{"explode", 1, 1},
       {"explode_outer", 1, 1},
       {"posexplode", 1, 1},
       {"posexplode_outer", 1, 1},
       {"inline", 1, 1},
       {"inline_outer", 1, 1},
       {"stack", 2, -1},
       {"json_tuple", 2, -1}});
  for (size_t i = first_generator; i < entries.size(); ++i) entries[i].is_generator = true;
}

}  // namespace smelt::duck
