#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>

#include "base/check.h"
#include "base/status.h"

namespace smelt::base {
namespace {

std::string Digest(const EVP_MD* algorithm, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  const int ok = EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, algorithm, nullptr);
  SMELT_CHECK(ok == 1, "OpenSSL could not compute a digest");
  return std::string(reinterpret_cast<char*>(out.data()), size);
}

}  // namespace

std::string Md5(std::string_view bytes) { return Digest(EVP_md5(), bytes); }
std::string Sha256(std::string_view bytes) { return Digest(EVP_sha256(), bytes); }

struct Md5Stream::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Md5Stream::Md5Stream() : state_(std::make_unique<State>()) {
  SMELT_CHECK(EVP_DigestInit_ex(state_->context, EVP_md5(), nullptr) == 1);
}
Md5Stream::~Md5Stream() = default;

void Md5Stream::Update(const void* data, size_t size) {
  SMELT_CHECK(EVP_DigestUpdate(state_->context, data, size) == 1);
}

std::string Md5Stream::Finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned size = 0;
  SMELT_CHECK(EVP_DigestFinal_ex(state_->context, out.data(), &size) == 1);
  return std::string(reinterpret_cast<char*>(out.data()), size);
}

std::string HexEncode(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string Base64Encode(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(size);
  return out;
}

absl::StatusOr<std::string> Base64Decode(std::string_view text) {
  const auto value = [](char c) -> int {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
  };
  if (text.size() % 4 != 0) return InvalidArgument("base64 text is not a multiple of 4 long");
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (size_t i = 0; i < text.size(); i += 4) {
    const bool last = i + 4 == text.size();
    const int padding =
        last ? (text[i + 3] == '=') + (text[i + 2] == '=' && text[i + 3] == '=') : 0;
    uint32_t bits = 0;
    for (int j = 0; j < 4; ++j) {
      const int v = j >= 4 - padding ? 0 : value(text[i + j]);
      if (v < 0)
        return InvalidArgument("character {} of base64 text is not of its alphabet", i + j);
      bits = bits << 6 | static_cast<uint32_t>(v);
    }
    out += static_cast<char>(bits >> 16);
    if (padding < 2) out += static_cast<char>(bits >> 8);
    if (padding < 1) out += static_cast<char>(bits);
  }
  return out;
}

std::string RandomUuid() {
  std::array<unsigned char, 16> bytes;
  SMELT_CHECK(RAND_bytes(bytes.data(), bytes.size()) == 1);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const std::string hex = HexEncode({reinterpret_cast<char*>(bytes.data()), bytes.size()});
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

}  // namespace smelt::base
