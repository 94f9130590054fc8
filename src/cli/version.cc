#include <fmt/format.h>

#include "cli/commands.h"

namespace smelt::cli {

std::string VersionText() { return "smelt " SMELT_VERSION; }

void AddVersion(CLI::App& app, Context& context) {
  CLI::App* const command =
      app.add_subcommand("version", "Show the versions of smelt and its parts");
  command->callback([&context] {
    if (context.output.json()) {
      context.output.PrintJson(
          {{"version", SMELT_VERSION}, {"duckdb_source_id", SMELT_DUCKDB_SOURCE_ID}});
    } else {
      context.output.Print(
          fmt::format("{}\nDuckDB source {}\n", VersionText(), SMELT_DUCKDB_SOURCE_ID));
    }
  });
}

}  // namespace smelt::cli
