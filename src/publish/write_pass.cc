#include "publish/write_pass.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/status.h"
#include "publish/fence.h"
#include "publish/row_item.h"

namespace smelt::publish {
namespace {

using dynamodb::WriteKind;
using dynamodb::WriteOp;
using dynamodb::WriteOutcome;
using dynamodb::WriteResult;

// Enough that the wait for a batch's slowest write does not count.
constexpr size_t kBatchPerFlight = 32;
constexpr size_t kSmallestWindow = 8;
constexpr int64_t kBackoffBaseMicros = 50'000;
// Whoever sleeps longer than a moment leaves capacity unused.
constexpr int64_t kBackoffCapMicros = 1'000'000;
// An endpoint that answers nothing but internal errors is broken rather than busy.
constexpr int64_t kFruitlessInternalRounds = 5;

// The service's 503 and 500.
bool IsWorthAsking(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsInternal(status);
}

}  // namespace

WritePass::WritePass(dynamodb::Client* client, base::Clock* clock, const Sink& sink,
                     const PublishOptions& options, const std::string& fence, int64_t total,
                     Lease* lease)
    : client_(client),
      clock_(clock),
      sink_(sink),
      options_(options),
      fence_(fence),
      lease_(lease),
      condition_(FenceCondition(sink.key, fence, lease->control().adopting)),
      batch_size_(std::max(options.max_in_flight, 1) * kBatchPerFlight),
      window_(batch_size_),
      last_success_micros_(clock->MonotonicMicros()) {
  progress_.total = total;
}

absl::Status WritePass::Add(ItemChange change) {
  WriteOp op;
  op.kind = change.kind == ChangeKind::kPut ? WriteKind::kPut : WriteKind::kDelete;
  op.table = sink_.options.table;
  op.item = std::move(change.item);
  if (op.kind == WriteKind::kPut) op.item.emplace(kFenceAttribute, dynamodb::Value(fence_));
  op.condition = condition_;
  op.return_existing = true;
  pending_.push_back(std::move(op));
  while (pending_.size() >= batch_size_) SMELT_RETURN_IF_ERROR(WriteRound());
  return absl::OkStatus();
}

absl::Status WritePass::Flush() {
  while (!pending_.empty()) SMELT_RETURN_IF_ERROR(WriteRound());
  has_unknown_ = false;  // each has been asked again until it was done
  return absl::OkStatus();
}

absl::Status WritePass::WriteRound() {
  if (options_.stop.stop_requested()) {
    return base::Cancelled("the publish into {} was stopped; the next one picks up",
                           sink_.options.table);
  }
  SMELT_RETURN_IF_ERROR(lease_->RenewIfDue());
  const auto first_left =
      pending_.begin() + static_cast<int64_t>(std::min(window_, pending_.size()));
  std::vector<WriteOp> ops(std::make_move_iterator(pending_.begin()),
                           std::make_move_iterator(first_left));
  pending_.erase(pending_.begin(), first_left);
  std::vector<WriteResult> results =
      client_->WriteMany(ops, {options_.max_in_flight, lease_->stop_at_micros()});
  const Progress before = progress_;
  absl::Status status;
  for (size_t i = 0; i < ops.size(); ++i) {
    // All are looked at, so that what was done is counted even where one of them ends the publish.
    const absl::Status one = TakeResult(std::move(ops[i]), std::move(results[i]));
    if (status.ok()) status = one;
  }
  Report();
  SMELT_RETURN_IF_ERROR(status);
  AdaptWindow(progress_.done - before.done, progress_.throttled - before.throttled);
  if (progress_.done > before.done) {
    last_success_micros_ = clock_->MonotonicMicros();
    fruitless_rounds_ = 0;
    return absl::OkStatus();
  }
  if (clock_->MonotonicMicros() - last_success_micros_ > options_.patience_micros ||
      (absl::IsInternal(last_trouble_) && fruitless_rounds_ > kFruitlessInternalRounds)) {
    return base::Annotate(last_trouble_, "no write into {} succeeded for {} s", sink_.options.table,
                          options_.patience_micros / 1'000'000);
  }
  const int64_t ceiling = std::min<int64_t>(
      kBackoffBaseMicros << std::min<int64_t>(fruitless_rounds_++, 10), kBackoffCapMicros);
  clock_->SleepMicros(std::uniform_int_distribution<int64_t>(0, ceiling)(random_));
  return absl::OkStatus();
}

void WritePass::AdaptWindow(int64_t done, int64_t throttled) {
  const size_t wanted = throttled == 0 ? window_ * 2 : static_cast<size_t>(done) * 2;
  window_ = std::clamp(wanted, std::min(kSmallestWindow, batch_size_), batch_size_);
}

absl::Status WritePass::TakeResult(WriteOp op, WriteResult result) {
  retries_ += result.retries;
  write_units_ += result.write_units;
  switch (result.outcome) {
    case WriteOutcome::kDone:
      ++progress_.done;
      op.kind == WriteKind::kPut ? written_.AddPut(op.item) : written_.AddDelete(op.item);
      return absl::OkStatus();
    case WriteOutcome::kConditionFailed:
      return Fenced(op, result);
    case WriteOutcome::kFailed:
      if (!IsWorthAsking(result.status)) {
        return base::Annotate(result.status, "writing {}", DescribeKey(sink_.key, op.item));
      }
      last_trouble_ = result.status;
      break;
    case WriteOutcome::kUnknown:
      has_unknown_ = true;
      last_trouble_ = result.status;
      break;
    case WriteOutcome::kThrottled:
      ++progress_.throttled;
      last_trouble_ = result.status;
      break;
    case WriteOutcome::kNotAttempted:
      last_trouble_ = base::DeadlineExceeded("the lease was too short for the writes");
      pending_.push_back(std::move(op));
      return absl::OkStatus();
  }
  ++retries_;
  pending_.push_back(std::move(op));
  return absl::OkStatus();
}

absl::Status WritePass::Fenced(const WriteOp& op, const WriteResult& result) const {
  const std::string key = DescribeKey(sink_.key, op.item);
  std::optional<dynamodb::Item> existing = result.existing;
  if (!existing) {  // an endpoint that does not say what it found
    SMELT_ASSIGN_OR_RETURN(existing, client_->GetItem({op.table, ProjectKey(sink_.key, op.item),
                                                       /*consistent=*/true}));
  }
  const std::string theirs = existing ? FenceOf(*existing) : "";
  if (theirs.empty()) {
    return base::FailedPrecondition(
        "the item {} of {} was not written by this mirror: remove it, or let the sink take the "
        "table over (adopt = true)",
        key, op.table);
  }
  return base::Aborted("another publisher took over the table {}: {} is fenced by {}, we are {}",
                       op.table, key, theirs, fence_);
}

void WritePass::Report() {
  if (options_.on_progress) options_.on_progress(progress_);
}

}  // namespace smelt::publish
