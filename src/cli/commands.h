#pragma once

// The commands. Each lies in its own file and adds itself to the program; when it is chosen it
// runs, writes to context.output and leaves context.exit_code.

#include <CLI/CLI.hpp>

#include "cli/context.h"

namespace smelt::cli {

void AddDemo(CLI::App& app, Context& context);
void AddInit(CLI::App& app, Context& context);
void AddValidate(CLI::App& app, Context& context);
void AddPlan(CLI::App& app, Context& context);
void AddRun(CLI::App& app, Context& context);
void AddSql(CLI::App& app, Context& context);
void AddTable(CLI::App& app, Context& context);
void AddDynamoDb(CLI::App& app, Context& context);
void AddVersion(CLI::App& app, Context& context);

// "smelt 0.1.0", for version and --version.
std::string VersionText();

}  // namespace smelt::cli
