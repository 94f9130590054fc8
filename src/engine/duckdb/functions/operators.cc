// Many lines because every unit that sees DuckDB's headers costs ten seconds and more to compile:
// functions of a kind share one.

#include <cmath>
#include <limits>

#include "engine/duckdb/functions/kernel.h"

// Arithmetic, comparisons, conditions and mathematics, with Spark's result types and ANSI errors.
// More than 400 lines: each translation unit with DuckDB in it costs seconds.

namespace smelt::duck {
namespace {

using duckdb::BinderException;
using duckdb::ExpressionType;
using duckdb::idx_t;

constexpr char kBypass[] =
    "If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error.";

[[noreturn]] void ThrowDivideByZero() {
  throw duckdb::InvalidInputException(
      "[DIVIDE_BY_ZERO] Division by zero. Use `try_divide` to tolerate divisor being 0 and return "
      "NULL instead. %s",
      kBypass);
}
[[noreturn]] void ThrowRemainderByZero() {
  throw duckdb::InvalidInputException(
      "[REMAINDER_BY_ZERO] Remainder by zero. Use `try_mod` to tolerate divisor being 0 and return "
      "NULL instead. %s",
      kBypass);
}
[[noreturn]] void ThrowOverflow(const char* type, const char* alternative) {
  throw duckdb::InvalidInputException(
      "[ARITHMETIC_OVERFLOW] %s overflow. Use '%s' to tolerate overflow and return NULL instead. "
      "%s",
      type, alternative, kBypass);
}
[[noreturn]] void ThrowDecimalOverflow(DecimalShape shape) {
  throw duckdb::InvalidInputException(
      "[NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION] The result cannot be represented as "
      "Decimal(%d, %d). %s",
      shape.precision, shape.scale, kBypass);
}

template <typename Integer>
constexpr const char* IntegerName() {
  return sizeof(Integer) == 1   ? "byte"
         : sizeof(Integer) == 2 ? "short"
         : sizeof(Integer) == 4 ? "integer"
                                : "long";
}

enum class Op { kAdd, kSubtract, kMultiply };

// ---- whole numbers

template <typename Integer, Op kOp>
struct Checked {
  static bool Compute(Integer a, Integer b, Integer* result) {
    switch (kOp) {
      case Op::kAdd:
        return !__builtin_add_overflow(a, b, result);
      case Op::kSubtract:
        return !__builtin_sub_overflow(a, b, result);
      case Op::kMultiply:
        return !__builtin_mul_overflow(a, b, result);
    }
  }
  static constexpr const char* Alternative() {
    return kOp == Op::kAdd ? "try_add" : kOp == Op::kSubtract ? "try_subtract" : "try_multiply";
  }
  static Integer Or(Integer a, Integer b) {
    Integer result = 0;
    if (!Compute(a, b, &result)) {
      if (sizeof(Integer) < sizeof(int32_t)) {
        throw duckdb::InvalidInputException(
            "[BINARY_ARITHMETIC_OVERFLOW] %d and %d caused overflow. Use `%s` to tolerate overflow "
            "and return NULL instead. %s",
            static_cast<int32_t>(a), static_cast<int32_t>(b), Alternative(), kBypass);
      }
      ThrowOverflow(IntegerName<Integer>(), Alternative());
    }
    return result;
  }
};

template <typename Integer, Op kOp>
ExprPtr IntegerCall(const Rewriter& rewriter, Exprs arguments, bool is_try) {
  const LogicalType type = Stored<Integer>::Logical();
  return ChunkCall(
      rewriter, std::move(arguments), type,
      [is_try](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        if (!is_try) {
          duckdb::BinaryExecutor::Execute<Integer, Integer, Integer>(
              chunk.data[0], chunk.data[1], result, chunk.size(), Checked<Integer, kOp>::Or);
          return;
        }
        duckdb::BinaryExecutor::ExecuteWithNulls<Integer, Integer, Integer>(
            chunk.data[0], chunk.data[1], result, chunk.size(),
            [](Integer a, Integer b, duckdb::ValidityMask& mask, idx_t row) {
              Integer value = 0;
              if (!Checked<Integer, kOp>::Compute(a, b, &value)) mask.SetInvalid(row);
              return value;
            });
      });
}

template <Op kOp>
ExprPtr IntegerArithmetic(const Rewriter& rewriter, Exprs arguments, const LogicalType& type,
                          bool is_try) {
  switch (type.id()) {
    case LogicalTypeId::TINYINT:
      return IntegerCall<int8_t, kOp>(rewriter, std::move(arguments), is_try);
    case LogicalTypeId::SMALLINT:
      return IntegerCall<int16_t, kOp>(rewriter, std::move(arguments), is_try);
    case LogicalTypeId::INTEGER:
      return IntegerCall<int32_t, kOp>(rewriter, std::move(arguments), is_try);
    default:
      return IntegerCall<int64_t, kOp>(rewriter, std::move(arguments), is_try);
  }
}

// ---- decimals beyond what DuckDB's operators do exactly: both sides as DECIMAL(38, s), 128 bits

using DecimalFunction = bool (*)(Int128 a, Int128 b, DecimalShape left, DecimalShape right,
                                 DecimalShape result, Int128* value);

ExprPtr ToWide(const Rewriter& rewriter, ExprPtr value) {
  const DecimalShape shape = DecimalOf(*value);
  value = rewriter.Cast(std::move(value), MakeDecimal(shape));
  return rewriter.Cast(std::move(value), MakeDecimal({38, shape.scale}));
}

ExprPtr DecimalCall(const Rewriter& rewriter, Exprs arguments, DecimalShape shape, bool is_try,
                    DecimalFunction function) {
  const DecimalShape left = DecimalOf(*arguments[0]);
  const DecimalShape right = DecimalOf(*arguments[1]);
  arguments[0] = ToWide(rewriter, std::move(arguments[0]));
  arguments[1] = ToWide(rewriter, std::move(arguments[1]));
  ExprPtr call = ChunkCall(
      rewriter, std::move(arguments), MakeDecimal({38, shape.scale}),
      [=](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        duckdb::BinaryExecutor::ExecuteWithNulls<duckdb::hugeint_t, duckdb::hugeint_t,
                                                 duckdb::hugeint_t>(
            chunk.data[0], chunk.data[1], result, chunk.size(),
            [&](duckdb::hugeint_t a, duckdb::hugeint_t b, duckdb::ValidityMask& mask, idx_t row) {
              Int128 value = 0;
              if (!function(ToInt128(a), ToInt128(b), left, right, shape, &value)) {
                if (!is_try) ThrowDecimalOverflow(shape);
                mask.SetInvalid(row);
              }
              return ToHugeint(value);
            });
      });
  return rewriter.Cast(std::move(call), MakeDecimal(shape));
}

bool AddWide(Int128 a, Int128 b, DecimalShape left, DecimalShape right, DecimalShape result,
             Int128* value) {
  return AddDecimal(a, left.scale, b, right.scale, result.precision, result.scale, value);
}
bool SubtractWide(Int128 a, Int128 b, DecimalShape left, DecimalShape right, DecimalShape result,
                  Int128* value) {
  return AddDecimal(a, left.scale, -b, right.scale, result.precision, result.scale, value);
}
bool MultiplyWide(Int128 a, Int128 b, DecimalShape left, DecimalShape right, DecimalShape result,
                  Int128* value) {
  return MultiplyDecimal(a, b, left.scale + right.scale - result.scale, result.precision, value);
}
bool DivideWide(Int128 a, Int128 b, DecimalShape left, DecimalShape right, DecimalShape result,
                Int128* value) {
  return DivideDecimal(a, b, result.scale - left.scale + right.scale, result.precision, value);
}

template <Op kOp>
ExprPtr DecimalArithmetic(const Rewriter& rewriter, Exprs arguments, bool is_try) {
  const DecimalShape a = DecimalOf(*arguments[0]);
  const DecimalShape b = DecimalOf(*arguments[1]);
  int precision = 0;
  int scale = 0;
  if (kOp == Op::kMultiply) {
    precision = a.precision + b.precision + 1;
    scale = a.scale + b.scale;
  } else {
    scale = std::max(a.scale, b.scale);
    precision = std::max(a.precision - a.scale, b.precision - b.scale) + scale + 1;
  }
  const DecimalShape shape = AdjustDecimal(precision, scale);
  if (precision > 38) {
    return DecimalCall(rewriter, std::move(arguments), shape, is_try,
                       kOp == Op::kAdd        ? AddWide
                       : kOp == Op::kSubtract ? SubtractWide
                                              : MultiplyWide);
  }
  // The result has room for every value, so DuckDB's operator is exact and cannot overflow.
  arguments[0] = rewriter.Cast(std::move(arguments[0]), MakeDecimal(a));
  arguments[1] = rewriter.Cast(std::move(arguments[1]), MakeDecimal(b));
  ExprPtr result = rewriter.Native(kOp == Op::kAdd        ? "+"
                                   : kOp == Op::kSubtract ? "-"
                                                          : "*",
                                   std::move(arguments));
  return rewriter.Cast(std::move(result), MakeDecimal(shape));
}

// What two operands of arithmetic become; strings are numbers under ANSI.
LogicalType ArithmeticType(const Rewriter& rewriter, const Exprs& arguments) {
  const LogicalType& a = arguments[0]->return_type;
  const LogicalType& b = arguments[1]->return_type;
  if (IsString(a) && IsString(b)) {
    throw BinderException(
        "[DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE] %s needs numbers, and has two strings here.",
        rewriter.name);
  }
  if ((IsString(a) || IsNullType(a)) && (IsString(b) || IsNullType(b))) return LogicalType::DOUBLE;
  const LogicalType common = CommonType(rewriter, {a, b});
  if (!IsNumeric(common)) rewriter.MismatchedTypes(arguments);
  return common;
}

void CastBoth(const Rewriter& rewriter, Exprs& arguments, const LogicalType& type) {
  for (auto& argument : arguments) argument = rewriter.Cast(std::move(argument), type);
}

// A NULL or a string beside a decimal takes its type.
void FillDecimals(const Rewriter& rewriter, Exprs& arguments, const LogicalType& type) {
  for (auto& argument : arguments) {
    if (!IsNumeric(argument->return_type)) argument = rewriter.Cast(std::move(argument), type);
  }
}

// ---- dates and times

bool IsInterval(const LogicalType& type) { return type.id() == LogicalTypeId::INTERVAL; }

template <int kSign>
struct AddToTimestamp {
  explicit AddToTimestamp(const Zone& session_zone) : zone(session_zone) {}
  Timestamp operator()(Timestamp time, Interval interval) const {
    const int64_t local = zone.ToLocal(time).micros;
    const int64_t days =
        AddMonths(FloorDiv(local, kMicrosPerDay), kSign * interval.months) + kSign * interval.days;
    const Timestamp moved =
        interval.months == 0 && interval.days == 0
            ? time
            : zone.ToInstant({days * kMicrosPerDay + FloorMod(local, kMicrosPerDay)});
    return {moved.micros + kSign * interval.micros};
  }
  const Zone& zone;
};
template <int kSign>
struct AddToLocalTimestamp {
  LocalTimestamp operator()(LocalTimestamp time, Interval interval) const {
    const int64_t days = AddMonths(FloorDiv(time.micros, kMicrosPerDay), kSign * interval.months) +
                         kSign * interval.days;
    return {days * kMicrosPerDay + FloorMod(time.micros, kMicrosPerDay) + kSign * interval.micros};
  }
};
template <int kSign>
struct AddToDate {
  absl::StatusOr<Date> operator()(Date date, Interval interval) const {
    // Whole days may have been written as hours.
    if (interval.micros % kMicrosPerDay != 0) {
      return base::InvalidArgument(
          "[ILLEGAL_DAY_INTERVAL] Cannot add hours, minutes or seconds to a date: cast it to a "
          "timestamp first");
    }
    return Date{static_cast<int32_t>(AddMonths(date.days, kSign * interval.months) +
                                     kSign * (interval.days + interval.micros / kMicrosPerDay))};
  }
};
template <int kSign>
struct AddDays {
  absl::StatusOr<Date> operator()(Date date, int32_t days) const {
    int32_t result = 0;
    if (__builtin_add_overflow(date.days, kSign * static_cast<int64_t>(days), &result)) {
      return base::InvalidArgument("[DATETIME_OVERFLOW] Datetime operation overflow");
    }
    return Date{result};
  }
};
struct DaysBetween {
  Interval operator()(Date a, Date b) const { return {0, a.days - b.days, 0}; }
};
struct TimeBetween {
  Interval operator()(Timestamp a, Timestamp b) const {
    const int64_t micros = a.micros - b.micros;
    return {0, static_cast<int32_t>(micros / kMicrosPerDay), micros % kMicrosPerDay};
  }
};

template <Op kOp>
ExprPtr TimeArithmetic(const Rewriter& rewriter, Exprs& arguments) {
  constexpr int kSign = kOp == Op::kSubtract ? -1 : 1;
  if (kOp == Op::kAdd && !IsAnyTimestamp(arguments[0]->return_type) &&
      arguments[0]->return_type.id() != LogicalTypeId::DATE &&
      (IsAnyTimestamp(arguments[1]->return_type) ||
       arguments[1]->return_type.id() == LogicalTypeId::DATE)) {
    std::swap(arguments[0], arguments[1]);
  }
  const LogicalType a = arguments[0]->return_type;
  const LogicalType b = arguments[1]->return_type;
  if (IsInterval(a) && IsInterval(b) && kOp != Op::kMultiply) {
    return rewriter.Native(kOp == Op::kAdd ? "+" : "-", std::move(arguments));
  }
  if (kOp == Op::kMultiply && (IsInterval(a) || IsInterval(b))) {
    if (IsInterval(b)) std::swap(arguments[0], arguments[1]);
    arguments[1] = rewriter.Coerce(std::move(arguments[1]), LogicalType::BIGINT);
    return rewriter.Native("*", std::move(arguments));
  }
  if (IsInterval(b)) {
    if (a.id() == LogicalTypeId::DATE) {
      // DATE + an interval with a time of day is a timestamp; the literal says which it is.
      if (arguments[1]->IsFoldable()) {
        const Value value = rewriter.ConstantValue(*arguments[1], "the interval");
        if (!value.IsNull() && duckdb::IntervalValue::Get(value).micros % kMicrosPerDay != 0) {
          return KernelCall<AddToTimestamp<kSign>>(rewriter, std::move(arguments));
        }
      }
      return KernelCall<AddToDate<kSign>>(rewriter, std::move(arguments));
    }
    if (a.id() == LogicalTypeId::TIMESTAMP)
      return KernelCall<AddToLocalTimestamp<kSign>>(rewriter, std::move(arguments));
    if (a.id() == LogicalTypeId::TIMESTAMP_TZ) {
      return KernelCall<AddToTimestamp<kSign>>(rewriter, std::move(arguments));
    }
    // A text is read as a time, and the result is a text again.
    if (IsString(a)) {
      return rewriter.Cast(KernelCall<AddToTimestamp<kSign>>(rewriter, std::move(arguments)),
                           LogicalType::VARCHAR);
    }
  }
  if (a.id() == LogicalTypeId::DATE && (IsIntegral(b) || IsNullType(b)) && kOp != Op::kMultiply) {
    if (b.id() == LogicalTypeId::BIGINT) rewriter.MismatchedTypes(arguments);
    return KernelCall<AddDays<kSign>>(rewriter, std::move(arguments));
  }
  if (kOp == Op::kSubtract) {
    if (IsAnyTimestamp(a) || IsAnyTimestamp(b))
      return KernelCall<TimeBetween>(rewriter, std::move(arguments));
    if (a.id() == LogicalTypeId::DATE || b.id() == LogicalTypeId::DATE)
      return KernelCall<DaysBetween>(rewriter, std::move(arguments));
  }
  rewriter.MismatchedTypes(arguments);
}

bool IsTimeLike(const LogicalType& type) {
  return type.id() == LogicalTypeId::DATE || IsAnyTimestamp(type) || IsInterval(type);
}

template <Op kOp, bool kTry>
ExprPtr ArithmeticRule(Rewriter& rewriter, Exprs& arguments) {
  if (IsTimeLike(arguments[0]->return_type) || IsTimeLike(arguments[1]->return_type)) {
    return TimeArithmetic<kOp>(rewriter, arguments);
  }
  const LogicalType type = ArithmeticType(rewriter, arguments);
  if (IsDecimal(type)) {
    FillDecimals(rewriter, arguments, type);
    return DecimalArithmetic<kOp>(rewriter, std::move(arguments), kTry);
  }
  CastBoth(rewriter, arguments, type);
  if (IsFloating(type)) {
    return rewriter.Native(kOp == Op::kAdd        ? "+"
                           : kOp == Op::kSubtract ? "-"
                                                  : "*",
                           std::move(arguments));
  }
  return IntegerArithmetic<kOp>(rewriter, std::move(arguments), type, kTry);
}

// ---- division

template <bool kTry>
struct DivideDoubles {
  std::optional<double> operator()(double a, double b) const {
    if (b == 0) {
      if (kTry) return std::nullopt;
      ThrowDivideByZero();
    }
    return a / b;
  }
};

template <bool kTry>
bool DivideOrFail(Int128 a, Int128 b, DecimalShape left, DecimalShape right, DecimalShape result,
                  Int128* value) {
  if (b == 0) {
    if (kTry) return false;
    ThrowDivideByZero();
  }
  return DivideWide(a, b, left, right, result, value);
}

template <bool kTry>
ExprPtr DivideRule(Rewriter& rewriter, Exprs& arguments) {
  if (IsInterval(arguments[0]->return_type))
    rewriter.Refuse("division of an interval is not supported");
  const LogicalType type = ArithmeticType(rewriter, arguments);
  if (!IsDecimal(type)) {
    CastBoth(rewriter, arguments, LogicalType::DOUBLE);
    return KernelCall<DivideDoubles<kTry>>(rewriter, std::move(arguments));
  }
  FillDecimals(rewriter, arguments, type);
  const DecimalShape a = DecimalOf(*arguments[0]);
  const DecimalShape b = DecimalOf(*arguments[1]);
  const int scale = std::max(6, a.scale + b.precision + 1);
  const DecimalShape shape = AdjustDecimal(a.precision - a.scale + b.scale + scale, scale);
  return DecimalCall(rewriter, std::move(arguments), shape, kTry, DivideOrFail<kTry>);
}

struct DivideWhole {
  int64_t operator()(int64_t a, int64_t b) const {
    if (b == 0) ThrowDivideByZero();
    if (a == std::numeric_limits<int64_t>::min() && b == -1) ThrowOverflow("long", "try_divide");
    return a / b;
  }
};

bool DivideToWhole(Int128 a, Int128 b, DecimalShape left, DecimalShape right, DecimalShape,
                   Int128* value) {
  if (b == 0) ThrowDivideByZero();
  Int128 x = 0;
  Int128 y = 0;
  const int scale = std::max(left.scale, right.scale);
  if (!RescaleDecimal(a, left.scale, scale, 38, &x) ||
      !RescaleDecimal(b, right.scale, scale, 38, &y))
    return false;
  *value = x / y;
  return true;
}

ExprPtr DivRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType type = ArithmeticType(rewriter, arguments);
  if (IsDecimal(type)) {
    FillDecimals(rewriter, arguments, type);
    return rewriter.Cast(DecimalCall(rewriter, std::move(arguments), {38, 0}, false, DivideToWhole),
                         LogicalType::BIGINT);
  }
  CastBoth(rewriter, arguments, LogicalType::BIGINT);
  return KernelCall<DivideWhole>(rewriter, std::move(arguments));
}

enum class Remainder { kMod, kTryMod, kPositive };

template <typename Number, Remainder kKind>
struct Modulo {
  std::optional<Number> operator()(Number a, Number b) const {
    if (b == 0) {
      if (kKind == Remainder::kTryMod) return std::nullopt;
      ThrowRemainderByZero();
    }
    Number rest = Rest(a, b);
    if (kKind == Remainder::kPositive && rest < 0) rest = Rest(static_cast<Number>(rest + b), b);
    return rest;
  }
  static Number Rest(Number a, Number b) {
    if constexpr (std::is_floating_point_v<Number>) {
      return std::fmod(a, b);
    } else {
      return b == -1 ? Number(0) : static_cast<Number>(a % b);
    }
  }
};

template <Remainder kKind>
bool DecimalModulo(Int128 a, Int128 b, DecimalShape left, DecimalShape right, DecimalShape result,
                   Int128* value) {
  if (b == 0) {
    if (kKind == Remainder::kTryMod) return false;
    ThrowRemainderByZero();
  }
  Int128 x = 0;
  Int128 y = 0;
  const int scale = std::max(left.scale, right.scale);
  if (!RescaleDecimal(a, left.scale, scale, 38, &x) ||
      !RescaleDecimal(b, right.scale, scale, 38, &y))
    return false;
  Int128 rest = x % y;
  if (kKind == Remainder::kPositive && rest < 0) rest = (rest + y) % y;
  return RescaleDecimal(rest, scale, result.scale, result.precision, value);
}

template <Remainder kKind>
ExprPtr ModRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType type = ArithmeticType(rewriter, arguments);
  if (IsDecimal(type)) {
    FillDecimals(rewriter, arguments, type);
    const DecimalShape a = DecimalOf(*arguments[0]);
    const DecimalShape b = DecimalOf(*arguments[1]);
    const int scale = std::max(a.scale, b.scale);
    const DecimalShape shape =
        AdjustDecimal(std::min(a.precision - a.scale, b.precision - b.scale) + scale, scale);
    return DecimalCall(rewriter, std::move(arguments), shape, kKind == Remainder::kTryMod,
                       DecimalModulo<kKind>);
  }
  CastBoth(rewriter, arguments, type);
  switch (type.id()) {
    case LogicalTypeId::TINYINT:
      return KernelCall<Modulo<int8_t, kKind>>(rewriter, std::move(arguments));
    case LogicalTypeId::SMALLINT:
      return KernelCall<Modulo<int16_t, kKind>>(rewriter, std::move(arguments));
    case LogicalTypeId::INTEGER:
      return KernelCall<Modulo<int32_t, kKind>>(rewriter, std::move(arguments));
    case LogicalTypeId::BIGINT:
      return KernelCall<Modulo<int64_t, kKind>>(rewriter, std::move(arguments));
    case LogicalTypeId::FLOAT:
      return KernelCall<Modulo<float, kKind>>(rewriter, std::move(arguments));
    default:
      return KernelCall<Modulo<double, kKind>>(rewriter, std::move(arguments));
  }
}

