#include "publish/publisher.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "dynamodb/value/item_size.h"
#include "publish/capacity.h"
#include "publish/control_item.h"
#include "publish/fence.h"
#include "publish/lease.h"
#include "publish/row_item.h"
#include "publish/table_setup.h"
#include "publish/verification.h"
#include "publish/write_pass.h"

namespace smelt::publish {
namespace {

using dynamodb::Item;

constexpr int64_t kMicrosPerMilli = 1000;
constexpr int64_t kWriteUnitBytes = 1024;
// More unfinished targets than this, and the next publish writes everything.
constexpr size_t kMaxUnfinished = 8;

LeaseOptions LeaseOptionsFrom(const PublishOptions& options) {
  LeaseOptions lease;
  lease.lease_micros = options.lease_micros;
  lease.sole_owner = options.sole_owner;
  lease.patience_micros = options.patience_micros;
  lease.stop = options.stop;
  if (options.on_progress) {
    lease.on_wait = [&options](const ControlItem& holder) {
      Progress progress;
      progress.waiting_for = fmt::format("publisher {}", holder.owner);
      options.on_progress(progress);
    };
  }
  return lease;
}

std::string Percent(int64_t part, int64_t whole) {
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) /
                                     static_cast<double>(std::max<int64_t>(whole, 1)));
}

// One publish, from checks to release.
class Publication {
 public:
  Publication(dynamodb::Client& client, base::Clock& clock, const PublishRequest& request,
              const PublishOptions& options, DiffSource* diff)
      : client_(client),
        clock_(clock),
        request_(request),
        sink_(request.sink),
        table_(request.sink.options.table),
        options_(options),
        diff_(diff),
        lease_(&client, &clock, table_, sink_.key, LeaseOptionsFrom(options)) {}

  absl::StatusOr<PublishResult> Run() {
    SMELT_RETURN_IF_ERROR(CheckDiff());
    SMELT_ASSIGN_OR_RETURN(EnsuredTable ensured, EnsureTable(client_, clock_, sink_));
    result_.table = table_;
    result_.table_created = ensured.created;
    SMELT_RETURN_IF_ERROR(
        lease_.Take([this](const std::optional<ControlItem>& found) { return Judge(found); },
                    [this](ControlItem* control) { Announce(control); }));
    const absl::Status status = WriteAndVerify();
    if (!status.ok()) {
      Retreat(status);
      return status;
    }
    // The note stays in the control item where this fails, and the next one to come tries again.
    const absl::Status restored = RestoreCapacity(client_, clock_, table_, &lease_);
    if (!restored.ok()) result_.warnings.push_back(base::Message(restored));
    SMELT_RETURN_IF_ERROR(lease_.Release([this](ControlItem* control) { Conclude(control); }));
    result_.publish_number = lease_.control().publish_number;
    return std::move(result_);
  }

 private:
  bool everything() const { return request_.bases.empty(); }
  int64_t rows() const { return puts_ + diff_->unchanged(); }

  // Reads the whole diff once: nothing is written before every row is known to fit.
  absl::Status CheckDiff() {
    std::vector<ItemChange> batch;
    SMELT_RETURN_IF_ERROR(diff_->Rewind());
    while (true) {
      SMELT_RETURN_IF_ERROR(diff_->Next(&batch));
      if (batch.empty()) break;
      for (const ItemChange& change : batch) {
        const bool is_put = change.kind == ChangeKind::kPut;
        SMELT_RETURN_IF_ERROR(base::Annotate(
            is_put ? CheckItem(sink_.key, change.item) : CheckKey(sink_.key, change.item),
            "sink {}", sink_.name));
        ++(is_put ? puts_ : deletes_);
        expected_units_ += 1 + dynamodb::SizeBytes(change.item) / kWriteUnitBytes;
      }
    }
    if (everything() && deletes_ > 0) {
      return base::Internal("sink {}: a diff without bases holds deletes", sink_.name);
    }
    return absl::OkStatus();
  }

  // What the control item must say for this diff to be the right one.
  absl::Status Judge(const std::optional<ControlItem>& found) {
    if (!found) return JudgeNewTable();
    std::vector<SourceState> bases = found->Bases();
    const auto is_one_of = [](const std::vector<SourceState>& states) {
      return [&states](const SourceState& state) {
        return std::find(states.begin(), states.end(), state) != states.end();
      };
    };
    if (!everything() && (bases.size() != request_.bases.size() ||
                          !std::all_of(bases.begin(), bases.end(), is_one_of(request_.bases)))) {
      return base::Aborted("the table {} was published to meanwhile: plan again", table_);
    }
    return GuardDeletes(deletes_, found->item_count);
  }

