// Many lines because every unit that sees DuckDB's headers costs ten seconds and more to compile:
// functions of a kind share one.

#include "engine/duckdb/functions/rewrite.h"

#include <algorithm>

#include "base/status.h"
#include "duckdb/transaction/meta_transaction.hpp"
#include "engine/duckdb/db/error.h"
#include "engine/duckdb/db/type_mapping.h"
#include "engine/duckdb/functions/kernel.h"
#include "engine/duckdb/functions/register.h"
#include "sql/type_parser.h"

namespace smelt::duck {
namespace {

using duckdb::BinderException;
using duckdb::BoundCastExpression;
using duckdb::ExpressionType;

struct RuleInfo : duckdb::ScalarFunctionInfo {
  explicit RuleInfo(const RuleEntry& rule_entry) : entry(rule_entry) {}
  RuleEntry entry;
};

struct RuleData : duckdb::FunctionData {
  explicit RuleData(const RuleEntry& rule_entry) : entry(rule_entry) {}
  duckdb::unique_ptr<FunctionData> Copy() const override {
    return duckdb::make_uniq<RuleData>(entry);
  }
  bool Equals(const FunctionData& other) const override {
    return entry.rule == other.Cast<RuleData>().entry.rule;
  }
  RuleEntry entry;
};

// Tells calls apart that differ in more than their arguments.
struct DetailData : duckdb::FunctionData {
  explicit DetailData(std::string text) : detail(std::move(text)) {}
  duckdb::unique_ptr<FunctionData> Copy() const override {
    return duckdb::make_uniq<DetailData>(detail);
  }
  bool Equals(const FunctionData& other) const override {
    return detail == other.Cast<DetailData>().detail;
  }
  std::string detail;
};

duckdb::unique_ptr<duckdb::FunctionData> BindRule(duckdb::ClientContext&,
                                                  duckdb::ScalarFunction& function,
                                                  Exprs& arguments) {
  const RuleEntry& entry = function.GetExtraFunctionInfo().Cast<RuleInfo>().entry;
  const auto count = static_cast<int>(arguments.size());
  if (count < entry.min_args || (entry.max_args >= 0 && count > entry.max_args)) {
    const std::string expected = entry.max_args < 0 ? fmt::format("at least {}", entry.min_args)
                                 : entry.min_args == entry.max_args
                                     ? std::to_string(entry.min_args)
                                     : fmt::format("{} to {}", entry.min_args, entry.max_args);
    throw BinderException("[WRONG_NUM_ARGS] %s takes %s arguments, and has %d here.", entry.name,
                          expected, count);
  }
  for (const auto& argument : arguments) {
    if (argument->return_type.id() == LogicalTypeId::UNKNOWN) {
      throw duckdb::ParameterNotResolvedException();
    }
  }
  function.SetReturnType(LogicalType::SQLNULL);
  return duckdb::make_uniq<RuleData>(entry);
}

// Types that only DuckDB has, as Spark's.
LogicalType NormalizedType(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::UTINYINT:
      return LogicalType::SMALLINT;
    case LogicalTypeId::USMALLINT:
      return LogicalType::INTEGER;
    case LogicalTypeId::UINTEGER:
      return LogicalType::BIGINT;
    case LogicalTypeId::UBIGINT:
      return LogicalType::DECIMAL(20, 0);
    case LogicalTypeId::HUGEINT:
    case LogicalTypeId::UHUGEINT:
      return LogicalType::DECIMAL(38, 0);
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
      return LogicalType::TIMESTAMP;
    case LogicalTypeId::ENUM:
    case LogicalTypeId::UUID:
      return LogicalType::VARCHAR;
    case LogicalTypeId::VARCHAR:
      return LogicalType::VARCHAR;  // without an alias such as JSON
    case LogicalTypeId::ARRAY:
      return LogicalType::LIST(duckdb::ArrayType::GetChildType(type));
    default:
      return type;
  }
}

ExprPtr ApplyRule(duckdb::FunctionBindExpressionInput& input) {
  const RuleEntry& entry = input.bind_data->Cast<RuleData>().entry;
  Rewriter rewriter(input.context, entry.name);
  Exprs arguments;
  for (auto& child : input.children) {
    const LogicalType normalized = NormalizedType(child->return_type);
    if (normalized != child->return_type) {
      child = BoundCastExpression::AddCastToType(input.context, std::move(child), normalized);
    }
    arguments.push_back(std::move(child));
  }
  return entry.rule(rewriter, arguments);
}

void NeverRun(duckdb::DataChunk&, duckdb::ExpressionState&, duckdb::Vector&) {
  throw duckdb::InternalException("a spark_ function was not rewritten");
}

bool IsTime(const LogicalType& type) {
  return type.id() == LogicalTypeId::DATE || IsAnyTimestamp(type);
}

// 1 for TINYINT .. 4 for BIGINT, 5 for FLOAT, 6 for DOUBLE.
int NumericRank(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::TINYINT:
      return 1;
    case LogicalTypeId::SMALLINT:
      return 2;
    case LogicalTypeId::INTEGER:
      return 3;
    case LogicalTypeId::BIGINT:
      return 4;
    case LogicalTypeId::FLOAT:
      return 5;
    case LogicalTypeId::DOUBLE:
      return 6;
    default:
      return 0;
  }
}

