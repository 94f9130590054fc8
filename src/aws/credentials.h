#pragma once

// AWS credentials, found by AWS's own C libraries. The secret cannot be read out of a Credentials:
// it goes from the libraries' provider to the libraries' signer, so no log, error or event can hold
// it.

#include <absl/status/statusor.h>

#include <memory>
#include <string>

struct aws_credentials;

namespace smelt::aws {

// Shares one immutable set of credentials; cheap to copy.
class Credentials {
 public:
  explicit Credentials(std::shared_ptr<const aws_credentials> handle)
      : handle_(std::move(handle)) {}

  // Names the credentials; no secret.
  std::string access_key_id() const;
  // For the signer.
  const aws_credentials* handle() const { return handle_.get(); }

 private:
  std::shared_ptr<const aws_credentials> handle_;
};

// Thread-safe.
class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;

  // Cached until shortly before they expire. kPermissionDenied says where was looked in vain.
  virtual absl::StatusOr<Credentials> Get() = 0;
};

std::shared_ptr<CredentialsProvider> StaticCredentials(const std::string& access_key_id,
                                                       const std::string& secret_access_key,
                                                       const std::string& session_token = "");

// What signs requests to an endpoint that checks no credentials (a local store), so that it sees a
// well-formed request.
std::shared_ptr<CredentialsProvider> PlaceholderCredentials();

// The usual order: environment variables; the profile (keys, role to assume, credential_process,
// SSO) of the shared files; web identity; container; instance metadata unless
// AWS_EC2_METADATA_DISABLED=true. `profile` empty: AWS_PROFILE or "default". Touches no network
// before the first Get.
absl::StatusOr<std::shared_ptr<CredentialsProvider>> DefaultCredentials(const std::string& profile);

}  // namespace smelt::aws
