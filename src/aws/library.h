#pragma once

// The one start of AWS's C libraries, and the few handles that everything here shares. Only this
// room's .cc files see it.

#include <aws/common/byte_buf.h>

#include <string>
#include <string_view>

struct aws_allocator;
struct aws_client_bootstrap;
struct aws_tls_ctx;

namespace smelt::aws {

// Starts the libraries at the first call; they run until the process ends. Thread-safe.
aws_allocator* Allocator();

// For providers that ask the network: an event loop with one thread, and TLS. Made at the first
// call, kept for good.
struct Network {
  aws_client_bootstrap* bootstrap;
  aws_tls_ctx* tls;
};
const Network& SharedNetwork();

// The name of the libraries' last error on this thread, or of `code`: never a secret.
std::string LastError();
std::string ErrorName(int code);

inline aws_byte_cursor Cursor(std::string_view text) {
  return aws_byte_cursor_from_array(text.data(), text.size());
}
inline std::string_view View(aws_byte_cursor cursor) {
  return std::string_view(reinterpret_cast<const char*>(cursor.ptr), cursor.len);
}

}  // namespace smelt::aws
