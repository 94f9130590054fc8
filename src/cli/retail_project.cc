#include "cli/retail_project.h"

// The files as they lie in the source tree; found through the include path, which begins at src/.
#define SMELT_EMBED(name, path)                    \
  asm(".section .rodata\n"                         \
      ".balign 16\n"                               \
      "smelt_retail_" #name                        \
      "_begin:\n"                                  \
      ".incbin \"../examples/retail/" path         \
      "\"\n"                                       \
      "smelt_retail_" #name                        \
      "_end:\n"                                    \
      ".byte 0\n"                                  \
      ".previous\n");                              \
  extern "C" {                                     \
  extern const char smelt_retail_##name##_begin[]; \
  extern const char smelt_retail_##name##_end[];   \
  }

SMELT_EMBED(readme, "README.md")
SMELT_EMBED(bundle, "databricks.yml")
SMELT_EMBED(machine, "smelt.yml")
SMELT_EMBED(bronze, "transformations/1_bronze.sql")
SMELT_EMBED(silver, "transformations/2_silver.sql")
SMELT_EMBED(gold, "transformations/3_gold.sql")
SMELT_EMBED(publish, "transformations/4_publish.sql")
SMELT_EMBED(notice, "data/NOTICE")
#undef SMELT_EMBED

namespace smelt::cli {
namespace {

std::string_view Text(const char* begin, const char* end) {
  return {begin, static_cast<size_t>(end - begin)};
}

}  // namespace

const std::vector<ProjectFile>& RetailProject() {
  static const auto* const files = new std::vector<ProjectFile>{
      {"README.md", Text(smelt_retail_readme_begin, smelt_retail_readme_end)},
      {"databricks.yml", Text(smelt_retail_bundle_begin, smelt_retail_bundle_end)},
      {"smelt.yml", Text(smelt_retail_machine_begin, smelt_retail_machine_end)},
      {"transformations/1_bronze.sql", Text(smelt_retail_bronze_begin, smelt_retail_bronze_end)},
      {"transformations/2_silver.sql", Text(smelt_retail_silver_begin, smelt_retail_silver_end)},
      {"transformations/3_gold.sql", Text(smelt_retail_gold_begin, smelt_retail_gold_end)},
      {"transformations/4_publish.sql", Text(smelt_retail_publish_begin, smelt_retail_publish_end)},
      {"data/NOTICE", Text(smelt_retail_notice_begin, smelt_retail_notice_end)},
  };
  return *files;
}

}  // namespace smelt::cli
