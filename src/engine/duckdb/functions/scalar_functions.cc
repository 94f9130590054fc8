// Many lines because every unit that sees DuckDB's headers costs ten seconds and more to compile:
// functions of a kind share one.

#include <atomic>
#include <cmath>
#include <random>

#include "duckdb/common/type_visitor.hpp"
#include "engine/duckdb/functions/java_format.h"
#include "engine/duckdb/functions/kernel.h"
#include "engine/duckdb/functions/regex.h"
#include "engine/duckdb/functions/spark_hash.h"
#include "engine/duckdb/functions/text_functions.h"
#include "engine/duckdb/functions/time_kernels.h"

// The rules of text, times and digests. What they compute is in the plain files (text_functions,
// time_kernels, regex, ..); here are the shapes of the calls. More than 400 lines: each translation
// unit with DuckDB in it costs seconds.

namespace smelt::duck {
namespace {

using duckdb::BinderException;
using duckdb::ExpressionType;
using duckdb::idx_t;

// A plain function as a kernel.
template <auto kFunction>
struct Plain;
template <typename R, typename... A, R (*kFunction)(A...)>
struct Plain<kFunction> {
  R operator()(A... arguments) const { return kFunction(arguments...); }
};

template <auto kFunction>
ExprPtr PlainRule(Rewriter& rewriter, Exprs& arguments) {
  return KernelCall<Plain<kFunction>>(rewriter, std::move(arguments));
}

ExprPtr Text(const Rewriter& rewriter, const char* text) { return rewriter.Constant(Value(text)); }
ExprPtr Integer(const Rewriter& rewriter, int32_t value) {
  return rewriter.Constant(Value::INTEGER(value));
}

// A rule whose last argument may be left out.
template <auto kFunction, size_t kArity>
ExprPtr WithDefaultText(Rewriter& rewriter, Exprs& arguments, const char* otherwise) {
  if (arguments.size() < kArity) arguments.push_back(Text(rewriter, otherwise));
  return KernelCall<Plain<kFunction>>(rewriter, std::move(arguments));
}

// ---- text

bool IsBinary(const ExprPtr& value) { return value->return_type.id() == LogicalTypeId::BLOB; }

ExprPtr LengthRule(Rewriter& rewriter, Exprs& arguments) {
  if (IsBinary(arguments[0]))
    return rewriter.Cast(rewriter.Native("octet_length", std::move(arguments)),
                         LogicalType::INTEGER);
  return KernelCall<Plain<CharCount>>(rewriter, std::move(arguments));
}
int32_t OctetLength(BytesView bytes) { return static_cast<int32_t>(bytes.bytes.size()); }
int32_t BitLength(BytesView bytes) { return static_cast<int32_t>(bytes.bytes.size() * 8); }

ExprPtr SubstringRule(Rewriter& rewriter, Exprs& arguments) {
  if (IsBinary(arguments[0])) rewriter.Refuse("binary values are not supported");
  if (arguments.size() == 2)
    return KernelCall<Plain<SubstringFrom>>(rewriter, std::move(arguments));
  return KernelCall<Plain<Substring>>(rewriter, std::move(arguments));
}
template <auto kFunction>
ExprPtr TrimRule(Rewriter& rewriter, Exprs& arguments) {
  return WithDefaultText<kFunction, 2>(rewriter, arguments, " ");
}
template <auto kFunction>
ExprPtr PadRule(Rewriter& rewriter, Exprs& arguments) {
  if (IsBinary(arguments[0])) rewriter.Refuse("binary values are not supported");
  return WithDefaultText<kFunction, 3>(rewriter, arguments, " ");
}
ExprPtr InstrRule(Rewriter& rewriter, Exprs& arguments) {
  std::swap(arguments[0], arguments[1]);
  arguments.push_back(Integer(rewriter, 1));
  return KernelCall<Plain<Locate>>(rewriter, std::move(arguments));
}
ExprPtr LocateRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 2) arguments.push_back(Integer(rewriter, 1));
  return KernelCall<Plain<Locate>>(rewriter, std::move(arguments));
}
ExprPtr ReplaceRule(Rewriter& rewriter, Exprs& arguments) {
  return WithDefaultText<ReplaceText, 3>(rewriter, arguments, "");
}
ExprPtr OverlayRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 3) arguments.push_back(Integer(rewriter, -1));
  return KernelCall<Plain<Overlay>>(rewriter, std::move(arguments));
}
ExprPtr LevenshteinRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 2) return KernelCall<Plain<Levenshtein>>(rewriter, std::move(arguments));
  return KernelCall<Plain<LevenshteinWithin>>(rewriter, std::move(arguments));
}
ExprPtr EncodeRule(Rewriter& rewriter, Exprs& arguments) {
  const std::string charset =
      duckdb::StringUtil::Upper(rewriter.ConstantValue(*arguments[1], "the charset").ToString());
  if (charset != "UTF-8") rewriter.Refuse("only UTF-8 is supported");
  return rewriter.Cast(rewriter.Coerce(std::move(arguments[0]), LogicalType::VARCHAR),
                       LogicalType::BLOB);
}

ExprPtr MaskRule(Rewriter& rewriter, Exprs& arguments) {
  MaskCharacters characters;
  std::optional<std::string>* const parts[] = {&characters.upper, &characters.lower,
                                               &characters.digit, &characters.other};
  for (size_t i = 1; i < arguments.size(); ++i) {
    const Value value = rewriter.ConstantValue(*arguments[i], "a mask character");
    *parts[i - 1] = value.IsNull() ? std::nullopt : std::optional<std::string>(value.ToString());
    if (arguments[i]->return_type.id() == LogicalTypeId::SQLNULL)
      arguments[i] = rewriter.Null(LogicalType::VARCHAR);
  }
  arguments[0] = rewriter.Coerce(std::move(arguments[0]), LogicalType::VARCHAR);
  // The mask characters stay arguments, so that two masks of a column are told apart.
  return ChunkCall(
      rewriter, std::move(arguments), LogicalType::VARCHAR,
      [characters](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        duckdb::UnaryExecutor::Execute<duckdb::string_t, duckdb::string_t>(
            chunk.data[0], result, chunk.size(), [&](duckdb::string_t text) {
              return duckdb::StringVector::AddString(
                  result, Mask(Stored<std::string_view>::Read(text), characters));
            });
      },
      duckdb::FunctionStability::CONSISTENT, true);
}

// concat of texts is NULL where one is; arrays are joined, bytes too.
ExprPtr ConcatRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.empty()) return Text(rewriter, "");
  bool has_list = false;
  bool all_binary = true;
  for (const auto& argument : arguments) {
    has_list |= argument->return_type.id() == LogicalTypeId::LIST;
    all_binary &= IsBinary(argument);
  }
  if (has_list) {
    Unify(rewriter, arguments);
    ExprPtr result = std::move(arguments[0]);
    // DuckDB's list_concat passes over NULL lists; in Spark one of them makes the result NULL.
    for (size_t i = 1; i < arguments.size(); ++i) {
      auto any_null = duckdb::make_uniq<duckdb::BoundConjunctionExpression>(
          ExpressionType::CONJUNCTION_OR, rewriter.IsNull(rewriter.Copy(*result)),
          rewriter.IsNull(rewriter.Copy(*arguments[i])));
      ExprPtr joined =
          rewriter.Native("list_concat", List(std::move(result), std::move(arguments[i])));
      result = rewriter.NullWhere(std::move(any_null), std::move(joined));
    }
    return result;
  }
  const LogicalType type = all_binary ? LogicalType::BLOB : LogicalType::VARCHAR;
  for (auto& argument : arguments) argument = rewriter.Coerce(std::move(argument), type);
  ExprPtr result = std::move(arguments[0]);
  for (size_t i = 1; i < arguments.size(); ++i)
    result = rewriter.Native("||", List(std::move(result), std::move(arguments[i])));
  // A NULL that DuckDB folds has no type.
  return rewriter.Cast(std::move(result), type);
}