// ---- one number

template <typename Number, bool kAbsolute>
struct Negate {
  Number operator()(Number value) const {
    if constexpr (kAbsolute && std::is_floating_point_v<Number>) return std::fabs(value);
    if (kAbsolute && !(value < 0)) return value;
    if constexpr (std::is_integral_v<Number>) {
      if (value == std::numeric_limits<Number>::min())
        ThrowOverflow(IntegerName<Number>(), kAbsolute ? "try_abs" : "try_subtract");
    }
    return static_cast<Number>(-value);
  }
};

template <bool kAbsolute>
ExprPtr NegateRule(Rewriter& rewriter, Exprs& arguments) {
  LogicalType type = arguments[0]->return_type;
  if (IsInterval(type) && !kAbsolute) return rewriter.Native("-", std::move(arguments));
  if (IsDecimal(type)) return rewriter.Native(kAbsolute ? "abs" : "-", std::move(arguments));
  if (!IsNumeric(type)) type = LogicalType::DOUBLE;
  switch (type.id()) {
    case LogicalTypeId::TINYINT:
      return KernelCall<Negate<int8_t, kAbsolute>>(rewriter, std::move(arguments));
    case LogicalTypeId::SMALLINT:
      return KernelCall<Negate<int16_t, kAbsolute>>(rewriter, std::move(arguments));
    case LogicalTypeId::INTEGER:
      return KernelCall<Negate<int32_t, kAbsolute>>(rewriter, std::move(arguments));
    case LogicalTypeId::BIGINT:
      return KernelCall<Negate<int64_t, kAbsolute>>(rewriter, std::move(arguments));
    case LogicalTypeId::FLOAT:
      return KernelCall<Negate<float, kAbsolute>>(rewriter, std::move(arguments));
    default:
      return KernelCall<Negate<double, kAbsolute>>(rewriter, std::move(arguments));
  }
}

