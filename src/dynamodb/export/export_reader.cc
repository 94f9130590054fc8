#include "dynamodb/export/export_reader.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/check.h"
#include "base/status.h"
#include "dynamodb/export/record_decoder.h"

namespace smelt::dynamodb {

namespace {

// How many of the bytes are whole UTF-8 characters before the first that are not.
size_t ValidPrefixSize(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const unsigned char lead = static_cast<unsigned char>(text[at]);
    const size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (at + size > text.size() || !simdjson::validate_utf8(text.data() + at, size)) break;
    at += size;
  }
  return at;
}

TextRef RefOf(std::string_view text) { return {text.data(), text.size()}; }

// Where the projected columns come from: the decoder's columns and the system columns stand apart
// while rows are made, and are put in the projection's order when a batch is whole.
struct Layout {
  std::vector<bool> wanted;                                // by attribute
  std::array<bool, kSystemColumnCount> wants_system = {};  // by SystemColumn
  std::vector<std::pair<bool, size_t>> sources;  // by projected column: (is system, position)
};

Layout LayoutOf(size_t attribute_count, const std::vector<size_t>& projection) {
  Layout layout;
  layout.wanted.resize(attribute_count);
  for (size_t position : projection) {
    SMELT_CHECK(position < attribute_count + kSystemColumnCount);
    if (position < attribute_count) {
      SMELT_CHECK(!layout.wanted[position], "a column is projected once");
      layout.wanted[position] = true;
    } else {
      layout.wants_system[position - attribute_count] = true;
    }
  }
  for (size_t position : projection) {
    if (position >= attribute_count) {
      layout.sources.emplace_back(true, position - attribute_count);
    } else {
      const auto begin = layout.wanted.begin();
      layout.sources.emplace_back(
          false, std::count(begin, begin + static_cast<std::ptrdiff_t>(position), true));
    }
  }
  return layout;
}

class Reader : public ExportReader {
 public:
  Reader(storage::ObjectStore& store, const Export& found, const DataFile& file,
         const base::Schema& attributes, Layout layout, const ReadOptions& options,
         std::unique_ptr<GzipLines> lines, std::unique_ptr<ItemDecoder> items)
      : export_(found),
        file_(file),
        layout_(std::move(layout)),
        options_(options),
        lines_(std::move(lines)),
        records_(found, std::move(items)),
        texts_(std::make_shared<FileTexts>(FileTexts{store.Describe() + "/" + file.key,
                                                     file.key.substr(file.key.rfind('/') + 1),
                                                     found.id})) {
    for (size_t i = 0; i < attributes.size(); ++i) {
      if (layout_.wanted[i]) attributes_.emplace_back(attributes[i].type);
    }
    const base::Schema system = ExportRowSchema({});
    for (size_t i = 0; i < kSystemColumnCount; ++i) system_.emplace_back(system[i].type);
  }

  absl::Status Next(Batch* batch) override {
    Begin(batch);
    TextLine line;
    while (rows_in_batch_ < kBatchRows && !at_end_) {
      SMELT_ASSIGN_OR_RETURN(const bool more, lines_->Next(&line));
      if (!more) {
        at_end_ = true;
        SMELT_RETURN_IF_ERROR(CheckWhole());
        break;
      }
      SMELT_RETURN_IF_ERROR(AddRow(line));
    }
    Finish(batch);
    return absl::OkStatus();
  }

  int64_t rows() const override { return rows_; }
  int64_t bad_lines() const override { return bad_lines_; }

 private:
  Column& System(SystemColumn column) { return system_[static_cast<size_t>(column)]; }
  bool Wants(SystemColumn column) const {
    return layout_.wants_system[static_cast<size_t>(column)];
  }

  // Takes back the columns that the batch borrowed, empty.
  void Begin(Batch* batch) {
    for (size_t i = 0; i < batch->columns.size(); ++i) {
      const auto [is_system, position] = layout_.sources[i];
      Column& home = is_system ? system_[position] : attributes_[position];
      home = std::move(batch->columns[i]);
      home.Clear();
    }
    batch->columns.clear();
    batch->rows = 0;
    rows_in_batch_ = 0;
    // A consumer may still hold the last batch's texts.
    if (memory_ && memory_.use_count() == (batch->memory == memory_ ? 2 : 1)) {
      memory_->blocks.clear();
      memory_->arena.Reset();
    } else {
      memory_ = std::make_shared<BatchMemory>();
      memory_->file = texts_;
    }
    batch->memory = memory_;
  }

  void Finish(Batch* batch) {
    for (const auto& [is_system, position] : layout_.sources) {
      batch->columns.push_back(std::move(is_system ? system_[position] : attributes_[position]));
    }
    batch->rows = rows_in_batch_;
  }

  absl::Status AddRow(const TextLine& line) {
    KeepBlock();
    Change change;
    const bool is_good =
        !line.too_long && records_.Decode(line.text, &attributes_, &memory_->arena, &change);
    if (!is_good) SMELT_RETURN_IF_ERROR(AddBadLine(line, &change));
    AddSystemColumns(line, change, is_good);
    ++rows_in_batch_;
    ++rows_;
    return absl::OkStatus();
  }

