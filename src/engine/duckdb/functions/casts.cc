// Many lines because every unit that sees DuckDB's headers costs ten seconds and more to compile:
// functions of a kind share one.

#include <cmath>
#include <limits>

#include "engine/duckdb/functions/datetime_text.h"
#include "engine/duckdb/functions/kernel.h"

// Spark's casts, where they differ from DuckDB's: a set of cast functions that falls back on
// DuckDB's for the rest, also inside arrays, maps and structs. A cast that fails is an error, or
// NULL for TRY_CAST.

namespace smelt::duck {
namespace {

using duckdb::BindCastInput;
using duckdb::BoundCastInfo;
using duckdb::CastParameters;
using duckdb::idx_t;
using duckdb::Vector;

// What a cast knows when it runs.
struct CastData : duckdb::BoundCastData {
  CastData(LogicalType source_type, LogicalType target_type, const Zone& session_zone,
           Date current_date)
      : source(std::move(source_type)),
        target(std::move(target_type)),
        zone(&session_zone),
        today(current_date) {}
  duckdb::unique_ptr<duckdb::BoundCastData> Copy() const override {
    return duckdb::make_uniq<CastData>(source, target, *zone, today);
  }
  LogicalType source;
  LogicalType target;
  const Zone* zone;
  Date today;
};

std::string Quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

[[noreturn]] void ThrowInvalid(const std::string& shown, const CastData& data) {
  std::string type = duckdb::StringUtil::Upper(SparkTypeName(data.target));
  throw duckdb::ConversionException(
      "[CAST_INVALID_INPUT] The value %s of the type \"%s\" cannot be cast to \"%s\" because it is "
      "malformed. "
      "Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate "
      "malformed input "
      "and return NULL instead.",
      shown, duckdb::StringUtil::Upper(SparkTypeName(data.source)), type);
}

[[noreturn]] void ThrowOverflow(const std::string& shown, const CastData& data) {
  throw duckdb::ConversionException(
      "[CAST_OVERFLOW] The value %s of the type \"%s\" cannot be cast to \"%s\" due to an "
      "overflow. "
      "Use `try_cast` to tolerate overflow and return NULL instead.",
      shown, duckdb::StringUtil::Upper(SparkTypeName(data.source)),
      duckdb::StringUtil::Upper(SparkTypeName(data.target)));
}

[[noreturn]] void ThrowOutOfRange(const std::string& shown, const CastData& data) {
  const DecimalShape shape = DecimalOf(data.target);
  throw duckdb::ConversionException(
      "[NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION] The %s rounded half up from %s cannot be "
      "represented as Decimal(%d, %d). "
      "If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error, and return "
      "NULL instead.",
      shown, shown, shape.precision, shape.scale);
}

// Each cast: Convert gives nothing where the value does not fit, Fail says why.
template <typename Cast>
bool RunCast(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  using From = typename Cast::From;
  using To = typename Cast::To;
  const auto& data = parameters.cast_data->Cast<CastData>();
  const bool is_constant = source.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
  duckdb::UnifiedVectorFormat format;
  source.ToUnifiedFormat(count, format);
  const auto* values = duckdb::UnifiedVectorFormat::GetData<typename Stored<From>::Type>(format);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* target = duckdb::FlatVector::GetData<typename Stored<To>::Type>(result);
  auto& validity = duckdb::FlatVector::Validity(result);
  bool all_converted = true;
  for (idx_t row = 0; row < (is_constant ? 1 : count); ++row) {
    const idx_t index = format.sel->get_index(row);
    if (!format.validity.RowIsValid(index)) {
      validity.SetInvalid(row);
      continue;
    }
    const From value = Stored<From>::Read(values[index]);
    if (const std::optional<To> converted = Cast::Convert(value, data)) {
      Stored<To>::Write(result, target[row], *converted);
      continue;
    }
    if (parameters.error_message == nullptr) Cast::Fail(value, data);
    if (parameters.error_message->empty()) *parameters.error_message = "cast failed";
    validity.SetInvalid(row);
    all_converted = false;
  }
  if (is_constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  return all_converted;
}

duckdb::unique_ptr<CastData> MakeData(BindCastInput& input, const LogicalType& source,
                                      const LogicalType& target) {
  const Zone& zone = input.context ? SessionZone(*input.context) : Zone::Utc();
  Date today{0};
  if (input.context) {
    const Timestamp now = Rewriter(*input.context, "cast").Now();
    today.days = static_cast<int32_t>(FloorDiv(zone.ToLocal(now).micros, kMicrosPerDay));
  }
  return duckdb::make_uniq<CastData>(source, target, zone, today);
}

template <typename Cast>
BoundCastInfo Bind(BindCastInput& input, const LogicalType& source, const LogicalType& target) {
  return BoundCastInfo(RunCast<Cast>, MakeData(input, source, target));
}

template <typename Cast>
void Register(duckdb::CastFunctionSet& casts) {
  casts.RegisterCastFunction(Stored<typename Cast::From>::Logical(),
                             Stored<typename Cast::To>::Logical(), Bind<Cast>);
}

// ---- from text

template <typename Integer>
struct TextToInteger {
  using From = std::string_view;
  using To = Integer;
  static std::optional<To> Convert(From text, const CastData&) {
    const auto value = ParseInteger(text, std::numeric_limits<Integer>::min(),
                                    std::numeric_limits<Integer>::max());
    if (!value) return std::nullopt;
    return static_cast<Integer>(*value);
  }
  static void Fail(From text, const CastData& data) { ThrowInvalid(Quoted(text), data); }
};

struct TextCast {
  using From = std::string_view;
  static void Fail(From text, const CastData& data) { ThrowInvalid(Quoted(text), data); }
};
struct TextToDouble : TextCast {
  using To = double;
  static std::optional<To> Convert(From text, const CastData&) { return ParseDouble(text); }
};
struct TextToFloat : TextCast {
  using To = float;
  static std::optional<To> Convert(From text, const CastData&) { return ParseFloat(text); }
};
struct TextToBoolean : TextCast {
  using To = bool;
  static std::optional<To> Convert(From text, const CastData&) { return ParseBoolean(text); }
};
struct TextToDate : TextCast {
  using To = Date;
  static std::optional<To> Convert(From text, const CastData&) { return ParseDate(text); }
};
struct TextToTimestamp : TextCast {
  using To = Timestamp;
  static std::optional<To> Convert(From text, const CastData& data) {
    return ParseTimestamp(text, *data.zone, data.today);
  }
};
struct TextToLocalTimestamp : TextCast {
  using To = LocalTimestamp;
  static std::optional<To> Convert(From text, const CastData&) { return ParseLocalTimestamp(text); }
};
struct TextToBinary : TextCast {
  using To = Bytes;
  static std::optional<To> Convert(From text, const CastData&) { return Bytes{std::string(text)}; }
};
struct BinaryToText {
  using From = BytesView;
  using To = std::string;
  // Bytes that are no UTF-8 become U+FFFD, as Java decodes them.
  static std::optional<To> Convert(From value, const CastData&) {
    std::string text;
    std::string_view rest = value.bytes;
    while (!rest.empty()) {
      const auto lead = static_cast<unsigned char>(rest[0]);
      const size_t size = lead < 0x80   ? 1
                          : lead < 0xc2 ? 0
                          : lead < 0xe0 ? 2
                          : lead < 0xf0 ? 3
                          : lead < 0xf5 ? 4
                                        : 0;
      if (size != 0 && size <= rest.size() && duckdb::Value::StringIsValid(rest.data(), size)) {
        text.append(rest.substr(0, size));
        rest.remove_prefix(size);
      } else {
        text += "\xef\xbf\xbd";
        rest.remove_prefix(1);
      }
    }
    return text;
  }
  static void Fail(From, const CastData& data) { ThrowInvalid("", data); }
};

// ---- numbers

template <typename FromFloat, typename ToInteger>
struct FloatToInteger {
  using From = FromFloat;
  using To = ToInteger;
  static std::optional<To> Convert(From value, const CastData&) {
    // The bounds are exact powers of two in floating point; NaN fails both tests.
    const double whole = std::trunc(static_cast<double>(value));
    const double limit = std::ldexp(1.0, static_cast<int>(sizeof(To)) * 8 - 1);
    if (!(whole >= -limit && whole < limit)) return std::nullopt;
    return static_cast<To>(whole);
  }
  static void Fail(From value, const CastData& data) {
    ThrowOverflow(JavaDouble(value) + "D", data);
  }
};

template <typename FromInteger, typename ToInteger>
struct NarrowInteger {
  using From = FromInteger;
  using To = ToInteger;
  static std::optional<To> Convert(From value, const CastData&) {
    if (value < std::numeric_limits<To>::min() || value > std::numeric_limits<To>::max())
      return std::nullopt;
    return static_cast<To>(value);
  }
  static void Fail(From value, const CastData& data) { ThrowOverflow(std::to_string(value), data); }
};

struct DoubleToText {
  using From = double;
  using To = std::string;
  static std::optional<To> Convert(From value, const CastData&) { return JavaDouble(value); }
  static void Fail(From, const CastData&) {}
};
struct FloatToText {
  using From = float;
  using To = std::string;
  static std::optional<To> Convert(From value, const CastData&) { return JavaFloat(value); }
  static void Fail(From, const CastData&) {}
};
template <typename Number>
struct NumberToBoolean {
  using From = Number;
  using To = bool;
  static std::optional<To> Convert(From value, const CastData&) { return value != 0; }
  static void Fail(From, const CastData&) {}
};
template <typename Number>
struct BooleanToNumber {
  using From = bool;
  using To = Number;
  static std::optional<To> Convert(From value, const CastData&) {
    return static_cast<Number>(value);
  }
  static void Fail(From, const CastData&) {}
};
struct DoubleToFloat {
  using From = double;
  using To = float;
  static std::optional<To> Convert(From value, const CastData&) {
    return static_cast<float>(value);
  }
  static void Fail(From, const CastData&) {}
};

// ---- times

template <typename Integer>
struct IntegerToTimestamp {
  using From = Integer;
  using To = Timestamp;
  static std::optional<To> Convert(From seconds, const CastData&) {
    int64_t micros = 0;
    if (__builtin_mul_overflow(static_cast<int64_t>(seconds), kMicrosPerSecond, &micros))
      return std::nullopt;
    return Timestamp{micros};
  }
  static void Fail(From value, const CastData& data) { ThrowOverflow(std::to_string(value), data); }
};
template <typename Float>
struct FloatToTimestamp {
  using From = Float;
  using To = Timestamp;
  static std::optional<To> Convert(From seconds, const CastData&) {
    const double micros = std::trunc(static_cast<double>(seconds) * 1e6);
    if (!(std::fabs(micros) < 9.2233720368547758e18)) return std::nullopt;
    return Timestamp{static_cast<int64_t>(micros)};
  }
  static void Fail(From value, const CastData& data) { ThrowInvalid(JavaDouble(value), data); }
};
template <typename Integer>
struct TimestampToInteger {
  using From = Timestamp;
  using To = Integer;
  static std::optional<To> Convert(From value, const CastData&) {
    const int64_t seconds = FloorDiv(value.micros, kMicrosPerSecond);
    if (seconds < std::numeric_limits<To>::min() || seconds > std::numeric_limits<To>::max())
      return std::nullopt;
    return static_cast<To>(seconds);
  }
  static void Fail(From value, const CastData& data) {
    ThrowOverflow(FormatLocalTimestamp(data.zone->ToLocal(value)), data);
  }
};
template <typename Float>
struct TimestampToFloat {
  using From = Timestamp;
  using To = Float;
  static std::optional<To> Convert(From value, const CastData&) {
    return static_cast<Float>(static_cast<double>(value.micros) / 1e6);
  }
  static void Fail(From, const CastData&) {}
};
struct TimestampToText {
  using From = Timestamp;
  using To = std::string;
  static std::optional<To> Convert(From value, const CastData& data) {
    return FormatLocalTimestamp(data.zone->ToLocal(value));
  }
  static void Fail(From, const CastData&) {}
};
struct LocalTimestampToText {
  using From = LocalTimestamp;
  using To = std::string;
  static std::optional<To> Convert(From value, const CastData&) {
    return FormatLocalTimestamp(value);
  }
  static void Fail(From, const CastData&) {}
};
struct DateToText {
  using From = Date;
  using To = std::string;
  static std::optional<To> Convert(From value, const CastData&) { return FormatDate(value); }
  static void Fail(From, const CastData&) {}
};
struct DateToTimestamp {
  using From = Date;
  using To = Timestamp;
  static std::optional<To> Convert(From value, const CastData& data) {
    return data.zone->ToInstant({value.days * kMicrosPerDay});
  }
  static void Fail(From, const CastData&) {}
};
struct TimestampToDate {
  using From = Timestamp;
  using To = Date;
  static std::optional<To> Convert(From value, const CastData& data) {
    return Date{static_cast<int32_t>(FloorDiv(data.zone->ToLocal(value).micros, kMicrosPerDay))};
  }
  static void Fail(From, const CastData&) {}
};
struct TimestampToLocal {
  using From = Timestamp;
  using To = LocalTimestamp;
  static std::optional<To> Convert(From value, const CastData& data) {
    return data.zone->ToLocal(value);
  }
  static void Fail(From, const CastData&) {}
};
struct LocalToTimestamp {
  using From = LocalTimestamp;
  using To = Timestamp;
  static std::optional<To> Convert(From value, const CastData& data) {
    return data.zone->ToInstant(value);
  }
  static void Fail(From, const CastData&) {}
};

// ---- decimals: by way of DECIMAL(38, s), which has the same scale and is stored as a HUGEINT

// Reads or writes a decimal of any width through 128 bits.
Int128 ReadDecimal(const duckdb::UnifiedVectorFormat& format, idx_t index,
                   duckdb::PhysicalType type) {
  switch (type) {
    case duckdb::PhysicalType::INT16:
      return duckdb::UnifiedVectorFormat::GetData<int16_t>(format)[index];
    case duckdb::PhysicalType::INT32:
      return duckdb::UnifiedVectorFormat::GetData<int32_t>(format)[index];
    case duckdb::PhysicalType::INT64:
      return duckdb::UnifiedVectorFormat::GetData<int64_t>(format)[index];
    default:
      return ToInt128(duckdb::UnifiedVectorFormat::GetData<duckdb::hugeint_t>(format)[index]);
  }
}

void WriteDecimal(Vector& result, idx_t row, Int128 value) {
  switch (result.GetType().InternalType()) {
    case duckdb::PhysicalType::INT16:
      duckdb::FlatVector::GetData<int16_t>(result)[row] = static_cast<int16_t>(value);
      break;
    case duckdb::PhysicalType::INT32:
      duckdb::FlatVector::GetData<int32_t>(result)[row] = static_cast<int32_t>(value);
      break;
    case duckdb::PhysicalType::INT64:
      duckdb::FlatVector::GetData<int64_t>(result)[row] = static_cast<int64_t>(value);
      break;
    default:
      duckdb::FlatVector::GetData<duckdb::hugeint_t>(result)[row] = ToHugeint(value);
  }
}

// `convert`(format, index, row, data) writes the row, or gives false.
template <typename Convert, typename Fail>
bool RunRows(Vector& source, Vector& result, idx_t count, CastParameters& parameters,
             Convert&& convert, Fail&& fail) {
  const bool is_constant = source.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
  duckdb::UnifiedVectorFormat format;
  source.ToUnifiedFormat(count, format);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto& validity = duckdb::FlatVector::Validity(result);
  bool all_converted = true;
  for (idx_t row = 0; row < (is_constant ? 1 : count); ++row) {
    const idx_t index = format.sel->get_index(row);
    if (!format.validity.RowIsValid(index)) {
      validity.SetInvalid(row);
    } else if (!convert(format, index, row)) {
      if (parameters.error_message == nullptr) fail(format, index);
      if (parameters.error_message->empty()) *parameters.error_message = "cast failed";
      validity.SetInvalid(row);
      all_converted = false;
    }
  }
  if (is_constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  return all_converted;
}

bool TextToDecimal(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const auto& data = parameters.cast_data->Cast<CastData>();
  const DecimalShape shape = DecimalOf(data.target);
  const auto text_at = [](const duckdb::UnifiedVectorFormat& format, idx_t index) {
    return Stored<std::string_view>::Read(
        duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format)[index]);
  };
  return RunRows(
      source, result, count, parameters,
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index, idx_t row) {
        Int128 value = 0;
        if (ParseDecimal(text_at(format, index), shape.precision, shape.scale, &value) !=
            DecimalParse::kOk)
          return false;
        WriteDecimal(result, row, value);
        return true;
      },
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index) {
        Int128 value = 0;
        const auto text = text_at(format, index);
        if (ParseDecimal(text, shape.precision, shape.scale, &value) == DecimalParse::kOverflow)
          ThrowOutOfRange(std::string(text), data);
        ThrowInvalid(Quoted(text), data);
      });
}

template <typename Float>
bool FloatToDecimal(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const auto& data = parameters.cast_data->Cast<CastData>();
  const DecimalShape shape = DecimalOf(data.target);
  return RunRows(
      source, result, count, parameters,
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index, idx_t row) {
        Int128 value = 0;
        const auto number =
            static_cast<double>(duckdb::UnifiedVectorFormat::GetData<Float>(format)[index]);
        if (DecimalFromDouble(number, shape.precision, shape.scale, &value) != DecimalParse::kOk)
          return false;
        WriteDecimal(result, row, value);
        return true;
      },
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index) {
        ThrowOutOfRange(JavaDouble(static_cast<double>(
                            duckdb::UnifiedVectorFormat::GetData<Float>(format)[index])),
                        data);
      });
}

