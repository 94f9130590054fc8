#pragma once

// Digests and encodings: MD5 (DynamoDB's manifests), SHA-256 (ids, signing), base64, hex, random
// UUIDs.

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace smelt::base {

// Raw digest bytes: 16 and 32.
std::string Md5(std::string_view bytes);
std::string Sha256(std::string_view bytes);

// MD5 of a stream.
class Md5Stream {
 public:
  Md5Stream();
  ~Md5Stream();
  void Update(const void* data, size_t size);
  // The 16 raw bytes; the stream may not be used after.
  std::string Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string HexEncode(std::string_view bytes);
std::string Base64Encode(std::string_view bytes);
// Standard alphabet, padded; anything else is kInvalidArgument.
absl::StatusOr<std::string> Base64Decode(std::string_view text);

// Version 4, from the system's generator. Thread-safe.
std::string RandomUuid();

}  // namespace smelt::base
