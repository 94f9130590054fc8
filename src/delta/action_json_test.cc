#include "delta/action_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"

namespace smelt::delta {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<std::vector<Action>> Parse(const std::string& text,
                                          const ActionFilter& filter = ActionFilter()) {
  std::vector<Action> actions;
  ActionParser parser;
  SMELT_RETURN_IF_ERROR(parser.ParseCommit(text, "0.json", filter, [&](Action action) {
    actions.push_back(std::move(action));
    return absl::OkStatus();
  }));
  return actions;
}

Action ParseOne(const std::string& line) {
  const auto actions = Parse(line);
  EXPECT_TRUE(actions.ok()) << actions.status();
  EXPECT_EQ(actions->size(), 1u);
  return actions->front();
}

std::vector<Action> Samples() {
  Metadata metadata;
  metadata.id = "5fba94ed-9794-4965-ba6e-6ee3c0d22af9";
  metadata.name = "sales";
  metadata.schema_string = R"({"type":"struct","fields":[]})";
  metadata.partition_columns = {"day"};
  metadata.configuration = {{"delta.appendOnly", "true"}};
  metadata.created_time_ms = 1'700'000'000'000;
  AddFile add;
  add.path = "day=2024-01-01/part%201.parquet";
  add.partition_values = {{"day", "2024-01-01"}, {"region", std::nullopt}};
  add.size_bytes = 4'321;
  add.modification_time_ms = 1'700'000'000'123;
  add.data_change = false;
  add.stats = R"({"numRecords":3})";
  add.tags = {{"ZCUBE", std::nullopt}};
  add.deletion_vector = DeletionVector{"u", "ab^-aqEH.-t@S}K{vb[*k^", 4, 40, 6};
  add.base_row_id = 7;
  add.default_row_commit_version = 1;
  CommitInfo info;
  info.timestamp_ms = 1'700'000'000'456;
  info.operation = "WRITE";
  info.operation_parameters = {{"mode", "Append"}, {"partitionBy", "[\"day\"]"}};
  info.operation_metrics = {{"numFiles", "1"}};
  info.read_version = 3;
  info.isolation_level = "Serializable";
  info.is_blind_append = true;
  info.engine_info = "smelt/0.1.0";
  info.txn_id = "a-b";
  info.user_metadata = "note \"quoted\"\n";
  info.smelt = base::Json{{"rows_in", 17}};
  Protocol features;
  features.min_reader_version = 3;
  features.min_writer_version = 7;
  features.reader_features = {"timestampNtz"};
  features.writer_features = {"timestampNtz", "appendOnly"};
  return {Protocol(),
          features,
          metadata,
          add,
          RemoveOf(add, 1'700'000'001'000),
          AddCdcFile{"_change_data/x", {{"day", "2024-01-01"}}, 10, {}},
          SetTransaction{"pipe/flow/1", 42, 1'700'000'000'000},
          DomainMetadata{"smelt.lake", "{\"a\":1}", true},
          info,
          UnknownAction{"future", "{\"a\":[1,2]}"}};
}

TEST(ActionJsonTest, EveryActionComesBackAsItWas) {
  for (const Action& action : Samples()) {
    const auto line = ActionToJson(action);
    ASSERT_TRUE(line.ok()) << line.status();
    EXPECT_EQ(line->find('\n'), std::string::npos);
    EXPECT_TRUE(ParseOne(*line) == action) << *line;
  }
}

// The specification's own examples ("Change Metadata", "Add File and Remove File", "Transaction
// Identifiers", ..).
TEST(ActionJsonTest, ReadsTheExamplesOfTheSpecification) {
  const auto metadata = std::get<Metadata>(ParseOne(
      R"({"metaData":{"id":"af23c9d7-fff1-4a5a-a2c8-55c59bd782aa","format":{"provider":"parquet","options":{}},"schemaString":"...","partitionColumns":[],"configuration":{"appendOnly": "true"}}})"));
  EXPECT_EQ(metadata.configuration.at("appendOnly"), "true");
  const auto add = std::get<AddFile>(ParseOne(
      R"({"add":{"path":"date=2017-12-10/part-000...c000.gz.parquet","partitionValues":{"date":"2017-12-10"},"size":841454,"modificationTime":1512909768000,"dataChange":true,"baseRowId":4071,"defaultRowCommitVersion":41,"stats":"{\"numRecords\":1}"}})"));
  EXPECT_EQ(add.base_row_id, 4071);
  EXPECT_EQ(add.stats, "{\"numRecords\":1}");
  const auto remove = std::get<RemoveFile>(ParseOne(
      R"({"remove":{"path":"part-00001-9.snappy.parquet","deletionTimestamp":1515488792485,"dataChange":true}})"));
  EXPECT_FALSE(remove.extended_file_metadata);
  EXPECT_EQ(remove.deletion_timestamp_ms, 1515488792485);
  const auto txn = std::get<SetTransaction>(
      ParseOne(R"({"txn":{"appId":"3ba13872-2d47-4e17-86a0-21afd2a22395","version":364475}})"));
  EXPECT_EQ(txn.version, 364475);
  EXPECT_EQ(txn.last_updated_ms, std::nullopt);
}

TEST(ActionJsonTest, ACheckpointsRowMayHoldNullsAndStatisticsAsColumns) {
  ActionParser parser;
  std::vector<Action> actions;
  ASSERT_TRUE(
      parser
          .ParseRow(R"({"txn":null,"add":{"path":"a","partitionValues":{"p":null},"size":1,)"
                    R"("modificationTime":1.5e3,"dataChange":false,"stats":null,"tags":null,)"
                    R"("stats_parsed":{"numRecords":2}},"remove":null})",
                    "x.parquet",
                    [&](Action action) {
                      actions.push_back(std::move(action));
                      return absl::OkStatus();
                    })
          .ok());
  ASSERT_EQ(actions.size(), 1u);
  const auto& add = std::get<AddFile>(actions[0]);
  EXPECT_EQ(add.stats, R"({"numRecords":2})");
  EXPECT_EQ(add.modification_time_ms, 1500);
  EXPECT_EQ(add.partition_values.at("p"), std::nullopt);
}

TEST(ActionJsonTest, UnknownMembersOfCommitInfoAreKept) {
  const auto info = std::get<CommitInfo>(ParseOne(
      R"({"commitInfo":{"timestamp":5,"operation":7,"job":{"jobId":"1"},"operationParameters":{"n":3}}})"));
  EXPECT_EQ(info.timestamp_ms, 5);
  EXPECT_EQ(info.operation, "");
  EXPECT_EQ(info.operation_parameters.at("n"), "3");
  EXPECT_EQ(info.other, base::Json::parse(R"({"operation":7,"job":{"jobId":"1"}})"));
}

TEST(ActionJsonTest, WhatIsWrongIsNamedWithItsLine) {
  const auto message = [](const std::string& text) {
    const auto actions = Parse(text);
    EXPECT_TRUE(absl::IsDataLoss(actions.status())) << text;
    return base::Message(actions.status());
  };
  EXPECT_THAT(message("{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n{\"add\":{"),
              HasSubstr("0.json, line 2"));
  EXPECT_THAT(message(R"({"add":{"size":1}})"), HasSubstr("'path' of 'add' is missing"));
  EXPECT_THAT(message(R"({"add":{"path":5,"size":1}})"), HasSubstr("'path' of 'add' is not text"));
  EXPECT_THAT(message(R"({"add":{"path":"a","size":"big"}})"), HasSubstr("'size'"));
  EXPECT_THAT(message(R"({"add":{"path":"a","size":1,"partitionValues":[]}})"),
              HasSubstr("'partitionValues'"));
  EXPECT_THAT(message(R"({"add":3})"), HasSubstr("'add' is not an object"));
  EXPECT_THAT(message("[1]"), HasSubstr("not an object"));
  message("{\"add\":{\"path\":\"\xff\",\"size\":1}}");
  message("\xEF\xBB");
}

TEST(ActionJsonTest, EmptyLinesAndAnEmptyFileAreNoActions) {
  EXPECT_TRUE(Parse("")->empty());
  EXPECT_EQ(Parse("\n \r\n{\"txn\":{\"appId\":\"a\",\"version\":1}}\r\n\n")->size(), 1u);
}

TEST(ActionJsonTest, AFilterPassesOverWhatIsNotAskedFor) {
  ActionFilter filter;
  filter.files = false;
  filter.commit_info = false;
  const auto actions = Parse(
      "{\"commitInfo\":{}}\n{\"add\":{}}\n{\"remove\":{}}\n{\"txn\":{\"appId\":\"a\",\"version\":1}"
      "}",
      filter);
  ASSERT_TRUE(actions.ok()) << actions.status();
  EXPECT_EQ(actions->size(), 1u);
}

TEST(ActionJsonTest, TextThatIsNotUtf8CannotBeWritten) {
  EXPECT_TRUE(absl::IsInvalidArgument(ActionToJson(SetTransaction{"\xff", 1, {}}).status()));
}

}  // namespace
}  // namespace smelt::delta
