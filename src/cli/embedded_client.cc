#include "cli/embedded_client.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "base/status.h"

namespace smelt::cli {

namespace store = dynamodb::store;

namespace {

// One transaction's worth: what a crash, or the end of a lease, can cost.
constexpr size_t kMaxTransactionOps = 25'000;

store::Throughput ToStore(const dynamodb::Throughput& throughput) {
  return {.read_units = throughput.read_units, .write_units = throughput.write_units};
}

dynamodb::TableDescription FromStore(const store::TableDescription& description) {
  const store::TableSpec& spec = description.spec;
  return {.table = spec.name,
          .status = dynamodb::TableStatus::kActive,
          .key = spec.key,
          .billing = spec.billing == store::BillingMode::kProvisioned
                         ? dynamodb::BillingMode::kProvisioned
                         : dynamodb::BillingMode::kOnDemand,
          .throughput = {.read_units = spec.throughput.read_units,
                         .write_units = spec.throughput.write_units},
          .item_count = description.item_count,
          .size_bytes = description.size_bytes};
}

dynamodb::Page FromStore(store::Page page) {
  return {.items = std::move(page.items),
          .count = page.count,
          .scanned = page.scanned,
          .last_key = std::move(page.last_key),
          .read_units = page.read_units};
}

using SharedCondition = std::shared_ptr<const dynamodb::Condition>;

absl::StatusOr<SharedCondition> Compile(const char* parameter,
                                        const dynamodb::Expression& expression) {
  dynamodb::Placeholders placeholders(expression.names, expression.values);
  SMELT_ASSIGN_OR_RETURN(dynamodb::Condition condition,
                         dynamodb::Condition::Compile(parameter, expression.text, &placeholders));
  SMELT_RETURN_IF_ERROR(placeholders.CheckAllUsed());
  return std::make_shared<const dynamodb::Condition>(std::move(condition));
}

// Compiles each of the expressions that the operations share once.
class Conditions {
 public:
  absl::StatusOr<SharedCondition> Get(const dynamodb::Expression* expression) {
    if (expression == nullptr) return SharedCondition();
    auto found = compiled_.find(expression);
    if (found == compiled_.end()) {
      found = compiled_.emplace(expression, Compile("ConditionExpression", *expression)).first;
    }
    return found->second;
  }

