#include "engine/duckdb/upsert_sql.h"

#include <fmt/format.h>

#include "engine/duckdb/db/database.h"

namespace smelt::duck {
namespace {

constexpr char kHashColumn[] = "__smelt_hash";
constexpr char kKnownColumn[] = "__smelt_known";
constexpr char kWasDeletedColumn[] = "__smelt_was_deleted";

std::string List(const std::vector<std::string>& names, const std::string& table = "") {
  std::string sql;
  for (const std::string& name : names) {
    sql += (sql.empty() ? "" : ", ") + (table.empty() ? "" : table + ".") + QuoteName(name);
  }
  return sql;
}

std::string ColumnList(const base::Schema& columns) {
  std::string sql;
  for (const base::Field& field : columns) sql += (sql.empty() ? "" : ", ") + QuoteName(field.name);
  return sql;
}

std::string SameKeys(const std::vector<std::string>& keys, const std::string& a,
                     const std::string& b) {
  std::string sql;
  for (const std::string& key : keys) {
    const std::string name = QuoteName(key);
    sql += fmt::format("{}{}.{} = {}.{}", sql.empty() ? "" : " AND ", a, name, b, name);
  }
  return sql;
}

// A map has no order of its own: its entries are sorted before they are hashed.
std::string RowHash(const base::Schema& columns) {
  std::string sql;
  for (const base::Field& field : columns) {
    const std::string name = QuoteName(field.name);
    sql += (sql.empty() ? "" : ", ") +
           (field.type.is(base::TypeKind::kMap) ? "list_sort(map_entries(" + name + "))" : name);
  }
  return "spark_xxhash64(" + sql + ")";
}

std::string LatestState(const UpsertNames& names, const std::string& from) {
  return fmt::format(
      "SELECT * FROM {0} QUALIFY row_number() OVER (PARTITION BY {1} ORDER BY {2} DESC, {3} DESC, "
      "{4} DESC) = 1",
      from, List(names.keys), kStateSequence, kStateDeleted, kStateRowHash);
}

}  // namespace

std::vector<std::string> SelectWinners(const UpsertNames& names, const std::string& state_from) {
  std::vector<std::string> statements;
  // Deletions carry no row, so all deletions of one sequence are the same event.
  statements.push_back(fmt::format(
      "CREATE TEMP TABLE {winners} AS SELECT {columns}, {sequence}, {deleted}, "
      "CASE WHEN {deleted} THEN 0 ELSE {hash_of} END AS {hash} FROM {batch} WHERE {passes} "
      "QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {sequence} DESC, {deleted} DESC, "
      "{hash} DESC) = 1",
      fmt::arg("winners", names.winners), fmt::arg("columns", ColumnList(names.columns)),
      fmt::arg("sequence", kSequenceColumn), fmt::arg("deleted", kDeleteColumn),
      fmt::arg("hash_of", RowHash(names.columns)), fmt::arg("hash", kHashColumn),
      fmt::arg("batch", names.batch), fmt::arg("passes", names.passes),
      fmt::arg("keys", List(names.keys))));
  if (state_from.empty()) {
    statements.push_back(
        fmt::format("CREATE TEMP VIEW {} AS SELECT *, FALSE AS {}, FALSE AS {} FROM {}",
                    names.applied, kKnownColumn, kWasDeletedColumn, names.winners));
    return statements;
  }
  statements.push_back(fmt::format(
      "CREATE TEMP TABLE {} AS {}", names.known,
      LatestState(names, fmt::format("(SELECT s.* FROM {} s SEMI JOIN {} w ON {})", state_from,
                                     names.winners, SameKeys(names.keys, "s", "w")))));
  statements.push_back(fmt::format(
      "CREATE TEMP TABLE {applied} AS SELECT w.*, k.{state_deleted} IS NOT NULL AS {known_column}, "
      "coalesce(k.{state_deleted}, FALSE) AS {was_deleted} FROM {winners} w LEFT JOIN {known} k ON "
      "{same} WHERE k.{state_deleted} IS NULL OR w.{sequence} > k.{state_sequence} OR "
      "(w.{sequence} "
      "= k.{state_sequence} AND (w.{deleted} > k.{state_deleted} OR (w.{deleted} = "
      "k.{state_deleted} AND w.{hash} > k.{state_hash})))",
      fmt::arg("applied", names.applied), fmt::arg("state_deleted", kStateDeleted),
      fmt::arg("known_column", kKnownColumn), fmt::arg("was_deleted", kWasDeletedColumn),
      fmt::arg("winners", names.winners), fmt::arg("known", names.known),
      fmt::arg("same", SameKeys(names.keys, "w", "k")), fmt::arg("sequence", kSequenceColumn),
      fmt::arg("state_sequence", kStateSequence), fmt::arg("deleted", kDeleteColumn),
      fmt::arg("hash", kHashColumn), fmt::arg("state_hash", kStateRowHash)));
  return statements;
}

std::string AppliedCounts(const UpsertNames& names) {
  return fmt::format(
      "SELECT count(*), count(*) FILTER (WHERE NOT {del} AND (NOT {known} OR {was_deleted})), "
      "count(*) FILTER (WHERE NOT {del} AND {known} AND NOT {was_deleted}), count(*) FILTER (WHERE "
      "{del}), count(*) FILTER (WHERE {known} AND NOT {was_deleted}) FROM {applied}",
      fmt::arg("del", kDeleteColumn), fmt::arg("known", kKnownColumn),
      fmt::arg("was_deleted", kWasDeletedColumn), fmt::arg("applied", names.applied));
}

std::string UnorderableCount(const UpsertNames& names) {
  std::string missing = fmt::format("{} IS NULL", kSequenceColumn);
  for (const std::string& key : names.keys) missing += " OR " + QuoteName(key) + " IS NULL";
  return fmt::format("SELECT count(*) FROM {} WHERE {} AND ({})", names.batch, names.passes,
                     missing);
}

std::string NewRows(const UpsertNames& names) {
  return fmt::format("SELECT {} FROM {} WHERE NOT {}", ColumnList(names.columns), names.applied,
                     kDeleteColumn);
}

std::string ReplacedKeys(const UpsertNames& names) {
  return fmt::format("SELECT {} FROM {} WHERE {} AND NOT {}", List(names.keys), names.applied,
                     kKnownColumn, kWasDeletedColumn);
}

std::string KeptRows(const UpsertNames& names, const std::string& from) {
  return fmt::format("SELECT {} FROM {} t ANTI JOIN ({}) r ON {}", ColumnList(names.columns), from,
                     ReplacedKeys(names), SameKeys(names.keys, "t", "r"));
}

std::string StateRows(const UpsertNames& names) {
  return fmt::format("SELECT {}, {} AS {}, {} AS {}, {} AS {} FROM {}", List(names.keys),
                     kSequenceColumn, kStateSequence, kDeleteColumn, kStateDeleted, kHashColumn,
                     kStateRowHash, names.applied);
}

std::string CompactedState(const UpsertNames& names, const std::string& state_from) {
  const std::string all =
      fmt::format("(SELECT {0}, {1}, {2}, {3} FROM {4} UNION ALL {5})", List(names.keys),
                  kStateSequence, kStateDeleted, kStateRowHash, state_from, StateRows(names));
  return LatestState(names, all);
}

}  // namespace smelt::duck
