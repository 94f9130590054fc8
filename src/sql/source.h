#pragma once

// A text with a name, and what an offset into it means to a person. Every token, statement and
// expression of the sql room keeps a Span, so that any later complaint can point at the characters
// it is about. Immutable, hence thread-safe; spans are meaningless without the text that they came
// from.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::sql {

// Bytes [begin, end) of a source text.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;

  uint32_t size() const { return end - begin; }
  friend bool operator==(const Span&, const Span&) = default;
};

// The smallest span that covers both.
Span Cover(Span a, Span b);

// Where an editor would put the cursor: both count from 1, columns count code points.
struct Position {
  int line = 1;
  int column = 1;

  friend bool operator==(const Position&, const Position&) = default;
};

class SourceText {
 public:
  // `file` is only ever shown. Texts of 4 GiB and more are not for SQL: they are cut there.
  SourceText(std::string file, std::string text);

  // A part of another text, or what is put in its place.
  struct Piece {
    Span original;
    std::optional<std::string> replacement;
  };
  // A text made from another one: parameters replaced, words added. Its positions and lines are
  // those of `original`, so that complaints show what a person wrote; all of a replacement is at
  // the place where it was put.
  SourceText(std::shared_ptr<const SourceText> original, const std::vector<Piece>& pieces);

  const std::string& file() const { return file_; }
  std::string_view text() const { return text_; }
  // Clamped to the text.
  std::string_view Slice(Span span) const;
  Position PositionOf(size_t offset) const;
  // Line `line` (from 1) without its line break; empty past the end.
  std::string_view Line(int line) const;

 private:
  std::string file_;
  std::string text_;
  std::vector<uint32_t> line_starts_;
  struct PieceStart {
    uint32_t begin;  // in this text
    uint32_t original;
    bool is_copied;
  };
  std::shared_ptr<const SourceText> original_;  // null for a text of its own
  std::vector<PieceStart> pieces_;              // by begin
};

// The number of code points; a byte that is not UTF-8 counts as one.
size_t CountCodePoints(std::string_view text);

}  // namespace smelt::sql
