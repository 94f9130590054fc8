#include "engine/duckdb/db/database.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <duckdb.hpp>
#include <duckdb/common/virtual_file_system.hpp>
#include <duckdb/main/client_config.hpp>
#include <duckdb/main/pending_query_result.hpp>
#include <duckdb/main/prepared_statement.hpp>
#include <duckdb/main/stream_query_result.hpp>
#include <filesystem>
#include <thread>

#include "base/status.h"
#include "engine/duckdb/db/error.h"
#include "engine/duckdb/db/store_file_system.h"
#include "engine/duckdb/db/type_mapping.h"

namespace smelt::duck {
namespace {

// DuckDB goes to about 1.4 times its limit.
constexpr int64_t kMemoryPercent = 65;
// What a partition that is being written holds, at least.
constexpr int64_t kBytesPerOpenPartition = 256 * 1024;

// A quarter of the memory, half of the file descriptors.
int64_t MaxOpenPartitions(int64_t memory_limit_bytes) {
  rlimit files{};
  const int64_t descriptors =
      getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY
          ? static_cast<int64_t>(files.rlim_cur)
          : 1024;
  return std::clamp<int64_t>(memory_limit_bytes / 4 / kBytesPerOpenPartition, 16,
                             std::clamp<int64_t>(descriptors / 2, 16, 4096));
}

absl::StatusOr<base::Schema> ToSchema(const duckdb::vector<std::string>& names,
                                      const duckdb::vector<duckdb::LogicalType>& types) {
  base::Schema schema;
  for (size_t i = 0; i < names.size(); ++i) {
    SMELT_ASSIGN_OR_RETURN(base::DataType type, FromLogicalType(types[i], names[i]));
    schema.push_back({.name = names[i], .type = std::move(type), .nullable = true, .metadata = {}});
  }
  return schema;
}

void Configure(const DatabaseOptions& options, int64_t memory_limit_bytes,
               duckdb::DBConfig& config) {
  config.options.maximum_memory = static_cast<duckdb::idx_t>(memory_limit_bytes);
  config.options.maximum_threads = static_cast<duckdb::idx_t>(options.threads);
  config.options.use_temporary_directory = !options.temp_directory.empty();
  config.options.allowed_directories.insert(std::string(kStoreScheme));
  if (!options.temp_directory.empty()) {
    const std::filesystem::path folder = std::filesystem::absolute(options.temp_directory);
    config.options.temporary_directory = folder.string();
    // Spilling goes the way that external access is closed to. The leaf is made and removed by
    // DuckDB.
    config.AddAllowedDirectory(folder.string());
    std::error_code ignored;  // DuckDB says what is wrong when it comes to spill
    std::filesystem::create_directories(folder.parent_path(), ignored);
  }
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, duckdb::Value>>{
           {"enable_external_access", false},
           {"autoinstall_known_extensions", false},
           {"autoload_known_extensions", false},
           {"allow_community_extensions", false},
           {"preserve_insertion_order", false},
           // Data files are in the page cache already; a second copy would count against the limit.
           {"enable_external_file_cache", false},
           {"partitioned_write_max_open_files",
            duckdb::Value::UBIGINT(static_cast<uint64_t>(MaxOpenPartitions(memory_limit_bytes)))},
       }) {
    config.SetOptionByName(name, value);
  }
}

// The thread that asks is one of DuckDB's workers. Where no task is left for it, DuckDB would have
// it spin until the others are done; it sleeps instead, a little longer each time.
class IdleWait {
 public:
  void Worked() { wait_ = kShortest; }
  void Idle() {
    std::this_thread::sleep_for(wait_);
    wait_ = std::min(wait_ * 2, kLongest);
  }

