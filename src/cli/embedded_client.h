#pragma once

// EmbeddedClient: the embedded store behind dynamodb::Client, in process: no socket, no JSON, and
// thousands of writes in one transaction of the store's file. Thread-safe.

#include <string>
#include <vector>

#include "base/clock.h"
#include "dynamodb/client/client.h"
#include "dynamodb/store/store.h"

namespace smelt::cli {

class EmbeddedClient : public dynamodb::Client {
 public:
  // The store must outlive it. `clock` is the one of WriteManyOptions::stop_at_micros.
  explicit EmbeddedClient(dynamodb::store::Store* store, base::Clock* clock = base::Clock::Real())
      : store_(store), clock_(clock) {}

  std::string Describe() const override { return "the embedded store"; }
  int64_t request_timeout_micros() const override { return 0; }

  absl::StatusOr<dynamodb::TableDescription> CreateTable(
      const dynamodb::CreateTableRequest& request) override;
  absl::StatusOr<dynamodb::TableDescription> DescribeTable(const std::string& table) override;
  absl::StatusOr<dynamodb::TableDescription> UpdateTable(
      const dynamodb::UpdateTableRequest& request) override;
  absl::Status DeleteTable(const std::string& table) override;
  absl::StatusOr<std::vector<std::string>> ListTables() override;

  absl::StatusOr<std::optional<dynamodb::Item>> GetItem(
      const dynamodb::GetItemRequest& request) override;
  absl::StatusOr<dynamodb::Page> Query(const dynamodb::QueryRequest& request) override;
  absl::StatusOr<dynamodb::Page> Scan(const dynamodb::ScanRequest& request) override;

  dynamodb::WriteResult Write(const dynamodb::WriteOp& op) override;
  std::vector<dynamodb::WriteResult> WriteMany(std::span<const dynamodb::WriteOp> ops,
                                               const dynamodb::WriteManyOptions& options) override;

 private:
  dynamodb::store::Store* store_;
  base::Clock* clock_;
};

}  // namespace smelt::cli
