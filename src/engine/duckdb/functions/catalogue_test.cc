#include "engine/duckdb/functions/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace smelt::duck {
namespace {

TEST(CatalogueTest, FindsNamesWithoutRegardToCase) {
  ASSERT_NE(FindFunction("Date_Trunc"), nullptr);
  EXPECT_EQ(FindFunction("date_trunc")->target, "spark_date_trunc");
  EXPECT_EQ(FindFunction("no_such_function"), nullptr);
}

TEST(CatalogueTest, NamesAreUniqueAndEntriesComplete) {
  std::set<std::string> names;
  for (const FunctionEntry& entry : AllFunctions()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_TRUE(entry.max_args < 0 || entry.max_args >= entry.min_args) << entry.name;
    EXPECT_EQ(entry.kind == FunctionKind::kRefused, !entry.reason.empty()) << entry.name;
    if (entry.kind == FunctionKind::kRegistered) {
      EXPECT_EQ(entry.target.rfind("spark_", 0), 0u) << entry.name;
    }
  }
  EXPECT_GT(names.size(), 350u);
}

TEST(CatalogueTest, KnowsWhatIsAnAggregateAGeneratorAndRandom) {
  EXPECT_TRUE(FindFunction("sum")->is_aggregate);
  EXPECT_TRUE(FindFunction("explode")->is_generator);
  EXPECT_TRUE(FindFunction("rank")->is_window);
  EXPECT_FALSE(FindFunction("rand")->is_deterministic);
  EXPECT_TRUE(FindFunction("now")->is_bound_to_update);
  EXPECT_EQ(FindFunction("shuffle")->kind, FunctionKind::kRefused);
}

TEST(CatalogueTest, SuggestsTheNearestNames) {
  EXPECT_THAT(NearestFunctions("date_trnc"), ::testing::Contains("date_trunc"));
  EXPECT_THAT(NearestFunctions("percentile_aprox"), ::testing::Contains("percentile_approx"));
  EXPECT_THAT(NearestFunctions("qqqqqqqqqqqqqqqq"), ::testing::IsEmpty());
}

}  // namespace
}  // namespace smelt::duck
