#pragma once

// The lake's book of a flow: LAKE/_smelt/flows/<pipeline>/<flow>/<epoch>/<N>.json is the plan entry
// of batch N, written put-if-absent before anything else of the batch; <N>.prepared lists the
// actions of every table that the batch writes and is written once all of its files are staged.
// What became of a batch is decided by the target table's log alone.
//
// Batches count from 1 in each epoch. Not thread-safe; the pipeline's lease keeps others away.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "storage/object_store.h"

namespace smelt::lake {

// Names one flow's books; also the application id of its commits.
struct FlowId {
  std::string pipeline;
  std::string flow;

  // "<pipeline>/<flow>/<epoch>": the txn application id of batches of an epoch.
  std::string ApplicationId(int64_t epoch) const;
  // The folder of the flow's books.
  std::string Folder() const;
};

// What a batch was going to do: bound inputs and all that makes it repeatable.
struct PlanEntry {
  int64_t epoch = 1;
  int64_t batch = 1;
  std::string update_id;
  int64_t timestamp_micros = 0;  // what current_timestamp() stands for
  std::string kind;              // append, upsert, replace, mirror
  std::string query;             // SQL text, parameters filled in
  std::string definition_hash;   // of all that shapes the result: query, views, rules, keys
  std::string target;            // three-level name
  base::Json inputs;             // engine/inputs_json.h

  base::Json ToJson() const;
  static absl::StatusOr<PlanEntry> FromJson(const base::Json& json, const std::string& what);
};

class FlowLog {
 public:
  FlowLog(storage::ObjectStore* store, FlowId id) : store_(store), id_(std::move(id)) {}

  const FlowId& id() const { return id_; }

  // The entry of the highest epoch's highest batch; nullopt before the first.
  absl::StatusOr<std::optional<PlanEntry>> Latest() const;
  absl::StatusOr<PlanEntry> Read(int64_t epoch, int64_t batch) const;
  // kAlreadyExists where batch N of that epoch has an entry.
  absl::Status Write(const PlanEntry& entry);

  // The prepared batch's text (lake/batch.h), nullopt where it is not prepared.
  absl::StatusOr<std::optional<std::string>> ReadPrepared(int64_t epoch, int64_t batch) const;
  absl::Status WritePrepared(int64_t epoch, int64_t batch, const std::string& text);
  absl::Status DeletePrepared(int64_t epoch, int64_t batch);

  // What the batches before `batch` found the schemas of the flow's sources to be, an object by
  // input key; empty before the first. A batch writes what its successor goes on from.
  absl::StatusOr<base::Json> ReadSourceSchemas(int64_t epoch, int64_t batch) const;
  absl::Status WriteSourceSchemas(int64_t epoch, int64_t batch, const base::Json& schemas);

 private:
  std::string EntryKey(int64_t epoch, int64_t batch) const;
  std::string PreparedKey(int64_t epoch, int64_t batch) const;
  std::string SchemasKey(int64_t epoch, int64_t batch) const;

  storage::ObjectStore* const store_;
  const FlowId id_;
};

}  // namespace smelt::lake