// concat_ws(separator, texts and arrays of texts..): NULLs are passed over.
ExprPtr ConcatWsRule(Rewriter& rewriter, Exprs& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const bool is_list = i > 0 && arguments[i]->return_type.id() == LogicalTypeId::LIST;
    arguments[i] =
        rewriter.Cast(std::move(arguments[i]),
                      is_list ? LogicalType::LIST(LogicalType::VARCHAR) : LogicalType::VARCHAR);
  }
  return ChunkCall(
      rewriter, std::move(arguments), LogicalType::VARCHAR,
      [](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        const idx_t columns = chunk.ColumnCount();
        std::vector<duckdb::UnifiedVectorFormat> formats(columns);
        std::vector<duckdb::UnifiedVectorFormat> elements(columns);
        for (idx_t c = 0; c < columns; ++c) {
          chunk.data[c].ToUnifiedFormat(chunk.size(), formats[c]);
          if (chunk.data[c].GetType().id() == LogicalTypeId::LIST) {
            duckdb::ListVector::GetEntry(chunk.data[c])
                .ToUnifiedFormat(duckdb::ListVector::GetListSize(chunk.data[c]), elements[c]);
          }
        }
        result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
        auto* data = duckdb::FlatVector::GetData<duckdb::string_t>(result);
        for (idx_t row = 0; row < chunk.size(); ++row) {
          const idx_t separator_at = formats[0].sel->get_index(row);
          if (!formats[0].validity.RowIsValid(separator_at)) {
            duckdb::FlatVector::SetNull(result, row, true);
            continue;
          }
          const auto separator = Stored<std::string_view>::Read(
              duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(formats[0])[separator_at]);
          std::string joined;
          bool is_first = true;
          const auto add = [&](const duckdb::UnifiedVectorFormat& format, idx_t at) {
            if (!format.validity.RowIsValid(at)) return;
            if (!is_first) joined += separator;
            is_first = false;
            joined += Stored<std::string_view>::Read(
                duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format)[at]);
          };
          for (idx_t c = 1; c < columns; ++c) {
            const idx_t at = formats[c].sel->get_index(row);
            if (chunk.data[c].GetType().id() != LogicalTypeId::LIST) {
              add(formats[c], at);
            } else if (formats[c].validity.RowIsValid(at)) {
              const auto entry =
                  duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(formats[c])[at];
              for (idx_t i = 0; i < entry.length; ++i)
                add(elements[c], elements[c].sel->get_index(entry.offset + i));
            }
          }
          data[row] = duckdb::StringVector::AddString(result, joined);
        }
        if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
      },
      duckdb::FunctionStability::CONSISTENT, true);
}

// elt(n, a, b, ..)
ExprPtr EltRule(Rewriter& rewriter, Exprs& arguments) {
  const auto choices = static_cast<int32_t>(arguments.size()) - 1;
  ExprPtr index = rewriter.Coerce(std::move(arguments[0]), LogicalType::INTEGER);
  for (size_t i = 1; i < arguments.size(); ++i)
    arguments[i] = rewriter.Coerce(std::move(arguments[i]), LogicalType::VARCHAR);
  auto result = duckdb::make_uniq<duckdb::BoundCaseExpression>(LogicalType::VARCHAR);
  for (int32_t i = 1; i <= choices; ++i) {
    duckdb::BoundCaseCheck check;
    check.when_expr = rewriter.Compare(ExpressionType::COMPARE_EQUAL, rewriter.Copy(*index),
                                       Integer(rewriter, i));
    check.then_expr = std::move(arguments[static_cast<size_t>(i)]);
    result->case_checks.push_back(std::move(check));
  }
  result->else_expr = ChunkCall(
      rewriter, List(std::move(index)), LogicalType::VARCHAR,
      [choices](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& target) {
        duckdb::UnaryExecutor::Execute<int32_t, duckdb::string_t>(
            chunk.data[0], target, chunk.size(), [&](int32_t n) -> duckdb::string_t {
              throw duckdb::InvalidInputException(
                  "[INVALID_ARRAY_INDEX] The index %d is out of bounds. The array has %d elements.",
                  n, choices);
            });
      },
      duckdb::FunctionStability::CONSISTENT, false, std::to_string(choices));
  return result;
}

// ---- numbers as text

ExprPtr HexRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType& type = arguments[0]->return_type;
  if (IsNumeric(type)) {
    arguments[0] = rewriter.Cast(std::move(arguments[0]), LogicalType::BIGINT);
    return KernelCall<Plain<HexNumber>>(rewriter, std::move(arguments));
  }
  struct HexBytes {
    std::string operator()(BytesView value) const { return HexText(value.bytes); }
  };
  return KernelCall<HexBytes>(rewriter, std::move(arguments));
}

struct FormatDoubleNumber {
  std::optional<std::string> operator()(double value, int32_t places) const {
    if (places < 0) return std::nullopt;
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-\u221e" : "\u221e";
    // Exactly the binary value, rounded half even, as DecimalFormat does.
    std::string digits = fmt::format("{:.{}f}", value, places);
    return GroupThousands(digits);
  }
};
struct FormatWholeNumber {
  std::optional<std::string> operator()(int64_t value, int32_t places) const {
    if (places < 0) return std::nullopt;
    std::string digits = std::to_string(value);
    if (places > 0) digits += "." + std::string(static_cast<size_t>(places), '0');
    return GroupThousands(digits);
  }
};
struct FormatDecimalNumber {
  std::optional<std::string> operator()(std::string_view plain, int32_t places) const {
    if (places < 0) return std::nullopt;
    const size_t point = plain.find('.');
    const int scale =
        point == std::string_view::npos ? 0 : static_cast<int>(plain.size() - point - 1);
    Int128 unscaled = 0;
    if (ParseDecimal(plain, 38, scale, &unscaled) != DecimalParse::kOk) return std::nullopt;
    if (places < scale) {
      const std::string digits =
          FormatDecimal(DropDigits(unscaled, scale - places, Rounding::kHalfEven), places);
      // What rounds to zero keeps its sign.
      return GroupThousands(unscaled < 0 && digits[0] != '-' ? "-" + digits : digits);
    }
    std::string digits = FormatDecimal(unscaled, scale);
    if (scale == 0 && places > 0) digits += '.';
    return GroupThousands(digits + std::string(static_cast<size_t>(places - scale), '0'));
  }
};
ExprPtr FormatNumberRule(Rewriter& rewriter, Exprs& arguments) {
  if (IsString(arguments[1]->return_type))
    rewriter.Refuse("a pattern is not supported; give the number of places");
  const LogicalType& type = arguments[0]->return_type;
  if (IsDecimal(type)) {
    arguments[0] = rewriter.Cast(std::move(arguments[0]), LogicalType::VARCHAR);
    return KernelCall<FormatDecimalNumber>(rewriter, std::move(arguments));
  }
  if (IsIntegral(type)) return KernelCall<FormatWholeNumber>(rewriter, std::move(arguments));
  return KernelCall<FormatDoubleNumber>(rewriter, std::move(arguments));
}

