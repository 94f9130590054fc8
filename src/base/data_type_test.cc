#include "base/data_type.h"

#include <gtest/gtest.h>

namespace smelt::base {
namespace {

TEST(DataType, PrintsSparksSimpleString) {
  const DataType type = DataType::Array(DataType::Struct(
      {{"a", DataType(TypeKind::kInteger), true, {}},
       {"m", DataType::Map(DataType(TypeKind::kString), DataType::Decimal(38, 10)), true, {}}}));
  EXPECT_EQ(type.ToString(), "array<struct<a:int,m:map<string,decimal(38,10)>>>");
}

TEST(DataType, EqualsByStructure) {
  EXPECT_EQ(DataType::Array(DataType(TypeKind::kLong)), DataType::Array(DataType(TypeKind::kLong)));
  EXPECT_FALSE(DataType::Decimal(10, 2) == DataType::Decimal(10, 3));
}

TEST(Schema, FindsColumnsWithoutRegardToCase) {
  const Schema schema = {{"Id", DataType(TypeKind::kLong), true, {}}};
  EXPECT_EQ(FindField(schema, "ID"), 0u);
  EXPECT_EQ(FindField(schema, "x"), std::nullopt);
}

}  // namespace
}  // namespace smelt::base
