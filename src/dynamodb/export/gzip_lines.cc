#include "dynamodb/export/gzip_lines.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/status.h"

namespace smelt::dynamodb {

namespace {

constexpr int64_t kInputBytes = 256 << 10;
constexpr size_t kBlockBytes = 1 << 20;

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

absl::StatusOr<std::unique_ptr<GzipLines>> GzipLines::Open(storage::ObjectStore& store,
                                                           const std::string& key) {
  SMELT_ASSIGN_OR_RETURN(auto object, store.OpenRead(key));
  return std::unique_ptr<GzipLines>(new GzipLines(std::move(object), key));
}

GzipLines::GzipLines(std::unique_ptr<storage::RandomAccessObject> object, std::string key)
    : object_(std::move(object)),
      key_(std::move(key)),
      input_(std::make_unique_for_overwrite<char[]>(kInputBytes)),
      inflate_(std::make_unique<inflate_state>()) {
  isal_inflate_init(inflate_.get());
  inflate_->crc_flag = ISAL_GZIP;
  StartBlock(kBlockBytes);
}

GzipLines::~GzipLines() = default;

absl::Status GzipLines::Corrupt(std::string_view why) const {
  return base::DataLoss("{}: {} after line {}", key_, why, line_number_);
}

absl::Status GzipLines::ReadInput() {
  SMELT_ASSIGN_OR_RETURN(const int64_t size,
                         object_->Read(input_offset_, input_.get(), kInputBytes));
  input_offset_ += size;
  md5_.Update(input_.get(), static_cast<size_t>(size));
  inflate_->next_in = reinterpret_cast<uint8_t*>(input_.get());
  inflate_->avail_in = static_cast<uint32_t>(size);
  return absl::OkStatus();
}

void GzipLines::StartBlock(size_t capacity) {
  std::shared_ptr<TextBlock> fresh;
  for (const std::shared_ptr<TextBlock>& candidate : pool_) {
    if (candidate.use_count() == 1 && candidate->capacity() >= capacity) {
      fresh = candidate;
      break;
    }
  }
  if (!fresh) {
    fresh = std::make_shared<TextBlock>(capacity);
    // Blocks of one long line are not worth keeping.
    if (capacity == kBlockBytes && pool_.size() < 8) pool_.push_back(fresh);
  }
  const size_t unread = end_ - begin_;
  if (unread > 0) std::memcpy(fresh->data(), block_->data() + begin_, unread);
  block_ = std::move(fresh);
  begin_ = 0;
  end_ = unread;
}

absl::Status GzipLines::FillBlock() {
  while (end_ < block_->capacity() && !ended_) {
    if (inflate_->avail_in == 0) {
      SMELT_RETURN_IF_ERROR(ReadInput());
      if (inflate_->avail_in == 0) {
        // A stream may end only between members, and has at least one.
        if (member_started_) return Corrupt("the gzip stream is cut short");
        if (input_offset_ == 0) return Corrupt("the file is empty, not a gzip stream");
        ended_ = true;
        break;
      }
    }
    member_started_ = true;
    const size_t room = block_->capacity() - end_;
    inflate_->next_out = reinterpret_cast<uint8_t*>(block_->data() + end_);
    inflate_->avail_out = static_cast<uint32_t>(room);
    const int result = isal_inflate(inflate_.get());
    end_ += room - inflate_->avail_out;
    if (result == ISAL_INCORRECT_CHECKSUM) return Corrupt("the gzip checksum is wrong");
    if (result != ISAL_DECOMP_OK) return Corrupt("the gzip stream is corrupt");
    if (inflate_->block_state == ISAL_BLOCK_FINISH) {
      // Another member may follow. The reset forgets the input, so it is put back.
      uint8_t* const next_in = inflate_->next_in;
      const uint32_t avail_in = inflate_->avail_in;
      isal_inflate_reset(inflate_.get());
      inflate_->crc_flag = ISAL_GZIP;
      inflate_->next_in = next_in;
      inflate_->avail_in = avail_in;
      member_started_ = false;
    }
  }
  block_->data()[end_] = '\n';  // a parser that runs past a broken last line meets this, not chance
  return absl::OkStatus();
}

absl::Status GzipLines::MoreText() {
  if (end_ == block_->capacity()) StartBlock(std::max(kBlockBytes, 2 * (end_ - begin_)));
  return FillBlock();
}

absl::Status GzipLines::SkipRestOfLongLine() {
  while (skipping_) {
    const char* const text = block_->data() + begin_;
    const void* const newline = std::memchr(text, '\n', end_ - begin_);
    if (newline != nullptr) {
      begin_ += static_cast<size_t>(static_cast<const char*>(newline) - text) + 1;
      skipping_ = false;
    } else {
      begin_ = end_;
      if (ended_) skipping_ = false;
      SMELT_RETURN_IF_ERROR(MoreText());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> GzipLines::Next(TextLine* line) {
  SMELT_RETURN_IF_ERROR(SkipRestOfLongLine());
  size_t searched = 0;  // of the unread text: no newline in it
  while (true) {
    const char* const text = block_->data() + begin_;
    const void* const newline = std::memchr(text + searched, '\n', end_ - begin_ - searched);
    if (newline != nullptr || (ended_ && begin_ < end_)) {
      const size_t size = newline != nullptr
                              ? static_cast<size_t>(static_cast<const char*>(newline) - text)
                              : end_ - begin_;
      begin_ += size + (newline != nullptr ? 1 : 0);
      *line = {std::string_view(text, size), ++line_number_, size > kMaxLineBytes};
      if (line->too_long) line->text = line->text.substr(0, kKeptOfTooLongBytes);
      searched = 0;
      if (IsBlank(line->text)) continue;
      return true;
    }
    if (ended_) return false;
    searched = end_ - begin_;
    if (searched >= kMaxLineBytes) {
      *line = {std::string_view(text, kKeptOfTooLongBytes), ++line_number_, true};
      begin_ = end_;
      skipping_ = true;
      return true;
    }
    SMELT_RETURN_IF_ERROR(MoreText());
  }
}

absl::StatusOr<std::string> GzipLines::FinishMd5Base64() {
  SMELT_CHECK(ended_);
  return base::Base64Encode(md5_.Finish());
}

}  // namespace smelt::dynamodb