FormatArgument ToFormatArgument(const Value& value, const Zone& zone) {
  if (value.IsNull()) return std::monostate();
  if (value.type().id() == LogicalTypeId::BOOLEAN) return value.GetValue<bool>();
  if (IsIntegral(value.type())) return value.GetValue<int64_t>();
  if (IsFloating(value.type())) return value.GetValue<double>();
  if (IsDecimal(value.type())) {
    std::string digits;
    AppendSparkText(value, zone, digits);
    return DecimalText{std::move(digits)};
  }
  std::string text;
  AppendSparkText(value, zone, text);
  return text;
}

ExprPtr FormatStringRule(Rewriter& rewriter, Exprs& arguments) {
  arguments[0] = rewriter.Coerce(std::move(arguments[0]), LogicalType::VARCHAR);
  const Zone* zone = &rewriter.zone;
  return ChunkCall(
      rewriter, std::move(arguments), LogicalType::VARCHAR,
      [zone](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        for (idx_t row = 0; row < chunk.size(); ++row) {
          const Value format = chunk.data[0].GetValue(row);
          if (format.IsNull()) {
            result.SetValue(row, Value(LogicalType::VARCHAR));
            continue;
          }
          std::vector<FormatArgument> values;
          for (idx_t c = 1; c < chunk.ColumnCount(); ++c)
            values.push_back(ToFormatArgument(chunk.data[c].GetValue(row), *zone));
          const auto text = JavaFormat(format.ToString(), values);
          if (!text.ok()) throw duckdb::InvalidInputException("%s", base::Message(text.status()));
          result.SetValue(row, Value(*text));
        }
      },
      duckdb::FunctionStability::CONSISTENT, true);
}

// ---- patterns

template <bool kIgnoreCase>
ExprPtr LikeRule(Rewriter& rewriter, Exprs& arguments) {
  for (auto& argument : arguments)
    argument = rewriter.Coerce(std::move(argument), LogicalType::VARCHAR);
  std::string escape = "\\";
  if (arguments.size() == 3)
    escape = rewriter.ConstantValue(*arguments[2], "the escape character").ToString();
  if (escape.size() != 1) rewriter.Refuse("the escape must be one character");
  bool needs_escape = true;
  if (arguments[1]->IsFoldable()) {
    const Value pattern = rewriter.ConstantValue(*arguments[1], "the pattern");
    const std::string text = pattern.IsNull() ? "" : pattern.ToString();
    needs_escape = text.find(escape) != std::string::npos;
    for (size_t at = text.find(escape); at != std::string::npos; at = text.find(escape, at + 2)) {
      if (at + 1 == text.size() ||
          (text[at + 1] != '_' && text[at + 1] != '%' && text[at + 1] != escape[0])) {
        throw BinderException(
            "[INVALID_FORMAT.ESC_IN_THE_MIDDLE] The format is invalid: '%s'. The escape character "
            "is not allowed to precede anything but '_', '%%' or itself.",
            text);
      }
    }
  }
  if (arguments.size() == 3) arguments.pop_back();
  // Without escapes it is DuckDB's own operator, which becomes a prefix or a contains where it can.
  if (!needs_escape) return rewriter.Native(kIgnoreCase ? "~~*" : "~~", std::move(arguments));
  arguments.push_back(Text(rewriter, escape.c_str()));
  return rewriter.Native(kIgnoreCase ? "ilike_escape" : "like_escape", std::move(arguments));
}

struct RegexMatches {
  absl::StatusOr<bool> operator()(std::string_view text, std::string_view pattern) {
    SMELT_ASSIGN_OR_RETURN(const Regex* regex, cache.Get(pattern));
    return regex->Find(text);
  }
  RegexCache cache;
};
absl::Status CheckGroup(const char* function, const Regex& regex, int32_t group) {
  if (group >= 0 && group <= regex.groups()) return absl::OkStatus();
  return base::InvalidArgument(
      "[INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX] The value of parameter(s) `idx` in `{}` is "
      "invalid: Expects group index between 0 and {}, but got {}.",
      function, regex.groups(), group);
}
struct RegexExtract {
  absl::StatusOr<std::string> operator()(std::string_view text, std::string_view pattern,
                                         int32_t group) {
    SMELT_ASSIGN_OR_RETURN(const Regex* regex, cache.Get(pattern));
    SMELT_RETURN_IF_ERROR(CheckGroup("regexp_extract", *regex, group));
    std::vector<std::string_view> groups;
    if (!regex->FindGroups(text, 0, &groups)) return std::string();
    return std::string(groups[static_cast<size_t>(group)]);
  }
  RegexCache cache;
};
struct RegexExtractAll {
  absl::StatusOr<std::vector<std::string>> operator()(std::string_view text,
                                                      std::string_view pattern, int32_t group) {
    SMELT_ASSIGN_OR_RETURN(const Regex* regex, cache.Get(pattern));
    SMELT_RETURN_IF_ERROR(CheckGroup("regexp_extract_all", *regex, group));
    return regex->FindAll(text, group);
  }
  RegexCache cache;
};
struct RegexSubstring {
  absl::StatusOr<std::optional<std::string>> operator()(std::string_view text,
                                                        std::string_view pattern) {
    SMELT_ASSIGN_OR_RETURN(const Regex* regex, cache.Get(pattern));
    std::vector<std::string_view> groups;
    if (!regex->FindGroups(text, 0, &groups)) return std::optional<std::string>();
    return std::optional<std::string>(groups[0]);
  }
  RegexCache cache;
};
struct RegexCount {
  absl::StatusOr<int32_t> operator()(std::string_view text, std::string_view pattern) {
    SMELT_ASSIGN_OR_RETURN(const Regex* regex, cache.Get(pattern));
    return static_cast<int32_t>(regex->FindAll(text, 0).size());
  }
  RegexCache cache;
};
struct RegexInstr {
  absl::StatusOr<int32_t> operator()(std::string_view text, std::string_view pattern) {
    SMELT_ASSIGN_OR_RETURN(const Regex* regex, cache.Get(pattern));
    std::vector<std::string_view> groups;
    if (!regex->FindGroups(text, 0, &groups)) return 0;
    return CharCount(text.substr(0, static_cast<size_t>(groups[0].data() - text.data()))) + 1;
  }
  RegexCache cache;
};
struct RegexReplace {
  absl::StatusOr<std::string> operator()(std::string_view text, std::string_view pattern,
                                         std::string_view replacement, int32_t position) {
    SMELT_ASSIGN_OR_RETURN(const Regex* regex, cache.Get(pattern));
    const std::string_view skipped = CharRange(text, 0, position - 1);
    if (CharCount(skipped) < position - 1) return std::string(text);
    return regex->Replace(text, replacement, skipped.size());
  }
  RegexCache cache;
};
struct RegexSplit {
  absl::StatusOr<std::vector<std::string>> operator()(std::string_view text,
                                                      std::string_view pattern, int32_t limit) {
    SMELT_ASSIGN_OR_RETURN(const Regex* regex, cache.Get(pattern));
    std::vector<std::string> parts = regex->Split(text, limit);
    // An empty pattern splits into characters, without the empty end.
    if (pattern.empty() && !text.empty() && parts.size() > 1 && parts.back().empty())
      parts.pop_back();
    return parts;
  }
  RegexCache cache;
};

