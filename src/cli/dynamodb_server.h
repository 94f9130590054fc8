#pragma once

// The DynamoDB API over HTTP: net's server in front of dynamodb/store's Api.

#include <absl/status/statusor.h>

#include <memory>

#include "dynamodb/store/store.h"
#include "net/http_server.h"

namespace smelt::cli {

// Answers on options.address until the server is stopped or destroyed. The store must outlive it.
absl::StatusOr<std::unique_ptr<net::HttpServer>> StartDynamoDbServer(
    dynamodb::store::Store* store, net::HttpServerOptions options);

}  // namespace smelt::cli