DecimalShape Widen(DecimalShape a, DecimalShape b) {
  const int scale = std::max(a.scale, b.scale);
  const int whole = std::max(a.precision - a.scale, b.precision - b.scale);
  return {std::min(38, whole + scale), std::min(38, scale)};
}

// Spark's ANSI rules for two types; false where there is none.
bool Common(const LogicalType& a, const LogicalType& b, LogicalType* result) {
  if (a == b || IsNullType(b)) {
    *result = a;
    return true;
  }
  if (IsNullType(a)) {
    *result = b;
    return true;
  }
  if (IsNumeric(a) && IsNumeric(b)) {
    if (IsDecimal(a) || IsDecimal(b)) {
      *result = IsFloating(a) || IsFloating(b) ? LogicalType::DOUBLE
                                               : MakeDecimal(Widen(DecimalOf(a), DecimalOf(b)));
    } else if (IsFloating(a) != IsFloating(b)) {
      *result = LogicalType::DOUBLE;
    } else {
      *result = NumericRank(a) > NumericRank(b) ? a : b;
    }
    return true;
  }
  if (IsTime(a) && IsTime(b)) {
    *result = a.id() == LogicalTypeId::TIMESTAMP_TZ || b.id() == LogicalTypeId::TIMESTAMP_TZ
                  ? LogicalType::TIMESTAMP_TZ
                  : LogicalType::TIMESTAMP;
    return true;
  }
  if (IsString(a) || IsString(b)) {
    const LogicalType& other = IsString(a) ? b : a;
    if (IsIntegral(other)) {
      *result = LogicalType::BIGINT;
    } else if (IsNumeric(other)) {
      *result = LogicalType::DOUBLE;
    } else if (IsTime(other) || other.id() == LogicalTypeId::BOOLEAN ||
               other.id() == LogicalTypeId::BLOB) {
      *result = other;
    } else {
      return false;
    }
    return true;
  }
  if (a.id() == LogicalTypeId::LIST && b.id() == LogicalTypeId::LIST) {
    LogicalType element;
    if (!Common(duckdb::ListType::GetChildType(a), duckdb::ListType::GetChildType(b), &element)) {
      return false;
    }
    *result = LogicalType::LIST(element);
    return true;
  }
  if (a.id() == LogicalTypeId::MAP && b.id() == LogicalTypeId::MAP) {
    LogicalType key, value;
    if (!Common(duckdb::MapType::KeyType(a), duckdb::MapType::KeyType(b), &key) ||
        !Common(duckdb::MapType::ValueType(a), duckdb::MapType::ValueType(b), &value)) {
      return false;
    }
    *result = LogicalType::MAP(key, value);
    return true;
  }
  if (a.id() == LogicalTypeId::STRUCT && b.id() == LogicalTypeId::STRUCT) {
    const auto& fields_a = duckdb::StructType::GetChildTypes(a);
    const auto& fields_b = duckdb::StructType::GetChildTypes(b);
    if (fields_a.size() != fields_b.size()) return false;
    duckdb::child_list_t<LogicalType> fields;
    for (size_t i = 0; i < fields_a.size(); ++i) {
      LogicalType field;
      if (!Common(fields_a[i].second, fields_b[i].second, &field)) return false;
      fields.emplace_back(fields_a[i].first, field);
    }
    *result = LogicalType::STRUCT(fields);
    return true;
  }
  return false;
}

