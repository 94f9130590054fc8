#include "delta/log_segment.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

#include "base/json.h"
#include "base/status.h"

namespace smelt::delta {
namespace {

constexpr size_t kVersionDigits = 20;

std::optional<int64_t> Number(std::string_view text, size_t digits) {
  if (text.size() != digits) return std::nullopt;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

bool TakeSuffix(std::string_view* text, std::string_view suffix) {
  if (text->size() < suffix.size() || text->substr(text->size() - suffix.size()) != suffix) {
    return false;
  }
  text->remove_suffix(suffix.size());
  return true;
}

// The file names of _delta_log that matter ("Delta Log Entries", "Checkpoints").
struct Listing {
  struct Parts {
    std::map<int64_t, std::string> key_of_part;  // from 1
    int64_t count = 0;
  };

  std::vector<CommitFile> commits;  // ascending
  std::map<Version, std::string> single_checkpoints;
  std::map<Version, std::vector<Parts>> multi_part_checkpoints;
  std::optional<Version> v2_checkpoint;  // the newest named by a UUID

  void Take(const storage::ObjectInfo& object, std::string_view name) {
    const auto number =
        Number(name.substr(0, std::min(name.size(), kVersionDigits)), kVersionDigits);
    if (!number) return;
    const Version version(*number);
    name.remove_prefix(kVersionDigits);
    if (name == ".json") {
      commits.push_back({version, object.key, object.size_bytes, object.modified_micros});
    } else if (name == ".checkpoint.parquet") {
      // An empty one is what a writer without atomic puts left.
      if (object.size_bytes > 0) single_checkpoints[version] = object.key;
    } else if (name.substr(0, 12) == ".checkpoint.") {
      TakeOtherCheckpoint(version, object.key, name.substr(12));
    }
  }

  // <part:10>.<parts:10>.parquet, or <uuid>.json or .parquet.
  void TakeOtherCheckpoint(Version version, const std::string& key, std::string_view name) {
    if (TakeSuffix(&name, ".parquet") && name.size() == 21 && name[10] == '.') {
      const auto part = Number(name.substr(0, 10), 10);
      const auto count = Number(name.substr(11), 10);
      if (!part || !count || *part < 1 || *part > *count) return;
      std::vector<Parts>& candidates = multi_part_checkpoints[version];
      auto it = std::find_if(candidates.begin(), candidates.end(),
                             [&](const Parts& parts) { return parts.count == *count; });
      if (it == candidates.end()) it = candidates.insert(it, Parts{{}, *count});
      it->key_of_part[*part] = key;
      return;
    }
    v2_checkpoint = version;
  }

  std::optional<CheckpointFiles> NewestCheckpoint(std::optional<Version> at) const {
    std::optional<CheckpointFiles> newest;
    const auto consider = [&](Version version, auto parts) {
      if ((at && version > *at) || (newest && newest->version >= version)) return;
      newest = CheckpointFiles{version, parts()};
    };
    for (const auto& [version, key] : single_checkpoints) {
      consider(version, [&k = key] { return std::vector<std::string>{k}; });
    }
    for (const auto& [version, candidates] : multi_part_checkpoints) {
      for (const Parts& parts : candidates) {
        // One that lacks a part is still being written, or never was finished.
        if (static_cast<int64_t>(parts.key_of_part.size()) != parts.count) continue;
        consider(version, [&parts] {
          std::vector<std::string> keys;
          for (const auto& [part, key] : parts.key_of_part) keys.push_back(key);
          return keys;
        });
      }
    }
    return newest;
  }
};

absl::StatusOr<Listing> ListLog(const Table& table, Version from) {
  const std::string folder = table.LogFolder();
  // Everything of version `from` is greater than its bare number.
  const std::string start_after = folder + fmt::format("{:020}", from.value());
  Listing listing;
  SMELT_RETURN_IF_ERROR(
      table.store->List(folder, start_after, [&](const storage::ObjectInfo& object) {
        const std::string_view name = std::string_view(object.key).substr(folder.size());
        // After the versions come "_last_checkpoint" and the folders "_sidecars",
        // "_staged_commits".
        if (name[0] > '9') return false;
        if (name.find('/') == std::string_view::npos) listing.Take(object, name);
        return true;
      }));
  return listing;
}

// The version that _last_checkpoint names; a hint, so every fault in it is only "none".
std::optional<Version> ReadHint(const Table& table) {
  const absl::StatusOr<std::string> text = table.store->Get(table.LastCheckpointKey());
  if (!text.ok()) return std::nullopt;
  const absl::StatusOr<base::Json> json = base::ParseJson(*text, "_last_checkpoint");
  if (!json.ok() || !json->is_object()) return std::nullopt;
  const int64_t version = base::IntOr(*json, "version", -1);
  if (version < 0) return std::nullopt;
  return Version(version);
}

absl::StatusOr<LogSegment> MakeSegment(const Table& table, const Listing& listing,
                                       std::optional<Version> at) {
  LogSegment segment;
  segment.checkpoint = listing.NewestCheckpoint(at);
  Version next = segment.checkpoint ? segment.checkpoint->version.Next() : Version(0);
  const bool v2_serves = listing.v2_checkpoint && (!at || *listing.v2_checkpoint <= *at);
  for (const CommitFile& commit : listing.commits) {
    if (commit.version < next) continue;
    if (at && commit.version > *at) break;
    if (commit.version != next) {
      if (v2_serves && !segment.checkpoint && segment.commits.empty()) {
        return base::Unimplemented(
            "{}: version {} has a checkpoint of format v2, which Smelt cannot read",
            table.Describe(), *listing.v2_checkpoint);
      }
      // What begins later than 0 without a checkpoint was cleaned up to there.
      if (at && !segment.checkpoint && segment.commits.empty()) {
        return base::NotFound(
            "{}: version {} cannot be read any more: the log begins with version {}",
            table.Describe(), *at, commit.version);
      }
      return base::DataLoss("{}: version {} of the log is missing; the next there is {}",
                            table.Describe(), next, commit.version);
    }
    segment.commits.push_back(commit);
    ++next;
  }
  if (!segment.checkpoint && segment.commits.empty()) {
    if (v2_serves) {
      return base::Unimplemented(
          "{}: version {} has a checkpoint of format v2, which Smelt cannot read", table.Describe(),
          *listing.v2_checkpoint);
    }
    return base::NotFound("{} is not a Delta table: its _delta_log has no commit",
                          table.Describe());
  }
  segment.version =
      segment.commits.empty() ? segment.checkpoint->version : segment.commits.back().version;
  if (at && segment.version != *at) {
    return base::NotFound("{}: there is no version {}; the newest is {}", table.Describe(), *at,
                          segment.version);
  }
  return segment;
}

}  // namespace

absl::StatusOr<LogSegment> ListLogSegment(const Table& table, std::optional<Version> at) {
  std::optional<Version> hint = ReadHint(table);
  if (hint && (!at || *hint <= *at)) {
    SMELT_ASSIGN_OR_RETURN(const Listing listing, ListLog(table, *hint));
    // The hint is believed only as far as the listing bears it out.
    const std::optional<CheckpointFiles> checkpoint = listing.NewestCheckpoint(at);
    if (checkpoint) return MakeSegment(table, listing, at);
  }
  SMELT_ASSIGN_OR_RETURN(const Listing listing, ListLog(table, Version(0)));
  return MakeSegment(table, listing, at);
}

absl::StatusOr<std::vector<CommitFile>> ListCommitsAfter(const Table& table, Version after) {
  SMELT_ASSIGN_OR_RETURN(Listing listing, ListLog(table, after.Next()));
  Version next = after.Next();
  for (const CommitFile& commit : listing.commits) {
    if (commit.version != next) {
      return base::DataLoss("{}: version {} of the log is missing; the next there is {}",
                            table.Describe(), next, commit.version);
    }
    ++next;
  }
  return std::move(listing.commits);
}

}  // namespace smelt::delta
