#include "net/http_client.h"

#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/status.h"

namespace smelt::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;
using Request = http::request<http::span_body<const char>>;

// One connection, used by one thread at a time. Each has an io_context of its own: an operation is
// started with a deadline and driven to its end by the caller, which is how Beast gives timeouts to
// code that blocks.
class Connection {
 public:
  Connection(const HttpEndpoint& endpoint, asio::ssl::context* tls) : endpoint_(endpoint) {
    if (endpoint.tls) {
      secure_.emplace(io_, *tls);
    } else {
      plain_.emplace(io_);
    }
  }

  absl::Status Connect(SteadyClock::time_point deadline) {
    error_code error;
    asio::ip::tcp::resolver resolver(io_);
    const auto addresses = resolver.resolve(endpoint_.host, std::to_string(endpoint_.port), error);
    if (error) {
      return base::Unavailable("cannot find the host of {}: {}", endpoint_.ToString(),
                               error.message());
    }
    Tcp().expires_at(deadline);
    error = Run([&](auto done) {
      Tcp().async_connect(addresses, [done](error_code e, const auto&) { done(e); });
    });
    if (error) return Trouble("cannot connect to", error);
    Tcp().socket().set_option(asio::ip::tcp::no_delay(true), error);
    if (!secure_) return absl::OkStatus();

    if (!SSL_set_tlsext_host_name(secure_->native_handle(), endpoint_.host.c_str())) {
      return base::Internal("cannot set the TLS server name {}", endpoint_.host);
    }
    secure_->set_verify_callback(asio::ssl::host_name_verification(endpoint_.host));
    error = Run([&](auto done) { secure_->async_handshake(asio::ssl::stream_base::client, done); });
    if (error.category() == asio::error::get_ssl_category()) {
      return base::FailedPrecondition("no trusted TLS connection to {}: {}", endpoint_.ToString(),
                                      error.message());
    }
    return error ? Trouble("cannot connect to", error) : absl::OkStatus();
  }

  absl::StatusOr<HttpResponse> Exchange(const Request& request, int64_t max_response_bytes,
                                        SteadyClock::time_point deadline) {
    http::response_parser<http::string_body> parser;
    parser.body_limit(max_response_bytes);
    if (request.method() == http::verb::head) parser.skip(true);
    Tcp().expires_at(deadline);
    const auto write_and_read = [&](auto& stream) {
      const error_code error = Run([&](auto done) {
        http::async_write(stream, request, [done](error_code e, size_t) { done(e); });
      });
      if (error) return error;
      return Run([&](auto done) {
        http::async_read(stream, buffer_, parser, [done](error_code e, size_t) { done(e); });
      });
    };
    const error_code error = secure_ ? write_and_read(*secure_) : write_and_read(*plain_);
    if (error) return Trouble("lost the connection to", error);
    Tcp().expires_never();
    keep_alive_ = parser.get().keep_alive();

    http::response<http::string_body> message = parser.release();
    HttpResponse response;
    response.status = message.result_int();
    for (const auto& field : message) {
      response.headers.Add(std::string(field.name_string()), std::string(field.value()));
    }
    response.body = std::move(message.body());
    idle_since_ = SteadyClock::now();
    return response;
  }

  // The server has neither closed it nor said anything unasked since the last answer.
  bool Reusable(int64_t max_idle_micros) {
    if (!keep_alive_ || buffer_.size() > 0) return false;
    if (SteadyClock::now() - idle_since_ > std::chrono::microseconds(max_idle_micros)) return false;
    char byte;
    const ssize_t got = recv(Tcp().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  }

 private:
  beast::tcp_stream& Tcp() { return secure_ ? secure_->next_layer() : *plain_; }

  // Starts an operation and runs it to its end.
  template <typename Start>
  error_code Run(Start start) {
    error_code result;
    start([&result](error_code error) { result = error; });
    io_.restart();
    io_.run();
    return result;
  }

  absl::Status Trouble(const char* what, const error_code& error) const {
    if (error == beast::error::timeout) {
      return base::DeadlineExceeded("{} did not answer in time", endpoint_.ToString());
    }
    if (error.category() == http::make_error_code(http::error::bad_version).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message) {
      return base::DataLoss("{} sent a bad answer: {}", endpoint_.ToString(), error.message());
    }
    return base::Unavailable("{} {}: {}", what, endpoint_.ToString(), error.message());
  }

  HttpEndpoint endpoint_;
  asio::io_context io_{1};
  std::optional<beast::tcp_stream> plain_;
  std::optional<beast::ssl_stream<beast::tcp_stream>> secure_;
  beast::flat_buffer buffer_;
  bool keep_alive_ = false;
  SteadyClock::time_point idle_since_;
};

class BeastHttpClient : public HttpClient {
 public:
  explicit BeastHttpClient(HttpClientOptions options) : options_(std::move(options)) {}

