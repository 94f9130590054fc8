#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/duckdb/functions/datetime_pattern.h"
#include "engine/duckdb/functions/datetime_text.h"
#include "engine/duckdb/functions/java_format.h"
#include "engine/duckdb/functions/json_functions.h"
#include "engine/duckdb/functions/number_text.h"
#include "engine/duckdb/functions/regex.h"
#include "engine/duckdb/functions/spark_hash.h"
#include "engine/duckdb/functions/text_functions.h"

// The files without DuckDB: what the table of Spark's answers does not reach (bad input, bounds,
// known vectors).

namespace smelt::duck {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CivilTimeTest, GoesThereAndBackOverTenThousandYears) {
  for (int64_t days = -800'000; days < 3'000'000; days += 397) {
    const Civil civil = CivilFromDays(days);
    ASSERT_TRUE(IsValidDate(civil.year, civil.month, civil.day));
    ASSERT_EQ(DaysFromCivil(civil.year, civil.month, civil.day), days);
  }
  EXPECT_EQ(DaysFromCivil(1970, 1, 1), 0);
  EXPECT_EQ(DaysFromCivil(2000, 2, 29), 11016);
}

TEST(CivilTimeTest, ZonesAreJavasAndNoPathsOfFiles) {
  EXPECT_TRUE(Zone::Find("UTC")->is_utc());
  EXPECT_EQ(Zone::Find("+5:30")->OffsetSeconds({0}), 19800);
  EXPECT_EQ(Zone::Find("GMT-0330")->OffsetSeconds({0}), -12600);
  EXPECT_EQ(Zone::Find("EST")->OffsetSeconds({0}), -18000);
  EXPECT_EQ(Zone::Find("Europe/Paris")->OffsetSeconds({1704067200000000}), 3600);
  for (const char* bad :
       {"", "Mars/Olympus", "+25", "+5:99", "../etc/passwd", "/etc/localtime", "UTC+"}) {
    EXPECT_EQ(Zone::Find(bad), nullptr) << bad;
  }
}

TEST(CivilTimeTest, GapsMoveOnAndOverlapsTakeTheEarlier) {
  const Zone& zone = *Zone::Find("America/New_York");
  const auto local = [](const char* text) { return *ParseLocalTimestamp(text); };
  EXPECT_EQ(FormatLocalTimestamp({zone.ToInstant(local("2024-03-10 02:30:00")).micros}),
            "2024-03-10 07:30:00");
  EXPECT_EQ(FormatLocalTimestamp({zone.ToInstant(local("2024-11-03 01:30:00")).micros}),
            "2024-11-03 05:30:00");
}

TEST(DateTimeTextTest, RefusesWhatIsNoDate) {
  for (const char* bad : {"", " ", "abc", "24-01-05", "2024-13-01", "2024-00-10", "2023-02-29",
                          "2024-1-5x", "2024-01-05-", "99999999-01-01"}) {
    EXPECT_FALSE(ParseDate(bad).has_value()) << bad;
  }
  for (const char* bad :
       {"2024-01-05 24:00:00", "2024-01-05 10:61:00", "2024-01-05 10:11:12 Nowhere", "10:11:12",
        "2024-01-05T", "2024-01-05 10:11:12+99"}) {
    EXPECT_FALSE(ParseLocalTimestamp(bad).has_value()) << bad;
  }
  EXPECT_EQ(FormatDate(*ParseDate("-0044-03-15")), "-0044-03-15");
  EXPECT_EQ(FormatDate(*ParseDate("12024-03-15")), "+12024-03-15");
}

TEST(DateTimePatternTest, RefusesLettersByName) {
  for (const char* pattern : {"YYYY", "e", "u", "n", "A", "'open", "ddd", "yyyy-MM-dd]", "{x}"}) {
    EXPECT_FALSE(DateTimePattern::Compile(pattern, DateTimePattern::Use::kFormat).ok()) << pattern;
  }
  EXPECT_FALSE(DateTimePattern::Compile("EEE", DateTimePattern::Use::kParse).ok());
}

