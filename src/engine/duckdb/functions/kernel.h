#pragma once

// Makes a DuckDB expression out of a plain C++ function object: KernelCall<Op>(rewriter, arguments)
// reads the signature of Op::operator(), coerces the arguments to its types as Spark would, and
// calls it for each row without NULLs.
//   struct Soundex { std::string operator()(std::string_view text) const; };
// The result is a value, an optional (nullopt is NULL), or a StatusOr of either (an error ends the
// query). Op is made anew for each chunk of rows, from the session's zone if it takes one, so it
// may keep a compiled pattern from row to row.

#include <absl/status/statusor.h>

#include <optional>
#include <tuple>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "base/status.h"
#include "engine/duckdb/functions/rewrite.h"
#include "engine/duckdb/functions/values.h"

namespace smelt::duck {

// How a C++ type is stored in DuckDB.
template <typename T>
struct Stored;

#define SMELT_STORED(cpp_type, type_id, storage, read, write)                                  \
  template <>                                                                                  \
  struct Stored<cpp_type> {                                                                    \
    using Type = storage;                                                                      \
    static LogicalType Logical() { return LogicalType(LogicalTypeId::type_id); }               \
    static cpp_type Read(const storage& value) { return read; }                                \
    static void Write(duckdb::Vector& vector, storage& slot, const cpp_type& value) { write; } \
  };
SMELT_STORED(bool, BOOLEAN, bool, value, slot = value)
SMELT_STORED(int8_t, TINYINT, int8_t, value, slot = value)
SMELT_STORED(int16_t, SMALLINT, int16_t, value, slot = value)
SMELT_STORED(int32_t, INTEGER, int32_t, value, slot = value)
SMELT_STORED(int64_t, BIGINT, int64_t, value, slot = value)
SMELT_STORED(float, FLOAT, float, value, slot = value)
SMELT_STORED(double, DOUBLE, double, value, slot = value)
SMELT_STORED(Int128, HUGEINT, duckdb::hugeint_t, ToInt128(value), slot = ToHugeint(value))
SMELT_STORED(Date, DATE, int32_t, Date{value}, slot = value.days)
SMELT_STORED(Timestamp, TIMESTAMP_TZ, int64_t, Timestamp{value}, slot = value.micros)
SMELT_STORED(LocalTimestamp, TIMESTAMP, int64_t, LocalTimestamp{value}, slot = value.micros)
SMELT_STORED(std::string_view, VARCHAR, duckdb::string_t,
             std::string_view(value.GetData(), value.GetSize()),
             slot = duckdb::StringVector::AddString(vector, value.data(), value.size()))
SMELT_STORED(std::string, VARCHAR, duckdb::string_t, std::string(value.GetData(), value.GetSize()),
             slot = duckdb::StringVector::AddString(vector, value.data(), value.size()))
SMELT_STORED(BytesView, BLOB, duckdb::string_t,
             (BytesView{std::string_view(value.GetData(), value.GetSize())}),
             slot = duckdb::StringVector::AddStringOrBlob(vector, value.bytes.data(),
                                                          value.bytes.size()))
SMELT_STORED(Bytes, BLOB, duckdb::string_t, (Bytes{std::string(value.GetData(), value.GetSize())}),
             slot = duckdb::StringVector::AddStringOrBlob(vector, value.bytes.data(),
                                                          value.bytes.size()))
#undef SMELT_STORED

template <>
struct Stored<Interval> {
  using Type = duckdb::interval_t;
  static LogicalType Logical() { return LogicalType::INTERVAL; }
  static Interval Read(const Type& value) { return {value.months, value.days, value.micros}; }
  static void Write(duckdb::Vector&, Type& slot, const Interval& value) {
    slot.months = value.months;
    slot.days = value.days;
    slot.micros = value.micros;
  }
};

template <typename Element>
struct Stored<std::vector<Element>> {
  using Type = duckdb::list_entry_t;
  static LogicalType Logical() { return LogicalType::LIST(Stored<Element>::Logical()); }
  static void Write(duckdb::Vector& vector, Type& slot, const std::vector<Element>& values) {
    const duckdb::idx_t offset = duckdb::ListVector::GetListSize(vector);
    duckdb::ListVector::Reserve(vector, offset + values.size());
    auto& child = duckdb::ListVector::GetEntry(vector);
    auto* data = duckdb::FlatVector::GetData<typename Stored<Element>::Type>(child);
    for (size_t i = 0; i < values.size(); ++i) {
      Stored<Element>::Write(child, data[offset + i], values[i]);
    }
    duckdb::ListVector::SetListSize(vector, offset + values.size());
    slot.offset = offset;
    slot.length = values.size();
  }
};

namespace kernel_internal {

template <typename T>
struct Unwrapped {
  using Value = T;
  static const T* Get(const T& result) { return &result; }
};
template <typename T>
struct Unwrapped<std::optional<T>> {
  using Value = T;
  static const T* Get(const std::optional<T>& result) { return result ? &*result : nullptr; }
};
template <typename T>
struct Unwrapped<absl::StatusOr<T>> {
  using Value = typename Unwrapped<T>::Value;
  static const Value* Get(const absl::StatusOr<T>& result) {
    if (!result.ok()) throw duckdb::InvalidInputException("%s", base::Message(result.status()));
    return Unwrapped<T>::Get(*result);
  }
};

template <typename Member>
struct Signature;
template <typename Op, typename R, typename... A>
struct Signature<R (Op::*)(A...)> {
  using Result = R;
  using Arguments = std::tuple<std::decay_t<A>...>;
};
template <typename Op, typename R, typename... A>
struct Signature<R (Op::*)(A...) const> : Signature<R (Op::*)(A...)> {};

template <typename Op>
Op Make(const Zone& zone) {
  if constexpr (std::is_constructible_v<Op, const Zone&>) {
    return Op(zone);
  } else {
    return Op();
  }
}

template <typename Op, typename Arguments, size_t... I>
void Run(Op& op, duckdb::DataChunk& chunk, duckdb::Vector& result, std::index_sequence<I...>) {
  using R = typename Signature<decltype(&Op::operator())>::Result;
  using Target = Stored<typename Unwrapped<R>::Value>;
  constexpr size_t kArity = sizeof...(I);
  duckdb::UnifiedVectorFormat formats[kArity + 1];
  (chunk.data[I].ToUnifiedFormat(chunk.size(), formats[I]), ...);
  const bool is_constant = kArity > 0 && chunk.AllConstant();
  const duckdb::idx_t rows = is_constant ? 1 : chunk.size();
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  auto* data = duckdb::FlatVector::GetData<typename Target::Type>(result);
  auto& validity = duckdb::FlatVector::Validity(result);
  for (duckdb::idx_t row = 0; row < rows; ++row) {
    const bool is_valid = (formats[I].validity.RowIsValid(formats[I].sel->get_index(row)) && ...);
    if (!is_valid) {
      validity.SetInvalid(row);
      continue;
    }
    const R value = op(Stored<std::tuple_element_t<I, Arguments>>::Read(
        duckdb::UnifiedVectorFormat::GetData<
            typename Stored<std::tuple_element_t<I, Arguments>>::Type>(
            formats[I])[formats[I].sel->get_index(row)])...);
    if (const auto* unwrapped = Unwrapped<R>::Get(value)) {
      Target::Write(result, data[row], *unwrapped);
    } else {
      validity.SetInvalid(row);
    }
  }
  if (is_constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

template <typename Op, typename Tuple>
struct Caller;
template <typename Op, typename... A>
struct Caller<Op, std::tuple<A...>> {
  static duckdb::vector<LogicalType> Types() { return {Stored<A>::Logical()...}; }
  static void Execute(const Zone& zone, duckdb::DataChunk& chunk, duckdb::Vector& result) {
    Op op = Make<Op>(zone);
    Run<Op, std::tuple<A...>>(op, chunk, result, std::index_sequence_for<A...>());
  }
};

}  // namespace kernel_internal

// A call of a C++ function over a whole chunk: `function` has (DataChunk&, ExpressionState&,
// Vector&). Two calls are the same to DuckDB, which then computes one of them, where their names,
// arguments, types and `detail` are: what the function knows beyond its arguments has to be in the
// detail.
ExprPtr ChunkCall(const Rewriter& rewriter, Exprs arguments, const LogicalType& type,
                  duckdb::scalar_function_t function,
                  duckdb::FunctionStability stability = duckdb::FunctionStability::CONSISTENT,
                  bool sees_nulls = false, std::string detail = "");

template <typename Op>
ExprPtr KernelCall(const Rewriter& rewriter, Exprs arguments,
                   duckdb::FunctionStability stability = duckdb::FunctionStability::CONSISTENT) {
  using Signature = kernel_internal::Signature<decltype(&Op::operator())>;
  using Caller = kernel_internal::Caller<Op, typename Signature::Arguments>;
  const auto types = Caller::Types();
  if (arguments.size() != types.size())
    rewriter.Refuse("this number of arguments is not supported");
  for (size_t i = 0; i < types.size(); ++i) {
    arguments[i] = rewriter.Coerce(std::move(arguments[i]), types[i]);
  }
  const Zone* zone = &rewriter.zone;
  return ChunkCall(
      rewriter, std::move(arguments),
      Stored<typename kernel_internal::Unwrapped<typename Signature::Result>::Value>::Logical(),
      [zone](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        Caller::Execute(*zone, chunk, result);
      },
      stability, false, typeid(Op).name());
}

// A rule that is one kernel.
template <typename Op>
ExprPtr KernelRule(Rewriter& rewriter, Exprs& arguments) {
  return KernelCall<Op>(rewriter, std::move(arguments));
}
template <typename Op>
ExprPtr VolatileKernelRule(Rewriter& rewriter, Exprs& arguments) {
  return KernelCall<Op>(rewriter, std::move(arguments), duckdb::FunctionStability::VOLATILE);
}

}  // namespace smelt::duck
