#include "engine/inputs_json.h"

#include "base/status.h"

namespace smelt::engine {
namespace {

constexpr char kWhat[] = "the inputs of a plan entry";

base::Json ToJson(const TableVersion& at) {
  return {{"table", at.table},
          {"location", at.location},
          {"tableId", at.table_id},
          {"version", at.version}};
}

absl::StatusOr<TableVersion> TableVersionFrom(const base::Json& json) {
  TableVersion at;
  SMELT_ASSIGN_OR_RETURN(at.table, base::StringField(json, "table", kWhat));
  SMELT_ASSIGN_OR_RETURN(at.location, base::StringField(json, "location", kWhat));
  SMELT_ASSIGN_OR_RETURN(at.table_id, base::StringField(json, "tableId", kWhat));
  SMELT_ASSIGN_OR_RETURN(at.version, base::IntField(json, "version", kWhat));
  return at;
}

base::Json FilesToJson(const std::vector<FilesInput::File>& files) {
  base::Json json = base::Json::array();
  for (const FilesInput::File& file : files) {
    json.push_back({file.path, file.size_bytes, file.modified_micros});
  }
  return json;
}

absl::StatusOr<std::vector<FilesInput::File>> FilesFrom(const base::Json& json) {
  std::vector<FilesInput::File> files;
  for (const base::Json& file : json) {
    if (!file.is_array() || file.size() != 3 || !file[0].is_string() ||
        !file[1].is_number_integer() || !file[2].is_number_integer()) {
      return base::DataLoss("{}: a file is not [path, size, time]", kWhat);
    }
    files.push_back({file[0].get<std::string>(), file[1].get<int64_t>(), file[2].get<int64_t>()});
  }
  return files;
}

base::Json SourceToJson(const TableInput& input) {
  return {{"kind", "table"}, {"at", ToJson(input.at)}};
}

base::Json SourceToJson(const StreamInput& input) {
  return {{"kind", "stream"},
          {"at", ToJson(input.at)},
          {"afterVersion", input.after_version},
          {"skipChangeCommits", input.skip_change_commits}};
}

base::Json SourceToJson(const ExportInput& input) {
  return {{"kind", "export"},
          {"prefix", input.prefix},
          {"table", input.table},
          {"options", input.options},
          {"exportIds", input.export_ids},
          {"takenIds", input.taken_ids},
          {"itemCount", input.item_count},
          {"sizeBytes", input.size_bytes}};
}

base::Json SourceToJson(const FilesInput& input) {
  return {{"kind", "files"},
          {"path", input.path},
          {"options", input.options},
          {"files", FilesToJson(input.files)},
          {"takenFiles", FilesToJson(input.taken_files)},
          {"stream", input.is_stream}};
}

absl::StatusOr<Input> InputFrom(const base::Json& json) {
  Input input;
  SMELT_ASSIGN_OR_RETURN(input.key, base::StringField(json, "key", kWhat));
  SMELT_ASSIGN_OR_RETURN(const std::string kind, base::StringField(json, "kind", kWhat));
  const base::Json options = json.value("options", base::Json::object());
  if (kind == "table") {
    SMELT_ASSIGN_OR_RETURN(TableVersion at, TableVersionFrom(json.value("at", base::Json())));
    input.source = TableInput{std::move(at)};
  } else if (kind == "stream") {
    StreamInput stream;
    SMELT_ASSIGN_OR_RETURN(stream.at, TableVersionFrom(json.value("at", base::Json())));
    SMELT_ASSIGN_OR_RETURN(stream.after_version, base::IntField(json, "afterVersion", kWhat));
    stream.skip_change_commits = json.value("skipChangeCommits", false);
    input.source = std::move(stream);
  } else if (kind == "export") {
    ExportInput exports;
    SMELT_ASSIGN_OR_RETURN(exports.prefix, base::StringField(json, "prefix", kWhat));
    SMELT_ASSIGN_OR_RETURN(exports.table, base::StringField(json, "table", kWhat));
    exports.options = options.get<std::map<std::string, std::string>>();
    exports.export_ids = json.value("exportIds", std::vector<std::string>());
    exports.taken_ids = json.value("takenIds", std::vector<std::string>());
    exports.item_count = base::IntOr(json, "itemCount", 0);
    exports.size_bytes = base::IntOr(json, "sizeBytes", 0);
    input.source = std::move(exports);
  } else if (kind == "files") {
    FilesInput files;
    SMELT_ASSIGN_OR_RETURN(files.path, base::StringField(json, "path", kWhat));
    files.options = options.get<std::map<std::string, std::string>>();
    SMELT_ASSIGN_OR_RETURN(files.files, FilesFrom(json.value("files", base::Json::array())));
    SMELT_ASSIGN_OR_RETURN(files.taken_files,
                           FilesFrom(json.value("takenFiles", base::Json::array())));
    files.is_stream = json.value("stream", false);
    input.source = std::move(files);
  } else {
    return base::DataLoss("{}: unknown kind '{}'", kWhat, kind);
  }
  return input;
}

}  // namespace

base::Json InputsToJson(const std::vector<Input>& inputs) {
  base::Json json = base::Json::array();
  for (const Input& input : inputs) {
    base::Json one =
        std::visit([](const auto& source) { return SourceToJson(source); }, input.source);
    one["key"] = input.key;
    json.push_back(std::move(one));
  }
  return json;
}

absl::StatusOr<std::vector<Input>> InputsFromJson(const base::Json& json) {
  std::vector<Input> inputs;
  try {
    for (const base::Json& one : json) {
      SMELT_ASSIGN_OR_RETURN(Input input, InputFrom(one));
      inputs.push_back(std::move(input));
    }
  } catch (const base::Json::exception& error) {
    return base::DataLoss("{}: {}", kWhat, error.what());
  }
  return inputs;
}

}  // namespace smelt::engine
