#include "delta/action_json.h"

#include <utility>

#include "base/json.h"
#include "base/status.h"

namespace smelt::delta {
namespace {

using base::Json;
using base::OrderedJson;

// Members come in the order in which the specification lists them.

OrderedJson MapToJson(const PartitionValues& map) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [key, value] : map)
    json[key] = value ? OrderedJson(*value) : OrderedJson(nullptr);
  return json;
}

template <typename T>
void PutOptional(OrderedJson& json, const char* name, const std::optional<T>& value) {
  if (value) json[name] = *value;
}

void PutDeletionVector(OrderedJson& json, const std::optional<DeletionVector>& vector) {
  if (!vector) return;
  OrderedJson& out = json["deletionVector"];
  out["storageType"] = vector->storage_type;
  out["pathOrInlineDv"] = vector->path_or_inline;
  PutOptional(out, "offset", vector->offset);
  out["sizeInBytes"] = vector->size_bytes;
  out["cardinality"] = vector->cardinality;
}

OrderedJson Named(const std::string& name, OrderedJson members) {
  OrderedJson json = OrderedJson::object();
  json[name] = std::move(members);
  return json;
}

struct Encoder {
  OrderedJson operator()(const Protocol& protocol) const {
    OrderedJson json;
    json["minReaderVersion"] = protocol.min_reader_version;
    json["minWriterVersion"] = protocol.min_writer_version;
    PutOptional(json, "readerFeatures", protocol.reader_features);
    PutOptional(json, "writerFeatures", protocol.writer_features);
    return Named("protocol", std::move(json));
  }

  OrderedJson operator()(const Metadata& metadata) const {
    OrderedJson json;
    json["id"] = metadata.id;
    PutOptional(json, "name", metadata.name);
    PutOptional(json, "description", metadata.description);
    json["format"]["provider"] = metadata.format_provider;
    json["format"]["options"] = OrderedJson(metadata.format_options);
    json["schemaString"] = metadata.schema_string;
    json["partitionColumns"] = metadata.partition_columns;
    json["configuration"] = OrderedJson(metadata.configuration);
    PutOptional(json, "createdTime", metadata.created_time_ms);
    return Named("metaData", std::move(json));
  }

  OrderedJson operator()(const AddFile& file) const {
    OrderedJson json;
    json["path"] = file.path;
    json["partitionValues"] = MapToJson(file.partition_values);
    json["size"] = file.size_bytes;
    json["modificationTime"] = file.modification_time_ms;
    json["dataChange"] = file.data_change;
    if (!file.stats.empty()) json["stats"] = file.stats;
    if (!file.tags.empty()) json["tags"] = MapToJson(file.tags);
    PutDeletionVector(json, file.deletion_vector);
    PutOptional(json, "baseRowId", file.base_row_id);
    PutOptional(json, "defaultRowCommitVersion", file.default_row_commit_version);
    PutOptional(json, "clusteringProvider", file.clustering_provider);
    return Named("add", std::move(json));
  }

  OrderedJson operator()(const RemoveFile& file) const {
    OrderedJson json;
    json["path"] = file.path;
    PutOptional(json, "deletionTimestamp", file.deletion_timestamp_ms);
    json["dataChange"] = file.data_change;
    json["extendedFileMetadata"] = file.extended_file_metadata;
    if (file.extended_file_metadata) {
      json["partitionValues"] = MapToJson(file.partition_values);
      PutOptional(json, "size", file.size_bytes);
      if (!file.stats.empty()) json["stats"] = file.stats;
      if (!file.tags.empty()) json["tags"] = MapToJson(file.tags);
    }
    PutDeletionVector(json, file.deletion_vector);
    PutOptional(json, "baseRowId", file.base_row_id);
    PutOptional(json, "defaultRowCommitVersion", file.default_row_commit_version);
    return Named("remove", std::move(json));
  }

  OrderedJson operator()(const AddCdcFile& file) const {
    OrderedJson json;
    json["path"] = file.path;
    json["partitionValues"] = MapToJson(file.partition_values);
    json["size"] = file.size_bytes;
    json["dataChange"] = false;
    if (!file.tags.empty()) json["tags"] = MapToJson(file.tags);
    return Named("cdc", std::move(json));
  }

  OrderedJson operator()(const SetTransaction& transaction) const {
    OrderedJson json;
    json["appId"] = transaction.app_id;
    json["version"] = transaction.version;
    PutOptional(json, "lastUpdated", transaction.last_updated_ms);
    return Named("txn", std::move(json));
  }

  OrderedJson operator()(const DomainMetadata& domain) const {
    OrderedJson json;
    json["domain"] = domain.domain;
    json["configuration"] = domain.configuration;
    json["removed"] = domain.removed;
    return Named("domainMetadata", std::move(json));
  }

  OrderedJson operator()(const CommitInfo& info) const {
    OrderedJson json = OrderedJson::object();
    PutOptional(json, "inCommitTimestamp", info.in_commit_timestamp_ms);
    PutOptional(json, "timestamp", info.timestamp_ms);
    if (!info.operation.empty()) json["operation"] = info.operation;
    json["operationParameters"] = OrderedJson(info.operation_parameters);
    PutOptional(json, "readVersion", info.read_version);
    PutOptional(json, "isolationLevel", info.isolation_level);
    PutOptional(json, "isBlindAppend", info.is_blind_append);
    if (!info.operation_metrics.empty()) {
      json["operationMetrics"] = OrderedJson(info.operation_metrics);
    }
    PutOptional(json, "userMetadata", info.user_metadata);
    if (!info.engine_info.empty()) json["engineInfo"] = info.engine_info;
    if (!info.txn_id.empty()) json["txnId"] = info.txn_id;
    if (!info.smelt.is_null()) json["smelt"] = OrderedJson(info.smelt);
    if (info.other.is_object()) {
      for (const auto& [name, value] : info.other.items()) json[name] = OrderedJson(value);
    }
    return Named("commitInfo", std::move(json));
  }

  OrderedJson operator()(const UnknownAction& action) const {
    return Named(action.name, OrderedJson::parse(action.json));
  }
};

}  // namespace

absl::StatusOr<std::string> ActionToJson(const Action& action) {
  try {
    return std::visit(Encoder(), action).dump();
  } catch (const Json::exception& error) {  // text that is not UTF-8
    return base::InvalidArgument("an action cannot be written as JSON: {}", error.what());
  }
}

absl::StatusOr<std::string> ActionsToJson(const std::vector<Action>& actions) {
  std::string text;
  for (const Action& action : actions) {
    SMELT_ASSIGN_OR_RETURN(const std::string line, ActionToJson(action));
    text += line;
    text += '\n';
  }
  return text;
}

}  // namespace smelt::delta