  absl::Status JudgeNewTable() {
    if (!everything()) {
      return base::Aborted("the table {} has lost its control item: plan again", table_);
    }
    if (sink_.options.adopt) return absl::OkStatus();
    SMELT_ASSIGN_OR_RETURN(bool empty, IsEmpty(client_, table_));
    if (empty) return absl::OkStatus();
    return base::FailedPrecondition(
        "sink {}: the table {} holds items that this mirror did not write, and would lose those "
        "that are not in the source: name another table, or take it over (adopt = true)",
        sink_.name, table_);
  }

  absl::Status GuardDeletes(int64_t deletes, int64_t of) const {
    const SinkOptions& options = sink_.options;
    if (deletes <= options.min_guarded_deletes ||
        static_cast<double>(deletes) <= options.max_delete_share * static_cast<double>(of)) {
      return absl::OkStatus();
    }
    return base::FailedPrecondition(
        "sink {}: {} of the {} items of {} would be deleted ({}), more than max_delete_share = {}: "
        "look at the source; if that is right, raise max_delete_share in the sink's OPTIONS for "
        "this update",
        sink_.name, deletes, of, table_, Percent(deletes, of), options.max_delete_share);
  }

  // Before the first write: from here on the items may be at the target, too.
  void Announce(ControlItem* control) const {
    if (everything()) control->everything = true;
    if (sink_.options.adopt) control->adopting = true;
    std::vector<SourceState>& unfinished = control->unfinished;
    if (std::find(unfinished.begin(), unfinished.end(), request_.target) == unfinished.end()) {
      unfinished.push_back(request_.target);
    }
    if (unfinished.size() > kMaxUnfinished) {
      unfinished.clear();
      control->everything = true;
    }
  }

  absl::Status WriteAndVerify() {
    const std::string fence =
        FormatFence(lease_.control().epoch, lease_.control().publish_number + 1);
    SMELT_RETURN_IF_ERROR(
        RaiseCapacity(client_, clock_, sink_, static_cast<double>(expected_units_), &lease_));
    WritePass pass(&client_, &clock_, sink_, options_, fence, puts_ + deletes_, &lease_);
    absl::Status status = WriteDiff(&pass);
    if (status.ok() && everything()) status = DeleteStale(fence, &pass);
    result_.puts = pass.written().puts();
    result_.deletes = pass.written().deletes();
    result_.unchanged = diff_->unchanged();
    result_.retries = pass.retries();
    result_.write_units = pass.write_units();
    write_may_land_ = pass.has_unknown();
    SMELT_RETURN_IF_ERROR(status);
    return Verify(fence, pass.written());
  }

  absl::Status WriteDiff(WritePass* pass) {
    SMELT_RETURN_IF_ERROR(diff_->Rewind());
    int64_t changes = 0;
    std::vector<ItemChange> batch;
    while (true) {
      SMELT_RETURN_IF_ERROR(diff_->Next(&batch));
      if (batch.empty()) break;
      changes += static_cast<int64_t>(batch.size());
      for (ItemChange& change : batch) SMELT_RETURN_IF_ERROR(pass->Add(std::move(change)));
    }
    SMELT_RETURN_IF_ERROR(pass->Flush());
    if (changes == puts_ + deletes_) return absl::OkStatus();
    return base::Internal("sink {}: the diff had {} changes at first and {} when they were written",
                          sink_.name, puts_ + deletes_, changes);
  }

  // Every row has our fence now: what has another is no row any more. Counted first, then deleted,
  // both page by page.
  absl::Status DeleteStale(const std::string& fence, WritePass* pass) {
    const bool adopting = lease_.control().adopting;
    const auto renew = [this] { return lease_.RenewIfDue(); };
    SMELT_ASSIGN_OR_RETURN(Census census, TakeCensus(client_, sink_, fence, renew));
    const int64_t stale = census.older + (adopting ? census.foreign : 0);
    if (stale == 0) return absl::OkStatus();
    SMELT_RETURN_IF_ERROR(GuardDeletes(stale, census.ours + stale));
    std::vector<Item> keys;
    const auto collect = [&](const Item& item) {
      const std::string theirs = FenceOf(item);
      if (theirs == fence || (theirs.empty() && !adopting)) return;
      keys.push_back(dynamodb::ProjectKey(sink_.key, item));
    };
    const auto delete_page = [&]() -> absl::Status {
      for (Item& key : keys) {
        SMELT_RETURN_IF_ERROR(pass->Add({ChangeKind::kDelete, std::move(key)}));
      }
      keys.clear();
      return lease_.RenewIfDue();
    };
    SMELT_RETURN_IF_ERROR(TakeCensus(client_, sink_, fence, delete_page, collect).status());
    return pass->Flush();
  }

