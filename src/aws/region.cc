#include "aws/region.h"

#include <aws/common/string.h>
#include <aws/sdkutils/aws_profile.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "aws/library.h"
#include "base/status.h"

namespace smelt::aws {
namespace {

using String = std::unique_ptr<aws_string, decltype(&aws_string_destroy)>;
using Profiles = std::unique_ptr<aws_profile_collection, decltype(&aws_profile_collection_release)>;

std::string FromProfile(const std::string& profile) {
  aws_allocator* allocator = Allocator();
  const aws_byte_cursor override_name = Cursor(profile);
  const String path(aws_get_config_file_path(allocator, nullptr), &aws_string_destroy);
  const String name(aws_get_profile_name(allocator, profile.empty() ? nullptr : &override_name),
                    &aws_string_destroy);
  const String property(aws_string_new_from_c_str(allocator, "region"), &aws_string_destroy);
  if (!path || !name) return "";
  const Profiles profiles(
      aws_profile_collection_new_from_file(allocator, path.get(), AWS_PST_CONFIG),
      &aws_profile_collection_release);
  if (!profiles) return "";
  const aws_profile* found = aws_profile_collection_get_profile(profiles.get(), name.get());
  if (found == nullptr) return "";
  const aws_profile_property* region = aws_profile_get_property(found, property.get());
  return region == nullptr ? "" : aws_string_c_str(aws_profile_property_get_value(region));
}

bool LooksLikeRegion(const std::string& region) {
  return !region.empty() && std::all_of(region.begin(), region.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

absl::StatusOr<std::string> ResolveRegion(const std::string& given, const std::string& profile) {
  std::string region = given;
  for (const char* variable : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (!region.empty()) break;
    if (const char* value = std::getenv(variable)) region = value;
  }
  if (region.empty()) region = FromProfile(profile);
  if (region.empty()) {
    return base::InvalidArgument(
        "no AWS region: name one where the target names DynamoDB (dynamodb: {{region: "
        "eu-west-1}}), in AWS_REGION or in the profile");
  }
  // It becomes a part of a host name.
  if (!LooksLikeRegion(region)) {
    return base::InvalidArgument("'{}' is no AWS region; one looks like eu-west-1", region);
  }
  return region;
}

std::string ServiceUrl(const std::string& service, const std::string& region) {
  const char* domain = region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return fmt::format("https://{}.{}.{}", service, region, domain);
}

}  // namespace smelt::aws
