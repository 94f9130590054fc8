#include "dynamodb/store/table.h"

#include <fmt/format.h>

namespace smelt::dynamodb::store {

// FNV-1a, then a finalizer that spreads short keys over the high bits, which is where segments are
// cut.
int64_t HashOfPartition(std::string_view partition) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : partition) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccd;
  hash ^= hash >> 33;
  return static_cast<int64_t>((hash >> 1) % static_cast<uint64_t>(kHashEnd));
}

std::pair<int64_t, int64_t> HashesOfSegment(int segment, int segments) {
  const auto cut = [&](int at) {
    return static_cast<int64_t>(static_cast<unsigned __int128>(kHashEnd) *
                                static_cast<unsigned>(at) / static_cast<unsigned>(segments));
  };
  return {cut(segment), cut(segment + 1)};
}

std::string Table::items_table() const { return fmt::format("items_{}", number_); }

TableDescription Table::description() const {
  const std::lock_guard lock(mutex_);
  return description_;
}

void Table::Replace(TableDescription description) {
  const std::lock_guard lock(mutex_);
  description.item_count = description_.item_count;
  description.size_bytes = description_.size_bytes;
  description_ = std::move(description);
}

void Table::Count(int64_t items, int64_t bytes) {
  const std::lock_guard lock(mutex_);
  description_.item_count += items;
  description_.size_bytes += bytes;
}

}  // namespace smelt::dynamodb::store
