#include "lake/flow_log.h"

#include <gtest/gtest.h>

#include "base/status.h"
#include "storage/memory_store.h"

namespace smelt::lake {
namespace {

PlanEntry Entry(int64_t epoch, int64_t batch) {
  PlanEntry entry;
  entry.epoch = epoch;
  entry.batch = batch;
  entry.update_id = fmt::format("u{}", batch);
  entry.timestamp_micros = 1234567;
  entry.kind = "append";
  entry.query = "SELECT 1";
  entry.definition_hash = "h";
  entry.target = "main.bronze.t";
  entry.inputs = base::Json::array({{{"key", "k"}}});
  return entry;
}

TEST(FlowLog, KeepsEntriesAndFindsTheLatestOfTheHighestEpoch) {
  storage::MemoryStore store;
  FlowLog log(&store, {"retail", "bronze"});
  EXPECT_FALSE(log.Latest()->has_value());
  for (const auto& [epoch, batch] : {std::pair{1, 1}, {1, 2}, {1, 10}, {2, 1}}) {
    ASSERT_TRUE(log.Write(Entry(epoch, batch)).ok());
  }
  const auto latest = log.Latest();
  ASSERT_TRUE(latest.ok() && latest->has_value());
  EXPECT_EQ((*latest)->epoch, 2);
  EXPECT_EQ((*latest)->batch, 1);
  const auto tenth = log.Read(1, 10);
  ASSERT_TRUE(tenth.ok());
  EXPECT_EQ(tenth->ToJson(), Entry(1, 10).ToJson());
}

TEST(FlowLog, WritesAnEntryOnce) {
  storage::MemoryStore store;
  FlowLog log(&store, {"retail", "bronze"});
  ASSERT_TRUE(log.Write(Entry(1, 1)).ok());
  EXPECT_EQ(log.Write(Entry(1, 1)).code(), absl::StatusCode::kAlreadyExists);
}

TEST(FlowLog, FlowsDoNotSeeEachOther) {
  storage::MemoryStore store;
  FlowLog a(&store, {"retail", "silver"}), b(&store, {"retail", "silver_more"});
  ASSERT_TRUE(b.Write(Entry(1, 1)).ok());
  EXPECT_FALSE(a.Latest()->has_value());
}

TEST(FlowLog, PreparedBatchesComeAndGo) {
  storage::MemoryStore store;
  FlowLog log(&store, {"retail", "bronze"});
  EXPECT_FALSE(log.ReadPrepared(1, 1)->has_value());
  ASSERT_TRUE(log.WritePrepared(1, 1, "x").ok());
  ASSERT_TRUE(log.WritePrepared(1, 1, "y").ok());
  EXPECT_EQ(**log.ReadPrepared(1, 1), "y");
  ASSERT_TRUE(log.DeletePrepared(1, 1).ok());
  EXPECT_FALSE(log.ReadPrepared(1, 1)->has_value());
}

TEST(FlowLog, SourceSchemasPassFromBatchToBatch) {
  storage::MemoryStore store;
  FlowLog log(&store, {"retail", "bronze"});
  EXPECT_TRUE(log.ReadSourceSchemas(1, 1)->empty());
  ASSERT_TRUE(log.WriteSourceSchemas(1, 1, {{"dynamodb_export#1", "s"}}).ok());
  EXPECT_EQ((*log.ReadSourceSchemas(1, 2))["dynamodb_export#1"], "s");
  EXPECT_TRUE(log.ReadSourceSchemas(2, 1)->empty());
}

TEST(FlowLog, TornEntryIsNamed) {
  storage::MemoryStore store;
  FlowLog log(&store, {"retail", "bronze"});
  const std::string key = "_smelt/flows/retail/bronze/000000000001/000000000001.json";
  ASSERT_TRUE(store.Put(key, "{\"epoch\":", storage::PutMode::kIfAbsent).ok());
  const auto latest = log.Latest();
  EXPECT_EQ(latest.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(base::Message(latest.status()).find(key), std::string::npos);
}

}  // namespace
}  // namespace smelt::lake
