#pragma once

// Which AWS region, and which host serves it.

#include <absl/status/statusor.h>

#include <string>

namespace smelt::aws {

// `given` where it is not empty; else AWS_REGION, AWS_DEFAULT_REGION, the profile's `region` (of
// `profile`, AWS_PROFILE or "default"). kInvalidArgument says how to name one.
absl::StatusOr<std::string> ResolveRegion(const std::string& given, const std::string& profile);

// "https://dynamodb.eu-west-1.amazonaws.com".
std::string ServiceUrl(const std::string& service, const std::string& region);

}  // namespace smelt::aws
