#pragma once

// RecordDecoder: one line of a data file, of either kind of export:
//   full         {"Item": {..}}
//   incremental  {"Metadata": {"WriteTimestampMicros": {"N": ".."}}, "Keys": {..} [, "OldImage":
//   {..}] [, "NewImage": {..}]}
// It finds the image that makes the row, and what happened to the item when. One thread at a time.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "dynamodb/export/item_decoder.h"
#include "dynamodb/export/manifest.h"

namespace smelt::dynamodb {

enum class ChangeType { kSnapshot, kInsert, kUpdate, kDelete };

// "snapshot", "insert", "update", "delete".
std::string_view ChangeTypeName(ChangeType type);

struct Change {
  ChangeType type = ChangeType::kSnapshot;
  int64_t micros = 0;
};

class RecordDecoder {
 public:
  RecordDecoder(const Export& found, std::unique_ptr<ItemDecoder> items)
      : kind_(found.kind),
        view_(found.view),
        export_micros_(found.export_micros),
        items_(std::move(items)) {}

  // Appends one row to the attributes' columns. False where the line is no record: the caller
  // truncates the columns. At least simdjson::SIMDJSON_PADDING bytes after the line may be read.
  bool Decode(std::string_view line, std::vector<Column>* columns, TextArena* arena,
              Change* change);

  // Of the row decoded last.
  std::string_view rescued() const { return items_->rescued(); }

 private:
  bool DecodeFull(ondemand::document& document, const char* text_end, std::vector<Column>* columns,
                  TextArena* arena);
  bool DecodeIncremental(ondemand::document& document, const char* text_end,
                         std::vector<Column>* columns, TextArena* arena, Change* change);

  const ExportKind kind_;
  const OutputView view_;
  const int64_t export_micros_;
  const std::unique_ptr<ItemDecoder> items_;
  ondemand::parser parser_;
  ondemand::parser image_parser_;  // for an image that stands before what decides about it
};

}  // namespace smelt::dynamodb
