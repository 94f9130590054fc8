#include "base/clock.h"

#include <gtest/gtest.h>

namespace smelt::base {
namespace {

TEST(Clock, FormatsAndParsesIso) {
  EXPECT_EQ(FormatIsoMillis(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatIsoMillis(1'700'000'000'123'456), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(*ParseIsoMicros("2023-11-14T22:13:20.123456Z"), 1'700'000'000'123'456);
  EXPECT_EQ(*ParseIsoMicros("2023-11-15T00:13:20+02:00"), 1'700'000'000'000'000);
  EXPECT_EQ(*ParseIsoMicros("1969-12-31T23:59:59.5Z"), -500'000);
}

TEST(Clock, RefusesWhatIsNoTime) {
  for (const char* text : {"", "2023", "2023-02-30T00:00:00Z", "2023-01-01T25:00:00Z",
                           "2023-01-01T00:00:00Zx", "2023-01-01T00:00:00+2"}) {
    EXPECT_FALSE(ParseIsoMicros(text).ok()) << text;
  }
}

TEST(Clock, FakeMovesOnlyWhenTold) {
  FakeClock clock(10);
  EXPECT_EQ(clock.NowMicros(), 10);
  clock.SleepMicros(5);
  EXPECT_EQ(clock.MonotonicMicros(), 15);
}

}  // namespace
}  // namespace smelt::base
