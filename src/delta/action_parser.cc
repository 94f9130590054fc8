#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/status.h"
#include "delta/action_json.h"

namespace smelt::delta {
namespace {

using base::Json;
using simdjson::dom::element;
using simdjson::dom::object;

// Takes members out of simdjson's DOM, and remembers the first that is not what it must be.
class Reader {
 public:
  Reader(const object& from, const char* action) : from_(from), action_(action) {}

  std::string Text(const char* name) {
    std::optional<std::string> value = OptionalText(name);
    if (!value) Fail(name, "is missing");
    return value.value_or("");
  }

  std::optional<std::string> OptionalText(const char* name) {
    element value;
    if (!Find(name, &value)) return std::nullopt;
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return Fail(name, "is not text");
    return std::string(text);
  }

  int64_t Integer(const char* name) {
    std::optional<int64_t> value = OptionalInteger(name);
    if (!value) Fail(name, "is missing");
    return value.value_or(0);
  }

  std::optional<int64_t> OptionalInteger(const char* name) {
    element value;
    if (!Find(name, &value)) return std::nullopt;
    int64_t number = 0;
    if (value.get(number) == simdjson::SUCCESS) return number;
    // Some writers give times as 1.7e12.
    double real = 0;
    if (value.get(real) != simdjson::SUCCESS) return Fail(name, "is not an integer");
    if (!(real > -9.2e18 && real < 9.2e18)) return Fail(name, "is out of range");
    return static_cast<int64_t>(real);
  }

  std::optional<bool> OptionalBoolean(const char* name) {
    element value;
    if (!Find(name, &value)) return std::nullopt;
    bool flag = false;
    if (value.get(flag) != simdjson::SUCCESS) return Fail(name, "is not a boolean");
    return flag;
  }

  std::optional<std::vector<std::string>> OptionalTexts(const char* name) {
    element value;
    if (!Find(name, &value)) return std::nullopt;
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) return Fail(name, "is not an array");
    std::vector<std::string> texts;
    for (const element item : array) {
      std::string_view text;
      if (item.get(text) != simdjson::SUCCESS) return Fail(name, "holds what is not text");
      texts.emplace_back(text);
    }
    return texts;
  }

  // Text values by key; other scalars are taken as their JSON text, for writers that do not quote.
  PartitionValues Map(const char* name) {
    PartitionValues map;
    element value;
    if (!Find(name, &value)) return map;
    object members;
    if (value.get(members) != simdjson::SUCCESS) {
      Fail(name, "is not an object");
      return map;
    }
    for (const auto& [key, member] : members) {
      std::string_view text;
      if (member.is_null()) {
        map.emplace(key, std::nullopt);
      } else if (member.get(text) == simdjson::SUCCESS) {
        map.emplace(key, std::string(text));
      } else {
        map.emplace(key, simdjson::minify(member));
      }
    }
    return map;
  }

  std::map<std::string, std::string> TextMap(const char* name) {
    std::map<std::string, std::string> map;
    for (auto& [key, value] : Map(name)) {
      if (value) map.emplace(key, std::move(*value));
    }
    return map;
  }

  std::optional<object> OptionalObject(const char* name) {
    element value;
    if (!Find(name, &value)) return std::nullopt;
    object members;
    if (value.get(members) != simdjson::SUCCESS) return Fail(name, "is not an object");
    return members;
  }

  std::optional<DeletionVector> Vector() {
    const std::optional<object> members = OptionalObject("deletionVector");
    if (!members) return std::nullopt;
    Reader in(*members, "deletionVector");
    DeletionVector vector;
    vector.storage_type = in.Text("storageType");
    vector.path_or_inline = in.Text("pathOrInlineDv");
    if (const auto offset = in.OptionalInteger("offset")) {
      vector.offset = static_cast<int32_t>(*offset);
    }
    vector.size_bytes = static_cast<int32_t>(in.Integer("sizeInBytes"));
    vector.cardinality = in.Integer("cardinality");
    if (!in.status_.ok() && status_.ok()) status_ = in.status_;
    return vector;
  }

  // The statistics: as text, or, in checkpoints that hold them as columns only, from stats_parsed.
  std::string Stats() {
    if (std::optional<std::string> text = OptionalText("stats")) return *std::move(text);
    if (const std::optional<object> parsed = OptionalObject("stats_parsed")) {
      return simdjson::minify(*parsed);
    }
    return "";
  }

  const absl::Status& status() const { return status_; }

 private:
  bool Find(const char* name, element* value) const {
    return from_.at_key(name).get(*value) == simdjson::SUCCESS && !value->is_null();
  }

  std::nullopt_t Fail(const char* name, const char* what) {
    if (status_.ok()) status_ = base::DataLoss("member '{}' of '{}' {}", name, action_, what);
    return std::nullopt;
  }

