// Many lines because the matrix of conflicts is one test.

#include "delta/transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "base/digest.h"
#include "base/status.h"
#include "delta/changes.h"
#include "delta/json_lines_handler.h"
#include "delta/operations.h"
#include "storage/fault_injecting_store.h"
#include "storage/memory_store.h"

namespace smelt::delta {
namespace {

using base::DataType;
using base::Schema;
using base::TypeKind;
using storage::Fault;
using storage::FaultInjectingStore;
using storage::MemoryStore;
using storage::Operation;
using ::testing::HasSubstr;

const Schema kSchema = {{"id", DataType(TypeKind::kLong), true, {}},
                        {"day", DataType(TypeKind::kDate), true, {}}};

AddFile File(const std::string& path, const std::string& day = "2024-01-01") {
  AddFile file;
  file.path = path;
  file.partition_values = {{"day", day}};
  file.size_bytes = 10;
  file.stats = R"({"numRecords":2})";
  return file;
}

class TransactionTest : public ::testing::Test {
 protected:
  TransactionTest() {
    table_.store = &store_;
    table_.root = "silver/t";
    table_.parquet = &parquet_;
    table_.clock = &clock_;
  }

  void CreateTable(std::map<std::string, std::string> properties = {}) {
    TableDefinition definition;
    definition.schema = kSchema;
    definition.partition_columns = {"day"};
    definition.properties = std::move(properties);
    auto transaction = delta::CreateTable(table_, definition, {File("first")});
    ASSERT_TRUE(transaction.ok()) << transaction.status();
    ASSERT_EQ(CommittedVersion(*transaction), Version(0));
  }

  Snapshot::Ptr Latest() {
    auto snapshot = Snapshot::Load(table_);
    EXPECT_TRUE(snapshot.ok()) << snapshot.status();
    return *snapshot;
  }

  Transaction Begin(const Snapshot::Ptr& snapshot) { return *Transaction::Begin(snapshot); }

  CommitOutcome Commit(Transaction& transaction) {
    auto outcome = transaction.Commit();
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return *outcome;
  }
  Version CommittedVersion(Transaction& transaction) {
    const CommitOutcome outcome = Commit(transaction);
    if (const auto* conflict = std::get_if<Conflicted>(&outcome)) ADD_FAILURE() << conflict->reason;
    const auto* committed = std::get_if<Committed>(&outcome);
    EXPECT_NE(committed, nullptr);
    return committed == nullptr ? Version(-1) : committed->version;
  }
  std::string ConflictOf(Transaction& transaction) {
    const CommitOutcome outcome = Commit(transaction);
    const auto* conflict = std::get_if<Conflicted>(&outcome);
    EXPECT_NE(conflict, nullptr);
    return conflict == nullptr ? "" : conflict->reason;
  }
  std::set<std::string> Paths() {
    std::set<std::string> paths;
    const auto snapshot = Latest();
    for (const auto& file : snapshot->files()) paths.insert(file->path);
    return paths;
  }
  void Append(const std::string& path) {
    auto transaction = delta::Append(Latest(), kSchema, SchemaMode::kStrict, {File(path)});
    ASSERT_TRUE(transaction.ok()) << transaction.status();
    CommittedVersion(*transaction);
  }

