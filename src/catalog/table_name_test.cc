#include "catalog/table_name.h"

#include <gtest/gtest.h>

namespace smelt::catalog {
namespace {

const NameDefaults kDefaults{"main", "silver"};

TEST(TableName, CompletesNamesWithTheDefaults) {
  EXPECT_EQ(ResolveName({"t"}, kDefaults)->ToString(), "main.silver.t");
  EXPECT_EQ(ResolveName({"Bronze", "T"}, kDefaults)->ToString(), "main.bronze.t");
  EXPECT_EQ(ResolveName({"other", "b", "t"}, kDefaults)->ToString(), "other.b.t");
}

TEST(TableName, RefusesWhatCannotBeAFolder) {
  const std::vector<std::vector<std::string>> wrong = {
      {},         {"a", "b", "c", "d"},   {""}, {"a/b"}, {"a.b"}, {"a b"},
      {"_smelt"}, {std::string(256, 'x')}};
  for (const auto& parts : wrong) EXPECT_FALSE(ResolveName(parts, kDefaults).ok());
}

TEST(TableName, OtherCatalogsHaveAFolderOfTheirOwn) {
  EXPECT_EQ(LocationOf({"main", "gold", "t"}, kDefaults), "gold/t");
  EXPECT_EQ(LocationOf({"other", "gold", "t"}, kDefaults), "other/gold/t");
}

}  // namespace
}  // namespace smelt::catalog
