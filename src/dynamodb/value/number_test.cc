#include "dynamodb/value/number.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

#include "base/status.h"

namespace smelt::dynamodb {
namespace {

std::string Canonical(std::string_view text) {
  const absl::StatusOr<Number> number = Number::Parse(text);
  return number.ok() ? number->ToString() : base::Message(number.status());
}

Number Parsed(std::string_view text) {
  const absl::StatusOr<Number> number = Number::Parse(text);
  EXPECT_TRUE(number.ok()) << text << ": " << number.status();
  return *number;
}

TEST(NumberTest, WritesTheServicesCanonicalText) {
  EXPECT_EQ(Canonical("0"), "0");
  EXPECT_EQ(Canonical("-0.000"), "0");
  EXPECT_EQ(Canonical("1.50"), "1.5");
  EXPECT_EQ(Canonical("+007"), "7");
  EXPECT_EQ(Canonical(".5"), "0.5");
  EXPECT_EQ(Canonical("5."), "5");
  EXPECT_EQ(Canonical("1e5"), "100000");
  EXPECT_EQ(Canonical("-12.5E-3"), "-0.0125");
  EXPECT_EQ(Canonical("100000000000000000000000000000000000000000"), "1" + std::string(41, '0'));
  EXPECT_EQ(Canonical("12345678901234567890123456789012345678"),
            "12345678901234567890123456789012345678");
  EXPECT_EQ(Canonical("0.12345678901234567890123456789012345678"),
            "0.12345678901234567890123456789012345678");
  EXPECT_EQ(Canonical("9.9999999999999999999999999999999999999E+125"),
            std::string(38, '9') + std::string(88, '0'));
  EXPECT_EQ(Canonical("1E-130"), "0." + std::string(129, '0') + "1");
}

TEST(NumberTest, RefusesWhatTheServiceRefusesInItsWords) {
  EXPECT_EQ(Canonical(""), "The parameter cannot be converted to a numeric value");
  for (const char* text :
       {"abc", "-", ".", "1.2.3", "1e", "1e+", " 1", "1 ", "0x10", "NaN", "Infinity"}) {
    EXPECT_EQ(Canonical(text),
              std::string("The parameter cannot be converted to a numeric value: ") + text);
  }
  const std::string too_long = "Attempting to store more than 38 significant digits in a Number";
  EXPECT_EQ(Canonical("123456789012345678901234567890123456789"), too_long);
  EXPECT_EQ(Canonical("1.00000000000000000000000000000000000001"), too_long);
  EXPECT_EQ(Canonical("340282366920938463463374607431768211457"), too_long);
  const std::string overflow =
      "Number overflow. Attempting to store a number with magnitude larger than supported range";
  for (const char* text : {"1e126", "-1e126", "10e125", "1e99999999999999999999"}) {
    EXPECT_EQ(Canonical(text), overflow) << text;
  }
  EXPECT_EQ(Canonical(std::string(200, '7')), overflow);
  const std::string underflow =
      "Number underflow. Attempting to store a number with magnitude smaller than supported range";
  for (const char* text : {"1e-131", "0.1e-130", "-1e-99999999999999999999"}) {
    EXPECT_EQ(Canonical(text), underflow) << text;
  }
}

TEST(NumberTest, ConvertsToIntegersOnlyWhereNothingIsLost) {
  EXPECT_EQ(Parsed("9223372036854775807").ToInt64(), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(Parsed("-9223372036854775808").ToInt64(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(Parsed("9223372036854775808").ToInt64(), std::nullopt);
  EXPECT_EQ(Parsed("-9223372036854775809").ToInt64(), std::nullopt);
  EXPECT_EQ(Parsed("1e18").ToInt64(), 1000000000000000000);
  EXPECT_EQ(Parsed("1e19").ToInt64(), std::nullopt);
  EXPECT_EQ(Parsed("1.5").ToInt64(), std::nullopt);
  for (int64_t value : {int64_t{0}, int64_t{-1200}, std::numeric_limits<int64_t>::min(),
                        std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(Number(value).ToInt64(), value);
    EXPECT_EQ(Number(value), Parsed(std::to_string(value)));
  }
  EXPECT_DOUBLE_EQ(Parsed("-1.25e-3").ToDouble(), -1.25e-3);
}

TEST(NumberTest, AddsExactly) {
  const auto sum = [](std::string_view a, std::string_view b) {
    const absl::StatusOr<Number> result = Number::Add(Parsed(a), Parsed(b));
    return result.ok() ? result->ToString() : base::Message(result.status());
  };
  EXPECT_EQ(sum("0.1", "0.2"), "0.3");
  EXPECT_EQ(sum("-1", "1"), "0");
  EXPECT_EQ(sum("10", "-18"), "-8");
  EXPECT_EQ(sum("-100", "0.01"), "-99.99");
  EXPECT_EQ(sum("99999999999999999999999999999999999999", "1"), "1" + std::string(38, '0'));
  EXPECT_EQ(sum("1e125", "1e-130"), "1" + std::string(125, '0'));  // rounded at the 38th digit
  EXPECT_EQ(
      sum("9e125", "9e125"),
      "Number overflow. Attempting to store a number with magnitude larger than supported range");
  EXPECT_EQ(Number::Subtract(Parsed("1.5"), Parsed("2.25"))->ToString(), "-0.75");
}

TEST(NumberTest, OrderAndKeyBytesAgreeWithTheValues) {
  const std::vector<std::string> ascending = {"-9.9999999999999999999999999999999999999e125",
                                              "-1e125",
                                              "-123.46",
                                              "-123.45",
                                              "-123.4",
                                              "-123",
                                              "-12.3",
                                              "-2",
                                              "-1.2",
                                              "-1.01",
                                              "-1",
                                              "-0.5",
                                              "-1e-130",
                                              "0",
                                              "1e-130",
                                              "0.00001",
                                              "0.5",
                                              "1",
                                              "1.01",
                                              "1.1",
                                              "1.2",
                                              "2",
                                              "9.99",
                                              "10",
                                              "10.5",
                                              "99",
                                              "100",
                                              "123.4",
                                              "123.45",
                                              "1e38",
                                              "12345678901234567890123456789012345678e60",
                                              "1e125"};
  for (size_t i = 0; i < ascending.size(); ++i) {
    for (size_t j = 0; j < ascending.size(); ++j) {
      const Number a = Parsed(ascending[i]), b = Parsed(ascending[j]);
      EXPECT_EQ(a <=> b, i <=> j) << ascending[i] << " " << ascending[j];
      EXPECT_EQ(a.EncodeOrdered() <=> b.EncodeOrdered(), i <=> j)
          << ascending[i] << " " << ascending[j];
    }
    EXPECT_EQ(*Number::DecodeOrdered(Parsed(ascending[i]).EncodeOrdered()), Parsed(ascending[i]));
  }
}

TEST(NumberTest, RandomNumbersSurviveTextAndKeyBytes) {
  std::mt19937_64 random(7);
  Number previous;
  for (int i = 0; i < 20000; ++i) {
    const UInt128 coefficient =
        ((static_cast<UInt128>(random()) << 64) | random()) >> (2 + random() % 126);
    const int exponent = static_cast<int>(random() % 200) - 100;
    const absl::StatusOr<Number> number = Number::Make(random() % 2 == 0, coefficient, exponent);
    if (!number.ok()) continue;
    EXPECT_EQ(Parsed(number->ToString()), *number);
    EXPECT_EQ(*Number::DecodeOrdered(number->EncodeOrdered()), *number);
    EXPECT_EQ(number->EncodeOrdered() <=> previous.EncodeOrdered(), *number <=> previous);
    previous = *number;
  }
}

TEST(NumberTest, BrokenKeyBytesAreAnErrorNotACrash) {
  for (std::string_view bytes : {"", "x", "\xC0", "\xC0\x82", "\x40\x01\x02", "\xC0\x82\xFF"}) {
    EXPECT_FALSE(Number::DecodeOrdered(bytes).ok());
  }
  EXPECT_FALSE(Number::DecodeOrdered("\xC0\x82" + std::string(30, '\x02')).ok());
}

}  // namespace
}  // namespace smelt::dynamodb