  base::FakeClock clock_{1'700'000'000'000'000};
  MemoryStore memory_{&clock_};
  FaultInjectingStore store_{&memory_};
  JsonLinesHandler parquet_;
  Table table_;
};

TEST_F(TransactionTest, ANewTableIsReaderOneAndWriterTwo) {
  CreateTable();
  const auto snapshot = Latest();
  EXPECT_EQ(snapshot->protocol(), Protocol());
  EXPECT_EQ(snapshot->schema(), kSchema);
  EXPECT_EQ(snapshot->files().size(), 1u);
  const auto commit = ReadVersion(table_, Version(0));
  EXPECT_EQ(commit->info->operation, "CREATE TABLE AS SELECT");
  EXPECT_THAT(commit->info->engine_info, HasSubstr("smelt/"));
  EXPECT_FALSE(commit->info->txn_id.empty());
  EXPECT_EQ(commit->info->operation_metrics.at("numOutputRows"), "2");
}

TEST_F(TransactionTest, ATableIsCreatedOnce) {
  CreateTable();
  TableDefinition definition;
  definition.schema = kSchema;
  auto again = delta::CreateTable(table_, definition);
  ConflictOf(*again);
}

TEST_F(TransactionTest, BlindAppendsRebaseOverAppendsAndRemovals) {
  CreateTable();
  const auto snapshot = Latest();
  Transaction ours = *delta::Append(snapshot, kSchema, SchemaMode::kStrict, {File("ours")});
  Append("theirs");
  Transaction removal = Begin(Latest());
  removal.Remove(*Latest()->files().front());
  CommittedVersion(removal);
  EXPECT_EQ(CommittedVersion(ours), Version(3));
  EXPECT_EQ(Paths(), (std::set<std::string>{"ours", "theirs"}));
  EXPECT_TRUE(*ReadVersion(table_, Version(3))->info->is_blind_append);
}

// Rows: what we did. Columns: what came between. The table is the rules of transaction.h.
TEST_F(TransactionTest, ConflictMatrix) {
  using Act = std::function<void(Transaction&, const Snapshot::Ptr&)>;
  const std::map<std::string, Act> acts = {
      {"append",
       [](Transaction& t, const Snapshot::Ptr&) { t.Add(File("new" + base::RandomUuid())); }},
      {"append other day",
       [](Transaction& t, const Snapshot::Ptr&) {
         t.Add(File("new" + base::RandomUuid(), "2024-02-02"));
       }},
      {"read and append",
       [](Transaction& t, const Snapshot::Ptr&) {
         t.MarkRead();
         t.Add(File("new" + base::RandomUuid()));
       }},
      {"read one day and append",
       [](Transaction& t, const Snapshot::Ptr&) {
         t.MarkRead({{{"day"}, Comparison::kEqual, {"2024-01-01"}}});
         t.Add(File("new" + base::RandomUuid()));
       }},
      {"remove", [](Transaction& t, const Snapshot::Ptr& s) { t.Remove(*s->files().front()); }},
      {"rearrange",
       [](Transaction& t, const Snapshot::Ptr& s) {
         t.MarkRead(std::vector<Predicate>{{{"id"}, Comparison::kIsNull, {}}});
         t.Remove(*s->files().front(), /*data_change=*/false);
         AddFile file = File("new" + base::RandomUuid());
         file.data_change = false;
         t.Add(file);
       }},
      {"metadata",
       [](Transaction& t, const Snapshot::Ptr& s) {
         Metadata metadata = s->metadata();
         metadata.description = base::RandomUuid();
         t.SetMetadata(metadata);
       }},
      {"txn", [](Transaction& t, const Snapshot::Ptr&) { t.SetAppTransaction("app", 1); }},
      {"other txn", [](Transaction& t, const Snapshot::Ptr&) { t.SetAppTransaction("other", 1); }},
  };
  // ours -> the winners it gives way to.
  const std::map<std::string, std::set<std::string>> conflicts = {
      {"append", {"metadata"}},
      {"append other day", {"metadata"}},
      {"read and append",
       {"append", "append other day", "read and append", "read one day and append", "remove",
        "metadata"}},
      {"read one day and append",
       {"append", "read and append", "read one day and append", "remove", "metadata"}},
      {"remove",
       {"append", "append other day", "read and append", "read one day and append", "remove",
        "rearrange", "metadata"}},
      // Its predicate is on a column of which the winners' statistics say nothing.
      {"rearrange",
       {"append", "append other day", "read and append", "read one day and append", "remove",
        "rearrange", "metadata"}},
      {"metadata",
       {"append", "append other day", "read and append", "read one day and append", "remove",
        "rearrange", "metadata", "txn", "other txn"}},
      {"txn", {"metadata"}},
      {"other txn", {"metadata"}},
  };
  for (const auto& [ours, act] : acts) {
    for (const auto& [theirs, other_act] : acts) {
      table_.root = ours + " after " + theirs;
      CreateTable();
      const auto snapshot = Latest();
      Transaction mine = Begin(snapshot);
      act(mine, snapshot);
      Transaction winner = Begin(snapshot);
      other_act(winner, snapshot);
      CommittedVersion(winner);
      const CommitOutcome outcome = Commit(mine);
      if (ours == theirs && (ours == "txn" || ours == "other txn")) {
        EXPECT_TRUE(std::holds_alternative<AlreadyDone>(outcome)) << table_.root;
        continue;
      }
      EXPECT_EQ(std::holds_alternative<Conflicted>(outcome), conflicts.at(ours).contains(theirs))
          << table_.root;
    }
  }
}

TEST_F(TransactionTest, APairInTheLogIsDoneAlready) {
  CreateTable();
  const auto before = Latest();
  Transaction first = Begin(before);
  first.Add(File("a"));
  first.SetAppTransaction("p/f/1", 5);
  CommittedVersion(first);
  Append("later");
  // From an old snapshot, and from a new one; the same version, and an older one.
  for (const auto& snapshot : {before, Latest()}) {
    for (const int64_t version : {5, 4}) {
      Transaction again = Begin(snapshot);
      again.Add(File("b"));
      again.SetAppTransaction("p/f/1", version);
      const CommitOutcome outcome = Commit(again);
      ASSERT_TRUE(std::holds_alternative<AlreadyDone>(outcome));
      EXPECT_EQ(std::get<AlreadyDone>(outcome).recorded_version, 5);
    }
  }
  EXPECT_EQ(Paths(), (std::set<std::string>{"first", "a", "later"}));
}

TEST_F(TransactionTest, TheSameApplicationIsNeverRebasedOverItself) {
  CreateTable();
  const auto before = Latest();
  Transaction winner = Begin(before);
  winner.SetAppTransaction("p/f/1", 5);
  CommittedVersion(winner);
  Transaction next = Begin(before);
  next.Add(File("b"));
  next.SetAppTransaction("p/f/1", 6);
  EXPECT_THAT(ConflictOf(next), HasSubstr("p/f/1"));
}

// Done already is found behind a conflict too.
TEST_F(TransactionTest, DoneAlreadyOutweighsAConflict) {
  CreateTable();
  const auto before = Latest();
  Transaction change = Begin(before);
  Metadata metadata = before->metadata();
  metadata.name = "renamed";
  change.SetMetadata(metadata);
  CommittedVersion(change);
  Transaction pair = Begin(Latest());
  pair.SetAppTransaction("p/f/1", 5);
  CommittedVersion(pair);
  Transaction again = Begin(before);
  again.SetAppTransaction("p/f/1", 5);
  EXPECT_TRUE(std::holds_alternative<AlreadyDone>(Commit(again)));
}

TEST_F(TransactionTest, AnAnswerLostAfterTheCommitTookEffectIsFoundOut) {
  CreateTable();
  store_.AddFault(Fault::Nth(Operation::kPut, 1).Ambiguous());
  Append("a");
  EXPECT_EQ(Latest()->version(), Version(1));
  EXPECT_EQ(Paths(), (std::set<std::string>{"first", "a"}));
}

TEST_F(TransactionTest, APassingFaultBeforeTheCommitIsTriedAgain) {
  CreateTable();
  store_.AddFault(Fault::Nth(Operation::kPut, 1));
  store_.AddFault(Fault::Nth(Operation::kPut, 2));
  store_.AddFault(Fault::Nth(Operation::kHead, 3));
  Append("a");
  EXPECT_EQ(Paths(), (std::set<std::string>{"first", "a"}));
}

TEST_F(TransactionTest, AnAnswerLostToAWinnerIsNotTakenForOurs) {
  CreateTable();
  Transaction ours = *delta::Append(Latest(), kSchema, SchemaMode::kStrict, {File("ours")});
  Append("theirs");
  store_.AddFault(Fault::Nth(Operation::kPut, 1));  // fails before, and the place is taken
  EXPECT_EQ(CommittedVersion(ours), Version(2));
  EXPECT_EQ(Paths(), (std::set<std::string>{"first", "ours", "theirs"}));
}

TEST_F(TransactionTest, WhatDoesNotPassIsAnError) {
  CreateTable();
  Transaction ours = *delta::Append(Latest(), kSchema, SchemaMode::kStrict, {File("ours")});
  store_.AddFault(
      Fault::Every(Operation::kPut, 1).WithStatus(absl::ResourceExhaustedError("disk full")));
  EXPECT_TRUE(absl::IsResourceExhausted(ours.Commit().status()));
  store_.ClearFaults();
  store_.AddFault(Fault::Every(Operation::kPut, 1));
  Transaction again = *delta::Append(Latest(), kSchema, SchemaMode::kStrict, {File("ours")});
  EXPECT_TRUE(absl::IsUnavailable(again.Commit().status()));
}

TEST_F(TransactionTest, FilesAreCheckedBeforeTheyAreCommitted) {
  CreateTable();
  const auto refusal = [&](std::vector<AddFile> files) {
    auto transaction = delta::Append(Latest(), kSchema, SchemaMode::kStrict, std::move(files));
    return transaction->Commit().status();
  };
  AddFile no_day = File("a");
  no_day.partition_values.clear();
  EXPECT_TRUE(absl::IsInvalidArgument(refusal({no_day})));
  AddFile other = File("a");
  other.partition_values = {{"month", "1"}};
  EXPECT_THAT(base::Message(refusal({other})), HasSubstr("'day'"));
  EXPECT_THAT(base::Message(refusal({File("a", "yesterday")})), HasSubstr("'yesterday'"));
  EXPECT_THAT(base::Message(refusal({File("a"), File("a")})), HasSubstr("twice"));
  EXPECT_EQ(Latest()->version(), Version(0));
}

TEST_F(TransactionTest, AnAppendOnlyTableKeepsItsRows) {
  CreateTable({{"delta.appendOnly", "true"}});
  Append("a");
  Transaction removal = Begin(Latest());
  removal.Remove(*Latest()->files().front());
  EXPECT_TRUE(absl::IsFailedPrecondition(removal.Commit().status()));
}

TEST_F(TransactionTest, OverwriteWithANewSchemaReplacesAll) {
  CreateTable();
  Append("a");
  TableDefinition definition;
  definition.schema = {{"name", DataType(TypeKind::kString), true, {}}};
  AddFile file = File("b");
  file.partition_values.clear();
  auto overwrite = Overwrite(Latest(), definition, {file});
  ASSERT_TRUE(overwrite.ok()) << overwrite.status();
  const std::string id = Latest()->metadata().id;
  CommittedVersion(*overwrite);
  EXPECT_EQ(Latest()->schema(), definition.schema);
  EXPECT_TRUE(Latest()->partition_columns().empty());
  EXPECT_EQ(Latest()->metadata().id, id);
  EXPECT_EQ(Paths(), std::set<std::string>{"b"});
  EXPECT_TRUE(ReadVersion(table_, Version(2))->RemovesData());
  // The version before is as it was.
  EXPECT_EQ((*Snapshot::Load(table_, Version(1)))->schema(), kSchema);
}

TEST_F(TransactionTest, MergeSchemaAddsColumnsAndRaisesTheProtocolOnlyAsNeeded) {
  CreateTable();
  Schema wider = kSchema;
  wider.push_back({"name", DataType(TypeKind::kString), true, {}});
  EXPECT_TRUE(absl::IsInvalidArgument(
      delta::Append(Latest(), wider, SchemaMode::kStrict, {File("a")}).status()));
  auto append = delta::Append(Latest(), wider, SchemaMode::kMerge, {File("a")});
  CommittedVersion(*append);
  EXPECT_EQ(Latest()->schema(), wider);
  EXPECT_EQ(Latest()->protocol(), Protocol());
  wider.push_back({"at", DataType(TypeKind::kTimestampNtz), true, {}});
  auto with_ntz = delta::Append(Latest(), wider, SchemaMode::kMerge, {File("b")});
  CommittedVersion(*with_ntz);
  EXPECT_EQ(Latest()->protocol().min_reader_version, 3);
  EXPECT_EQ(Latest()->protocol().min_writer_version, 7);
}

TEST_F(TransactionTest, TheLedgerRidesInTheCommit) {
  CreateTable();
  Transaction transaction = *delta::Append(Latest(), kSchema, SchemaMode::kStrict, {File("a")});
  transaction.info().smelt = base::Json{{"input", 3}, {"rules", {{"valid", 1}}}};
  CommittedVersion(transaction);
  EXPECT_EQ(History(table_, 1)->front().info->smelt["rules"]["valid"], 1);
}

TEST_F(TransactionTest, ACheckpointIsWrittenEveryTenCommitsAndReadFrom) {
  CreateTable();
  for (int i = 1; i <= 12; ++i) {
    Transaction t =
        *delta::Append(Latest(), kSchema, SchemaMode::kStrict, {File("f" + std::to_string(i))});
    t.SetAppTransaction("app", i);
    const CommitOutcome outcome = Commit(t);
    EXPECT_TRUE(std::get<Committed>(outcome).checkpoint.ok());
  }
  store_.ResetCounts();
  const auto snapshot = Latest();
  EXPECT_EQ(snapshot->checkpoint_version(), Version(10));
  EXPECT_EQ(snapshot->files().size(), 13u);
  EXPECT_EQ(snapshot->TransactionVersion("app"), 12);
  EXPECT_EQ(store_.Count(Operation::kGet, table_.CommitKey(Version(10))), 0);
  EXPECT_EQ(store_.Count(Operation::kGet, table_.CommitKey(Version(11))), 1);
  // Versions before and at the checkpoint are what a replay from the beginning gives.
  EXPECT_EQ((*Snapshot::Load(table_, Version(9)))->files().size(), 10u);
  EXPECT_EQ((*Snapshot::Load(table_, Version(10)))->files().size(), 11u);
}

TEST_F(TransactionTest, ACheckpointThatFailsLeavesTheCommitStanding) {
  CreateTable({{"delta.checkpointInterval", "1"}});
  store_.AddFault(Fault::OnKey(Operation::kPut, ".checkpoint.parquet")
                      .WithStatus(absl::ResourceExhaustedError("disk full")));
  Transaction t = *delta::Append(Latest(), kSchema, SchemaMode::kStrict, {File("a")});
  const CommitOutcome outcome = Commit(t);
  EXPECT_TRUE(absl::IsResourceExhausted(std::get<Committed>(outcome).checkpoint));
  EXPECT_EQ(Latest()->version(), Version(1));
}

TEST_F(TransactionTest, TombstonesLeaveTheCheckpointWhenTheyAreOld) {
  CreateTable({{"delta.checkpointInterval", "1"},
               {"delta.deletedFileRetentionDuration", "interval 1 day"}});
  Transaction removal = Begin(Latest());
  removal.Remove(*Latest()->files().front());
  CommittedVersion(removal);
  EXPECT_EQ(Latest()->tombstones().size(), 1u);
  clock_.Advance(int64_t{25} * 3'600'000'000);
  Append("a");
  EXPECT_TRUE(Latest()->tombstones().empty());
  EXPECT_EQ(Paths(), std::set<std::string>{"a"});
}

// Writers of every kind, threads, and a store whose answers get lost: whatever was said to be
// committed is in the log exactly once and in that version, and every counter went through each of
// its values once.
TEST_F(TransactionTest, ConcurrentWritersAreSerialisable) {
  constexpr int kWriters = 8;
  constexpr int kRounds = 12;
  for (const uint32_t seed : {1u, std::random_device()()}) {
    SCOPED_TRACE(seed);
    table_.root = "concurrent-" + std::to_string(seed);
    table_.clock = base::Clock::Real();
    CreateTable();
    // At random, as a fixed rhythm could strike the same reader for ever. The store asks under its
    // own lock.
    std::minstd_rand dice(seed);
    const auto one_in = [&dice](int n) {
      return [&dice, n](const std::string&, int64_t) { return dice() % n == 0; };
    };
    store_.AddFault({Operation::kPut, one_in(7), absl::UnavailableError("lost"), true});
    store_.AddFault({Operation::kPut, one_in(11), absl::UnavailableError("not done"), false});
    store_.AddFault({Operation::kGet, one_in(50), absl::UnavailableError("not read"), false});
    std::mutex mutex;
    std::map<std::string, Version> said;
    const auto writer = [&](int id) {
      std::minstd_rand random(seed + id);
      for (int round = 0; round < kRounds; ++round) {
        const std::string path = std::to_string(id) + "-" + std::to_string(round);
        for (bool done = false; !done;) {
          const auto snapshot = Snapshot::Load(table_);
          if (absl::IsUnavailable(snapshot.status())) continue;  // injected: read again
          ASSERT_TRUE(snapshot.ok()) << snapshot.status();
          Transaction transaction = Begin(*snapshot);
          transaction.Add(File(path));
          transaction.SetAppTransaction("writer" + std::to_string(id), round);
          // A third reads the table and removes one of its own files.
          if (random() % 3 == 0) {
            transaction.MarkRead();
            for (const auto& file : (*snapshot)->files()) {
              if (file->path.rfind(std::to_string(id) + "-", 0) != 0) continue;
              transaction.Remove(*file);
              break;
            }
          }
          const auto outcome = transaction.Commit();
          if (absl::IsUnavailable(outcome.status())) continue;
          ASSERT_TRUE(outcome.ok()) << outcome.status();
          if (std::holds_alternative<Conflicted>(*outcome)) continue;
          done = true;
          if (const auto* committed = std::get_if<Committed>(&*outcome)) {
            std::lock_guard lock(mutex);
            EXPECT_TRUE(said.emplace(path, committed->version).second);
          }
        }
      }
    };
    std::vector<std::thread> threads;
    for (int id = 0; id < kWriters; ++id) threads.emplace_back(writer, id);
    for (std::thread& thread : threads) thread.join();
    store_.ClearFaults();

    const auto newest = Latest();
    const auto changes = ChangesBetween(table_, Version(-1), newest->version());
    ASSERT_TRUE(changes.ok()) << changes.status();
    std::set<std::string> live;
    std::map<std::string, Version> added;
    std::map<std::string, int64_t> versions;
    for (const VersionChanges& commit : *changes) {
      for (const RemoveFile& file : commit.removed) {
        EXPECT_EQ(live.erase(file.path), 1u) << "removed twice: " << file.path;
      }
      for (const AddFile& file : commit.added) {
        EXPECT_TRUE(added.emplace(file.path, commit.version).second)
            << "added twice: " << file.path;
        live.insert(file.path);
      }
      for (const SetTransaction& txn : commit.transactions) {
        const auto it = versions.try_emplace(txn.app_id, -1).first;
        EXPECT_EQ(txn.version, it->second + 1);
        it->second = txn.version;
      }
    }
    EXPECT_EQ(added.size(), 1u + kWriters * kRounds);
    for (const auto& [path, version] : said) EXPECT_EQ(added.at(path), version);
    EXPECT_EQ(Paths(), live);
    EXPECT_EQ(versions.size(), static_cast<size_t>(kWriters));
  }
}

}  // namespace
}  // namespace smelt::delta
