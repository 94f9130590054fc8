#pragma once

// Dates and times as Spark casts them from and to text. Pure; thread-safe.

#include <optional>
#include <string>
#include <string_view>

#include "engine/duckdb/functions/civil_time.h"

namespace smelt::duck {

// "2024", "2024-1", "2024-1-5", "2024-01-05 anything", "2024-01-05T..", with spaces around.
std::optional<Date> ParseDate(std::string_view text);
// A date, or a date and a time with ' ' or 'T' between, a fraction, a zone ('Z', '+02:00', '
// Europe/Paris'). `zone` is for texts that name none; `today` for those that have a time only
// (nullopt: they are not valid).
std::optional<Timestamp> ParseTimestamp(std::string_view text, const Zone& zone,
                                        std::optional<Date> today);
// TIMESTAMP_NTZ: a zone in the text is ignored, as Spark's cast does.
std::optional<LocalTimestamp> ParseLocalTimestamp(std::string_view text);

// "2024-01-05"; years beyond 9999 have a sign.
std::string FormatDate(Date date);
// "2024-01-05 10:11:12.5": the fraction without trailing zeros.
std::string FormatLocalTimestamp(LocalTimestamp timestamp);

// Without white space and control characters at both ends, as Spark's casts of text do.
std::string_view TrimControl(std::string_view text);

}  // namespace smelt::duck
