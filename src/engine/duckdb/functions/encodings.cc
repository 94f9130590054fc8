#include <fmt/format.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/digest.h"
#include "base/status.h"
#include "engine/duckdb/functions/text_functions.h"

// Encodings, digests and URLs of text_functions.h.

namespace smelt::duck {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string LowerHex(std::string_view bytes) { return base::HexEncode(bytes); }

std::string Digest(const EVP_MD* algorithm, std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, algorithm, nullptr);
  return LowerHex(std::string_view(reinterpret_cast<const char*>(digest), size));
}

// The parts of an absolute URL, as java.net.URI names them.
struct Url {
  std::optional<std::string_view> protocol, authority, user_info, host, path, query, ref;
};

absl::StatusOr<Url> SplitUrl(std::string_view text) {
  for (const char c : text) {
    if (c == ' ' || c == '"' || c == '<' || c == '>' || c == '\\' || c == '^' || c == '`' ||
        c == '{' || c == '|' || c == '}' || static_cast<unsigned char>(c) < 0x20) {
      return base::InvalidArgument(
          "[INVALID_URL] The url is invalid: {}. Use `try_parse_url` to tolerate invalid URL and "
          "return NULL instead.",
          text);
    }
  }
  Url url;
  std::string_view rest = text;
  if (const size_t hash = rest.find('#'); hash != std::string_view::npos) {
    url.ref = rest.substr(hash + 1);
    rest = rest.substr(0, hash);
  }
  const size_t colon = rest.find(':');
  if (colon != std::string_view::npos && colon > 0 && rest.find_first_of("/?") > colon) {
    url.protocol = rest.substr(0, colon);
    rest = rest.substr(colon + 1);
    // "mailto:a@b": no hierarchy, so no other part.
    if (rest.empty() || rest[0] != '/') return url;
  }
  if (const size_t mark = rest.find('?'); mark != std::string_view::npos) {
    url.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  if (rest.substr(0, 2) == "//") {
    rest.remove_prefix(2);
    const size_t slash = rest.find('/');
    std::string_view authority = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
    if (!authority.empty()) {
      url.authority = authority;
      if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
        url.user_info = authority.substr(0, at);
        authority.remove_prefix(at + 1);
      }
      const size_t bracket = authority.rfind(']');
      const size_t port = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
      url.host = authority.substr(0, port);
    }
  }
  url.path = rest;
  return url;
}

}  // namespace

std::string Base64(BytesView bytes) { return base::Base64Encode(bytes.bytes); }

absl::StatusOr<Bytes> Unbase64(std::string_view text) {
  // MIME's decoder: what is not of the alphabet is passed over.
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  bool is_padded = false;
  for (const char c : text) {
    int value = -1;
    if (c >= 'A' && c <= 'Z') value = c - 'A';
    if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
    if (c >= '0' && c <= '9') value = c - '0' + 52;
    if (c == '+') value = 62;
    if (c == '/') value = 63;
    if (c == '=') is_padded = true;
    if (value < 0 || is_padded) continue;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    if (++count % 4 == 0) {
      out += static_cast<char>(bits >> 16);
      out += static_cast<char>(bits >> 8);
      out += static_cast<char>(bits);
      bits = 0;
    }
  }
  switch (count % 4) {
    case 1:
      return base::InvalidArgument("[CONVERSION_INVALID_INPUT] '{}' is not base64", text);
    case 2:
      out += static_cast<char>(bits >> 4);
      break;
    case 3:
      out += static_cast<char>(bits >> 10);
      out += static_cast<char>(bits >> 2);
      break;
    default:
      break;
  }
  return Bytes{std::move(out)};
}