  const object from_;
  const char* const action_;
  absl::Status status_;
};

Protocol ReadProtocol(Reader& in) {
  Protocol protocol;
  protocol.min_reader_version = static_cast<int>(in.Integer("minReaderVersion"));
  protocol.min_writer_version = static_cast<int>(in.Integer("minWriterVersion"));
  protocol.reader_features = in.OptionalTexts("readerFeatures");
  protocol.writer_features = in.OptionalTexts("writerFeatures");
  // Checkpoints of some writers hold empty lists where the version has none.
  if (protocol.min_reader_version < 3) protocol.reader_features.reset();
  if (protocol.min_writer_version < 7) protocol.writer_features.reset();
  return protocol;
}

Metadata ReadMetadata(Reader& in) {
  Metadata metadata;
  metadata.id = in.Text("id");
  metadata.name = in.OptionalText("name");
  metadata.description = in.OptionalText("description");
  if (const std::optional<object> format = in.OptionalObject("format")) {
    Reader inner(*format, "format");
    metadata.format_provider = inner.OptionalText("provider").value_or("parquet");
    metadata.format_options = inner.TextMap("options");
  }
  // A table of no columns has none.
  metadata.schema_string = in.OptionalText("schemaString").value_or("");
  metadata.partition_columns =
      in.OptionalTexts("partitionColumns").value_or(std::vector<std::string>());
  metadata.configuration = in.TextMap("configuration");
  metadata.created_time_ms = in.OptionalInteger("createdTime");
  return metadata;
}

AddFile ReadAdd(Reader& in) {
  AddFile file;
  file.path = in.Text("path");
  file.partition_values = in.Map("partitionValues");
  file.size_bytes = in.Integer("size");
  file.modification_time_ms = in.OptionalInteger("modificationTime").value_or(0);
  file.data_change = in.OptionalBoolean("dataChange").value_or(true);
  file.stats = in.Stats();
  file.tags = in.Map("tags");
  file.deletion_vector = in.Vector();
  file.base_row_id = in.OptionalInteger("baseRowId");
  file.default_row_commit_version = in.OptionalInteger("defaultRowCommitVersion");
  file.clustering_provider = in.OptionalText("clusteringProvider");
  return file;
}

RemoveFile ReadRemove(Reader& in) {
  RemoveFile file;
  file.path = in.Text("path");
  file.deletion_timestamp_ms = in.OptionalInteger("deletionTimestamp");
  file.data_change = in.OptionalBoolean("dataChange").value_or(true);
  file.extended_file_metadata = in.OptionalBoolean("extendedFileMetadata").value_or(false);
  file.partition_values = in.Map("partitionValues");
  file.size_bytes = in.OptionalInteger("size");
  file.stats = in.Stats();
  file.tags = in.Map("tags");
  file.deletion_vector = in.Vector();
  file.base_row_id = in.OptionalInteger("baseRowId");
  file.default_row_commit_version = in.OptionalInteger("defaultRowCommitVersion");
  return file;
}

AddCdcFile ReadCdc(Reader& in) {
  AddCdcFile file;
  file.path = in.Text("path");
  file.partition_values = in.Map("partitionValues");
  file.size_bytes = in.Integer("size");
  file.tags = in.Map("tags");
  return file;
}

SetTransaction ReadTransaction(Reader& in) {
  return {in.Text("appId"), in.Integer("version"), in.OptionalInteger("lastUpdated")};
}

DomainMetadata ReadDomain(Reader& in) {
  return {in.Text("domain"), in.Text("configuration"),
          in.OptionalBoolean("removed").value_or(false)};
}

std::optional<int64_t> TakeInteger(Json& json, const char* name) {
  const auto it = json.find(name);
  if (it == json.end() || !it->is_number_integer()) return std::nullopt;
  const auto value = it->get<int64_t>();
  json.erase(it);
  return value;
}

std::optional<std::string> TakeText(Json& json, const char* name) {
  const auto it = json.find(name);
  if (it == json.end() || !it->is_string()) return std::nullopt;
  auto value = it->get<std::string>();
  json.erase(it);
  return value;
}

std::map<std::string, std::string> TakeMap(Json& json, const char* name) {
  std::map<std::string, std::string> map;
  const auto it = json.find(name);
  if (it == json.end() || !it->is_object()) return map;
  for (const auto& [key, value] : it->items()) {
    map[key] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  json.erase(it);
  return map;
}

// commitInfo is free-form, so nothing in it is an error: a known member of another type stays among
// the others.
CommitInfo ReadCommitInfo(Json json) {
  CommitInfo info;
  info.timestamp_ms = TakeInteger(json, "timestamp");
  info.in_commit_timestamp_ms = TakeInteger(json, "inCommitTimestamp");
  info.operation = TakeText(json, "operation").value_or("");
  info.operation_parameters = TakeMap(json, "operationParameters");
  info.operation_metrics = TakeMap(json, "operationMetrics");
  info.read_version = TakeInteger(json, "readVersion");
  info.isolation_level = TakeText(json, "isolationLevel");
  if (const auto it = json.find("isBlindAppend"); it != json.end() && it->is_boolean()) {
    info.is_blind_append = it->get<bool>();
    json.erase(it);
  }
  info.engine_info = TakeText(json, "engineInfo").value_or("");
  info.txn_id = TakeText(json, "txnId").value_or("");
  info.user_metadata = TakeText(json, "userMetadata");
  if (const auto it = json.find("smelt"); it != json.end()) {
    info.smelt = *it;
    json.erase(it);
  }
  if (!json.empty()) info.other = std::move(json);
  return info;
}

absl::Status ReadAction(std::string_view name, const element& value, const ActionFilter& filter,
                        const std::function<absl::Status(Action)>& visit) {
  object members;
  if (value.get(members) != simdjson::SUCCESS) {
    return base::DataLoss("action '{}' is not an object", name);
  }
  const auto deliver = [&](const char* action, auto read) -> absl::Status {
    Reader in(members, action);
    Action result = read(in);
    SMELT_RETURN_IF_ERROR(in.status());
    return visit(std::move(result));
  };
  if (name == "add") return filter.files ? deliver("add", ReadAdd) : absl::OkStatus();
  if (name == "remove") return filter.files ? deliver("remove", ReadRemove) : absl::OkStatus();
  if (name == "cdc") return filter.files ? deliver("cdc", ReadCdc) : absl::OkStatus();
  if (name == "metaData") return deliver("metaData", ReadMetadata);
  if (name == "protocol") return deliver("protocol", ReadProtocol);
  if (name == "txn") return deliver("txn", ReadTransaction);
  if (name == "domainMetadata") return deliver("domainMetadata", ReadDomain);
  if (name != "commitInfo") {
    return visit(UnknownAction{std::string(name), simdjson::minify(value)});
  }
  if (!filter.commit_info) return absl::OkStatus();
  SMELT_ASSIGN_OR_RETURN(Json json, base::ParseJson(simdjson::minify(value), "commitInfo"));
  return visit(ReadCommitInfo(std::move(json)));
}

}  // namespace

struct ActionParser::Impl {
  simdjson::dom::parser parser;
  std::string buffer;  // with the padding that simdjson reads over

