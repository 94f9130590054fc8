#include <charconv>

#include "base/status.h"
#include "net/http_client.h"

namespace smelt::net {
namespace {

uint16_t DefaultPort(bool tls) { return tls ? 443 : 80; }

}  // namespace

std::string HttpEndpoint::Authority() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == DefaultPort(tls) ? name : fmt::format("{}:{}", name, port);
}

std::string HttpEndpoint::ToString() const { return (tls ? "https://" : "http://") + Authority(); }

absl::StatusOr<HttpEndpoint> ParseHttpEndpoint(std::string_view url) {
  HttpEndpoint endpoint;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    endpoint.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return base::InvalidArgument("'{}' is no endpoint: write http://host:port or https://host",
                                 url);
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  // Never shown: what stands before '@' is a password.
  if (rest.find('@') != rest.npos) {
    return base::InvalidArgument("an endpoint takes no user name or password in its URL");
  }
  if (rest.find_first_of("/?# ") != rest.npos) {
    return base::InvalidArgument("'{}' is no endpoint: nothing may follow the host and the port",
                                 url);
  }
  endpoint.port = DefaultPort(endpoint.tls);
  std::string_view port;
  if (rest.starts_with('[')) {
    const size_t close = rest.find(']');
    if (close == rest.npos) return base::InvalidArgument("'{}' lacks the closing ']'", url);
    endpoint.host = rest.substr(1, close - 1);
    rest.remove_prefix(close + 1);
    if (!rest.empty() && rest[0] != ':') {
      return base::InvalidArgument("'{}' is no endpoint: ':' must follow the ']'", url);
    }
    if (!rest.empty()) port = rest.substr(1);
  } else {
    const size_t colon = rest.find(':');
    endpoint.host = rest.substr(0, colon);
    if (colon != rest.npos) port = rest.substr(colon + 1);
    rest = colon == rest.npos ? std::string_view() : rest.substr(colon);
  }
  if (endpoint.host.empty()) return base::InvalidArgument("'{}' names no host", url);
  if (!rest.empty()) {
    const auto [end, error] =
        std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (error != std::errc() || end != port.data() + port.size() || endpoint.port == 0) {
      return base::InvalidArgument("'{}' is no endpoint: '{}' is no port", url, port);
    }
  }
  return endpoint;
}

}  // namespace smelt::net