TEST(DateTimePatternTest, ParsesOptionalPartsAndDigitsSideBySide) {
  const auto parse = [](const char* pattern, const char* text) {
    const auto compiled = DateTimePattern::Compile(pattern, DateTimePattern::Use::kParse);
    const auto parsed = compiled->Parse(text, Zone::Utc());
    return parsed ? FormatLocalTimestamp({parsed->micros}) : std::string("-");
  };
  EXPECT_EQ(parse("yyyyMMddHHmmss", "20240305141516"), "2024-03-05 14:15:16");
  EXPECT_EQ(parse("yyyyMMddHHmmssSSS", "20240305141516789"), "2024-03-05 14:15:16.789");
  EXPECT_EQ(parse("yyyy-MM-dd[ HH:mm]", "2024-03-05"), "2024-03-05 00:00:00");
  EXPECT_EQ(parse("yyyy-MM-dd[ HH:mm]", "2024-03-05 01:02"), "2024-03-05 01:02:00");
  EXPECT_EQ(parse("d MMMM yyyy", "5 march 2024"), "2024-03-05 00:00:00");
  EXPECT_EQ(parse("yyyy-MM-dd", "2024-03-05x"), "-");
  EXPECT_EQ(parse("yyyy-MM-dd", ""), "-");
  EXPECT_EQ(parse("h a", "13 PM"), "-");
}

TEST(NumberTextTest, WritesDoublesAsJava) {
  EXPECT_EQ(JavaDouble(1e7), "1.0E7");
  EXPECT_EQ(JavaDouble(9999999), "9999999.0");
  EXPECT_EQ(JavaDouble(0.001), "0.001");
  EXPECT_EQ(JavaDouble(0.00099), "9.9E-4");
  EXPECT_EQ(JavaDouble(1.7976931348623157e308), "1.7976931348623157E308");
  EXPECT_EQ(JavaDouble(-0.0), "-0.0");
  EXPECT_EQ(JavaFloat(3.4028235e38f), "3.4028235E38");
}

TEST(NumberTextTest, ReadsDecimalsExactlyAndSaysWhyNot) {
  Int128 value = 0;
  EXPECT_EQ(ParseDecimal("99999999999999999999999999999999999999", 38, 0, &value),
            DecimalParse::kOk);
  EXPECT_EQ(FormatDecimal(value, 0), "99999999999999999999999999999999999999");
  EXPECT_EQ(ParseDecimal("100000000000000000000000000000000000000", 38, 0, &value),
            DecimalParse::kOverflow);
  EXPECT_EQ(ParseDecimal("0.5", 1, 0, &value), DecimalParse::kOk);
  EXPECT_EQ(FormatDecimal(value, 0), "1");
  EXPECT_EQ(ParseDecimal("9.5", 1, 0, &value), DecimalParse::kOverflow);
  EXPECT_EQ(ParseDecimal("1e-400", 10, 2, &value), DecimalParse::kOk);
  EXPECT_EQ(FormatDecimal(value, 2), "0.00");
  for (const char* bad : {"", ".", "1.2.3", "1e", "--1", "1,5", "0x1"}) {
    EXPECT_EQ(ParseDecimal(bad, 10, 2, &value), DecimalParse::kInvalid) << bad;
  }
}

TEST(NumberTextTest, DividesWithHalfUpOnBothSidesOfZero) {
  Int128 value = 0;
  ASSERT_TRUE(DivideDecimal(1, 3, 6, 38, &value));
  EXPECT_EQ(FormatDecimal(value, 6), "0.333333");
  ASSERT_TRUE(DivideDecimal(-5, 2, 0, 38, &value));
  EXPECT_EQ(FormatDecimal(value, 0), "-3");
  ASSERT_TRUE(DivideDecimal(PowerOfTen(37), 7, 20, 38, &value) == false);
  ASSERT_TRUE(MultiplyDecimal(PowerOfTen(37), PowerOfTen(37), 37, 38, &value));
  EXPECT_EQ(value, PowerOfTen(37));
}