// From integers and decimals to decimals that may be too narrow.
bool ExactToDecimal(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const auto& data = parameters.cast_data->Cast<CastData>();
  const DecimalShape from = DecimalOf(data.source);
  const DecimalShape to = DecimalOf(data.target);
  const auto physical = source.GetType().InternalType();
  const auto read = [&](const duckdb::UnifiedVectorFormat& format, idx_t index) -> Int128 {
    if (physical == duckdb::PhysicalType::INT8)
      return duckdb::UnifiedVectorFormat::GetData<int8_t>(format)[index];
    return ReadDecimal(format, index, physical);
  };
  return RunRows(
      source, result, count, parameters,
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index, idx_t row) {
        Int128 value = 0;
        if (!RescaleDecimal(read(format, index), from.scale, to.scale, to.precision, &value))
          return false;
        WriteDecimal(result, row, value);
        return true;
      },
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index) {
        ThrowOutOfRange(FormatDecimal(read(format, index), from.scale), data);
      });
}

template <typename Integer>
bool DecimalToInteger(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const auto& data = parameters.cast_data->Cast<CastData>();
  const int scale = DecimalOf(data.source).scale;
  const auto physical = source.GetType().InternalType();
  const Int128 power = PowerOfTen(scale);
  return RunRows(
      source, result, count, parameters,
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index, idx_t row) {
        const Int128 whole = ReadDecimal(format, index, physical) / power;
        if (whole < std::numeric_limits<Integer>::min() ||
            whole > std::numeric_limits<Integer>::max())
          return false;
        duckdb::FlatVector::GetData<Integer>(result)[row] = static_cast<Integer>(whole);
        return true;
      },
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index) {
        ThrowOverflow(FormatDecimal(ReadDecimal(format, index, physical), scale) + "BD", data);
      });
}

