// Many lines because every unit that sees DuckDB's headers costs ten seconds and more to compile:
// functions of a kind share one.

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/duckdb/functions/kernel.h"

// Aggregates with Spark's result types. Where DuckDB's means the same it is used as it is, under
// Spark's name: what a query groups by the million (sums and averages of doubles, counts,
// quantiles) runs at DuckDB's speed.

namespace smelt::duck {
namespace {

using duckdb::AggregateFunction;
using duckdb::AggregateInputData;
using duckdb::BinderException;
using duckdb::ClientContext;
using duckdb::FunctionData;
using duckdb::idx_t;
using duckdb::Vector;
using Bound = duckdb::unique_ptr<FunctionData>;

// Makes `function` DuckDB's own of that name, for these arguments.
Bound Delegate(ClientContext& context, AggregateFunction& function, Exprs& arguments,
               const char* native) {
  // The entry is asked for by its kind: the template that takes its class would define a symbol of
  // DuckDB's once more.
  auto& entry =
      duckdb::Catalog::GetSystemCatalog(context)
          .GetEntry(context, duckdb::CatalogType::AGGREGATE_FUNCTION_ENTRY, DEFAULT_SCHEMA, native)
          .Cast<duckdb::AggregateFunctionCatalogEntry>();
  duckdb::FunctionBinder binder(context);
  duckdb::ErrorData error;
  const auto best = binder.BindFunction(native, entry.functions, arguments, error);
  if (!best.IsValid()) error.Throw();
  function = entry.functions.GetFunctionByOffset(best.GetIndex());
  // DuckDB has done this for the function that the query named, not for this one.
  binder.ResolveTemplateTypes(function, arguments);
  Bound data;
  if (function.HasBindCallback()) data = function.GetBindCallback()(context, function, arguments);
  return data;
}

// Makes `function` ours, keeping its name.
void Become(AggregateFunction& function, AggregateFunction ours) {
  ours.name = function.name;
  function = std::move(ours);
}

void RefuseNested(const Rewriter& rewriter, const Exprs& arguments) {
  if (IsNested(arguments[0]->return_type))
    rewriter.Refuse("arrays, maps and structs are not supported");
}

void CoerceAll(const Rewriter& rewriter, Exprs& arguments, const LogicalType& type) {
  for (auto& argument : arguments) {
    if (IsDecimal(argument->return_type) || IsIntegral(argument->return_type)) {
      argument = rewriter.Cast(std::move(argument), type);
    } else {
      argument = rewriter.Coerce(std::move(argument), type);
    }
  }
}

// The numeric type that a sum or an average works on.
LogicalType SummedType(const Rewriter& rewriter, const ExprPtr& argument) {
  const LogicalType& type = argument->return_type;
  if (IsNumeric(type)) return type;
  if (IsString(type) || IsNullType(type)) return LogicalType::DOUBLE;
  throw BinderException(
      "[DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE] %s needs a number, and has %s here.",
      rewriter.name, SparkTypeName(type));
}

// ---- sums of whole numbers and decimals, in 128 bits

struct SumState {
  uint64_t low;
  int64_t high;
  int64_t count;