// A pattern that is a constant and not supported is refused when the query is bound, not at its
// first row.
void CheckPattern(const Rewriter& rewriter, const duckdb::Expression& pattern) {
  if (!pattern.IsFoldable()) return;
  const Value value = rewriter.ConstantValue(pattern, "the pattern");
  if (value.IsNull()) return;
  const auto regex = Regex::Compile(value.ToString());
  if (!regex.ok()) throw BinderException("%s", base::Message(regex.status()));
}

template <typename Op, int kDefault = -1>
ExprPtr RegexRule(Rewriter& rewriter, Exprs& arguments) {
  using Types = typename kernel_internal::Signature<decltype(&Op::operator())>::Arguments;
  CheckPattern(rewriter, *arguments[1]);
  if (kDefault >= 0 && arguments.size() < std::tuple_size_v<Types>)
    arguments.push_back(Integer(rewriter, kDefault));
  return KernelCall<Op>(rewriter, std::move(arguments));
}
ExprPtr SplitRule(Rewriter& rewriter, Exprs& arguments) {
  CheckPattern(rewriter, *arguments[1]);
  if (arguments.size() == 2) arguments.push_back(Integer(rewriter, -1));
  return KernelCall<RegexSplit>(rewriter, std::move(arguments));
}
ExprPtr ParseUrlRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 2) return KernelCall<Plain<ParseUrl>>(rewriter, std::move(arguments));
  return KernelCall<Plain<ParseUrlQuery>>(rewriter, std::move(arguments));
}
ExprPtr SentencesRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() > 1) rewriter.Refuse("a locale is not supported");
  return KernelCall<Plain<Sentences>>(rewriter, std::move(arguments));
}

// ---- dates and times

ExprPtr NowRule(Rewriter& rewriter, Exprs&) {
  return rewriter.Constant(Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(rewriter.Now().micros)));
}
ExprPtr TodayRule(Rewriter& rewriter, Exprs&) {
  return rewriter.Constant(
      Value::DATE(duckdb::date_t(DaysOf(rewriter.zone.ToLocal(rewriter.Now()).micros))));
}
ExprPtr LocalNowRule(Rewriter& rewriter, Exprs&) {
  return rewriter.Constant(
      Value::TIMESTAMP(duckdb::timestamp_t(rewriter.zone.ToLocal(rewriter.Now()).micros)));
}
ExprPtr TimeZoneRule(Rewriter& rewriter, Exprs&) {
  return rewriter.Constant(Value(rewriter.zone.id()));
}

template <int kSign>
ExprPtr DateAddRule(Rewriter& rewriter, Exprs& arguments) {
  struct Move {
    absl::StatusOr<Date> operator()(Date date, int32_t days) const {
      int32_t result = 0;
      if (__builtin_add_overflow(date.days, kSign * static_cast<int64_t>(days), &result)) {
        return base::InvalidArgument("[DATETIME_OVERFLOW] Datetime operation overflow");
      }
      return Date{result};
    }
  };
  if (arguments[1]->return_type.id() == LogicalTypeId::BIGINT) rewriter.MismatchedTypes(arguments);
  return KernelCall<Move>(rewriter, std::move(arguments));
}
ExprPtr MonthsBetweenRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 2) arguments.push_back(rewriter.Constant(Value::BOOLEAN(true)));
  return KernelCall<MonthsBetween>(rewriter, std::move(arguments));
}

ExprPtr SecondsWithFraction(const Rewriter& rewriter, Exprs arguments) {
  // An INTEGER of microseconds has the bits of a DECIMAL(8,6).
  return rewriter.Reinterpret(KernelCall<SecondMicrosOf>(rewriter, std::move(arguments)),
                              LogicalType::DECIMAL(8, 6));
}

// date_part('YEAR', source), which EXTRACT is too.
ExprPtr DatePartRule(Rewriter& rewriter, Exprs& arguments) {
  const std::string field =
      duckdb::StringUtil::Upper(rewriter.ConstantValue(*arguments[0], "the field").ToString());
  Exprs source = List(std::move(arguments[1]));
  if (source[0]->return_type.id() == LogicalTypeId::INTERVAL)
    rewriter.Refuse("intervals are not supported");
  const auto is = [&](std::initializer_list<const char*> names) {
    return std::any_of(names.begin(), names.end(), [&](const char* name) { return field == name; });
  };
  if (is({"YEAR", "Y", "YEARS", "YR", "YRS"}))
    return KernelCall<PartOfDate<DatePart::kYear>>(rewriter, std::move(source));
  if (is({"YEAROFWEEK"}))
    return KernelCall<PartOfDate<DatePart::kYearOfWeek>>(rewriter, std::move(source));
  if (is({"QUARTER", "QTR"}))
    return KernelCall<PartOfDate<DatePart::kQuarter>>(rewriter, std::move(source));
  if (is({"MONTH", "MON", "MONS", "MONTHS"}))
    return KernelCall<PartOfDate<DatePart::kMonth>>(rewriter, std::move(source));
  if (is({"WEEK", "W", "WEEKS"}))
    return KernelCall<PartOfDate<DatePart::kWeek>>(rewriter, std::move(source));
  if (is({"DAY", "D", "DAYS"}))
    return KernelCall<PartOfDate<DatePart::kDay>>(rewriter, std::move(source));
  if (is({"DAYOFWEEK", "DOW"}))
    return KernelCall<PartOfDate<DatePart::kDayOfWeek>>(rewriter, std::move(source));
  if (is({"DAYOFWEEK_ISO", "DOW_ISO"}))
    return KernelCall<PartOfDate<DatePart::kDayOfWeekIso>>(rewriter, std::move(source));
  if (is({"DOY"})) return KernelCall<PartOfDate<DatePart::kDayOfYear>>(rewriter, std::move(source));
  if (is({"HOUR", "H", "HOURS", "HR", "HRS"}))
    return KernelCall<HourOf>(rewriter, std::move(source));
  if (is({"MINUTE", "M", "MIN", "MINS", "MINUTES"}))
    return KernelCall<MinuteOf>(rewriter, std::move(source));
  if (is({"SECOND", "S", "SEC", "SECONDS", "SECS"}))
    return SecondsWithFraction(rewriter, std::move(source));
  throw BinderException("[INVALID_EXTRACT_FIELD] Cannot extract '%s' from a date or a time.",
                        field);
}

