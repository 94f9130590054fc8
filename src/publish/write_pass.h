#pragma once

// The fenced writes of one publish: many single conditional calls in flight, those that were
// throttled or lost asked again, none begun when the lease is about to end. Used by one thread.

#include <absl/status/status.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "dynamodb/client/client.h"
#include "publish/diff.h"
#include "publish/lease.h"
#include "publish/publisher.h"
#include "publish/sink.h"
#include "publish/verification.h"

namespace smelt::publish {

class WritePass {
 public:
  // All outlive the pass. `total`: changes to come, for the progress.
  WritePass(dynamodb::Client* client, base::Clock* clock, const Sink& sink,
            const PublishOptions& options, const std::string& fence, int64_t total, Lease* lease);

  // Adds a change; writes when enough have come together.
  absl::Status Add(ItemChange change);
  // Writes all that is left.
  absl::Status Flush();

  const Written& written() const { return written_; }
  int64_t retries() const { return retries_; }
  double write_units() const { return write_units_; }
  // A write may still take effect, unseen: the lease must run out by itself.
  bool has_unknown() const { return has_unknown_; }

 private:
  // One round over what is pending; what has to be asked again stays pending.
  absl::Status WriteRound();
  // As many writes a round as the table takes: twice what got through while it throttles, more and
  // more when it does not.
  void AdaptWindow(int64_t done, int64_t throttled);
  absl::Status TakeResult(dynamodb::WriteOp op, dynamodb::WriteResult result);
  absl::Status Fenced(const dynamodb::WriteOp& op, const dynamodb::WriteResult& result) const;
  void Report();

  dynamodb::Client* const client_;
  base::Clock* const clock_;
  const Sink& sink_;
  const PublishOptions& options_;
  const std::string fence_;
  Lease* const lease_;
  const std::shared_ptr<const dynamodb::Expression> condition_;
  const size_t batch_size_;
  size_t window_;  // operations of the next round, at most batch_size_

  std::vector<dynamodb::WriteOp> pending_;
  Written written_;
  Progress progress_;
  int64_t retries_ = 0;
  double write_units_ = 0;
  bool has_unknown_ = false;
  absl::Status last_trouble_;
  int64_t last_success_micros_;  // monotonic
  int64_t fruitless_rounds_ = 0;
  std::mt19937_64 random_{std::random_device{}()};
};

}  // namespace smelt::publish
