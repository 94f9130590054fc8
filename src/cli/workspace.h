#pragma once

// Workspace: a project opened for one command: its lake, its catalog, its engine and its DynamoDB,
// wired together. The one place that names implementations. Engine and DynamoDB are opened when
// first asked for, so that a command that needs neither does not pay for them. Thread-safe after
// Open; objects it hands out live as long as it does.

#include <absl/status/statusor.h>

#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "catalog/catalog.h"
#include "dynamodb/client/client.h"
#include "dynamodb/store/store.h"
#include "engine/duckdb/duck_engine.h"
#include "engine/duckdb/sources/source_finder.h"
#include "pipeline/project.h"
#include "pipeline/run.h"
#include "storage/disk.h"
#include "storage/disk_store.h"

namespace smelt::cli {

struct WorkspaceOptions {
  int64_t memory_bytes = int64_t{2} << 30;
  // What the lake's files are written through; a test's disk can forget what was not synced.
  storage::Disk* disk = storage::PosixDisk::Get();
  base::Clock* clock = base::Clock::Real();
};

class Workspace {
 public:
  // `lake`: a folder; s3:// is kUnimplemented by name.
  static absl::StatusOr<std::unique_ptr<Workspace>> Open(const std::string& lake,
                                                         const catalog::NameDefaults& defaults,
                                                         const pipeline::DynamoDbEndpoint& dynamodb,
                                                         const WorkspaceOptions& options);
  ~Workspace();

  const std::string& lake_path() const { return lake_path_; }
  storage::ObjectStore* lake() { return &lake_; }
  catalog::Catalog& catalog() { return *catalog_; }
  catalog::Principal principal() const;

  absl::StatusOr<duck::DuckEngine*> Engine();
  // Embedded, at a URL, or AWS, as the target says.
  absl::StatusOr<dynamodb::Client*> DynamoDb();
  // The embedded store's file of a lake.
  static std::string EmbeddedStorePath(const std::string& lake);

  pipeline::PlanSources PlanSources();
  pipeline::RunServices RunServices();

 private:
  class LazyParquet;

  Workspace(std::string lake, const catalog::NameDefaults& defaults,
            pipeline::DynamoDbEndpoint dynamodb, const WorkspaceOptions& options);

  const std::string lake_path_;
  const pipeline::DynamoDbEndpoint endpoint_;
  const WorkspaceOptions options_;
  storage::DiskStore lake_;
  duck::DiskSourceFinder finder_;
  std::unique_ptr<LazyParquet> parquet_;
  std::unique_ptr<catalog::Catalog> catalog_;

  std::mutex mutex_;  // guards what follows
  std::unique_ptr<duck::DuckEngine> engine_;
  std::unique_ptr<dynamodb::store::Store> store_;
  std::unique_ptr<dynamodb::Client> client_;
};

}  // namespace smelt::cli
