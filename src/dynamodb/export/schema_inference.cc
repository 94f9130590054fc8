#include "dynamodb/export/schema_inference.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "base/status.h"
#include "dynamodb/export/attribute_shape.h"
#include "dynamodb/export/export_row.h"
#include "dynamodb/export/gzip_lines.h"

namespace smelt::dynamodb {

namespace {

using base::DataType;
using base::TypeKind;

struct Task {
  const Export* found;
  const DataFile* file;
};

bool AddRecord(ondemand::parser& parser, std::string_view line, ExportKind kind,
               MemberShapes* shapes) {
  ondemand::document document;
  ondemand::value record;
  const simdjson::padded_string_view padded(line, line.size() + simdjson::SIMDJSON_PADDING);
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_value().get(record) != simdjson::SUCCESS) {
    return false;
  }
  return VisitMembers(record, [&](std::string_view key, ondemand::value value) {
    // Of an incremental record all three: a delete makes its row of the old image, or of the keys.
    const bool is_image = kind == ExportKind::kFull
                              ? key == "Item"
                              : key == "NewImage" || key == "OldImage" || key == "Keys";
    return !is_image || shapes->Add(value, 0);
  });
}

absl::StatusOr<MemberShapes> ShapesOfFile(storage::ObjectStore& store, const Task& task) {
  absl::StatusOr<std::unique_ptr<GzipLines>> lines = GzipLines::Open(store, task.file->key);
  if (lines.status().code() == absl::StatusCode::kNotFound) {
    return base::DataLoss("{} is missing, though manifest-files.json of export {} names it",
                          task.file->key, task.found->id);
  }
  if (!lines.ok()) return lines.status();
  MemberShapes shapes;
  ondemand::parser parser;
  TextLine line;
  while (true) {
    SMELT_ASSIGN_OR_RETURN(const bool more, (*lines)->Next(&line));
    if (!more) return shapes;
    if (!line.too_long) AddRecord(parser, line.text, task.found->kind, &shapes);
  }
}

// `previous` where it has a type already, widened only by members that structs in it lack.
DataType MergeTypes(const DataType& previous, const DataType& seen) {
  if (previous.kind() != seen.kind()) return previous;
  switch (previous.kind()) {
    case TypeKind::kStruct: {
      std::vector<base::Field> fields = previous.fields();
      for (const base::Field& field : seen.fields()) {
        const std::optional<size_t> found = base::FindField(fields, field.name);
        if (!found) {
          fields.push_back(field);
        } else if (fields[*found].name == field.name) {
          fields[*found].type = MergeTypes(fields[*found].type, field.type);
        }
      }
      return DataType::Struct(std::move(fields));
    }
    case TypeKind::kArray:
      return DataType::Array(MergeTypes(previous.element(), seen.element()),
                             previous.contains_null());
    case TypeKind::kMap:
      return DataType::Map(previous.key(), MergeTypes(previous.value(), seen.value()),
                           previous.contains_null());
    default:
      return previous;
  }
}

}  // namespace

base::Schema MergeAttributes(const base::Schema& previous, const base::Schema& hints,
                             const base::Schema& seen) {
  base::Schema merged;
  for (const base::Field& field : previous) {
    if (!IsReservedName(field.name)) merged.push_back(field);
  }
  base::Schema added;
  for (const base::Field& field : seen) {
    if (IsReservedName(field.name)) continue;
    const std::optional<size_t> known = base::FindField(merged, field.name);
    if (!known) {
      const std::optional<size_t> hint = base::FindField(hints, field.name);
      const bool is_hinted = hint && hints[*hint].name == field.name;
      if (!base::FindField(added, field.name)) {
        added.push_back(is_hinted ? hints[*hint] : field);
      }
    } else if (merged[*known].name == field.name) {
      const bool is_hinted = base::FindField(hints, field.name).has_value();
      if (!is_hinted) merged[*known].type = MergeTypes(merged[*known].type, field.type);
    }
  }
  // What was hinted is a column even before any item has it.
  for (const base::Field& hint : hints) {
    if (!IsReservedName(hint.name) && !base::FindField(merged, hint.name) &&
        !base::FindField(added, hint.name)) {
      added.push_back(hint);
    }
  }
  std::sort(added.begin(), added.end(),
            [](const base::Field& a, const base::Field& b) { return a.name < b.name; });
  merged.insert(merged.end(), added.begin(), added.end());
  return merged;
}

absl::StatusOr<base::Schema> InferAttributes(storage::ObjectStore& store,
                                             const std::vector<Export>& exports,
                                             const InferenceOptions& options) {
  std::vector<Task> tasks;
  for (const Export& found : exports) {
    for (const DataFile& file : found.files) tasks.push_back({&found, &file});
  }
  std::atomic<size_t> next_task = 0;
  std::mutex mutex;
  absl::Status failure;
  MemberShapes shapes;
  const auto work = [&] {
    while (true) {
      const size_t task = next_task++;
      if (task >= tasks.size()) return;
      absl::StatusOr<MemberShapes> of_file = ShapesOfFile(store, tasks[task]);
      const std::lock_guard<std::mutex> lock(mutex);
      if (of_file.ok()) {
        shapes.Merge(*of_file);
      } else {
        failure.Update(of_file.status());
        next_task = tasks.size();
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < std::min<int>(options.threads, static_cast<int>(tasks.size())); ++i) {
    threads.emplace_back(work);
  }
  work();
  for (std::thread& thread : threads) thread.join();
  if (!failure.ok()) return failure;

  base::Schema seen;
  for (size_t position : shapes.Sorted()) {
    seen.push_back({shapes.name(position), shapes.shape(position).Type()});
  }
  return MergeAttributes(options.previous, options.hints, seen);
}

}  // namespace smelt::dynamodb
