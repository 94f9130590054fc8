#pragma once

// The control item: the one item of a mirrored table that is not a row. It says who may write, what
// the table holds, and which capacity is to be given back. Its key is reserved: '_smelt_control'
// for S, its bytes for B, the lowest number there is for N, in partition and sort key alike.
//
// Format: README.md. Unknown attributes are dropped when it is written; a format number above ours
// is refused.

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dynamodb/client/client.h"
#include "publish/diff.h"

namespace smelt::publish {

// What to restore, written before capacity is raised.
struct CapacityLease {
  dynamodb::Throughput before;
  int64_t raised_write_units = 0;
  int64_t expires_millis = 0;  // wall time

  friend bool operator==(const CapacityLease&, const CapacityLease&) = default;
};

struct ControlItem {
  // The lease. `beat` changes with every write of this item, so that others see the holder is
  // alive.
  int64_t epoch = 0;
  int64_t beat = 0;
  bool held = false;
  std::string owner;
  int64_t lease_millis = 0;          // its length
  int64_t lease_expires_millis = 0;  // wall time of the holder

  // What the table holds.
  std::optional<SourceState> published;
  int64_t publish_number = 0;
  int64_t item_count = 0;
  // Targets of publishes since then that did not finish.
  std::vector<SourceState> unfinished;
  // The table may be at no state we know of: the next publish writes everything.
  bool everything = false;
  // Items without a fence are being taken over.
  bool adopting = false;

  std::optional<CapacityLease> capacity;

  // The states that the items may be at; empty: unknown.
  std::vector<SourceState> Bases() const;

  friend bool operator==(const ControlItem&, const ControlItem&) = default;
};

// The reserved key, and whether an item has it.
dynamodb::Item ControlKey(const dynamodb::KeySchema& key);
bool HasControlKey(const dynamodb::KeySchema& key, const dynamodb::Item& item);

dynamodb::Item ToItem(const dynamodb::KeySchema& key, const ControlItem& control);
// kDataLoss where it is not what we write; kUnimplemented where a later version of Smelt wrote it.
absl::StatusOr<ControlItem> ParseControlItem(const dynamodb::Item& item);

// nullopt: there is none. Errors as the client's; kNotFound: no table.
absl::StatusOr<std::optional<ControlItem>> ReadControlItem(dynamodb::Client& client,
                                                           const std::string& table,
                                                           const dynamodb::KeySchema& key);

}  // namespace smelt::publish
