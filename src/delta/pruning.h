#pragma once

// Data skipping: which files of a snapshot may hold rows that satisfy a filter, by partition values
// and statistics.

#include <string>
#include <vector>

#include "base/data_type.h"
#include "delta/actions.h"

namespace smelt::delta {

enum class Comparison {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kIn,
  kIsNull,
  kIsNotNull,
};

// column <op> literal. Literals are texts in the form of partition_values.h for the column's type:
// 12, 0.5, true, 2024-01-31, 2024-01-31 10:00:00.5 (UTC). A literal that does not read as the type
// never prunes.
struct Predicate {
  std::vector<std::string> column;  // path: {"a"}, or {"a", "b"} for a.b
  Comparison comparison = Comparison::kEqual;
  std::vector<std::string> literals;  // one; any number for kIn; none for kIsNull and kIsNotNull
};

// Compiled once per scan. Thread-safe.
class FilePruner {
 public:
  // All of `predicates` must hold (AND). Columns are resolved without regard to case.
  FilePruner(const base::Schema& schema, const std::vector<std::string>& partition_columns,
             const std::vector<Predicate>& predicates);
  ~FilePruner();
  FilePruner(FilePruner&&) noexcept;
  FilePruner& operator=(FilePruner&&) noexcept;

  // False only where no row of the file can satisfy the predicates.
  bool MayMatch(const AddFile& file) const;

 private:
  struct Condition;
  std::vector<Condition> conditions_;
};

}  // namespace smelt::delta
