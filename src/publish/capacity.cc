#include "publish/capacity.h"

#include <algorithm>
#include <cmath>

#include "base/status.h"
#include "publish/table_setup.h"

namespace smelt::publish {
namespace {

using dynamodb::BillingMode;
using dynamodb::TableDescription;

constexpr double kLoadSeconds = 300;

absl::Status SetThroughput(dynamodb::Client& client, base::Clock& clock, const std::string& table,
                           const dynamodb::Throughput& throughput, Lease* lease) {
  dynamodb::UpdateTableRequest update;
  update.table = table;
  update.throughput = throughput;
  SMELT_RETURN_IF_ERROR(client.UpdateTable(update).status());
  return WaitUntilActive(client, clock, table, [lease] { return lease->RenewIfDue(); }).status();
}

}  // namespace

int64_t WriteUnitsFor(double write_units, int64_t now, int64_t most) {
  const auto needed = static_cast<int64_t>(std::ceil(write_units / kLoadSeconds));
  return std::clamp(needed, now, std::max(now, most));
}

absl::Status RaiseCapacity(dynamodb::Client& client, base::Clock& clock, const Sink& sink,
                           double write_units, Lease* lease) {
  const std::string& table = sink.options.table;
  SMELT_ASSIGN_OR_RETURN(TableDescription description, client.DescribeTable(table));
  if (sink.options.capacity == CapacityMode::kNone ||
      description.billing == BillingMode::kOnDemand) {
    return RestoreCapacity(client, clock, table, lease);
  }
  // A note that is there already is of a publisher that vanished: what it found is what is to be
  // restored.
  const dynamodb::Throughput before =
      lease->control().capacity ? lease->control().capacity->before : description.throughput;
  const int64_t raised =
      WriteUnitsFor(write_units, before.write_units, sink.options.max_write_units);
  if (raised == before.write_units) return RestoreCapacity(client, clock, table, lease);
  SMELT_RETURN_IF_ERROR(lease->Update([&](ControlItem* control) {
    control->capacity = CapacityLease{before, raised, 0};
  }));
  if (description.throughput.write_units == raised) return absl::OkStatus();
  return SetThroughput(client, clock, table, {description.throughput.read_units, raised}, lease);
}

absl::Status RestoreCapacity(dynamodb::Client& client, base::Clock& clock, const std::string& table,
                             Lease* lease) {
  const std::optional<CapacityLease> note = lease->control().capacity;
  if (!note) return absl::OkStatus();
  SMELT_ASSIGN_OR_RETURN(TableDescription description, client.DescribeTable(table));
  if (description.billing == BillingMode::kProvisioned &&
      description.throughput.write_units == note->raised_write_units) {
    SMELT_RETURN_IF_ERROR(base::Annotate(
        SetThroughput(client, clock, table,
                      {description.throughput.read_units, note->before.write_units}, lease),
        "giving back the write capacity of {} ({} units, {} before)", table,
        note->raised_write_units, note->before.write_units));
  }
  return lease->Update([](ControlItem* control) { control->capacity.reset(); });
}

}  // namespace smelt::publish