// Correctly rounded, by way of the digits.
template <typename Float>
bool DecimalToFloat(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const int scale = DecimalOf(parameters.cast_data->Cast<CastData>().source).scale;
  const auto physical = source.GetType().InternalType();
  constexpr Int128 kExact = Int128(1) << 53;
  // Powers of ten up to 22 are exact, and so is their quotient's rounding.
  const double power = scale <= 22 ? static_cast<double>(PowerOfTen(scale)) : 0;
  return RunRows(
      source, result, count, parameters,
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index, idx_t row) {
        const Int128 value = ReadDecimal(format, index, physical);
        double number = 0;
        if (value < kExact && value > -kExact && power != 0) {
          number = static_cast<double>(static_cast<int64_t>(value)) / power;
        } else {
          number = *ParseDouble(FormatDecimal(value, scale));
        }
        duckdb::FlatVector::GetData<Float>(result)[row] = static_cast<Float>(number);
        return true;
      },
      [](const duckdb::UnifiedVectorFormat&, idx_t) {});
}

bool DecimalToText(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const int scale = DecimalOf(parameters.cast_data->Cast<CastData>().source).scale;
  const auto physical = source.GetType().InternalType();
  return RunRows(
      source, result, count, parameters,
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index, idx_t row) {
        const std::string text = FormatDecimal(ReadDecimal(format, index, physical), scale);
        duckdb::FlatVector::GetData<duckdb::string_t>(result)[row] =
            duckdb::StringVector::AddString(result, text);
        return true;
      },
      [](const duckdb::UnifiedVectorFormat&, idx_t) {});
}

