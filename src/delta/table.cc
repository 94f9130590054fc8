#include "delta/table.h"

#include <fmt/format.h>

namespace smelt::delta {

std::string Table::Describe() const { return fmt::format("{}/{}", store->Describe(), root); }

std::string Table::LogFolder() const {
  return root.empty() ? "_delta_log/" : root + "/_delta_log/";
}

std::string Table::CommitKey(Version version) const {
  return fmt::format("{}{:020}.json", LogFolder(), version.value());
}

std::string Table::LastCheckpointKey() const { return LogFolder() + "_last_checkpoint"; }

}  // namespace smelt::delta
