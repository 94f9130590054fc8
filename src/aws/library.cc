#include "aws/library.h"

#include <aws/auth/auth.h>
#include <aws/common/error.h>
#include <aws/http/http.h>
#include <aws/io/channel_bootstrap.h>
#include <aws/io/event_loop.h>
#include <aws/io/host_resolver.h>
#include <aws/io/tls_channel_handler.h>

#include "base/check.h"

namespace smelt::aws {

aws_allocator* Allocator() {
  static aws_allocator* const allocator = [] {
    aws_allocator* made = aws_default_allocator();
    aws_auth_library_init(made);  // starts http, io, cal and common too
    return made;
  }();
  return allocator;
}

const Network& SharedNetwork() {
  static const Network network = [] {
    aws_allocator* allocator = Allocator();
    aws_event_loop_group* loops = aws_event_loop_group_new_default(allocator, 1, nullptr);
    SMELT_CHECK(loops != nullptr, "{}", LastError());
    aws_host_resolver_default_options resolver_options{};
    resolver_options.el_group = loops;
    resolver_options.max_entries = 8;
    aws_host_resolver* resolver = aws_host_resolver_new_default(allocator, &resolver_options);
    SMELT_CHECK(resolver != nullptr, "{}", LastError());
    aws_client_bootstrap_options bootstrap_options{};
    bootstrap_options.event_loop_group = loops;
    bootstrap_options.host_resolver = resolver;
    aws_tls_ctx_options tls_options;
    aws_tls_ctx_options_init_default_client(&tls_options, allocator);
    Network made{aws_client_bootstrap_new(allocator, &bootstrap_options),
                 aws_tls_client_ctx_new(allocator, &tls_options)};
    aws_tls_ctx_options_clean_up(&tls_options);
    SMELT_CHECK(made.bootstrap != nullptr && made.tls != nullptr, "{}", LastError());
    return made;
  }();
  return network;
}

std::string LastError() { return ErrorName(aws_last_error()); }

std::string ErrorName(int code) {
  return fmt::format("{} ({})", aws_error_str(code), aws_error_name(code));
}

}  // namespace smelt::aws
