#include "dynamodb/store/item_codec.h"

#include <gtest/gtest.h>

#include "dynamodb/value/value_json.h"

namespace smelt::dynamodb::store {
namespace {

Item Everything() {
  return ItemFromText(
             R"({"s":{"S":"é\u0000"},"e":{"S":""},"n":{"N":"-12345678901234567890.123456789012345678"},"z":{"N":"0"},
      "b":{"B":"/wA="},"t":{"BOOL":true},"f":{"BOOL":false},"nul":{"NULL":true},"ss":{"SS":["a","b"]},
      "ns":{"NS":["3","-1","2.5"]},"bs":{"BS":["AA==","/w=="]},
      "l":{"L":[{"S":"x"},{"L":[]},{"M":{"deep":{"N":"1E-130"}}}]},"m":{"M":{"":{"M":{}}}}})")
      .value();
}

TEST(ItemCodec, GivesBackEveryType) {
  std::string bytes = "what was there before";
  EncodeItem(Everything(), &bytes);
  EXPECT_EQ(DecodeItem(bytes).value(), Everything());
  EncodeItem({}, &bytes);
  EXPECT_EQ(DecodeItem(bytes).value(), Item());
}

// The bytes of version 1, by hand from the format's description.
TEST(ItemCodec, WritesTheFormatAsDescribed) {
  std::string bytes;
  EncodeItem({{"a", Value("xy")}, {"b", Value(List{Value(true), Value()})}}, &bytes);
  const std::string expected(
      "\x01\x02\x01"
      "a\x02\x02xy\x01"
      "b\x05\x02\x01\x01\x00",
      15);
  EXPECT_EQ(bytes, expected);
}

TEST(ItemCodec, RefusesBytesThatAreCutOrLongerOrOfAnotherVersion) {
  std::string bytes;
  EncodeItem(Everything(), &bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeItem(bytes.substr(0, size)).status().code(), absl::StatusCode::kDataLoss);
  }
  EXPECT_FALSE(DecodeItem(bytes + "x").ok());
  bytes[0] = 2;
  EXPECT_FALSE(DecodeItem(bytes).ok());
}

TEST(ItemCodec, SurvivesAnyFlippedByte) {
  std::string bytes;
  EncodeItem(Everything(), &bytes);
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      const auto item = DecodeItem(damaged);  // an item or an error, never a crash
      if (!item.ok()) {
        EXPECT_EQ(item.status().code(), absl::StatusCode::kDataLoss);
      }
    }
  }
}

}  // namespace
}  // namespace smelt::dynamodb::store