ExprPtr PositiveRule(Rewriter& rewriter, Exprs& arguments) {
  if (IsString(arguments[0]->return_type))
    return rewriter.Cast(std::move(arguments[0]), LogicalType::DOUBLE);
  return std::move(arguments[0]);
}

// ---- rounding

std::string ScaleDetail(int scale, Rounding rounding) {
  return fmt::format("{} {}", scale, static_cast<int>(rounding));
}

ExprPtr RoundDecimalCall(const Rewriter& rewriter, ExprPtr value, int scale, Rounding rounding,
                         DecimalShape shape) {
  const DecimalShape from = DecimalOf(value->return_type);
  Exprs arguments = List(rewriter.Cast(std::move(value), MakeDecimal({38, from.scale})));
  ExprPtr call = ChunkCall(
      rewriter, std::move(arguments), MakeDecimal({38, shape.scale}),
      [=](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        duckdb::UnaryExecutor::Execute<duckdb::hugeint_t, duckdb::hugeint_t>(
            chunk.data[0], result, chunk.size(), [&](duckdb::hugeint_t input) {
              const int drop = from.scale - scale;
              Int128 rounded = DropDigits(ToInt128(input), drop, rounding);
              // The dropped digits before the point come back as zeros.
              Int128 rescaled = rounded;
              if (drop > 0 && scale < 0 &&
                  !MultiplyDecimal(rounded, PowerOfTen(std::min(38, -scale)), 0, 38, &rescaled)) {
                ThrowDecimalOverflow(shape);
              }
              return ToHugeint(rescaled);
            });
      },
      duckdb::FunctionStability::CONSISTENT, false, ScaleDetail(scale, rounding));
  return rewriter.Cast(std::move(call), MakeDecimal(shape));
}

