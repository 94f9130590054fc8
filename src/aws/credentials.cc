#include "aws/credentials.h"

#include <aws/auth/credentials.h>
#include <aws/common/error.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "aws/library.h"
#include "base/check.h"
#include "base/status.h"

namespace smelt::aws {
namespace {

// Assuming a role or asking instance metadata takes round trips, each with the libraries' own time
// limits.
constexpr auto kPatience = std::chrono::seconds(60);

std::shared_ptr<const aws_credentials> Share(const aws_credentials* credentials) {
  aws_credentials_acquire(credentials);
  return {credentials, [](const aws_credentials* held) { aws_credentials_release(held); }};
}

class FixedProvider : public CredentialsProvider {
 public:
  explicit FixedProvider(Credentials credentials) : credentials_(std::move(credentials)) {}
  absl::StatusOr<Credentials> Get() override { return credentials_; }

 private:
  Credentials credentials_;
};

// Waits for a provider of the libraries, which answers by callback on a thread of its own.
class LibraryProvider : public CredentialsProvider {
 public:
  // Takes the reference.
  LibraryProvider(aws_credentials_provider* provider, std::string description)
      : provider_(provider), description_(std::move(description)) {}
  ~LibraryProvider() override { aws_credentials_provider_release(provider_); }

  absl::StatusOr<Credentials> Get() override {
    auto answer = std::make_shared<Answer>();
    auto* held = new std::shared_ptr<Answer>(answer);  // the callback may come after we gave up
    if (aws_credentials_provider_get_credentials(provider_, &OnAnswer, held) != AWS_OP_SUCCESS) {
      delete held;
      return NoCredentials(aws_last_error());
    }
    std::unique_lock lock(answer->mutex);
    if (!answer->arrived.wait_for(lock, kPatience, [&] { return answer->done; })) {
      return base::Unavailable("no AWS credentials after {} s of asking {}", kPatience.count(),
                               description_);
    }
    if (!answer->credentials) return NoCredentials(answer->error_code);
    return Credentials(answer->credentials);
  }

 private:
  struct Answer {
    std::mutex mutex;
    std::condition_variable arrived;
    bool done = false;
    int error_code = 0;
    std::shared_ptr<const aws_credentials> credentials;
  };

  static void OnAnswer(aws_credentials* credentials, int error_code, void* user_data) {
    std::unique_ptr<std::shared_ptr<Answer>> held(static_cast<std::shared_ptr<Answer>*>(user_data));
    Answer& answer = **held;
    std::lock_guard lock(answer.mutex);
    if (credentials != nullptr) answer.credentials = Share(credentials);
    answer.error_code = error_code;
    answer.done = true;
    answer.arrived.notify_all();
  }

  absl::Status NoCredentials(int error_code) const {
    return base::PermissionDenied("no AWS credentials: looked at {}; the last answer was: {}",
                                  description_, ErrorName(error_code));
  }

  aws_credentials_provider* const provider_;
  const std::string description_;
};

bool InstanceMetadataDisabled() {
  const char* disabled = std::getenv("AWS_EC2_METADATA_DISABLED");
  if (disabled == nullptr) return false;
  std::string lower(disabled);
  std::transform(lower.begin(), lower.end(), lower.begin(), ::tolower);
  return lower == "true";
}

// The providers of the chain in order. Those that nothing is configured for do not come to be.
class Chain {
 public:
  ~Chain() {
    for (aws_credentials_provider* provider : providers_) {
      aws_credentials_provider_release(provider);
    }
  }

  void Add(aws_credentials_provider* provider, std::string_view description) {
    if (provider == nullptr) return;
    providers_.push_back(provider);
    if (!description_.empty()) description_ += ", ";
    description_ += description;
  }

  absl::StatusOr<std::shared_ptr<CredentialsProvider>> Finish() {
    aws_credentials_provider_chain_options options{};
    options.providers = providers_.data();
    options.provider_count = providers_.size();
    aws_credentials_provider* chain = aws_credentials_provider_new_chain(Allocator(), &options);
    if (chain == nullptr) return base::Internal("no chain of AWS credentials: {}", LastError());
    aws_credentials_provider_cached_options cache{};
    cache.source = chain;
    aws_credentials_provider* cached = aws_credentials_provider_new_cached(Allocator(), &cache);
    aws_credentials_provider_release(chain);
    if (cached == nullptr) return base::Internal("no cache of AWS credentials: {}", LastError());
    return std::make_shared<LibraryProvider>(cached, description_);
  }

 private:
  std::vector<aws_credentials_provider*> providers_;
  std::string description_;
};

}  // namespace

std::string Credentials::access_key_id() const {
  return std::string(View(aws_credentials_get_access_key_id(handle_.get())));
}

std::shared_ptr<CredentialsProvider> StaticCredentials(const std::string& access_key_id,
                                                       const std::string& secret_access_key,
                                                       const std::string& session_token) {
  const aws_credentials* made =
      aws_credentials_new(Allocator(), Cursor(access_key_id), Cursor(secret_access_key),
                          Cursor(session_token), UINT64_MAX);
  SMELT_CHECK(made != nullptr, "{}", LastError());
  auto shared = Share(made);
  aws_credentials_release(made);
  return std::make_shared<FixedProvider>(Credentials(std::move(shared)));
}

std::shared_ptr<CredentialsProvider> PlaceholderCredentials() {
  return StaticCredentials("smelt", "smelt");
}

absl::StatusOr<std::shared_ptr<CredentialsProvider>> DefaultCredentials(
    const std::string& profile) {
  aws_allocator* allocator = Allocator();
  const Network& network = SharedNetwork();
  Chain chain;

  // A profile that was named wins over the environment, as it does for AWS's own tools.
  if (profile.empty()) {
    aws_credentials_provider_environment_options environment{};
    chain.Add(aws_credentials_provider_new_environment(allocator, &environment), "the environment");
  }
  const std::string name = profile.empty() ? "the profile" : "profile " + profile;
  aws_credentials_provider_profile_options from_profile{};
  from_profile.profile_name_override = Cursor(profile);
  from_profile.bootstrap = network.bootstrap;
  from_profile.tls_ctx = network.tls;
  chain.Add(aws_credentials_provider_new_profile(allocator, &from_profile), name);

  aws_credentials_provider_process_options process{};
  process.profile_to_use = Cursor(profile);
  chain.Add(aws_credentials_provider_new_process(allocator, &process),
            name + "'s credential_process");

  aws_credentials_provider_sso_options sso{};
  sso.profile_name_override = Cursor(profile);
  sso.bootstrap = network.bootstrap;
  sso.tls_ctx = network.tls;
  chain.Add(aws_credentials_provider_new_sso(allocator, &sso), name + "'s SSO session");

  aws_credentials_provider_sts_web_identity_options web_identity{};
  web_identity.bootstrap = network.bootstrap;
  web_identity.tls_ctx = network.tls;
  web_identity.profile_name_override = Cursor(profile);
  chain.Add(aws_credentials_provider_new_sts_web_identity(allocator, &web_identity),
            "the web identity");

  aws_credentials_provider_ecs_environment_options container{};
  container.bootstrap = network.bootstrap;
  container.tls_ctx = network.tls;
  chain.Add(aws_credentials_provider_new_ecs_from_environment(allocator, &container),
            "the container");

  if (!InstanceMetadataDisabled()) {
    aws_credentials_provider_imds_options instance{};
    instance.bootstrap = network.bootstrap;
    chain.Add(aws_credentials_provider_new_imds(allocator, &instance), "the instance's metadata");
  }
  return chain.Finish();
}

}  // namespace smelt::aws
