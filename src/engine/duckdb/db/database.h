#pragma once

// One DuckDB instance and its connections, behind absl::Status: no exception of DuckDB's leaves
// this room through these classes. The header is free of duckdb.hpp, so that rooms which only run
// SQL need not pay for it.
//
// The instance is closed to the outside: no extension is installed or loaded by itself, and SQL
// reaches files only as "smelt://<store>/<key>" (store_registry.h). Times are UTC, insertion order
// is not kept (ORDER BY where it matters), and the configuration is locked once open.
//
// Database is thread-safe. A Connection or a Result belongs to one thread at a time, but Interrupt
// and Progress may be called from any. A Database outlives its connections, a Connection its
// results.

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "engine/duckdb/db/store_registry.h"

namespace duckdb {
class Connection;
class DataChunk;
class DuckDB;
class QueryResult;
struct LogicalType;
}  // namespace duckdb

namespace smelt::duck {

struct DatabaseOptions {
  // What the whole process may use; DuckDB's own limit is 65 % of it, since it goes to about 1.4
  // times its limit.
  int64_t memory_bytes = int64_t{2} << 30;
  // 0: one for each core.
  int threads = 0;
  // Where operators spill; made when first needed. Empty: nothing spills, and what does not fit
  // fails.
  std::string temp_directory;
};

// The rows of one statement, a chunk at a time. Later chunks are computed as they are asked for.
class Result {
 public:
  explicit Result(std::unique_ptr<duckdb::QueryResult> result);
  ~Result();
  Result(const Result&) = delete;
  Result& operator=(const Result&) = delete;

  const std::vector<std::string>& names() const;
  const std::vector<duckdb::LogicalType>& types() const;
  // The columns in the project's type model; an error names a column that has no Spark type.
  absl::StatusOr<base::Schema> Schema() const;
  // The next chunk, which lives until the next call; nullptr after the last one.
  absl::StatusOr<duckdb::DataChunk*> Next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Database;

class Connection {
 public:
  Connection(Database* database, std::unique_ptr<duckdb::Connection> connection);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs every statement of `sql` to its end and drops the rows.
  absl::Status Execute(const std::string& sql);
  // One statement, streaming.
  absl::StatusOr<std::unique_ptr<Result>> Query(const std::string& sql);
  // The columns that a query gives, without running it.
  absl::StatusOr<base::Schema> Describe(const std::string& query);
  // The first column of the first row, for counts; 0 where it is NULL or there is no row.
  absl::StatusOr<int64_t> QueryInt(const std::string& sql);

  // Ends what runs on this connection with kCancelled, soon.
  void Interrupt();
  // Of the running statement, 0 to 100; -1 where DuckDB cannot say.
  double ProgressPercent();

  Database& database() { return *database_; }
  duckdb::Connection& raw() { return *connection_; }

 private:
  Database* const database_;
  std::unique_ptr<duckdb::Connection> connection_;
};

class Database {
 public:
  // kFailedPrecondition where the linked library is not the DuckDB whose headers this was built
  // with.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const DatabaseOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  absl::StatusOr<std::unique_ptr<Connection>> Connect();

  // The stores that smelt:// reaches.
  StoreRegistry& stores() { return *stores_; }

  const DatabaseOptions& options() const { return options_; }
  // DuckDB's own limit: what writers budget their buffers by.
  int64_t memory_limit_bytes() const;
  int threads() const { return options_.threads; }
  // How many files a partitioned write may have open at once.
  int64_t max_open_partitions() const;

  // For registering functions.
  duckdb::DuckDB& raw() { return *database_; }

 private:
  Database(DatabaseOptions options, std::shared_ptr<StoreRegistry> stores,
           std::unique_ptr<duckdb::DuckDB> database);

  DatabaseOptions options_;
  std::shared_ptr<StoreRegistry> stores_;
  std::unique_ptr<duckdb::DuckDB> database_;
};

// "'it''s'" and "\"a\"\"b\"": text as a literal or a name in DuckDB's SQL.
std::string QuoteLiteral(const std::string& text);
std::string QuoteName(const std::string& name);

}  // namespace smelt::duck