 private:
  std::map<const dynamodb::Expression*, absl::StatusOr<SharedCondition>> compiled_;
};

dynamodb::WriteResult FromStore(store::WriteResult result) {
  dynamodb::WriteResult out{.write_units = result.write_units,
                            .existing = std::move(result.old),
                            .status = std::move(result.status)};
  switch (result.outcome) {
    case store::WriteOutcome::kDone:
      out.outcome = dynamodb::WriteOutcome::kDone;
      break;
    case store::WriteOutcome::kConditionFailed:
      out.outcome = dynamodb::WriteOutcome::kConditionFailed;
      break;
    case store::WriteOutcome::kUnknown:
      out.outcome = dynamodb::WriteOutcome::kUnknown;
      break;
    case store::WriteOutcome::kRefused:
      out.outcome = absl::IsResourceExhausted(out.status) ? dynamodb::WriteOutcome::kThrottled
                                                          : dynamodb::WriteOutcome::kFailed;
  }
  return out;
}

}  // namespace

absl::StatusOr<dynamodb::TableDescription> EmbeddedClient::CreateTable(
    const dynamodb::CreateTableRequest& request) {
  store::TableSpec spec{.name = request.table, .key = request.key};
  if (request.throughput) {
    spec.billing = store::BillingMode::kProvisioned;
    spec.throughput = ToStore(*request.throughput);
  }
  SMELT_ASSIGN_OR_RETURN(const store::TableDescription description, store_->CreateTable(spec));
  return FromStore(description);
}

absl::StatusOr<dynamodb::TableDescription> EmbeddedClient::DescribeTable(const std::string& table) {
  SMELT_ASSIGN_OR_RETURN(const store::TableDescription description, store_->DescribeTable(table));
  return FromStore(description);
}

absl::StatusOr<dynamodb::TableDescription> EmbeddedClient::UpdateTable(
    const dynamodb::UpdateTableRequest& request) {
  store::TableChange change;
  if (request.billing) {
    change.billing = *request.billing == dynamodb::BillingMode::kProvisioned
                         ? store::BillingMode::kProvisioned
                         : store::BillingMode::kOnDemand;
  }
  if (request.throughput) change.throughput = ToStore(*request.throughput);
  SMELT_ASSIGN_OR_RETURN(const store::TableDescription description,
                         store_->UpdateTable(request.table, change));
  return FromStore(description);
}

absl::Status EmbeddedClient::DeleteTable(const std::string& table) {
  return store_->DeleteTable(table).status();
}

absl::StatusOr<std::vector<std::string>> EmbeddedClient::ListTables() {
  return store_->ListTables();
}

absl::StatusOr<std::optional<dynamodb::Item>> EmbeddedClient::GetItem(
    const dynamodb::GetItemRequest& request) {
  SMELT_ASSIGN_OR_RETURN(store::GetResult result,
                         store_->GetItem(request.table, request.key, request.consistent));
  return std::move(result.item);
}

absl::StatusOr<dynamodb::Page> EmbeddedClient::Query(const dynamodb::QueryRequest& request) {
  SMELT_ASSIGN_OR_RETURN(const store::TableDescription description,
                         store_->DescribeTable(request.table));
  std::map<std::string, std::string> names = request.key_condition.names;
  dynamodb::Item values = request.key_condition.values;
  if (request.filter) {
    names.insert(request.filter->names.begin(), request.filter->names.end());
    values.insert(request.filter->values.begin(), request.filter->values.end());
  }
  dynamodb::Placeholders placeholders(std::move(names), std::move(values));
  store::QueryRequest query;
  query.table = request.table;
  query.consistent = request.consistent;
  query.count_only = request.count_only;
  query.limit = request.limit;
  query.start_after = request.start_after;
  query.forward = request.forward;
  SMELT_ASSIGN_OR_RETURN(
      query.key, dynamodb::KeyCondition::Compile(description.spec.key, request.key_condition.text,
                                                 &placeholders));
  if (request.filter) {
    SMELT_ASSIGN_OR_RETURN(
        dynamodb::Condition filter,
        dynamodb::Condition::Compile("FilterExpression", request.filter->text, &placeholders));
    query.filter = std::make_shared<const dynamodb::Condition>(std::move(filter));
  }
  SMELT_RETURN_IF_ERROR(placeholders.CheckAllUsed());
  SMELT_ASSIGN_OR_RETURN(store::Page page, store_->Query(query));
  return FromStore(std::move(page));
}

absl::StatusOr<dynamodb::Page> EmbeddedClient::Scan(const dynamodb::ScanRequest& request) {
  store::ScanRequest scan;
  scan.table = request.table;
  scan.consistent = request.consistent;
  scan.count_only = request.count_only;
  scan.limit = request.limit;
  scan.start_after = request.start_after;
  scan.segment = request.segment;
  scan.segments = request.segments;
  if (request.filter) {
    SMELT_ASSIGN_OR_RETURN(scan.filter, Compile("FilterExpression", *request.filter));
  }
  if (!request.attributes.empty()) {
    scan.projection = std::make_shared<const dynamodb::Projection>(
        dynamodb::Projection::OfNames(request.attributes));
  }
  SMELT_ASSIGN_OR_RETURN(store::Page page, store_->Scan(scan));
  return FromStore(std::move(page));
}

dynamodb::WriteResult EmbeddedClient::Write(const dynamodb::WriteOp& op) {
  return std::move(WriteMany({&op, 1}, {}).front());
}

std::vector<dynamodb::WriteResult> EmbeddedClient::WriteMany(
    std::span<const dynamodb::WriteOp> ops, const dynamodb::WriteManyOptions& options) {
  std::vector<dynamodb::WriteResult> results(ops.size());  // kNotAttempted
  Conditions conditions;
  for (size_t begin = 0; begin < ops.size(); begin += kMaxTransactionOps) {
    if (clock_->MonotonicMicros() >= options.stop_at_micros) break;
    const size_t end = std::min(ops.size(), begin + kMaxTransactionOps);
    std::vector<store::WriteOp> transaction;
    std::vector<size_t> positions;  // of the transaction's operations in `ops`
    for (size_t i = begin; i < end; ++i) {
      const dynamodb::WriteOp& op = ops[i];
      absl::StatusOr<SharedCondition> condition = conditions.Get(op.condition.get());
      if (!condition.ok()) {
        results[i] = {.outcome = dynamodb::WriteOutcome::kFailed, .status = condition.status()};
        continue;
      }
      transaction.push_back({.kind = op.kind == dynamodb::WriteKind::kPut
                                         ? store::WriteKind::kPut
                                         : store::WriteKind::kDelete,
                             .table = op.table,
                             .item = &op.item,
                             .condition = *std::move(condition),
                             .return_old_on_failure = op.return_existing});
      positions.push_back(i);
    }
    std::vector<store::WriteResult> written = store_->Write(transaction);
    for (size_t i = 0; i < written.size(); ++i) {
      results[positions[i]] = FromStore(std::move(written[i]));
    }
  }
  return results;
}

}  // namespace smelt::cli
