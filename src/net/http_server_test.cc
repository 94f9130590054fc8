#include "net/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "base/status.h"

namespace smelt::net {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A bare socket: what the server sends is seen byte for byte.
class Socket {
 public:
  explicit Socket(uint16_t port) : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ =
        connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    const timeval timeout{.tv_sec = 10};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  }
  ~Socket() { close(descriptor_); }

  bool is_connected() const { return is_connected_; }
  void Send(const std::string& bytes) {
    send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  // Until `end` has come, or the connection has ended.
  std::string ReadTo(const std::string& end) {
    std::string text;
    char byte;
    while (!text.ends_with(end) && recv(descriptor_, &byte, 1, 0) == 1) text += byte;
    return text;
  }
  std::string ReadAll() { return ReadTo("\x01 never"); }

 private:
  int descriptor_;
  bool is_connected_ = false;
};

std::unique_ptr<HttpServer> Start(HttpServer::Handler handler, HttpServerOptions options = {}) {
  return std::move(HttpServer::Start(options, std::move(handler))).value();
}

std::optional<HttpResponse> Echo(const HttpRequest& request) {
  HttpResponse response{.status = 201};
  response.headers.Add("X-Seen", std::string(request.headers.Get("x-amz-target")));
  response.body = request.method + " " + request.target + " " + request.body;
  return response;
}

TEST(HttpServer, HandsOverTheWholeRequestAndSendsTheWholeAnswer) {
  const auto server = Start(Echo);
  Socket socket(server->port());
  socket.Send(
      "POST /a?b=c HTTP/1.1\r\nHost: x\r\nX-Amz-Target: T\r\nContent-Length: 4\r\n\r\nbody");
  const std::string answer = socket.ReadTo("POST /a?b=c body");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 201 Created\r\n"));
  EXPECT_THAT(answer, HasSubstr("X-Seen: T\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 16\r\n"));
}

TEST(HttpServer, KeepsAConnectionForManyRequestsEvenPipelined) {
  const auto server = Start(Echo);
  Socket socket(server->port());
  socket.Send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(socket.ReadTo("GET /1 "), HasSubstr("201"));
  EXPECT_THAT(socket.ReadTo("GET /2 "), HasSubstr("201"));
  socket.Send("GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(socket.ReadAll(), HasSubstr("GET /3 "));
}

TEST(HttpServer, RefusesWhatIsTooLargeOrNoRequest) {
  const auto server = Start(Echo, {.max_header_size_bytes = 1000, .max_body_size_bytes = 10});
  Socket large(server->port());
  large.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n");
  EXPECT_THAT(large.ReadAll(), StartsWith("HTTP/1.1 413"));
  Socket long_header(server->port());
  long_header.Send("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(2000, 'x') + "\r\n\r\n");
  EXPECT_THAT(long_header.ReadAll(), StartsWith("HTTP/1.1 431"));
  Socket nonsense(server->port());
  nonsense.Send("\x16\x03\x01 this is TLS\r\n\r\n");
  EXPECT_THAT(nonsense.ReadAll(), StartsWith("HTTP/1.1 400"));
}

TEST(HttpServer, AnExceptionIsAnswered500AndTheConnectionGoesOn) {
  const auto server = Start([](const HttpRequest& request) -> std::optional<HttpResponse> {
    if (request.target == "/bad") throw std::runtime_error("secret");
    return Echo(request);
  });
  Socket socket(server->port());
  socket.Send("GET /bad HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = socket.ReadTo("internal error");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500"));
  socket.Send("GET /good HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(socket.ReadTo("GET /good "), HasSubstr("201"));
}

TEST(HttpServer, NoAnswerEndsTheConnection) {
  const auto server = Start([](const HttpRequest&) { return std::nullopt; });
  Socket socket(server->port());
  socket.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(socket.ReadAll(), "");
}

TEST(HttpServer, AnIdleConnectionIsClosed) {
  const auto server = Start(Echo, {.idle_timeout_ms = 50});
  Socket socket(server->port());
  socket.Send("GET / HT");
  EXPECT_EQ(socket.ReadAll(), "");
}

TEST(HttpServer, StoppingLetsARunningHandlerAnswerAndEndsTheIdle) {
  std::atomic<bool> is_running = false;
  const auto server = Start([&](const HttpRequest& request) {
    is_running = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return Echo(request);
  });
  Socket idle(server->port());
  Socket busy(server->port());
  busy.Send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  while (!is_running) std::this_thread::yield();
  server->Stop();
  server->Stop();
  EXPECT_THAT(busy.ReadAll(), HasSubstr("GET /slow "));
  EXPECT_EQ(idle.ReadAll(), "");
  EXPECT_FALSE(Socket(server->port()).is_connected());
}

TEST(HttpServer, HandlersRunSideBySide) {
  std::atomic<int> running = 0;
  const auto server = Start(
      [&](const HttpRequest& request) {
        ++running;
        for (int i = 0; i < 5000 && running < 2; ++i) {
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return Echo(request);
      },
      {.threads = 2});
  Socket one(server->port());
  Socket two(server->port());
  one.Send("GET /one HTTP/1.1\r\nHost: x\r\n\r\n");
  two.Send("GET /two HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(one.ReadTo("GET /one "), HasSubstr("201"));
  EXPECT_THAT(two.ReadTo("GET /two "), HasSubstr("201"));
}

TEST(HttpServer, ListensOnLoopbackOnlyAndOnAFreePortOnly) {
  EXPECT_EQ(HttpServer::Start({.address = "0.0.0.0"}, Echo).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(HttpServer::Start({.address = "example"}, Echo).status().code(),
            absl::StatusCode::kInvalidArgument);
  const auto server = Start(Echo);
  const absl::Status taken = HttpServer::Start({.port = server->port()}, Echo).status();
  EXPECT_EQ(taken.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(base::Message(taken), HasSubstr(fmt::format("127.0.0.1:{}", server->port())));
}

TEST(ParseListen, TakesAnAddressAPortOrBoth) {
  HttpServerOptions options;
  ASSERT_TRUE(ParseListen("127.0.0.2:80", &options).ok());
  EXPECT_EQ(options.address, "127.0.0.2");
  EXPECT_EQ(options.port, 80);
  ASSERT_TRUE(ParseListen("[::1]:8000", &options).ok());
  EXPECT_EQ(options.address, "::1");
  ASSERT_TRUE(ParseListen("9000", &options).ok());
  EXPECT_EQ(options.port, 9000);
  for (const char* wrong : {"", "127.0.0.1", "127.0.0.1:", "x:99999", "1:2x"}) {
    EXPECT_FALSE(ParseListen(wrong, &options).ok()) << wrong;
  }
}

TEST(HttpHeaders, CompareNamesWithoutRegardToCase) {
  HttpHeaders headers = {{"Content-Type", "a"}, {"Set-Cookie", "1"}, {"set-cookie", "2"}};
  EXPECT_EQ(headers.Get("content-type"), "a");
  EXPECT_TRUE(headers.Has("SET-COOKIE"));
  EXPECT_EQ(headers.Get("x"), "");
  headers.Set("SET-cookie", "3");
  EXPECT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers.Get("set-cookie"), "3");
}

}  // namespace
}  // namespace smelt::net
