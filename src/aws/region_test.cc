#include "aws/region.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "aws/credentials.h"
#include "base/status.h"

namespace smelt::aws {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// No AWS variables but those a test sets, and shared files of its own.
class EnvironmentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID",
                             "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}) {
      unsetenv(name);
    }
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    folder_ = std::filesystem::path(testing::TempDir()) / "aws";
    std::filesystem::create_directories(folder_);
    setenv("AWS_CONFIG_FILE", (folder_ / "config").c_str(), 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", (folder_ / "credentials").c_str(), 1);
    std::ofstream(folder_ / "config")
        << "[default]\nregion = eu-north-1\n[profile work]\nregion = sa-east-1\n";
    std::ofstream(folder_ / "credentials") << "[work]\naws_access_key_id = WORKKEY\n"
                                              "aws_secret_access_key = not-to-be-seen\n";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(EnvironmentTest, TheRegionIsLookedForFromTheNearestOutwards) {
  EXPECT_EQ(ResolveRegion("", "").value(), "eu-north-1");
  EXPECT_EQ(ResolveRegion("", "work").value(), "sa-east-1");
  setenv("AWS_DEFAULT_REGION", "us-west-2", 1);
  EXPECT_EQ(ResolveRegion("", "work").value(), "us-west-2");
  setenv("AWS_REGION", "us-east-1", 1);
  EXPECT_EQ(ResolveRegion("", "").value(), "us-east-1");
  EXPECT_EQ(ResolveRegion("eu-west-1", "").value(), "eu-west-1");
}

TEST_F(EnvironmentTest, ARegionThatIsMissingOrNoneIsSaid) {
  std::filesystem::remove(folder_ / "config");
  EXPECT_THAT(base::Message(ResolveRegion("", "").status()), HasSubstr("AWS_REGION"));
  EXPECT_THAT(base::Message(ResolveRegion("evil.example/", "").status()),
              HasSubstr("'evil.example/' is no AWS region"));
}

TEST_F(EnvironmentTest, CredentialsComeFromTheEnvironmentThenTheProfile) {
  EXPECT_EQ(DefaultCredentials("work").value()->Get()->access_key_id(), "WORKKEY");
  setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
  setenv("AWS_SECRET_ACCESS_KEY", "not-to-be-seen", 1);
  EXPECT_EQ(DefaultCredentials("").value()->Get()->access_key_id(), "ENVKEY");
  EXPECT_EQ(DefaultCredentials("work").value()->Get()->access_key_id(), "WORKKEY");
}

TEST_F(EnvironmentTest, MissingCredentialsSayWhereWasLooked) {
  const auto credentials = DefaultCredentials("").value()->Get();
  EXPECT_EQ(credentials.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(base::Message(credentials.status()),
              AllOf(HasSubstr("the environment"), Not(HasSubstr("not-to-be-seen"))));
}

TEST(ServiceUrlTest, KnowsTheDomainOfChina) {
  EXPECT_EQ(ServiceUrl("dynamodb", "eu-west-1"), "https://dynamodb.eu-west-1.amazonaws.com");
  EXPECT_EQ(ServiceUrl("s3", "cn-north-1"), "https://s3.cn-north-1.amazonaws.com.cn");
}

}  // namespace
}  // namespace smelt::aws
