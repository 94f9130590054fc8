#pragma once

// Values of columns as the log holds them, made comparable: what partition values, statistics and
// pruning share. Pure.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/data_type.h"

namespace smelt::delta {

// An unscaled decimal: value * 10^-scale.
struct DecimalValue {
  __int128 unscaled = 0;
  int scale = 0;
};

// Integers, dates (days since the epoch) and timestamps (microseconds since the epoch, of UTC or of
// the wall clock) are int64_t; float and double are double; string and binary are their bytes.
using Value = std::variant<bool, int64_t, double, DecimalValue, std::string>;

// Reads a value's text by its column's type; nullopt where it is none, or where the type is nested.
// Timestamps: "2024-01-31", "2024-01-31 10:00:00.123456", with 'T', with "Z" or an offset ("+02",
// "+02:00"); without one they are UTC.
std::optional<Value> ParseValue(const base::DataType& type, std::string_view text);

// The order of two values of one type. Unordered where a NaN is among them. Strings compare by
// byte, as Parquet and Spark do.
std::partial_ordering Compare(const Value& a, const Value& b);

std::string FormatDate(int64_t days);
// "2024-01-31 10:00:00.123456", with as many digits as are needed: none for whole seconds, else
// six.
std::string FormatTimestamp(int64_t micros);

}  // namespace smelt::delta