// A cast as a function.
ExprPtr CastCall(const Rewriter& rewriter, ExprPtr value, const LogicalType& type,
                 duckdb::BoundCastInfo cast, bool is_try) {
  const auto shared = std::make_shared<duckdb::BoundCastInfo>(std::move(cast));
  return ChunkCall(
      rewriter, List(std::move(value)), type,
      [shared, is_try](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        std::string message;
        duckdb::CastParameters parameters(shared->cast_data.get(), false,
                                          is_try ? &message : nullptr, nullptr);
        shared->function(chunk.data[0], result, chunk.size(), parameters);
      },
      duckdb::FunctionStability::CONSISTENT, false, is_try ? "try cast" : "cast");
}

}  // namespace

Rewriter::Rewriter(duckdb::ClientContext& client_context, std::string function_name)
    : context(client_context), name(std::move(function_name)), zone(SessionZone(client_context)) {}

ExprPtr Rewriter::Native(const char* function, Exprs arguments) const {
  duckdb::ErrorData error;
  duckdb::FunctionBinder binder(context);
  auto bound = binder.BindScalarFunction(DEFAULT_SCHEMA, function, std::move(arguments), error);
  if (!bound) error.Throw();
  return bound;
}

ExprPtr Rewriter::Cast(ExprPtr value, const LogicalType& type, bool is_try) const {
  const LogicalType& source = value->return_type;
  if (source == type) return value;
  if (IsNullType(source))
    return BoundCastExpression::AddCastToType(context, std::move(value), type);
  duckdb::GetCastFunctionInput input(context);
  auto cast = SparkCasts().GetCastFunction(source, type, input);
  if (cast.function == duckdb::DefaultCasts::TryVectorNullCast) {
    throw BinderException("[DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION] Cannot cast %s to %s.",
                          SparkTypeName(source), SparkTypeName(type));
  }
  // DuckDB draws conclusions from the bounds of a column through a cast of numbers or times, by its
  // own cast's rounding; so where ours is another one, it must not look like a cast.
  if (duckdb::TypeIsNumeric(source.InternalType()) && duckdb::TypeIsNumeric(type.InternalType())) {
    duckdb::CastFunctionSet duckdb_casts;
    const auto native = duckdb_casts.GetCastFunction(source, type, input);
    if (cast.function != native.function) {
      return CastCall(*this, std::move(value), type, std::move(cast), is_try);
    }
  }
  return duckdb::make_uniq<BoundCastExpression>(std::move(value), type, std::move(cast), is_try);
}

ExprPtr Rewriter::Coerce(ExprPtr value, const LogicalType& type) const {
  const LogicalType& source = value->return_type;
  if (source == type || type.id() == LogicalTypeId::ANY) return value;
  const bool narrows = IsNumeric(source) && IsIntegral(type) && !IsIntegral(source);
  if (narrows || (IsNested(source) != IsNested(type) && !IsNullType(source)) ||
      (source.id() == LogicalTypeId::BOOLEAN && IsNumeric(type)) ||
      (IsTime(type) && IsNumeric(source))) {
    throw BinderException("[DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE] %s needs %s, and has %s here.",
                          name, SparkTypeName(type), SparkTypeName(source));
  }
  return Cast(std::move(value), type);
}

ExprPtr Rewriter::Reinterpret(ExprPtr value, const LogicalType& type) const {
  if (value->return_type == type) return value;
  return duckdb::make_uniq<BoundCastExpression>(
      std::move(value), type, duckdb::BoundCastInfo(duckdb::DefaultCasts::ReinterpretCast));
}

ExprPtr Rewriter::Constant(Value value) const {
  return duckdb::make_uniq<duckdb::BoundConstantExpression>(std::move(value));
}

ExprPtr Rewriter::Compare(ExpressionType type, ExprPtr left, ExprPtr right) const {
  return duckdb::make_uniq<duckdb::BoundComparisonExpression>(type, std::move(left),
                                                              std::move(right));
}

ExprPtr Rewriter::IsNull(ExprPtr value) const {
  auto test = duckdb::make_uniq<duckdb::BoundOperatorExpression>(ExpressionType::OPERATOR_IS_NULL,
                                                                 LogicalType::BOOLEAN);
  test->children.push_back(std::move(value));
  return test;
}

