#include "publish/table_setup.h"

#include <algorithm>

#include "base/status.h"

namespace smelt::publish {
namespace {

using dynamodb::TableDescription;
using dynamodb::TableStatus;

constexpr int64_t kFirstPollMicros = 100'000;
constexpr int64_t kLongestPollMicros = 5'000'000;
constexpr int64_t kActivePatienceMicros = 900'000'000;

std::string DescribeSchema(const dynamodb::KeySchema& key) {
  const auto describe = [](const dynamodb::KeyAttribute& attribute) {
    return fmt::format("{} ({})", attribute.name, TypeName(attribute.type));
  };
  return describe(key.partition) + (key.sort ? ", " + describe(*key.sort) : "");
}

}  // namespace

absl::Status CheckKeySchema(const Sink& sink, const TableDescription& table) {
  if (table.key == sink.key) return absl::OkStatus();
  return base::FailedPrecondition(
      "sink {}: the table {} has the key {}, KEYS gives {}: change KEYS, or name another table",
      sink.name, sink.options.table, DescribeSchema(table.key), DescribeSchema(sink.key));
}

absl::StatusOr<TableDescription> WaitUntilActive(dynamodb::Client& client, base::Clock& clock,
                                                 const std::string& table,
                                                 const std::function<absl::Status()>& tick) {
  const int64_t give_up_micros = clock.MonotonicMicros() + kActivePatienceMicros;
  for (int64_t delay = kFirstPollMicros;; delay = std::min(delay * 2, kLongestPollMicros)) {
    SMELT_RETURN_IF_ERROR(tick());
    absl::StatusOr<TableDescription> description = client.DescribeTable(table);
    // A table that was created a moment ago may not be known everywhere yet.
    if (!description.ok() && description.status().code() != absl::StatusCode::kNotFound) {
      return description.status();
    }
    if (description.ok() && description->status == TableStatus::kActive) return description;
    if (clock.MonotonicMicros() > give_up_micros) {
      return base::DeadlineExceeded("the table {} at {} is still not active after {} minutes",
                                    table, client.Describe(), kActivePatienceMicros / 60'000'000);
    }
    clock.SleepMicros(delay);
  }
}

absl::StatusOr<EnsuredTable> EnsureTable(dynamodb::Client& client, base::Clock& clock,
                                         const Sink& sink) {
  const std::string& table = sink.options.table;
  EnsuredTable ensured;
  absl::StatusOr<TableDescription> description = client.DescribeTable(table);
  if (description.status().code() == absl::StatusCode::kNotFound) {
    description = client.CreateTable({table, sink.key, sink.options.throughput});
    ensured.created = description.ok();
    // Another publisher was quicker.
    if (description.status().code() == absl::StatusCode::kAlreadyExists) {
      description = client.DescribeTable(table);
    }
  }
  SMELT_RETURN_IF_ERROR(description.status());
  if (description->status != TableStatus::kActive) {
    description = WaitUntilActive(client, clock, table, [] { return absl::OkStatus(); });
    SMELT_RETURN_IF_ERROR(description.status());
  }
  SMELT_RETURN_IF_ERROR(CheckKeySchema(sink, *description));
  ensured.description = *std::move(description);
  return ensured;
}

absl::StatusOr<bool> IsEmpty(dynamodb::Client& client, const std::string& table) {
  dynamodb::ScanRequest request;
  request.table = table;
  request.consistent = true;
  request.limit = 1;
  while (true) {
    SMELT_ASSIGN_OR_RETURN(dynamodb::Page page, client.Scan(request));
    if (page.count > 0) return false;
    if (page.last_key.empty()) return true;
    request.start_after = page.last_key;
  }
}

}  // namespace smelt::publish
