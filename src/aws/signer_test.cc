#include "aws/signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/credentials.h"

namespace smelt::aws {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Source of the vectors: AWS's Signature Version 4 test suite (names as there), and the example
// "GET Object" of the Amazon S3 API Reference, "Authenticating Requests: Using the Authorization
// Header".
constexpr char kKeyId[] = "AKIDEXAMPLE";
constexpr char kSecret[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr char kSessionToken[] =
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfI"
    "eoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0"
    "wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDry"
    "pNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
constexpr int64_t kSuiteMicros = 1'440'938'160'000'000;  // 20150830T123600Z

const net::HttpEndpoint kSuiteHost{true, "example.amazonaws.com", 443};

struct Vector {
  const char* name;
  net::HttpRequest request;
  const char* session_token;
  const char* signed_headers;
  const char* signature;
};

TEST(SignRequestTest, GivesTheSignaturesOfAwsTestSuite) {
  const Vector vectors[] = {
      {"get-vanilla",
       {"GET", "/"},
       "",
       "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"post-vanilla",
       {"POST", "/"},
       "",
       "host;x-amz-date",
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"get-vanilla-query-order-key-case",
       {"GET", "/?Param2=value2&Param1=value1"},
       "",
       "host;x-amz-date",
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"post-x-www-form-urlencoded",
       {"POST", "/", {{"Content-Type", "application/x-www-form-urlencoded"}}, "Param1=value1"},
       "",
       "content-type;host;x-amz-date",
       "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
      {"post-sts-header-before",
       {"POST", "/"},
       kSessionToken,
       "host;x-amz-date;x-amz-security-token",
       "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
  };
  for (const Vector& vector : vectors) {
    const auto credentials = StaticCredentials(kKeyId, kSecret, vector.session_token)->Get();
    net::HttpRequest request = vector.request;
    ASSERT_TRUE(
        SignRequest(*credentials, {"us-east-1", "service", kSuiteMicros}, kSuiteHost, &request)
            .ok());
    EXPECT_EQ(request.headers.Get("X-Amz-Date"), "20150830T123600Z") << vector.name;
    EXPECT_EQ(request.headers.Get("X-Amz-Security-Token"), vector.session_token) << vector.name;
    EXPECT_EQ(std::string(request.headers.Get("Authorization")),
              std::string("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/"
                          "aws4_request, SignedHeaders=") +
                  vector.signed_headers + ", Signature=" + vector.signature)
        << vector.name;
  }
}

TEST(SignRequestTest, SignsForS3AsItsReferenceShows) {
  const auto credentials =
      StaticCredentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")->Get();
  net::HttpRequest request{"GET", "/test.txt", {{"Range", "bytes=0-9"}}};
  const int64_t micros = 1'369'353'600'000'000;  // 20130524T000000Z
  ASSERT_TRUE(SignRequest(*credentials, {"us-east-1", "s3", micros},
                          {true, "examplebucket.s3.amazonaws.com", 443}, &request)
                  .ok());
  EXPECT_THAT(std::string(request.headers.Get("Authorization")),
              HasSubstr("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
}

TEST(SignRequestTest, SigningAgainReplacesTheSignature) {
  const auto credentials = StaticCredentials(kKeyId, kSecret)->Get();
  net::HttpRequest request{"POST", "/"};
  ASSERT_TRUE(
      SignRequest(*credentials, {"us-east-1", "service", kSuiteMicros}, kSuiteHost, &request).ok());
  const size_t headers = request.headers.size();
  // A header that the signer adds may not stand there already: it says so rather than sign two
  // dates.
  EXPECT_FALSE(
      SignRequest(*credentials, {"us-east-1", "service", kSuiteMicros}, kSuiteHost, &request).ok());
  EXPECT_EQ(request.headers.size(), headers);
}

TEST(CredentialsTest, TellTheirNameAndNotTheirSecret) {
  const auto credentials = StaticCredentials(kKeyId, kSecret)->Get();
  EXPECT_EQ(credentials->access_key_id(), kKeyId);
}

}  // namespace
}  // namespace smelt::aws
