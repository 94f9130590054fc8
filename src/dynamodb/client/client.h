#pragma once

// Client: DynamoDB, whoever serves it: AWS or a URL over the wire (wire_client.h), or the embedded
// store in process (dynamodb/store).
//
// Errors: kNotFound no such table; kAlreadyExists the table is there already; kFailedPrecondition
// the table is in use (being created, updated or deleted); kInvalidArgument the service's
// ValidationException; kResourceExhausted throttled beyond the client's patience; kUnavailable and
// kDeadlineExceeded trouble on the way there; kPermissionDenied. Thread-safe.

#include <absl/status/statusor.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dynamodb/client/types.h"

namespace smelt::dynamodb {

class Client {
 public:
  virtual ~Client() = default;

  // Where this is, for messages: "the embedded store", "http://localhost:8000", "DynamoDB in
  // eu-west-1".
  virtual std::string Describe() const = 0;
  // How long after it began a request can still take effect; 0 in process.
  virtual int64_t request_timeout_micros() const = 0;

  virtual absl::StatusOr<TableDescription> CreateTable(const CreateTableRequest& request) = 0;
  virtual absl::StatusOr<TableDescription> DescribeTable(const std::string& table) = 0;
  virtual absl::StatusOr<TableDescription> UpdateTable(const UpdateTableRequest& request) = 0;
  virtual absl::Status DeleteTable(const std::string& table) = 0;
  virtual absl::StatusOr<std::vector<std::string>> ListTables() = 0;

  // nullopt: no such item.
  virtual absl::StatusOr<std::optional<Item>> GetItem(const GetItemRequest& request) = 0;
  virtual absl::StatusOr<Page> Query(const QueryRequest& request) = 0;
  virtual absl::StatusOr<Page> Scan(const ScanRequest& request) = 0;

  // One write, retried as WriteMany does.
  virtual WriteResult Write(const WriteOp& op) = 0;
  // Each operation by itself, many in flight, in no order; results in the order of `ops`. There is
  // no all or nothing. The embedded store executes them in one transaction of its file, which costs
  // one sync.
  virtual std::vector<WriteResult> WriteMany(std::span<const WriteOp> ops,
                                             const WriteManyOptions& options) = 0;
};

}  // namespace smelt::dynamodb
