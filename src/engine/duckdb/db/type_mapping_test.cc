#include "engine/duckdb/db/type_mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <duckdb/common/types.hpp>

#include "base/status.h"

namespace smelt::duck {
namespace {

using base::DataType;
using base::TypeKind;
using duckdb::LogicalType;

TEST(TypeMappingTest, EveryTypeOfATableComesBackAsItself) {
  const std::vector<DataType> types = {
      DataType(TypeKind::kBoolean),
      DataType(TypeKind::kByte),
      DataType(TypeKind::kShort),
      DataType(TypeKind::kInteger),
      DataType(TypeKind::kLong),
      DataType(TypeKind::kFloat),
      DataType(TypeKind::kDouble),
      DataType::Decimal(38, 18),
      DataType(TypeKind::kString),
      DataType(TypeKind::kBinary),
      DataType(TypeKind::kDate),
      DataType(TypeKind::kTimestamp),
      DataType(TypeKind::kTimestampNtz),
      DataType(TypeKind::kInterval),
      DataType(TypeKind::kVariant),
      DataType(),
      DataType::Array(
          DataType::Map(DataType(TypeKind::kString),
                        DataType::Struct({{.name = "A b", .type = DataType(TypeKind::kLong)},
                                          {.name = "c", .type = DataType::Decimal(5, 2)}})))};
  for (const DataType& type : types) {
    const auto back = FromLogicalType(ToLogicalType(type), "c");
    ASSERT_TRUE(back.ok()) << type.ToString() << back.status();
    EXPECT_EQ(*back, type) << back->ToString();
  }
}

TEST(TypeMappingTest, ComputedTypesTakeTheNarrowestThatHoldsThem) {
  EXPECT_EQ(FromLogicalType(LogicalType::HUGEINT, "c")->ToString(), "decimal(38,0)");
  EXPECT_EQ(FromLogicalType(LogicalType::UBIGINT, "c")->ToString(), "decimal(20,0)");
  EXPECT_EQ(FromLogicalType(LogicalType::UINTEGER, "c")->ToString(), "bigint");
  EXPECT_EQ(FromLogicalType(LogicalType::ARRAY(LogicalType::INTEGER, 3), "c")->ToString(),
            "array<int>");
}

TEST(TypeMappingTest, WhatSparkLacksNamesTheColumnAndACast) {
  const absl::Status time = FromLogicalType(LogicalType::TIME, "opened").status();
  EXPECT_EQ(
      base::Message(time),
      "column 'opened' has the type TIME, which tables cannot hold: use CAST(opened AS STRING)");
  const absl::Status nested =
      FromLogicalType(LogicalType::LIST(LogicalType::STRUCT({{"id", LogicalType::UUID}})), "a")
          .status();
  EXPECT_THAT(base::Message(nested), testing::HasSubstr("'a.element.id'"));
}

TEST(TypeMappingTest, GivesTypesAsSql) {
  EXPECT_EQ(ToSqlType(DataType::Decimal(10, 2)), "DECIMAL(10,2)");
  EXPECT_EQ(ToSqlType(DataType(TypeKind::kTimestamp)), "TIMESTAMP WITH TIME ZONE");
  EXPECT_EQ(ToSqlType(DataType::Struct({{.name = "a b", .type = DataType(TypeKind::kLong)}})),
            "STRUCT(\"a b\" BIGINT)");
}

}  // namespace
}  // namespace smelt::duck
