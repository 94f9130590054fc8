#include "delta/stats.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "delta/pruning.h"

namespace smelt::delta {
namespace {

using base::DataType;
using base::Json;
using base::Schema;
using base::TypeKind;

const Schema kSchema = {
    {"id", DataType(TypeKind::kLong), true, {}},
    {"price", DataType::Decimal(38, 2), true, {}},
    {"name", DataType(TypeKind::kString), true, {}},
    {"at", DataType(TypeKind::kTimestamp), true, {}},
    {"local", DataType(TypeKind::kTimestampNtz), true, {}},
    {"day", DataType(TypeKind::kDate), true, {}},
    {"ratio", DataType(TypeKind::kDouble), true, {}},
    {"flag", DataType(TypeKind::kBoolean), true, {}},
    {"nested", DataType::Struct({{"n", DataType(TypeKind::kInteger), true, {}}}), true, {}},
    {"list", DataType::Array(DataType(TypeKind::kLong)), true, {}},
};

FileStatistics Statistics(std::vector<ColumnStatistics> columns) {
  return {10, std::move(columns)};
}

Json Written(std::vector<ColumnStatistics> columns) {
  return Json::parse(StatsToJson(kSchema, Statistics(std::move(columns))));
}

TEST(StatsTest, EveryTypeHasTheFormOfTheProtocol) {
  const std::string text = StatsToJson(
      kSchema,
      Statistics(
          {{{"id"}, "-5", "17", 1, false},
           {{"price"}, "-0.5", "999999999999999999999999999999999999.99", 0, false},
           {{"name"}, "a", "b\"c", 0, false},
           {{"at"}, "2024-01-31 10:00:00.123456+00", "2024-01-31 10:00:00.123456+00", 0, false},
           {{"local"}, "2024-01-31 10:00:00", "2024-01-31 10:00:00", 0, false},
           {{"day"}, "2024-01-31", "2024-02-01", 0, false},
           {{"ratio"}, "0.1", "2.5", 0, false},
           {{"flag"}, "false", "true", 3, false},
           {{"nested", "n"}, "1", "2", 0, false},
           {{"list"}, std::nullopt, std::nullopt, 4, false}}));
  EXPECT_EQ(
      text,
      R"({"numRecords":10,"minValues":{"id":-5,"price":-0.50,"name":"a","at":"2024-01-31T10:00:00.123Z",)"
      R"("local":"2024-01-31T10:00:00.000","day":"2024-01-31","ratio":0.1,"nested":{"n":1}},)"
      R"("maxValues":{"id":17,"price":999999999999999999999999999999999999.99,"name":"b\"c",)"
      R"("at":"2024-01-31T10:00:00.124Z","local":"2024-01-31T10:00:00.000","day":"2024-02-01","ratio":2.5,"nested":{"n":2}},)"
      R"("nullCount":{"id":1,"price":0,"name":0,"at":0,"local":0,"day":0,"ratio":0,"flag":3,"nested":{"n":0},"list":4}})");
  EXPECT_EQ(NumRecords(text), 10);
}

TEST(StatsTest, LongStringsAreCutByCharacterAndStayBounds) {
  const std::string long_text = "\xC3\xA4" + std::string(40, 'x');
  const Json json = Written({{{"name"}, long_text, long_text, 0, false}});
  const auto min = json["minValues"]["name"].get<std::string>();
  const auto max = json["maxValues"]["name"].get<std::string>();
  EXPECT_EQ(min, "\xC3\xA4" + std::string(31, 'x'));
  EXPECT_LT(min, long_text);
  EXPECT_GT(max, long_text);
  EXPECT_EQ(
      Written(
          {{{"name"}, std::string(32, 'y'), std::string(32, 'y'), 0, false}})["maxValues"]["name"],
      std::string(32, 'y'));
}

TEST(StatsTest, WhatCannotBeABoundIsLeftOut) {
  const Json json = Written({{{"ratio"}, "1", "5", 0, true},
                             {{"id"}, "x", "99999999999999999999", 0, false},
                             {{"name"}, "\xff", "z", 0, false},
                             {{"at"}, "infinity", "-infinity", 0, false},
                             {{"gone"}, "1", "2", 0, false}});
  EXPECT_EQ(json["minValues"], Json::parse(R"({"ratio":1})"));
  EXPECT_EQ(json["maxValues"], Json::parse(R"({"name":"z"})"));
  EXPECT_TRUE(Written({{{"ratio"}, "-inf", "inf", 0, false}})["minValues"].empty());
}

TEST(StatsTest, TimesBeforeTheEpochAreRoundedOutwards) {
  const Json json =
      Written({{{"at"}, "1969-12-31 23:59:59.9995", "1969-12-31 23:59:59.9995", 0, false}});
  EXPECT_EQ(json["minValues"]["at"], "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(json["maxValues"]["at"], "1970-01-01T00:00:00.000Z");
}

TEST(StatsTest, OnlyTheFirstColumnsHaveStatistics) {
  Schema wide;
  FileStatistics stats{1, {}};
  for (int i = 0; i < 40; ++i) {
    wide.push_back({"c" + std::to_string(i), DataType(TypeKind::kLong), true, {}});
    stats.columns.push_back({{wide.back().name}, "1", "1", 0, false});
  }
  EXPECT_EQ(Json::parse(StatsToJson(wide, stats))["minValues"].size(), 32u);
  EXPECT_EQ(Json::parse(StatsToJson(wide, stats, -1))["minValues"].size(), 40u);
  EXPECT_EQ(Json::parse(StatsToJson(wide, stats, 0))["nullCount"].size(), 0u);
}

class PruningTest : public ::testing::Test {
 protected:
  bool MayMatch(std::vector<std::string> column, Comparison comparison,
                std::vector<std::string> literals = {}) {
    return FilePruner(schema_, {"p"}, {{std::move(column), comparison, std::move(literals)}})
        .MayMatch(file_);
  }
  void Stats(std::vector<ColumnStatistics> columns) {
    file_.stats = StatsToJson(schema_, Statistics(std::move(columns)));
  }
  PruningTest() {
    schema_ = kSchema;
    schema_.push_back({"p", DataType(TypeKind::kInteger), true, {}});
    file_.partition_values = {{"p", "7"}};
  }
  Schema schema_;
  AddFile file_;
};

TEST_F(PruningTest, ComparisonsWithBounds) {
  Stats({{{"id"}, "10", "20", 0, false}});
  struct Case {
    Comparison comparison;
    const char* literal;
    bool expected;
  };
  for (const Case& c : std::vector<Case>{{Comparison::kEqual, "9", false},
                                         {Comparison::kEqual, "10", true},
                                         {Comparison::kEqual, "20", true},
                                         {Comparison::kEqual, "21", false},
                                         {Comparison::kLess, "10", false},
                                         {Comparison::kLess, "11", true},
                                         {Comparison::kLessOrEqual, "9", false},
                                         {Comparison::kLessOrEqual, "10", true},
                                         {Comparison::kGreater, "20", false},
                                         {Comparison::kGreater, "19", true},
                                         {Comparison::kGreaterOrEqual, "21", false},
                                         {Comparison::kGreaterOrEqual, "20", true},
                                         {Comparison::kNotEqual, "10", true},
                                         {Comparison::kEqual, "ten", true}}) {
    EXPECT_EQ(MayMatch({"ID"}, c.comparison, {c.literal}), c.expected) << c.literal;
  }
  EXPECT_FALSE(MayMatch({"id"}, Comparison::kIn, {"1", "30"}));
  EXPECT_TRUE(MayMatch({"id"}, Comparison::kIn, {"1", "15"}));
  EXPECT_FALSE(MayMatch({"id"}, Comparison::kIsNull));
  EXPECT_TRUE(MayMatch({"id"}, Comparison::kIsNotNull));
  EXPECT_TRUE(MayMatch({"name"}, Comparison::kEqual, {"x"}));  // no statistics
  EXPECT_TRUE(MayMatch({"unknown"}, Comparison::kEqual, {"x"}));
}

TEST_F(PruningTest, AColumnOfOneValueAndOneOfNullsOnly) {
  Stats({{{"id"}, "10", "10", 0, false}, {{"day"}, std::nullopt, std::nullopt, 10, false}});
  EXPECT_FALSE(MayMatch({"id"}, Comparison::kNotEqual, {"10"}));
  EXPECT_FALSE(MayMatch({"day"}, Comparison::kEqual, {"2024-01-01"}));
  EXPECT_FALSE(MayMatch({"day"}, Comparison::kIsNotNull));
  EXPECT_TRUE(MayMatch({"day"}, Comparison::kIsNull));
}

TEST_F(PruningTest, PartitionValues) {
  EXPECT_TRUE(MayMatch({"p"}, Comparison::kEqual, {"7"}));
  EXPECT_FALSE(MayMatch({"p"}, Comparison::kEqual, {"8"}));
  EXPECT_FALSE(MayMatch({"p"}, Comparison::kIsNull));
  file_.partition_values["p"] = std::nullopt;
  EXPECT_TRUE(MayMatch({"p"}, Comparison::kIsNull));
  EXPECT_FALSE(MayMatch({"p"}, Comparison::kNotEqual, {"8"}));  // NULL satisfies no comparison
}

TEST_F(PruningTest, NestedColumnsTimestampsAndFloats) {
  Stats({{{"nested", "n"}, "1", "2", 0, false},
         {{"at"}, "2024-01-01 00:00:00.0001", "2024-01-01 00:00:00.0009", 0, false},
         {{"ratio"}, "1.5", "2.5", 0, false}});
  EXPECT_FALSE(MayMatch({"nested", "N"}, Comparison::kGreater, {"2"}));
  EXPECT_TRUE(MayMatch({"at"}, Comparison::kEqual, {"2024-01-01 00:00:00.0009"}));
  EXPECT_FALSE(MayMatch({"at"}, Comparison::kGreater, {"2024-01-01 00:00:01"}));
  EXPECT_FALSE(MayMatch({"ratio"}, Comparison::kLess, {"1.5"}));
  EXPECT_TRUE(MayMatch({"ratio"}, Comparison::kGreater, {"99"}));  // there may be NaNs
}

TEST_F(PruningTest, StatisticsThatAreBrokenNeverPrune) {
  for (const char* stats : {"", "{", "[]", "5", R"({"minValues":5,"nullCount":[]})",
                            R"({"numRecords":"x","minValues":{"id":{}},"maxValues":{"id":"x"}})"}) {
    file_.stats = stats;
    EXPECT_TRUE(MayMatch({"id"}, Comparison::kEqual, {"1"})) << stats;
  }
}

TEST_F(PruningTest, LongDecimalsAreNotComparedByTheirDoubles) {
  file_.stats =
      R"({"numRecords":1,"minValues":{"price":12345678901234567890.12},"maxValues":{"price":12345678901234567890.12},"nullCount":{"price":0}})";
  EXPECT_TRUE(MayMatch({"price"}, Comparison::kEqual, {"12345678901234567890.12"}));
}

}  // namespace
}  // namespace smelt::delta
