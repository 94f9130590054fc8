#include "lake/batch.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "delta/operations.h"
#include "delta/snapshot.h"
#include "delta/transaction.h"
#include "storage/fault_injecting_store.h"
#include "storage/memory_store.h"

namespace smelt::lake {
namespace {

constexpr char kApplication[] = "retail/silver/1";

delta::Metadata TableMetadata() {
  delta::TableDefinition definition;
  definition.schema = {{"id", base::DataType(base::TypeKind::kLong), true, {}}};
  auto metadata = delta::MakeMetadata(definition, *base::Clock::Real());
  EXPECT_TRUE(metadata.ok());
  return *metadata;
}

delta::AddFile File(const std::string& path, int64_t rows) {
  delta::AddFile file;
  file.path = path;
  file.size_bytes = 10;
  file.modification_time_ms = 1;
  file.stats = fmt::format("{{\"numRecords\":{}}}", rows);
  return file;
}

TableWrite CreateWrite(const std::string& location, const std::string& path) {
  TableWrite write;
  write.name = "main." + location;
  write.location = location;
  write.operation = "CREATE TABLE AS SELECT";
  write.metadata = TableMetadata();
  write.added = {File(path, 3)};
  return write;
}

PreparedBatch TwoTables() {
  PreparedBatch batch;
  batch.application_id = kApplication;
  batch.batch = 1;
  batch.tables = {CreateWrite("silver/t", "a.parquet"),
                  CreateWrite("silver/t_quarantine", "q.parquet")};
  batch.ledger = {{"input", 6}};
  batch.source_versions = {{"retail/silver/1/source/x", 4}};
  return batch;
}

delta::Snapshot::Ptr Load(const delta::Table& lake, const std::string& root) {
  delta::Table table = lake;
  table.root = root;
  auto snapshot = delta::Snapshot::Load(table);
  return snapshot.ok() ? *snapshot : nullptr;
}

TEST(PreparedBatch, SurvivesItsText) {
  PreparedBatch batch = TwoTables();
  batch.tables[0].removed_paths = {"old one.parquet"};
  batch.tables[0].operation_parameters = {{"mode", "\"Append\""}};
  batch.tables[1].metadata.reset();
  batch.tables[1].added.clear();
  const auto parsed = PreparedBatch::Parse(batch.Serialize(), "a batch");
  ASSERT_TRUE(parsed.ok()) << base::Message(parsed.status());
  EXPECT_EQ(parsed->Serialize(), batch.Serialize());
  EXPECT_EQ(parsed->tables[0].added, batch.tables[0].added);
  EXPECT_EQ(parsed->tables[0].removed_paths, batch.tables[0].removed_paths);
}

TEST(PreparedBatch, CutOffAnywhereIsRefused) {
  const std::string text = TwoTables().Serialize();
  for (size_t size = 0; size + 1 < text.size(); ++size) {
    const auto parsed = PreparedBatch::Parse(text.substr(0, size), "a batch");
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kDataLoss) << size;
  }
}

TEST(CommitBatch, CommitsEveryTableOnce) {
  storage::MemoryStore store;
  const delta::Table lake{&store, ""};
  const PreparedBatch batch = TwoTables();
  const auto first = CommitBatch(lake, batch);
  ASSERT_TRUE(first.ok()) << base::Message(first.status());
  EXPECT_EQ(first->kind, BatchResult::Kind::kCommitted);
  const auto again = CommitBatch(lake, batch);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->kind, BatchResult::Kind::kAlreadyDone);
  for (const char* root : {"silver/t", "silver/t_quarantine"}) {
    const auto snapshot = Load(lake, root);
    ASSERT_NE(snapshot, nullptr);
    EXPECT_EQ(snapshot->version().value(), 0);
    EXPECT_EQ(snapshot->files().size(), 1u);
    EXPECT_EQ(snapshot->TransactionVersion(kApplication), 1);
  }
  EXPECT_EQ(Load(lake, "silver/t")->TransactionVersion("retail/silver/1/source/x"), 4);
}

// Whatever operation fails, and whether it took effect or not, the next call ends the batch with
// each table committed once.
TEST(CommitBatch, IsFinishedByTheNextCallWhereverItFails) {
  using storage::Operation;
  for (const Operation operation : {Operation::kGet, Operation::kList, Operation::kPut}) {
    for (const bool ambiguous : {false, true}) {
      for (int64_t nth = 1; nth <= 12; ++nth) {
        storage::MemoryStore memory;
        storage::FaultInjectingStore faulty(&memory);
        storage::Fault fault =
            storage::Fault::Nth(operation, nth).WithStatus(base::Internal("the machine is gone"));
        if (ambiguous) fault = std::move(fault).Ambiguous();
        faulty.AddFault(std::move(fault));
        const PreparedBatch batch = TwoTables();
        CommitBatch(delta::Table{&faulty, ""}, batch).status().IgnoreError();
        const auto second = CommitBatch(delta::Table{&memory, ""}, batch);
        ASSERT_TRUE(second.ok()) << nth << ": " << base::Message(second.status());
        for (const char* root : {"silver/t", "silver/t_quarantine"}) {
          const auto snapshot = Load(delta::Table{&memory, ""}, root);
          ASSERT_NE(snapshot, nullptr) << nth;
          EXPECT_EQ(snapshot->files().size(), 1u) << nth;
          EXPECT_EQ(snapshot->version().value(), 0) << nth;
        }
      }
    }
  }
}

TEST(CommitBatch, ConflictOfTheTargetCommitsNothing) {
  storage::MemoryStore store;
  const delta::Table lake{&store, ""};
  ASSERT_TRUE(CommitBatch(lake, TwoTables()).ok());
  PreparedBatch next;
  next.application_id = kApplication;
  next.batch = 2;
  TableWrite target;
  target.name = "main.silver.t";
  target.location = "silver/t";
  target.base_version = 0;
  target.operation = "MERGE";
  target.reads_table = true;
  target.added = {File("b.parquet", 3)};
  target.removed_paths = {"a.parquet"};
  TableWrite quarantine = target;
  quarantine.location = "silver/t_quarantine";
  quarantine.removed_paths.clear();
  quarantine.reads_table = false;
  next.tables = {target, quarantine};

  // Another writer takes the file away first.
  delta::Table table = lake;
  table.root = "silver/t";
  auto snapshot = delta::Snapshot::Load(table);
  ASSERT_TRUE(snapshot.ok());
  auto other = delta::Transaction::Begin(*snapshot);
  ASSERT_TRUE(other.ok());
  other->Remove(*(*snapshot)->files()[0]);
  other->info().operation = "DELETE";
  ASSERT_TRUE(other->Commit().ok());

  const auto result = CommitBatch(lake, next);
  ASSERT_TRUE(result.ok()) << base::Message(result.status());
  EXPECT_EQ(result->kind, BatchResult::Kind::kConflicted);
  EXPECT_FALSE(result->conflict.empty());
  EXPECT_EQ(Load(lake, "silver/t_quarantine")->version().value(), 0);
}

}  // namespace
}  // namespace smelt::lake
