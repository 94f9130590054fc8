#include "net/http_client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <thread>

#include "base/status.h"
#include "net/http_server.h"

namespace smelt::net {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kTimeoutMicros = 5'000'000;

std::unique_ptr<HttpClient> Client(HttpClientOptions options = {}) {
  return MakeHttpClient(options);
}

// A listening socket that hands each connection to a function: for answers that no proper server
// gives.
class RawServer {
 public:
  explicit RawServer(std::function<void(int socket, int connection)> serve) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, serve] {
      for (int connection = 0;; ++connection) {
        const int accepted = accept(listener_, nullptr, nullptr);
        if (accepted < 0) return;
        serve(accepted, connection);
        close(accepted);
      }
    });
  }
  ~RawServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  HttpEndpoint endpoint() const { return {false, "127.0.0.1", port_}; }
  uint16_t port() const { return port_; }

 private:
  int listener_;
  uint16_t port_;
  std::thread thread_;
};

void ReadRequest(int socket) {
  char buffer[4096];
  std::string request;
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = read(socket, buffer, sizeof buffer);
    if (got <= 0) return;
    request.append(buffer, got);
  }
}

void Say(int socket, const std::string& text) {
  EXPECT_EQ(write(socket, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

TEST(HttpClientTest, SendsWhatItIsGivenAndReturnsWhatItGets) {
  auto server = HttpServer::Start({}, [](const HttpRequest& request) {
    HttpResponse response{418, {{"X-Method", request.method}, {"X-Target", request.target}}};
    response.headers.Add("X-Host", std::string(request.headers.Get("Host")));
    response.headers.Add("X-Mine", std::string(request.headers.Get("X-Mine")));
    response.body = request.body + "!";
    return std::optional<HttpResponse>(response);
  });
  ASSERT_TRUE(server.ok()) << server.status();
  const HttpEndpoint endpoint{false, "127.0.0.1", (*server)->port()};
  const auto response =
      Client()->Send(endpoint, {"POST", "/a/b?c=d", {{"X-Mine", "yes"}}, "body"}, kTimeoutMicros);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 418);
  EXPECT_EQ(response->headers.Get("X-Method"), "POST");
  EXPECT_EQ(response->headers.Get("X-Target"), "/a/b?c=d");
  EXPECT_EQ(response->headers.Get("X-Host"), endpoint.Authority());
  EXPECT_EQ(response->headers.Get("X-Mine"), "yes");
  EXPECT_EQ(response->body, "body!");
}

TEST(HttpClientTest, ManyThreadsShareIt) {
  auto server = HttpServer::Start({}, [](const HttpRequest& request) {
    return std::optional<HttpResponse>(HttpResponse{200, {}, request.body});
  });
  ASSERT_TRUE(server.ok());
  const HttpEndpoint endpoint{false, "127.0.0.1", (*server)->port()};
  const auto client = Client();
  std::atomic<int> right = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string body = std::to_string(t) + "/" + std::to_string(i);
        const auto response = client->Send(endpoint, {"POST", "/", {}, body}, kTimeoutMicros);
        if (response.ok() && response->body == body) ++right;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(right, 400);
}

TEST(HttpClientTest, UsesAConnectionAgainUntilTheServerClosesIt) {
  std::atomic<int> connections = 0;
  const RawServer server([&](int socket, int) {
    ++connections;
    for (int i = 0; i < 2; ++i) {
      ReadRequest(socket);
      Say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  const auto client = Client();
  for (int i = 0; i < 6; ++i) {
    const auto response = client->Send(server.endpoint(), {}, kTimeoutMicros);
    ASSERT_TRUE(response.ok()) << response.status();
    // Gives the close the time to arrive: a connection that is closed already is not tried.
    if (i % 2 == 1) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_EQ(connections, 3);
}

TEST(HttpClientTest, ABodyThatIsCutIsNoAnswer) {
  const RawServer server([](int socket, int) {
    ReadRequest(socket);
    Say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
  });
  const auto response = Client()->Send(server.endpoint(), {}, kTimeoutMicros);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable) << response.status();
}

TEST(HttpClientTest, WhatIsNotHttpIsSaidToBeThat) {
  const RawServer server([](int socket, int) {
    ReadRequest(socket);
    Say(socket, "SSH-2.0-OpenSSH\r\n\r\n");
  });
  const auto response = Client()->Send(server.endpoint(), {}, kTimeoutMicros);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kDataLoss) << response.status();
}

TEST(HttpClientTest, AnAnswerThatIsTooLargeIsRefused) {
  const RawServer server([](int socket, int) {
    ReadRequest(socket);
    Say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x'));
  });
  const auto response =
      Client({.max_response_bytes = 99})->Send(server.endpoint(), {}, kTimeoutMicros);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kDataLoss) << response.status();
}

TEST(HttpClientTest, ASilentServerIsNotWaitedForLongerThanSaid) {
  const RawServer server([](int socket, int) {
    ReadRequest(socket);
    sleep(1);
  });
  const auto begun = std::chrono::steady_clock::now();
  const auto response = Client()->Send(server.endpoint(), {}, 100'000);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kDeadlineExceeded) << response.status();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(900));
}

TEST(HttpClientTest, NobodyThereIsUnavailable) {
  uint16_t port;
  {
    port = RawServer([](int, int) {}).port();
  }
  const auto response = Client()->Send({false, "127.0.0.1", port}, {}, kTimeoutMicros);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(base::Message(response.status()), HasSubstr("cannot connect to http://127.0.0.1:"));
}

// A certificate for "localhost" that signs itself, and a server that shows it.
class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    key_ = EVP_RSA_gen(2048);
    certificate_ = X509_new();
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* name = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(certificate_, name);
    X509_EXTENSION* names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
    X509_add_ext(certificate_, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate_, key_, EVP_sha256());
    ca_file_ = testing::TempDir() + "/smelt_http_client_test.pem";
    FILE* file = std::fopen(ca_file_.c_str(), "w");
    PEM_write_X509(file, certificate_);
    std::fclose(file);
    context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context_, certificate_);
    SSL_CTX_use_PrivateKey(context_, key_);
    server_ = std::make_unique<RawServer>([this](int socket, int) {
      SSL* ssl = SSL_new(context_);
      SSL_set_fd(ssl, socket);
      if (SSL_accept(ssl) == 1) {
        char buffer[4096];
        SSL_read(ssl, buffer, sizeof buffer);
        const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
        SSL_write(ssl, answer.data(), static_cast<int>(answer.size()));
        SSL_shutdown(ssl);
      }
      SSL_free(ssl);
    });
  }
  void TearDown() override {
    server_.reset();
    SSL_CTX_free(context_);
    X509_free(certificate_);
    EVP_PKEY_free(key_);
    std::filesystem::remove(ca_file_);
  }

  EVP_PKEY* key_;
  X509* certificate_;
  SSL_CTX* context_;
  std::string ca_file_;
  std::unique_ptr<RawServer> server_;
};

TEST_F(TlsTest, SpeaksWithWhomItTrusts) {
  const auto client = Client({.ca_file = ca_file_});
  for (int i = 0; i < 3; ++i) {
    const auto response = client->Send({true, "localhost", server_->port()}, {}, kTimeoutMicros);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->body, "secret");
  }
}

