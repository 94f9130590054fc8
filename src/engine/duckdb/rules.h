#pragma once

// Expectations as SQL over a batch. The batch lies in a temporary table with the query's columns,
// one boolean column a rule (TRUE where it holds; NULL counts as a violation), and the number of
// the rule that was the first to reject the row. Pure text; thread-safe.

#include <cstdint>
#include <string>
#include <vector>

#include "engine/outcome.h"
#include "engine/step.h"

namespace smelt::duck {

// Columns of the batch that are not the query's. No query may give columns of these names.
inline constexpr char kInternalPrefix[] = "__smelt_";

struct Rule {
  std::string name;
  std::string expression;  // as written, for people
  std::string predicate;   // DuckDB's SQL
  engine::ViolationAction action = engine::ViolationAction::kWarn;

  bool rejects() const { return action != engine::ViolationAction::kWarn; }
};

const char* ActionName(engine::ViolationAction action);

// ", <predicate> IS TRUE AS __smelt_rule_0, .." to follow a select list over the query's columns.
std::string RuleColumns(const std::vector<Rule>& rules);
// "CASE WHEN NOT __smelt_rule_0 THEN 0 .. ELSE -1 END": the first rejecting rule, -1 for a row that
// passes.
std::string FirstRejection(const std::vector<Rule>& rules);
// Rows of the batch that no rule rejects; "TRUE" without rejecting rules.
std::string Passes(const std::vector<Rule>& rules);
// Rows whose first rejecting rule has this action.
std::string RejectedBy(const std::vector<Rule>& rules, engine::ViolationAction action);
// A list of struct(name, expression) of the rules that the row violates and that reject.
std::string ErrorsList(const std::vector<Rule>& rules);

// One row over `batch`: count(*), rows that pass all rules (warnings included), then per rule
// failed and first_rejected.
std::string CountQuery(const std::string& batch, const std::vector<Rule>& rules);
// Fills input, passed_all, dropped, quarantined and expectations from that row.
void ReadCounts(const std::vector<int64_t>& row, const std::vector<Rule>& rules,
                engine::Ledger* ledger);

}  // namespace smelt::duck
