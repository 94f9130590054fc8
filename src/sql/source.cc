#include "sql/source.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace smelt::sql {

Span Cover(Span a, Span b) { return {std::min(a.begin, b.begin), std::max(a.end, b.end)}; }

SourceText::SourceText(std::string file, std::string text)
    : file_(std::move(file)), text_(std::move(text)) {
  if (text_.size() >= std::numeric_limits<uint32_t>::max()) {
    text_.resize(std::numeric_limits<uint32_t>::max() - 1);
  }
  line_starts_.push_back(0);
  for (size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_starts_.push_back(static_cast<uint32_t>(i + 1));
  }
}

SourceText::SourceText(std::shared_ptr<const SourceText> original, const std::vector<Piece>& pieces)
    : file_(original->file()), original_(std::move(original)) {
  for (const Piece& piece : pieces) {
    pieces_.push_back({static_cast<uint32_t>(text_.size()), piece.original.begin,
                       !piece.replacement.has_value()});
    text_ +=
        piece.replacement ? std::string_view(*piece.replacement) : original_->Slice(piece.original);
  }
}

std::string_view SourceText::Slice(Span span) const {
  const size_t begin = std::min<size_t>(span.begin, text_.size());
  const size_t end = std::clamp<size_t>(span.end, begin, text_.size());
  return text().substr(begin, end - begin);
}

Position SourceText::PositionOf(size_t offset) const {
  offset = std::min(offset, text_.size());
  if (original_ != nullptr) {
    const auto behind =
        std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                         [](size_t at, const PieceStart& piece) { return at < piece.begin; });
    if (behind == pieces_.begin()) return original_->PositionOf(0);
    const PieceStart& piece = *(behind - 1);
    return original_->PositionOf(piece.original + (piece.is_copied ? offset - piece.begin : 0));
  }
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const size_t start = *(next - 1);
  return {static_cast<int>(next - line_starts_.begin()),
          static_cast<int>(CountCodePoints(text().substr(start, offset - start))) + 1};
}

std::string_view SourceText::Line(int line) const {
  if (original_ != nullptr) return original_->Line(line);
  if (line < 1 || static_cast<size_t>(line) > line_starts_.size()) return {};
  const size_t begin = line_starts_[line - 1];
  size_t end = static_cast<size_t>(line) < line_starts_.size() ? line_starts_[line] : text_.size();
  while (end > begin && (text_[end - 1] == '\n' || text_[end - 1] == '\r')) --end;
  return text().substr(begin, end - begin);
}

size_t CountCodePoints(std::string_view text) {
  // Every byte that does not continue a sequence begins a code point.
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

}  // namespace smelt::sql