TEST_F(TlsTest, SpeaksWithNobodyElse) {
  const HttpEndpoint endpoint{true, "localhost", server_->port()};
  const auto unknown = Client()->Send(endpoint, {}, kTimeoutMicros);
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kFailedPrecondition) << unknown.status();
  const auto other_name =
      Client({.ca_file = ca_file_})->Send({true, "127.0.0.1", server_->port()}, {}, kTimeoutMicros);
  EXPECT_EQ(other_name.status().code(), absl::StatusCode::kFailedPrecondition)
      << other_name.status();
}

TEST_F(TlsTest, AFileOfAuthoritiesThatIsMissingIsNamed) {
  const auto response = Client({.ca_file = "/nonexistent.pem"})
                            ->Send({true, "localhost", server_->port()}, {}, kTimeoutMicros);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(base::Message(response.status()), HasSubstr("/nonexistent.pem"));
}

TEST(HttpEndpointTest, ReadsUrls) {
  EXPECT_EQ(ParseHttpEndpoint("http://localhost:8000").value(),
            (HttpEndpoint{false, "localhost", 8000}));
  EXPECT_EQ(ParseHttpEndpoint("https://dynamodb.eu-west-1.amazonaws.com/").value(),
            (HttpEndpoint{true, "dynamodb.eu-west-1.amazonaws.com", 443}));
  EXPECT_EQ(ParseHttpEndpoint("http://[::1]:80").value(), (HttpEndpoint{false, "::1", 80}));
  EXPECT_EQ(ParseHttpEndpoint("http://[::1]:81").value().ToString(), "http://[::1]:81");
  EXPECT_EQ(ParseHttpEndpoint("https://host:443").value().ToString(), "https://host");
}

TEST(HttpEndpointTest, SaysWhatIsWrongAndTellsNoPassword) {
  const auto complaint = [](const char* url) {
    return base::Message(ParseHttpEndpoint(url).status());
  };
  EXPECT_THAT(complaint("localhost:8000"), HasSubstr("write http://host:port"));
  EXPECT_THAT(complaint("http://"), HasSubstr("names no host"));
  EXPECT_THAT(complaint("http://host:"), HasSubstr("'' is no port"));
  EXPECT_THAT(complaint("http://host:70000"), HasSubstr("'70000' is no port"));
  EXPECT_THAT(complaint("http://host:8x"), HasSubstr("'8x' is no port"));
  EXPECT_THAT(complaint("http://host/path"), HasSubstr("nothing may follow"));
  EXPECT_THAT(complaint("http://[::1"), HasSubstr("']'"));
  EXPECT_THAT(complaint("http://me:pass@host"), ::testing::Not(HasSubstr("pass@")));
}

}  // namespace
}  // namespace smelt::net