template <typename Integer>
ExprPtr RoundIntegerCall(const Rewriter& rewriter, ExprPtr value, int scale, Rounding rounding) {
  return ChunkCall(
      rewriter, List(std::move(value)), Stored<Integer>::Logical(),
      [=](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        duckdb::UnaryExecutor::Execute<Integer, Integer>(
            chunk.data[0], result, chunk.size(), [&](Integer input) {
              const int digits = -scale;
              const Int128 rounded =
                  DropDigits(input, digits, rounding) * (digits > 20 ? 0 : PowerOfTen(digits));
              if (rounded < std::numeric_limits<Integer>::min() ||
                  rounded > std::numeric_limits<Integer>::max()) {
                ThrowOverflow(IntegerName<Integer>(), "try_divide");
              }
              return static_cast<Integer>(rounded);
            });
      },
      duckdb::FunctionStability::CONSISTENT, false, ScaleDetail(scale, rounding));
}

ExprPtr Round(const Rewriter& rewriter, ExprPtr value, int scale, Rounding rounding) {
  const LogicalType type = value->return_type;
  if (IsDecimal(type)) {
    const DecimalShape from = DecimalOf(type);
    const int whole = from.precision - from.scale + 1;
    const int kept = std::max(0, std::min(from.scale, scale));
    const DecimalShape shape{std::min(38, scale < 0 ? std::max(whole, 1 - scale) : whole + kept),
                             kept};
    return RoundDecimalCall(rewriter, std::move(value), std::min(from.scale, scale), rounding,
                            shape);
  }
  if (IsIntegral(type)) {
    if (scale >= 0) return value;
    switch (type.id()) {
      case LogicalTypeId::TINYINT:
        return RoundIntegerCall<int8_t>(rewriter, std::move(value), scale, rounding);
      case LogicalTypeId::SMALLINT:
        return RoundIntegerCall<int16_t>(rewriter, std::move(value), scale, rounding);
      case LogicalTypeId::INTEGER:
        return RoundIntegerCall<int32_t>(rewriter, std::move(value), scale, rounding);
      default:
        return RoundIntegerCall<int64_t>(rewriter, std::move(value), scale, rounding);
    }
  }
  value =
      rewriter.Coerce(std::move(value),
                      type.id() == LogicalTypeId::FLOAT ? LogicalType::FLOAT : LogicalType::DOUBLE);
  const bool is_float = type.id() == LogicalTypeId::FLOAT;
  return ChunkCall(
      rewriter, List(std::move(value)), is_float ? LogicalType::FLOAT : LogicalType::DOUBLE,
      [=](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        if (is_float) {
          duckdb::UnaryExecutor::Execute<float, float>(
              chunk.data[0], result, chunk.size(), [&](float input) {
                return static_cast<float>(
                    RoundDouble(*ParseDouble(JavaFloat(input)), scale, rounding));
              });
        } else {
          duckdb::UnaryExecutor::Execute<double, double>(
              chunk.data[0], result, chunk.size(),
              [&](double input) { return RoundDouble(input, scale, rounding); });
        }
      },
      duckdb::FunctionStability::CONSISTENT, false, ScaleDetail(scale, rounding));
}

