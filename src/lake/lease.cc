#include "lake/lease.h"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/status.h"

namespace smelt::lake {
namespace {

constexpr size_t kEpochDigits = 12;

std::string HostName() {
  char name[256] = {};
  gethostname(name, sizeof(name) - 1);
  return name;
}

// Start time of a process in clock ticks since boot (field 22 of /proc/PID/stat), which tells a
// process from a later one of the same number; empty where there is none.
std::string ProcessStart(int64_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(text.substr(name_end + 1));
  constexpr int kStartField = 20;  // counted from the field after the name
  std::string field;
  for (int i = 0; i < kStartField; ++i) fields >> field;
  return field;
}

// The boot distinguishes process numbers of one machine before and after a restart.
std::string BootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

bool HolderIsGone(const base::Json& lease) {
  if (base::StringOr(lease, "host", "") != HostName()) return false;
  if (base::StringOr(lease, "boot", "") != BootId()) return true;
  const int64_t pid = base::IntOr(lease, "pid", 0);
  return ProcessStart(pid) != base::StringOr(lease, "processStart", "");
}

std::string EpochKey(const std::string& prefix, int64_t epoch) {
  std::string digits = std::to_string(epoch);
  digits.insert(0, kEpochDigits - std::min(kEpochDigits, digits.size()), '0');
  return prefix + digits + ".json";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Lease>> Lease::Acquire(storage::ObjectStore* store,
                                                      const std::string& name,
                                                      const std::string& update_id,
                                                      base::Clock* clock,
                                                      const LeaseOptions& options) {
  const std::string prefix = "_smelt/leases/" + name + "/";
  std::vector<std::string> keys;
  SMELT_RETURN_IF_ERROR(store->List(prefix, "", [&](const storage::ObjectInfo& info) {
    keys.push_back(info.key);
    return true;
  }));
  int64_t epoch = 1;
  if (!keys.empty()) {
    const std::string& latest = keys.back();
    SMELT_ASSIGN_OR_RETURN(const std::string text, store->Get(latest));
    SMELT_ASSIGN_OR_RETURN(const base::Json holder, base::ParseJson(text, latest));
    const bool running = !holder.value("released", false) &&
                         base::IntOr(holder, "expiresAtMicros", 0) > clock->NowMicros() &&
                         !HolderIsGone(holder);
    if (running) {
      return base::FailedPrecondition(
          "update {} of {} is running since {} (process {} on {}); its lease runs until {}. Wait "
          "for it to end, or stop it",
          base::StringOr(holder, "updateId", "?"), name,
          base::FormatIsoMillis(base::IntOr(holder, "acquiredAtMicros", 0)),
          base::IntOr(holder, "pid", 0), base::StringOr(holder, "host", "?"),
          base::FormatIsoMillis(base::IntOr(holder, "expiresAtMicros", 0)));
    }
    epoch = base::IntOr(holder, "epoch", 0) + 1;
  }
  const int64_t pid = getpid();
  base::Json content = {{"epoch", epoch},
                        {"updateId", update_id},
                        {"host", HostName()},
                        {"boot", BootId()},
                        {"pid", pid},
                        {"processStart", ProcessStart(pid)},
                        {"acquiredAtMicros", clock->NowMicros()},
                        {"expiresAtMicros", clock->NowMicros() + options.duration_micros},
                        {"released", false}};
  const std::string key = EpochKey(prefix, epoch);
  const absl::Status put = store->Put(key, content.dump(), storage::PutMode::kIfAbsent);
  if (put.code() == absl::StatusCode::kAlreadyExists) {
    return base::FailedPrecondition("another update of {} has just begun; try again when it ends",
                                    name);
  }
  SMELT_RETURN_IF_ERROR(put);
  // Older leases are history that nobody reads; one that stays behind does no harm.
  for (const std::string& old : keys) store->Delete(old).IgnoreError();
  return std::unique_ptr<Lease>(new Lease(store, key, epoch, std::move(content), clock, options));
}

Lease::Lease(storage::ObjectStore* store, std::string key, int64_t epoch, base::Json content,
             base::Clock* clock, const LeaseOptions& options)
    : store_(store),
      key_(std::move(key)),
      epoch_(epoch),
      content_(std::move(content)),
      clock_(clock),
      options_(options),
      held_until_micros_(clock->MonotonicMicros() + options.duration_micros),
      renewer_([this] { RenewUntilReleased(); }) {}

Lease::~Lease() {
  {
    std::lock_guard lock(mutex_);
    released_ = true;
  }
  wake_.notify_all();
  renewer_.join();
  // A release that does not arrive costs the next update a wait at most.
  Write(true).IgnoreError();
}

absl::Status Lease::CheckHeld() const {
  if (clock_->MonotonicMicros() < held_until_micros_) return absl::OkStatus();
  return base::Aborted(
      "the lease {} ran out and could not be renewed; this update writes nothing more", key_);
}

absl::Status Lease::Write(bool released) {
  const int64_t until = clock_->MonotonicMicros() + options_.duration_micros;
  content_["expiresAtMicros"] = clock_->NowMicros() + options_.duration_micros;
  content_["released"] = released;
  SMELT_RETURN_IF_ERROR(store_->Put(key_, content_.dump(), storage::PutMode::kOverwrite));
  held_until_micros_ = until;
  return absl::OkStatus();
}

void Lease::RenewUntilReleased() {
  const auto interval = std::chrono::microseconds(options_.duration_micros / 3);
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, interval, [this] { return released_; })) {
    // A renewal that fails is tried again at the next interval, of which there are two before the
    // lease ends.
    Write(false).IgnoreError();
  }
}

}  // namespace smelt::lake