bool DecimalToBoolean(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const auto physical = source.GetType().InternalType();
  return RunRows(
      source, result, count, parameters,
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index, idx_t row) {
        duckdb::FlatVector::GetData<bool>(result)[row] = ReadDecimal(format, index, physical) != 0;
        return true;
      },
      [](const duckdb::UnifiedVectorFormat&, idx_t) {});
}

bool DecimalToTimestamp(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const auto& data = parameters.cast_data->Cast<CastData>();
  const int scale = DecimalOf(data.source).scale;
  const auto physical = source.GetType().InternalType();
  return RunRows(
      source, result, count, parameters,
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index, idx_t row) {
        const Int128 value = ReadDecimal(format, index, physical);
        Int128 micros = 0;
        if (scale > 6) {
          micros = DropDigits(value, scale - 6, Rounding::kDown);
        } else if (!MultiplyDecimal(value, PowerOfTen(6 - scale), 0, 19, &micros)) {
          return false;
        }
        if (micros < std::numeric_limits<int64_t>::min() ||
            micros > std::numeric_limits<int64_t>::max())
          return false;
        duckdb::FlatVector::GetData<int64_t>(result)[row] = static_cast<int64_t>(micros);
        return true;
      },
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index) {
        ThrowOverflow(FormatDecimal(ReadDecimal(format, index, physical), scale) + "BD", data);
      });
}

