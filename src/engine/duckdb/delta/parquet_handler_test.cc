#include "engine/duckdb/delta/parquet_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "base/status.h"
#include "storage/fault_injecting_store.h"
#include "storage/memory_store.h"

namespace smelt::duck {
namespace {

using base::Json;
using testing::HasSubstr;

class ParquetHandlerTest : public testing::Test {
 protected:
  absl::StatusOr<std::vector<Json>> Read(const std::vector<std::string>& columns) {
    std::vector<Json> rows;
    SMELT_RETURN_IF_ERROR(
        handler_.ReadRowsAsJson(store_, kKey, columns, [&](std::string_view row) -> absl::Status {
          rows.push_back(Json::parse(row));
          return absl::OkStatus();
        }));
    return rows;
  }

  absl::StatusOr<int64_t> Write(const std::vector<std::string>& lines) {
    size_t next = 0;
    return handler_.WriteCheckpoint(store_, kKey, [&]() -> std::optional<std::string> {
      if (next == lines.size()) return std::nullopt;
      return lines[next++];
    });
  }

  const std::string kKey = "t/_delta_log/00000000000000000010.checkpoint.parquet";
  std::unique_ptr<Database> database_ =
      Database::Open({.memory_bytes = 256 << 20, .threads = 2}).value();
  storage::MemoryStore memory_;
  storage::FaultInjectingStore store_{&memory_};
  DuckParquetHandler handler_{database_.get()};
};

// Every member that the protocol gives a checkpoint's columns.
const std::vector<std::string> kActions = {
    R"({"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["a"],"writerFeatures":["a","b"]}})",
    R"({"metaData":{"id":"i","name":"n","description":"d","format":{"provider":"parquet","options":{"o":"1"}},"schemaString":"{\"type\":\"struct\",\"fields\":[]}","partitionColumns":["p","q"],"configuration":{"delta.x":"true"},"createdTime":1700000000000}})",
    R"({"txn":{"appId":"p/f/1","version":7,"lastUpdated":1700000000001}})",
    R"({"add":{"path":"p=a%2520b/part-1.parquet","partitionValues":{"p":"a b","q":null},"size":123456789012,"modificationTime":1700000000002,"dataChange":true,"stats":"{\"numRecords\":3,\"maxValues\":{\"s\":\"é\\\"\\n\"}}","tags":{"t":"v"},"deletionVector":{"storageType":"u","pathOrInlineDv":"x","offset":1,"sizeInBytes":2,"cardinality":3},"baseRowId":4,"defaultRowCommitVersion":5,"clusteringProvider":"c"}})",
    R"({"remove":{"path":"part-0.parquet","deletionTimestamp":1700000000003,"dataChange":false,"extendedFileMetadata":true,"partitionValues":{},"size":9,"tags":{},"deletionVector":null,"baseRowId":null,"defaultRowCommitVersion":null}})",
    R"({"domainMetadata":{"domain":"d","configuration":"{}","removed":false}})",
};

TEST_F(ParquetHandlerTest, ACheckpointKeepsEveryMember) {
  const auto size = Write(kActions);
  ASSERT_TRUE(size.ok()) << size.status();
  EXPECT_EQ(*size, memory_.Head(kKey)->size_bytes);
  const auto rows =
      Read({"txn", "add", "remove", "metaData", "protocol", "domainMetadata", "no such column"});
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), kActions.size());
  std::vector<Json> left(rows->begin(), rows->end());
  for (const std::string& line : kActions) {
    const Json action = Json::parse(line);
    const std::string kind = action.begin().key();
    const auto match = std::find_if(left.begin(), left.end(),
                                    [&](const Json& row) { return row[kind] == action[kind]; });
    ASSERT_NE(match, left.end()) << line << "\n" << Json(*rows).dump(1);
    // One action a row, the other columns NULL.
    for (const auto& [column, value] : match->items()) EXPECT_EQ(value.is_null(), column != kind);
    left.erase(match);
  }
}

TEST_F(ParquetHandlerTest, ReadsOnlyTheColumnsAskedFor) {
  ASSERT_TRUE(Write(kActions).ok());
  const auto rows = Read({"txn"});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->size(), kActions.size());
  EXPECT_EQ(rows->at(0).size(), 1u);
  EXPECT_TRUE(Read({"no such column"})->empty());
}

TEST_F(ParquetHandlerTest, WritesManyActions) {
  std::vector<std::string> lines = {kActions[0], kActions[1]};
  for (int i = 0; i < 20000; ++i) {
    lines.push_back(fmt::format(
        R"({{"add":{{"path":"part-{}.parquet","partitionValues":{{}},"size":{},"modificationTime":0,"dataChange":true}}}})",
        i, i));
  }
  ASSERT_TRUE(Write(lines).ok());
  const auto rows = Read({"add"});
  ASSERT_TRUE(rows.ok());
  int64_t size = 0;
  for (const Json& row : *rows)
    size += row["add"].is_null() ? 0 : row["add"]["size"].get<int64_t>();
  EXPECT_EQ(size, int64_t{19999} * 20000 / 2);
}

TEST_F(ParquetHandlerTest, StopsAtTheVisitorsError) {
  ASSERT_TRUE(Write(kActions).ok());
  int visited = 0;
  const absl::Status status = handler_.ReadRowsAsJson(
      store_, kKey, std::vector<std::string>{"add"}, [&](std::string_view) -> absl::Status {
        return ++visited == 2 ? base::Aborted("enough") : absl::OkStatus();
      });
  EXPECT_EQ(status, base::Aborted("enough"));
  EXPECT_EQ(visited, 2);
}

TEST_F(ParquetHandlerTest, SaysWhatIsWrongWithTheObject) {
  EXPECT_EQ(Read({"add"}).status().code(), absl::StatusCode::kNotFound);
  for (const std::string& bytes : {std::string(), std::string("no parquet at all"),
                                   std::string("PAR1") + std::string(100, 'x') + "PAR1"}) {
    ASSERT_TRUE(store_.Put(kKey, bytes, storage::PutMode::kOverwrite).ok());
    const absl::Status status = Read({"add"}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_THAT(base::Message(status), HasSubstr(kKey));
  }
  const auto written = Write(kActions);
  ASSERT_TRUE(written.ok()) << written.status();
  std::string cut = store_.Get(kKey).value();
  cut.resize(cut.size() / 2);
  ASSERT_TRUE(store_.Put(kKey, cut, storage::PutMode::kOverwrite).ok());
  EXPECT_EQ(Read({"add"}).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(ParquetHandlerTest, AFailedWriteLeavesNoCheckpoint) {
  store_.AddFault(storage::Fault::Nth(storage::Operation::kAppend, 1));
  EXPECT_EQ(Write(kActions).status(), absl::UnavailableError("injected fault"));
  EXPECT_TRUE(absl::IsNotFound(memory_.Head(kKey).status()));
}

}  // namespace
}  // namespace smelt::duck
