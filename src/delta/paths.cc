#include "delta/paths.h"

#include <cctype>

#include "base/status.h"

namespace smelt::delta {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The length of "scheme:" at the beginning of a URI; 0 where it is relative or a plain absolute
// path.
size_t SchemeLength(std::string_view uri) {
  for (size_t i = 0; i < uri.size(); ++i) {
    const char c = uri[i];
    if (c == ':') return i == 0 ? 0 : i + 1;
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '+' && c != '-' && c != '.') return 0;
  }
  return 0;
}

}  // namespace

std::string EncodePath(std::string_view path) {
  // Unreserved characters of RFC 2396 and those that a path segment may hold; a ':' would read as a
  // scheme in some parsers.
  constexpr std::string_view kPlain = "-_.!~*'()/=@&+$,";
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri;
  uri.reserve(path.size());
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) || kPlain.find(c) != std::string_view::npos)) {
      uri += c;
    } else {
      uri += '%';
      uri += kHex[byte >> 4];
      uri += kHex[byte & 15];
    }
  }
  return uri;
}

absl::StatusOr<std::string> DecodePath(std::string_view uri) {
  std::string path;
  path.reserve(uri.size());
  for (size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] != '%') {
      path += uri[i];
      continue;
    }
    const int high = i + 1 < uri.size() ? HexDigit(uri[i + 1]) : -1;
    const int low = i + 2 < uri.size() ? HexDigit(uri[i + 2]) : -1;
    if (high < 0 || low < 0) return base::DataLoss("the path '{}' is not percent-encoded", uri);
    path += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return path;
}

std::string CanonicalUri(std::string_view uri) {
  std::string scheme;
  if (const size_t length = SchemeLength(uri); length > 0) {
    scheme = uri.substr(0, length);
    uri.remove_prefix(length);
    // file:/a, file:///a and /a name one file.
    if (scheme == "file:") {
      scheme.clear();
      while (uri.substr(0, 2) == "//") uri.remove_prefix(1);
    }
  }
  // A path that is not decodable stays as it is: it names only itself.
  absl::StatusOr<std::string> decoded = DecodePath(uri);
  return scheme + (decoded.ok() ? *decoded : std::string(uri));
}

absl::StatusOr<std::string> DataFileKey(const Table& table, std::string_view uri) {
  const bool absolute = SchemeLength(uri) > 0 || uri.substr(0, 1) == "/";
  if (!absolute) {
    SMELT_ASSIGN_OR_RETURN(const std::string path, DecodePath(uri));
    return table.root.empty() ? path : table.root + "/" + path;
  }
  const std::string path = CanonicalUri(uri);
  const std::string inside = table.store->Describe() + "/";
  if (path.size() > inside.size() && path.compare(0, inside.size(), inside) == 0) {
    return path.substr(inside.size());
  }
  return base::Unimplemented("{}: the data file {} lies outside of {}", table.Describe(), uri,
                             table.store->Describe());
}

}  // namespace smelt::delta
