#include "dynamodb/export/record_decoder.h"

#include "dynamodb/export/number_text.h"

namespace smelt::dynamodb {

namespace {

// {"WriteTimestampMicros": {"N": ".."}}
bool ReadWriteTime(ondemand::value metadata, int64_t* micros) {
  bool found = false;
  const bool well_formed = VisitMembers(metadata, [&](std::string_view key, ondemand::value value) {
    if (key != "WriteTimestampMicros") return true;
    return VisitTyped(value, [&](ValueType type, ondemand::value number) {
      const std::optional<std::string_view> text = QuotedText(number);
      const std::optional<int64_t> parsed = text ? ToLong(*text) : std::nullopt;
      if (type != ValueType::kNumber || !parsed || *parsed < 0) return false;
      *micros = *parsed;
      found = true;
      return true;
    });
  });
  return well_formed && found;
}

}  // namespace

std::string_view ChangeTypeName(ChangeType type) {
  switch (type) {
    case ChangeType::kSnapshot:
      return "snapshot";
    case ChangeType::kInsert:
      return "insert";
    case ChangeType::kUpdate:
      return "update";
    case ChangeType::kDelete:
      return "delete";
  }
  return "";
}

bool RecordDecoder::Decode(std::string_view line, std::vector<Column>* columns, TextArena* arena,
                           Change* change) {
  ondemand::document document;
  const simdjson::padded_string_view padded(line, line.size() + simdjson::SIMDJSON_PADDING);
  if (parser_.iterate(padded).get(document) != simdjson::SUCCESS) return false;
  const char* const text_end = line.data() + line.size();
  const bool decoded = kind_ == ExportKind::kFull
                           ? DecodeFull(document, text_end, columns, arena)
                           : DecodeIncremental(document, text_end, columns, arena, change);
  if (kind_ == ExportKind::kFull) *change = {ChangeType::kSnapshot, export_micros_};
  return decoded && document.at_end();
}

bool RecordDecoder::DecodeFull(ondemand::document& document, const char* text_end,
                               std::vector<Column>* columns, TextArena* arena) {
  ondemand::value record;
  if (document.get_value().get(record) != simdjson::SUCCESS) return false;
  bool found = false;
  const bool well_formed = VisitMembers(record, [&](std::string_view key, ondemand::value value) {
    if (key != "Item" || found) return false;
    found = true;
    return items_->Decode(value, text_end, columns, arena);
  });
  return well_formed && found;
}

bool RecordDecoder::DecodeIncremental(ondemand::document& document, const char* text_end,
                                      std::vector<Column>* columns, TextArena* arena,
                                      Change* change) {
  ondemand::value record;
  if (document.get_value().get(record) != simdjson::SUCCESS) return false;
  bool has_time = false, has_new = false;
  std::string_view keys, old_image;
  const bool well_formed = VisitMembers(record, [&](std::string_view key, ondemand::value value) {
    if (key == "NewImage" && !has_new) {
      has_new = true;
      return items_->Decode(value, text_end, columns, arena);
    }
    if (key == "Metadata" && !has_time) {
      has_time = true;
      return ReadWriteTime(value, &change->micros);
    }
    std::string_view* const kept = key == "Keys" ? &keys : key == "OldImage" ? &old_image : nullptr;
    return kept != nullptr && kept->empty() && value.raw_json().get(*kept) == simdjson::SUCCESS;
  });
  if (!well_formed || !has_time || keys.empty()) return false;
  if (has_new) {
    // Under NEW_IMAGE nothing tells an insert from an update.
    const bool is_insert = view_ == OutputView::kNewAndOldImages && old_image.empty();
    change->type = is_insert ? ChangeType::kInsert : ChangeType::kUpdate;
    return true;
  }
  change->type = ChangeType::kDelete;
  const std::string_view image = old_image.empty() ? keys : old_image;
  // Within the line, so what follows it may be read.
  const size_t readable = static_cast<size_t>(text_end - image.data()) + simdjson::SIMDJSON_PADDING;
  ondemand::document deleted;
  ondemand::value value;
  return image_parser_.iterate(simdjson::padded_string_view(image, readable)).get(deleted) ==
             simdjson::SUCCESS &&
         deleted.get_value().get(value) == simdjson::SUCCESS &&
         items_->Decode(value, text_end, columns, arena);
}

}  // namespace smelt::dynamodb
