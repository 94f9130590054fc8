#pragma once

// SQLite connections, statements and transactions, with errors as absl::Status.
//
// A Database is one connection. It and its statements belong to one thread at a time; several
// connections to one file may be used side by side. Statements must not outlive their Database.

#include <absl/status/statusor.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace smelt::state {

// When a commit is on disk. kFull: when it returns (data). kNormal: soon, and the file stays whole
// (what can be rebuilt).
enum class Durability { kFull, kNormal };

// A prepared statement. Parameters and columns count from 0.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  // Text and blobs are not copied: they must stay until the next Reset. Each returns *this, so that
  // binds chain.
  Statement& BindInt(int parameter, int64_t value);
  Statement& BindText(int parameter, std::string_view value);
  Statement& BindBlob(int parameter, std::string_view value);
  Statement& BindNull(int parameter);

  // True: a row is there to be read; false: done. Errors of the binds before show here.
  absl::StatusOr<bool> Step();
  // Runs a statement that gives no rows, and resets it.
  absl::Status Run();
  // Ready to be bound and stepped again.
  void Reset();

  int64_t Int(int column) const;
  // Valid until the next Step or Reset.
  std::string_view Text(int column) const;
  std::string_view Blob(int column) const;
  bool IsNull(int column) const;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  sqlite3_stmt* statement_ = nullptr;
  int bind_error_ = 0;
};

class Database {
 public:
  struct Options {
    Durability durability = Durability::kFull;
    bool read_only = false;
    int busy_timeout_ms = 5000;
  };

  // Creates the file where it is not there (unless read only), in WAL mode. kDataLoss: it is no
  // SQLite file, or damaged.
  static absl::StatusOr<Database> Open(const std::filesystem::path& file, const Options& options);

  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database();

  // Any number of statements that give no rows.
  absl::Status Execute(const std::string& sql);
  absl::StatusOr<Statement> Prepare(std::string_view sql);
  // Rows that the last INSERT, UPDATE or DELETE touched.
  int64_t changes() const;
  // The largest row id that this connection has inserted last.
  int64_t last_row_id() const;

 private:
  explicit Database(sqlite3* connection) : connection_(connection) {}

  sqlite3* connection_ = nullptr;
};

// BEGIN IMMEDIATE .. COMMIT; rolled back where it goes out of scope before Commit has succeeded.
class Transaction {
 public:
  static absl::StatusOr<Transaction> Begin(Database* database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  absl::Status Commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}

  Database* database_;  // null: over
};

}  // namespace smelt::state
