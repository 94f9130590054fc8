#include "aws/signer.h"

#include <aws/auth/signable.h>
#include <aws/auth/signing.h>
#include <aws/auth/signing_config.h>
#include <aws/auth/signing_result.h>
#include <aws/common/array_list.h>
#include <aws/common/string.h>
#include <aws/http/request_response.h>

#include <memory>

#include "aws/library.h"
#include "base/digest.h"
#include "base/status.h"

namespace smelt::aws {
namespace {

using Message = std::unique_ptr<aws_http_message, decltype(&aws_http_message_release)>;
using Signable = std::unique_ptr<aws_signable, decltype(&aws_signable_destroy)>;

absl::Status AddHeader(aws_http_message* message, std::string_view name, std::string_view value) {
  aws_http_header header{};
  header.name = Cursor(name);
  header.value = Cursor(value);
  if (aws_http_message_add_header(message, header) == AWS_OP_SUCCESS) return absl::OkStatus();
  return base::Internal("cannot sign the header {}: {}", name, LastError());
}

struct Signed {
  net::HttpRequest* request;
  absl::Status status = base::Internal("the signer did not answer");
};

// Called before aws_sign_request_aws returns, since the credentials are given.
void OnSigned(aws_signing_result* result, int error_code, void* user_data) {
  auto* signed_request = static_cast<Signed*>(user_data);
  if (error_code != AWS_ERROR_SUCCESS) {
    signed_request->status = base::Internal("cannot sign the request: {}", ErrorName(error_code));
    return;
  }
  aws_array_list* headers = nullptr;
  aws_signing_result_get_property_list(result, g_aws_http_headers_property_list_name, &headers);
  const size_t count = headers == nullptr ? 0 : aws_array_list_length(headers);
  for (size_t i = 0; i < count; ++i) {
    aws_signing_result_property header{};
    aws_array_list_get_at(headers, &header, i);
    signed_request->request->headers.Set(aws_string_c_str(header.name),
                                         aws_string_c_str(header.value));
  }
  signed_request->status = absl::OkStatus();
}

}  // namespace

absl::Status SignRequest(const Credentials& credentials, const Signing& signing,
                         const net::HttpEndpoint& endpoint, net::HttpRequest* request) {
  aws_allocator* allocator = Allocator();
  const Message message(aws_http_message_new_request(allocator), &aws_http_message_release);
  aws_http_message_set_request_method(message.get(), Cursor(request->method));
  aws_http_message_set_request_path(message.get(), Cursor(request->target));
  const std::string authority = endpoint.Authority();
  SMELT_RETURN_IF_ERROR(AddHeader(message.get(), "Host", authority));
  for (const auto& [name, value] : request->headers) {
    SMELT_RETURN_IF_ERROR(AddHeader(message.get(), name, value));
  }

  const std::string body_digest = base::HexEncode(base::Sha256(request->body));
  aws_signing_config_aws config{};
  config.config_type = AWS_SIGNING_CONFIG_AWS;
  config.algorithm = AWS_SIGNING_ALGORITHM_V4;
  config.signature_type = AWS_ST_HTTP_REQUEST_HEADERS;
  config.region = Cursor(signing.region);
  config.service = Cursor(signing.service);
  config.signed_body_value = Cursor(body_digest);
  config.credentials = credentials.handle();
  // S3 alone takes the path as it is sent.
  config.flags.use_double_uri_encode = signing.service != "s3";
  config.flags.should_normalize_uri_path = signing.service != "s3";
  if (signing.service == "s3") config.signed_body_header = AWS_SBHT_X_AMZ_CONTENT_SHA256;
  aws_date_time_init_epoch_millis(&config.date, signing.time_micros / 1000);

  const Signable signable(aws_signable_new_http_request(allocator, message.get()),
                          &aws_signable_destroy);
  if (!signable) return base::Internal("cannot sign the request: {}", LastError());
  Signed result{request};
  if (aws_sign_request_aws(allocator, signable.get(),
                           reinterpret_cast<const aws_signing_config_base*>(&config), &OnSigned,
                           &result) != AWS_OP_SUCCESS) {
    return base::Internal("cannot sign the request: {}", LastError());
  }
  return result.status;
}

}  // namespace smelt::aws