  Int128 value() const {
    return static_cast<Int128>((static_cast<unsigned __int128>(static_cast<uint64_t>(high)) << 64) |
                               low);
  }
  void Add(Int128 number) {
    const Int128 sum = value() + number;
    low = static_cast<uint64_t>(sum);
    high = static_cast<int64_t>(sum >> 64);
  }
};

template <typename Number>
Int128 Widen(Number number) {
  if constexpr (std::is_same_v<Number, duckdb::hugeint_t>) {
    return ToInt128(number);
  } else {
    return number;
  }
}

template <bool kTry>
struct SumOperation {
  template <typename State>
  static void Initialize(State& state) {
    state = {0, 0, 0};
  }
  template <typename Input, typename State, typename Self>
  static void Operation(State& state, const Input& input, duckdb::AggregateUnaryInput&) {
    state.Add(Widen(input));
    ++state.count;
  }
  template <typename Input, typename State, typename Self>
  static void ConstantOperation(State& state, const Input& input, duckdb::AggregateUnaryInput&,
                                idx_t count) {
    state.Add(Widen(input) * static_cast<Int128>(count));
    state.count += static_cast<int64_t>(count);
  }
  template <typename State, typename Self>
  static void Combine(const State& source, State& target, AggregateInputData&) {
    target.Add(source.value());
    target.count += source.count;
  }
  static bool IgnoreNull() { return true; }
};

template <bool kTry>
struct SumToLong : SumOperation<kTry> {
  template <typename Result, typename State>
  static void Finalize(State& state, Result& target, duckdb::AggregateFinalizeData& data) {
    const Int128 value = state.value();
    const bool fits = value >= std::numeric_limits<int64_t>::min() &&
                      value <= std::numeric_limits<int64_t>::max();
    if (!fits && !kTry) {
      throw duckdb::InvalidInputException(
          "[ARITHMETIC_OVERFLOW] long overflow. Use 'try_sum' to tolerate overflow and return NULL "
          "instead.");
    }
    if (state.count == 0 || !fits) {
      data.ReturnNull();
    } else {
      target = static_cast<int64_t>(value);
    }
  }
};

template <typename Result>
void StoreWide(Int128 value, Result& target) {
  if constexpr (std::is_same_v<Result, duckdb::hugeint_t>) {
    target = ToHugeint(value);
  } else {
    target = static_cast<Result>(value);
  }
}

template <bool kTry>
struct SumToDecimal : SumOperation<kTry> {
  template <typename Result, typename State>
  static void Finalize(State& state, Result& target, duckdb::AggregateFinalizeData& data) {
    const Int128 limit = PowerOfTen(DecimalOf(data.result.GetType()).precision);
    const Int128 value = state.value();
    const bool fits = value < limit && value > -limit;
    if (!fits && !kTry) {
      throw duckdb::InvalidInputException(
          "[ARITHMETIC_OVERFLOW] Overflow in sum of decimals. Use 'try_sum' to tolerate overflow "
          "and return NULL instead.");
    }
    if (state.count == 0 || !fits) {
      data.ReturnNull();
    } else {
      StoreWide(value, target);
    }
  }
};

// The average of decimals has four more places than they have.
template <bool kTry>
struct AverageOfDecimals : SumOperation<kTry> {
  template <typename Result, typename State>
  static void Finalize(State& state, Result& target, duckdb::AggregateFinalizeData& data) {
    if (state.count == 0) return data.ReturnNull();
    const DecimalShape shape = DecimalOf(data.result.GetType());
    const int places = data.input.bind_data->Cast<ScaleData>().added_places;
    Int128 value = 0;
    if (DivideDecimal(state.value(), state.count, places, shape.precision, &value)) {
      StoreWide(value, target);
    } else if (kTry) {
      data.ReturnNull();
    } else {
      throw duckdb::InvalidInputException(
          "[ARITHMETIC_OVERFLOW] Overflow in avg of decimals. Use 'try_avg' to tolerate overflow "
          "and return NULL instead.");
    }
  }
  struct ScaleData : FunctionData {
    explicit ScaleData(int places) : added_places(places) {}
    Bound Copy() const override { return duckdb::make_uniq<ScaleData>(added_places); }
    bool Equals(const FunctionData& other) const override {
      return added_places == other.Cast<ScaleData>().added_places;
    }
    int added_places;
  };
};

template <typename Input, typename Operation>
AggregateFunction DecimalAggregate(const LogicalType& input, const LogicalType& result) {
  switch (result.InternalType()) {
    case duckdb::PhysicalType::INT16:
      return AggregateFunction::UnaryAggregate<SumState, Input, int16_t, Operation>(input, result);
    case duckdb::PhysicalType::INT32:
      return AggregateFunction::UnaryAggregate<SumState, Input, int32_t, Operation>(input, result);
    case duckdb::PhysicalType::INT64:
      return AggregateFunction::UnaryAggregate<SumState, Input, int64_t, Operation>(input, result);
    default:
      return AggregateFunction::UnaryAggregate<SumState, Input, duckdb::hugeint_t, Operation>(
          input, result);
  }
}

template <typename Operation>
AggregateFunction DecimalAggregate(const LogicalType& input, const LogicalType& result) {
  switch (input.InternalType()) {
    case duckdb::PhysicalType::INT16:
      return DecimalAggregate<int16_t, Operation>(input, result);
    case duckdb::PhysicalType::INT32:
      return DecimalAggregate<int32_t, Operation>(input, result);
    case duckdb::PhysicalType::INT64:
      return DecimalAggregate<int64_t, Operation>(input, result);
    default:
      return DecimalAggregate<duckdb::hugeint_t, Operation>(input, result);
  }
}

template <typename Integer, typename Operation>
AggregateFunction LongAggregate() {
  return AggregateFunction::UnaryAggregate<SumState, Integer, int64_t, Operation>(
      Stored<Integer>::Logical(), LogicalType::BIGINT);
}

template <bool kTry>
Bound BindSum(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  const Rewriter rewriter(context, kTry ? "try_sum" : "sum");
  if (arguments[0]->return_type.id() == LogicalTypeId::INTERVAL)
    return Delegate(context, function, arguments, "sum");
  const LogicalType type = SummedType(rewriter, arguments[0]);
  if (IsDecimal(type)) {
    const DecimalShape shape = DecimalOf(type);
    Become(function, DecimalAggregate<SumToDecimal<kTry>>(
                         type, MakeDecimal({std::min(38, shape.precision + 10), shape.scale})));
    return nullptr;
  }
  if (IsIntegral(type)) {
    switch (type.id()) {
      case LogicalTypeId::TINYINT:
        Become(function, LongAggregate<int8_t, SumToLong<kTry>>());
        break;
      case LogicalTypeId::SMALLINT:
        Become(function, LongAggregate<int16_t, SumToLong<kTry>>());
        break;
      case LogicalTypeId::INTEGER:
        Become(function, LongAggregate<int32_t, SumToLong<kTry>>());
        break;
      default:
        Become(function, LongAggregate<int64_t, SumToLong<kTry>>());
    }
    return nullptr;
  }
  arguments[0] = rewriter.Cast(std::move(arguments[0]), LogicalType::DOUBLE);
  return Delegate(context, function, arguments, "sum");
}

template <bool kTry>
Bound BindAverage(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  const Rewriter rewriter(context, kTry ? "try_avg" : "avg");
  if (arguments[0]->return_type.id() == LogicalTypeId::INTERVAL)
    return Delegate(context, function, arguments, "avg");
  const LogicalType type = SummedType(rewriter, arguments[0]);
  if (IsDecimal(type)) {
    const DecimalShape shape = DecimalOf(type);
    const DecimalShape result{std::min(38, shape.precision + 4), std::min(38, shape.scale + 4)};
    Become(function, DecimalAggregate<AverageOfDecimals<kTry>>(type, MakeDecimal(result)));
    return duckdb::make_uniq<typename AverageOfDecimals<kTry>::ScaleData>(result.scale -
                                                                          shape.scale);
  }
  if (!IsIntegral(type)) arguments[0] = rewriter.Cast(std::move(arguments[0]), LogicalType::DOUBLE);
  return Delegate(context, function, arguments, "avg");
}

// ---- extremes

ExprPtr SortKey(const Rewriter& rewriter, ExprPtr value) {
  Exprs key = List(rewriter.Native("spark_order_key", List(std::move(value))));
  key.push_back(rewriter.Constant(Value("ASC NULLS FIRST")));
  return rewriter.Native("create_sort_key", std::move(key));
}

template <bool kMax>
Bound BindExtreme(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  const Rewriter rewriter(context, kMax ? "max" : "min");
  const LogicalType type = arguments[0]->return_type;
  if (!IsNested(type)) return Delegate(context, function, arguments, kMax ? "max" : "min");
  // By a key that is NULL for a NULL struct, so that it is passed over.
  ExprPtr key = SortKey(rewriter, rewriter.Copy(*arguments[0]));
  key = rewriter.NullWhere(rewriter.IsNull(rewriter.Copy(*arguments[0])), std::move(key));
  arguments.push_back(std::move(key));
  return Delegate(context, function, arguments, kMax ? "arg_max" : "arg_min");
}

template <bool kMax>
Bound BindExtremeBy(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  const Rewriter rewriter(context, kMax ? "max_by" : "min_by");
  if (IsNested(arguments[1]->return_type)) {
    ExprPtr key = SortKey(rewriter, rewriter.Copy(*arguments[1]));
    arguments[1] = rewriter.NullWhere(rewriter.IsNull(std::move(arguments[1])), std::move(key));
  }
  return Delegate(context, function, arguments, kMax ? "arg_max_null" : "arg_min_null");
}

// ---- quantiles

// The smallest value whose rank is at least p * n; the accuracy argument bounds an error that there
// is not.
Bound BindPercentileApprox(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  const Rewriter rewriter(context, "percentile_approx");
  const LogicalType type = arguments[0]->return_type;
  const bool is_time = type.id() == LogicalTypeId::DATE || IsAnyTimestamp(type);
  if (!IsNumeric(type) && !is_time)
    arguments[0] = rewriter.Coerce(std::move(arguments[0]), LogicalType::DOUBLE);
  Value percentages = rewriter.ConstantValue(*arguments[1], "the percentage");
  if (percentages.IsNull()) rewriter.Refuse("the percentage must not be NULL");
  const bool is_list = percentages.type().id() == LogicalTypeId::LIST;
  percentages = percentages.DefaultCastAs(is_list ? LogicalType::LIST(LogicalType::DOUBLE)
                                                  : LogicalType::DOUBLE);
  arguments[1] = rewriter.Constant(std::move(percentages));
  if (arguments.size() == 3) arguments.pop_back();
  return Delegate(context, function, arguments, "quantile_disc");
}

// Exact percentiles, interpolated with the terms in Spark's order.
struct PercentileData : FunctionData {
  PercentileData(std::vector<double> fractions_asked, bool wants_list)
      : fractions(std::move(fractions_asked)), is_list(wants_list) {}
  Bound Copy() const override { return duckdb::make_uniq<PercentileData>(fractions, is_list); }
  bool Equals(const FunctionData& other) const override {
    const auto& data = other.Cast<PercentileData>();
    return fractions == data.fractions && is_list == data.is_list;
  }
  std::vector<double> fractions;
  bool is_list;
};

struct PercentileState {
  std::vector<double>* values;
};

double Interpolate(std::vector<double>& sorted, double fraction) {
  const double position = static_cast<double>(sorted.size() - 1) * fraction;
  const double lower = std::floor(position);
  const double higher = std::ceil(position);
  const double low = sorted[static_cast<size_t>(lower)];
  const double high = sorted[static_cast<size_t>(higher)];
  if (lower == higher || low == high) return low;
  return (higher - position) * low + (position - lower) * high;
}

struct PercentileOperation {
  template <typename State>
  static void Initialize(State& state) {
    state.values = nullptr;
  }
  template <typename Input, typename State, typename Self>
  static void Operation(State& state, const Input& input, duckdb::AggregateUnaryInput&) {
    if (state.values == nullptr) state.values = new std::vector<double>;
    state.values->push_back(input);
  }
  template <typename Input, typename State, typename Self>
  static void ConstantOperation(State& state, const Input& input, duckdb::AggregateUnaryInput&,
                                idx_t count) {
    if (state.values == nullptr) state.values = new std::vector<double>;
    state.values->insert(state.values->end(), count, input);
  }
  template <typename State, typename Self>
  static void Combine(const State& source, State& target, AggregateInputData&) {
    if (source.values == nullptr) return;
    if (target.values == nullptr) target.values = new std::vector<double>;
    target.values->insert(target.values->end(), source.values->begin(), source.values->end());
  }
  template <typename State>
  static void Destroy(State& state, AggregateInputData&) {
    delete state.values;
    state.values = nullptr;
  }
  static bool IgnoreNull() { return true; }