bool TimestampToDecimal(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const auto& data = parameters.cast_data->Cast<CastData>();
  const DecimalShape shape = DecimalOf(data.target);
  const auto read = [](const duckdb::UnifiedVectorFormat& format, idx_t index) {
    return duckdb::UnifiedVectorFormat::GetData<int64_t>(format)[index];
  };
  return RunRows(
      source, result, count, parameters,
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index, idx_t row) {
        Int128 value = 0;
        if (!RescaleDecimal(read(format, index), 6, shape.scale, shape.precision, &value))
          return false;
        WriteDecimal(result, row, value);
        return true;
      },
      [&](const duckdb::UnifiedVectorFormat& format, idx_t index) {
        ThrowOutOfRange(FormatDecimal(read(format, index), 6), data);
      });
}

template <duckdb::cast_function_t kFunction>
BoundCastInfo BindFunction(BindCastInput& input, const LogicalType& source,
                           const LogicalType& target) {
  return BoundCastInfo(kFunction, MakeData(input, source, target));
}

// Where the target holds every value of the source, DuckDB's own cast.
BoundCastInfo BindExactToDecimal(BindCastInput& input, const LogicalType& source,
                                 const LogicalType& target) {
  const DecimalShape from = DecimalOf(source);
  const DecimalShape to = DecimalOf(target);
  // DuckDB counts 19 digits for a BIGINT: enough for every one.
  const int whole = source.id() == LogicalTypeId::BIGINT ? 19 : from.precision - from.scale;
  if (to.scale >= from.scale && to.precision - to.scale >= whole) {
    return duckdb::DefaultCasts::GetDefaultCastFunction(input, source, target);
  }
  return BindFunction<ExactToDecimal>(input, source, target);
}

