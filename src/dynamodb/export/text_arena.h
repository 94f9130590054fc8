#pragma once

// TextArena: bytes that a batch makes itself (unescaped strings, decoded binary, rescued JSON).
// Appends only; Reset keeps the first chunk. One thread at a time.

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "dynamodb/export/column.h"

namespace smelt::dynamodb {

class TextArena {
 public:
  char* Allocate(size_t size) {
    if (size > capacity_ - used_) AddChunk(size);
    char* const at = chunks_.back().get() + used_;
    used_ += size;
    return at;
  }

  TextRef Copy(std::string_view text) {
    char* const at = Allocate(text.size());
    std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
  }

  void Reset() {
    if (chunks_.size() > 1) {
      chunks_.clear();
      capacity_ = 0;
    }
    used_ = 0;
  }

 private:
  static constexpr size_t kChunkBytes = 64 << 10;

  void AddChunk(size_t at_least) {
    capacity_ = at_least > kChunkBytes ? at_least : kChunkBytes;
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(capacity_));
    used_ = 0;
  }

  std::vector<std::unique_ptr<char[]>> chunks_;
  size_t capacity_ = 0;
  size_t used_ = 0;
};

}  // namespace smelt::dynamodb
