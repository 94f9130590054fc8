#pragma once

// HttpClient: the seam to everything that is reached over HTTP. MakeHttpClient is the real one
// (HTTP/1.1, kept-alive connections, TLS with verified certificates); tests script theirs
// (scripted_http_client.h).
//
// Any answer with a status line is an HttpResponse, whatever its status. Errors: kUnavailable no
// connection, or it broke; kDeadlineExceeded the time ran out; kFailedPrecondition the server's
// certificate is not to be trusted; kDataLoss the answer is not HTTP or too large. After
// kUnavailable and kDeadlineExceeded the request may have taken effect all the same: whoever
// retries must be able to repeat it.

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/http.h"

namespace smelt::net {

// Where a server listens.
struct HttpEndpoint {
  bool tls = false;
  std::string host;  // a name or an address; IPv6 without brackets
  uint16_t port = 80;

  // The Host header: "localhost:8000"; the port left out where it is the scheme's own.
  std::string Authority() const;
  // "http://localhost:8000".
  std::string ToString() const;

  friend auto operator<=>(const HttpEndpoint&, const HttpEndpoint&) = default;
};

// "http[s]://host[:port][/]". kInvalidArgument says what is wrong; user names, passwords and paths
// are refused.
absl::StatusOr<HttpEndpoint> ParseHttpEndpoint(std::string_view url);

// Thread-safe: Send blocks its caller, and any number of threads may be in it.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  // Sends and waits for the whole answer, at most `timeout_micros` from connect to last byte
  // (looking up a host's name is the system's own time). Host and Content-Length are added.
  virtual absl::StatusOr<HttpResponse> Send(const HttpEndpoint& endpoint,
                                            const HttpRequest& request, int64_t timeout_micros) = 0;
};

struct HttpClientOptions {
  std::string user_agent = "smelt";
  // PEM file of authorities to trust instead of the system's; empty: the system's.
  std::string ca_file;
  int64_t max_response_bytes = 64 << 20;
  // An idle connection is used again for so long; servers close theirs at some time of their own.
  int64_t max_idle_micros = 15'000'000;
};

// The certificates to trust are read at the first https request: kInvalidArgument where they cannot
// be.
std::unique_ptr<HttpClient> MakeHttpClient(const HttpClientOptions& options);

}  // namespace smelt::net
