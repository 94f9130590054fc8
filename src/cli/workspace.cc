#include "cli/workspace.h"

#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "base/status.h"
#include "cli/embedded_client.h"
#include "dynamodb/client/wire_client.h"

namespace smelt::cli {

// Opens the engine only when a table has a checkpoint to read or to write.
class Workspace::LazyParquet : public delta::ParquetHandler {
 public:
  explicit LazyParquet(Workspace* workspace) : workspace_(workspace) {}

  absl::Status ReadRowsAsJson(
      storage::ObjectStore& store, const std::string& key, std::span<const std::string> columns,
      const std::function<absl::Status(std::string_view row)>& visit) override {
    SMELT_ASSIGN_OR_RETURN(duck::DuckEngine * engine, workspace_->Engine());
    return engine->parquet()->ReadRowsAsJson(store, key, columns, visit);
  }

  absl::StatusOr<int64_t> WriteCheckpoint(
      storage::ObjectStore& store, const std::string& key,
      const std::function<std::optional<std::string>()>& next) override {
    SMELT_ASSIGN_OR_RETURN(duck::DuckEngine * engine, workspace_->Engine());
    return engine->parquet()->WriteCheckpoint(store, key, next);
  }

 private:
  Workspace* const workspace_;
};

absl::StatusOr<std::unique_ptr<Workspace>> Workspace::Open(
    const std::string& lake, const catalog::NameDefaults& defaults,
    const pipeline::DynamoDbEndpoint& dynamodb, const WorkspaceOptions& options) {
  if (lake.starts_with("s3://")) {
    return base::Unimplemented(
        "the lake {} lies in S3, which is not supported yet; name a folder with --lake", lake);
  }
  return std::unique_ptr<Workspace>(new Workspace(lake, defaults, dynamodb, options));
}

Workspace::Workspace(std::string lake, const catalog::NameDefaults& defaults,
                     pipeline::DynamoDbEndpoint dynamodb, const WorkspaceOptions& options)
    : lake_path_(std::move(lake)),
      endpoint_(std::move(dynamodb)),
      options_(options),
      lake_(lake_path_, options.disk),
      parquet_(std::make_unique<LazyParquet>(this)),
      catalog_(std::make_unique<catalog::Catalog>(
          delta::Table{&lake_, "", parquet_.get(), options.clock}, defaults)) {}

Workspace::~Workspace() = default;

catalog::Principal Workspace::principal() const {
  const passwd* user = getpwuid(geteuid());
  return {user ? user->pw_name : std::to_string(geteuid())};
}

std::string Workspace::EmbeddedStorePath(const std::string& lake) {
  return lake + "/_smelt/dynamodb/store.sqlite";
}

absl::StatusOr<duck::DuckEngine*> Workspace::Engine() {
  std::lock_guard lock(mutex_);
  if (engine_ == nullptr) {
    duck::DatabaseOptions options;
    options.memory_bytes = options_.memory_bytes;
    // A query without a lake leaves nothing behind; an update has made the lake before it gets
    // here.
    std::error_code error;
    options.temp_directory =
        std::filesystem::is_directory(lake_path_, error)
            ? lake_path_ + "/_smelt/tmp"
            : fmt::format("{}/smelt-{}", std::filesystem::temp_directory_path().string(), getpid());
    SMELT_ASSIGN_OR_RETURN(engine_, duck::DuckEngine::Open(options, &lake_, options_.clock));
  }
  return engine_.get();
}

absl::StatusOr<dynamodb::Client*> Workspace::DynamoDb() {
  std::lock_guard lock(mutex_);
  if (client_ != nullptr) return client_.get();
  using Kind = pipeline::DynamoDbEndpoint::Kind;
  switch (endpoint_.kind) {
    case Kind::kEmbedded: {
      dynamodb::store::StoreOptions options;
      options.clock = options_.clock;
      SMELT_ASSIGN_OR_RETURN(store_,
                             dynamodb::store::Store::Open(EmbeddedStorePath(lake_path_), options));
      client_ = std::make_unique<EmbeddedClient>(store_.get());
      break;
    }
    case Kind::kUrl: {
      SMELT_ASSIGN_OR_RETURN(client_, dynamodb::ConnectToUrl(endpoint_.url, endpoint_.region,
                                                             endpoint_.profile, options_.clock));
      break;
    }
    case Kind::kAws: {
      SMELT_ASSIGN_OR_RETURN(
          client_, dynamodb::ConnectToAws(endpoint_.region, endpoint_.profile, options_.clock));
      break;
    }
  }
  return client_.get();
}

pipeline::PlanSources Workspace::PlanSources() {
  pipeline::PlanSources sources;
  sources.catalog = catalog_.get();
  sources.principal = principal();
  sources.finder = &finder_;
  sources.dynamodb = [this] { return DynamoDb(); };
  sources.clock = options_.clock;
  return sources;
}

pipeline::RunServices Workspace::RunServices() {
  pipeline::RunServices services;
  services.plan = PlanSources();
  services.engine = [this]() -> absl::StatusOr<engine::Engine*> { return Engine(); };
  services.mirror = [this]() -> absl::StatusOr<publish::MirrorSource*> { return Engine(); };
  services.dynamodb_is_ours = endpoint_.kind == pipeline::DynamoDbEndpoint::Kind::kEmbedded;
  return services;
}

}  // namespace smelt::cli
