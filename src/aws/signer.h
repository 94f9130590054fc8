#pragma once

// Signature version 4 by aws-c-auth. Thread-safe.

#include <absl/status/status.h>

#include <cstdint>
#include <string>

#include "aws/credentials.h"
#include "net/http_client.h"

namespace smelt::aws {

struct Signing {
  std::string region;
  std::string service;  // "dynamodb"
  int64_t time_micros;  // wall time since the epoch
};

// Adds X-Amz-Date, X-Amz-Security-Token where there is one, and Authorization, over the request as
// it stands; the host that is signed is the endpoint's.
absl::Status SignRequest(const Credentials& credentials, const Signing& signing,
                         const net::HttpEndpoint& endpoint, net::HttpRequest* request);

}  // namespace smelt::aws