  absl::Status ParseLine(const char* line, size_t size, const ActionFilter& filter,
                         const std::function<absl::Status(Action)>& visit) {
    element document;
    const simdjson::error_code error =
        parser.parse(line, size, /*realloc_if_needed=*/false).get(document);
    if (error != simdjson::SUCCESS) return base::DataLoss("{}", simdjson::error_message(error));
    object members;
    if (document.get(members) != simdjson::SUCCESS) return base::DataLoss("not an object");
    for (const auto& [name, value] : members) {
      if (value.is_null()) continue;
      SMELT_RETURN_IF_ERROR(ReadAction(name, value, filter, visit));
    }
    return absl::OkStatus();
  }

  void Load(std::string_view text) {
    buffer.assign(text);
    buffer.append(simdjson::SIMDJSON_PADDING, '\n');
  }
};

ActionParser::ActionParser() : impl_(std::make_unique<Impl>()) {}
ActionParser::~ActionParser() = default;

absl::Status ActionParser::ParseCommit(std::string_view text, std::string_view what,
                                       const ActionFilter& filter,
                                       const std::function<absl::Status(Action)>& visit) {
  impl_->Load(text);
  const std::string_view all(impl_->buffer.data(), text.size());
  int64_t line_number = 0;
  for (size_t begin = 0; begin < all.size();) {
    const size_t end = std::min(all.find('\n', begin), all.size());
    ++line_number;
    const std::string_view line = all.substr(begin, end - begin);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      const absl::Status status = impl_->ParseLine(line.data(), line.size(), filter, visit);
      if (!status.ok()) return base::Annotate(status, "{}, line {}", what, line_number);
    }
    begin = end + 1;
  }
  return absl::OkStatus();
}

absl::Status ActionParser::ParseRow(std::string_view row, std::string_view what,
                                    const std::function<absl::Status(Action)>& visit) {
  impl_->Load(row);
  return base::Annotate(impl_->ParseLine(impl_->buffer.data(), row.size(), ActionFilter(), visit),
                        "{}", what);
}

}  // namespace smelt::delta