// DuckDB writes ".5" for a decimal(1,1), Spark "0.5"; with digits before the point they agree.
BoundCastInfo BindDecimalToText(BindCastInput& input, const LogicalType& source,
                                const LogicalType& target) {
  const DecimalShape shape = DecimalOf(source);
  if (shape.scale < shape.precision) {
    return duckdb::DefaultCasts::GetDefaultCastFunction(input, source, target);
  }
  return BindFunction<DecimalToText>(input, source, target);
}

// ---- arrays, maps and structs

bool NestedToText(Vector& source, Vector& result, idx_t count, CastParameters& parameters) {
  const auto& data = parameters.cast_data->Cast<CastData>();
  return RunRows(
      source, result, count, parameters,
      [&](const duckdb::UnifiedVectorFormat&, idx_t, idx_t row) {
        std::string text;
        AppendSparkText(source.GetValue(row), *data.zone, text);
        duckdb::FlatVector::GetData<duckdb::string_t>(result)[row] =
            duckdb::StringVector::AddString(result, text);
        return true;
      },
      [](const duckdb::UnifiedVectorFormat&, idx_t) {});
}

// Members are matched by their place, as Spark does, not by their names.
BoundCastInfo BindStruct(BindCastInput& input, const LogicalType& source,
                         const LogicalType& target) {
  const auto& from = duckdb::StructType::GetChildTypes(source);
  const auto& to = duckdb::StructType::GetChildTypes(target);
  if (from.size() != to.size()) return duckdb::DefaultCasts::TryVectorNullCast;
  duckdb::vector<BoundCastInfo> members;
  for (size_t i = 0; i < from.size(); ++i) {
    members.push_back(input.GetCastFunction(from[i].second, to[i].second));
  }
  // DuckDB's loop over the members, with the pairs chosen here.
  BoundCastInfo cast = duckdb::DefaultCasts::GetDefaultCastFunction(input, target, target);
  if (cast.function == duckdb::DefaultCasts::NopCast) {
    cast = duckdb::DefaultCasts::GetDefaultCastFunction(
        input, LogicalType::STRUCT({{"a", LogicalType(LogicalTypeId::INTEGER)}}),
        LogicalType::STRUCT({{"a", LogicalType(LogicalTypeId::BIGINT)}}));
  }
  cast.cast_data = duckdb::make_uniq<duckdb::StructBoundCastData>(std::move(members), target);
  return cast;
}

