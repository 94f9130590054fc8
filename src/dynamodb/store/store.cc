#include "dynamodb/store/store.h"

#include "base/status.h"
#include "dynamodb/store/catalog.h"
#include "dynamodb/store/connection.h"
#include "dynamodb/store/reader.h"
#include "dynamodb/store/writer.h"
#include "state/migrations.h"
#include "state/owner_lock.h"

namespace smelt::dynamodb::store {
namespace {

absl::Status InvalidStart(std::string_view why) {
  return base::InvalidArgument("The provided starting key is {}", why);
}

bool IsInRange(const KeyCondition::Sort& sort, const std::string& key) {
  const std::string low = EncodeKeyValue(sort.low);
  switch (sort.op) {
    case SortOperator::kEqual:
      return key == low;
    case SortOperator::kLess:
      return key < low;
    case SortOperator::kLessOrEqual:
      return key <= low;
    case SortOperator::kGreater:
      return key > low;
    case SortOperator::kGreaterOrEqual:
      return key >= low;
    case SortOperator::kBetween:
      return key >= low && key <= EncodeKeyValue(sort.high);
    case SortOperator::kBeginsWith:
      return key.starts_with(low);
  }
  return false;
}

absl::Status CheckQueryStart(const Table& table, const QueryRequest& request) {
  if (request.start_after.empty()) return absl::OkStatus();
  const absl::StatusOr<EncodedKey> start = KeyOfParameter(table.key(), request.start_after);
  if (!start.ok()) return InvalidStart("invalid");
  if (start->partition != EncodeKeyValue(request.key.partition)) {
    return InvalidStart("outside query boundaries based on provided conditions");
  }
  if (request.key.sort && !IsInRange(*request.key.sort, start->sort)) {
    return base::InvalidArgument(
        "The provided starting key does not match the range key predicate");
  }
  return absl::OkStatus();
}

absl::Status CheckScanStart(const Table& table, const ScanRequest& request) {
  if (request.start_after.empty()) return absl::OkStatus();
  const absl::StatusOr<EncodedKey> start = KeyOfParameter(table.key(), request.start_after);
  if (!start.ok()) return InvalidStart("invalid: " + base::Message(start.status()));
  const auto [begin, end] = HashesOfSegment(request.segment, request.segments);
  const int64_t hash = HashOfPartition(start->partition);
  if (hash < begin || hash >= end) {
    return InvalidStart(fmt::format(
        "invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
        "TotalSegments: {} Segment: {}",
        request.segments, request.segment));
  }
  return absl::OkStatus();
}

// What belongs into the key condition may not be in the filter.
absl::Status CheckQueryFilter(const Table& table, const QueryRequest& request) {
  if (request.filter == nullptr) return absl::OkStatus();
  const std::set<std::string> names = request.filter->TopLevelNames();
  const KeySchema& key = table.key();
  for (const std::string& name : names) {
    if (name != key.partition.name && (!key.sort || name != key.sort->name)) continue;
    return base::InvalidArgument(
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: {}",
        name);
  }
  return absl::OkStatus();
}

}  // namespace

struct Store::Parts {
  Parts(state::OwnerLock lock, Connection connection, const std::filesystem::path& file,
        const StoreOptions& options)
      : lock(std::move(lock)),
        catalog(options.clock),
        writer(std::move(connection), &catalog, options),
        readers(file) {}

  state::OwnerLock lock;  // first, so that it is let go of last
  Catalog catalog;
  Writer writer;
  Readers readers;
};

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const std::filesystem::path& file,
                                                   const StoreOptions& options) {
  SMELT_ASSIGN_OR_RETURN(state::OwnerLock lock, state::OwnerLock::Acquire(file));
  SMELT_ASSIGN_OR_RETURN(state::Database database,
                         state::Database::Open(file, {.durability = state::Durability::kFull}));
  const absl::Status migrated = state::Migrate(&database, kApplicationId, Migrations());
  if (!migrated.ok()) return base::Annotate(migrated, "{}", file.string());
  auto parts =
      std::make_unique<Parts>(std::move(lock), Connection(std::move(database)), file, options);
  const auto loaded =
      parts->writer.Alone([&](Connection* connection) -> absl::StatusOr<TableDescription> {
        SMELT_RETURN_IF_ERROR(parts->catalog.Load(connection));
        return TableDescription();
      });
  if (!loaded.ok()) return loaded.status();
  return std::unique_ptr<Store>(new Store(std::move(parts)));
}

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Store::~Store() = default;

absl::StatusOr<TableDescription> Store::CreateTable(const TableSpec& spec) {
  return parts_->writer.Alone(
      [&](Connection* connection) { return parts_->catalog.Create(spec, connection); });
}

absl::StatusOr<TableDescription> Store::DescribeTable(const std::string& name) const {
  SMELT_ASSIGN_OR_RETURN(const std::shared_ptr<Table> table, parts_->catalog.Find(name));
  return table->description();
}

absl::StatusOr<TableDescription> Store::UpdateTable(const std::string& table,
                                                    const TableChange& change) {
  return parts_->writer.Alone(
      [&](Connection* connection) { return parts_->catalog.Update(table, change, connection); });
}

absl::StatusOr<TableDescription> Store::DeleteTable(const std::string& table) {
  return parts_->writer.Alone(
      [&](Connection* connection) { return parts_->catalog.Delete(table, connection); });
}

std::vector<std::string> Store::ListTables() const { return parts_->catalog.Names(); }

absl::StatusOr<GetResult> Store::GetItem(const std::string& name, const Item& key,
                                         bool consistent) const {
  SMELT_ASSIGN_OR_RETURN(const std::shared_ptr<Table> table, parts_->catalog.Find(name));
  SMELT_ASSIGN_OR_RETURN(const EncodedKey encoded, KeyOfParameter(table->key(), key));
  return parts_->readers.Get(*table, encoded, consistent);
}

absl::StatusOr<Page> Store::Query(const QueryRequest& request) const {
  SMELT_ASSIGN_OR_RETURN(const std::shared_ptr<Table> table, parts_->catalog.Find(request.table));
  SMELT_RETURN_IF_ERROR(CheckQueryStart(*table, request));
  SMELT_RETURN_IF_ERROR(CheckQueryFilter(*table, request));
  return parts_->readers.Query(*table, request);
}

absl::StatusOr<Page> Store::Scan(const ScanRequest& request) const {
  SMELT_ASSIGN_OR_RETURN(const std::shared_ptr<Table> table, parts_->catalog.Find(request.table));
  SMELT_RETURN_IF_ERROR(CheckScanStart(*table, request));
  return parts_->readers.Scan(*table, request);
}

std::vector<WriteResult> Store::Write(std::span<const WriteOp> ops) {
  return parts_->writer.Write(ops);
}

}  // namespace smelt::dynamodb::store
