#include "delta/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/status.h"
#include "delta/action_json.h"

namespace smelt::delta {
namespace {

constexpr int64_t kDefaultInterval = 10;
constexpr int64_t kMsPerHour = 3'600'000;
constexpr int64_t kDefaultRetentionMs = 7 * 24 * kMsPerHour;

// "interval 1 week", "30 days", "interval 36 hours": what table properties hold. Anything else
// gives the default, which keeps tombstones rather than losing them.
int64_t RetentionMs(const std::string& text) {
  struct Unit {
    const char* name;
    int64_t ms;
  };
  constexpr Unit kUnits[] = {{"week", 7 * 24 * kMsPerHour},
                             {"day", 24 * kMsPerHour},
                             {"hour", kMsPerHour},
                             {"minute", 60'000},
                             {"second", 1'000},
                             {"millisecond", 1}};
  std::string_view rest = text;
  const auto skip_spaces = [&] {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  };
  skip_spaces();
  if (rest.substr(0, 8) == "interval") rest.remove_prefix(8);
  skip_spaces();
  int64_t count = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
  if (error != std::errc() || count < 0) return kDefaultRetentionMs;
  rest.remove_prefix(end - rest.data());
  skip_spaces();
  for (const Unit& unit : kUnits) {
    const std::string name = unit.name;
    if (rest == name || rest == name + "s") return count * unit.ms;
  }
  return kDefaultRetentionMs;
}

// Hands out a snapshot's actions one at a time, as lines of the log.
class Rows {
 public:
  Rows(const Snapshot& snapshot, int64_t oldest_tombstone_ms) {
    actions_.push_back(snapshot.protocol());
    actions_.push_back(snapshot.metadata());
    for (const auto& [id, transaction] : snapshot.transactions()) actions_.push_back(transaction);
    for (const auto& [name, domain] : snapshot.domains()) actions_.push_back(domain);
    files_ = &snapshot.files();
    for (const Snapshot::RemovePtr& file : snapshot.tombstones()) {
      if (file->deletion_timestamp_ms.value_or(0) > oldest_tombstone_ms)
        tombstones_.push_back(file);
    }
  }

  int64_t count() const {
    return static_cast<int64_t>(actions_.size() + files_->size() + tombstones_.size());
  }
  int64_t add_files() const { return static_cast<int64_t>(files_->size()); }

  std::optional<std::string> Next() {
    size_t at = next_++;
    if (at < actions_.size()) return Line(actions_[at]);
    at -= actions_.size();
    // In a checkpoint nothing is a change: what it says was said before.
    if (at < files_->size()) {
      AddFile file = *(*files_)[at];
      file.data_change = false;
      return Line(std::move(file));
    }
    at -= files_->size();
    if (at < tombstones_.size()) {
      RemoveFile file = *tombstones_[at];
      file.data_change = false;
      return Line(std::move(file));
    }
    return std::nullopt;
  }

  const absl::Status& status() const { return status_; }

 private:
  std::optional<std::string> Line(const Action& action) {
    absl::StatusOr<std::string> line = ActionToJson(action);
    if (line.ok()) return *std::move(line);
    status_ = line.status();
    return std::nullopt;
  }

  std::vector<Action> actions_;
  const std::vector<Snapshot::AddPtr>* files_;
  std::vector<Snapshot::RemovePtr> tombstones_;
  size_t next_ = 0;
  absl::Status status_;
};

}  // namespace

absl::Status WriteCheckpoint(const Snapshot& snapshot) {
  const Table& table = snapshot.table();
  if (table.parquet == nullptr) {
    return base::FailedPrecondition("there is no engine to write the checkpoint's Parquet with");
  }
  const int64_t retention_ms =
      RetentionMs(snapshot.Property("delta.deletedFileRetentionDuration", ""));
  Rows rows(snapshot, table.clock->NowMicros() / 1000 - retention_ms);
  const std::string key =
      fmt::format("{}{:020}.checkpoint.parquet", table.LogFolder(), snapshot.version().value());
  SMELT_ASSIGN_OR_RETURN(
      const int64_t size_bytes,
      table.parquet->WriteCheckpoint(*table.store, key, [&rows] { return rows.Next(); }));
  // Rows that could not be written ended the file early: without its hint nobody is led to it, and
  // it must not stay.
  if (!rows.status().ok()) {
    SMELT_RETURN_IF_ERROR(table.store->Delete(key));
    return rows.status();
  }
  base::OrderedJson hint;
  hint["version"] = snapshot.version().value();
  hint["size"] = rows.count();
  hint["sizeInBytes"] = size_bytes;
  hint["numOfAddFiles"] = rows.add_files();
  return table.store->Put(table.LastCheckpointKey(), hint.dump(), storage::PutMode::kOverwrite);
}

bool IsCheckpointDue(Version version, const Metadata& metadata) {
  int64_t interval = kDefaultInterval;
  const auto it = metadata.configuration.find("delta.checkpointInterval");
  if (it != metadata.configuration.end()) {
    const std::string& text = it->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), interval);
    if (error != std::errc() || interval < 1) interval = kDefaultInterval;
  }
  return version.value() > 0 && version.value() % interval == 0;
}

}  // namespace smelt::delta
