#include "engine/outcome.h"

#include <utility>

#include "base/status.h"

namespace smelt::engine {
namespace {

// Every count of a ledger under its name in the log.
constexpr std::pair<const char*, int64_t Ledger::*> kCounts[] = {
    {"epoch", &Ledger::epoch},
    {"batch", &Ledger::batch},
    {"input", &Ledger::input},
    {"source", &Ledger::source},
    {"output", &Ledger::output},
    {"inserted", &Ledger::inserted},
    {"updated", &Ledger::updated},
    {"deleted", &Ledger::deleted},
    {"superseded", &Ledger::superseded},
    {"dropped", &Ledger::dropped},
    {"quarantined", &Ledger::quarantined},
    {"passedAll", &Ledger::passed_all},
    {"filesAdded", &Ledger::files_added},
    {"filesRemoved", &Ledger::files_removed},
    {"bytesWritten", &Ledger::bytes_written},
};

}  // namespace

base::Json Ledger::ToJson() const {
  base::Json json = {{"updateId", update_id}, {"flow", flow}};
  for (const auto& [name, member] : kCounts) json[name] = this->*member;
  json["expectations"] = base::Json::array();
  for (const ExpectationCounts& counts : expectations) {
    json["expectations"].push_back({{"name", counts.name},
                                    {"action", counts.action},
                                    {"passed", counts.passed},
                                    {"failed", counts.failed},
                                    {"firstRejected", counts.first_rejected}});
  }
  return json;
}

absl::StatusOr<Ledger> Ledger::FromJson(const base::Json& json) {
  if (!json.is_object()) return base::DataLoss("a commit's ledger is not an object");
  Ledger ledger;
  ledger.update_id = base::StringOr(json, "updateId", "");
  ledger.flow = base::StringOr(json, "flow", "");
  for (const auto& [name, member] : kCounts) {
    SMELT_ASSIGN_OR_RETURN(ledger.*member, base::IntField(json, name, "a commit's ledger"));
  }
  for (const base::Json& counts : json.value("expectations", base::Json::array())) {
    ledger.expectations.push_back(
        {base::StringOr(counts, "name", ""), base::StringOr(counts, "action", ""),
         base::IntOr(counts, "passed", 0), base::IntOr(counts, "failed", 0),
         base::IntOr(counts, "firstRejected", 0)});
  }
  return ledger;
}

absl::Status Ledger::Check(bool is_upsert) const {
  const int64_t kept = is_upsert ? inserted + updated + deleted + superseded : output;
  const int64_t accounted = kept + dropped + quarantined;
  if (input == accounted) return absl::OkStatus();
  return base::Internal(
      "the ledger of flow {} batch {} does not add up: {} rows came in, {} are accounted for ({} "
      "kept, {} dropped, {} quarantined); nothing was committed",
      flow, batch, input, accounted, kept, dropped, quarantined);
}

}  // namespace smelt::engine