  absl::Status AddBadLine(const TextLine& line, Change* change) {
    if (options_.fail_on_bad_line) {
      return base::DataLoss("{}:{}: not an item of DynamoDB JSON: {}", file_.key, line.number,
                            line.text.substr(0, 200));
    }
    ++bad_lines_;
    for (Column& column : attributes_) {
      column.Truncate(rows_in_batch_);
      column.AppendNull();
    }
    *change = {export_.kind == ExportKind::kFull ? ChangeType::kSnapshot : ChangeType::kUpdate,
               export_.export_micros};
    return absl::OkStatus();
  }

  void AddSystemColumns(const TextLine& line, const Change& change, bool is_good) {
    if (Wants(SystemColumn::kRescuedData)) {
      Column& column = System(SystemColumn::kRescuedData);
      if (!is_good) {
        column.Append(RefOf(PrintableText(line.text)));
      } else if (records_.rescued().empty()) {
        column.AppendNull();
      } else {
        column.Append(memory_->arena.Copy(records_.rescued()));
      }
    }
    if (Wants(SystemColumn::kChangeType)) {
      System(SystemColumn::kChangeType).Append(RefOf(ChangeTypeName(change.type)));
    }
    if (Wants(SystemColumn::kChangeTimestamp)) {
      System(SystemColumn::kChangeTimestamp).Append(change.micros);
    }
    if (Wants(SystemColumn::kMetadata)) AddMetadata(line);
  }

  void AddMetadata(const TextLine& line) {
    Column& metadata = System(SystemColumn::kMetadata);
    std::vector<Column>& members = metadata.children();
    members[0].Append(RefOf(texts_->path));
    members[1].Append(RefOf(texts_->name));
    members[2].Append(lines_->size_bytes());
    members[3].Append(lines_->modified_micros());
    members[4].Append(RefOf(texts_->export_id));
    members[5].Append(export_.export_micros);
    members[6].Append(line.number);
    metadata.AppendStruct();
  }

  // A string column holds UTF-8; bytes of a bad line that are not become U+FFFD.
  std::string_view PrintableText(std::string_view text) {
    if (simdjson::validate_utf8(text.data(), text.size())) return text;
    std::string printable;
    while (!text.empty()) {
      const size_t size = ValidPrefixSize(text);
      printable += text.substr(0, size);
      text.remove_prefix(size);
      if (text.empty()) break;
      printable += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    }
    const TextRef kept = memory_->arena.Copy(printable);
    return {kept.data, kept.size};
  }

  void KeepBlock() {
    std::vector<std::shared_ptr<TextBlock>>& blocks = memory_->blocks;
    if (blocks.empty() || blocks.back() != lines_->block()) blocks.push_back(lines_->block());
  }

  // The file against its manifest, after its last line.
  absl::Status CheckWhole() {
    SMELT_ASSIGN_OR_RETURN(const std::string md5, lines_->FinishMd5Base64());
    if (md5 != file_.md5_base64) {
      return base::DataLoss(
          "{}: its MD5 is {}, but manifest-files.json of export {} says {} (read to line {})",
          file_.key, md5, export_.id, file_.md5_base64, lines_->lines_seen());
    }
    if (rows_ != file_.item_count) {
      return base::DataLoss("{}: it has {} items, but manifest-files.json of export {} says {}",
                            file_.key, rows_, export_.id, file_.item_count);
    }
    return absl::OkStatus();
  }

  const Export& export_;
  const DataFile file_;
  const Layout layout_;
  const ReadOptions options_;
  const std::unique_ptr<GzipLines> lines_;
  RecordDecoder records_;
  const std::shared_ptr<const FileTexts> texts_;

  std::vector<Column> attributes_;  // the wanted ones
  std::vector<Column> system_;      // by SystemColumn
  std::shared_ptr<BatchMemory> memory_;
  size_t rows_in_batch_ = 0;
  bool at_end_ = false;
  int64_t rows_ = 0;
  int64_t bad_lines_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ExportReader>> ExportReader::Open(
    storage::ObjectStore& store, const Export& found, const DataFile& file,
    const base::Schema& attributes, const std::vector<size_t>& projection,
    const ReadOptions& options) {
  Layout layout = LayoutOf(attributes.size(), projection);
  SMELT_ASSIGN_OR_RETURN(
      auto items,
      ItemDecoder::Create(attributes, layout.wanted,
                          layout.wants_system[static_cast<size_t>(SystemColumn::kRescuedData)]));
  absl::StatusOr<std::unique_ptr<GzipLines>> lines = GzipLines::Open(store, file.key);
  if (lines.status().code() == absl::StatusCode::kNotFound) {
    return base::DataLoss("{} is missing, though manifest-files.json of export {} names it",
                          file.key, found.id);
  }
  if (!lines.ok()) return lines.status();
  return std::unique_ptr<ExportReader>(
      std::make_unique<Reader>(store, found, file, attributes, std::move(layout), options,
                               *std::move(lines), std::move(items)));
}

}  // namespace smelt::dynamodb