template <typename From, typename To>
void RegisterNarrowing(duckdb::CastFunctionSet& casts) {
  Register<NarrowInteger<From, To>>(casts);
}

template <typename Integer>
void RegisterInteger(duckdb::CastFunctionSet& casts) {
  const LogicalType type = Stored<Integer>::Logical();
  Register<TextToInteger<Integer>>(casts);
  Register<FloatToInteger<double, Integer>>(casts);
  Register<FloatToInteger<float, Integer>>(casts);
  Register<NumberToBoolean<Integer>>(casts);
  Register<IntegerToTimestamp<Integer>>(casts);
  Register<TimestampToInteger<Integer>>(casts);
  casts.RegisterCastFunction(LogicalType(LogicalTypeId::DECIMAL), type,
                             BindFunction<DecimalToInteger<Integer>>);
  casts.RegisterCastFunction(type, LogicalType(LogicalTypeId::DECIMAL), BindExactToDecimal);
}

duckdb::CastFunctionSet* MakeCasts() {
  auto* casts = new duckdb::CastFunctionSet;
  RegisterInteger<int8_t>(*casts);
  RegisterInteger<int16_t>(*casts);
  RegisterInteger<int32_t>(*casts);
  RegisterInteger<int64_t>(*casts);
  RegisterNarrowing<int64_t, int32_t>(*casts);
  RegisterNarrowing<int64_t, int16_t>(*casts);
  RegisterNarrowing<int64_t, int8_t>(*casts);
  RegisterNarrowing<int32_t, int16_t>(*casts);
  RegisterNarrowing<int32_t, int8_t>(*casts);
  RegisterNarrowing<int16_t, int8_t>(*casts);
  Register<TextToDouble>(*casts);
  Register<TextToFloat>(*casts);
  Register<TextToBoolean>(*casts);
  Register<TextToDate>(*casts);
  Register<TextToTimestamp>(*casts);
  Register<TextToLocalTimestamp>(*casts);
  Register<TextToBinary>(*casts);
  Register<BinaryToText>(*casts);
  Register<DoubleToText>(*casts);
  Register<FloatToText>(*casts);
  Register<DoubleToFloat>(*casts);
  Register<NumberToBoolean<double>>(*casts);
  Register<NumberToBoolean<float>>(*casts);
  Register<BooleanToNumber<double>>(*casts);
  Register<BooleanToNumber<float>>(*casts);
  Register<FloatToTimestamp<double>>(*casts);
  Register<FloatToTimestamp<float>>(*casts);
  Register<TimestampToFloat<double>>(*casts);
  Register<TimestampToFloat<float>>(*casts);
  Register<TimestampToText>(*casts);
  Register<LocalTimestampToText>(*casts);
  Register<DateToText>(*casts);
  Register<DateToTimestamp>(*casts);
  Register<TimestampToDate>(*casts);
  Register<TimestampToLocal>(*casts);
  Register<LocalToTimestamp>(*casts);
  const LogicalType decimal(LogicalTypeId::DECIMAL);
  casts->RegisterCastFunction(LogicalType::VARCHAR, decimal, BindFunction<TextToDecimal>);
  casts->RegisterCastFunction(LogicalType::DOUBLE, decimal, BindFunction<FloatToDecimal<double>>);
  casts->RegisterCastFunction(LogicalType::FLOAT, decimal, BindFunction<FloatToDecimal<float>>);
  casts->RegisterCastFunction(decimal, LogicalType::DOUBLE, BindFunction<DecimalToFloat<double>>);
  casts->RegisterCastFunction(decimal, LogicalType::FLOAT, BindFunction<DecimalToFloat<float>>);
  casts->RegisterCastFunction(decimal, LogicalType::BOOLEAN, BindFunction<DecimalToBoolean>);
  casts->RegisterCastFunction(decimal, LogicalType::TIMESTAMP_TZ, BindFunction<DecimalToTimestamp>);
  casts->RegisterCastFunction(LogicalType::TIMESTAMP_TZ, decimal, BindFunction<TimestampToDecimal>);
  casts->RegisterCastFunction(decimal, decimal, BindExactToDecimal);
  casts->RegisterCastFunction(decimal, LogicalType::VARCHAR, BindDecimalToText);
  const LogicalType any_list = LogicalType::LIST(LogicalType::ANY);
  const LogicalType any_map = LogicalType::MAP(LogicalType::ANY, LogicalType::ANY);
  const LogicalType any_struct = LogicalType::STRUCT({{"any", LogicalType(LogicalTypeId::ANY)}});
  for (const LogicalType& nested : {any_list, any_map, any_struct}) {
    casts->RegisterCastFunction(nested, LogicalType::VARCHAR, BindFunction<NestedToText>);
  }
  casts->RegisterCastFunction(any_struct, any_struct, BindStruct);
  return casts;
}