  static void Sort(std::vector<double>& values) {
    // NaN is greatest.
    std::sort(values.begin(), values.end(),
              [](double a, double b) { return std::isnan(b) ? !std::isnan(a) : a < b; });
  }
  template <typename Result, typename State>
  static void Finalize(State& state, Result& target, duckdb::AggregateFinalizeData& data) {
    if (state.values == nullptr) return data.ReturnNull();
    Sort(*state.values);
    const auto& asked = data.input.bind_data->Cast<PercentileData>();
    if constexpr (std::is_same_v<Result, double>) {
      target = Interpolate(*state.values, asked.fractions[0]);
    } else {
      std::vector<double> results;
      for (const double fraction : asked.fractions)
        results.push_back(Interpolate(*state.values, fraction));
      Stored<std::vector<double>>::Write(data.result, target, results);
    }
  }
};

Bound BindPercentileOf(const Rewriter& rewriter, AggregateFunction& function, Exprs& arguments,
                       const Value& percentages) {
  CoerceAll(rewriter, arguments, LogicalType::DOUBLE);
  std::vector<double> fractions;
  const bool is_list = percentages.type().id() == LogicalTypeId::LIST;
  if (percentages.IsNull()) rewriter.Refuse("the percentage must not be NULL");
  if (is_list) {
    for (const Value& value : duckdb::ListValue::GetChildren(percentages))
      fractions.push_back(value.GetValue<double>());
  } else {
    fractions.push_back(percentages.GetValue<double>());
  }
  for (const double fraction : fractions) {
    if (!(fraction >= 0 && fraction <= 1))
      rewriter.Refuse("the percentage must be between 0 and 1");
  }
  constexpr auto kDestructor = duckdb::AggregateDestructorType::LEGACY;
  if (is_list) {
    Become(
        function,
        AggregateFunction::UnaryAggregateDestructor<PercentileState, double, duckdb::list_entry_t,
                                                    PercentileOperation, kDestructor>(
            LogicalType::DOUBLE, LogicalType::LIST(LogicalType::DOUBLE)));
  } else {
    Become(function, AggregateFunction::UnaryAggregateDestructor<PercentileState, double, double,
                                                                 PercentileOperation, kDestructor>(
                         LogicalType::DOUBLE, LogicalType::DOUBLE));
  }
  return duckdb::make_uniq<PercentileData>(std::move(fractions), is_list);
}

Bound BindPercentile(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  const Rewriter rewriter(context, "percentile");
  const Value percentages = rewriter.ConstantValue(*arguments[1], "the percentage");
  arguments.pop_back();
  return BindPercentileOf(rewriter, function, arguments, percentages);
}

Bound BindMedian(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  return BindPercentileOf(Rewriter(context, "median"), function, arguments, Value::DOUBLE(0.5));
}

// ---- moments (the update and merge formulas of Chan et al., as Spark has them)

struct MomentState {
  double n;
  double mean;
  double m2;
  double m3;
  double m4;
};

enum class Moment { kVarPop, kVarSamp, kStddevPop, kStddevSamp, kSkewness, kKurtosis };

template <Moment kMoment>
struct MomentOperation {
  static constexpr bool kHigh = kMoment == Moment::kSkewness || kMoment == Moment::kKurtosis;