 private:
  static constexpr std::chrono::microseconds kShortest{20};
  static constexpr std::chrono::microseconds kLongest{1000};
  std::chrono::microseconds wait_ = kShortest;
};

absl::StatusOr<duckdb::unique_ptr<duckdb::QueryResult>> Run(duckdb::PendingQueryResult& pending) {
  IdleWait idle;
  while (!pending.HasError()) {
    const duckdb::PendingExecutionResult state = pending.ExecuteTask();
    if (duckdb::PendingQueryResult::IsResultReady(state)) break;
    if (state == duckdb::PendingExecutionResult::NO_TASKS_AVAILABLE) {
      idle.Idle();
    } else if (state == duckdb::PendingExecutionResult::BLOCKED) {
      pending.WaitForTask();
    } else {
      idle.Worked();
    }
  }
  if (pending.HasError()) return ToStatus(pending.GetErrorObject());
  auto result = pending.Execute();
  if (result->HasError()) return ToStatus(result->GetErrorObject());
  return result;
}

// Works on a stream until a chunk can be fetched. That a step found nothing to do shows in how
// short it was.
void AwaitChunk(duckdb::StreamQueryResult& stream) {
  constexpr std::chrono::microseconds kShortestTask{5};
  IdleWait idle;
  while (stream.IsOpen()) {
    const auto begin = std::chrono::steady_clock::now();
    const duckdb::StreamExecutionResult state = stream.ExecuteTask();
    if (duckdb::StreamQueryResult::IsChunkReady(state)) return;
    if (state == duckdb::StreamExecutionResult::BLOCKED) {
      stream.WaitForTask();
    } else if (std::chrono::steady_clock::now() - begin < kShortestTask) {
      idle.Idle();
    } else {
      idle.Worked();
    }
  }
}

}  // namespace

struct Result::State {
  duckdb::unique_ptr<duckdb::QueryResult> result;
  duckdb::unique_ptr<duckdb::DataChunk> chunk;
};

Result::Result(std::unique_ptr<duckdb::QueryResult> result) : state_(std::make_unique<State>()) {
  state_->result = duckdb::unique_ptr<duckdb::QueryResult>(result.release());
}
Result::~Result() = default;

const std::vector<std::string>& Result::names() const { return state_->result->names; }
const std::vector<duckdb::LogicalType>& Result::types() const { return state_->result->types; }

absl::StatusOr<base::Schema> Result::Schema() const {
  return ToSchema(state_->result->names, state_->result->types);
}

absl::StatusOr<duckdb::DataChunk*> Result::Next() {
  return CatchErrors([&]() -> absl::StatusOr<duckdb::DataChunk*> {
    do {
      if (state_->result->type == duckdb::QueryResultType::STREAM_RESULT) {
        AwaitChunk(state_->result->Cast<duckdb::StreamQueryResult>());
        if (state_->result->HasError()) return ToStatus(state_->result->GetErrorObject());
      }
      state_->chunk = state_->result->Fetch();
      if (state_->result->HasError()) return ToStatus(state_->result->GetErrorObject());
    } while (state_->chunk != nullptr && state_->chunk->size() == 0);
    return state_->chunk.get();
  });
}

Connection::Connection(Database* database, std::unique_ptr<duckdb::Connection> connection)
    : database_(database), connection_(std::move(connection)) {}
Connection::~Connection() = default;