template <bool kTry>
ExprPtr ToTimestampRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 1)
    return rewriter.Cast(std::move(arguments[0]), LogicalType::TIMESTAMP_TZ, kTry);
  // With a pattern, a value that is no text keeps its meaning.
  if (!IsString(arguments[0]->return_type) && !IsNullType(arguments[0]->return_type))
    return rewriter.Cast(std::move(arguments[0]), LogicalType::TIMESTAMP_TZ, kTry);
  return KernelCall<ParseWithPattern<kTry>>(rewriter, std::move(arguments));
}
template <bool kTry>
ExprPtr ToDateRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 1) return rewriter.Cast(std::move(arguments[0]), LogicalType::DATE, kTry);
  return rewriter.Cast(ToTimestampRule<kTry>(rewriter, arguments), LogicalType::DATE);
}
ExprPtr ToLocalTimestampRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 1 || !IsString(arguments[0]->return_type))
    return rewriter.Cast(std::move(arguments[0]), LogicalType::TIMESTAMP);
  return KernelCall<ParseLocalWithPattern>(rewriter, std::move(arguments));
}

ExprPtr UnixTimestampRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.empty())
    return rewriter.Constant(Value::BIGINT(FloorDiv(rewriter.Now().micros, kMicrosPerSecond)));
  if (arguments.size() == 1) arguments.push_back(Text(rewriter, "yyyy-MM-dd HH:mm:ss"));
  return KernelCall<ToEpoch<kMicrosPerSecond>>(rewriter,
                                               List(ToTimestampRule<false>(rewriter, arguments)));
}
ExprPtr FromUnixTimeRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 1) arguments.push_back(Text(rewriter, "yyyy-MM-dd HH:mm:ss"));
  return KernelCall<FromUnixTime>(rewriter, std::move(arguments));
}
ExprPtr TimestampSecondsRule(Rewriter& rewriter, Exprs& arguments) {
  if (!IsNumeric(arguments[0]->return_type))
    arguments[0] = rewriter.Coerce(std::move(arguments[0]), LogicalType::DOUBLE);
  return rewriter.Cast(std::move(arguments[0]), LogicalType::TIMESTAMP_TZ);
}
ExprPtr ConvertTimezoneRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 2)
    arguments.insert(arguments.begin(), Text(rewriter, rewriter.zone.id().c_str()));
  return KernelCall<ConvertZone>(rewriter, std::move(arguments));
}

template <bool kTry>
struct MakeTimestamp {
  explicit MakeTimestamp(const Zone& session_zone) : zone(&session_zone) {}
  // `second` is the unscaled value of a decimal(16,6).
  absl::StatusOr<std::optional<Timestamp>> operator()(int32_t year, int32_t month, int32_t day,
                                                      int32_t hour, int32_t minute, int64_t second,
                                                      std::string_view zone_id) const {
    const Zone* in = zone_id.empty() ? zone : Zone::Find(zone_id);
    if (in == nullptr)
      return base::InvalidArgument("[INVALID_TIMEZONE] '{}' is no time zone", zone_id);
    const auto local = MakeLocalMicros(year, month, day, hour, minute, second);
    if (local) return std::optional<Timestamp>(in->ToInstant({*local}));
    if (kTry) return std::optional<Timestamp>();
    return base::InvalidArgument("[DATETIME_FIELD_OUT_OF_BOUNDS] '{}-{}-{} {}:{}' is no time", year,
                                 month, day, hour, minute);
  }
  const Zone* zone;
};
template <bool kTry>
ExprPtr MakeTimestampRule(Rewriter& rewriter, Exprs& arguments) {
  arguments[5] = rewriter.Reinterpret(
      rewriter.Cast(std::move(arguments[5]), LogicalType::DECIMAL(16, 6)), LogicalType::BIGINT);
  if (arguments.size() == 6) arguments.push_back(Text(rewriter, ""));
  return KernelCall<MakeTimestamp<kTry>>(rewriter, std::move(arguments));
}
ExprPtr MakeLocalTimestampRule(Rewriter& rewriter, Exprs& arguments) {
  arguments.push_back(Text(rewriter, "UTC"));
  return rewriter.Reinterpret(MakeTimestampRule<false>(rewriter, arguments),
                              LogicalType::TIMESTAMP);
}

// The windows that a time is in: tumbling ones as a struct, sliding ones as a list of structs.
int64_t WindowMicros(const Rewriter& rewriter, ExprPtr value, const char* what) {
  if (IsString(value->return_type))
    value = duckdb::BoundCastExpression::AddCastToType(rewriter.context, std::move(value),
                                                       LogicalType::INTERVAL);
  const Value constant = rewriter.ConstantValue(*value, what);
  if (constant.IsNull() || constant.type().id() != LogicalTypeId::INTERVAL)
    rewriter.Refuse(std::string(what) + " must be an interval");
  const auto interval = duckdb::IntervalValue::Get(constant);
  if (interval.months != 0) rewriter.Refuse(std::string(what) + " must not be in months");
  return interval.days * kMicrosPerDay + interval.micros;
}
template <int64_t kOffset>
struct WindowBound {
  Timestamp operator()(Timestamp time, int64_t size, int64_t start) const {
    return {time.micros - FloorMod(time.micros - start, size) + kOffset * size};
  }
};
ExprPtr WindowRule(Rewriter& rewriter, Exprs& arguments) {
  const int64_t size = WindowMicros(rewriter, std::move(arguments[1]), "the duration");
  const int64_t start =
      arguments.size() == 3 ? WindowMicros(rewriter, std::move(arguments[2]), "the start") : 0;
  if (size <= 0) rewriter.Refuse("the duration must be positive");
  const auto bound = [&](auto kernel) {
    return KernelCall<decltype(kernel)>(
        rewriter, List(rewriter.Copy(*arguments[0]), rewriter.Constant(Value::BIGINT(size)),
                       rewriter.Constant(Value::BIGINT(start))));
  };
  ExprPtr from = bound(WindowBound<0>());
  ExprPtr to = bound(WindowBound<1>());
  from->SetAlias("start");
  to->SetAlias("end");
  ExprPtr window = rewriter.Native("struct_pack", List(std::move(from), std::move(to)));
  // A row without a time is in no window.
  return rewriter.NullWhere(rewriter.IsNull(std::move(arguments[0])), std::move(window));
}
ExprPtr WindowsRule(Rewriter& rewriter, Exprs& arguments) {
  const int64_t size = WindowMicros(rewriter, std::move(arguments[1]), "the duration");
  const int64_t slide = WindowMicros(rewriter, std::move(arguments[2]), "the slide");
  const int64_t start =
      arguments.size() == 4 ? WindowMicros(rewriter, std::move(arguments[3]), "the start") : 0;
  if (slide <= 0 || size < slide)
    rewriter.Refuse("the slide must be positive and no more than the duration");
  ExprPtr time = rewriter.Coerce(std::move(arguments[0]), LogicalType::TIMESTAMP_TZ);
  const auto window = LogicalType::STRUCT({{"start", LogicalType(LogicalTypeId::TIMESTAMP_TZ)},
                                           {"end", LogicalType(LogicalTypeId::TIMESTAMP_TZ)}});
  return ChunkCall(
      rewriter,
      List(std::move(time), rewriter.Constant(Value::BIGINT(size)),
           rewriter.Constant(Value::BIGINT(slide)), rewriter.Constant(Value::BIGINT(start))),
      LogicalType::LIST(window),
      [size, slide, start, window](duckdb::DataChunk& chunk, duckdb::ExpressionState&,
                                   duckdb::Vector& result) {
        for (idx_t row = 0; row < chunk.size(); ++row) {
          const Value value = chunk.data[0].GetValue(row);
          duckdb::vector<Value> windows;
          if (!value.IsNull()) {
            const int64_t micros = duckdb::TimestampValue::Get(value).value;
            const int64_t last = micros - FloorMod(micros - start, slide);
            for (int64_t from = last; from + size > micros; from -= slide) {
              windows.push_back(
                  Value::STRUCT(window, {Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(from)),
                                         Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(from + size))}));
            }
          }
          result.SetValue(row, Value::LIST(window, std::move(windows)));
        }
      });
}

