#include "publish/verification.h"

#include <gtest/gtest.h>

#include <set>

namespace smelt::publish {
namespace {

using dynamodb::Item;
using dynamodb::Number;
using dynamodb::Value;

Item Of(Value value) {
  Item item;
  item.emplace("a", std::move(value));
  return item;
}

TEST(DigestOfTest, DiffersWhereTwoItemsDiffer) {
  const Item items[] = {
      {},
      Of(Value()),
      Of(Value(true)),
      Of(Value(false)),
      Of(Value("")),
      Of(Value("1")),
      Of(Value(dynamodb::Binary{"1"})),
      Of(Value(Number(1))),
      Of(Value(Number(-1))),
      Of(Value(Number(10))),
      Of(Value(Number::Parse("0.1").value())),
      Of(Value(Number::Parse("18446744073709551617").value())),
      Of(Value(dynamodb::List{})),
      Of(Value(dynamodb::List{Value(Number(1)), Value(Number(2))})),
      Of(Value(dynamodb::List{Value(Number(2)), Value(Number(1))})),
      Of(Value(dynamodb::List{Value(dynamodb::List{Value(Number(1))}), Value(Number(2))})),
      Of(Value(dynamodb::Map{})),
      Of(Value(dynamodb::Map{{"1", Value("")}})),
      Of(Value(dynamodb::StringSet{"1", "2"})),
      Of(Value(dynamodb::StringSet{"12"})),
      Of(Value(dynamodb::NumberSet{Number(1), Number(2)})),
      Of(Value(dynamodb::BinarySet{dynamodb::Binary{"1"}, dynamodb::Binary{"2"}})),
  };
  std::set<uint64_t> digests;
  for (const Item& item : items) digests.insert(DigestOf(item));
  EXPECT_EQ(digests.size(), std::size(items));
}

TEST(DigestOfTest, IsTheSameForEqualItems) {
  EXPECT_EQ(DigestOf(Of(Value(Number::Parse("1.50").value()))),
            DigestOf(Of(Value(Number::Parse("15e-1").value()))));
  EXPECT_EQ(DigestOf(Of(Value(dynamodb::StringSet{"b", "a"}))),
            DigestOf(Of(Value(dynamodb::StringSet{"a", "b"}))));
}

TEST(WrittenTest, SamplesAThousandOfAllThatWasWritten) {
  Written written;
  for (int64_t i = 0; i < 50'000; ++i) written.AddPut(Of(Value(Number(i))));
  EXPECT_EQ(written.puts(), 50'000);
  ASSERT_EQ(written.sampled_puts().size(), 1000u);
  std::set<int64_t> sampled;
  int64_t sum = 0;
  for (const Item& item : written.sampled_puts()) {
    sampled.insert(*item.at("a").number().ToInt64());
    sum += *item.at("a").number().ToInt64();
  }
  EXPECT_EQ(sampled.size(), 1000u);
  EXPECT_NEAR(static_cast<double>(sum) / 1000, 25'000, 2'000);  // from everywhere alike
}

TEST(CheckCensusTest, SaysWhichCountIsWrong) {
  Sink sink;
  sink.options.table = "t";
  Written written;
  written.AddPut(Of(Value("x")));
  Census census;
  census.ours = 1;
  census.older = 4;
  census.digest_sum = written.digest_sum();
  EXPECT_TRUE(CheckCensus(sink, census, written, 5).ok());
  EXPECT_EQ(CheckCensus(sink, census, written, 6).code(), absl::StatusCode::kDataLoss);
  census.digest_sum += 1;
  EXPECT_EQ(CheckCensus(sink, census, written, 5).code(), absl::StatusCode::kDataLoss);
  census.digest_sum -= 1;
  census.ours = 0;
  census.older = 5;
  EXPECT_EQ(CheckCensus(sink, census, written, 5).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace smelt::publish
