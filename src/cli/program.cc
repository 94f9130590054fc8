#include "cli/program.h"

#include <clocale>
#include <exception>

#include "cli/commands.h"

namespace smelt::cli {

namespace {

void AddGlobalOptions(CLI::App& app, Context& context) {
  GlobalOptions& options = context.options;
  app.add_option("--project", options.project,
                 "Folder with databricks.yml (default: looked for upwards from here)");
  app.add_option("--target", options.target, "Target of the bundle (default: its default one)");
  app.add_option("--var", options.variables, "Value of a bundle variable: name=value")
      ->take_all()
      ->expected(1);
  app.add_option("--lake", options.lake, "Where the tables lie: a folder or s3://bucket/prefix");
  app.add_option("--memory", options.memory, "How much memory to use, as 512MB or 2GB");
  app.add_option_function<std::string>(
         "--output",
         [&context](const std::string& format) { context.output.set_json(format == "json"); },
         "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_flag_callback(
      "-v,--verbose", [&context] { context.output.set_verbose(true); }, "Say more");
}

}  // namespace

int RunProgram(int argc, char** argv, storage::Disk* disk) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  Context context;
  context.options.disk = disk;
  CLI::App app(
      "Turns DynamoDB tables into Delta tables that can be trusted, and mirrors them back.",
      "smelt");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", VersionText());
  AddGlobalOptions(app, context);
  AddDemo(app, context);
  AddInit(app, context);
  AddValidate(app, context);
  AddPlan(app, context);
  AddRun(app, context);
  AddSql(app, context);
  AddTable(app, context);
  AddDynamoDb(app, context);
  AddVersion(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool is_wrong = app.exit(error) != 0;
    return is_wrong ? kWrongUse : kDone;
  } catch (const std::exception& error) {
    // Nothing of ours throws; what a library lets through must not look like a crash.
    context.output.Note(std::string("error: ") + error.what());
    return kFailed;
  }
  return context.exit_code;
}

}  // namespace smelt::cli
