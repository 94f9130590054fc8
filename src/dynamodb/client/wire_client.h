#pragma once

// Client over the wire: DynamoDB's JSON 1.0 protocol (API Reference, version 2012-08-10), to AWS or
// to whatever speaks it at a URL.
//
// Throttling, 5xx answers, lost connections and timeouts are asked again with backoff and jitter,
// under a budget. A write whose answer was lost and whose condition then fails is kUnknown, not
// kConditionFailed: its own first attempt may be what it ran into.

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>

#include "aws/json_client.h"
#include "base/clock.h"
#include "base/json.h"
#include "dynamodb/client/client.h"

namespace smelt::dynamodb {

struct WireClientOptions {
  int64_t request_timeout_micros = 10'000'000;
  // Attempts of a single request, and of each operation of WriteMany: fewer there, since its caller
  // keeps the rest going and tries again.
  int max_attempts = 10;
  int max_attempts_in_bulk = 4;
  int64_t backoff_base_micros = 25'000;
  int64_t backoff_cap_micros = 5'000'000;
};

class WireClient : public Client {
 public:
  // `clock` outlives the client. `region` is signed; an endpoint that checks nothing
  // takes any.
  WireClient(const net::HttpEndpoint& endpoint, const std::string& region,
             std::shared_ptr<net::HttpClient> http,
             std::shared_ptr<aws::CredentialsProvider> credentials, base::Clock* clock,
             const WireClientOptions& options = {});

  std::string Describe() const override;
  int64_t request_timeout_micros() const override { return options_.request_timeout_micros; }

  absl::StatusOr<TableDescription> CreateTable(const CreateTableRequest& request) override;
  absl::StatusOr<TableDescription> DescribeTable(const std::string& table) override;
  absl::StatusOr<TableDescription> UpdateTable(const UpdateTableRequest& request) override;
  absl::Status DeleteTable(const std::string& table) override;
  absl::StatusOr<std::vector<std::string>> ListTables() override;
  absl::StatusOr<std::optional<Item>> GetItem(const GetItemRequest& request) override;
  absl::StatusOr<Page> Query(const QueryRequest& request) override;
  absl::StatusOr<Page> Scan(const ScanRequest& request) override;
  WriteResult Write(const WriteOp& op) override;
  // On up to max_in_flight threads of its own.
  std::vector<WriteResult> WriteMany(std::span<const WriteOp> ops,
                                     const WriteManyOptions& options) override;

 private:
  // The answer's JSON, or the error.
  absl::StatusOr<base::Json> Ask(const std::string& operation, const std::string& body);
  WriteResult WriteOnce(const WriteOp& op, const aws::CallOptions& options);

  const WireClientOptions options_;
  aws::JsonClient json_;
};

// DynamoDB of AWS, with the credentials of the default chain. `region` and `profile` may be empty
// (aws/region.h).
absl::StatusOr<std::unique_ptr<Client>> ConnectToAws(const std::string& region,
                                                     const std::string& profile, base::Clock* clock,
                                                     const WireClientOptions& options = {});

// Whatever listens at `url`. Requests to a host of AWS are signed with the default chain's
// credentials, to any other with placeholders: real ones never leave for somewhere else.
absl::StatusOr<std::unique_ptr<Client>> ConnectToUrl(const std::string& url,
                                                     const std::string& region,
                                                     const std::string& profile, base::Clock* clock,
                                                     const WireClientOptions& options = {});

}  // namespace smelt::dynamodb
