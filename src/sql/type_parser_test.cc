#include "sql/type_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace smelt::sql {
namespace {

using ::testing::HasSubstr;

std::string TypeOf(std::string_view text) {
  const absl::StatusOr<base::DataType> type = ParseType(text);
  return type.ok() ? type->ToString() : base::Message(type.status());
}

TEST(ParseType, ReadsEverySimpleTypeUnderAllItsNames) {
  EXPECT_EQ(TypeOf("BOOLEAN"), "boolean");
  EXPECT_EQ(TypeOf("tinyint"), "tinyint");
  EXPECT_EQ(TypeOf("SHORT"), "smallint");
  EXPECT_EQ(TypeOf("Integer"), "int");
  EXPECT_EQ(TypeOf("LONG"), "bigint");
  EXPECT_EQ(TypeOf("real"), "float");
  EXPECT_EQ(TypeOf("double"), "double");
  EXPECT_EQ(TypeOf("TIMESTAMP_LTZ"), "timestamp");
  EXPECT_EQ(TypeOf("timestamp_ntz"), "timestamp_ntz");
  EXPECT_EQ(TypeOf("varchar(10)"), "string");
}

TEST(ParseType, ReadsDecimalsWithTheirDefaults) {
  EXPECT_EQ(TypeOf("DECIMAL"), "decimal(10,0)");
  EXPECT_EQ(TypeOf("dec(5)"), "decimal(5,0)");
  EXPECT_EQ(TypeOf("NUMERIC(38, 38)"), "decimal(38,38)");
  EXPECT_THAT(TypeOf("decimal(39,0)"), HasSubstr("a number from 1 to 38"));
  EXPECT_THAT(TypeOf("decimal(5,6)"), HasSubstr("a number from 0 to 5"));
  EXPECT_THAT(TypeOf("decimal(99999999999)"), HasSubstr("a number from 1 to 38"));
}

TEST(ParseType, ReadsNestedTypes) {
  EXPECT_EQ(TypeOf("ARRAY<ARRAY<INT>>"), "array<array<int>>");
  EXPECT_EQ(TypeOf("map<string, array<struct<a:int, b ARRAY<STRING>>>>"),
            "map<string,array<struct<a:int,b:array<string>>>>");
  EXPECT_EQ(TypeOf("struct<>"), "struct<>");
  EXPECT_EQ(TypeOf("STRUCT<`a b`: DATE NOT NULL COMMENT 'when'>"), "struct<a b:date>");
}

TEST(ParseType, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(TypeOf("strin"), HasSubstr("type:1:1: error: 'strin' is not a type"));
  EXPECT_THAT(TypeOf("strin"), HasSubstr("did you mean 'string'?"));
  EXPECT_THAT(TypeOf("ARRAY"), HasSubstr("expected '<' after ARRAY"));
  EXPECT_THAT(TypeOf("array<int"), HasSubstr("type:1:10: error: expected '>'"));
  EXPECT_THAT(TypeOf("int int"), HasSubstr("unexpected 'int'"));
  EXPECT_THAT(TypeOf("struct<a int, A int>"), HasSubstr("the column 'A' is there twice"));
  EXPECT_THAT(TypeOf(""), HasSubstr("expected a type"));
}

TEST(ParseType, RefusesEndlessNestingInsteadOfFalling) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "array<";
  EXPECT_THAT(TypeOf(deep), HasSubstr("nested too deeply"));
}

TEST(ParseSchema, ReadsColumnLists) {
  const auto schema = ParseSchema("a INT NOT NULL COMMENT 'it''s', `b c` STRING, d: struct<e int>");
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_EQ(base::SchemaToString(*schema), "a int, b c string, d struct<e:int>");
  EXPECT_EQ((*schema)[0].metadata.at("comment"), "\"it's\"");
  EXPECT_FALSE((*schema)[0].nullable);
}

TEST(ParseSchema, TakesAStructForAList) {
  EXPECT_EQ(ParseSchema("struct<a int, b: string>")->size(), 2u);
  EXPECT_EQ(ParseSchema("struct int")->at(0).name, "struct");
  EXPECT_TRUE(ParseSchema("")->empty());
}

TEST(ParseSchema, RefusesWhatIsNotAList) {
  EXPECT_FALSE(ParseSchema("a").ok());
  EXPECT_FALSE(ParseSchema("a int,").ok());
  EXPECT_FALSE(ParseSchema("a int b int").ok());
  EXPECT_FALSE(ParseSchema("a 'int'").ok());
}

}  // namespace
}  // namespace smelt::sql