int ScaleArgument(const Rewriter& rewriter, const Exprs& arguments) {
  if (arguments.size() < 2) return 0;
  const Value scale = rewriter.ConstantValue(*arguments[1], "the scale");
  if (scale.IsNull()) rewriter.Refuse("the scale must not be NULL");
  return scale.GetValue<int32_t>();
}

template <Rounding kRounding>
ExprPtr RoundRule(Rewriter& rewriter, Exprs& arguments) {
  const int scale = ScaleArgument(rewriter, arguments);
  if (arguments.size() == 2) arguments[1] = rewriter.Constant(Value::INTEGER(scale));
  return Round(rewriter, std::move(arguments[0]), scale, kRounding);
}

template <bool kUp>
struct FloorToLong {
  int64_t operator()(double value) const {
    const double whole = kUp ? std::ceil(value) : std::floor(value);
    // Java's conversion: NaN is 0, too great is the greatest.
    if (std::isnan(whole)) return 0;
    if (whole >= 9.2233720368547758e18) return std::numeric_limits<int64_t>::max();
    if (whole <= -9.2233720368547758e18) return std::numeric_limits<int64_t>::min();
    return static_cast<int64_t>(whole);
  }
};

template <bool kUp>
ExprPtr FloorRule(Rewriter& rewriter, Exprs& arguments) {
  constexpr Rounding kRounding = kUp ? Rounding::kCeiling : Rounding::kFloor;
  const LogicalType type = arguments[0]->return_type;
  if (arguments.size() == 2) {
    const int scale = ScaleArgument(rewriter, arguments);
    ExprPtr value = std::move(arguments[0]);
    if (IsIntegral(type)) value = rewriter.Cast(std::move(value), MakeDecimal(DecimalOf(type)));
    if (IsFloating(type) || IsString(type))
      value = rewriter.Cast(std::move(value), LogicalType::DECIMAL(30, 15));
    return Round(rewriter, std::move(value), scale, kRounding);
  }
  if (IsIntegral(type)) return rewriter.Cast(std::move(arguments[0]), LogicalType::BIGINT);
  if (IsDecimal(type)) {
    const DecimalShape from = DecimalOf(type);
    const DecimalShape shape{
        from.scale == 0 ? from.precision : std::min(38, from.precision - from.scale + 1), 0};
    return RoundDecimalCall(rewriter, std::move(arguments[0]), 0, kRounding, shape);
  }
  return KernelCall<FloorToLong<kUp>>(rewriter, std::move(arguments));
}

// ---- mathematics over doubles

template <double (*kFunction)(double)>
struct Math1 {
  double operator()(double x) const { return kFunction(x); }
};
template <double (*kFunction)(double, double)>
struct Math2 {
  double operator()(double x, double y) const { return kFunction(x, y); }
};
// Logarithms are NULL where they are not defined.
template <double (*kFunction)(double), int kAbove>
struct Logarithm {
  std::optional<double> operator()(double x) const {
    if (x <= kAbove) return std::nullopt;
    return kFunction(x);
  }
};
struct LogarithmOfBase {
  std::optional<double> operator()(double base, double x) const {
    if (base <= 0 || x <= 0) return std::nullopt;
    return std::log(x) / std::log(base);
  }
};
double Cotangent(double x) { return 1.0 / std::tan(x); }
double Cosecant(double x) { return 1.0 / std::sin(x); }
double Secant(double x) { return 1.0 / std::cos(x); }
// The library's, and one step of Newton's, which makes the roots of cubes exact.
double CubeRoot(double x) {
  const double root = std::cbrt(x);
  if (root == 0 || !std::isfinite(root)) return root;
  return root - (root * root * root - x) / (3 * root * root);
}
double Degrees(double x) { return x * (180.0 / M_PI); }
double Radians(double x) { return x / 180.0 * M_PI; }
double Sign(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; }
struct Factorial {
  std::optional<int64_t> operator()(int32_t n) const {
    if (n < 0 || n > 20) return std::nullopt;
    int64_t product = 1;
    for (int32_t i = 2; i <= n; ++i) product *= i;
    return product;
  }
};
struct WidthBucket {
  std::optional<int64_t> operator()(double value, double low, double high, int64_t buckets) const {
    if (buckets <= 0 || buckets == std::numeric_limits<int64_t>::max() || std::isnan(value) ||
        low == high || !std::isfinite(low) || !std::isfinite(high)) {
      return std::nullopt;
    }
    const double lower = std::min(low, high);
    const double upper = std::max(low, high);
    if (low < high) {
      if (value < lower) return 0;
      if (value >= upper) return buckets + 1;
      return static_cast<int64_t>(static_cast<double>(buckets) * (value - lower) /
                                  (upper - lower)) +
             1;
    }
    if (value > upper) return 0;
    if (value <= lower) return buckets + 1;
    return static_cast<int64_t>(static_cast<double>(buckets) * (upper - value) / (upper - lower)) +
           1;
  }
};

