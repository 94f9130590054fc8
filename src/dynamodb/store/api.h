#pragma once

// Api: the store as the service's clients see it: operations of DynamoDB_20120810 over JSON 1.0,
// without the HTTP around them. Answers carry the service's own error types and messages. Requests'
// signatures are not looked at: whoever reaches the socket may do everything, which is why the
// server listens on loopback. Not built, and refused by name: secondary indexes, UpdateItem,
// transactions, PartiQL, streams, the legacy parameters that expressions replace (Expected,
// KeyConditions, AttributesToGet, ..). Thread-safe.

#include <string>
#include <string_view>

#include "dynamodb/store/store.h"

namespace smelt::dynamodb::store {

// A request's body is refused beyond this, as the service does.
inline constexpr size_t kMaxRequestSizeBytes = 16 << 20;

struct ApiAnswer {
  int status = 200;
  std::string body;  // JSON
  // Fault injection: what was asked is done, and the connection ends without a word.
  bool is_lost = false;
};

class Api {
 public:
  explicit Api(Store* store) : store_(store) {}

  // `target` is the X-Amz-Target header: "DynamoDB_20120810.GetItem".
  ApiAnswer Call(std::string_view target, std::string_view body);

 private:
  Store* store_;
};

}  // namespace smelt::dynamodb::store
