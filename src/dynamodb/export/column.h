#pragma once

// Column: the values of one column of a batch, in plain arrays laid out as DuckDB and Arrow lay
// them out, so that an engine's adapter copies whole arrays. Nested columns have child columns. One
// thread at a time.
//
// Physical types by logical one: boolean uint8_t; tinyint int8_t; smallint int16_t; int and date
// int32_t; bigint and timestamp int64_t; float, double; decimal int16_t, int32_t, int64_t or
// __int128 by precision up to 4, 9, 18, 38; string and binary TextRef; array and map ListRange into
// the children; struct only its children, of the same size.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/data_type.h"

namespace smelt::dynamodb {

using Int128 = __int128;

// Bytes that somebody else keeps (Batch does).
struct TextRef {
  const char* data;
  uint64_t size;
};

struct ListRange {
  uint64_t offset;
  uint64_t length;
};

class Column {
 public:
  explicit Column(const base::DataType& type);

  const base::DataType& type() const { return type_; }
  size_t size() const { return size_; }
  bool has_nulls() const { return null_count_ > 0; }
  bool is_valid(size_t row) const { return valid_[row] != 0; }
  // One byte a row: 0 for NULL. What a NULL row's value is, is undefined.
  const uint8_t* validity() const { return valid_.get(); }
  // The array of physical values; of a struct there is none.
  const void* data() const { return data_.get(); }
  size_t width_bytes() const { return width_bytes_; }
  template <typename T>
  T at(size_t row) const {
    return reinterpret_cast<const T*>(data_.get())[row];
  }
  // Of an array its element, of a map key and value, of a struct its members.
  const std::vector<Column>& children() const { return children_; }
  std::vector<Column>& children() { return children_; }

  // T is the physical type. A struct's and a list's children are appended by the caller before.
  template <typename T>
  void Append(T value) {
    Reserve();
    reinterpret_cast<T*>(data_.get())[size_] = value;
    valid_[size_++] = 1;
  }
  void AppendStruct() {
    Reserve();
    valid_[size_++] = 1;
  }
  // NULL, in a struct's members too.
  void AppendNull();
  // Forgets all rows from `size` on, and whatever children got beyond them.
  void Truncate(size_t size);
  void Clear() { Truncate(0); }

 private:
  void Reserve() {
    if (size_ == capacity_) Grow();
  }
  void Grow();

  base::DataType type_;
  size_t width_bytes_ = 0;
  size_t size_ = 0;
  size_t capacity_ = 0;
  size_t null_count_ = 0;
  std::unique_ptr<uint8_t[]> valid_;
  std::unique_ptr<std::byte[]> data_;
  std::vector<Column> children_;
};

}  // namespace smelt::dynamodb