ExprPtr LogRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 1)
    return KernelCall<Logarithm<std::log, 0>>(rewriter, std::move(arguments));
  return KernelCall<LogarithmOfBase>(rewriter, std::move(arguments));
}

ExprPtr PiRule(Rewriter& rewriter, Exprs&) { return rewriter.Constant(Value::DOUBLE(M_PI)); }
ExprPtr ERule(Rewriter& rewriter, Exprs&) { return rewriter.Constant(Value::DOUBLE(M_E)); }

ExprPtr IsNanRule(Rewriter& rewriter, Exprs& arguments) {
  // NULL is not NaN.
  arguments[0] =
      rewriter.Coerce(std::move(arguments[0]),
                      arguments[0]->return_type.id() == LogicalTypeId::FLOAT ? LogicalType::FLOAT
                                                                             : LogicalType::DOUBLE);
  auto coalesce = duckdb::make_uniq<duckdb::BoundOperatorExpression>(
      ExpressionType::OPERATOR_COALESCE, LogicalType::BOOLEAN);
  coalesce->children.push_back(rewriter.Native("isnan", std::move(arguments)));
  coalesce->children.push_back(rewriter.Constant(Value::BOOLEAN(false)));
  return coalesce;
}

template <typename Float>
struct NanOr {
  Float operator()(Float value, Float otherwise) const {
    return std::isnan(value) ? otherwise : value;
  }
};
ExprPtr NanvlRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments[0]->return_type.id() == LogicalTypeId::FLOAT &&
      arguments[1]->return_type.id() == LogicalTypeId::FLOAT) {
    return KernelCall<NanOr<float>>(rewriter, std::move(arguments));
  }
  return KernelCall<NanOr<double>>(rewriter, std::move(arguments));
}

// ---- bits

template <const char* kNative>
ExprPtr BitRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType type =
      arguments.size() == 2 ? ArithmeticType(rewriter, arguments) : arguments[0]->return_type;
  if (!IsIntegral(type)) rewriter.MismatchedTypes(arguments);
  CastBoth(rewriter, arguments, type);
  return rewriter.Native(kNative, std::move(arguments));
}
constexpr char kBitAnd[] = "&";
constexpr char kBitOr[] = "|";
constexpr char kBitXor[] = "xor";
constexpr char kBitNot[] = "~";

enum class Shift { kLeft, kRight, kUnsignedRight };
template <typename Integer, Shift kShift>
struct ShiftBits {
  Integer operator()(Integer value, int32_t count) const {
    using Unsigned = std::make_unsigned_t<Integer>;
    const int by = count & (static_cast<int>(sizeof(Integer)) * 8 - 1);
    if (kShift == Shift::kLeft) return static_cast<Integer>(static_cast<Unsigned>(value) << by);
    if (kShift == Shift::kRight) return value >> by;
    return static_cast<Integer>(static_cast<Unsigned>(value) >> by);
  }
};
template <Shift kShift>
ExprPtr ShiftRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments[0]->return_type.id() == LogicalTypeId::BIGINT)
    return KernelCall<ShiftBits<int64_t, kShift>>(rewriter, std::move(arguments));
  return KernelCall<ShiftBits<int32_t, kShift>>(rewriter, std::move(arguments));
}
struct BitCount {
  int32_t operator()(int64_t value) const {
    return __builtin_popcountll(static_cast<uint64_t>(value));
  }
};
ExprPtr BitCountRule(Rewriter& rewriter, Exprs& arguments) {
  arguments[0] = rewriter.Cast(std::move(arguments[0]), LogicalType::BIGINT);
  return KernelCall<BitCount>(rewriter, std::move(arguments));
}
struct BitGet {
  absl::StatusOr<int8_t> operator()(int64_t value, int32_t place) const {
    if (place < 0 || place > 63)
      return base::InvalidArgument(
          "[INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE] bit {} is out of range 0..63", place);
    return static_cast<int8_t>((value >> place) & 1);
  }
};

// ---- comparisons

// A scalar as it is; a struct with a mark before each member, so that NULL is smallest as Spark
// orders it.
ExprPtr OrderKey(const Rewriter& rewriter, ExprPtr value) {
  const LogicalType type = value->return_type;
  if (type.id() == LogicalTypeId::MAP) rewriter.Refuse("maps have no order");
  if (type.id() == LogicalTypeId::LIST) rewriter.Refuse("the order of arrays is not supported yet");
  if (type.id() != LogicalTypeId::STRUCT) return value;
  Exprs parts;
  const auto& members = duckdb::StructType::GetChildTypes(type);
  for (size_t i = 0; i < members.size(); ++i) {
    const auto member = [&] {
      return rewriter.Native("struct_extract_at",
                             List(rewriter.Copy(*value),
                                  rewriter.Constant(Value::BIGINT(static_cast<int64_t>(i) + 1))));
    };
    auto is_set = duckdb::make_uniq<duckdb::BoundOperatorExpression>(
        ExpressionType::OPERATOR_IS_NOT_NULL, LogicalType::BOOLEAN);
    is_set->children.push_back(member());
    parts.push_back(std::move(is_set));
    parts.push_back(OrderKey(rewriter, member()));
  }
  for (size_t i = 0; i < parts.size(); ++i) parts[i]->SetAlias("k" + std::to_string(i));
  ExprPtr key = rewriter.Native("struct_pack", std::move(parts));
  return rewriter.NullWhere(rewriter.IsNull(std::move(value)), std::move(key));
}

ExprPtr OrderKeyRule(Rewriter& rewriter, Exprs& arguments) {
  return OrderKey(rewriter, std::move(arguments[0]));
}

// The digits of an integer literal count, so that a decimal column keeps its own type beside one.
LogicalType ComparisonType(const Rewriter& rewriter, const duckdb::Expression& a,
                           const duckdb::Expression& b) {
  LogicalType type_a = a.return_type;
  LogicalType type_b = b.return_type;
  if (IsDecimal(type_a) && IsIntegral(type_b)) type_b = MakeDecimal(DecimalOf(b));
  if (IsDecimal(type_b) && IsIntegral(type_a)) type_a = MakeDecimal(DecimalOf(a));
  return CommonType(rewriter, {type_a, type_b});
}

