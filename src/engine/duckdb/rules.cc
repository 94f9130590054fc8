#include "engine/duckdb/rules.h"

#include "base/check.h"
#include "engine/duckdb/db/database.h"

namespace smelt::duck {
namespace {

std::string RuleColumn(size_t index) { return fmt::format("{}rule_{}", kInternalPrefix, index); }

}  // namespace

const char* ActionName(engine::ViolationAction action) {
  switch (action) {
    case engine::ViolationAction::kWarn:
      return "WARN";
    case engine::ViolationAction::kDrop:
      return "DROP";
    case engine::ViolationAction::kFail:
      return "FAIL";
    case engine::ViolationAction::kQuarantine:
      return "QUARANTINE";
  }
  return "";
}

std::string RuleColumns(const std::vector<Rule>& rules) {
  std::string sql;
  for (size_t i = 0; i < rules.size(); ++i) {
    sql += fmt::format(", (({}) IS TRUE) AS {}", rules[i].predicate, RuleColumn(i));
  }
  return sql;
}

std::string FirstRejection(const std::vector<Rule>& rules) {
  std::string sql;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].rejects()) sql += fmt::format(" WHEN NOT {} THEN {}", RuleColumn(i), i);
  }
  return sql.empty() ? "-1" : "CASE" + sql + " ELSE -1 END";
}

std::string Passes(const std::vector<Rule>& rules) {
  std::string sql;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (!rules[i].rejects()) continue;
    sql += (sql.empty() ? "" : " AND ") + RuleColumn(i);
  }
  return sql.empty() ? "TRUE" : "(" + sql + ")";
}

std::string RejectedBy(const std::vector<Rule>& rules, engine::ViolationAction action) {
  std::string numbers;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].action == action) numbers += fmt::format("{}{}", numbers.empty() ? "" : ", ", i);
  }
  if (numbers.empty()) return "FALSE";
  return fmt::format("({}) IN ({})", FirstRejection(rules), numbers);
}

std::string ErrorsList(const std::vector<Rule>& rules) {
  std::string items;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (!rules[i].rejects()) continue;
    items += fmt::format("{}CASE WHEN NOT {} THEN {{'name': {}, 'expression': {}}} END",
                         items.empty() ? "" : ", ", RuleColumn(i), QuoteLiteral(rules[i].name),
                         QuoteLiteral(rules[i].expression));
  }
  return fmt::format("list_filter([{}], lambda violation: violation IS NOT NULL)", items);
}

std::string CountQuery(const std::string& batch, const std::vector<Rule>& rules) {
  std::string all = "TRUE";
  std::string columns;
  const std::string first = FirstRejection(rules);
  for (size_t i = 0; i < rules.size(); ++i) {
    all += " AND " + RuleColumn(i);
    columns += fmt::format(", count(*) FILTER (WHERE NOT {}), count(*) FILTER (WHERE ({}) = {})",
                           RuleColumn(i), first, i);
  }
  return fmt::format("SELECT count(*), count(*) FILTER (WHERE {}){} FROM {}", all, columns, batch);
}

void ReadCounts(const std::vector<int64_t>& row, const std::vector<Rule>& rules,
                engine::Ledger* ledger) {
  SMELT_CHECK(row.size() == 2 + 2 * rules.size());
  ledger->input = row[0];
  ledger->passed_all = row[1];
  for (size_t i = 0; i < rules.size(); ++i) {
    engine::ExpectationCounts counts;
    counts.name = rules[i].name;
    counts.action = ActionName(rules[i].action);
    counts.failed = row[2 + 2 * i];
    counts.passed = ledger->input - counts.failed;
    counts.first_rejected = row[3 + 2 * i];
    if (rules[i].action == engine::ViolationAction::kDrop) {
      ledger->dropped += counts.first_rejected;
    } else if (rules[i].action == engine::ViolationAction::kQuarantine) {
      ledger->quarantined += counts.first_rejected;
    }
    ledger->expectations.push_back(std::move(counts));
  }
}

}  // namespace smelt::duck