TEST(SparkHashTest, KnownVectors) {
  // xxHash64 of the empty text with seed 0 is the reference vector of its specification.
  EXPECT_EQ(static_cast<uint64_t>(XxHash64::Text("", 0)), 0xef46db3751d8e999u);
  EXPECT_EQ(XxHash64::Text("abc", 42), 1423657621850124518);
  EXPECT_EQ(Murmur3::Text("abc", 42), 1322437556);
  EXPECT_EQ(Murmur3::Int(0, 42), 933211791);
}

TEST(RegexTest, RefusesWhatRe2LacksByName) {
  const std::pair<const char*, const char*> refused[] = {{"foo(?=bar)", "look-ahead"},
                                                         {"(?<!a)b", "look-behind"},
                                                         {"(a)\\1", "back-reference"},
                                                         {"a++", "possessive"},
                                                         {"(?>a)", "atomic"},
                                                         {"[a-z&&[^b]]", "another|intersection"},
                                                         {"a(", ""},
                                                         {"[a", "not closed"},
                                                         {"a\\", "ends with"}};
  for (const auto& [pattern, what] : refused) {
    const auto regex = Regex::Compile(pattern);
    ASSERT_FALSE(regex.ok()) << pattern;
    EXPECT_THAT(std::string(regex.status().message()), ::testing::ContainsRegex(what));
  }
}

TEST(RegexTest, ReadsJavasSyntax) {
  EXPECT_TRUE(Regex::Compile("\\p{Alpha}+\\p{Punct}")->Find("ab!"));
  EXPECT_TRUE(Regex::Compile("(?<year>\\d{4})")->Find("in 2024"));
  EXPECT_TRUE(Regex::Compile("\\u00e9")->Find("é"));
  EXPECT_FALSE(Regex::Compile("\\Qa.b\\E")->Find("axb"));
  EXPECT_EQ(*Regex::Compile("(?<w>\\w+)@")->Replace("me@x", "${w} at ", 0), "me at x");
  EXPECT_FALSE(Regex::Compile("a")->Replace("a", "$1", 0).ok());
}

TEST(TextTest, CountsCharactersNotBytes) {
  EXPECT_EQ(CharCount("añ€😀"), 4);
  EXPECT_EQ(Reverse("añ€😀"), "😀€ña");
  EXPECT_EQ(PadLeft("ñ", 3, "€"), "€€ñ");
  EXPECT_EQ(Upper("ß"), "SS");
  EXPECT_EQ(Lower("ΟΔΟΣ"), "οδος");
  EXPECT_EQ(Translate("ñandú", "ñú", "nu"), "nandu");
  EXPECT_EQ(Locate("ú", "ñandú", 1), 5);
}

TEST(JsonTest, RefusesWhatIsNotJson) {
  for (const char* bad : {"", "{", "{\"a\":}", "{'a' 1}", "[1,]", "nul", "01", "1.", "\"\\x\"",
                          "\"\\ud800\"", "{a:1}", "\"tab\there\""}) {
    EXPECT_FALSE(ParseJson(bad).has_value()) << bad;
  }
  EXPECT_FALSE(ParseJson(std::string(100'000, '[')).has_value());
}

TEST(JsonTest, UnescapesAndKeepsWhatWasWritten) {
  const std::string text = R"({"a" : "\u00e9\ud83d\ude00\n", "b": [1.50, {"c":null}]})";
  const auto json = ParseJson(text);
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(json->Find("a")->text, "é😀\n");
  EXPECT_EQ(json->Find("b")->raw, R"([1.50, {"c":null}])");
  EXPECT_EQ(JsonDecimal("0.00000010"), "1.0E-7");
  EXPECT_EQ(JsonDecimal("0.000001"), "0.000001");
}

TEST(JavaFormatTest, SaysWhatIsWrong) {
  EXPECT_FALSE(JavaFormat("%d", {std::string("x")}).ok());
  EXPECT_FALSE(JavaFormat("%d", {}).ok());
  EXPECT_FALSE(JavaFormat("%", {}).ok());
  EXPECT_FALSE(JavaFormat("%q", {int64_t{1}}).ok());
  EXPECT_EQ(*JavaFormat("%2$s %1$s", {std::string("a"), std::string("b")}), "b a");
}

}  // namespace
}  // namespace smelt::duck
