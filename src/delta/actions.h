#pragma once

// The actions of the Delta protocol ("Actions" in its specification) as plain data. action_json.h
// is their codec.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/strong_id.h"

namespace smelt::delta {

// A version of a table: the number of its commit, from 0.
using Version = base::StrongInt<struct VersionTag>;

// Column name -> value in the protocol's text form; nullopt is NULL (partition_values.h).
using PartitionValues = std::map<std::string, std::optional<std::string>>;
using Tags = std::map<std::string, std::optional<std::string>>;

struct Protocol {
  int min_reader_version = 1;
  int min_writer_version = 2;
  // Present exactly where the version is 3 (reader) or 7 (writer).
  std::optional<std::vector<std::string>> reader_features;
  std::optional<std::vector<std::string>> writer_features;

  friend bool operator==(const Protocol&, const Protocol&) = default;
};

struct Metadata {
  std::string id;  // a UUID that the table keeps for life
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::string format_provider = "parquet";
  std::map<std::string, std::string> format_options;
  std::string schema_string;  // schema_json.h
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> configuration;  // table properties
  std::optional<int64_t> created_time_ms;

  friend bool operator==(const Metadata&, const Metadata&) = default;
};

struct DeletionVector {
  std::string storage_type;  // "u", "i" or "p"
  std::string path_or_inline;
  std::optional<int32_t> offset;
  int32_t size_bytes = 0;
  int64_t cardinality = 0;

  friend bool operator==(const DeletionVector&, const DeletionVector&) = default;
};

struct AddFile {
  std::string path;  // as in the log: a URI, relative to the table; paths.h makes it a store's key
  PartitionValues partition_values;
  int64_t size_bytes = 0;
  int64_t modification_time_ms = 0;
  bool data_change = true;
  std::string stats;  // JSON text (stats.h); "" where there is none
  Tags tags;
  std::optional<DeletionVector> deletion_vector;
  std::optional<int64_t> base_row_id;
  std::optional<int64_t> default_row_commit_version;
  std::optional<std::string> clustering_provider;

  friend bool operator==(const AddFile&, const AddFile&) = default;
};

struct RemoveFile {
  std::string path;
  std::optional<int64_t> deletion_timestamp_ms;
  bool data_change = true;
  bool extended_file_metadata = false;  // whether the members below are meant
  PartitionValues partition_values;
  std::optional<int64_t> size_bytes;
  std::string stats;
  Tags tags;
  std::optional<DeletionVector> deletion_vector;
  std::optional<int64_t> base_row_id;
  std::optional<int64_t> default_row_commit_version;

  friend bool operator==(const RemoveFile&, const RemoveFile&) = default;
};

// A file of change data.
struct AddCdcFile {
  std::string path;
  PartitionValues partition_values;
  int64_t size_bytes = 0;
  Tags tags;

  friend bool operator==(const AddCdcFile&, const AddCdcFile&) = default;
};

// "txn": the newest version that an application has written.
struct SetTransaction {
  std::string app_id;
  int64_t version = 0;
  std::optional<int64_t> last_updated_ms;

  friend bool operator==(const SetTransaction&, const SetTransaction&) = default;
};

struct DomainMetadata {
  std::string domain;
  std::string configuration;
  bool removed = false;

  friend bool operator==(const DomainMetadata&, const DomainMetadata&) = default;
};

// What a commit says about itself. The protocol leaves it free; these are Spark's names.
struct CommitInfo {
  std::optional<int64_t> timestamp_ms;
  std::optional<int64_t> in_commit_timestamp_ms;
  std::string operation;  // "WRITE", "MERGE", "CREATE TABLE"..
  std::map<std::string, std::string>
      operation_parameters;  // "mode" -> "Append", "partitionBy" -> "[]"
  std::map<std::string, std::string> operation_metrics;  // "numOutputRows" -> "17"
  std::optional<int64_t> read_version;
  std::optional<std::string> isolation_level;
  std::optional<bool> is_blind_append;
  std::string engine_info;
  std::string txn_id;  // unique to the commit: how an ambiguous put is resolved
  std::optional<std::string> user_metadata;
  base::Json smelt;  // the batch's ledger, an object; null where there is none
  base::Json other;  // members of other writers, an object or null

  friend bool operator==(const CommitInfo&, const CommitInfo&) = default;
};

// An action this program does not know: kept by name and text. The protocol says to ignore it in
// reading.
struct UnknownAction {
  std::string name;
  std::string json;

  friend bool operator==(const UnknownAction&, const UnknownAction&) = default;
};

using Action = std::variant<Protocol, Metadata, AddFile, RemoveFile, AddCdcFile, SetTransaction,
                            DomainMetadata, CommitInfo, UnknownAction>;

// The tombstone of a file that is in the table: everything the add said, at a time.
RemoveFile RemoveOf(const AddFile& file, int64_t deletion_timestamp_ms, bool data_change = true);

}  // namespace smelt::delta
