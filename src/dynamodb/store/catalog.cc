#include "dynamodb/store/catalog.h"

#include <mutex>

#include "base/digest.h"
#include "base/status.h"

namespace smelt::dynamodb::store {
namespace {

// AUTOINCREMENT: a number is never given twice, so that no statement prepared for a dropped table
// can meet its successor.
constexpr std::string_view kMigrations[] = {
    R"(CREATE TABLE tables (
         number INTEGER PRIMARY KEY AUTOINCREMENT,
         name TEXT NOT NULL UNIQUE,
         id TEXT NOT NULL,
         partition_name TEXT NOT NULL,
         partition_type TEXT NOT NULL,
         sort_name TEXT,
         sort_type TEXT,
         provisioned INTEGER NOT NULL,
         read_units INTEGER NOT NULL,
         write_units INTEGER NOT NULL,
         deletion_protection INTEGER NOT NULL,
         created_at INTEGER NOT NULL,
         increased_at INTEGER NOT NULL,
         decreased_at INTEGER NOT NULL,
         item_count INTEGER NOT NULL,
         size_bytes INTEGER NOT NULL))"};

constexpr char kInsert[] =
    "INSERT INTO tables (name, id, partition_name, partition_type, sort_name, sort_type, "
    "provisioned, read_units, "
    "write_units, deletion_protection, created_at, increased_at, decreased_at, item_count, "
    "size_bytes) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0)";
constexpr char kSelect[] =
    "SELECT number, name, id, partition_name, partition_type, sort_name, sort_type, provisioned, "
    "read_units, "
    "write_units, deletion_protection, created_at, increased_at, decreased_at, item_count, "
    "size_bytes FROM tables";
constexpr char kUpdate[] =
    "UPDATE tables SET provisioned = ?, read_units = ?, write_units = ?, deletion_protection = ?, "
    "increased_at = ?, "
    "decreased_at = ? WHERE number = ?";
// Rows lie in the order of their keys, and none is larger than 400 KB plus its keys.
constexpr char kCreateItems[] =
    "CREATE TABLE {} (hash INTEGER NOT NULL, partition BLOB NOT NULL, sort BLOB NOT NULL, size "
    "INTEGER NOT NULL, "
    "item BLOB NOT NULL, PRIMARY KEY (hash, partition, sort)) WITHOUT ROWID";

ValueType KeyTypeOf(std::string_view name) {
  if (name == "N") return ValueType::kNumber;
  return name == "B" ? ValueType::kBinary : ValueType::kString;
}

KeyAttribute ReadKeyAttribute(const state::Statement& row, int column) {
  return {.name = std::string(row.Text(column)), .type = KeyTypeOf(row.Text(column + 1))};
}

std::shared_ptr<Table> ReadTable(const state::Statement& row) {
  TableDescription description;
  description.spec.name = row.Text(1);
  description.id = row.Text(2);
  description.spec.key.partition = ReadKeyAttribute(row, 3);
  if (!row.IsNull(5)) description.spec.key.sort = ReadKeyAttribute(row, 5);
  description.spec.billing = row.Int(7) != 0 ? BillingMode::kProvisioned : BillingMode::kOnDemand;
  description.spec.throughput = {.read_units = row.Int(8), .write_units = row.Int(9)};
  description.spec.deletion_protection = row.Int(10) != 0;
  description.created_at_micros = row.Int(11);
  description.last_increase_at_micros = row.Int(12);
  description.last_decrease_at_micros = row.Int(13);
  description.item_count = row.Int(14);
  description.size_bytes = row.Int(15);
  return std::make_shared<Table>(row.Int(0), std::move(description));
}

absl::Status Insert(const TableDescription& description, Connection* connection) {
  const TableSpec& spec = description.spec;
  SMELT_ASSIGN_OR_RETURN(state::Statement * insert, connection->Statement(kInsert));
  insert->BindText(0, spec.name).BindText(1, description.id);
  insert->BindText(2, spec.key.partition.name).BindText(3, TypeName(spec.key.partition.type));
  if (spec.key.sort) {
    insert->BindText(4, spec.key.sort->name).BindText(5, TypeName(spec.key.sort->type));
  } else {
    insert->BindNull(4).BindNull(5);
  }
  insert->BindInt(6, spec.billing == BillingMode::kProvisioned ? 1 : 0);
  insert->BindInt(7, spec.throughput.read_units).BindInt(8, spec.throughput.write_units);
  insert->BindInt(9, spec.deletion_protection ? 1 : 0);
  return insert->BindInt(10, description.created_at_micros).Run();
}

absl::Status CheckSpec(const TableSpec& spec) {
  if (spec.name.size() < 3 || spec.name.size() > 255) {
    return base::InvalidArgument(
        "TableName must be at least 3 characters long and at most 255 characters long");
  }
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  if (spec.name.find_first_not_of(kAllowed) != std::string::npos) {
    return base::InvalidArgument(
        "TableName '{}' must satisfy regular expression pattern: [a-zA-Z0-9_.-]+", spec.name);
  }
  const Throughput& throughput = spec.throughput;
  if (spec.billing == BillingMode::kProvisioned &&
      (throughput.read_units < 1 || throughput.write_units < 1)) {
    return base::InvalidArgument(
        "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must "
        "both be specified when BillingMode is PROVISIONED");
  }
  return absl::OkStatus();
}

// What the change makes of the description; the service's complaint where it changes nothing.
absl::StatusOr<TableDescription> Changed(TableDescription description, const TableChange& change,
                                         int64_t now_micros) {
  TableSpec& spec = description.spec;
  const Throughput before = spec.throughput;
  if (change.billing) spec.billing = *change.billing;
  if (change.deletion_protection) spec.deletion_protection = *change.deletion_protection;
  if (spec.billing == BillingMode::kOnDemand) {
    if (change.throughput) {
      return base::InvalidArgument(
          "One or more parameter values were invalid: Neither ReadCapacityUnits nor "
          "WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST");
    }
    spec.throughput = {};
    return description;
  }
  if (change.billing && !change.throughput && before == Throughput{}) {
    return base::InvalidArgument(
        "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must "
        "both be specified when BillingMode is PROVISIONED");
  }
  if (!change.throughput) return description;
  if (*change.throughput == before && !change.billing && !change.deletion_protection) {
    return base::InvalidArgument(
        "The provisioned throughput for the table will not change. The requested value equals the "
        "current value. Current ReadCapacityUnits provisioned for the table: {}. Requested "
        "ReadCapacityUnits: {}. Current WriteCapacityUnits provisioned for the table: {}. "
        "Requested "
        "WriteCapacityUnits: {}. Refer to the Amazon DynamoDB Developer Guide for current limits "
        "and how to request higher limits.",
        before.read_units, change.throughput->read_units, before.write_units,
        change.throughput->write_units);
  }
  spec.throughput = *change.throughput;
  if (spec.throughput.read_units > before.read_units ||
      spec.throughput.write_units > before.write_units) {
    description.last_increase_at_micros = now_micros;
  }
  if (spec.throughput.read_units < before.read_units ||
      spec.throughput.write_units < before.write_units) {
    description.last_decrease_at_micros = now_micros;
  }
  return description;
}

}  // namespace

