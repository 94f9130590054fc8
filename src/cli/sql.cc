#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "base/status.h"
#include "cli/commands.h"
#include "cli/project_loader.h"
#include "cli/result_table.h"
#include "cli/sql_session.h"
#include "cli/table_printer.h"

namespace smelt::cli {
namespace {

struct SqlOptions {
  std::string query;
  std::string file;
  std::string format = "table";
  std::string to;
  int max_rows = 40;
};

// Ends the session's query when the user interrupts.
class InterruptWatch {
 public:
  explicit InterruptWatch(SqlSession* session)
      : thread_([session](std::stop_token stop) {
          while (!stop.stop_requested()) {
            if (*Interrupted()) session->Interrupt();
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
          }
        }) {}

 private:
  std::jthread thread_;
};

absl::Status RunStatement(const Context& context, SqlSession& session, const sql::Fragment& query,
                          TableFormat format, const SqlOptions& options) {
  if (!options.to.empty()) return session.Export(query, options.to);
  const bool is_json = format == TableFormat::kJson;
  // A person does not read more; programs get all rows.
  constexpr int64_t kMostFetched = 10'000;
  std::optional<int64_t> limit;
  if (format == TableFormat::kTable && options.max_rows > 0) {
    limit = std::max<int64_t>(kMostFetched, options.max_rows);
  }
  SMELT_ASSIGN_OR_RETURN(
      const duck::ResultRows rows,
      session.Query(query, is_json ? duck::RowFormat::kJson : duck::RowFormat::kText, limit));
  const Output& output = context.output;
  switch (format) {
    case TableFormat::kJson: {
      std::string text = "[";
      for (size_t i = 0; i < rows.rows.size(); ++i) {
        text += i == 0 ? "\n " : ",\n ";
        text += duck::RowToObject(rows.schema, rows.rows[i])
                    .dump(-1, ' ', false, base::OrderedJson::error_handler_t::replace);
      }
      output.Print(text + (rows.rows.empty() ? "]\n" : "\n]\n"));
      break;
    }
    case TableFormat::kTable:
      output.Print(
          FormatTable(ToTableData(rows), {.width = output.width(),
                                          .max_rows = options.max_rows,
                                          .colour = output.OnOut(Style::kDim, "x").size() > 1}));
      break;
    case TableFormat::kCsv:
      output.Print(FormatCsv(ToTableData(rows)));
      break;
    case TableFormat::kMarkdown:
      output.Print(FormatMarkdown(ToTableData(rows)));
      break;
  }
  return absl::OkStatus();
}

// Statements end with ';'. An error leaves the shell open.
ExitCode Shell(const Context& context, SqlSession& session, TableFormat format,
               const SqlOptions& options) {
  context.output.Note("Spark SQL; statements end with ';', end with Ctrl-D.");
  std::string text, line;
  while (true) {
    std::cerr << (text.empty() ? "smelt> " : "    -> ") << std::flush;
    if (!std::getline(std::cin, line)) break;
    text += line + "\n";
    const size_t last = text.find_last_not_of(" \t\r\n");
    if (last == std::string::npos) text.clear();
    if (text.empty() || text[last] != ';') continue;
    for (const sql::Fragment& statement : SplitStatements("query", text)) {
      const absl::Status status = RunStatement(context, session, statement, format, options);
      if (!status.ok()) context.output.Fail(status);
    }
    text.clear();
  }
  context.output.Note("");
  return kDone;
}

absl::StatusOr<std::string> ReadQueries(const SqlOptions& options, bool from_stdin) {
  std::ostringstream text;
  if (from_stdin) {
    text << std::cin.rdbuf();
  } else {
    std::ifstream stream(options.file, std::ios::binary);
    if (!stream) return base::InvalidArgument("cannot read {}", options.file);
    text << stream.rdbuf();
  }
  return text.str();
}

ExitCode Sql(const Context& context, SqlOptions options) {
  const Output& output = context.output;
  if (output.json()) options.format = "json";
  const auto format = ParseTableFormat(options.format);
  if (!format.ok()) return output.Fail(format.status());
  auto workspace = OpenLake(context);
  if (!workspace.ok()) return output.Fail(workspace.status());
  const auto session = SqlSession::Open(workspace->get(), std::filesystem::current_path());
  if (!session.ok()) return output.Fail(session.status());
  const bool has_query = !options.query.empty();
  if (!has_query && options.file.empty() && isatty(STDIN_FILENO) != 0) {
    return Shell(context, **session, *format, options);
  }
  std::string name = "query", text = options.query;
  if (!has_query) {
    const bool from_stdin = options.file.empty() || options.file == "-";
    auto read = ReadQueries(options, from_stdin);
    if (!read.ok()) return output.Fail(read.status());
    text = *std::move(read);
    name = from_stdin ? "stdin" : options.file;
  }
  WatchInterrupts();
  const InterruptWatch watch(session->get());
  for (const sql::Fragment& statement : SplitStatements(name, text)) {
    const absl::Status status = RunStatement(context, **session, statement, *format, options);
    if (!status.ok()) return output.Fail(status);
  }
  return kDone;
}

}  // namespace

void AddSql(CLI::App& app, Context& context) {
  CLI::App* const command = app.add_subcommand("sql", "Run Spark SQL over the lake's tables");
  const auto options = std::make_shared<SqlOptions>();
  command->add_option("query", options->query, "The query; without one, a shell or standard input");
  command->add_option("-f,--file", options->file, "Queries from a file, separated by ';'");
  command->add_option("--format", options->format, "table, json, csv or markdown")
      ->capture_default_str();
  command->add_option("--to", options->to, "Write the rows to a .parquet or .csv file");
  command->add_option("--max-rows", options->max_rows, "Rows that a table shows; 0: all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command->callback([&context, options] { context.exit_code = Sql(context, *options); });
}

}  // namespace smelt::cli