template <ExpressionType kType>
ExprPtr CompareRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType type = ComparisonType(rewriter, *arguments[0], *arguments[1]);
  if (type.id() == LogicalTypeId::MAP) rewriter.Refuse("maps cannot be compared");
  CastBoth(rewriter, arguments, type);
  const bool is_equality = kType == ExpressionType::COMPARE_EQUAL ||
                           kType == ExpressionType::COMPARE_NOTEQUAL ||
                           kType == ExpressionType::COMPARE_NOT_DISTINCT_FROM;
  if (type.id() == LogicalTypeId::STRUCT && !is_equality) {
    for (auto& argument : arguments) argument = OrderKey(rewriter, std::move(argument));
  } else if (type.id() == LogicalTypeId::LIST && !is_equality) {
    rewriter.Refuse("the order of arrays is not supported yet");
  }
  return rewriter.Compare(kType, std::move(arguments[0]), std::move(arguments[1]));
}

ExprPtr BetweenRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType low = ComparisonType(rewriter, *arguments[0], *arguments[1]);
  const LogicalType high = ComparisonType(rewriter, *arguments[0], *arguments[2]);
  if (low != high || IsNested(low)) {
    Exprs lower = List(rewriter.Copy(*arguments[0]), std::move(arguments[1]));
    Exprs upper = List(std::move(arguments[0]), std::move(arguments[2]));
    return duckdb::make_uniq<duckdb::BoundConjunctionExpression>(
        ExpressionType::CONJUNCTION_AND,
        CompareRule<ExpressionType::COMPARE_GREATERTHANOREQUALTO>(rewriter, lower),
        CompareRule<ExpressionType::COMPARE_LESSTHANOREQUALTO>(rewriter, upper));
  }
  CastBoth(rewriter, arguments, low);
  return duckdb::make_uniq<duckdb::BoundBetweenExpression>(
      std::move(arguments[0]), std::move(arguments[1]), std::move(arguments[2]), true, true);
}

ExprPtr InRule(Rewriter& rewriter, Exprs& arguments) {
  Unify(rewriter, arguments);
  auto in = duckdb::make_uniq<duckdb::BoundOperatorExpression>(ExpressionType::COMPARE_IN,
                                                               LogicalType::BOOLEAN);
  in->children = std::move(arguments);
  return in;
}

template <const char* kNative>
ExprPtr ExtremeRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType type = Unify(rewriter, arguments);
  if (IsNullType(type)) return std::move(arguments[0]);
  if (IsNested(type)) rewriter.Refuse("arrays and structs are not supported");
  return rewriter.Native(kNative, std::move(arguments));
}
constexpr char kGreatest[] = "greatest";
constexpr char kLeast[] = "least";

// ---- conditions

ExprPtr Coalesce(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType type = Unify(rewriter, arguments);
  auto coalesce =
      duckdb::make_uniq<duckdb::BoundOperatorExpression>(ExpressionType::OPERATOR_COALESCE, type);
  coalesce->children = std::move(arguments);
  return coalesce;
}

ExprPtr IfRule(Rewriter& rewriter, Exprs& arguments) {
  ExprPtr condition = rewriter.Coerce(std::move(arguments[0]), LogicalType::BOOLEAN);
  Unify(rewriter, arguments, 1);
  return rewriter.Case(std::move(condition), std::move(arguments[1]), std::move(arguments[2]));
}

// case(condition, value, .., [otherwise])
ExprPtr CaseRule(Rewriter& rewriter, Exprs& arguments) {
  Exprs values;
  Exprs conditions;
  for (size_t i = 0; i + 1 < arguments.size(); i += 2) {
    conditions.push_back(rewriter.Coerce(std::move(arguments[i]), LogicalType::BOOLEAN));
    values.push_back(std::move(arguments[i + 1]));
  }
  values.push_back(arguments.size() % 2 == 1 ? std::move(arguments.back())
                                             : rewriter.Null(LogicalType::SQLNULL));
  const LogicalType type = Unify(rewriter, values);
  auto result = duckdb::make_uniq<duckdb::BoundCaseExpression>(type);
  for (size_t i = 0; i < conditions.size(); ++i) {
    duckdb::BoundCaseCheck check;
    check.when_expr = std::move(conditions[i]);
    check.then_expr = std::move(values[i]);
    result->case_checks.push_back(std::move(check));
  }
  result->else_expr = std::move(values.back());
  return result;
}

// decode(x, search, value, .., [otherwise]): NULL matches NULL.
ExprPtr DecodeRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 2) {
    const std::string charset =
        duckdb::StringUtil::Upper(rewriter.ConstantValue(*arguments[1], "the charset").ToString());
    if (charset != "UTF-8" && charset != "US-ASCII") rewriter.Refuse("only UTF-8 is supported");
    return rewriter.Cast(rewriter.Cast(std::move(arguments[0]), LogicalType::BLOB),
                         LogicalType::VARCHAR);
  }
  Exprs cases;
  size_t i = 1;
  for (; i + 1 < arguments.size(); i += 2) {
    Exprs pair = List(rewriter.Copy(*arguments[0]), std::move(arguments[i]));
    cases.push_back(CompareRule<ExpressionType::COMPARE_NOT_DISTINCT_FROM>(rewriter, pair));
    cases.push_back(std::move(arguments[i + 1]));
  }
  if (i < arguments.size()) cases.push_back(std::move(arguments[i]));
  return CaseRule(rewriter, cases);
}

ExprPtr NullIfRule(Rewriter& rewriter, Exprs& arguments) {
  ExprPtr value = rewriter.Copy(*arguments[0]);
  ExprPtr null = rewriter.Null(value->return_type);
  return rewriter.Case(CompareRule<ExpressionType::COMPARE_EQUAL>(rewriter, arguments),
                       std::move(null), std::move(value));
}
ExprPtr Nvl2Rule(Rewriter& rewriter, Exprs& arguments) {
  Unify(rewriter, arguments, 1);
  return rewriter.Case(rewriter.IsNull(std::move(arguments[0])), std::move(arguments[2]),
                       std::move(arguments[1]));
}
ExprPtr NullIfZeroRule(Rewriter& rewriter, Exprs& arguments) {
  arguments.push_back(rewriter.Constant(Value::INTEGER(0)));
  return NullIfRule(rewriter, arguments);
}
ExprPtr ZeroIfNullRule(Rewriter& rewriter, Exprs& arguments) {
  arguments.push_back(rewriter.Constant(Value::INTEGER(0)));
  return Coalesce(rewriter, arguments);
}
ExprPtr IsNullRule(Rewriter& rewriter, Exprs& arguments) {
  return rewriter.IsNull(std::move(arguments[0]));
}
ExprPtr IsNotNullRule(Rewriter& rewriter, Exprs& arguments) {
  auto test = duckdb::make_uniq<duckdb::BoundOperatorExpression>(
      ExpressionType::OPERATOR_IS_NOT_NULL, LogicalType::BOOLEAN);
  test->children.push_back(std::move(arguments[0]));
  return test;
}
ExprPtr TypeOfRule(Rewriter& rewriter, Exprs& arguments) {
  return rewriter.Constant(Value(SparkTypeName(arguments[0]->return_type)));
}

}  // namespace

