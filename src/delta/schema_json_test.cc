#include "delta/schema_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"

namespace smelt::delta {
namespace {

using base::DataType;
using base::Schema;
using base::TypeKind;
using ::testing::HasSubstr;

// The specification's example ("Schema Serialization Format").
constexpr const char* kExample =
    R"j({"type":"struct","fields":[{"name":"a","type":"integer","nullable":false,"metadata":{"comment":"this is a comment"}},)j"
    R"j({"name":"b","type":{"type":"struct","fields":[{"name":"d","type":"integer","nullable":false,"metadata":{}}]},"nullable":true,"metadata":{}},)j"
    R"j({"name":"c","type":{"type":"array","elementType":"integer","containsNull":false},"nullable":true,"metadata":{}},)j"
    R"j({"name":"e","type":{"type":"map","keyType":"string","valueType":"decimal(38,18)","valueContainsNull":true},"nullable":true,"metadata":{}}]})j";

TEST(SchemaJsonTest, ReadsTheExampleOfTheSpecificationAndWritesItBack) {
  const auto schema = SchemaFromJson(kExample);
  ASSERT_TRUE(schema.ok()) << schema.status();
  const Schema expected = {
      {"a", DataType(TypeKind::kInteger), false, {{"comment", "\"this is a comment\""}}},
      {"b", DataType::Struct({{"d", DataType(TypeKind::kInteger), false, {}}}), true, {}},
      {"c", DataType::Array(DataType(TypeKind::kInteger), false), true, {}},
      {"e", DataType::Map(DataType(TypeKind::kString), DataType::Decimal(38, 18)), true, {}}};
  EXPECT_EQ(*schema, expected);
  EXPECT_EQ(*SchemaToJson(*schema), kExample);
}

TEST(SchemaJsonTest, EveryPrimitiveTypeComesBack) {
  Schema schema;
  for (const TypeKind kind :
       {TypeKind::kBoolean, TypeKind::kByte, TypeKind::kShort, TypeKind::kInteger, TypeKind::kLong,
        TypeKind::kFloat, TypeKind::kDouble, TypeKind::kString, TypeKind::kBinary, TypeKind::kDate,
        TypeKind::kTimestamp, TypeKind::kTimestampNtz}) {
    schema.push_back({"c" + std::to_string(schema.size()), DataType(kind), true, {}});
  }
  EXPECT_EQ(*SchemaFromJson(*SchemaToJson(schema)), schema);
}

TEST(SchemaJsonTest, WhatDeltaCannotHoldIsRefusedByColumn) {
  for (const TypeKind kind : {TypeKind::kNull, TypeKind::kVariant, TypeKind::kInterval}) {
    const auto text = SchemaToJson({{"odd", DataType(kind), true, {}}});
    EXPECT_TRUE(absl::IsInvalidArgument(text.status()));
    EXPECT_THAT(base::Message(text.status()), HasSubstr("'odd'"));
  }
}

TEST(SchemaJsonTest, AnUnknownTypeIsNamed) {
  const auto schema = SchemaFromJson(
      R"j({"type":"struct","fields":[{"name":"g","type":"geometry(4326)","nullable":true,"metadata":{}}]})j");
  EXPECT_TRUE(absl::IsUnimplemented(schema.status()));
  EXPECT_THAT(base::Message(schema.status()), HasSubstr("column 'g'"));
  EXPECT_THAT(base::Message(schema.status()), HasSubstr("geometry(4326)"));
}

TEST(SchemaJsonTest, BrokenTextsAreErrorsAndNotCrashes) {
  std::string deep;
  for (int i = 0; i < 5'000; ++i) deep += R"j({"type":"array","elementType":)j";
  for (const std::string& text : std::vector<std::string>{
           "{", "[]", "5", R"j({"type":"struct"})j", R"j({"type":"struct","fields":[5]})j",
           R"j({"type":"struct","fields":[{"name":"a"}]})j",
           R"j({"type":"struct","fields":[{"name":"a","type":"decimal(39,1)"}]})j",
           R"j({"type":"struct","fields":[{"name":"a","type":"decimal(1"}]})j",
           R"j({"type":"struct","fields":[{"name":"a","type":"long","nullable":"yes"}]})j",
           R"j({"type":"struct","fields":[{"name":"a","type":{"type":"array"}}]})j",
           R"j({"type":"struct","fields":[{"name":"a","type":)j" + deep}) {
    EXPECT_FALSE(SchemaFromJson(text).ok()) << text.substr(0, 80);
  }
}

TEST(SchemaJsonTest, NoTextIsTheSchemaOfNoColumns) { EXPECT_TRUE(SchemaFromJson("")->empty()); }

}  // namespace
}  // namespace smelt::delta
