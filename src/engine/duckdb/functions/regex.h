#pragma once

// Regular expressions in Java's syntax, as Spark's RLIKE, regexp_* and split take them, run by RE2
// in linear time. What RE2 has no equal for (look-around, back-references, possessive quantifiers)
// is refused by name. Immutable; thread-safe.

#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace duckdb_re2 {
class RE2;
}

namespace smelt::duck {

class Regex {
 public:
  static absl::StatusOr<Regex> Compile(std::string_view pattern);

  int groups() const;
  // Anywhere in the text.
  bool Find(std::string_view text) const;
  // The group of the first match; groups[0] is the whole of it. A group that took no part is "".
  bool FindGroups(std::string_view text, size_t from, std::vector<std::string_view>* groups) const;
  // The group of every match, one after another.
  std::vector<std::string> FindAll(std::string_view text, int group) const;
  // Every match from `from` on; "$1" and "${name}" in the replacement are groups, '\' takes the
  // next character as it is.
  absl::StatusOr<std::string> Replace(std::string_view text, std::string_view replacement,
                                      size_t from) const;
  // As String.split: at most `limit` parts where it is positive; else all, with empty ones at the
  // end.
  std::vector<std::string> Split(std::string_view text, int limit) const;

 private:
  explicit Regex(std::shared_ptr<const duckdb_re2::RE2> re2) : re2_(std::move(re2)) {}

  std::shared_ptr<const duckdb_re2::RE2> re2_;
};

// Keeps the last pattern compiled, for a column of texts with one pattern. Not thread-safe.
class RegexCache {
 public:
  absl::StatusOr<const Regex*> Get(std::string_view pattern);

 private:
  std::string pattern_;
  std::unique_ptr<Regex> regex_;
};

}  // namespace smelt::duck
