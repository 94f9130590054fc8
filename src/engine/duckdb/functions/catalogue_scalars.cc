#include <initializer_list>

#include "engine/duckdb/functions/catalogue_entries.h"

namespace smelt::duck {
namespace {

struct Row {
  const char* name;
  int min_args;
  int max_args;
};

void AddRegistered(std::vector<FunctionEntry>& entries, std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    FunctionEntry entry;
    entry.name = row.name;
    entry.min_args = row.min_args;
    entry.max_args = row.max_args;
    entry.target = std::string("spark_") + row.name;
    entries.push_back(std::move(entry));
  }
}

// Other names of registered functions.
void AddAliases(std::vector<FunctionEntry>& entries,
                std::initializer_list<std::pair<Row, const char*>> rows) {
  for (const auto& [row, original] : rows) {
    FunctionEntry entry;
    entry.name = row.name;
    entry.min_args = row.min_args;
    entry.max_args = row.max_args;
    entry.target = std::string("spark_") + original;
    entries.push_back(std::move(entry));
  }
}

}  // namespace

void AddScalarEntries(std::vector<FunctionEntry>& entries) {
  // Numbers.
  AddRegistered(entries, {{"abs", 1, 1},          {"acos", 1, 1},
                          {"acosh", 1, 1},        {"asin", 1, 1},
                          {"asinh", 1, 1},        {"atan", 1, 1},
                          {"atan2", 2, 2},        {"atanh", 1, 1},
                          {"bin", 1, 1},          {"bit_count", 1, 1},
                          {"bit_get", 2, 2},      {"bround", 1, 2},
                          {"cbrt", 1, 1},         {"ceil", 1, 2},
                          {"conv", 3, 3},         {"cos", 1, 1},
                          {"cosh", 1, 1},         {"cot", 1, 1},
                          {"csc", 1, 1},          {"degrees", 1, 1},
                          {"div", 2, 2},          {"e", 0, 0},
                          {"exp", 1, 1},          {"expm1", 1, 1},
                          {"factorial", 1, 1},    {"floor", 1, 2},
                          {"greatest", 2, -1},    {"hypot", 2, 2},
                          {"isnan", 1, 1},        {"least", 2, -1},
                          {"ln", 1, 1},           {"log", 1, 2},
                          {"log10", 1, 1},        {"log1p", 1, 1},
                          {"log2", 1, 1},         {"mod", 2, 2},
                          {"nanvl", 2, 2},        {"negative", 1, 1},
                          {"pi", 0, 0},           {"pmod", 2, 2},
                          {"positive", 1, 1},     {"power", 2, 2},
                          {"radians", 1, 1},      {"rint", 1, 1},
                          {"round", 1, 2},        {"sec", 1, 1},
                          {"shiftleft", 2, 2},    {"shiftright", 2, 2},
                          {"sign", 1, 1},         {"sin", 1, 1},
                          {"sinh", 1, 1},         {"sqrt", 1, 1},
                          {"tan", 1, 1},          {"tanh", 1, 1},
                          {"try_add", 2, 2},      {"try_divide", 2, 2},
                          {"try_mod", 2, 2},      {"try_multiply", 2, 2},
                          {"try_subtract", 2, 2}, {"shiftrightunsigned", 2, 2},
                          {"width_bucket", 4, 4}});
  AddAliases(entries, {{{"pow", 2, 2}, "power"},
                       {{"ceiling", 1, 2}, "ceil"},
                       {{"signum", 1, 1}, "sign"},
                       {{"getbit", 2, 2}, "bit_get"},
                       {{"try_remainder", 2, 2}, "try_mod"}});

  // Conditions.
  AddRegistered(entries, {{"coalesce", 1, -1},
                          {"equal_null", 2, 2},
                          {"if", 3, 3},
                          {"isnotnull", 1, 1},
                          {"isnull", 1, 1},
                          {"nullif", 2, 2},
                          {"nullifzero", 1, 1},
                          {"nvl", 2, 2},
                          {"nvl2", 3, 3},
                          {"zeroifnull", 1, 1},
                          {"decode", 2, -1},
                          {"case", 2, -1},
                          {"assert_true", 1, 2},
                          {"raise_error", 1, 1},
                          {"typeof", 1, 1}});
  AddAliases(entries, {{{"ifnull", 2, 2}, "nvl"}, {{"iff", 3, 3}, "if"}});

  // Text.
  AddRegistered(entries, {
                             {"ascii", 1, 1},
                             {"base64", 1, 1},
                             {"bit_length", 1, 1},
                             {"btrim", 1, 2},
                             {"char_length", 1, 1},
                             {"chr", 1, 1},
                             {"concat", 0, -1},
                             {"concat_ws", 1, -1},
                             {"contains", 2, 2},
                             {"elt", 2, -1},
                             {"encode", 2, 2},
                             {"endswith", 2, 2},
                             {"find_in_set", 2, 2},
                             {"format_number", 2, 2},
                             {"format_string", 1, -1},
                             {"hex", 1, 1},
                             {"initcap", 1, 1},
                             {"instr", 2, 2},
                             {"left", 2, 2},
                             {"length", 1, 1},
                             {"levenshtein", 2, 3},
                             {"locate", 2, 3},
                             {"lower", 1, 1},
                             {"lpad", 2, 3},
                             {"ltrim", 1, 2},
                             {"luhn_check", 1, 1},
                             {"mask", 1, 5},
                             {"octet_length", 1, 1},
                             {"overlay", 3, 4},
                             {"parse_url", 2, 3},

                             {"regexp_count", 2, 2},
                             {"regexp_extract", 2, 3},
                             {"regexp_extract_all", 2, 3},
                             {"regexp_instr", 2, 3},
                             {"regexp_replace", 3, 4},
                             {"regexp_substr", 2, 2},
                             {"repeat", 2, 2},
                             {"replace", 2, 3},
                             {"reverse", 1, 1},
                             {"right", 2, 2},
                             {"rlike", 2, 2},
                             {"rpad", 2, 3},
                             {"rtrim", 1, 2},
                             {"sentences", 1, 3},
                             {"soundex", 1, 1},
                             {"space", 1, 1},
                             {"split", 2, 3},
                             {"split_part", 3, 3},
                             {"startswith", 2, 2},
                             {"str_to_map", 1, 3},
                             {"substring", 2, 3},
                             {"substring_index", 3, 3},
                             {"translate", 3, 3},
                             {"trim", 1, 2},
                             {"unbase64", 1, 1},
                             {"unhex", 1, 1},
                             {"upper", 1, 1},
                             {"url_decode", 1, 1},
                             {"url_encode", 1, 1},
                             {"try_url_decode", 1, 1},
                             {"like", 2, 3},
                             {"ilike", 2, 3},
                         });
  AddAliases(entries, {{{"char", 1, 1}, "chr"},
                       {{"character_length", 1, 1}, "char_length"},
                       {{"charindex", 2, 3}, "locate"},
                       {{"lcase", 1, 1}, "lower"},
                       {{"len", 1, 1}, "length"},
                       {{"position", 2, 3}, "locate"},
                       {{"printf", 1, -1}, "format_string"},
                       {{"regexp", 2, 2}, "rlike"},
                       {{"regexp_like", 2, 2}, "rlike"},
                       {{"substr", 2, 3}, "substring"},
                       {{"ucase", 1, 1}, "upper"}});

  // Dates and times.
  AddRegistered(entries, {
                             {"add_months", 2, 2},
                             {"convert_timezone", 2, 3},
                             {"date_add", 2, 2},
                             {"date_diff", 2, 2},
                             {"date_format", 2, 2},
                             {"date_from_unix_date", 1, 1},
                             {"date_part", 2, 2},
                             {"date_sub", 2, 2},
                             {"date_trunc", 2, 2},
                             {"dayname", 1, 1},
                             {"dayofmonth", 1, 1},
                             {"dayofweek", 1, 1},
                             {"dayofyear", 1, 1},
                             {"from_unixtime", 1, 2},
                             {"from_utc_timestamp", 2, 2},
                             {"hour", 1, 1},
                             {"last_day", 1, 1},
                             {"make_date", 3, 3},
                             {"make_timestamp", 6, 7},
                             {"make_timestamp_ntz", 6, 6},
                             {"minute", 1, 1},
                             {"month", 1, 1},
                             {"monthname", 1, 1},
                             {"months_between", 2, 3},
                             {"next_day", 2, 2},
                             {"quarter", 1, 1},
                             {"second", 1, 1},
                             {"timestamp_micros", 1, 1},
                             {"timestamp_millis", 1, 1},
                             {"timestamp_seconds", 1, 1},
                             {"to_date", 1, 2},
                             {"to_timestamp", 1, 2},
                             {"to_timestamp_ltz", 1, 2},
                             {"to_timestamp_ntz", 1, 2},
                             {"to_unix_timestamp", 1, 2},
                             {"to_utc_timestamp", 2, 2},
                             {"trunc", 2, 2},
                             {"try_make_timestamp", 6, 7},
                             {"try_to_date", 1, 2},
                             {"try_to_timestamp", 1, 2},
                             {"unix_date", 1, 1},
                             {"unix_micros", 1, 1},
                             {"unix_millis", 1, 1},
                             {"unix_seconds", 1, 1},
                             {"unix_timestamp", 0, 2},
                             {"weekday", 1, 1},
                             {"weekofyear", 1, 1},
                             {"year", 1, 1},
                             {"timestampdiff", 3, 3},
                             {"timestampadd", 3, 3},

                         });
  AddAliases(entries, {{{"datepart", 2, 2}, "date_part"},
                       {{"day", 1, 1}, "dayofmonth"},
                       {{"dateadd", 2, 3}, "date_add"},
                       {{"datediff", 2, 3}, "date_diff"},
                       {{"make_timestamp_ltz", 6, 7}, "make_timestamp"}});
  for (const char* name :
       {"current_timestamp", "current_date", "now", "localtimestamp", "curdate"}) {
    AddAliases(entries, {{{name, 0, 0},
                          name == std::string("now")       ? "current_timestamp"
                          : name == std::string("curdate") ? "current_date"
                                                           : name}});
    entries.back().is_bound_to_update = true;
    entries.back().is_deterministic = false;
  }
  AddRegistered(entries, {{"current_timezone", 0, 0}});

  // Digests and identities.
  AddRegistered(entries, {{"crc32", 1, 1},
                          {"hash", 1, -1},
                          {"md5", 1, 1},
                          {"sha1", 1, 1},
                          {"sha2", 2, 2},
                          {"xxhash64", 1, -1},
                          {"dynamodb_key", 1, -1}});
  AddAliases(entries, {{{"sha", 1, 1}, "sha1"}});
  for (const char* name : {"uuid", "rand", "randn", "monotonically_increasing_id"}) {
    AddRegistered(entries, {{name, 0, name[0] == 'r' ? 1 : 0}});
    entries.back().is_deterministic = false;
  }
  AddAliases(entries, {{{"random", 0, 1}, "rand"}});
  entries.back().is_deterministic = false;

  // Type names as functions: cast.
  for (const char* name : {"bigint", "binary", "boolean", "date", "decimal", "double", "float",
                           "int", "smallint", "string", "timestamp", "tinyint"}) {
    FunctionEntry entry;
    entry.name = name;
    entry.min_args = entry.max_args = 1;
    entry.kind = FunctionKind::kTemplate;
    entry.target = std::string("spark_cast($1, '") + name + "')";
    entries.push_back(std::move(entry));
  }
}

}  // namespace smelt::duck
