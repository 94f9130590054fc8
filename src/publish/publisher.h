#pragma once

// The mirror into DynamoDB: makes a table equal a source's rows. diff -> checks -> lease -> fenced
// conditional writes -> verification, resumable at any point; README.md has the protocol.
//
// Use: ReadPublished says at which states the table may be; the caller computes the diff from those
// to its target and calls Publish with both. Publish refuses (kAborted) where the table has moved
// on in between: read and diff again.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "dynamodb/client/client.h"
#include "publish/diff.h"
#include "publish/sink.h"

namespace smelt::publish {

struct Published {
  // The last state that was published whole and verified.
  std::optional<SourceState> state;
  // The states that the table's items may be at: `state` and the targets of later publishes that
  // did not finish. Empty: unknown, everything has to be published.
  std::vector<SourceState> bases;
  int64_t publish_number = 0;  // of `state`, counted from 1
  int64_t item_count = 0;      // at `state`
  // Capacity was raised by a publisher that is gone: GiveBackCapacity, or a publish, gives it back.
  bool capacity_expired = false;

  // Nothing to publish: the table holds exactly this state.
  bool IsAt(const SourceState& target) const {
    return bases.size() == 1 && bases[0] == target && state == target;
  }
};

// What the table's control item says; nullopt where there is no table or it was never published to.
// Writes nothing.
absl::StatusOr<std::optional<Published>> ReadPublished(dynamodb::Client& client, base::Clock& clock,
                                                       const Sink& sink);

struct Progress {
  int64_t done = 0;   // puts and deletes that took effect
  int64_t total = 0;  // of the diff
  int64_t throttled = 0;
  // Who has to give up the table first, or vanish for good; empty: nobody.
  std::string waiting_for;
};

struct PublishOptions {
  int max_in_flight = 64;
  // A publisher that vanishes blocks the next one for no longer than this and the request timeout.
  int64_t lease_micros = 60'000'000;
  // No other publisher can be alive (the embedded store's file has one owner): a lease that is
  // found is taken at once.
  bool sole_owner = false;
  // Without any write succeeding for so long, the publish gives up.
  int64_t patience_micros = 300'000'000;
  // On the caller's thread, between batches and once a second of waiting.
  std::function<void(const Progress&)> on_progress;
  std::stop_token stop;  // kCancelled, safe to run again
};

// Restores the capacity that a dead publisher had raised; OK where there is nothing to restore.
// Errors as Publish.
absl::Status GiveBackCapacity(dynamodb::Client& client, base::Clock& clock, const Sink& sink,
                              const PublishOptions& options);

struct PublishRequest {
  Sink sink;
  SourceState target;
  // What the diff was computed from: Published::bases, or empty for everything.
  std::vector<SourceState> bases;
};

struct PublishResult {
  std::string table;
  int64_t publish_number = 0;
  int64_t puts = 0;
  int64_t deletes = 0;
  int64_t unchanged = 0;
  int64_t retries = 0;  // attempts beyond the first, of the client and of the publisher
  double write_units = 0;
  bool table_created = false;
  bool verified = false;
  VerifyMode verification = VerifyMode::kFull;  // kFull or kSample
  // Found by kFull: items without a fence, which others have put there since.
  int64_t foreign_items = 0;
  // Not an error: what is left for later, such as capacity that could not be given back yet.
  std::vector<std::string> warnings;
};

// Errors: kInvalidArgument a key or a value that DynamoDB cannot hold (before the first write;
// names column and row); kFailedPrecondition refused: another key schema, items of others, too many
// deletes; kAborted another publisher has the table; kDataLoss verification failed (the next
// publish writes everything again); kResourceExhausted throttled beyond patience; kCancelled; and
// the client's own. After any of them a later publish picks up.
absl::StatusOr<PublishResult> Publish(dynamodb::Client& client, base::Clock& clock,
                                      const PublishRequest& request, const PublishOptions& options,
                                      DiffSource* diff);

}  // namespace smelt::publish