// ---- digests

// Adds a column of one type to the hashes of its rows.
template <typename Hash, typename Storage, typename Function>
void HashColumn(duckdb::Vector& column, idx_t rows, typename Hash::Value* hashes,
                Function&& function) {
  duckdb::UnifiedVectorFormat format;
  column.ToUnifiedFormat(rows, format);
  const auto* data = duckdb::UnifiedVectorFormat::GetData<Storage>(format);
  for (idx_t row = 0; row < rows; ++row) {
    const idx_t at = format.sel->get_index(row);
    if (format.validity.RowIsValid(at)) hashes[row] = function(data[at], hashes[row]);
  }
}

// BigInteger.toByteArray: two's complement, big end first, no byte more than needed.
std::string BigEndian(Int128 value) {
  std::string bytes;
  for (int i = 15; i >= 0; --i) bytes += static_cast<char>(value >> (i * 8));
  size_t start = 0;
  while (start < 15 && ((bytes[start] == 0 && !(bytes[start + 1] & 0x80)) ||
                        (bytes[start] == '\xff' && (bytes[start + 1] & 0x80))))
    ++start;
  return bytes.substr(start);
}

template <typename Hash>
typename Hash::Value HashValue(const Value& value, typename Hash::Value seed);

template <typename Hash>
void HashAny(duckdb::Vector& column, idx_t rows, typename Hash::Value* hashes) {
  using H = typename Hash::Value;
  switch (column.GetType().id()) {
    case LogicalTypeId::SQLNULL:
      return;
    case LogicalTypeId::BOOLEAN:
      return HashColumn<Hash, bool>(column, rows, hashes,
                                    [](bool v, H seed) { return Hash::Int(v ? 1 : 0, seed); });
    case LogicalTypeId::TINYINT:
      return HashColumn<Hash, int8_t>(column, rows, hashes,
                                      [](int8_t v, H seed) { return Hash::Int(v, seed); });
    case LogicalTypeId::SMALLINT:
      return HashColumn<Hash, int16_t>(column, rows, hashes,
                                       [](int16_t v, H seed) { return Hash::Int(v, seed); });
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::DATE:
      return HashColumn<Hash, int32_t>(column, rows, hashes,
                                       [](int32_t v, H seed) { return Hash::Int(v, seed); });
    case LogicalTypeId::BIGINT:
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ:
      return HashColumn<Hash, int64_t>(column, rows, hashes,
                                       [](int64_t v, H seed) { return Hash::Long(v, seed); });
    case LogicalTypeId::FLOAT:
      return HashColumn<Hash, float>(column, rows, hashes, [](float v, H seed) {
        const uint32_t bits =
            std::isnan(v) ? 0x7fc00000u
                          : duckdb::Load<uint32_t>(reinterpret_cast<const duckdb::data_t*>(&v));
        return Hash::Int(v == 0 ? 0 : static_cast<int32_t>(bits), seed);
      });
    case LogicalTypeId::DOUBLE:
      return HashColumn<Hash, double>(column, rows, hashes, [](double v, H seed) {
        const uint64_t bits =
            std::isnan(v) ? 0x7ff8000000000000u
                          : duckdb::Load<uint64_t>(reinterpret_cast<const duckdb::data_t*>(&v));
        return Hash::Long(v == 0 ? 0 : static_cast<int64_t>(bits), seed);
      });
    case LogicalTypeId::VARCHAR:
    case LogicalTypeId::BLOB:
      return HashColumn<Hash, duckdb::string_t>(
          column, rows, hashes, [](const duckdb::string_t& v, H seed) {
            return Hash::Text(Stored<std::string_view>::Read(v), seed);
          });
    case LogicalTypeId::DECIMAL: {
      switch (column.GetType().InternalType()) {
        case duckdb::PhysicalType::INT16:
          return HashColumn<Hash, int16_t>(column, rows, hashes,
                                           [](int16_t v, H seed) { return Hash::Long(v, seed); });
        case duckdb::PhysicalType::INT32:
          return HashColumn<Hash, int32_t>(column, rows, hashes,
                                           [](int32_t v, H seed) { return Hash::Long(v, seed); });
        case duckdb::PhysicalType::INT64:
          return HashColumn<Hash, int64_t>(column, rows, hashes,
                                           [](int64_t v, H seed) { return Hash::Long(v, seed); });
        default:
          return HashColumn<Hash, duckdb::hugeint_t>(
              column, rows, hashes,
              [](duckdb::hugeint_t v, H seed) { return Hash::Text(BigEndian(ToInt128(v)), seed); });
      }
    }
    default:
      for (idx_t row = 0; row < rows; ++row)
        hashes[row] = HashValue<Hash>(column.GetValue(row), hashes[row]);
  }
}

// Arrays and structs: their members, one after another.
template <typename Hash>
typename Hash::Value HashValue(const Value& value, typename Hash::Value seed) {
  if (value.IsNull()) return seed;
  if (value.type().id() == LogicalTypeId::LIST || value.type().id() == LogicalTypeId::STRUCT) {
    const auto& children = value.type().id() == LogicalTypeId::LIST
                               ? duckdb::ListValue::GetChildren(value)
                               : duckdb::StructValue::GetChildren(value);
    for (const Value& child : children) seed = HashValue<Hash>(child, seed);
    return seed;
  }
  duckdb::Vector single(value);
  HashAny<Hash>(single, 1, &seed);
  return seed;
}

template <typename Hash>
ExprPtr HashRule(Rewriter& rewriter, Exprs& arguments) {
  using H = typename Hash::Value;
  for (const auto& argument : arguments) {
    if (duckdb::TypeVisitor::Contains(argument->return_type, LogicalTypeId::MAP)) {
      throw BinderException(
          "[DATATYPE_MISMATCH.HASH_MAP_TYPE] Input to the function %s cannot contain elements of "
          "the \"MAP\" type.",
          rewriter.name);
    }
    if (argument->return_type.id() == LogicalTypeId::INTERVAL)
      rewriter.Refuse("intervals are not supported");
  }
  return ChunkCall(
      rewriter, std::move(arguments), Stored<H>::Logical(),
      [](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
        auto* hashes = duckdb::FlatVector::GetData<H>(result);
        std::fill(hashes, hashes + chunk.size(), Hash::kSeed);
        for (auto& column : chunk.data) HashAny<Hash>(column, chunk.size(), hashes);
      },
      duckdb::FunctionStability::CONSISTENT, true);
}