std::string HexText(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    out += kHexDigits[static_cast<unsigned char>(c) >> 4];
    out += kHexDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string HexNumber(int64_t number) { return fmt::format("{:X}", static_cast<uint64_t>(number)); }
std::string BinaryDigits(int64_t number) {
  return fmt::format("{:b}", static_cast<uint64_t>(number));
}

std::optional<Bytes> Unhex(std::string_view text) {
  std::string out;
  size_t at = 0;
  if (text.size() % 2 == 1) {
    const int value = HexValue(text[at++]);
    if (value < 0) return std::nullopt;
    out += static_cast<char>(value);
  }
  for (; at < text.size(); at += 2) {
    const int high = HexValue(text[at]);
    const int low = HexValue(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return Bytes{std::move(out)};
}

absl::StatusOr<std::optional<std::string>> Convert(std::string_view number, int32_t from,
                                                   int32_t to) {
  if (from < 2 || from > 36 || std::abs(to) < 2 || std::abs(to) > 36)
    return std::optional<std::string>();
  while (!number.empty() && number.front() == ' ') number.remove_prefix(1);
  while (!number.empty() && number.back() == ' ') number.remove_suffix(1);
  if (number.empty()) return std::optional<std::string>();
  bool negative = number[0] == '-';
  if (negative) number.remove_prefix(1);
  uint64_t value = 0;
  bool overflows = false;
  // Reads up to the first character that is no digit of the base.
  for (const char c : number) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'z' ? c - 'a' + 10
                      : c >= 'A' && c <= 'Z' ? c - 'A' + 10
                                             : 99;
    if (digit >= from) break;
    uint64_t next = 0;
    if (__builtin_mul_overflow(value, static_cast<uint64_t>(from), &next) ||
        __builtin_add_overflow(next, static_cast<uint64_t>(digit), &next)) {
      overflows = true;
      break;
    }
    value = next;
  }
  if (overflows) {
    return base::InvalidArgument(
        "[ARITHMETIC_OVERFLOW] Overflow in function conv(). Use 'try_divide' to tolerate overflow "
        "and return NULL instead.");
  }
  if (negative && to > 0) {
    // The two's complement, as an unsigned number.
    value = static_cast<int64_t>(value) < 0 ? std::numeric_limits<uint64_t>::max() : 0 - value;
    negative = false;
  }
  if (to < 0 && !negative && static_cast<int64_t>(value) < 0) {
    value = 0 - value;
    negative = true;
  }
  const auto base = static_cast<uint64_t>(std::abs(to));
  std::string out;
  do {
    out += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value % base];
    value /= base;
  } while (value != 0);
  if (negative) out += '-';
  std::reverse(out.begin(), out.end());
  return std::optional<std::string>(std::move(out));
}

std::string UrlEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '*' ||
        c == '_') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += HexText(std::string_view(&c, 1));
    }
  }
  return out;
}

std::optional<std::string> TryUrlDecode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? HexValue(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

absl::StatusOr<std::string> UrlDecode(std::string_view text) {
  auto decoded = TryUrlDecode(text);
  if (!decoded) {
    return base::InvalidArgument(
        "[CANNOT_DECODE_URL] The provided URL cannot be decoded: {}. Please ensure that the URL is "
        "properly formatted and try again.",
        text);
  }
  return *std::move(decoded);
}

absl::StatusOr<std::optional<std::string>> ParseUrl(std::string_view url, std::string_view part) {
  SMELT_ASSIGN_OR_RETURN(const Url parsed, SplitUrl(url));
  std::optional<std::string_view> found;
  if (part == "PROTOCOL") found = parsed.protocol;
  if (part == "AUTHORITY") found = parsed.authority;
  if (part == "USERINFO") found = parsed.user_info;
  if (part == "HOST") found = parsed.host;
  if (part == "PATH") found = parsed.path;
  if (part == "QUERY") found = parsed.query;
  if (part == "REF") found = parsed.ref;
  if (part == "FILE" && parsed.path) {
    std::string file(*parsed.path);
    if (parsed.query) file += "?" + std::string(*parsed.query);
    return std::optional<std::string>(std::move(file));
  }
  if (!found) return std::optional<std::string>();
  return std::optional<std::string>(*found);
}

absl::StatusOr<std::optional<std::string>> ParseUrlQuery(std::string_view url,
                                                         std::string_view part,
                                                         std::string_view key) {
  if (part != "QUERY") return std::optional<std::string>();
  SMELT_ASSIGN_OR_RETURN(const Url parsed, SplitUrl(url));
  if (!parsed.query) return std::optional<std::string>();
  std::string_view rest = *parsed.query;
  while (true) {
    const size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    if (pair.size() > key.size() && pair.substr(0, key.size()) == key && pair[key.size()] == '=') {
      return std::optional<std::string>(pair.substr(key.size() + 1));
    }
    if (end == std::string_view::npos) return std::optional<std::string>();
    rest.remove_prefix(end + 1);
  }
}

std::string Md5Hex(BytesView bytes) { return LowerHex(base::Md5(bytes.bytes)); }
std::string Sha1Hex(BytesView bytes) { return Digest(EVP_sha1(), bytes.bytes); }

std::optional<std::string> Sha2Hex(BytesView bytes, int32_t bits) {
  switch (bits) {
    case 0:
    case 256:
      return Digest(EVP_sha256(), bytes.bytes);
    case 224:
      return Digest(EVP_sha224(), bytes.bytes);
    case 384:
      return Digest(EVP_sha384(), bytes.bytes);
    case 512:
      return Digest(EVP_sha512(), bytes.bytes);
    default:
      return std::nullopt;
  }
}

int64_t Crc32(BytesView bytes) {
  return static_cast<int64_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.bytes.data()), bytes.bytes.size()));
}

std::string Uuid() { return base::RandomUuid(); }

}  // namespace smelt::duck
