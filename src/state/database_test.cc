#include "state/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/status.h"
#include "state/migrations.h"

namespace smelt::state {
namespace {

using ::testing::HasSubstr;

class DatabaseTest : public ::testing::Test {
 protected:
  DatabaseTest() {
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("smelt-database-{}-{}", getpid(),
                          ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~DatabaseTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path File() const { return folder_ / "state.sqlite"; }
  Database Open(const Database::Options& options = {}) const {
    return std::move(Database::Open(File(), options)).value();
  }

  std::filesystem::path folder_;
};

int64_t Count(Database* database, const char* table) {
  Statement statement = database->Prepare(fmt::format("SELECT count(*) FROM {}", table)).value();
  EXPECT_TRUE(statement.Step().value());
  return statement.Int(0);
}

TEST_F(DatabaseTest, KeepsIntegersTextAndBytes) {
  Database database = Open();
  ASSERT_TRUE(database.Execute("CREATE TABLE t (i INTEGER, s TEXT, b BLOB, n BLOB)").ok());
  Statement insert = database.Prepare("INSERT INTO t VALUES (?, ?, ?, ?)").value();
  const std::string_view bytes("a\0b", 3);
  insert.BindInt(0, INT64_MIN).BindText(1, "\xc3\xa9").BindBlob(2, bytes).BindNull(3);
  ASSERT_TRUE(insert.Run().ok());
  EXPECT_EQ(database.changes(), 1);

  Statement select = database.Prepare("SELECT i, s, b, n FROM t").value();
  ASSERT_TRUE(select.Step().value());
  EXPECT_EQ(select.Int(0), INT64_MIN);
  EXPECT_EQ(select.Text(1), "\xc3\xa9");
  EXPECT_EQ(select.Blob(2), bytes);
  EXPECT_TRUE(select.IsNull(3));
  EXPECT_FALSE(select.Step().value());
}

TEST_F(DatabaseTest, AnEmptyBlobIsNotNull) {
  Database database = Open();
  ASSERT_TRUE(database.Execute("CREATE TABLE t (b BLOB NOT NULL)").ok());
  Statement insert = database.Prepare("INSERT INTO t VALUES (?)").value();
  EXPECT_TRUE(insert.BindBlob(0, {}).Run().ok());
}

TEST_F(DatabaseTest, ATransactionThatIsNotCommittedLeavesNothing) {
  Database database = Open();
  ASSERT_TRUE(database.Execute("CREATE TABLE t (i INTEGER)").ok());
  {
    Transaction transaction = Transaction::Begin(&database).value();
    ASSERT_TRUE(database.Execute("INSERT INTO t VALUES (1)").ok());
  }
  EXPECT_EQ(Count(&database, "t"), 0);
  Transaction transaction = Transaction::Begin(&database).value();
  ASSERT_TRUE(database.Execute("INSERT INTO t VALUES (1)").ok());
  ASSERT_TRUE(transaction.Commit().ok());
  EXPECT_EQ(Count(&database, "t"), 1);
}

TEST_F(DatabaseTest, AReaderSeesWhatWasCommittedWhileAWriterWrites) {
  Database writer = Open();
  ASSERT_TRUE(writer.Execute("CREATE TABLE t (i INTEGER)").ok());
  Database reader = Open({.read_only = true});
  Transaction transaction = Transaction::Begin(&writer).value();
  ASSERT_TRUE(writer.Execute("INSERT INTO t VALUES (1)").ok());
  EXPECT_EQ(Count(&reader, "t"), 0);
  ASSERT_TRUE(transaction.Commit().ok());
  EXPECT_EQ(Count(&reader, "t"), 1);
}

TEST_F(DatabaseTest, ASecondWriterIsToldToTryAgain) {
  Database first = Open();
  Database second = Open({.busy_timeout_ms = 1});
  Transaction transaction = Transaction::Begin(&first).value();
  EXPECT_EQ(Transaction::Begin(&second).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(DatabaseTest, AFileThatIsNoDatabaseIsDataLoss) {
  std::ofstream(File()) << std::string(10000, 'x');
  EXPECT_EQ(Database::Open(File(), {}).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(DatabaseTest, ErrorsNameTheFileAndTheFault) {
  Database database = Open();
  const absl::Status status = database.Execute("SELECT * FROM nowhere");
  EXPECT_THAT(base::Message(status), HasSubstr("no such table: nowhere"));
  EXPECT_THAT(base::Message(status), HasSubstr("state.sqlite"));
}

TEST_F(DatabaseTest, MigrationsRunOnceAndInOrder) {
  constexpr std::string_view kFirst[] = {"CREATE TABLE a (i INTEGER)"};
  constexpr std::string_view kBoth[] = {kFirst[0], "ALTER TABLE a ADD COLUMN j INTEGER DEFAULT 7"};
  Database database = Open();
  ASSERT_TRUE(Migrate(&database, 1, kFirst).ok());
  ASSERT_TRUE(database.Execute("INSERT INTO a VALUES (1)").ok());
  ASSERT_TRUE(Migrate(&database, 1, kBoth).ok());
  ASSERT_TRUE(Migrate(&database, 1, kBoth).ok());
  Statement select = database.Prepare("SELECT j FROM a").value();
  ASSERT_TRUE(select.Step().value());
  EXPECT_EQ(select.Int(0), 7);
}

TEST_F(DatabaseTest, AFailedMigrationLeavesTheVersionBefore) {
  constexpr std::string_view kBroken[] = {"CREATE TABLE a (i INTEGER)",
                                          "CREATE TABLE b (i INTEGER); nonsense"};
  constexpr std::string_view kMended[] = {kBroken[0], "CREATE TABLE b (i INTEGER)"};
  Database database = Open();
  EXPECT_FALSE(Migrate(&database, 1, kBroken).ok());
  EXPECT_TRUE(Migrate(&database, 1, kMended).ok());
  EXPECT_EQ(Count(&database, "b"), 0);
}

TEST_F(DatabaseTest, ANewerFileAndAForeignFileAreRefused) {
  constexpr std::string_view kTwo[] = {"CREATE TABLE a (i INTEGER)", "CREATE TABLE b (i INTEGER)"};
  Database database = Open();
  ASSERT_TRUE(Migrate(&database, 1, kTwo).ok());
  const absl::Status newer = Migrate(&database, 1, std::span(kTwo).first(1));
  EXPECT_EQ(newer.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(base::Message(newer), HasSubstr("schema version 2"));
  EXPECT_THAT(base::Message(Migrate(&database, 2, kTwo)), HasSubstr("another application"));
}

}  // namespace
}  // namespace smelt::state
