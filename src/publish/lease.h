#pragma once

// The lease on a mirrored table: who holds it may write until stop_at_micros. It lives in the
// control item, whose every write is conditional on the one before, so two holders cannot both
// believe in it for longer than it lasts.
//
// A holder that vanished is waited for by our own monotonic clock: its control item must stand
// still for its lease and a request timeout longer. Only where its expiry is ten minutes past is
// the wall clock believed instead.
//
// Used by one thread.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "dynamodb/client/client.h"
#include "publish/control_item.h"

namespace smelt::publish {

struct LeaseOptions {
  int64_t lease_micros = 60'000'000;
  bool sole_owner = false;  // see PublishOptions
  int64_t patience_micros = 300'000'000;
  std::stop_token stop;
  // Called once a second while the holder is waited for.
  std::function<void(const ControlItem& holder)> on_wait;
};

class Lease {
 public:
  // Judges the control item as it is found (nullopt: there is none) before the lease is taken. Not
  // OK: it is not taken.
  using Judge = std::function<absl::Status(const std::optional<ControlItem>& found)>;
  using Change = std::function<void(ControlItem*)>;

  // Client and clock outlive the lease.
  Lease(dynamodb::Client* client, base::Clock* clock, std::string table, dynamodb::KeySchema key,
        LeaseOptions options);

  // Waits until the lease is free, judges what it finds, and takes it with `change` made to the
  // control item, in one conditional write. kAborted: another publisher is at work.
  absl::Status Take(const Judge& judge, const Change& change);

  // Changes the control item and begins the lease anew. kAborted: it was taken over.
  absl::Status Update(const Change& change);
  // Begins the lease anew when a third of it has passed.
  absl::Status RenewIfDue();
  // Changes the control item and gives the lease back.
  absl::Status Release(const Change& change);

  // The same after a failure: tried once, for the sake of the next publisher, who otherwise waits
  // until the lease is over.
  void Abandon(const Change& change);

  // By Clock::MonotonicMicros: a request that begins before this cannot take effect after the
  // lease's end.
  int64_t stop_at_micros() const;
  const ControlItem& control() const { return control_; }
  bool held() const { return control_.held; }

 private:
  // Sleeps until `found` is no longer another's; kAborted where its holder shows life.
  absl::Status WaitFor(const ControlItem& found);
  // Writes `next` over `previous` (nullopt: over nothing), asking again until it is clear what
  // became of it.
  absl::Status Replace(const std::optional<ControlItem>& previous, ControlItem next,
                       int64_t patience_micros);
  absl::Status CheckStop() const;

  dynamodb::Client* const client_;
  base::Clock* const clock_;
  const std::string table_;
  const dynamodb::KeySchema key_;
  const LeaseOptions options_;
  const std::string owner_;
  ControlItem control_;
  int64_t begun_micros_ = 0;  // monotonic
};

}  // namespace smelt::publish
