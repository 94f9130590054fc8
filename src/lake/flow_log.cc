#include "lake/flow_log.h"

#include "base/check.h"
#include "base/status.h"

namespace smelt::lake {
namespace {

// Zero-padded so that the byte order of keys is the order of numbers.
std::string Padded(int64_t number) { return fmt::format("{:012}", number); }

}  // namespace

std::string FlowId::ApplicationId(int64_t epoch) const {
  return fmt::format("{}/{}/{}", pipeline, flow, epoch);
}

std::string FlowId::Folder() const { return fmt::format("_smelt/flows/{}/{}/", pipeline, flow); }

base::Json PlanEntry::ToJson() const {
  return {{"epoch", epoch},
          {"batch", batch},
          {"updateId", update_id},
          {"timestampMicros", timestamp_micros},
          {"kind", kind},
          {"query", query},
          {"definitionHash", definition_hash},
          {"target", target},
          {"inputs", inputs}};
}

absl::StatusOr<PlanEntry> PlanEntry::FromJson(const base::Json& json, const std::string& what) {
  PlanEntry entry;
  SMELT_ASSIGN_OR_RETURN(entry.epoch, base::IntField(json, "epoch", what));
  SMELT_ASSIGN_OR_RETURN(entry.batch, base::IntField(json, "batch", what));
  SMELT_ASSIGN_OR_RETURN(entry.update_id, base::StringField(json, "updateId", what));
  SMELT_ASSIGN_OR_RETURN(entry.timestamp_micros, base::IntField(json, "timestampMicros", what));
  SMELT_ASSIGN_OR_RETURN(entry.kind, base::StringField(json, "kind", what));
  SMELT_ASSIGN_OR_RETURN(entry.query, base::StringField(json, "query", what));
  SMELT_ASSIGN_OR_RETURN(entry.definition_hash, base::StringField(json, "definitionHash", what));
  SMELT_ASSIGN_OR_RETURN(entry.target, base::StringField(json, "target", what));
  entry.inputs = json.value("inputs", base::Json::array());
  return entry;
}

std::string FlowLog::EntryKey(int64_t epoch, int64_t batch) const {
  return id_.Folder() + Padded(epoch) + "/" + Padded(batch) + ".json";
}

std::string FlowLog::PreparedKey(int64_t epoch, int64_t batch) const {
  return id_.Folder() + Padded(epoch) + "/" + Padded(batch) + ".prepared";
}

std::string FlowLog::SchemasKey(int64_t epoch, int64_t batch) const {
  return id_.Folder() + Padded(epoch) + "/" + Padded(batch) + ".schemas";
}

absl::StatusOr<base::Json> FlowLog::ReadSourceSchemas(int64_t epoch, int64_t batch) const {
  if (batch <= 1) return base::Json::object();
  const std::string key = SchemasKey(epoch, batch - 1);
  auto text = store_->Get(key);
  if (absl::IsNotFound(text.status())) return base::Json::object();
  SMELT_RETURN_IF_ERROR(text.status());
  return base::ParseJson(*text, key);
}

absl::Status FlowLog::WriteSourceSchemas(int64_t epoch, int64_t batch, const base::Json& schemas) {
  // The same inputs give the same schemas, so a batch that is repeated writes what is there.
  return store_->Put(SchemasKey(epoch, batch), schemas.dump(1), storage::PutMode::kOverwrite);
}

absl::StatusOr<std::optional<PlanEntry>> FlowLog::Latest() const {
  // Keys sort by epoch, then batch, so the last entry of the listing is the latest. Old entries are
  // few bytes each and tell a flow's history.
  std::string latest;
  SMELT_RETURN_IF_ERROR(store_->List(id_.Folder(), "", [&](const storage::ObjectInfo& info) {
    if (info.key.ends_with(".json")) latest = info.key;
    return true;
  }));
  if (latest.empty()) return std::nullopt;
  SMELT_ASSIGN_OR_RETURN(const std::string text, store_->Get(latest));
  SMELT_ASSIGN_OR_RETURN(const base::Json json, base::ParseJson(text, latest));
  SMELT_ASSIGN_OR_RETURN(PlanEntry entry, PlanEntry::FromJson(json, latest));
  return entry;
}

absl::StatusOr<PlanEntry> FlowLog::Read(int64_t epoch, int64_t batch) const {
  const std::string key = EntryKey(epoch, batch);
  SMELT_ASSIGN_OR_RETURN(const std::string text, store_->Get(key));
  SMELT_ASSIGN_OR_RETURN(const base::Json json, base::ParseJson(text, key));
  return PlanEntry::FromJson(json, key);
}

absl::Status FlowLog::Write(const PlanEntry& entry) {
  SMELT_CHECK(entry.epoch >= 1 && entry.batch >= 1);
  return store_->Put(EntryKey(entry.epoch, entry.batch), entry.ToJson().dump(1),
                     storage::PutMode::kIfAbsent);
}

absl::StatusOr<std::optional<std::string>> FlowLog::ReadPrepared(int64_t epoch,
                                                                 int64_t batch) const {
  auto text = store_->Get(PreparedKey(epoch, batch));
  if (absl::IsNotFound(text.status())) return std::nullopt;
  SMELT_RETURN_IF_ERROR(text.status());
  return std::optional<std::string>(*std::move(text));
}

absl::Status FlowLog::WritePrepared(int64_t epoch, int64_t batch, const std::string& text) {
  // Overwrites: a batch whose target another writer changed is prepared anew, by whoever holds the
  // lease.
  return store_->Put(PreparedKey(epoch, batch), text, storage::PutMode::kOverwrite);
}

absl::Status FlowLog::DeletePrepared(int64_t epoch, int64_t batch) {
  return store_->Delete(PreparedKey(epoch, batch));
}

}  // namespace smelt::lake