// '#' between the values, '\#' and '\\' inside them, '\N' for NULL: no two lists of values give the
// same key.
ExprPtr DynamoDbKeyRule(Rewriter& rewriter, Exprs& arguments) {
  for (auto& argument : arguments)
    argument = rewriter.Cast(std::move(argument), LogicalType::VARCHAR);
  return ChunkCall(
      rewriter, std::move(arguments), LogicalType::VARCHAR,
      [](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        std::vector<duckdb::UnifiedVectorFormat> formats(chunk.ColumnCount());
        for (idx_t c = 0; c < formats.size(); ++c)
          chunk.data[c].ToUnifiedFormat(chunk.size(), formats[c]);
        result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
        auto* data = duckdb::FlatVector::GetData<duckdb::string_t>(result);
        for (idx_t row = 0; row < chunk.size(); ++row) {
          std::string key;
          for (idx_t c = 0; c < formats.size(); ++c) {
            if (c > 0) key += '#';
            const idx_t at = formats[c].sel->get_index(row);
            if (!formats[c].validity.RowIsValid(at)) {
              key += "\\N";
              continue;
            }
            for (const char byte : Stored<std::string_view>::Read(
                     duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(formats[c])[at])) {
              if (byte == '#' || byte == '\\') key += '\\';
              key += byte;
            }
          }
          data[row] = duckdb::StringVector::AddString(result, key);
        }
      },
      duckdb::FunctionStability::CONSISTENT, true);
}

// ---- random values and errors

struct RandomDouble {
  double operator()(int32_t) {
    return std::uniform_real_distribution<double>(0.0, 1.0)(Generator());
  }
  static std::mt19937_64& Generator() {
    thread_local std::mt19937_64 generator{std::random_device{}()};
    return generator;
  }
};
struct RandomNormal {
  double operator()(int32_t) {
    return std::normal_distribution<double>()(RandomDouble::Generator());
  }
};
struct RandomUuidText {
  std::string operator()(int32_t) { return Uuid(); }
};
// Volatile and without arguments: one value for each row, not for each chunk.
template <typename Op>
ExprPtr VolatileRule(Rewriter& rewriter, Exprs& arguments) {
  if (!arguments.empty())
    rewriter.Refuse("a seed is not supported: Spark's sequence depends on its partitions");
  const LogicalType type = Stored<decltype(std::declval<Op&>()(0))>::Logical();
  return ChunkCall(
      rewriter, {}, type,
      [](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        using Target = Stored<decltype(std::declval<Op&>()(0))>;
        result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
        auto* data = duckdb::FlatVector::GetData<typename Target::Type>(result);
        Op op;
        for (idx_t row = 0; row < chunk.size(); ++row) Target::Write(result, data[row], op(0));
      },
      duckdb::FunctionStability::VOLATILE);
}

// Distinct over the whole query: each expression counts on.
ExprPtr RowIdRule(Rewriter& rewriter, Exprs&) {
  auto next = std::make_shared<std::atomic<int64_t>>(0);
  return ChunkCall(
      rewriter, {}, LogicalType::BIGINT,
      [next](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
        auto* data = duckdb::FlatVector::GetData<int64_t>(result);
        const int64_t first = next->fetch_add(static_cast<int64_t>(chunk.size()));
        for (idx_t row = 0; row < chunk.size(); ++row)
          data[row] = first + static_cast<int64_t>(row);
      },
      duckdb::FunctionStability::VOLATILE);
}

[[noreturn]] void ThrowRaised(const std::string& message) {
  throw duckdb::InvalidInputException("[USER_RAISED_EXCEPTION] %s", message);
}

ExprPtr RaiseErrorRule(Rewriter& rewriter, Exprs& arguments) {
  arguments[0] = rewriter.Coerce(std::move(arguments[0]), LogicalType::VARCHAR);
  return ChunkCall(
      rewriter, std::move(arguments), LogicalType::SQLNULL,
      [](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        if (chunk.size() > 0) ThrowRaised(chunk.data[0].GetValue(0).ToString());
        result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
        duckdb::ConstantVector::SetNull(result, true);
      },
      duckdb::FunctionStability::VOLATILE, true);
}
ExprPtr AssertTrueRule(Rewriter& rewriter, Exprs& arguments) {
  arguments[0] = rewriter.Coerce(std::move(arguments[0]), LogicalType::BOOLEAN);
  if (arguments.size() == 1)
    arguments.push_back(
        Text(rewriter, ("'" + arguments[0]->ToString() + "' is not true!").c_str()));
  arguments[1] = rewriter.Coerce(std::move(arguments[1]), LogicalType::VARCHAR);
  return ChunkCall(
      rewriter, std::move(arguments), LogicalType::SQLNULL,
      [](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        for (idx_t row = 0; row < chunk.size(); ++row) {
          const Value holds = chunk.data[0].GetValue(row);
          if (holds.IsNull() || !holds.GetValue<bool>())
            ThrowRaised(chunk.data[1].GetValue(row).ToString());
        }
        result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
        duckdb::ConstantVector::SetNull(result, true);
      },
      duckdb::FunctionStability::VOLATILE, true);
}

}  // namespace