ExprPtr Rewriter::Case(ExprPtr condition, ExprPtr then, ExprPtr otherwise) const {
  return duckdb::make_uniq<duckdb::BoundCaseExpression>(std::move(condition), std::move(then),
                                                        std::move(otherwise));
}

ExprPtr Rewriter::NullWhere(ExprPtr condition, ExprPtr value) const {
  ExprPtr null = Null(value->return_type);
  return Case(std::move(condition), std::move(null), std::move(value));
}

ExprPtr Rewriter::Copy(const duckdb::Expression& value) const {
  if (value.HasSubquery()) {
    Refuse("a subquery is not supported as its argument; compute it in a WITH clause");
  }
  if (value.IsVolatile()) Refuse("a random value is not supported as its argument");
  return value.Copy();
}

Value Rewriter::ConstantValue(const duckdb::Expression& value, const char* what) const {
  if (!value.IsFoldable()) {
    throw BinderException("[DATATYPE_MISMATCH.NON_FOLDABLE_INPUT] %s of %s must be a constant.",
                          what, name);
  }
  return duckdb::ExpressionExecutor::EvaluateScalar(context, value);
}

Timestamp Rewriter::Now() const {
  Value value;
  auto& config = duckdb::ClientConfig::GetConfig(context);
  if (config.GetUserVariable("smelt_current_timestamp", value) && !value.IsNull()) {
    return {value.GetValue<int64_t>()};
  }
  return {duckdb::MetaTransaction::Get(context).start_timestamp.value};
}

void Rewriter::Refuse(const std::string& reason) const {
  throw BinderException("[UNSUPPORTED_FEATURE] %s: %s.", name, reason);
}

void Rewriter::MismatchedTypes(const Exprs& arguments) const {
  std::string types;
  for (const auto& argument : arguments) {
    types += (types.empty() ? "" : ", ") + SparkTypeName(argument->return_type);
  }
  throw BinderException("[DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES] %s does not take (%s).", name,
                        types);
}

void RegisterRules(duckdb::ExtensionLoader& loader, std::initializer_list<RuleEntry> entries) {
  for (const RuleEntry& entry : entries) {
    duckdb::ScalarFunction function(std::string("spark_") + entry.name, {}, LogicalType::ANY,
                                    NeverRun, BindRule);
    function.varargs = LogicalType::ANY;
    function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
    function.SetExtraFunctionInfo(duckdb::make_shared_ptr<RuleInfo>(entry));
    function.SetBindExpressionCallback(ApplyRule);
    loader.RegisterFunction(std::move(function));
  }
}

ExprPtr ChunkCall(const Rewriter& rewriter, Exprs arguments, const LogicalType& type,
                  duckdb::scalar_function_t function, duckdb::FunctionStability stability,
                  bool sees_nulls, std::string detail) {
  duckdb::vector<LogicalType> types;
  for (const auto& argument : arguments) types.push_back(argument->return_type);
  duckdb::ScalarFunction bound("spark_" + rewriter.name, std::move(types), type,
                               std::move(function));
  bound.SetStability(stability);
  bound.SetFallible();
  bound.SetCollationHandling(duckdb::FunctionCollationHandling::IGNORE_COLLATIONS);
  if (sees_nulls) bound.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  return duckdb::make_uniq<duckdb::BoundFunctionExpression>(
      type, std::move(bound), std::move(arguments),
      duckdb::make_uniq<DetailData>(std::move(detail)));
}

bool IsIntegral(const LogicalType& type) {
  const int rank = NumericRank(type);
  return rank >= 1 && rank <= 4;
}
bool IsFloating(const LogicalType& type) { return NumericRank(type) >= 5; }
bool IsNumeric(const LogicalType& type) { return NumericRank(type) > 0 || IsDecimal(type); }
bool IsNested(const LogicalType& type) {
  return type.id() == LogicalTypeId::LIST || type.id() == LogicalTypeId::MAP ||
         type.id() == LogicalTypeId::STRUCT;
}