void RegisterOperatorRules(duckdb::ExtensionLoader& loader) {
  RegisterRules(loader, {{"add", 2, 2, ArithmeticRule<Op::kAdd, false>},
                         {"subtract", 2, 2, ArithmeticRule<Op::kSubtract, false>},
                         {"multiply", 2, 2, ArithmeticRule<Op::kMultiply, false>},
                         {"try_add", 2, 2, ArithmeticRule<Op::kAdd, true>},
                         {"try_subtract", 2, 2, ArithmeticRule<Op::kSubtract, true>},
                         {"try_multiply", 2, 2, ArithmeticRule<Op::kMultiply, true>},
                         {"divide", 2, 2, DivideRule<false>},
                         {"try_divide", 2, 2, DivideRule<true>},
                         {"div", 2, 2, DivRule},
                         {"mod", 2, 2, ModRule<Remainder::kMod>},
                         {"try_mod", 2, 2, ModRule<Remainder::kTryMod>},
                         {"pmod", 2, 2, ModRule<Remainder::kPositive>},
                         {"negative", 1, 1, NegateRule<false>},
                         {"positive", 1, 1, PositiveRule},
                         {"abs", 1, 1, NegateRule<true>},
                         {"round", 1, 2, RoundRule<Rounding::kHalfUp>},
                         {"bround", 1, 2, RoundRule<Rounding::kHalfEven>},
                         {"floor", 1, 2, FloorRule<false>},
                         {"ceil", 1, 2, FloorRule<true>}});
  RegisterRules(loader, {{"acos", 1, 1, KernelRule<Math1<std::acos>>},
                         {"acosh", 1, 1, KernelRule<Math1<std::acosh>>},
                         {"asin", 1, 1, KernelRule<Math1<std::asin>>},
                         {"asinh", 1, 1, KernelRule<Math1<std::asinh>>},
                         {"atan", 1, 1, KernelRule<Math1<std::atan>>},
                         {"atan2", 2, 2, KernelRule<Math2<std::atan2>>},
                         {"atanh", 1, 1, KernelRule<Math1<std::atanh>>},
                         {"cbrt", 1, 1, KernelRule<Math1<CubeRoot>>},
                         {"cos", 1, 1, KernelRule<Math1<std::cos>>},
                         {"cosh", 1, 1, KernelRule<Math1<std::cosh>>},
                         {"cot", 1, 1, KernelRule<Math1<Cotangent>>},
                         {"csc", 1, 1, KernelRule<Math1<Cosecant>>},
                         {"degrees", 1, 1, KernelRule<Math1<Degrees>>},
                         {"e", 0, 0, ERule},
                         {"exp", 1, 1, KernelRule<Math1<std::exp>>},
                         {"expm1", 1, 1, KernelRule<Math1<std::expm1>>},
                         {"factorial", 1, 1, KernelRule<Factorial>},
                         {"hypot", 2, 2, KernelRule<Math2<std::hypot>>},
                         {"ln", 1, 1, KernelRule<Logarithm<std::log, 0>>},
                         {"log", 1, 2, LogRule},
                         {"log10", 1, 1, KernelRule<Logarithm<std::log10, 0>>},
                         {"log1p", 1, 1, KernelRule<Logarithm<std::log1p, -1>>},
                         {"log2", 1, 1, KernelRule<Logarithm<std::log2, 0>>},
                         {"pi", 0, 0, PiRule},
                         {"power", 2, 2, KernelRule<Math2<std::pow>>},
                         {"radians", 1, 1, KernelRule<Math1<Radians>>},
                         {"rint", 1, 1, KernelRule<Math1<std::nearbyint>>},
                         {"sec", 1, 1, KernelRule<Math1<Secant>>},
                         {"sign", 1, 1, KernelRule<Math1<Sign>>},
                         {"sin", 1, 1, KernelRule<Math1<std::sin>>},
                         {"sinh", 1, 1, KernelRule<Math1<std::sinh>>},
                         {"sqrt", 1, 1, KernelRule<Math1<std::sqrt>>},
                         {"tan", 1, 1, KernelRule<Math1<std::tan>>},
                         {"tanh", 1, 1, KernelRule<Math1<std::tanh>>},
                         {"width_bucket", 4, 4, KernelRule<WidthBucket>},
                         {"isnan", 1, 1, IsNanRule},
                         {"nanvl", 2, 2, NanvlRule}});
  RegisterRules(loader, {{"bitand", 2, 2, BitRule<kBitAnd>},
                         {"bitor", 2, 2, BitRule<kBitOr>},
                         {"bitxor", 2, 2, BitRule<kBitXor>},
                         {"bitnot", 1, 1, BitRule<kBitNot>},
                         {"shiftleft", 2, 2, ShiftRule<Shift::kLeft>},
                         {"shiftright", 2, 2, ShiftRule<Shift::kRight>},
                         {"shiftrightunsigned", 2, 2, ShiftRule<Shift::kUnsignedRight>},
                         {"bit_count", 1, 1, BitCountRule},
                         {"bit_get", 2, 2, KernelRule<BitGet>}});
  RegisterRules(loader,
                {{"eq", 2, 2, CompareRule<ExpressionType::COMPARE_EQUAL>},
                 {"ne", 2, 2, CompareRule<ExpressionType::COMPARE_NOTEQUAL>},
                 {"lt", 2, 2, CompareRule<ExpressionType::COMPARE_LESSTHAN>},
                 {"le", 2, 2, CompareRule<ExpressionType::COMPARE_LESSTHANOREQUALTO>},
                 {"gt", 2, 2, CompareRule<ExpressionType::COMPARE_GREATERTHAN>},
                 {"ge", 2, 2, CompareRule<ExpressionType::COMPARE_GREATERTHANOREQUALTO>},
                 {"equal_null", 2, 2, CompareRule<ExpressionType::COMPARE_NOT_DISTINCT_FROM>},
                 {"between", 3, 3, BetweenRule},
                 {"in", 2, -1, InRule},
                 {"order_key", 1, 1, OrderKeyRule},
                 {"greatest", 2, -1, ExtremeRule<kGreatest>},
                 {"least", 2, -1, ExtremeRule<kLeast>},
                 {"coalesce", 1, -1, Coalesce},
                 {"nvl", 2, 2, Coalesce},
                 {"if", 3, 3, IfRule},
                 {"case", 2, -1, CaseRule},
                 {"decode", 2, -1, DecodeRule},
                 {"nullif", 2, 2, NullIfRule},
                 {"nvl2", 3, 3, Nvl2Rule},
                 {"nullifzero", 1, 1, NullIfZeroRule},
                 {"zeroifnull", 1, 1, ZeroIfNullRule},
                 {"isnull", 1, 1, IsNullRule},
                 {"isnotnull", 1, 1, IsNotNullRule},
                 {"typeof", 1, 1, TypeOfRule}});
}

}  // namespace smelt::duck
