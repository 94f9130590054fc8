#pragma once

// A lease in the lake: at most one update of a pipeline at a time, on whichever machine. Files
// LAKE/_smelt/leases/<name>/<epoch>.json, put-if-absent, so that of two takers one loses; the
// highest epoch holds. A holder renews before its lease expires and stops writing when it could
// not. A lease whose process is gone from this machine is taken over at once; one of another
// machine after it expired.
//
// The lease keeps updates from wasting work on each other; what keeps tables right even if it fails
// is the txn action of every commit. Thread-safe.

#include <absl/status/statusor.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/json.h"
#include "storage/object_store.h"

namespace smelt::lake {

struct LeaseOptions {
  int64_t duration_micros = 60'000'000;
};

class Lease {
 public:
  // kFailedPrecondition, naming the holder, where somebody else's lease runs.
  static absl::StatusOr<std::unique_ptr<Lease>> Acquire(storage::ObjectStore* store,
                                                        const std::string& name,
                                                        const std::string& update_id,
                                                        base::Clock* clock,
                                                        const LeaseOptions& options = {});
  // Releases.
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  int64_t epoch() const { return epoch_; }
  // kAborted once the lease has run out without having been renewed: write nothing more.
  absl::Status CheckHeld() const;

 private:
  Lease(storage::ObjectStore* store, std::string key, int64_t epoch, base::Json content,
        base::Clock* clock, const LeaseOptions& options);
  absl::Status Write(bool released);
  void RenewUntilReleased();

  storage::ObjectStore* const store_;
  const std::string key_;
  const int64_t epoch_;
  base::Json content_;
  base::Clock* const clock_;
  const LeaseOptions options_;
  std::atomic<int64_t> held_until_micros_;  // on the monotonic clock

  std::mutex mutex_;
  std::condition_variable wake_;
  bool released_ = false;
  std::thread renewer_;
};

}  // namespace smelt::lake