void RegisterScalarRules(duckdb::ExtensionLoader& loader) {
  RegisterRules(loader, {{"ascii", 1, 1, PlainRule<Ascii>},
                         {"base64", 1, 1, PlainRule<Base64>},
                         {"bin", 1, 1, PlainRule<BinaryDigits>},
                         {"bit_length", 1, 1, PlainRule<BitLength>},
                         {"btrim", 1, 2, TrimRule<TrimBoth>},
                         {"char_length", 1, 1, LengthRule},
                         {"chr", 1, 1, PlainRule<Chr>},
                         {"concat", 0, -1, ConcatRule},
                         {"concat_ws", 1, -1, ConcatWsRule},
                         {"contains", 2, 2, PlainRule<Contains>},
                         {"conv", 3, 3, PlainRule<Convert>},
                         {"elt", 2, -1, EltRule},
                         {"encode", 2, 2, EncodeRule},
                         {"endswith", 2, 2, PlainRule<EndsWith>},
                         {"find_in_set", 2, 2, PlainRule<FindInSet>},
                         {"format_number", 2, 2, FormatNumberRule},
                         {"format_string", 1, -1, FormatStringRule},
                         {"hex", 1, 1, HexRule},
                         {"ilike", 2, 3, LikeRule<true>},
                         {"initcap", 1, 1, PlainRule<InitCap>},
                         {"instr", 2, 2, InstrRule},
                         {"left", 2, 2, PlainRule<Left>},
                         {"length", 1, 1, LengthRule},
                         {"levenshtein", 2, 3, LevenshteinRule},
                         {"like", 2, 3, LikeRule<false>},
                         {"locate", 2, 3, LocateRule},
                         {"lower", 1, 1, PlainRule<Lower>},
                         {"lpad", 2, 3, PadRule<PadLeft>},
                         {"ltrim", 1, 2, TrimRule<TrimLeft>},
                         {"luhn_check", 1, 1, PlainRule<LuhnCheck>},
                         {"mask", 1, 5, MaskRule},
                         {"octet_length", 1, 1, PlainRule<OctetLength>},
                         {"overlay", 3, 4, OverlayRule},
                         {"parse_url", 2, 3, ParseUrlRule},
                         {"repeat", 2, 2, PlainRule<Repeat>},
                         {"replace", 2, 3, ReplaceRule},
                         {"right", 2, 2, PlainRule<Right>},
                         {"rpad", 2, 3, PadRule<PadRight>},
                         {"rtrim", 1, 2, TrimRule<TrimRight>},
                         {"sentences", 1, 3, SentencesRule},
                         {"soundex", 1, 1, PlainRule<Soundex>},
                         {"space", 1, 1, PlainRule<Space>},
                         {"split_part", 3, 3, PlainRule<SplitPart>},
                         {"startswith", 2, 2, PlainRule<StartsWith>},
                         {"substring", 2, 3, SubstringRule},
                         {"substring_index", 3, 3, PlainRule<SubstringIndex>},
                         {"translate", 3, 3, PlainRule<Translate>},
                         {"trim", 1, 2, TrimRule<TrimBoth>},
                         {"try_url_decode", 1, 1, PlainRule<TryUrlDecode>},
                         {"unbase64", 1, 1, PlainRule<Unbase64>},
                         {"unhex", 1, 1, PlainRule<Unhex>},
                         {"upper", 1, 1, PlainRule<Upper>},
                         {"url_decode", 1, 1, PlainRule<UrlDecode>},
                         {"url_encode", 1, 1, PlainRule<UrlEncode>}});
  RegisterRules(loader, {{"regexp_count", 2, 2, RegexRule<RegexCount>},
                         {"regexp_extract", 2, 3, RegexRule<RegexExtract, 1>},
                         {"regexp_extract_all", 2, 3, RegexRule<RegexExtractAll, 1>},
                         {"regexp_instr", 2, 2, RegexRule<RegexInstr>},
                         {"regexp_replace", 3, 4, RegexRule<RegexReplace, 1>},
                         {"regexp_substr", 2, 2, RegexRule<RegexSubstring>},
                         {"rlike", 2, 2, RegexRule<RegexMatches>},
                         {"split", 2, 3, SplitRule}});
  RegisterRules(loader, {{"add_months", 2, 2, KernelRule<AddMonthsToDate>},
                         {"convert_timezone", 2, 3, ConvertTimezoneRule},
                         {"current_date", 0, 0, TodayRule},
                         {"current_timestamp", 0, 0, NowRule},
                         {"current_timezone", 0, 0, TimeZoneRule},
                         {"date_add", 2, 2, DateAddRule<1>},
                         {"date_diff", 2, 2, KernelRule<DateDifference>},
                         {"date_format", 2, 2, KernelRule<DateFormat>},
                         {"date_from_unix_date", 1, 1, KernelRule<DateFromUnixDate>},
                         {"date_part", 2, 2, DatePartRule},
                         {"date_sub", 2, 2, DateAddRule<-1>},
                         {"date_trunc", 2, 2, KernelRule<DateTrunc>},
                         {"dayname", 1, 1, KernelRule<DayName>},
                         {"dayofmonth", 1, 1, KernelRule<PartOfDate<DatePart::kDay>>},
                         {"dayofweek", 1, 1, KernelRule<PartOfDate<DatePart::kDayOfWeek>>},
                         {"dayofyear", 1, 1, KernelRule<PartOfDate<DatePart::kDayOfYear>>},
                         {"from_unixtime", 1, 2, FromUnixTimeRule},
                         {"from_utc_timestamp", 2, 2, KernelRule<ShiftZone<false>>},
                         {"hour", 1, 1, KernelRule<HourOf>},
                         {"last_day", 1, 1, KernelRule<LastDay>},
                         {"localtimestamp", 0, 0, LocalNowRule},
                         {"make_date", 3, 3, KernelRule<MakeDate>},
                         {"make_timestamp", 6, 7, MakeTimestampRule<false>},
                         {"make_timestamp_ntz", 6, 6, MakeLocalTimestampRule},
                         {"minute", 1, 1, KernelRule<MinuteOf>},
                         {"month", 1, 1, KernelRule<PartOfDate<DatePart::kMonth>>},
                         {"monthname", 1, 1, KernelRule<MonthName>},
                         {"months_between", 2, 3, MonthsBetweenRule},
                         {"next_day", 2, 2, KernelRule<NextDay>},
                         {"quarter", 1, 1, KernelRule<PartOfDate<DatePart::kQuarter>>},
                         {"second", 1, 1, KernelRule<SecondOf>},
                         {"timestamp_micros", 1, 1, KernelRule<FromEpoch<1>>},
                         {"timestamp_millis", 1, 1, KernelRule<FromEpoch<1000>>},
                         {"timestamp_seconds", 1, 1, TimestampSecondsRule},
                         {"timestampadd", 3, 3, KernelRule<TimestampPlus>},
                         {"timestampdiff", 3, 3, KernelRule<TimestampDifference>},
                         {"to_date", 1, 2, ToDateRule<false>},
                         {"to_timestamp", 1, 2, ToTimestampRule<false>},
                         {"to_timestamp_ltz", 1, 2, ToTimestampRule<false>},
                         {"to_timestamp_ntz", 1, 2, ToLocalTimestampRule},
                         {"to_unix_timestamp", 1, 2, UnixTimestampRule},
                         {"to_utc_timestamp", 2, 2, KernelRule<ShiftZone<true>>},
                         {"trunc", 2, 2, KernelRule<TruncDate>},
                         {"try_make_timestamp", 6, 7, MakeTimestampRule<true>},
                         {"try_to_date", 1, 2, ToDateRule<true>},
                         {"try_to_timestamp", 1, 2, ToTimestampRule<true>},
                         {"unix_date", 1, 1, KernelRule<UnixDate>},
                         {"unix_micros", 1, 1, KernelRule<ToEpoch<1>>},
                         {"unix_millis", 1, 1, KernelRule<ToEpoch<1000>>},
                         {"unix_seconds", 1, 1, KernelRule<ToEpoch<kMicrosPerSecond>>},
                         {"unix_timestamp", 0, 2, UnixTimestampRule},
                         {"weekday", 1, 1, KernelRule<PartOfDate<DatePart::kWeekday>>},
                         {"weekofyear", 1, 1, KernelRule<PartOfDate<DatePart::kWeek>>},
                         {"window", 2, 3, WindowRule},
                         {"windows", 3, 4, WindowsRule},
                         {"year", 1, 1, KernelRule<PartOfDate<DatePart::kYear>>}});
  RegisterRules(loader, {{"crc32", 1, 1, PlainRule<Crc32>},
                         {"md5", 1, 1, PlainRule<Md5Hex>},
                         {"sha1", 1, 1, PlainRule<Sha1Hex>},
                         {"sha2", 2, 2, PlainRule<Sha2Hex>},
                         {"hash", 1, -1, HashRule<Murmur3>},
                         {"xxhash64", 1, -1, HashRule<XxHash64>},
                         {"dynamodb_key", 1, -1, DynamoDbKeyRule},
                         {"uuid", 0, 0, VolatileRule<RandomUuidText>},
                         {"rand", 0, 1, VolatileRule<RandomDouble>},
                         {"randn", 0, 1, VolatileRule<RandomNormal>},
                         {"monotonically_increasing_id", 0, 0, RowIdRule},
                         {"raise_error", 1, 1, RaiseErrorRule},
                         {"assert_true", 1, 2, AssertTrueRule}});
}

}  // namespace smelt::duck