  absl::StatusOr<HttpResponse> Send(const HttpEndpoint& endpoint, const HttpRequest& request,
                                    int64_t timeout_micros) override {
    const auto deadline = SteadyClock::now() + std::chrono::microseconds(timeout_micros);
    std::unique_ptr<Connection> connection = TakeIdle(endpoint);
    if (!connection) {
      if (endpoint.tls) {
        std::call_once(tls_read_, [this] { tls_status_ = ReadTrust(); });
        SMELT_RETURN_IF_ERROR(tls_status_);
      }
      connection = std::make_unique<Connection>(endpoint, &tls_);
      SMELT_RETURN_IF_ERROR(connection->Connect(deadline));
    }
    SMELT_ASSIGN_OR_RETURN(
        HttpResponse response,
        connection->Exchange(ToBeast(endpoint, request), options_.max_response_bytes, deadline));
    if (connection->Reusable(options_.max_idle_micros)) {
      std::lock_guard lock(mutex_);
      idle_[endpoint].push_back(std::move(connection));
    }
    return response;
  }

 private:
  Request ToBeast(const HttpEndpoint& endpoint, const HttpRequest& request) const {
    Request message;
    message.method_string(request.method);
    message.target(request.target);
    message.version(11);
    for (const auto& [name, value] : request.headers) message.insert(name, value);
    message.set(http::field::host, endpoint.Authority());
    if (!request.headers.Has("User-Agent")) {
      message.set(http::field::user_agent, options_.user_agent);
    }
    message.body() = boost::beast::span<const char>(request.body.data(), request.body.size());
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD")) {
      message.content_length(request.body.size());
    }
    return message;
  }

  absl::Status ReadTrust() {
    error_code error;
    tls_.set_options(asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                         asio::ssl::context::no_tlsv1_1,
                     error);
    tls_.set_verify_mode(asio::ssl::verify_peer, error);
    if (options_.ca_file.empty()) {
      tls_.set_default_verify_paths(error);
    } else {
      tls_.load_verify_file(options_.ca_file, error);
    }
    if (!error) return absl::OkStatus();
    return base::InvalidArgument("cannot read the certificates to trust{}: {}",
                                 options_.ca_file.empty() ? "" : " from " + options_.ca_file,
                                 error.message());
  }

  // The connection that was used last, so that the others can grow old; nullptr where there is
  // none.
  std::unique_ptr<Connection> TakeIdle(const HttpEndpoint& endpoint) {
    while (true) {
      std::unique_ptr<Connection> connection;
      {
        std::lock_guard lock(mutex_);
        auto& idle = idle_[endpoint];
        if (idle.empty()) return nullptr;
        connection = std::move(idle.back());
        idle.pop_back();
      }
      if (connection->Reusable(options_.max_idle_micros)) return connection;
    }
  }

  const HttpClientOptions options_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  std::once_flag tls_read_;
  absl::Status tls_status_;  // of ReadTrust
  std::mutex mutex_;
  std::map<HttpEndpoint, std::vector<std::unique_ptr<Connection>>> idle_;  // under mutex_
};

}  // namespace

std::unique_ptr<HttpClient> MakeHttpClient(const HttpClientOptions& options) {
  return std::make_unique<BeastHttpClient>(options);
}

}  // namespace smelt::net
