#pragma once

// For tests: a Client whose tables are maps. Conditions are evaluated by dynamodb/value's own
// evaluator; pages hold a few items, so that paging is always exercised. Counts what it is asked.

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "dynamodb/client/client.h"
#include "dynamodb/value/expression.h"

namespace smelt::publish {

// Thread-safe.
class MemoryClient : public dynamodb::Client {
 public:
  using Item = dynamodb::Item;

  std::string Describe() const override { return "memory"; }
  int64_t request_timeout_micros() const override { return 1'000'000; }

  absl::StatusOr<dynamodb::TableDescription> CreateTable(
      const dynamodb::CreateTableRequest& request) override {
    std::lock_guard lock(mutex_);
    if (tables_.contains(request.table)) return base::AlreadyExists("there already");
    Table& table = tables_[request.table];
    table.description.table = request.table;
    table.description.key = request.key;
    if (request.throughput) {
      table.description.billing = dynamodb::BillingMode::kProvisioned;
      table.description.throughput = *request.throughput;
    }
    return table.description;
  }

  absl::StatusOr<dynamodb::TableDescription> DescribeTable(const std::string& name) override {
    std::lock_guard lock(mutex_);
    SMELT_ASSIGN_OR_RETURN(Table * table, Find(name));
    return table->description;
  }

  absl::StatusOr<dynamodb::TableDescription> UpdateTable(
      const dynamodb::UpdateTableRequest& request) override {
    std::lock_guard lock(mutex_);
    SMELT_ASSIGN_OR_RETURN(Table * table, Find(request.table));
    if (request.billing) table->description.billing = *request.billing;
    if (request.throughput) {
      table->description.throughput = *request.throughput;
      throughputs_.push_back(*request.throughput);
    }
    return table->description;
  }

  absl::Status DeleteTable(const std::string& name) override {
    std::lock_guard lock(mutex_);
    SMELT_RETURN_IF_ERROR(Find(name).status());
    tables_.erase(name);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> ListTables() override {
    std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, table] : tables_) names.push_back(name);
    return names;
  }

  absl::StatusOr<std::optional<Item>> GetItem(const dynamodb::GetItemRequest& request) override {
    std::lock_guard lock(mutex_);
    SMELT_ASSIGN_OR_RETURN(Table * table, Find(request.table));
    SMELT_ASSIGN_OR_RETURN(dynamodb::EncodedKey key,
                           KeyOfParameter(table->description.key, request.key));
    const auto found = table->items.find(key);
    if (found == table->items.end()) return std::optional<Item>();
    return std::optional<Item>(found->second);
  }

  absl::StatusOr<dynamodb::Page> Query(const dynamodb::QueryRequest&) override {
    return base::Unimplemented("Query");
  }

  absl::StatusOr<dynamodb::Page> Scan(const dynamodb::ScanRequest& request) override {
    std::lock_guard lock(mutex_);
    SMELT_ASSIGN_OR_RETURN(Table * table, Find(request.table));
    auto at = table->items.begin();
    if (!request.start_after.empty()) {
      SMELT_ASSIGN_OR_RETURN(dynamodb::EncodedKey key,
                             KeyOfParameter(table->description.key, request.start_after));
      at = table->items.upper_bound(key);
    }
    const size_t limit = request.limit > 0 ? request.limit : kPageItems;
    dynamodb::Page page;
    for (; at != table->items.end() && page.items.size() < limit; ++at) {
      page.items.push_back(at->second);
    }
    page.count = page.scanned = static_cast<int64_t>(page.items.size());
    if (at != table->items.end()) {
      page.last_key = ProjectKey(table->description.key, page.items.back());
    }
    return page;
  }

  dynamodb::WriteResult Write(const dynamodb::WriteOp& op) override {
    std::lock_guard lock(mutex_);
    dynamodb::WriteResult result;
    result.status = Apply(op, &result);
    if (!result.status.ok()) result.outcome = dynamodb::WriteOutcome::kFailed;
    return result;
  }

  std::vector<dynamodb::WriteResult> WriteMany(std::span<const dynamodb::WriteOp> ops,
                                               const dynamodb::WriteManyOptions&) override {
    std::vector<dynamodb::WriteResult> results;
    for (const dynamodb::WriteOp& op : ops) results.push_back(Write(op));
    return results;
  }

  void Clear() {
    std::lock_guard lock(mutex_);
    tables_.clear();
  }

  // Every item of a table, in key order.
  std::vector<Item> Items(const std::string& name) {
    std::lock_guard lock(mutex_);
    std::vector<Item> items;
    for (const auto& [key, item] : tables_.at(name).items) items.push_back(item);
    return items;
  }

  int64_t writes() const { return writes_; }  // that took effect
  std::vector<dynamodb::Throughput> throughputs() const { return throughputs_; }

 private:
  static constexpr size_t kPageItems = 7;

  struct Table {
    dynamodb::TableDescription description;
    std::map<dynamodb::EncodedKey, Item> items;
  };

  absl::StatusOr<Table*> Find(const std::string& name) {
    const auto found = tables_.find(name);
    if (found == tables_.end()) return base::NotFound("no table {}", name);
    return &found->second;
  }

  absl::Status Apply(const dynamodb::WriteOp& op, dynamodb::WriteResult* result) {
    SMELT_ASSIGN_OR_RETURN(Table * table, Find(op.table));
    const dynamodb::KeySchema& schema = table->description.key;
    const bool is_put = op.kind == dynamodb::WriteKind::kPut;
    SMELT_ASSIGN_OR_RETURN(dynamodb::EncodedKey key,
                           is_put ? KeyOfItem(schema, op.item) : KeyOfParameter(schema, op.item));
    const auto found = table->items.find(key);
    const Item* existing = found == table->items.end() ? nullptr : &found->second;
    if (op.condition) {
      dynamodb::Placeholders placeholders(op.condition->names, op.condition->values);
      SMELT_ASSIGN_OR_RETURN(
          dynamodb::Condition condition,
          dynamodb::Condition::Compile("ConditionExpression", op.condition->text, &placeholders));
      SMELT_RETURN_IF_ERROR(placeholders.CheckAllUsed());
      if (!condition.Holds(existing)) {
        result->outcome = dynamodb::WriteOutcome::kConditionFailed;
        if (existing != nullptr && op.return_existing) result->existing = *existing;
        return absl::OkStatus();
      }
    }
    if (is_put) {
      table->items[key] = op.item;
    } else if (existing != nullptr) {
      table->items.erase(found);
    }
    ++writes_;
    result->write_units = 1;
    result->outcome = dynamodb::WriteOutcome::kDone;
    return absl::OkStatus();
  }

  std::mutex mutex_;
  std::map<std::string, Table> tables_;
  int64_t writes_ = 0;
  std::vector<dynamodb::Throughput> throughputs_;
};

}  // namespace smelt::publish
