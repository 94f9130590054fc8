#include "delta/values.h"

#include <gtest/gtest.h>

#include "delta/partition_values.h"
#include "delta/paths.h"
#include "storage/disk_store.h"

namespace smelt::delta {
namespace {

using base::DataType;
using base::TypeKind;

int64_t Timestamp(const std::string& text) {
  const auto value = ParseValue(DataType(TypeKind::kTimestamp), text);
  EXPECT_TRUE(value) << text;
  return value ? std::get<int64_t>(*value) : -1;
}

TEST(ValuesTest, TimestampsAreReadInEveryFormThatWritersUse) {
  // 2024-01-31T10:00:00Z, by `date -u -d .. +%s`.
  constexpr int64_t kMicros = 1'706'695'200'000'000;
  EXPECT_EQ(Timestamp("2024-01-31 10:00:00"), kMicros);
  EXPECT_EQ(Timestamp("2024-01-31T10:00:00.000Z"), kMicros);
  EXPECT_EQ(Timestamp("2024-01-31 12:00:00+02"), kMicros);
  EXPECT_EQ(Timestamp("2024-01-31T02:00:00.000-08:00"), kMicros);
  EXPECT_EQ(Timestamp("2024-01-31 10:00:00.1234567"), kMicros + 123'456);
  EXPECT_EQ(Timestamp("2024-01-31"), kMicros - 36'000'000'000);
  EXPECT_EQ(Timestamp("1969-12-31 23:59:59.5"), -500'000);
}

TEST(ValuesTest, WhatIsNoValueIsNone) {
  for (const char* text : {"", "2024", "2024-13-01", "2024-02-30", "2024-01-31 25:00:00",
                           "2024-01-31 10:00:61", "2024-01-31 10:00:00 CET", "x2024-01-31"}) {
    EXPECT_FALSE(ParseValue(DataType(TypeKind::kTimestamp), text)) << text;
  }
  EXPECT_FALSE(ParseValue(DataType(TypeKind::kByte), "128"));
  EXPECT_FALSE(ParseValue(DataType(TypeKind::kLong), "9223372036854775808"));
  EXPECT_FALSE(ParseValue(DataType(TypeKind::kLong), "1 "));
  EXPECT_FALSE(ParseValue(DataType(TypeKind::kBoolean), "yes"));
  EXPECT_FALSE(ParseValue(DataType::Decimal(10, 2), "1.234"));
  EXPECT_FALSE(ParseValue(DataType::Decimal(10, 2), "1e5"));
  EXPECT_FALSE(ParseValue(DataType::Decimal(10, 2), "-"));
  EXPECT_FALSE(ParseValue(DataType::Array(DataType(TypeKind::kLong)), "[1]"));
}

TEST(ValuesTest, DecimalsCompareByAllTheirDigits) {
  const DataType type = DataType::Decimal(38, 2);
  const auto a = ParseValue(type, "123456789012345678901234567890123456.78");
  const auto b = ParseValue(type, "123456789012345678901234567890123456.79");
  ASSERT_TRUE(a && b);
  EXPECT_TRUE(Compare(*a, *b) < 0);
  EXPECT_TRUE(Compare(*ParseValue(type, "-5"), *ParseValue(type, "-5.00")) == 0);
  EXPECT_TRUE(Compare(*ParseValue(type, "0"), *ParseValue(type, "-0.01")) > 0);
}

TEST(ValuesTest, StringsCompareByByte) {
  const DataType type(TypeKind::kString);
  EXPECT_TRUE(Compare(*ParseValue(type, "z"), *ParseValue(type, "\xC3\xA4")) < 0);
}

TEST(ValuesTest, DatesAndTimestampsAreWrittenAsTheyAreRead) {
  for (const char* text : {"1970-01-01", "2024-02-29", "0001-01-01", "9999-12-31"}) {
    EXPECT_EQ(FormatDate(std::get<int64_t>(*ParseValue(DataType(TypeKind::kDate), text))), text);
  }
  for (const char* text :
       {"1970-01-01 00:00:00", "1969-12-31 23:59:59.999999", "2024-02-29 12:34:56.000001"}) {
    EXPECT_EQ(FormatTimestamp(Timestamp(text)), text);
  }
}

TEST(PartitionValuesTest, ValuesAreBroughtIntoOneForm) {
  const auto normal = [](TypeKind kind, const char* text) {
    return NormalizePartitionValue(DataType(kind), std::string(text));
  };
  EXPECT_EQ(*normal(TypeKind::kDate, "2024-1-5"), "2024-01-05");
  EXPECT_EQ(*normal(TypeKind::kTimestamp, "2024-01-31T12:00:00.5+02:00"),
            "2024-01-31T10:00:00.500000Z");
  EXPECT_EQ(*normal(TypeKind::kTimestamp, "2024-01-31 10:00:00"), "2024-01-31T10:00:00.000000Z");
  EXPECT_EQ(*normal(TypeKind::kTimestampNtz, "2024-01-31T10:00:00"), "2024-01-31 10:00:00");
  EXPECT_EQ(*normal(TypeKind::kBoolean, "TRUE"), "true");
  EXPECT_EQ(*normal(TypeKind::kString, "a b"), "a b");
  EXPECT_EQ(*normal(TypeKind::kString, ""), std::nullopt);
  EXPECT_EQ(*NormalizePartitionValue(DataType(TypeKind::kLong), std::nullopt), std::nullopt);
  EXPECT_TRUE(absl::IsDataLoss(normal(TypeKind::kLong, "x").status()));
}

TEST(PartitionValuesTest, FoldersAreEscapedAsHiveDoes) {
  EXPECT_EQ(PartitionFolder({"country", "day"}, {{"country", "a/b=c%"}, {"day", std::nullopt}}),
            "country=a%2Fb%3Dc%25/day=__HIVE_DEFAULT_PARTITION__/");
  EXPECT_EQ(UnescapePartitionValue("a%2Fb%3Dc%25"), "a/b=c%");
  EXPECT_EQ(UnescapePartitionValue("__HIVE_DEFAULT_PARTITION__"), std::nullopt);
  EXPECT_EQ(UnescapePartitionValue("50%"), "50%");
}

// data-reader-escaped-chars: the folder on disk is "_2=bar+%2521", the log says "_2=bar+%252521".
TEST(PathsTest, PathsAreEncodedOnTopOfHivesEscapes) {
  EXPECT_EQ(EncodePath("_2=bar+%2521/part.parquet"), "_2=bar+%252521/part.parquet");
  EXPECT_EQ(EncodePath("special p@#h"), "special%20p@%23h");
  EXPECT_EQ(EncodePath("\xC3\xA4:b"), "%C3%A4%3Ab");
  for (const char* path : {"a b/c%d", "x:y", "\xE2\x82\xAC", "plain-_.!~*'()"}) {
    EXPECT_EQ(*DecodePath(EncodePath(path)), path);
  }
  EXPECT_TRUE(absl::IsDataLoss(DecodePath("a%2").status()));
  EXPECT_TRUE(absl::IsDataLoss(DecodePath("a%zz").status()));
}

TEST(PathsTest, OneFileHasOneCanonicalForm) {
  EXPECT_EQ(CanonicalUri("file:///a/b%20c"), CanonicalUri("/a/b%20c"));
  EXPECT_EQ(CanonicalUri("file:/a/b"), CanonicalUri("/a/b"));
  EXPECT_EQ(CanonicalUri("a%2Db"), CanonicalUri("a-b"));
  EXPECT_NE(CanonicalUri("s3://a/b"), CanonicalUri("/a/b"));
  EXPECT_NE(CanonicalUri("a/b"), CanonicalUri("/a/b"));
}

TEST(PathsTest, DataFilesLieInTheStore) {
  storage::DiskStore store("/data/lake");
  Table table;
  table.store = &store;
  table.root = "silver/t";
  EXPECT_EQ(*DataFileKey(table, "d=1/a%20b.parquet"), "silver/t/d=1/a b.parquet");
  EXPECT_EQ(*DataFileKey(table, "file:///data/lake/other/x.parquet"), "other/x.parquet");
  EXPECT_EQ(*DataFileKey(table, "/data/lake/other/x.parquet"), "other/x.parquet");
  EXPECT_TRUE(absl::IsUnimplemented(DataFileKey(table, "s3://bucket/x.parquet").status()));
  EXPECT_TRUE(absl::IsUnimplemented(DataFileKey(table, "/data/lakeside/x.parquet").status()));
}

}  // namespace
}  // namespace smelt::delta
