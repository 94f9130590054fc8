#pragma once

// The function catalogue: every Spark SQL function that data pipelines use, as data: how Smelt's
// embedded engine gives it, or why it is refused. The dialect asks it for each call; the
// documentation is printed from it. A function that is not exact is refused here, never answered
// wrongly. No DuckDB in this header. Immutable and thread-safe.

#include <string>
#include <string_view>
#include <vector>

namespace smelt::duck {

enum class FunctionKind {
  kDuckDb,  // DuckDB's own function of the name in `target`, with the same meaning and result type
  kRegistered,  // the C++ function named in `target`, registered in DuckDB by
                // RegisterSparkFunctions
  kTemplate,    // SQL text in `target`: $1, $2.. are the arguments, $* all of them with commas
  kSpecial,     // the dialect translates it itself (lambdas, generators, windows, clauses)
  kRefused,     // `reason` says why
};

struct FunctionEntry {
  std::string name;  // lower case
  int min_args = 0;
  int max_args = 0;  // -1: any number
  FunctionKind kind = FunctionKind::kRegistered;
  std::string target;
  std::string reason;  // of a refusal
  bool is_aggregate = false;
  bool is_window = false;     // needs OVER (rank, lag..); an aggregate may have OVER too
  bool is_generator = false;  // gives rows (explode..)
  bool is_deterministic = true;
  bool is_bound_to_update = false;  // one value per update (current_timestamp..)
};

// The entry of a name, without regard to case; nullptr where Spark has no such function, or Smelt
// does not know it.
const FunctionEntry* FindFunction(std::string_view name);

// Up to three names that the user may have meant, nearest first.
std::vector<std::string> NearestFunctions(std::string_view name);

// Every entry, ordered by name.
const std::vector<FunctionEntry>& AllFunctions();

}  // namespace smelt::duck