std::span<const std::string_view> Migrations() { return kMigrations; }

absl::Status Catalog::Load(Connection* connection) {
  SMELT_ASSIGN_OR_RETURN(state::Statement * select, connection->Statement(kSelect));
  const ResetAtEnd reset(select);
  const std::unique_lock lock(mutex_);
  while (true) {
    SMELT_ASSIGN_OR_RETURN(const bool has_row, select->Step());
    if (!has_row) return absl::OkStatus();
    std::shared_ptr<Table> table = ReadTable(*select);
    tables_[table->name()] = std::move(table);
  }
}

absl::StatusOr<std::shared_ptr<Table>> Catalog::Find(const std::string& name) const {
  const std::shared_lock lock(mutex_);
  const auto found = tables_.find(name);
  if (found == tables_.end()) return base::NotFound("Requested resource not found");
  return found->second;
}

std::vector<std::string> Catalog::Names() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, table] : tables_) names.push_back(name);
  return names;
}

absl::StatusOr<TableDescription> Catalog::Create(const TableSpec& spec, Connection* connection) {
  SMELT_RETURN_IF_ERROR(CheckSpec(spec));
  if (Find(spec.name).ok()) return base::AlreadyExists("Table already exists: {}", spec.name);
  TableDescription description{
      .spec = spec, .id = base::RandomUuid(), .created_at_micros = clock_->NowMicros()};
  SMELT_ASSIGN_OR_RETURN(state::Transaction transaction,
                         state::Transaction::Begin(connection->database()));
  SMELT_RETURN_IF_ERROR(Insert(description, connection));
  auto table =
      std::make_shared<Table>(connection->database()->last_row_id(), std::move(description));
  SMELT_RETURN_IF_ERROR(
      connection->database()->Execute(fmt::format(kCreateItems, table->items_table())));
  SMELT_RETURN_IF_ERROR(transaction.Commit());
  const std::unique_lock lock(mutex_);
  tables_[spec.name] = table;
  return table->description();
}

absl::StatusOr<TableDescription> Catalog::Update(const std::string& name, const TableChange& change,
                                                 Connection* connection) {
  SMELT_ASSIGN_OR_RETURN(const std::shared_ptr<Table> table, Find(name));
  SMELT_ASSIGN_OR_RETURN(const TableDescription description,
                         Changed(table->description(), change, clock_->NowMicros()));
  const TableSpec& spec = description.spec;
  SMELT_ASSIGN_OR_RETURN(state::Statement * update, connection->Statement(kUpdate));
  update->BindInt(0, spec.billing == BillingMode::kProvisioned ? 1 : 0);
  update->BindInt(1, spec.throughput.read_units).BindInt(2, spec.throughput.write_units);
  update->BindInt(3, spec.deletion_protection ? 1 : 0);
  update->BindInt(4, description.last_increase_at_micros);
  update->BindInt(5, description.last_decrease_at_micros).BindInt(6, table->number());
  SMELT_RETURN_IF_ERROR(update->Run());
  table->Replace(description);
  return table->description();
}

absl::StatusOr<TableDescription> Catalog::Delete(const std::string& name, Connection* connection) {
  SMELT_ASSIGN_OR_RETURN(const std::shared_ptr<Table> table, Find(name));
  TableDescription description = table->description();
  if (description.spec.deletion_protection) {
    return base::InvalidArgument(
        "Resource cannot be deleted as it is currently protected against deletion. Disable "
        "deletion "
        "protection first.");
  }
  connection->Forget();
  SMELT_ASSIGN_OR_RETURN(state::Transaction transaction,
                         state::Transaction::Begin(connection->database()));
  SMELT_RETURN_IF_ERROR(
      connection->database()->Execute(fmt::format("DROP TABLE {}", table->items_table())));
  SMELT_RETURN_IF_ERROR(connection->database()->Execute(
      fmt::format("DELETE FROM tables WHERE number = {}", table->number())));
  SMELT_RETURN_IF_ERROR(transaction.Commit());
  const std::unique_lock lock(mutex_);
  tables_.erase(name);
  return description;
}

}  // namespace smelt::dynamodb::store
