#include "publish/sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"

namespace smelt::publish {
namespace {

using base::DataType;
using base::TypeKind;
using dynamodb::ValueType;
using ::testing::HasSubstr;

std::string Complaint(const std::map<std::string, std::string>& options) {
  return base::Message(ParseSinkOptions("metrics", options).status());
}

TEST(ParseSinkOptionsTest, ReadsEveryOption) {
  const auto options = ParseSinkOptions("metrics", {{"TABLE", "daily"},
                                                    {"capacity", "Auto"},
                                                    {"read_capacity", "5"},
                                                    {"write_capacity", "6"},
                                                    {"max_write_capacity", "700"},
                                                    {"adopt", "true"},
                                                    {"max_delete_share", "0.25"},
                                                    {"verify", "sample"}});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->table, "daily");
  EXPECT_EQ(options->capacity, CapacityMode::kAuto);
  EXPECT_EQ(options->throughput, (dynamodb::Throughput{5, 6}));
  EXPECT_EQ(options->max_write_units, 700);
  EXPECT_TRUE(options->adopt);
  EXPECT_EQ(options->max_delete_share, 0.25);
  EXPECT_EQ(options->verify, VerifyMode::kSample);
}

TEST(ParseSinkOptionsTest, NamesWhatIsWrong) {
  EXPECT_THAT(Complaint({}), HasSubstr("sink metrics: OPTIONS must name the table"));
  EXPECT_THAT(Complaint({{"table", "t!"}}), HasSubstr("option table = 't!'"));
  EXPECT_THAT(Complaint({{"table", "abc"}, {"capasity", "auto"}}),
              HasSubstr("sink metrics: unknown option capasity"));
  EXPECT_THAT(Complaint({{"table", "abc"}, {"capacity", "much"}}),
              HasSubstr("expected 'auto' or 'none'"));
  EXPECT_THAT(Complaint({{"table", "abc"}, {"max_delete_share", "50%"}}),
              HasSubstr("a share between 0 and 1"));
  EXPECT_THAT(Complaint({{"table", "abc"}, {"write_capacity", "0"}}),
              HasSubstr("a whole number above 0"));
  EXPECT_THAT(Complaint({{"table", "abc"}, {"write_capacity", "9"}}), HasSubstr("go together"));
  EXPECT_THAT(Complaint({{"table", "abc"}, {"adopt", "yes"}}), HasSubstr("true or false"));
}

TEST(KeySchemaForTest, TakesTheTypesOfTheColumns) {
  const base::Schema columns = {{"Day", DataType(TypeKind::kString)},
                                {"n", DataType::Decimal(20, 2)},
                                {"raw", DataType(TypeKind::kBinary)},
                                {"d", DataType(TypeKind::kDate)}};
  const auto key = KeySchemaFor(columns, {"day", "n"});
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->partition, (dynamodb::KeyAttribute{"Day", ValueType::kString}));
  EXPECT_EQ(key->sort, (dynamodb::KeyAttribute{"n", ValueType::kNumber}));
  EXPECT_EQ(KeySchemaFor(columns, {"raw"})->partition.type, ValueType::kBinary);

  const auto complaint = [&](const std::vector<std::string>& keys) {
    return base::Message(KeySchemaFor(columns, keys).status());
  };
  EXPECT_THAT(complaint({"d"}), HasSubstr("CAST(d AS STRING) AS d"));
  EXPECT_THAT(complaint({"x"}), HasSubstr("no column x"));
  EXPECT_THAT(complaint({"n", "n"}), HasSubstr("names n twice"));
  EXPECT_THAT(complaint({"n", "raw", "Day"}), HasSubstr("dynamodb_key"));
}

}  // namespace
}  // namespace smelt::publish
