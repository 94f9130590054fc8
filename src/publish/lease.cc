#include "publish/lease.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "base/status.h"

namespace smelt::publish {
namespace {

using dynamodb::WriteOutcome;

constexpr int64_t kMicrosPerMilli = 1000;
constexpr int64_t kPollMicros = 1'000'000;
// Beyond the holder's lease, for what is slow between its clock and its last request.
constexpr int64_t kTakeoverMarginMicros = 1'000'000;
constexpr int64_t kTrustWallClockMicros = 600'000'000;
constexpr int64_t kFirstDelayMicros = 50'000;
constexpr int64_t kLongestDelayMicros = 1'000'000;

std::shared_ptr<const dynamodb::Expression> UnchangedSince(
    const dynamodb::KeySchema& key, const std::optional<ControlItem>& previous) {
  auto condition = std::make_shared<dynamodb::Expression>();
  if (!previous) {
    condition->text = "attribute_not_exists(#key)";
    condition->names["#key"] = key.partition.name;
    return condition;
  }
  condition->text = "#epoch = :epoch AND #beat = :beat AND #owner = :owner";
  condition->names = {{"#epoch", "epoch"}, {"#beat", "beat"}, {"#owner", "owner"}};
  condition->values.emplace(":epoch", dynamodb::Value(dynamodb::Number(previous->epoch)));
  condition->values.emplace(":beat", dynamodb::Value(dynamodb::Number(previous->beat)));
  condition->values.emplace(":owner", dynamodb::Value(previous->owner));
  return condition;
}

}  // namespace

Lease::Lease(dynamodb::Client* client, base::Clock* clock, std::string table,
             dynamodb::KeySchema key, LeaseOptions options)
    : client_(client),
      clock_(clock),
      table_(std::move(table)),
      key_(std::move(key)),
      options_(std::move(options)),
      owner_(base::RandomUuid()) {}

absl::Status Lease::CheckStop() const {
  return options_.stop.stop_requested() ? base::Cancelled("the publish into {} was stopped", table_)
                                        : absl::OkStatus();
}

absl::Status Lease::Take(const Judge& judge, const Change& change) {
  while (true) {
    SMELT_RETURN_IF_ERROR(CheckStop());
    SMELT_ASSIGN_OR_RETURN(std::optional<ControlItem> found,
                           ReadControlItem(*client_, table_, key_));
    SMELT_RETURN_IF_ERROR(judge(found));
    if (found && found->held && !options_.sole_owner) {
      SMELT_RETURN_IF_ERROR(WaitFor(*found));
      SMELT_ASSIGN_OR_RETURN(std::optional<ControlItem> now,
                             ReadControlItem(*client_, table_, key_));
      if (now != found) continue;  // given back meanwhile, with other contents
    }
    ControlItem next = found.value_or(ControlItem());
    ++next.epoch;
    next.owner = owner_;
    next.held = true;
    next.lease_millis = options_.lease_micros / kMicrosPerMilli;
    change(&next);
    return Replace(found, std::move(next), options_.patience_micros);
  }
}

absl::Status Lease::WaitFor(const ControlItem& found) {
  const int64_t expired_micros = clock_->NowMicros() - found.lease_expires_millis * kMicrosPerMilli;
  if (expired_micros > kTrustWallClockMicros) return absl::OkStatus();
  const int64_t until = clock_->MonotonicMicros() + found.lease_millis * kMicrosPerMilli +
                        client_->request_timeout_micros() + kTakeoverMarginMicros;
  while (clock_->MonotonicMicros() < until) {
    if (options_.on_wait) options_.on_wait(found);
    SMELT_RETURN_IF_ERROR(CheckStop());
    clock_->SleepMicros(kPollMicros);
    SMELT_ASSIGN_OR_RETURN(std::optional<ControlItem> now, ReadControlItem(*client_, table_, key_));
    if (!now || !now->held) return absl::OkStatus();
    if (now->epoch != found.epoch || now->beat != found.beat || now->owner != found.owner) {
      return base::Aborted(
          "another publisher ({}, epoch {}) is writing to the table {}: wait until it is done",
          now->owner, now->epoch, table_);
    }
  }
  return absl::OkStatus();
}

absl::Status Lease::Update(const Change& change) {
  ControlItem next = control_;
  change(&next);
  return Replace(control_, std::move(next), options_.patience_micros);
}

absl::Status Lease::RenewIfDue() {
  if (clock_->MonotonicMicros() < begun_micros_ + options_.lease_micros / 3) {
    return absl::OkStatus();
  }
  return Update([](ControlItem*) {});
}

absl::Status Lease::Release(const Change& change) {
  ControlItem next = control_;
  change(&next);
  next.held = false;
  return Replace(control_, std::move(next), options_.patience_micros);
}

void Lease::Abandon(const Change& change) {
  ControlItem next = control_;
  change(&next);
  next.held = false;
  Replace(control_, std::move(next), /*patience_micros=*/0).IgnoreError();
}

int64_t Lease::stop_at_micros() const {
  return begun_micros_ + options_.lease_micros - client_->request_timeout_micros();
}

absl::Status Lease::Replace(const std::optional<ControlItem>& previous, ControlItem next,
                            int64_t patience_micros) {
  const int64_t begun_micros = clock_->MonotonicMicros();
  ++next.beat;
  next.lease_expires_millis = (clock_->NowMicros() + options_.lease_micros) / kMicrosPerMilli;
  if (next.capacity) next.capacity->expires_millis = next.lease_expires_millis;

  dynamodb::WriteOp op;
  op.table = table_;
  op.item = ToItem(key_, next);
  op.condition = UnchangedSince(key_, previous);
  op.return_existing = true;
  const int64_t give_up_micros = begun_micros + patience_micros;
  for (int64_t delay = kFirstDelayMicros;; delay = std::min(delay * 2, kLongestDelayMicros)) {
    const dynamodb::WriteResult result = client_->Write(op);
    if (result.outcome == WriteOutcome::kDone) break;
    const bool may_pass = absl::IsUnavailable(result.status) || absl::IsInternal(result.status);
    if (result.outcome == WriteOutcome::kFailed && !may_pass) return result.status;
    if (result.outcome == WriteOutcome::kConditionFailed) {
      // An answer that was lost: what stands there is what we wrote.
      if (result.existing && *result.existing == op.item) break;
      return base::Aborted("another publisher took over the table {}: run again", table_);
    }
    if (clock_->MonotonicMicros() + delay > give_up_micros) {
      return base::Annotate(result.status, "writing the control item of {}", table_);
    }
    clock_->SleepMicros(delay);
  }
  control_ = std::move(next);
  begun_micros_ = begun_micros;
  return absl::OkStatus();
}

}  // namespace smelt::publish
