#pragma once

// The HttpClient of tests: answers from a function and keeps what it was asked.

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "net/http_client.h"

namespace smelt::net {

// Thread-safe; the function is called under a lock, one request at a time.
class ScriptedHttpClient : public HttpClient {
 public:
  using Script = std::function<absl::StatusOr<HttpResponse>(const HttpRequest&)>;

  explicit ScriptedHttpClient(Script script) : script_(std::move(script)) {}

  absl::StatusOr<HttpResponse> Send(const HttpEndpoint& endpoint, const HttpRequest& request,
                                    int64_t timeout_micros) override {
    std::lock_guard lock(mutex_);
    requests_.push_back(request);
    return script_(request);
  }

  std::vector<HttpRequest> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  mutable std::mutex mutex_;
  Script script_;
  std::vector<HttpRequest> requests_;
};

}  // namespace smelt::net
