#pragma once

// How a Spark function becomes DuckDB's: every spark_ function is registered with any arguments;
// when a query is bound, its rule gets the bound arguments, with their types, and returns the
// expression that stands for the call. Where DuckDB's own operator means the same, that is the
// native one, so that filters are pushed down and nothing is slower than plain DuckDB; elsewhere it
// is a typed kernel (kernel.h). A rule that cannot be exact throws with a reason.
//
// Rules run in DuckDB's binder: they report with its exceptions, and are thread-safe as they keep
// no state.

#include <initializer_list>
#include <string>

#include "engine/duckdb/functions/civil_time.h"
#include "engine/duckdb/functions/duckdb_headers.h"
#include "engine/duckdb/functions/number_text.h"

namespace smelt::duck {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using ExprPtr = duckdb::unique_ptr<duckdb::Expression>;
using Exprs = duckdb::vector<ExprPtr>;

class Rewriter {
 public:
  Rewriter(duckdb::ClientContext& client_context, std::string function_name);

  duckdb::ClientContext& context;
  const std::string name;  // without "spark_"
  const Zone& zone;        // the session's

  // A call of DuckDB's own function; `arguments` have the types it takes.
  ExprPtr Native(const char* function, Exprs arguments) const;
  // Spark's CAST or TRY_CAST.
  ExprPtr Cast(ExprPtr value, const LogicalType& type, bool is_try = false) const;
  // Spark's implicit cast of an argument: as Cast, but nothing becomes a narrower number by itself.
  ExprPtr Coerce(ExprPtr value, const LogicalType& type) const;
  // The same bits under another type.
  ExprPtr Reinterpret(ExprPtr value, const LogicalType& type) const;
  ExprPtr Constant(Value value) const;
  ExprPtr Null(const LogicalType& type) const { return Constant(Value(type)); }
  ExprPtr Compare(duckdb::ExpressionType type, ExprPtr left, ExprPtr right) const;
  ExprPtr IsNull(ExprPtr value) const;
  ExprPtr Case(ExprPtr condition, ExprPtr then, ExprPtr otherwise) const;
  // NULL where the condition is true, else the value.
  ExprPtr NullWhere(ExprPtr condition, ExprPtr value) const;
  // A copy of an argument that a rewrite needs twice.
  ExprPtr Copy(const duckdb::Expression& value) const;
  // The value of an argument that has to be a constant; `what` names it in the error.
  Value ConstantValue(const duckdb::Expression& value, const char* what) const;
  // The update's time, or the transaction's.
  Timestamp Now() const;

  [[noreturn]] void Refuse(const std::string& reason) const;
  [[noreturn]] void MismatchedTypes(const Exprs& arguments) const;
};

using Rule = ExprPtr (*)(Rewriter&, Exprs&);

struct RuleEntry {
  const char* name;  // Spark's; registered as "spark_<name>"
  int min_args;
  int max_args;  // -1: any number
  Rule rule;
};

void RegisterRules(duckdb::ExtensionLoader& loader, std::initializer_list<RuleEntry> entries);

// Moves the arguments into a list.
template <typename... Arguments>
Exprs List(Arguments... arguments) {
  Exprs list;
  (list.push_back(std::move(arguments)), ...);
  return list;
}

// Spark's types.
bool IsIntegral(const LogicalType& type);
bool IsNumeric(const LogicalType& type);
bool IsFloating(const LogicalType& type);
bool IsNested(const LogicalType& type);
inline bool IsNullType(const LogicalType& type) { return type.id() == LogicalTypeId::SQLNULL; }
inline bool IsString(const LogicalType& type) { return type.id() == LogicalTypeId::VARCHAR; }
inline bool IsDecimal(const LogicalType& type) { return type.id() == LogicalTypeId::DECIMAL; }
inline bool IsAnyTimestamp(const LogicalType& type) {
  return type.id() == LogicalTypeId::TIMESTAMP || type.id() == LogicalTypeId::TIMESTAMP_TZ;
}

struct DecimalShape {
  int precision;
  int scale;
};
// Of a decimal, or of an integer as a decimal.
DecimalShape DecimalOf(const LogicalType& type);
// The digits of an integer literal are its precision.
DecimalShape DecimalOf(const duckdb::Expression& value);
LogicalType MakeDecimal(DecimalShape shape);
// Keeps whole digits and gives up fraction digits (at most down to 6) where more than 38 are
// needed.
DecimalShape AdjustDecimal(int precision, int scale);

// The type that all of them are coerced to (comparisons, CASE, coalesce, arrays); throws where
// there is none.
LogicalType CommonType(const Rewriter& rewriter, const duckdb::vector<LogicalType>& types);
// Coerces arguments [first, end) to their common type, which is returned.
LogicalType Unify(const Rewriter& rewriter, Exprs& arguments, size_t first = 0);

// A type in Spark's syntax: "decimal(10,2)", "array<struct<a:int>>".
LogicalType ParseSparkType(const std::string& text);
// A type, or a column list, which is a struct: what from_json takes.
LogicalType ParseSparkSchema(const std::string& text);
// Spark's name of a type: "bigint".
std::string SparkTypeName(const LogicalType& type);

// A value as Spark's CAST to STRING writes it.
void AppendSparkText(const Value& value, const Zone& zone, std::string& text);

// The casts where Spark differs from DuckDB (casts.cc).
duckdb::CastFunctionSet& SparkCasts();
const Zone& SessionZone(duckdb::ClientContext& context);

inline Int128 ToInt128(duckdb::hugeint_t value) {
  return static_cast<Int128>(
      (static_cast<unsigned __int128>(static_cast<uint64_t>(value.upper)) << 64) | value.lower);
}
inline duckdb::hugeint_t ToHugeint(Int128 value) {
  duckdb::hugeint_t result;
  result.lower = static_cast<uint64_t>(value);
  result.upper = static_cast<int64_t>(value >> 64);
  return result;
}

// One part of the registration for each area.
void RegisterCastRules(duckdb::ExtensionLoader& loader);
void RegisterOperatorRules(duckdb::ExtensionLoader& loader);
void RegisterScalarRules(duckdb::ExtensionLoader& loader);
void RegisterCollectionRules(duckdb::ExtensionLoader& loader);
void RegisterAggregates(duckdb::ExtensionLoader& loader);

}  // namespace smelt::duck
