#include "delta/partition_values.h"

#include <cstring>

#include "base/status.h"
#include "delta/values.h"

namespace smelt::delta {
namespace {

using base::TypeKind;

constexpr const char* kHiveNull = "__HIVE_DEFAULT_PARTITION__";

// What Hive escapes in the names of partition folders.
bool NeedsEscape(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f || std::strchr("\"#%'*/:=?\\{[]^", c) != nullptr;
}

std::string Escape(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\0' || NeedsEscape(c)) {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

absl::StatusOr<std::optional<std::string>> NormalizePartitionValue(
    const base::DataType& type, const std::optional<std::string>& text) {
  if (type.is_nested()) {
    return base::InvalidArgument("a table cannot be partitioned by a {}", type.ToString());
  }
  if (!text || text->empty()) return std::nullopt;
  const std::optional<Value> value = ParseValue(type, *text);
  if (!value)
    return base::DataLoss("'{}' is no partition value of type {}", *text, type.ToString());
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return std::get<bool>(*value) ? "true" : "false";
    case TypeKind::kDate:
      return FormatDate(std::get<int64_t>(*value));
    case TypeKind::kTimestamp: {
      // With its zone: Spark reads the form without one in the session's.
      std::string instant = FormatTimestamp(std::get<int64_t>(*value));
      instant[instant.find(' ')] = 'T';
      return instant + (instant.find('.') == std::string::npos ? ".000000Z" : "Z");
    }
    case TypeKind::kTimestampNtz:
      return FormatTimestamp(std::get<int64_t>(*value));
    default:
      return text;
  }
}

std::string PartitionFolder(const std::vector<std::string>& columns,
                            const PartitionValues& values) {
  std::string folder;
  for (const std::string& column : columns) {
    const auto it = values.find(column);
    const bool is_null = it == values.end() || !it->second || it->second->empty();
    folder += Escape(column) + "=" + (is_null ? kHiveNull : Escape(*it->second)) + "/";
  }
  return folder;
}

std::optional<std::string> UnescapePartitionValue(const std::string& text) {
  if (text == kHiveNull) return std::nullopt;
  std::string value;
  for (size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high >= 0 ? HexDigit(text[i + 2]) : -1;
    if (low >= 0) {
      value += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      value += text[i];
    }
  }
  return value;
}

}  // namespace smelt::delta
