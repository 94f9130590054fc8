#include "cli/demo_data.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "base/digest.h"
#include "base/status.h"
#include "cli/export_writer.h"
#include "dynamodb/export/manifest.h"

namespace smelt::cli {

namespace {

constexpr char kTableArn[] = "arn:aws:dynamodb:eu-west-1:123456789012:table/customer_transactions";
constexpr int64_t kExportMicros = 1'700'000'000'000'000;
constexpr int64_t kWindowMicros = 86'400'000'000;
constexpr size_t kFileCount = 16;
constexpr size_t kAppendBytes = 1 << 20;

enum class RecordKind { kItem, kInsert, kUpdate, kDelete };

struct Record {
  uint64_t event = 0;
  RecordKind kind = RecordKind::kItem;
  RetailItem item;
};

void AppendRecord(const RetailCsv& csv, const Record& record, std::string* out) {
  if (record.kind == RecordKind::kItem) {
    *out += "{\"Item\":";
    AppendRetailItem(csv, record.item, out);
    *out += "}\n";
    return;
  }
  const uint64_t hash = ScatteredHash("write", record.event);
  *out += fmt::format(
      R"({{"Metadata":{{"WriteTimestampMicros":{{"N":"{}"}}}},"Keys":{{"event_id":{{"S":"{:016x}"}}}})",
      kExportMicros + static_cast<int64_t>(hash % kWindowMicros), record.event);
  if (record.kind != RecordKind::kInsert) {
    *out += ",\"OldImage\":";
    AppendRetailItem(csv, record.item, out);
  }
  if (record.kind != RecordKind::kDelete) {
    *out += ",\"NewImage\":";
    RetailItem changed = record.item;
    // An update moves the amount by one penny to five pounds.
    if (record.kind == RecordKind::kUpdate) {
      changed.extra_millis = static_cast<int64_t>(1 + (hash >> 40) % 500) * 10;
    }
    AppendRetailItem(csv, changed, out);
  }
  *out += "}\n";
}

std::string CompressRecords(const RetailCsv& csv, const Record* begin, const Record* end) {
  GzipText gzip;
  std::string text;
  text.reserve(kAppendBytes + 4096);
  for (const Record* record = begin; record != end; ++record) {
    AppendRecord(csv, *record, &text);
    if (text.size() >= kAppendBytes) {
      gzip.Append(text);
      text.clear();
    }
  }
  gzip.Append(text);
  return gzip.Finish();
}

// Calls work(0) to work(count - 1), several at once; the first error ends it.
absl::Status ForEachParallel(size_t count, int threads,
                             const std::function<absl::Status(size_t)>& work) {
  std::atomic<size_t> next = 0;
  std::mutex mutex;
  absl::Status failure;
  const auto run = [&] {
    for (size_t i = next++; i < count; i = next++) {
      const absl::Status status = work(i);
      if (status.ok()) continue;
      const std::lock_guard<std::mutex> lock(mutex);
      failure.Update(status);
      next = count;
    }
  };
  std::vector<std::thread> pool;
  for (int i = 1; i < threads; ++i) pool.emplace_back(run);
  run();
  for (std::thread& thread : pool) thread.join();
  return failure;
}

// Data files and manifests of these records: in order of their keys' hashes, one range of hashes a
// file, as the service has it.
absl::Status WriteExport(const RetailCsv& csv, std::vector<Record> records,
                         storage::ObjectStore& store, const std::string& prefix, int threads,
                         dynamodb::Export* written, int64_t* compressed_bytes) {
  std::sort(records.begin(), records.end(),
            [](const Record& a, const Record& b) { return a.event < b.event; });
  const bool is_full = written->kind == dynamodb::ExportKind::kFull;
  const std::string data =
      is_full ? "AWSDynamoDB/" + written->id + "/data/" : std::string("AWSDynamoDB/data/");
  written->table_arn = kTableArn;
  written->item_count = static_cast<int64_t>(records.size());
  written->files.resize(kFileCount);
  std::atomic<int64_t> bytes_total = 0;
  SMELT_RETURN_IF_ERROR(ForEachParallel(kFileCount, threads, [&](size_t i) {
    const auto bound = [&](size_t file) {
      const uint64_t first = file == kFileCount ? UINT64_MAX : file * (UINT64_MAX / kFileCount + 1);
      const auto at =
          std::lower_bound(records.begin(), records.end(), first,
                           [](const Record& a, uint64_t event) { return a.event < event; });
      return file == kFileCount ? records.data() + records.size()
                                : records.data() + (at - records.begin());
    };
    const Record* const begin = bound(i);
    const Record* const end = bound(i + 1);
    const std::string bytes = CompressRecords(csv, begin, end);
    bytes_total += static_cast<int64_t>(bytes.size());
    dynamodb::DataFile& file = written->files[i];
    file.key = data + base::HexEncode(base::Md5(written->id + std::to_string(i))).substr(0, 26) +
               ".json.gz";
    file.item_count = end - begin;
    file.md5_base64 = base::Base64Encode(base::Md5(bytes));
    return store.Put(prefix + file.key, bytes, storage::PutMode::kOverwrite);
  }));
  *compressed_bytes = bytes_total;
  return WriteManifests(store, prefix, *written);
}

// One transaction in a hundred of the full export was sent twice.
bool WasSentTwice(uint32_t row) { return ScatteredHash("duplicate", row) % 100 == 0; }

Record MakeRecord(RecordKind kind, const RetailItem& item) { return {EventHash(item), kind, item}; }

// The days after the last one of the data, and some before it for what arrives late.
struct Days {
  std::vector<std::string> following;  // two
  std::vector<std::string> last;       // up to thirty
};

Days DaysOf(const RetailCsv& csv) {
  std::set<std::string_view> seen;
  for (const RetailRow& row : csv.rows()) seen.insert(row.time.substr(0, 10));
  Days days;
  for (auto day = seen.rbegin(); day != seen.rend() && days.last.size() < 30; ++day) {
    days.last.emplace_back(*day);
  }
  const std::string& last = days.last.front();
  const std::chrono::sys_days date = std::chrono::year_month_day{
      std::chrono::year(std::stoi(last.substr(0, 4))),
      std::chrono::month(static_cast<unsigned>(std::stoi(last.substr(5, 2)))),
      std::chrono::day(static_cast<unsigned>(std::stoi(last.substr(8, 2))))};
  for (int i = 1; i <= 2; ++i) {
    const std::chrono::year_month_day next(date + std::chrono::days(i));
    days.following.push_back(fmt::format("{:04}-{:02}-{:02}", static_cast<int>(next.year()),
                                         static_cast<unsigned>(next.month()),
                                         static_cast<unsigned>(next.day())));
  }
  return days;
}

}  // namespace

absl::StatusOr<DemoData> DemoData::Load() {
  SMELT_ASSIGN_OR_RETURN(RetailCsv csv, RetailCsv::Load());
  return DemoData(std::move(csv));
}

absl::StatusOr<DemoExport> DemoData::WriteFullExport(storage::ObjectStore& store,
                                                     const std::string& prefix, int threads) const {
  std::vector<Record> records;
  records.reserve(csv_.rows().size() + csv_.rows().size() / 50);
  for (uint32_t row = 0; row < csv_.rows().size(); ++row) {
    records.push_back(MakeRecord(RecordKind::kItem, {.row = row}));
    if (WasSentTwice(row)) {
      records.push_back(MakeRecord(RecordKind::kItem, {.row = row, .revision = 2}));
    }
  }
  dynamodb::Export written;
  written.id = fmt::format("0{}-{:08x}", kExportMicros / 1000, 0x5e117f01);
  written.kind = dynamodb::ExportKind::kFull;
  written.export_micros = kExportMicros;
  DemoExport result{.id = written.id, .items = static_cast<int64_t>(records.size())};
  SMELT_RETURN_IF_ERROR(WriteExport(csv_, std::move(records), store, prefix, threads, &written,
                                    &result.compressed_bytes));
  return result;
}

absl::StatusOr<DemoExport> DemoData::WriteIncrement(storage::ObjectStore& store,
                                                    const std::string& prefix, int threads) const {
  const uint32_t row_count = static_cast<uint32_t>(csv_.rows().size());
  if (row_count == 0) return base::InvalidArgument("the data set is empty");
  const Days days = DaysOf(csv_);
  DemoExport result;
  std::vector<Record> records;
  // One row in a hundred comes again as a new transaction, mostly of the two days that follow.
  for (uint32_t number = 0; number < std::max(1u, row_count / 100); ++number) {
    const uint64_t hash = ScatteredHash("new item", number);
    const bool is_late = (hash >> 41) % 10 == 0;
    const std::string& date =
        is_late ? days.last[(hash >> 45) % days.last.size()] : days.following[hash >> 40 & 1];
    records.push_back(
        MakeRecord(RecordKind::kInsert, {.row = static_cast<uint32_t>(hash % row_count),
                                         .is_new = true,
                                         .new_number = number,
                                         .date = date}));
  }
  // Some transactions that were seen before are sent again as they were.
  std::set<uint32_t> again;
  for (uint32_t i = 0; i < std::max(1u, row_count / 10000); ++i) {
    again.insert(static_cast<uint32_t>(ScatteredHash("again", i) % row_count));
  }
  for (const uint32_t row : again) {
    records.push_back(MakeRecord(RecordKind::kInsert, {.row = row, .revision = 3}));
  }
  result.resent = static_cast<int64_t>(again.size());
  result.inserts = static_cast<int64_t>(records.size());
  // Two in a thousand are updated and one deleted: only transactions of one item, so that no answer
  // depends on which of two was taken for the transaction.
  for (uint32_t row = 0; row < row_count; ++row) {
    const uint64_t chance = ScatteredHash("change", row) % 1000;
    if (chance >= 3 || WasSentTwice(row) || again.contains(row)) continue;
    const RecordKind kind = chance < 2 ? RecordKind::kUpdate : RecordKind::kDelete;
    ++(kind == RecordKind::kUpdate ? result.updates : result.deletes);
    records.push_back(MakeRecord(kind, {.row = row}));
  }
  dynamodb::Export written;
  // An incremental export is asked for some time after its window.
  written.id =
      fmt::format("0{}-{:08x}", (kExportMicros + kWindowMicros) / 1000 + 1'200'000, 0x5e117f02);
  written.kind = dynamodb::ExportKind::kIncremental;
  written.window_start_micros = kExportMicros;
  written.export_micros = kExportMicros + kWindowMicros;
  result.id = written.id;
  result.items = static_cast<int64_t>(records.size());
  SMELT_RETURN_IF_ERROR(WriteExport(csv_, std::move(records), store, prefix, threads, &written,
                                    &result.compressed_bytes));
  return result;
}

absl::StatusOr<int64_t> DemoData::WriteCustomers(storage::ObjectStore& store,
                                                 const std::string& key) const {
  std::map<int32_t, std::string_view> countries;
  for (const RetailRow& row : csv_.rows()) {
    if (row.customer_id != 0) countries.emplace(row.customer_id, row.country);
  }
  std::string text = "customer_id,segment,region,country\n";
  int64_t count = 0;
  for (const auto& [customer, country] : countries) {
    if (ScatteredHash("customer", static_cast<uint64_t>(customer)) % 100 == 0) continue;
    text += fmt::format("{},{},{},{}\n", customer, SegmentOf(customer), RegionOf(country), country);
    ++count;
  }
  SMELT_RETURN_IF_ERROR(store.Put(key, text, storage::PutMode::kOverwrite));
  return count;
}

}  // namespace smelt::cli
