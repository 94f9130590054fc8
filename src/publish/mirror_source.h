#pragma once

// MirrorSource: turns a mirror's query into the rows to put and delete. Declared here, implemented
// by the engine that runs the query.

#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <vector>

#include "dynamodb/value/key_schema.h"
#include "engine/step.h"
#include "publish/diff.h"

namespace smelt::publish {

struct MirrorQuery {
  std::string flow;
  // What completes the names that the query uses.
  std::string default_catalog;
  std::string default_schema;
  sql::Fragment query;
  std::vector<engine::InlineView> views;
  std::vector<std::string> keys;
  // What the tables are read at: the state to publish, and each state that the DynamoDB table may
  // hold.
  std::vector<engine::Input> target;
  std::vector<std::vector<engine::Input>> bases;
};

struct MirrorRows {
  dynamodb::KeySchema key;
  int64_t rows = 0;  // of the state to publish
  std::unique_ptr<DiffSource> diff;
};

class MirrorSource {
 public:
  virtual ~MirrorSource() = default;

  // kInvalidArgument where a key is not unique, NULL or empty: before anything is written.
  virtual absl::StatusOr<MirrorRows> Open(const MirrorQuery& query) = 0;
};

}  // namespace smelt::publish
