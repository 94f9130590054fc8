#pragma once

// Spark's datetime patterns (a part of java.time.format.DateTimeFormatter):
// "yyyy-MM-dd'T'HH:mm:ss.SSS". https://spark.apache.org/docs/latest/sql-ref-datetime-pattern.html.
// Compiled once, then immutable and thread-safe.

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/duckdb/functions/civil_time.h"

namespace smelt::duck {

class DateTimePattern {
 public:
  enum class Use { kFormat, kParse };
  // Letters that Spark refuses for this use are an error that names them.
  static absl::StatusOr<DateTimePattern> Compile(std::string_view pattern, Use use);

  std::string Format(Timestamp instant, const Zone& zone) const;
  std::string FormatLocal(LocalTimestamp local) const;

  // The whole text has to match. Fields that the pattern lacks are those of 1970-01-01 00:00; a
  // text without a zone is in `zone`. nullopt: it does not match, or there is no such date.
  std::optional<Timestamp> Parse(std::string_view text, const Zone& zone) const;
  // The same, and a zone in the text is left aside.
  std::optional<LocalTimestamp> ParseLocal(std::string_view text) const;

 private:
  struct Element {
    char letter = 0;  // 0: `literal`
    int count = 0;
    std::string literal;
    std::vector<Element> optional;  // of "[..]", where letter is '['
  };
  struct Fields;

  static absl::Status CompileInto(std::string_view pattern, size_t* at, bool is_nested, Use use,
                                  std::vector<Element>* elements);
  static void FormatElement(const Element& element, LocalTimestamp local, Timestamp instant,
                            const Zone* zone, std::string* out);
  static bool ParseElements(const std::vector<Element>& elements, std::string_view text, size_t* at,
                            Fields* fields);
  static bool ParseField(const Element& element, int reserved, std::string_view text, size_t* at,
                         Fields* fields);
  std::optional<LocalTimestamp> Resolve(std::string_view text, const Zone** zone) const;

  std::vector<Element> elements_;
};

}  // namespace smelt::duck
