#pragma once

// Ad-hoc Spark SQL over a lake's tables, tables by path (delta.`/path`), earlier versions (VERSION
// AS OF) and files. What a query names is bound to one version when the query begins. Belongs to
// one thread.

#include <absl/status/statusor.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/workspace.h"
#include "engine/duckdb/db/result_rows.h"
#include "sql/fragment.h"

namespace smelt::cli {

// A Delta table that is named by where it lies.
struct PathTable {
  std::unique_ptr<storage::DiskStore> store;  // of the folder above
  delta::Table table;
};
// kInvalidArgument for a location that is not on this machine.
absl::StatusOr<PathTable> OpenPathTable(const std::string& path, delta::ParquetHandler* parquet);

class SqlSession {
 public:
  // The workspace outlives the session. Paths in queries are relative to `folder`.
  static absl::StatusOr<std::unique_ptr<SqlSession>> Open(Workspace* workspace,
                                                          std::filesystem::path folder);
  ~SqlSession();

  // Errors in the text show it, with a caret.
  absl::StatusOr<duck::ResultRows> Query(const sql::Fragment& query, duck::RowFormat format,
                                         std::optional<int64_t> limit);
  // Writes the rows into a .parquet or .csv file.
  absl::Status Export(const sql::Fragment& query, const std::filesystem::path& file);

  // Ends what runs; from any thread.
  void Interrupt();

 private:
  class Binding;

  SqlSession(Workspace* workspace, duck::DuckEngine* engine, std::filesystem::path folder)
      : workspace_(workspace), engine_(engine), folder_(std::move(folder)) {}

  Workspace* const workspace_;
  duck::DuckEngine* const engine_;
  const std::filesystem::path folder_;
  std::unique_ptr<duck::Connection> connection_;
};

// The statements of a text, separated by ';', without those that are empty.
std::vector<sql::Fragment> SplitStatements(const std::string& name, const std::string& text);

}  // namespace smelt::cli
