#include "cli/dynamodb_server.h"

#include <zlib.h>

#include "base/digest.h"
#include "dynamodb/store/api.h"

namespace smelt::cli {
namespace {

using dynamodb::store::Api;
using dynamodb::store::ApiAnswer;

net::HttpResponse Plain(int status, std::string text) {
  return {.status = status, .headers = {{"Content-Type", "text/plain"}}, .body = std::move(text)};
}

// A page of a web site cannot reach this by way of its visitor's browser: X-Amz-Target makes a
// browser ask first, and nothing here says yes.
std::optional<net::HttpResponse> Answer(Api* api, const net::HttpRequest& request) {
  if (request.method == "GET") return Plain(200, "healthy: smelt dynamodb\n");
  if (request.method != "POST") return Plain(405, "POST an operation of DynamoDB_20120810\n");
  ApiAnswer answer = api->Call(request.headers.Get("X-Amz-Target"), request.body);
  if (answer.is_lost) return std::nullopt;
  const auto* bytes = reinterpret_cast<const Bytef*>(answer.body.data());
  const auto checksum = crc32_z(0, bytes, answer.body.size());
  net::HttpResponse response{.status = answer.status, .body = std::move(answer.body)};
  response.headers.Add("Content-Type", "application/x-amz-json-1.0");
  response.headers.Add("x-amzn-RequestId", base::RandomUuid());
  response.headers.Add("x-amz-crc32", std::to_string(checksum));
  return response;
}

}  // namespace

absl::StatusOr<std::unique_ptr<net::HttpServer>> StartDynamoDbServer(
    dynamodb::store::Store* store, net::HttpServerOptions options) {
  options.max_body_size_bytes = dynamodb::store::kMaxRequestSizeBytes;
  return net::HttpServer::Start(
      options, [api = std::make_shared<Api>(store)](const net::HttpRequest& request) {
        return Answer(api.get(), request);
      });
}

}  // namespace smelt::cli
