#include "engine/duckdb/functions/catalogue_entries.h"

namespace smelt::duck {
namespace {

struct Refusal {
  const char* name;
  const char* reason;
};

constexpr Refusal kRefusals[] = {
    {"shuffle", "its order is random, so a table built from it cannot be checked or repeated"},
    {"input_file_name", "use _metadata.file_path"},
    {"input_file_block_start", "use _metadata of the source"},
    {"input_file_block_length", "use _metadata of the source"},
    {"spark_partition_id", "there are no partitions of a query here"},
    {"histogram_numeric",
     "its bins depend on the order of arrival; use width_bucket or percentile"},
    {"count_min_sketch", "sketches are not supported"},
    {"hll_sketch_agg",
     "sketches are not supported; use approx_count_distinct or count(DISTINCT ..)"},
    {"hll_union_agg", "sketches are not supported"},
    {"hll_sketch_estimate", "sketches are not supported"},
    {"bitmap_construct_agg", "bitmaps are not supported"},
    {"bitmap_or_agg", "bitmaps are not supported"},
    {"java_method", "there is no Java here"},
    {"reflect", "there is no Java here"},
    {"try_reflect", "there is no Java here"},
    {"xpath", "XML is not supported"},
    {"xpath_string", "XML is not supported"},
    {"from_xml", "XML is not supported"},
    {"to_xml", "XML is not supported"},
    {"schema_of_xml", "XML is not supported"},
    {"from_avro", "Avro is not supported"},
    {"to_avro", "Avro is not supported"},
    {"from_csv", "not supported yet; read the files with read_files, or split the text"},
    {"to_csv", "not supported yet; use concat_ws"},
    {"schema_of_csv", "not supported yet"},
    {"parse_json", "VARIANT is not supported yet; use from_json or get_json_object"},
    {"try_parse_json", "VARIANT is not supported yet; use from_json or get_json_object"},
    {"variant_get", "VARIANT is not supported yet"},
    {"try_variant_get", "VARIANT is not supported yet"},
    {"to_variant_object", "VARIANT is not supported yet"},
    {"is_variant_null", "VARIANT is not supported yet"},
    {"schema_of_variant", "VARIANT is not supported yet"},
    {"make_interval", "write the interval as a literal: INTERVAL 3 DAYS"},
    {"make_dt_interval", "write the interval as a literal: INTERVAL 3 DAYS"},
    {"make_ym_interval", "write the interval as a literal: INTERVAL 3 MONTHS"},
    {"session_window", "session windows are not supported yet"},
    {"to_number", "number patterns are not supported yet; use CAST"},
    {"try_to_number", "number patterns are not supported yet; use TRY_CAST"},
    {"to_char", "number patterns are not supported yet; use format_number or date_format"},
    {"to_varchar", "number patterns are not supported yet; use format_number or date_format"},
    {"to_binary", "not supported yet; use unhex, unbase64 or encode"},
    {"try_to_binary", "not supported yet; use unhex, unbase64 or encode"},
    {"aes_encrypt", "encryption is not supported"},
    {"aes_decrypt", "encryption is not supported"},
    {"try_aes_decrypt", "encryption is not supported"},
    {"approx_top_k", "not exact; count, order and limit instead"},
    {"uniform", "random values cannot be repeated"},
    {"randstr", "random values cannot be repeated"},
    {"current_user", "a table must not depend on who runs the update"},
    {"session_user", "a table must not depend on who runs the update"},
    {"user", "a table must not depend on who runs the update"},
    {"current_catalog", "name the catalog"},
    {"current_database", "name the schema"},
    {"current_schema", "name the schema"},
    {"version", "use `smelt version`"},
    {"collate", "collations are not supported"},
    {"collation", "collations are not supported"},
};

}  // namespace

void AddRefusedEntries(std::vector<FunctionEntry>& entries) {
  for (const Refusal& refusal : kRefusals) {
    FunctionEntry entry;
    entry.name = refusal.name;
    entry.max_args = -1;
    entry.kind = FunctionKind::kRefused;
    entry.reason = refusal.reason;
    entries.push_back(std::move(entry));
  }
}

}  // namespace smelt::duck