DecimalShape DecimalOf(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::DECIMAL:
      return {duckdb::DecimalType::GetWidth(type), duckdb::DecimalType::GetScale(type)};
    case LogicalTypeId::TINYINT:
      return {3, 0};
    case LogicalTypeId::SMALLINT:
      return {5, 0};
    case LogicalTypeId::INTEGER:
      return {10, 0};
    case LogicalTypeId::BIGINT:
      return {20, 0};
    default:
      throw duckdb::InternalException("no decimal stands for %s", type.ToString());
  }
}

DecimalShape DecimalOf(const duckdb::Expression& value) {
  const duckdb::Expression* literal = &value;
  if (literal->GetExpressionClass() == duckdb::ExpressionClass::BOUND_CAST) {
    literal = literal->Cast<BoundCastExpression>().child.get();
  }
  if (IsIntegral(value.return_type) &&
      literal->GetExpressionClass() == duckdb::ExpressionClass::BOUND_CONSTANT) {
    const Value& constant = literal->Cast<duckdb::BoundConstantExpression>().value;
    if (!constant.IsNull() && IsIntegral(constant.type())) {
      const std::string digits = std::to_string(constant.GetValue<int64_t>());
      return {static_cast<int>(digits.size()) - (digits[0] == '-'), 0};
    }
  }
  return DecimalOf(value.return_type);
}

LogicalType MakeDecimal(DecimalShape shape) {
  return LogicalType::DECIMAL(static_cast<uint8_t>(shape.precision),
                              static_cast<uint8_t>(shape.scale));
}

DecimalShape AdjustDecimal(int precision, int scale) {
  if (precision <= 38) return {precision, scale};
  const int whole = precision - scale;
  const int least_scale = std::min(scale, 6);
  return {38, std::max(38 - whole, least_scale)};
}

LogicalType CommonType(const Rewriter& rewriter, const duckdb::vector<LogicalType>& types) {
  LogicalType common = LogicalType::SQLNULL;
  for (const LogicalType& type : types) {
    LogicalType next;
    if (!Common(common, type, &next)) {
      throw BinderException(
          "[DATATYPE_MISMATCH.DATA_DIFF_TYPES] %s: %s and %s have no common type.", rewriter.name,
          SparkTypeName(common), SparkTypeName(type));
    }
    common = next;
  }
  return common;
}

LogicalType Unify(const Rewriter& rewriter, Exprs& arguments, size_t first) {
  duckdb::vector<LogicalType> types;
  for (size_t i = first; i < arguments.size(); ++i) types.push_back(arguments[i]->return_type);
  const LogicalType common = CommonType(rewriter, types);
  for (size_t i = first; i < arguments.size(); ++i) {
    arguments[i] = rewriter.Cast(std::move(arguments[i]), common);
  }
  return common;
}

LogicalType ParseSparkType(const std::string& text) {
  const auto type = sql::ParseType(text);
  if (!type.ok()) throw BinderException("%s", base::Message(type.status()));
  return ToLogicalType(*type);
}

LogicalType ParseSparkSchema(const std::string& text) {
  const auto type = sql::ParseType(text);
  if (type.ok()) return ToLogicalType(*type);
  const auto schema = sql::ParseSchema(text);
  if (!schema.ok()) throw BinderException("%s", base::Message(schema.status()));
  return ToLogicalType(base::DataType::Struct(*schema));
}

std::string SparkTypeName(const LogicalType& type) {
  const auto spark = FromLogicalType(type, "a value");
  return spark.ok() ? spark->ToString() : type.ToString();
}

const Zone& SessionZone(duckdb::ClientContext& context) {
  Value value;
  if (!duckdb::ClientConfig::GetConfig(context).GetUserVariable("smelt_time_zone", value) ||
      value.IsNull()) {
    return Zone::Utc();
  }
  const Zone* zone = Zone::Find(value.ToString());
  if (zone == nullptr)
    throw BinderException("[INVALID_TIMEZONE] %s is no time zone.", value.ToString());
  return *zone;
}

absl::Status RegisterSparkFunctions(::duckdb::DatabaseInstance& database) {
  return CatchErrors([&] {
    duckdb::ExtensionLoader loader(database, "smelt_spark");
    RegisterCastRules(loader);
    RegisterOperatorRules(loader);
    RegisterScalarRules(loader);
    RegisterCollectionRules(loader);
    RegisterAggregates(loader);
    return absl::OkStatus();
  });
}

}  // namespace smelt::duck
