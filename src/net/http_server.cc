#include "net/http_server.h"

#include <spdlog/spdlog.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <charconv>
#include <chrono>
#include <set>
#include <thread>

#include "base/status.h"

namespace smelt::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

using BeastResponse = http::response<http::string_body>;

HttpRequest FromBeast(http::request<http::string_body> message) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) {
    request.headers.Add(std::string(field.name_string()), std::string(field.value()));
  }
  request.body = std::move(message.body());
  return request;
}

BeastResponse ToBeast(HttpResponse response, bool keep_alive) {
  BeastResponse message;
  message.version(11);
  message.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  message.body() = std::move(response.body);
  message.keep_alive(keep_alive);
  message.prepare_payload();
  return message;
}

bool IsMalformed(error_code error) {
  static const auto& kProtocol = http::make_error_code(http::error::bad_method).category();
  return error && error.category() == kProtocol && error != http::error::end_of_stream &&
         error != http::error::partial_message;
}

HttpResponse PlainError(int status, std::string text) {
  HttpResponse response{.status = status, .body = std::move(text)};
  response.headers.Add("Content-Type", "text/plain");
  return response;
}

}  // namespace

// All members of a connection and of Impl's set of them are touched by the one I/O thread only; a
// handler gets a copy of the request, and posts its answer back.
class HttpServer::Impl {
 public:
  Impl(const HttpServerOptions& options, Handler handler)
      : options_(options),
        handler_(std::move(handler)),
        acceptor_(io_),
        retry_(io_),
        pool_(static_cast<size_t>(options.threads)) {}

  ~Impl() { Stop(); }

  absl::Status Start();
  void Stop();
  uint16_t port() const { return port_; }

 private:
  class Connection;

  void Accept();
  void AcceptLater(error_code error);

  const HttpServerOptions options_;
  const Handler handler_;
  asio::io_context io_;
  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  asio::thread_pool pool_;
  std::set<std::shared_ptr<Connection>> connections_;
  bool is_stopping_ = false;
  bool is_stopped_ = false;
  uint16_t port_ = 0;
  std::thread io_thread_;
};

class HttpServer::Impl::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Impl* server, tcp::socket socket) : server_(server), stream_(std::move(socket)) {
    error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
  }

  void Read() {
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(server_->options_.max_header_size_bytes));
    parser_->body_limit(server_->options_.max_body_size_bytes);
    is_idle_ = true;
    stream_.expires_after(std::chrono::milliseconds(server_->options_.idle_timeout_ms));
    http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](error_code error, size_t) { self->OnRead(error); });
  }

  // Ends it now if no request of it is being answered, else after the answer.
  void Finish() {
    keep_alive_ = false;
    if (is_idle_) Close();
  }

 private:
  void OnRead(error_code error) {
    is_idle_ = false;
    if (error == http::error::body_limit) return Answer(PlainError(413, "the body is too large"));
    if (error == http::error::header_limit) {
      return Answer(PlainError(431, "the header is too large"));
    }
    if (IsMalformed(error)) {
      return Answer(PlainError(400, "this is no HTTP request: " + error.message()));
    }
    if (error) return Close();  // the client has gone, or was idle for too long
    keep_alive_ = parser_->get().keep_alive() && !server_->is_stopping_;
    stream_.expires_never();
    // The guard keeps the I/O loop alive until the answer is posted back to it.
    asio::post(server_->pool_,
               [self = shared_from_this(), guard = asio::make_work_guard(server_->io_),
                request = FromBeast(parser_->release())] { self->Handle(request); });
  }

  // On the pool.
  void Handle(const HttpRequest& request) {
    std::optional<HttpResponse> response;
    try {
      response = server_->handler_(request);
    } catch (const std::exception& error) {
      spdlog::error("{} {}: {}", request.method, request.target, error.what());
      response = PlainError(500, "internal error");
    }
    asio::post(stream_.get_executor(),
               [self = shared_from_this(), response = std::move(response)]() mutable {
                 if (!response) return self->Close();
                 self->Write(*std::move(response));
               });
  }

  // An error of the protocol: what follows on the connection cannot be trusted.
  void Answer(HttpResponse response) {
    keep_alive_ = false;
    Write(std::move(response));
  }

  void Write(HttpResponse response) {
    response_ = ToBeast(std::move(response), keep_alive_ && !server_->is_stopping_);
    stream_.expires_after(std::chrono::milliseconds(server_->options_.idle_timeout_ms));
    http::async_write(stream_, response_, [self = shared_from_this()](error_code error, size_t) {
      self->OnWritten(error);
    });
  }

  void OnWritten(error_code error) {
    if (error || !response_.keep_alive()) return Close();
    Read();
  }

  void Close() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
    server_->connections_.erase(shared_from_this());
  }

  Impl* server_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  BeastResponse response_;
  bool keep_alive_ = true;
  bool is_idle_ = true;
};

absl::Status HttpServer::Impl::Start() {
  error_code error;
  const asio::ip::address address = asio::ip::make_address(options_.address, error);
  if (error) return base::InvalidArgument("'{}' is no IP address", options_.address);
  if (!address.is_loopback() && !options_.allow_other_than_loopback) {
    return base::InvalidArgument(
        "{} is not a loopback address, and this server has neither TLS nor authentication",
        options_.address);
  }
  const tcp::endpoint endpoint(address, options_.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return base::FailedPrecondition("cannot listen on {}:{}: {}", options_.address, options_.port,
                                    error.message());
  }
  port_ = acceptor_.local_endpoint().port();
  Accept();
  io_thread_ = std::thread([this] { io_.run(); });
  return absl::OkStatus();
}

void HttpServer::Impl::Accept() {
  acceptor_.async_accept([this](error_code error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) return AcceptLater(error);
    const auto connection = std::make_shared<Connection>(this, std::move(socket));
    connections_.insert(connection);
    connection->Read();
    Accept();
  });
}

// Out of descriptors, say: trying again at once would only spin.
void HttpServer::Impl::AcceptLater(error_code error) {
  spdlog::warn("cannot accept a connection: {}", error.message());
  retry_.expires_after(std::chrono::milliseconds(100));
  retry_.async_wait([this](error_code cancelled) {
    if (!cancelled && acceptor_.is_open()) Accept();
  });
}

void HttpServer::Impl::Stop() {
  if (is_stopped_ || !io_thread_.joinable()) return;
  is_stopped_ = true;
  asio::post(io_, [this] {
    is_stopping_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
    const auto connections = connections_;  // finishing removes from the set
    for (const auto& connection : connections) connection->Finish();
  });
  // Without an acceptor, the loop ends once no connection is left; a handler that runs holds its
  // connection and posts back.
  io_thread_.join();
  pool_.join();
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options,
                                                              Handler handler) {
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  SMELT_RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

uint16_t HttpServer::port() const { return impl_->port(); }

void HttpServer::Stop() { impl_->Stop(); }

absl::Status ParseListen(const std::string& listen, HttpServerOptions* options) {
  const size_t colon = listen.rfind(':');
  std::string address = colon == std::string::npos ? "" : listen.substr(0, colon);
  const std::string port = colon == std::string::npos ? listen : listen.substr(colon + 1);
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
    address = address.substr(1, address.size() - 2);
  }
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (port.empty() || error != std::errc() || end != port.data() + port.size()) {
    return base::InvalidArgument("'{}' is not ADDRESS:PORT", listen);
  }
  if (!address.empty()) options->address = address == "localhost" ? "127.0.0.1" : address;
  options->port = number;
  return absl::OkStatus();
}

}  // namespace smelt::net