template <bool kTry>
ExprPtr CastRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType type =
      ParseSparkType(rewriter.ConstantValue(*arguments[1], "the type").ToString());
  return rewriter.Cast(std::move(arguments[0]), type, kTry);
}

}  // namespace

duckdb::CastFunctionSet& SparkCasts() {
  static duckdb::CastFunctionSet* casts = MakeCasts();
  return *casts;
}

void AppendSparkText(const Value& value, const Zone& zone, std::string& text) {
  if (value.IsNull()) {
    text += "null";
    return;
  }
  const auto append_list = [&](const duckdb::vector<Value>& values, char open, char close) {
    text += open;
    for (size_t i = 0; i < values.size(); ++i) {
      if (i > 0) text += ", ";
      AppendSparkText(values[i], zone, text);
    }
    text += close;
  };
  switch (value.type().id()) {
    case LogicalTypeId::LIST:
      return append_list(duckdb::ListValue::GetChildren(value), '[', ']');
    case LogicalTypeId::STRUCT:
      return append_list(duckdb::StructValue::GetChildren(value), '{', '}');
    case LogicalTypeId::MAP: {
      text += '{';
      bool is_first = true;
      for (const Value& entry : duckdb::MapValue::GetChildren(value)) {
        if (!is_first) text += ", ";
        is_first = false;
        const auto& members = duckdb::StructValue::GetChildren(entry);
        AppendSparkText(members[0], zone, text);
        text += " -> ";
        AppendSparkText(members[1], zone, text);
      }
      text += '}';
      return;
    }
    case LogicalTypeId::FLOAT:
      text += JavaFloat(value.GetValue<float>());
      return;
    case LogicalTypeId::DOUBLE:
      text += JavaDouble(value.GetValue<double>());
      return;
    case LogicalTypeId::DATE:
      text += FormatDate({duckdb::DateValue::Get(value).days});
      return;
    case LogicalTypeId::TIMESTAMP_TZ:
      text += FormatLocalTimestamp(zone.ToLocal({duckdb::TimestampValue::Get(value).value}));
      return;
    case LogicalTypeId::TIMESTAMP:
      text += FormatLocalTimestamp({duckdb::TimestampValue::Get(value).value});
      return;
    case LogicalTypeId::BLOB:
      text += duckdb::StringValue::Get(value);
      return;
    case LogicalTypeId::DECIMAL: {
      // DuckDB leaves out the zero before the point where all digits are behind it.
      std::string digits = value.ToString();
      const size_t point = digits.find('.');
      if (point != std::string::npos && (point == 0 || digits[point - 1] == '-')) {
        digits.insert(point, "0");
      }
      text += digits;
      return;
    }
    default:
      text += value.ToString();
  }
}

void RegisterCastRules(duckdb::ExtensionLoader& loader) {
  RegisterRules(loader, {{"cast", 2, 2, CastRule<false>}, {"try_cast", 2, 2, CastRule<true>}});
}

}  // namespace smelt::duck