  template <typename State>
  static void Initialize(State& state) {
    state = {0, 0, 0, 0, 0};
  }
  template <typename Input, typename State, typename Self>
  static void Operation(State& state, const Input& input, duckdb::AggregateUnaryInput&) {
    const double n = state.n;
    state.n = n + 1;
    const double delta = input - state.mean;
    const double delta_n = delta / state.n;
    state.mean += delta_n;
    const double m2 = state.m2;
    state.m2 = m2 + delta * (delta - delta_n);
    if (kHigh) {
      const double delta2 = delta * delta;
      const double delta_n2 = delta_n * delta_n;
      const double m3 = state.m3;
      state.m3 = m3 - 3.0 * delta_n * state.m2 + delta * (delta2 - delta_n2);
      state.m4 = state.m4 - 4.0 * delta_n * state.m3 - 6.0 * delta_n2 * state.m2 +
                 delta * (delta * delta2 - delta_n * delta_n2);
    }
  }
  template <typename Input, typename State, typename Self>
  static void ConstantOperation(State& state, const Input& input,
                                duckdb::AggregateUnaryInput& unary, idx_t count) {
    for (idx_t i = 0; i < count; ++i) Operation<Input, State, Self>(state, input, unary);
  }
  template <typename State, typename Self>
  static void Combine(const State& source, State& target, AggregateInputData&) {
    if (source.n == 0) return;
    if (target.n == 0) {
      target = source;
      return;
    }
    const double n1 = target.n;
    const double n2 = source.n;
    const double n = n1 + n2;
    const double delta = source.mean - target.mean;
    const double delta_n = delta / n;
    if (kHigh) {
      target.m4 = source.m4 + target.m4 +
                  delta_n * delta_n * delta_n * delta * n1 * n2 * (n1 * n1 - n1 * n2 + n2 * n2) +
                  6.0 * delta_n * delta_n * (n1 * n1 * source.m2 + n2 * n2 * target.m2) +
                  4.0 * delta_n * (n1 * source.m3 - n2 * target.m3);
      target.m3 = source.m3 + target.m3 + delta_n * delta_n * delta * n1 * n2 * (n1 - n2) +
                  3.0 * delta_n * (n1 * source.m2 - n2 * target.m2);
    }
    target.m2 = source.m2 + target.m2 + delta * delta_n * n1 * n2;
    target.mean += delta_n * n2;
    target.n = n;
  }
  template <typename Result, typename State>
  static void Finalize(State& state, Result& target, duckdb::AggregateFinalizeData& data) {
    constexpr bool kSample = kMoment == Moment::kVarSamp || kMoment == Moment::kStddevSamp;
    if (state.n == 0 || (kSample && state.n == 1) || (kHigh && state.m2 == 0))
      return data.ReturnNull();
    switch (kMoment) {
      case Moment::kVarPop:
        target = state.m2 / state.n;
        return;
      case Moment::kVarSamp:
        target = state.m2 / (state.n - 1);
        return;
      case Moment::kStddevPop:
        target = std::sqrt(state.m2 / state.n);
        return;
      case Moment::kStddevSamp:
        target = std::sqrt(state.m2 / (state.n - 1));
        return;
      case Moment::kSkewness:
        target = std::sqrt(state.n) * state.m3 / std::sqrt(state.m2 * state.m2 * state.m2);
        return;
      case Moment::kKurtosis:
        target = state.n * state.m4 / (state.m2 * state.m2) - 3.0;
        return;
    }
  }
  static bool IgnoreNull() { return true; }
};

template <Moment kMoment>
Bound BindMoment(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  CoerceAll(Rewriter(context, "a moment"), arguments, LogicalType::DOUBLE);
  Become(function,
         AggregateFunction::UnaryAggregate<MomentState, double, double, MomentOperation<kMoment>>(
             LogicalType::DOUBLE, LogicalType::DOUBLE));
  return nullptr;
}

// ---- two variables: (y, x) for the regressions

struct PairState {
  double n;
  double mean_a;
  double mean_b;
  double c;  // sum of (a - mean_a)(b - mean_b)
  double m_a;
  double m_b;
};

enum class Pair {
  kCorr,
  kCovarPop,
  kCovarSamp,
  kAvgX,
  kAvgY,
  kSxx,
  kSyy,
  kSxy,
  kSlope,
  kIntercept,
  kR2
};

template <Pair kPair>
struct PairOperation {
  template <typename State>
  static void Initialize(State& state) {
    state = {0, 0, 0, 0, 0, 0};
  }
  template <typename A, typename B, typename State, typename Self>
  static void Operation(State& state, const A& a, const B& b, duckdb::AggregateBinaryInput&) {
    state.n += 1;
    const double delta_a = a - state.mean_a;
    const double delta_b = b - state.mean_b;
    state.mean_a += delta_a / state.n;
    state.mean_b += delta_b / state.n;
    state.c += delta_a * (b - state.mean_b);
    state.m_a += delta_a * (a - state.mean_a);
    state.m_b += delta_b * (b - state.mean_b);
  }
  template <typename State, typename Self>
  static void Combine(const State& source, State& target, AggregateInputData&) {
    if (source.n == 0) return;
    if (target.n == 0) {
      target = source;
      return;
    }
    const double n = target.n + source.n;
    const double delta_a = source.mean_a - target.mean_a;
    const double delta_b = source.mean_b - target.mean_b;
    target.c += source.c + delta_a * delta_b * target.n * source.n / n;
    target.m_a += source.m_a + delta_a * delta_a * target.n * source.n / n;
    target.m_b += source.m_b + delta_b * delta_b * target.n * source.n / n;
    target.mean_a += delta_a * source.n / n;
    target.mean_b += delta_b * source.n / n;
    target.n = n;
  }
  template <typename Result, typename State>
  static void Finalize(State& state, Result& target, duckdb::AggregateFinalizeData& data) {
    if (state.n == 0) return data.ReturnNull();
    switch (kPair) {
      case Pair::kCorr:
        if (state.n == 1) return data.ReturnNull();
        target = state.c / std::sqrt(state.m_a * state.m_b);
        return;
      case Pair::kCovarPop:
        target = state.c / state.n;
        return;
      case Pair::kCovarSamp:
        if (state.n == 1) return data.ReturnNull();
        target = state.c / (state.n - 1);
        return;
      case Pair::kAvgY:
        target = state.mean_a;
        return;
      case Pair::kAvgX:
        target = state.mean_b;
        return;
      case Pair::kSyy:
        target = state.m_a;
        return;
      case Pair::kSxx:
        target = state.m_b;
        return;
      case Pair::kSxy:
        target = state.c;
        return;
      case Pair::kSlope:
        if (state.n == 1 || state.m_b == 0) return data.ReturnNull();
        target = state.c / state.m_b;
        return;
      case Pair::kIntercept:
        if (state.n == 1 || state.m_b == 0) return data.ReturnNull();
        target = state.mean_a - state.c / state.m_b * state.mean_b;
        return;
      case Pair::kR2:
        if (state.n == 1 || state.m_b == 0) return data.ReturnNull();
        target = state.m_a == 0 ? 1.0 : state.c * state.c / (state.m_a * state.m_b);
        return;
    }
  }
  static bool IgnoreNull() { return true; }
};

template <Pair kPair>
Bound BindPair(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  CoerceAll(Rewriter(context, "a regression"), arguments, LogicalType::DOUBLE);
  Become(
      function,
      AggregateFunction::BinaryAggregate<PairState, double, double, double, PairOperation<kPair>>(
          LogicalType::DOUBLE, LogicalType::DOUBLE, LogicalType::DOUBLE));
  return nullptr;
}

// ---- counts

struct CountIfOperation {
  template <typename State>
  static void Initialize(State& state) {
    state = 0;
  }
  template <typename Input, typename State, typename Self>
  static void Operation(State& state, const Input& input, duckdb::AggregateUnaryInput&) {
    state += input ? 1 : 0;
  }
  template <typename Input, typename State, typename Self>
  static void ConstantOperation(State& state, const Input& input, duckdb::AggregateUnaryInput&,
                                idx_t count) {
    if (input) state += static_cast<int64_t>(count);
  }
  template <typename State, typename Self>
  static void Combine(const State& source, State& target, AggregateInputData&) {
    target += source;
  }
  template <typename Result, typename State>
  static void Finalize(State& state, Result& target, duckdb::AggregateFinalizeData&) {
    target = state;
  }
  static bool IgnoreNull() { return true; }
};

Bound BindCountIf(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  arguments[0] =
      Rewriter(context, "count_if").Coerce(std::move(arguments[0]), LogicalType::BOOLEAN);
  Become(function, AggregateFunction::UnaryAggregate<int64_t, bool, int64_t, CountIfOperation>(
                       LogicalType::BOOLEAN, LogicalType::BIGINT));
  return nullptr;
}

// The pairs where both are set: a BOOLEAN of that, counted.
Bound BindPairCount(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  const Rewriter rewriter(context, "regr_count");
  CoerceAll(rewriter, arguments, LogicalType::DOUBLE);
  ExprPtr none = duckdb::make_uniq<duckdb::BoundConjunctionExpression>(
      duckdb::ExpressionType::CONJUNCTION_OR, rewriter.IsNull(std::move(arguments[0])),
      rewriter.IsNull(std::move(arguments[1])));
  arguments.clear();
  arguments.push_back(rewriter.Case(std::move(none), rewriter.Constant(Value::BOOLEAN(false)),
                                    rewriter.Constant(Value::BOOLEAN(true))));
  Become(function, AggregateFunction::UnaryAggregate<int64_t, bool, int64_t, CountIfOperation>(
                       LogicalType::BOOLEAN, LogicalType::BIGINT));
  return nullptr;
}

// ---- DuckDB's own

template <const char* kNative>
Bound BindBoolean(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  arguments[0] = Rewriter(context, kNative).Coerce(std::move(arguments[0]), LogicalType::BOOLEAN);
  return Delegate(context, function, arguments, kNative);
}
template <const char* kNative>
Bound BindBits(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  const Rewriter rewriter(context, kNative);
  if (!IsIntegral(arguments[0]->return_type))
    arguments[0] = rewriter.Coerce(std::move(arguments[0]), LogicalType::BIGINT);
  return Delegate(context, function, arguments, kNative);
}
Bound BindMode(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  return Delegate(context, function, arguments, "mode");
}
Bound BindProduct(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  CoerceAll(Rewriter(context, "product"), arguments, LogicalType::DOUBLE);
  return Delegate(context, function, arguments, "product");
}
constexpr char kBoolAnd[] = "bool_and";
constexpr char kBoolOr[] = "bool_or";
constexpr char kBitAnd[] = "bit_and";
constexpr char kBitOr[] = "bit_or";
constexpr char kBitXor[] = "bit_xor";

// ---- collect_list: DuckDB's list, without NULLs, and empty where there is nothing

// The callbacks of DuckDB's list, which are the same for every type.
struct ListCallbacks {
  duckdb::aggregate_update_t update = nullptr;
  duckdb::aggregate_finalize_t finalize = nullptr;
};
ListCallbacks& NativeList() {
  static ListCallbacks callbacks;
  return callbacks;
}

void UpdateWithoutNulls(Vector inputs[], AggregateInputData& data, idx_t input_count,
                        Vector& states, idx_t count) {
  duckdb::UnifiedVectorFormat format;
  inputs[0].ToUnifiedFormat(count, format);
  duckdb::SelectionVector valid(count);
  idx_t valid_count = 0;
  for (idx_t row = 0; row < count; ++row) {
    if (format.validity.RowIsValid(format.sel->get_index(row))) valid.set_index(valid_count++, row);
  }
  if (valid_count == count) return NativeList().update(inputs, data, input_count, states, count);
  if (valid_count == 0) return;
  Vector kept(inputs[0], valid, valid_count);
  Vector kept_states(states, valid, valid_count);
  NativeList().update(&kept, data, input_count, kept_states, valid_count);
}

void FinalizeWithEmpty(Vector& states, AggregateInputData& data, Vector& result, idx_t count,
                       idx_t offset) {
  NativeList().finalize(states, data, result, count, offset);
  const bool is_constant = result.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
  auto& validity =
      is_constant ? duckdb::ConstantVector::Validity(result) : duckdb::FlatVector::Validity(result);
  auto* entries = is_constant ? duckdb::ConstantVector::GetData<duckdb::list_entry_t>(result)
                              : duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
  for (idx_t i = 0; i < (is_constant ? 1 : count); ++i) {
    const idx_t row = is_constant ? 0 : offset + i;
    if (validity.RowIsValid(row)) continue;
    validity.SetValid(row);
    entries[row] = duckdb::list_entry_t(duckdb::ListVector::GetListSize(result), 0);
  }
}

Bound BindCollectList(ClientContext& context, AggregateFunction& function, Exprs& arguments) {
  if (IsNullType(arguments[0]->return_type))
    Rewriter(context, "collect_list").Refuse("an untyped NULL is not supported");
  Bound data = Delegate(context, function, arguments, "list");
  NativeList() = {function.update, function.finalize};
  function.name = "spark_collect_list";
  function.update = UpdateWithoutNulls;
  function.simple_update = nullptr;
  function.finalize = FinalizeWithEmpty;
  function.window = nullptr;
  return data;
}

struct Entry {
  const char* name;
  int min_args;
  int max_args;
  duckdb::bind_aggregate_function_t bind;
};

void NeverUpdate(Vector[], AggregateInputData&, idx_t, Vector&, idx_t) {}

}  // namespace

void RegisterAggregates(duckdb::ExtensionLoader& loader) {
  static constexpr Entry kEntries[] = {{"sum", 1, 1, BindSum<false>},
                                       {"try_sum", 1, 1, BindSum<true>},
                                       {"avg", 1, 1, BindAverage<false>},
                                       {"try_avg", 1, 1, BindAverage<true>},
                                       {"max", 1, 1, BindExtreme<true>},
                                       {"min", 1, 1, BindExtreme<false>},
                                       {"max_by", 2, 2, BindExtremeBy<true>},
                                       {"min_by", 2, 2, BindExtremeBy<false>},
                                       {"percentile_approx", 2, 3, BindPercentileApprox},
                                       {"percentile", 2, 2, BindPercentile},
                                       {"median", 1, 1, BindMedian},
                                       {"var_pop", 1, 1, BindMoment<Moment::kVarPop>},
                                       {"var_samp", 1, 1, BindMoment<Moment::kVarSamp>},
                                       {"stddev_pop", 1, 1, BindMoment<Moment::kStddevPop>},
                                       {"stddev_samp", 1, 1, BindMoment<Moment::kStddevSamp>},
                                       {"skewness", 1, 1, BindMoment<Moment::kSkewness>},
                                       {"kurtosis", 1, 1, BindMoment<Moment::kKurtosis>},
                                       {"corr", 2, 2, BindPair<Pair::kCorr>},
                                       {"covar_pop", 2, 2, BindPair<Pair::kCovarPop>},
                                       {"covar_samp", 2, 2, BindPair<Pair::kCovarSamp>},
                                       {"regr_avgx", 2, 2, BindPair<Pair::kAvgX>},
                                       {"regr_avgy", 2, 2, BindPair<Pair::kAvgY>},
                                       {"regr_count", 2, 2, BindPairCount},
                                       {"regr_intercept", 2, 2, BindPair<Pair::kIntercept>},
                                       {"regr_r2", 2, 2, BindPair<Pair::kR2>},
                                       {"regr_slope", 2, 2, BindPair<Pair::kSlope>},
                                       {"regr_sxx", 2, 2, BindPair<Pair::kSxx>},
                                       {"regr_sxy", 2, 2, BindPair<Pair::kSxy>},
                                       {"regr_syy", 2, 2, BindPair<Pair::kSyy>},
                                       {"count_if", 1, 1, BindCountIf},
                                       {"bool_and", 1, 1, BindBoolean<kBoolAnd>},
                                       {"bool_or", 1, 1, BindBoolean<kBoolOr>},
                                       {"bit_and", 1, 1, BindBits<kBitAnd>},
                                       {"bit_or", 1, 1, BindBits<kBitOr>},
                                       {"bit_xor", 1, 1, BindBits<kBitXor>},
                                       {"mode", 1, 1, BindMode},
                                       {"product", 1, 1, BindProduct},
                                       {"collect_list", 1, 1, BindCollectList}};
  for (const Entry& entry : kEntries) {
    duckdb::AggregateFunctionSet set(std::string("spark_") + entry.name);
    for (int count = entry.min_args; count <= entry.max_args; ++count) {
      // Every callback comes with the bind.
      AggregateFunction function(
          set.name, duckdb::vector<LogicalType>(static_cast<size_t>(count), LogicalType::ANY),
          LogicalType::ANY, nullptr, nullptr, NeverUpdate, nullptr, nullptr, nullptr, entry.bind);
      set.AddFunction(std::move(function));
    }
    loader.RegisterFunction(std::move(set));
  }
}

}  // namespace smelt::duck
