#include "state/database.h"

#include <sqlite3.h>

#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace smelt::state {
namespace {

absl::StatusCode CodeOf(int result) {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::StatusCode::kUnavailable;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return absl::StatusCode::kPermissionDenied;
    case SQLITE_CONSTRAINT:
      return absl::StatusCode::kAlreadyExists;
    case SQLITE_IOERR:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::Status ErrorOf(sqlite3* connection, int result) {
  const char* file = connection == nullptr ? nullptr : sqlite3_db_filename(connection, "main");
  return base::Error(CodeOf(result), "SQLite: {} ({})",
                     connection == nullptr ? sqlite3_errstr(result) : sqlite3_errmsg(connection),
                     file == nullptr ? "no file" : file);
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)), bind_error_(other.bind_error_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  std::swap(bind_error_, other.bind_error_);
  return *this;
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::BindInt(int parameter, int64_t value) {
  bind_error_ |= sqlite3_bind_int64(statement_, parameter + 1, value);
  return *this;
}

Statement& Statement::BindText(int parameter, std::string_view value) {
  bind_error_ |= sqlite3_bind_text64(statement_, parameter + 1, value.data(), value.size(),
                                     SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

// A null pointer would bind NULL, so an empty blob needs an address.
Statement& Statement::BindBlob(int parameter, std::string_view value) {
  const void* data = value.empty() ? "" : value.data();
  bind_error_ |= sqlite3_bind_blob64(statement_, parameter + 1, data, value.size(), SQLITE_STATIC);
  return *this;
}

Statement& Statement::BindNull(int parameter) {
  bind_error_ |= sqlite3_bind_null(statement_, parameter + 1);
  return *this;
}

absl::StatusOr<bool> Statement::Step() {
  sqlite3* connection = sqlite3_db_handle(statement_);
  if (bind_error_ != SQLITE_OK) return ErrorOf(connection, bind_error_);
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return ErrorOf(connection, result);
}

absl::Status Statement::Run() {
  const absl::StatusOr<bool> row = Step();
  Reset();
  if (!row.ok()) return row.status();
  SMELT_CHECK(!*row, "a statement that was run gave a row");
  return absl::OkStatus();
}

void Statement::Reset() {
  sqlite3_reset(statement_);
  bind_error_ = SQLITE_OK;
}

int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Statement::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return {text == nullptr ? "" : text,
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Statement::Blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return {bytes == nullptr ? "" : bytes,
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

absl::StatusOr<Database> Database::Open(const std::filesystem::path& file, const Options& options) {
  sqlite3* connection = nullptr;
  const int flags =
      options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int result = sqlite3_open_v2(file.c_str(), &connection,
                                     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Database database(connection);  // to be closed even where opening failed
  if (result != SQLITE_OK) return ErrorOf(connection, result);
  sqlite3_busy_timeout(connection, options.busy_timeout_ms);
  if (!options.read_only) {
    SMELT_RETURN_IF_ERROR(database.Execute("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL"));
  }
  SMELT_RETURN_IF_ERROR(database.Execute(options.durability == Durability::kFull
                                             ? "PRAGMA synchronous = FULL"
                                             : "PRAGMA synchronous = NORMAL"));
  // The first real look at the file: what is no database shows here.
  SMELT_RETURN_IF_ERROR(database.Execute("PRAGMA schema_version"));
  return database;
}

Database::Database(Database&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(connection_, other.connection_);
  return *this;
}

Database::~Database() {
  if (connection_ == nullptr) return;
  const int result = sqlite3_close(connection_);
  SMELT_CHECK(result == SQLITE_OK, "a statement outlives its database");
}

absl::Status Database::Execute(const std::string& sql) {
  const int result = sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : ErrorOf(connection_, result);
}

absl::StatusOr<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(connection_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (result != SQLITE_OK) return ErrorOf(connection_, result);
  SMELT_CHECK(statement != nullptr, "an empty statement was prepared");
  return Statement(statement);
}

int64_t Database::changes() const { return sqlite3_changes64(connection_); }

int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(connection_); }

absl::StatusOr<Transaction> Transaction::Begin(Database* database) {
  SMELT_RETURN_IF_ERROR(database->Execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  // A failed ROLLBACK means that SQLite has rolled back already.
  if (database_ != nullptr) database_->Execute("ROLLBACK").IgnoreError();
}

absl::Status Transaction::Commit() {
  SMELT_RETURN_IF_ERROR(database_->Execute("COMMIT"));
  database_ = nullptr;
  return absl::OkStatus();
}

}  // namespace smelt::state
