#pragma once

// HttpServer: HTTP/1.1 on one address, each whole request handed to a handler. Connections are kept
// alive. Sockets are driven by one thread, handlers run on a pool, so that a slow handler does not
// hold up the sockets. A request that is malformed, or larger than the limit, is answered before
// any handler sees it.
//
// There is neither TLS nor authentication here: Start refuses an address that is not loopback
// unless told that the caller has seen to both.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/http.h"

namespace smelt::net {

struct HttpServerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0: one that is free
  int threads = 4;    // that run handlers
  size_t max_header_size_bytes = 64 << 10;
  size_t max_body_size_bytes = 16 << 20;
  int idle_timeout_ms =
      60'000;  // of a connection without a request, or with one that does not get on
  bool allow_other_than_loopback = false;
};

class HttpServer {
 public:
  // Called on the pool, several at once. Nullopt: the connection is closed without an answer. What
  // it throws is answered 500.
  using Handler = std::function<std::optional<HttpResponse>(const HttpRequest&)>;

  // Listens when it returns. kFailedPrecondition: the port is taken; kInvalidArgument: no such
  // address.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options,
                                                           Handler handler);
  // Stop().
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const;

  // Takes no more connections and requests, waits for the handlers that run and for their answers
  // to be written, then closes. May be called more than once, not from a handler.
  void Stop();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

// "127.0.0.1:8000" or ":8000" or "8000" -> address and port, into `options`.
absl::Status ParseListen(const std::string& listen, HttpServerOptions* options);

}  // namespace smelt::net