absl::Status Connection::Execute(const std::string& sql) {
  return CatchErrors([&]() -> absl::Status {
    for (auto& statement : connection_->ExtractStatements(sql)) {
      const auto pending = connection_->PendingQuery(std::move(statement));
      SMELT_RETURN_IF_ERROR(Run(*pending).status());
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::unique_ptr<Result>> Connection::Query(const std::string& sql) {
  return CatchErrors([&]() -> absl::StatusOr<std::unique_ptr<Result>> {
    const auto pending =
        connection_->PendingQuery(sql, duckdb::QueryResultOutputType::ALLOW_STREAMING);
    SMELT_ASSIGN_OR_RETURN(auto result, Run(*pending));
    return std::make_unique<Result>(std::unique_ptr<duckdb::QueryResult>(result.release()));
  });
}

absl::StatusOr<base::Schema> Connection::Describe(const std::string& query) {
  return CatchErrors([&]() -> absl::StatusOr<base::Schema> {
    const auto statement = connection_->Prepare(query);
    if (statement->HasError()) return ToStatus(statement->GetErrorObject());
    return ToSchema(statement->GetNames(), statement->GetTypes());
  });
}

absl::StatusOr<int64_t> Connection::QueryInt(const std::string& sql) {
  return CatchErrors([&]() -> absl::StatusOr<int64_t> {
    SMELT_ASSIGN_OR_RETURN(auto result, Query(sql));
    SMELT_ASSIGN_OR_RETURN(duckdb::DataChunk * chunk, result->Next());
    if (chunk == nullptr) return 0;
    const duckdb::Value value = chunk->GetValue(0, 0);
    return value.IsNull() ? 0 : value.GetValue<int64_t>();
  });
}

void Connection::Interrupt() { connection_->Interrupt(); }

double Connection::ProgressPercent() { return connection_->GetQueryProgress(); }

Database::Database(DatabaseOptions options, std::shared_ptr<StoreRegistry> stores,
                   std::unique_ptr<duckdb::DuckDB> database)
    : options_(std::move(options)), stores_(std::move(stores)), database_(std::move(database)) {}
Database::~Database() = default;

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const DatabaseOptions& given) {
  // The first ten digits are what either of the two may be cut to.
  const std::string source_id = duckdb::DuckDB::SourceID();
  if (source_id.substr(0, 10) != std::string(SMELT_DUCKDB_SOURCE_ID).substr(0, 10)) {
    return base::FailedPrecondition(
        "the DuckDB library is {} (source {}), but this program was built with the headers of "
        "source {}: build it again with a library and headers of the same commit",
        duckdb::DuckDB::LibraryVersion(), source_id, SMELT_DUCKDB_SOURCE_ID);
  }
  DatabaseOptions options = given;
  if (options.threads <= 0) {
    options.threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  }
  return CatchErrors([&]() -> absl::StatusOr<std::unique_ptr<Database>> {
    auto stores = std::make_shared<StoreRegistry>();
    duckdb::DBConfig config;
    auto file_system = duckdb::make_uniq<duckdb::VirtualFileSystem>();
    file_system->RegisterSubSystem(
        duckdb::unique_ptr<duckdb::FileSystem>(MakeStoreFileSystem(stores).release()));
    config.file_system = std::move(file_system);
    Configure(options, options.memory_bytes * kMemoryPercent / 100, config);
    auto database = std::make_unique<duckdb::DuckDB>(nullptr, &config);
    // A setting of the ICU extension, so it can only be given once that is loaded.
    database->instance->config.SetOptionByName("TimeZone", duckdb::Value("UTC"));
    database->instance->config.SetOptionByName("lock_configuration", duckdb::Value::BOOLEAN(true));
    return std::unique_ptr<Database>(
        new Database(std::move(options), std::move(stores), std::move(database)));
  });
}

absl::StatusOr<std::unique_ptr<Connection>> Database::Connect() {
  return CatchErrors([&]() -> absl::StatusOr<std::unique_ptr<Connection>> {
    auto connection = std::make_unique<duckdb::Connection>(*database_);
    // The progress is computed, not printed.
    auto& config = duckdb::ClientConfig::GetConfig(*connection->context);
    config.enable_progress_bar = true;
    config.print_progress_bar = false;
    config.wait_time = 0;
    return std::make_unique<Connection>(this, std::move(connection));
  });
}

int64_t Database::memory_limit_bytes() const {
  return options_.memory_bytes * kMemoryPercent / 100;
}

int64_t Database::max_open_partitions() const { return MaxOpenPartitions(memory_limit_bytes()); }

std::string QuoteLiteral(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + "'";
}

std::string QuoteName(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace smelt::duck