  absl::Status Verify(const std::string& fence, const Written& written) {
    const SinkOptions& options = sink_.options;
    const bool full = options.verify == VerifyMode::kFull ||
                      (options.verify == VerifyMode::kAuto && rows() <= options.full_verify_limit);
    result_.verification = full ? VerifyMode::kFull : VerifyMode::kSample;
    absl::Status status;
    if (full) {
      SMELT_ASSIGN_OR_RETURN(
          Census census, TakeCensus(client_, sink_, fence, [this] { return lease_.RenewIfDue(); }));
      result_.foreign_items = census.foreign;
      status = CheckCensus(sink_, census, written, rows());
    } else {
      status = CheckSample(client_, sink_, written);
    }
    damaged_ = status.code() == absl::StatusCode::kDataLoss;
    result_.verified = status.ok();
    return status;
  }

  // After a failure: leaves the table as it is, the capacity as it was, and the way free for the
  // next publish, as far as that can still be done. The error that is reported is the first one.
  void Retreat(const absl::Status& failure) {
    if (failure.code() == absl::StatusCode::kAborted) return;  // no longer ours
    RestoreCapacity(client_, clock_, table_, &lease_).IgnoreError();
    // A request without an answer may still land: the lease has to run out before others write.
    if (write_may_land_) return;
    lease_.Abandon([this](ControlItem* control) { control->everything |= damaged_; });
  }

  void Conclude(ControlItem* control) const {
    control->published = request_.target;
    ++control->publish_number;
    control->item_count = rows();
    control->unfinished.clear();
    control->everything = false;
    control->adopting = false;
  }

  dynamodb::Client& client_;
  base::Clock& clock_;
  const PublishRequest& request_;
  const Sink& sink_;
  const std::string& table_;
  const PublishOptions& options_;
  DiffSource* const diff_;
  Lease lease_;
  int64_t puts_ = 0;
  int64_t deletes_ = 0;
  int64_t expected_units_ = 0;
  bool write_may_land_ = false;
  bool damaged_ = false;
  PublishResult result_;
};

}  // namespace

absl::StatusOr<std::optional<Published>> ReadPublished(dynamodb::Client& client, base::Clock& clock,
                                                       const Sink& sink) {
  const absl::StatusOr<dynamodb::TableDescription> description =
      client.DescribeTable(sink.options.table);
  if (description.status().code() == absl::StatusCode::kNotFound) {
    return std::optional<Published>();
  }
  SMELT_RETURN_IF_ERROR(description.status());
  SMELT_RETURN_IF_ERROR(CheckKeySchema(sink, *description));
  SMELT_ASSIGN_OR_RETURN(std::optional<ControlItem> control,
                         ReadControlItem(client, sink.options.table, sink.key));
  if (!control) return std::optional<Published>();
  Published published;
  published.state = control->published;
  published.bases = control->Bases();
  published.publish_number = control->publish_number;
  published.item_count = control->item_count;
  published.capacity_expired =
      control->capacity &&
      (!control->held || control->capacity->expires_millis * kMicrosPerMilli < clock.NowMicros());
  return std::optional<Published>(std::move(published));
}

absl::Status GiveBackCapacity(dynamodb::Client& client, base::Clock& clock, const Sink& sink,
                              const PublishOptions& options) {
  SMELT_ASSIGN_OR_RETURN(std::optional<ControlItem> control,
                         ReadControlItem(client, sink.options.table, sink.key));
  if (!control || !control->capacity) return absl::OkStatus();
  Lease lease(&client, &clock, sink.options.table, sink.key, LeaseOptionsFrom(options));
  SMELT_RETURN_IF_ERROR(lease.Take(
      [](const std::optional<ControlItem>&) { return absl::OkStatus(); }, [](ControlItem*) {}));
  const absl::Status restored = RestoreCapacity(client, clock, sink.options.table, &lease);
  SMELT_RETURN_IF_ERROR(lease.Release([](ControlItem*) {}));
  return restored;
}

absl::StatusOr<PublishResult> Publish(dynamodb::Client& client, base::Clock& clock,
                                      const PublishRequest& request, const PublishOptions& options,
                                      DiffSource* diff) {
  if (options.lease_micros < 2 * client.request_timeout_micros()) {
    return base::InvalidArgument("a lease of {} ms is too short for requests of up to {} ms",
                                 options.lease_micros / kMicrosPerMilli,
                                 client.request_timeout_micros() / kMicrosPerMilli);
  }
  return Publication(client, clock, request, options, diff).Run();
}

}  // namespace smelt::publish
