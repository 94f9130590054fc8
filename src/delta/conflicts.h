#pragma once

// The conflict rules of transaction.h, apart from how commits are written. Pure.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "delta/actions.h"
#include "delta/changes.h"
#include "delta/pruning.h"

namespace smelt::delta {

// What of a transaction matters to others.
struct TransactionFootprint {
  bool changes_table = false;  // metadata or protocol
  bool reads_all = false;
  std::vector<FilePruner> reads;  // parts of the table that were read
  const std::vector<RemoveFile>* removed = nullptr;
  const std::vector<SetTransaction>* app_transactions = nullptr;
  const std::vector<DomainMetadata>* domains = nullptr;
};

// Why the transaction cannot be rebased over a commit that won; nullopt where it can. The pairs of
// application ids that are done already are not conflicts: FindDone is to be asked first.
std::optional<std::string> FindConflict(const TransactionFootprint& ours,
                                        const VersionChanges& winner);

// A transaction of ours that the winner has in the same or a newer version: as the winner recorded
// it.
std::optional<SetTransaction> FindDone(const std::vector<SetTransaction>& ours,
                                       const VersionChanges& winner);

}  // namespace smelt::delta
