#pragma once

// GzipLines: the lines of one gzip object of an ObjectStore, streamed through fixed buffers, with
// the MD5 of the compressed bytes taken on the way. One thread at a time.

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "storage/object_store.h"

struct inflate_state;

namespace smelt::dynamodb {

// A buffer of inflated text. Lines point into it, so whoever keeps a line keeps the block; one that
// nobody keeps is used again.
class TextBlock {
 public:
  // Bytes after any line that may be read (not written): what a SIMD parser wants.
  static constexpr size_t kPaddingBytes = 64;

  explicit TextBlock(size_t capacity)
      : bytes_(std::make_unique_for_overwrite<char[]>(capacity + kPaddingBytes)),
        capacity_(capacity) {}
  char* data() { return bytes_.get(); }
  size_t capacity() const { return capacity_; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t capacity_;
};

struct TextLine {
  // Without its newline; kPaddingBytes after it may be read. Valid while `block` is kept.
  std::string_view text;
  int64_t number = 0;  // from 1; blank lines are counted, but not returned
  // Over kMaxLineBytes: `text` is only the beginning.
  bool too_long = false;
};

class GzipLines {
 public:
  static constexpr size_t kMaxLineBytes = 8 << 20;
  static constexpr size_t kKeptOfTooLongBytes = 1 << 20;

  // kNotFound where there is no such object.
  static absl::StatusOr<std::unique_ptr<GzipLines>> Open(storage::ObjectStore& store,
                                                         const std::string& key);
  ~GzipLines();

  // The next line that is not blank; false at the end. kDataLoss, naming the file and the last
  // whole line, where the gzip stream is cut short or corrupt.
  absl::StatusOr<bool> Next(TextLine* line);
  // Of the line returned last.
  const std::shared_ptr<TextBlock>& block() const { return block_; }

  // Reads what the gzip stream left over and returns the digest of all compressed bytes, in base64.
  // After Next said false.
  absl::StatusOr<std::string> FinishMd5Base64();

  int64_t size_bytes() const { return object_->size_bytes(); }
  int64_t modified_micros() const { return object_->modified_micros(); }
  int64_t lines_seen() const { return line_number_; }

 private:
  GzipLines(std::unique_ptr<storage::RandomAccessObject> object, std::string key);

  absl::Status ReadInput();
  // Inflates until the block is full or the stream ends.
  absl::Status FillBlock();
  // Moves the unread tail to a fresh block of at least `capacity` bytes.
  void StartBlock(size_t capacity);
  // Inflates what there is room for, in a fresh block where this one is full.
  absl::Status MoreText();
  absl::Status SkipRestOfLongLine();
  absl::Status Corrupt(std::string_view why) const;

  const std::unique_ptr<storage::RandomAccessObject> object_;
  const std::string key_;
  int64_t input_offset_ = 0;
  std::unique_ptr<char[]> input_;
  std::unique_ptr<inflate_state> inflate_;
  base::Md5Stream md5_;
  bool member_started_ = false;
  bool ended_ = false;  // no more text will come

  std::vector<std::shared_ptr<TextBlock>> pool_;
  std::shared_ptr<TextBlock> block_;
  size_t begin_ = 0;  // of the unread text in block_
  size_t end_ = 0;
  int64_t line_number_ = 0;
  bool skipping_ = false;  // the rest of a line that was too long
};

}  // namespace smelt::dynamodb
