// Many lines because every unit that sees DuckDB's headers costs ten seconds and more to compile:
// functions of a kind share one.

#include <algorithm>
#include <cmath>

#include "base/digest.h"
#include "duckdb/common/type_visitor.hpp"
#include "duckdb/planner/expression/bound_lambda_expression.hpp"
#include "engine/duckdb/functions/json_functions.h"
#include "engine/duckdb/functions/kernel.h"
#include "engine/duckdb/functions/regex.h"
#include "engine/duckdb/functions/text_functions.h"
#include "engine/duckdb/functions/time_kernels.h"

// Arrays, maps, structs and JSON. What DuckDB has with the same meaning is used as it is; the rest
// works value by value. More than 400 lines: each translation unit with DuckDB in it costs seconds.

namespace smelt::duck {
namespace {

using duckdb::BinderException;
using duckdb::ExpressionType;
using duckdb::idx_t;
using duckdb::InvalidInputException;
using Values = duckdb::vector<Value>;

// ---- calls that work value by value

// Gets the arguments of a row, and the result's type; NULLs are its own business.
using ValueFunction = std::function<Value(const Values& arguments, const LogicalType& type)>;

ExprPtr ValueCall(const Rewriter& rewriter, Exprs arguments, const LogicalType& type,
                  ValueFunction function, bool sees_nulls = false) {
  return ChunkCall(
      rewriter, std::move(arguments), type,
      [function = std::move(function), type, sees_nulls](
          duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        const bool is_constant = chunk.ColumnCount() > 0 && chunk.AllConstant();
        for (idx_t row = 0; row < (is_constant ? 1 : chunk.size()); ++row) {
          Values values;
          bool has_null = false;
          for (auto& column : chunk.data) {
            values.push_back(column.GetValue(row));
            has_null |= values.back().IsNull();
          }
          result.SetValue(row, has_null && !sees_nulls ? Value(type) : function(values, type));
        }
        if (is_constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
      },
      duckdb::FunctionStability::CONSISTENT, sees_nulls);
}

const Values& Elements(const Value& list) { return duckdb::ListValue::GetChildren(list); }
LogicalType ElementType(const LogicalType& list) { return duckdb::ListType::GetChildType(list); }
Value MakeList(const LogicalType& type, Values values) {
  return Value::LIST(ElementType(type), std::move(values));
}

// Equal, where NULL equals NULL and NaN equals NaN.
bool Same(const Value& a, const Value& b) { return Value::NotDistinctFrom(a, b); }

bool Has(const Values& values, const Value& wanted) {
  return std::any_of(values.begin(), values.end(),
                     [&](const Value& value) { return Same(value, wanted); });
}

// Spark's order: NULL first, members from left to right.
int Order(const Value& a, const Value& b) {
  if (a.IsNull() || b.IsNull())
    return static_cast<int>(!a.IsNull()) - static_cast<int>(!b.IsNull());
  if (a.type().id() == LogicalTypeId::STRUCT || a.type().id() == LogicalTypeId::LIST) {
    const bool is_struct = a.type().id() == LogicalTypeId::STRUCT;
    const Values& left = is_struct ? duckdb::StructValue::GetChildren(a) : Elements(a);
    const Values& right = is_struct ? duckdb::StructValue::GetChildren(b) : Elements(b);
    for (size_t i = 0; i < left.size() && i < right.size(); ++i) {
      if (const int order = Order(left[i], right[i]); order != 0) return order;
    }
    return left.size() < right.size() ? -1 : left.size() > right.size() ? 1 : 0;
  }
  return a < b ? -1 : b < a ? 1 : 0;
}

// ---- lookups

enum class Missing { kError, kNull };

// Elements of arrays by place, each row its own, without a copy of the arrays.
ExprPtr ElementCall(const Rewriter& rewriter, Exprs arguments, bool is_one_based, Missing missing) {
  arguments[1] = rewriter.Coerce(std::move(arguments[1]), LogicalType::INTEGER);
  const LogicalType type = ElementType(arguments[0]->return_type);
  return ChunkCall(
      rewriter, std::move(arguments), type,
      [is_one_based, missing](duckdb::DataChunk& chunk, duckdb::ExpressionState&,
                              duckdb::Vector& result) {
        const bool is_constant = chunk.AllConstant();
        const idx_t rows = is_constant ? 1 : chunk.size();
        duckdb::UnifiedVectorFormat lists;
        duckdb::UnifiedVectorFormat indexes;
        chunk.data[0].ToUnifiedFormat(chunk.size(), lists);
        chunk.data[1].ToUnifiedFormat(chunk.size(), indexes);
        auto& child = duckdb::ListVector::GetEntry(chunk.data[0]);
        duckdb::SelectionVector selected(rows);
        std::vector<bool> is_null(rows, false);
        for (idx_t row = 0; row < rows; ++row) {
          selected.set_index(row, 0);
          const idx_t list_at = lists.sel->get_index(row);
          const idx_t index_at = indexes.sel->get_index(row);
          if (!lists.validity.RowIsValid(list_at) || !indexes.validity.RowIsValid(index_at)) {
            is_null[row] = true;
            continue;
          }
          const auto entry =
              duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(lists)[list_at];
          const auto length = static_cast<int64_t>(entry.length);
          const int64_t asked = duckdb::UnifiedVectorFormat::GetData<int32_t>(indexes)[index_at];
          if (is_one_based && asked == 0) {
            throw InvalidInputException(
                "[INVALID_INDEX_OF_ZERO] The index 0 is invalid. An index shall be either < 0 or > "
                "0 (the first element has index 1).");
          }
          const int64_t place = !is_one_based ? asked : asked > 0 ? asked - 1 : length + asked;
          if (place < 0 || place >= length) {
            if (missing == Missing::kError) {
              throw InvalidInputException(
                  "[%s] The index %lld is out of bounds. The array has %lld elements. Use the SQL "
                  "function `%s` to tolerate accessing element at invalid "
                  "index and return NULL instead.",
                  is_one_based ? "INVALID_ARRAY_INDEX_IN_ELEMENT_AT" : "INVALID_ARRAY_INDEX",
                  static_cast<long long>(asked), static_cast<long long>(length),
                  is_one_based ? "try_element_at" : "get()");
            }
            is_null[row] = true;
            continue;
          }
          selected.set_index(row, entry.offset + static_cast<idx_t>(place));
        }
        if (duckdb::ListVector::GetListSize(chunk.data[0]) == 0) {
          result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
          duckdb::ConstantVector::SetNull(result, true);
          return;
        }
        duckdb::VectorOperations::Copy(child, result, selected, rows, 0, 0);
        for (idx_t row = 0; row < rows; ++row) {
          if (is_null[row]) duckdb::FlatVector::SetNull(result, row, true);
        }
        if (is_constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
      });
}

ExprPtr MapLookup(const Rewriter& rewriter, Exprs arguments) {
  const LogicalType key = duckdb::MapType::KeyType(arguments[0]->return_type);
  arguments[1] = rewriter.Coerce(std::move(arguments[1]), key);
  const LogicalType value = duckdb::MapType::ValueType(arguments[0]->return_type);
  return rewriter.Cast(rewriter.Native("map_extract_value", std::move(arguments)), value);
}

void NeedsCollection(const Rewriter& rewriter, const Exprs& arguments) {
  const LogicalTypeId id = arguments[0]->return_type.id();
  if (id != LogicalTypeId::LIST && id != LogicalTypeId::MAP) rewriter.MismatchedTypes(arguments);
}

template <bool kOneBased, Missing kMissing>
ExprPtr ElementRule(Rewriter& rewriter, Exprs& arguments) {
  if (IsNullType(arguments[0]->return_type)) return rewriter.Null(LogicalType::SQLNULL);
  NeedsCollection(rewriter, arguments);
  if (arguments[0]->return_type.id() == LogicalTypeId::MAP)
    return MapLookup(rewriter, std::move(arguments));
  return ElementCall(rewriter, std::move(arguments), kOneBased, kMissing);
}

// The member of every struct of an array: the array of that member, sharing its values.
ExprPtr MemberOfEach(const Rewriter& rewriter, ExprPtr list, idx_t member,
                     const LogicalType& type) {
  return ChunkCall(
      rewriter,
      List(std::move(list), rewriter.Constant(Value::BIGINT(static_cast<int64_t>(member)))),
      LogicalType::LIST(type),
      [member](duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
        const idx_t rows = chunk.size();
        duckdb::Vector& lists = chunk.data[0];
        const idx_t total = duckdb::ListVector::GetListSize(lists);
        duckdb::UnifiedVectorFormat format;
        lists.ToUnifiedFormat(rows, format);
        duckdb::Vector structs(duckdb::ListVector::GetEntry(lists));
        structs.Flatten(total);
        duckdb::Vector& values = *duckdb::StructVector::GetEntries(structs)[member];
        values.Flatten(total);
        duckdb::ListVector::Reserve(result, total);
        duckdb::VectorOperations::Copy(values, duckdb::ListVector::GetEntry(result), total, 0, 0);
        auto& target = duckdb::ListVector::GetEntry(result);
        for (idx_t i = 0; i < total; ++i) {
          if (!duckdb::FlatVector::Validity(structs).RowIsValid(i))
            duckdb::FlatVector::SetNull(target, i, true);
        }
        duckdb::ListVector::SetListSize(result, total);
        result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
        auto* entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
        for (idx_t row = 0; row < rows; ++row) {
          const idx_t at = format.sel->get_index(row);
          if (format.validity.RowIsValid(at)) {
            entries[row] = duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(format)[at];
          } else {
            duckdb::FlatVector::SetNull(result, row, true);
          }
        }
      });
}

idx_t MemberIndex(const LogicalType& type, const std::string& name) {
  const auto& members = duckdb::StructType::GetChildTypes(type);
  for (idx_t i = 0; i < members.size(); ++i) {
    if (duckdb::StringUtil::CIEquals(members[i].first, name)) return i;
  }
  std::string known;
  for (const auto& member : members) known += (known.empty() ? "`" : ", `") + member.first + "`";
  throw BinderException("[FIELD_NOT_FOUND] No such struct field `%s` in %s.", name, known);
}

// x.name of a struct, a map or an array of structs.
ExprPtr FieldRule(Rewriter& rewriter, Exprs& arguments) {
  const std::string name = rewriter.ConstantValue(*arguments[1], "the field").ToString();
  const LogicalType type = arguments[0]->return_type;
  if (type.id() == LogicalTypeId::STRUCT) {
    const auto place = static_cast<int64_t>(MemberIndex(type, name)) + 1;
    return rewriter.Native("struct_extract_at",
                           List(std::move(arguments[0]), rewriter.Constant(Value::BIGINT(place))));
  }
  if (type.id() == LogicalTypeId::MAP) return MapLookup(rewriter, std::move(arguments));
  if (type.id() == LogicalTypeId::LIST && ElementType(type).id() == LogicalTypeId::STRUCT) {
    const idx_t member = MemberIndex(ElementType(type), name);
    return MemberOfEach(rewriter, std::move(arguments[0]), member,
                        duckdb::StructType::GetChildType(ElementType(type), member));
  }
  throw BinderException(
      "[INVALID_EXTRACT_BASE_FIELD_TYPE] Can't extract a value from \"%s\": need a complex type, "
      "and got %s.",
      name, SparkTypeName(type));
}

// What explode gives, as structs that the dialect unnests: <col> of an array, <key, value> of a
// map, with <pos, ..> before.
ExprPtr RowsOf(const Rewriter& rewriter, ExprPtr collection, bool has_position) {
  if (IsNullType(collection->return_type))
    collection = rewriter.Null(LogicalType::LIST(LogicalType::SQLNULL));
  const LogicalType type = collection->return_type;
  const bool is_map = type.id() == LogicalTypeId::MAP;
  if (!is_map && type.id() != LogicalTypeId::LIST)
    rewriter.MismatchedTypes(List(std::move(collection)));
  duckdb::child_list_t<LogicalType> members;
  if (has_position) members.emplace_back("pos", LogicalType(LogicalTypeId::INTEGER));
  if (is_map) {
    members.emplace_back("key", duckdb::MapType::KeyType(type));
    members.emplace_back("value", duckdb::MapType::ValueType(type));
    collection = rewriter.Native("map_entries", List(std::move(collection)));
  } else {
    members.emplace_back("col", ElementType(type));
  }
  return ChunkCall(
      rewriter, List(std::move(collection)), LogicalType::LIST(LogicalType::STRUCT(members)),
      [has_position, is_map](duckdb::DataChunk& chunk, duckdb::ExpressionState&,
                             duckdb::Vector& result) {
        duckdb::Vector& lists = chunk.data[0];
        const bool is_constant = lists.GetVectorType() == duckdb::VectorType::CONSTANT_VECTOR;
        const idx_t rows = is_constant ? 1 : chunk.size();
        const idx_t total = duckdb::ListVector::GetListSize(lists);
        duckdb::UnifiedVectorFormat format;
        lists.ToUnifiedFormat(chunk.size(), format);
        const auto* source = duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(format);
        duckdb::Vector elements(duckdb::ListVector::GetEntry(lists));
        elements.Flatten(total);
        duckdb::ListVector::Reserve(result, total);
        auto& parts = duckdb::StructVector::GetEntries(duckdb::ListVector::GetEntry(result));
        const size_t first = has_position ? 1 : 0;
        if (is_map) {
          auto& entries = duckdb::StructVector::GetEntries(elements);
          for (size_t i = 0; i < 2; ++i)
            duckdb::VectorOperations::Copy(*entries[i], *parts[first + i], total, 0, 0);
        } else {
          duckdb::VectorOperations::Copy(elements, *parts[first], total, 0, 0);
        }
        result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
        auto* target = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
        for (idx_t row = 0; row < rows; ++row) {
          const idx_t at = format.sel->get_index(row);
          if (!format.validity.RowIsValid(at)) {
            duckdb::FlatVector::SetNull(result, row, true);
            continue;
          }
          target[row] = source[at];
          for (idx_t i = 0; has_position && i < source[at].length; ++i) {
            duckdb::FlatVector::GetData<int32_t>(*parts[0])[source[at].offset + i] =
                static_cast<int32_t>(i);
          }
        }
        duckdb::ListVector::SetListSize(result, total);
        if (is_constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
      });
}
template <bool kPosition>
ExprPtr ExplodeRowsRule(Rewriter& rewriter, Exprs& arguments) {
  return RowsOf(rewriter, std::move(arguments[0]), kPosition);
}

// ---- making arrays, maps and structs

ExprPtr ArrayRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.empty()) return rewriter.Constant(Value::LIST(LogicalType::SQLNULL, Values()));
  Unify(rewriter, arguments);
  return rewriter.Native("list_value", std::move(arguments));
}

[[noreturn]] void ThrowDuplicateKey(const Value& key) {
  throw InvalidInputException(
      "[DUPLICATED_MAP_KEY] Duplicate map key %s was found, please check the input data. If you "
      "want to remove the duplicated keys, you can set "
      "\"spark.sql.mapKeyDedupPolicy\" to \"LAST_WIN\" so that the key inserted at last takes "
      "precedence.",
      key.ToString());
}

Value MakeMap(const LogicalType& type, Values keys, Values values) {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].IsNull()) throw InvalidInputException("[NULL_MAP_KEY] Cannot use null as map key.");
    for (size_t j = 0; j < i; ++j) {
      if (Same(keys[i], keys[j])) ThrowDuplicateKey(keys[i]);
    }
  }
  return Value::MAP(duckdb::MapType::KeyType(type), duckdb::MapType::ValueType(type),
                    std::move(keys), std::move(values));
}

ExprPtr MapRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() % 2 != 0)
    throw BinderException("[WRONG_NUM_ARGS] map takes pairs of a key and a value.");
  Exprs keys;
  Exprs values;
  for (size_t i = 0; i < arguments.size(); i += 2) {
    keys.push_back(std::move(arguments[i]));
    values.push_back(std::move(arguments[i + 1]));
  }
  const LogicalType key = keys.empty() ? LogicalType::SQLNULL : Unify(rewriter, keys);
  const LogicalType value = keys.empty() ? LogicalType::SQLNULL : Unify(rewriter, values);
  const size_t count = keys.size();
  Exprs flat = std::move(keys);
  for (auto& expression : values) flat.push_back(std::move(expression));
  if (count == 0)
    return rewriter.Constant(
        Value::MAP(LogicalType::VARCHAR, LogicalType::VARCHAR, Values(), Values()));
  return ValueCall(
      rewriter, std::move(flat), LogicalType::MAP(key, value),
      [count](const Values& all, const LogicalType& type) {
        return MakeMap(type, Values(all.begin(), all.begin() + static_cast<long>(count)),
                       Values(all.begin() + static_cast<long>(count), all.end()));
      },
      true);
}

ExprPtr NamedStructRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() % 2 != 0)
    throw BinderException("[WRONG_NUM_ARGS] named_struct takes pairs of a name and a value.");
  Exprs members;
  for (size_t i = 0; i < arguments.size(); i += 2) {
    arguments[i + 1]->SetAlias(rewriter.ConstantValue(*arguments[i], "a field name").ToString());
    members.push_back(std::move(arguments[i + 1]));
  }
  return rewriter.Native("struct_pack", std::move(members));
}

// ---- arrays

// The first argument as an array; an untyped NULL or an empty array takes the type that the others
// need.
LogicalType ListArgument(const Rewriter& rewriter, Exprs& arguments, size_t at = 0) {
  const LogicalType type = arguments[at]->return_type;
  if (IsNullType(type)) arguments[at] = rewriter.Null(LogicalType::LIST(LogicalType::SQLNULL));
  if (arguments[at]->return_type.id() != LogicalTypeId::LIST) rewriter.MismatchedTypes(arguments);
  return arguments[at]->return_type;
}

// (array, element): both of the type that holds either.
LogicalType UnifyElement(const Rewriter& rewriter, Exprs& arguments, size_t element_at = 1) {
  if (IsNullType(arguments[0]->return_type)) rewriter.MismatchedTypes(arguments);
  const LogicalType list = ListArgument(rewriter, arguments);
  const LogicalType element =
      CommonType(rewriter, {ElementType(list), arguments[element_at]->return_type});
  arguments[0] = rewriter.Cast(std::move(arguments[0]), LogicalType::LIST(element));
  arguments[element_at] = rewriter.Cast(std::move(arguments[element_at]), element);
  return LogicalType::LIST(element);
}

// Rules over (array, element): the function gets both, the element may be NULL.
template <Value (*kFunction)(const Values&, const LogicalType&)>
ExprPtr WithElementRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType type = UnifyElement(rewriter, arguments);
  return ValueCall(
      rewriter, std::move(arguments), type,
      [](const Values& all, const LogicalType& list) {
        return all[0].IsNull() ? Value(list) : kFunction(all, list);
      },
      true);
}
Value Append(const Values& all, const LogicalType& type) {
  Values values = Elements(all[0]);
  values.push_back(all[1]);
  return MakeList(type, std::move(values));
}
Value Prepend(const Values& all, const LogicalType& type) {
  Values values = Elements(all[0]);
  values.insert(values.begin(), all[1]);
  return MakeList(type, std::move(values));
}
Value Remove(const Values& all, const LogicalType& type) {
  if (all[1].IsNull()) return Value(type);
  Values values;
  for (const Value& value : Elements(all[0])) {
    if (!Same(value, all[1])) values.push_back(value);
  }
  return MakeList(type, std::move(values));
}

ExprPtr ContainsRule(Rewriter& rewriter, Exprs& arguments) {
  UnifyElement(rewriter, arguments);
  return ValueCall(rewriter, std::move(arguments), LogicalType::BOOLEAN,
                   [](const Values& all, const LogicalType& type) {
                     if (Has(Elements(all[0]), all[1])) return Value::BOOLEAN(true);
                     const bool has_null = Has(Elements(all[0]), Value(all[1].type()));
                     return has_null ? Value(type) : Value::BOOLEAN(false);
                   });
}
ExprPtr PositionRule(Rewriter& rewriter, Exprs& arguments) {
  UnifyElement(rewriter, arguments);
  return ValueCall(rewriter, std::move(arguments), LogicalType::BIGINT,
                   [](const Values& all, const LogicalType&) {
                     const Values& values = Elements(all[0]);
                     for (size_t i = 0; i < values.size(); ++i) {
                       if (!values[i].IsNull() && Same(values[i], all[1]))
                         return Value::BIGINT(static_cast<int64_t>(i) + 1);
                     }
                     return Value::BIGINT(0);
                   });
}
ExprPtr InsertRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType list = UnifyElement(rewriter, arguments, 2);
  arguments[1] = rewriter.Coerce(std::move(arguments[1]), LogicalType::INTEGER);
  return ValueCall(
      rewriter, std::move(arguments), list,
      [](const Values& all, const LogicalType& type) {
        if (all[0].IsNull() || all[1].IsNull()) return Value(type);
        Values values = Elements(all[0]);
        const auto size = static_cast<int64_t>(values.size());
        const int64_t position = all[1].GetValue<int64_t>();
        if (position == 0)
          throw InvalidInputException(
              "[INVALID_INDEX_OF_ZERO] The index 0 is invalid. An index shall be either < 0 or > 0 "
              "(the first element has index 1).");
        if (position > 0) {
          while (static_cast<int64_t>(values.size()) < position - 1)
            values.push_back(Value(ElementType(type)));
          values.insert(values.begin() + (position - 1), all[2]);
        } else {
          // -1 is behind the last element; before the first one NULLs fill up.
          for (int64_t missing = -position - 1 - size; missing > 0; --missing)
            values.insert(values.begin(), Value(ElementType(type)));
          const int64_t at = std::max<int64_t>(0, size + position + 1);
          values.insert(values.begin() + at, all[2]);
        }
        return MakeList(type, std::move(values));
      },
      true);
}

// Rules over one array or several of the same type, none of them NULL.
template <Value (*kFunction)(const Values&, const LogicalType&)>
ExprPtr ListsRule(Rewriter& rewriter, Exprs& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) ListArgument(rewriter, arguments, i);
  const LogicalType type = Unify(rewriter, arguments);
  return ValueCall(rewriter, std::move(arguments), type, kFunction);
}
void AddDistinct(Values& into, const Values& values) {
  for (const Value& value : values) {
    if (!Has(into, value)) into.push_back(value);
  }
}
Value Distinct(const Values& all, const LogicalType& type) {
  Values values;
  AddDistinct(values, Elements(all[0]));
  return MakeList(type, std::move(values));
}
Value Union(const Values& all, const LogicalType& type) {
  Values values;
  AddDistinct(values, Elements(all[0]));
  AddDistinct(values, Elements(all[1]));
  return MakeList(type, std::move(values));
}
template <bool kWanted>
Value Among(const Values& all, const LogicalType& type) {
  Values values;
  for (const Value& value : Elements(all[0])) {
    if (Has(Elements(all[1]), value) == kWanted && !Has(values, value)) values.push_back(value);
  }
  return MakeList(type, std::move(values));
}
Value Compact(const Values& all, const LogicalType& type) {
  Values values;
  for (const Value& value : Elements(all[0])) {
    if (!value.IsNull()) values.push_back(value);
  }
  return MakeList(type, std::move(values));
}

template <bool kMax>
ExprPtr ExtremeElementRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType type = ElementType(ListArgument(rewriter, arguments));
  return ValueCall(
      rewriter, std::move(arguments), type, [](const Values& all, const LogicalType& element) {
        Value best(element);
        for (const Value& value : Elements(all[0])) {
          if (value.IsNull()) continue;
          if (best.IsNull() || (kMax ? Order(value, best) > 0 : Order(value, best) < 0))
            best = value;
        }
        return best;
      });
}

ExprPtr OverlapRule(Rewriter& rewriter, Exprs& arguments) {
  Unify(rewriter, arguments);
  return ValueCall(rewriter, std::move(arguments), LogicalType::BOOLEAN,
                   [](const Values& all, const LogicalType& type) {
                     const Values& left = Elements(all[0]);
                     const Values& right = Elements(all[1]);
                     bool has_null = false;
                     for (const Value& value : left) {
                       has_null |= value.IsNull();
                       if (!value.IsNull() && Has(right, value)) return Value::BOOLEAN(true);
                     }
                     for (const Value& value : right) has_null |= value.IsNull();
                     return has_null && !left.empty() && !right.empty() ? Value(type)
                                                                        : Value::BOOLEAN(false);
                   });
}

ExprPtr JoinRule(Rewriter& rewriter, Exprs& arguments) {
  ListArgument(rewriter, arguments);
  arguments[0] = rewriter.Cast(std::move(arguments[0]), LogicalType::LIST(LogicalType::VARCHAR));
  for (size_t i = 1; i < arguments.size(); ++i)
    arguments[i] = rewriter.Coerce(std::move(arguments[i]), LogicalType::VARCHAR);
  return ValueCall(rewriter, std::move(arguments), LogicalType::VARCHAR,
                   [](const Values& all, const LogicalType&) {
                     std::string joined;
                     bool is_first = true;
                     for (const Value& value : Elements(all[0])) {
                       if (value.IsNull() && all.size() < 3) continue;
                       if (!is_first) joined += all[1].ToString();
                       is_first = false;
                       joined += value.IsNull() ? all[2].ToString() : value.ToString();
                     }
                     return Value(joined);
                   });
}

ExprPtr FlattenRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType inner = ElementType(ListArgument(rewriter, arguments));
  if (inner.id() != LogicalTypeId::LIST) rewriter.MismatchedTypes(arguments);
  return ValueCall(rewriter, std::move(arguments), inner,
                   [](const Values& all, const LogicalType& type) {
                     Values values;
                     for (const Value& list : Elements(all[0])) {
                       if (list.IsNull()) return Value(type);
                       values.insert(values.end(), Elements(list).begin(), Elements(list).end());
                     }
                     return MakeList(type, std::move(values));
                   });
}

ExprPtr SliceRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType list = ListArgument(rewriter, arguments);
  for (size_t i = 1; i < 3; ++i)
    arguments[i] = rewriter.Coerce(std::move(arguments[i]), LogicalType::INTEGER);
  return ValueCall(
      rewriter, std::move(arguments), list, [](const Values& all, const LogicalType& type) {
        const Values& values = Elements(all[0]);
        const auto size = static_cast<int64_t>(values.size());
        const int64_t start = all[1].GetValue<int64_t>();
        const int64_t length = all[2].GetValue<int64_t>();
        if (start == 0)
          throw InvalidInputException(
              "[INVALID_PARAMETER_VALUE.START] slice: the start must not be 0.");
        if (length < 0)
          throw InvalidInputException(
              "[INVALID_PARAMETER_VALUE.LENGTH] slice: the length must not be negative.");
        const int64_t first = start > 0 ? start - 1 : size + start;
        if (first < 0 || first >= size) return MakeList(type, {});
        return MakeList(
            type, Values(values.begin() + first, values.begin() + std::min(size, first + length)));
      });
}

Value Sorted(const Value& list, const LogicalType& type, bool is_ascending, bool nulls_first) {
  Values values = Elements(list);
  std::stable_sort(values.begin(), values.end(), [&](const Value& a, const Value& b) {
    if (a.IsNull() != b.IsNull()) return a.IsNull() == nulls_first;
    return is_ascending ? Order(a, b) < 0 : Order(a, b) > 0;
  });
  return MakeList(type, std::move(values));
}
ExprPtr SortArrayRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType list = ListArgument(rewriter, arguments);
  if (arguments.size() == 1) arguments.push_back(rewriter.Constant(Value::BOOLEAN(true)));
  return ValueCall(rewriter, std::move(arguments), list,
                   [](const Values& all, const LogicalType& type) {
                     const bool is_ascending = all[1].GetValue<bool>();
                     return Sorted(all[0], type, is_ascending, is_ascending);
                   });
}
Value SortNullsLast(const Values& all, const LogicalType& type) {
  return Sorted(all[0], type, true, false);
}

ExprPtr RepeatArrayRule(Rewriter& rewriter, Exprs& arguments) {
  arguments[1] = rewriter.Coerce(std::move(arguments[1]), LogicalType::INTEGER);
  const LogicalType list = LogicalType::LIST(arguments[0]->return_type);
  return ValueCall(
      rewriter, std::move(arguments), list,
      [](const Values& all, const LogicalType& type) {
        if (all[1].IsNull()) return Value(type);
        return MakeList(
            type,
            Values(static_cast<size_t>(std::max<int64_t>(0, all[1].GetValue<int64_t>())), all[0]));
      },
      true);
}

struct ReverseCharacters {
  std::string operator()(std::string_view text) const { return Reverse(text); }
};
Value ReverseElements(const Values& all, const LogicalType& type) {
  return MakeList(type, Values(Elements(all[0]).rbegin(), Elements(all[0]).rend()));
}
ExprPtr ReverseRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments[0]->return_type.id() == LogicalTypeId::LIST)
    return ListsRule<ReverseElements>(rewriter, arguments);
  return KernelCall<ReverseCharacters>(rewriter, std::move(arguments));
}

ExprPtr SizeRule(Rewriter& rewriter, Exprs& arguments) {
  if (IsNullType(arguments[0]->return_type)) return rewriter.Null(LogicalType::INTEGER);
  NeedsCollection(rewriter, arguments);
  const char* native = arguments[0]->return_type.id() == LogicalTypeId::MAP ? "cardinality" : "len";
  return rewriter.Cast(rewriter.Native(native, std::move(arguments)), LogicalType::INTEGER);
}

// Struct of the elements at the same place; shorter arrays are filled up with NULL.
Value Zip(const Values& lists, const LogicalType& type) {
  size_t size = 0;
  for (const Value& list : lists) size = std::max(size, Elements(list).size());
  const LogicalType row = ElementType(type);
  Values rows;
  for (size_t i = 0; i < size; ++i) {
    Values members;
    for (size_t l = 0; l < lists.size(); ++l) {
      members.push_back(i < Elements(lists[l]).size()
                            ? Elements(lists[l])[i]
                            : Value(duckdb::StructType::GetChildType(row, l)));
    }
    rows.push_back(Value::STRUCT(row, std::move(members)));
  }
  return MakeList(type, std::move(rows));
}
ExprPtr ZipRule(Rewriter& rewriter, Exprs& arguments, const std::vector<std::string>& names) {
  duckdb::child_list_t<LogicalType> members;
  for (size_t i = 0; i < arguments.size(); ++i) {
    members.emplace_back(names[i], ElementType(ListArgument(rewriter, arguments, i)));
  }
  return ValueCall(rewriter, std::move(arguments), LogicalType::LIST(LogicalType::STRUCT(members)),
                   Zip);
}
ExprPtr ArraysZipRule(Rewriter& rewriter, Exprs& arguments) {
  std::vector<std::string> names;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const bool is_column =
        arguments[i]->GetExpressionClass() == duckdb::ExpressionClass::BOUND_COLUMN_REF;
    names.push_back(is_column ? arguments[i]->GetAlias() : std::to_string(i));
  }
  return ZipRule(rewriter, arguments, names);
}
ExprPtr ZipPairRule(Rewriter& rewriter, Exprs& arguments) {
  return ZipRule(rewriter, arguments, {"x", "y"});
}

template <bool kAny>
ExprPtr TruthRule(Rewriter& rewriter, Exprs& arguments) {
  ListArgument(rewriter, arguments);
  arguments[0] = rewriter.Coerce(std::move(arguments[0]), LogicalType::LIST(LogicalType::BOOLEAN));
  return ValueCall(rewriter, std::move(arguments), LogicalType::BOOLEAN,
                   [](const Values& all, const LogicalType& type) {
                     bool has_null = false;
                     for (const Value& value : Elements(all[0])) {
                       has_null |= value.IsNull();
                       if (!value.IsNull() && value.GetValue<bool>() == kAny)
                         return Value::BOOLEAN(kAny);
                     }
                     return has_null ? Value(type) : Value::BOOLEAN(!kAny);
                   });
}

// ---- sequences

constexpr size_t kLongestSequence = 10'000'000;

void CheckLength(size_t size) {
  if (size > kLongestSequence)
    throw InvalidInputException("[COLLECTION_SIZE_LIMIT_EXCEEDED] sequence: more than %d elements.",
                                static_cast<int>(kLongestSequence));
}

template <typename Integer>
struct SequenceOf {
  absl::StatusOr<std::vector<Integer>> operator()(Integer start, Integer stop, Integer step) const {
    if (step == 0 ? start != stop : (start < stop) != (step > 0) && start != stop) {
      return base::InvalidArgument(
          "[INVALID_PARAMETER_VALUE] Illegal sequence boundaries: {} to {} by {}", start, stop,
          step);
    }
    std::vector<Integer> values;
    if (step == 0) return std::vector<Integer>{start};
    for (Int128 value = start; step > 0 ? value <= stop : value >= stop; value += step) {
      CheckLength(values.size());
      values.push_back(static_cast<Integer>(value));
    }
    return values;
  }
};

struct SequenceOfTimes {
  explicit SequenceOfTimes(const Zone& session_zone) : zone(session_zone) {}
  absl::StatusOr<std::vector<Timestamp>> operator()(Timestamp start, Timestamp stop,
                                                    Interval step) const {
    const bool is_forward =
        step.months > 0 || (step.months == 0 && step.days * kMicrosPerDay + step.micros > 0);
    const bool is_zero = step.months == 0 && step.days == 0 && step.micros == 0;
    if (is_zero || (start.micros != stop.micros && (start.micros < stop.micros) != is_forward)) {
      return base::InvalidArgument("[INVALID_PARAMETER_VALUE] Illegal sequence boundaries");
    }
    std::vector<Timestamp> values;
    const int64_t local = zone.ToLocal(start).micros;
    for (int64_t i = 0;; ++i) {
      // Each from the start, so that a short month does not shorten those after it.
      const int64_t days =
          AddMonths(FloorDiv(local, kMicrosPerDay), i * step.months) + i * step.days;
      const int64_t micros =
          zone.ToInstant({days * kMicrosPerDay + FloorMod(local, kMicrosPerDay)}).micros +
          i * step.micros;
      if (is_forward ? micros > stop.micros : micros < stop.micros) break;
      CheckLength(values.size());
      values.push_back({micros});
    }
    return values;
  }
  const Zone& zone;
};
struct SequenceOfDates {
  absl::StatusOr<std::vector<Date>> operator()(Date start, Date stop, Interval step) const {
    if (step.micros % kMicrosPerDay != 0)
      return base::InvalidArgument(
          "[INVALID_PARAMETER_VALUE] sequence: dates go by whole days or months");
    SMELT_ASSIGN_OR_RETURN(const auto times,
                           SequenceOfTimes(Zone::Utc())({start.days * kMicrosPerDay},
                                                        {stop.days * kMicrosPerDay}, step));
    std::vector<Date> values;
    for (const Timestamp time : times) values.push_back({DaysOf(time.micros)});
    return values;
  }
};
// Down where the stop is before the start.
template <typename Integer>
struct SequenceByOne {
  absl::StatusOr<std::vector<Integer>> operator()(Integer start, Integer stop) const {
    return SequenceOf<Integer>()(start, stop, static_cast<Integer>(start <= stop ? 1 : -1));
  }
};
template <typename Time, typename Sequence>
struct SequenceByDay {
  explicit SequenceByDay(const Zone& session_zone) : zone(session_zone) {}
  absl::StatusOr<std::vector<Time>> operator()(Time start, Time stop) const {
    const bool is_forward = Ticks(start) <= Ticks(stop);
    const Interval day{0, is_forward ? 1 : -1, 0};
    if constexpr (std::is_same_v<Time, Date>) {
      return Sequence()(start, stop, day);
    } else {
      return Sequence(zone)(start, stop, day);
    }
  }
  static int64_t Ticks(Date date) { return date.days; }
  static int64_t Ticks(Timestamp time) { return time.micros; }
  const Zone& zone;
};

ExprPtr SequenceRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType type =
      CommonType(rewriter, {arguments[0]->return_type, arguments[1]->return_type});
  const bool has_step = arguments.size() == 3;
  for (size_t i = 0; i < 2; ++i) arguments[i] = rewriter.Cast(std::move(arguments[i]), type);
  if (type.id() == LogicalTypeId::DATE) {
    if (has_step) return KernelCall<SequenceOfDates>(rewriter, std::move(arguments));
    return KernelCall<SequenceByDay<Date, SequenceOfDates>>(rewriter, std::move(arguments));
  }
  if (type.id() == LogicalTypeId::TIMESTAMP_TZ) {
    if (has_step) return KernelCall<SequenceOfTimes>(rewriter, std::move(arguments));
    return KernelCall<SequenceByDay<Timestamp, SequenceOfTimes>>(rewriter, std::move(arguments));
  }
  if (!IsIntegral(type)) rewriter.MismatchedTypes(arguments);
  LogicalType whole = type;
  if (has_step) whole = CommonType(rewriter, {type, arguments[2]->return_type});
  if (whole.id() == LogicalTypeId::BIGINT) {
    return has_step ? KernelCall<SequenceOf<int64_t>>(rewriter, std::move(arguments))
                    : KernelCall<SequenceByOne<int64_t>>(rewriter, std::move(arguments));
  }
  ExprPtr result = has_step ? KernelCall<SequenceOf<int32_t>>(rewriter, std::move(arguments))
                            : KernelCall<SequenceByOne<int32_t>>(rewriter, std::move(arguments));
  return rewriter.Cast(std::move(result), LogicalType::LIST(whole));
}

// ---- maps

LogicalType MapArgument(const Rewriter& rewriter, Exprs& arguments, size_t at = 0) {
  if (arguments[at]->return_type.id() != LogicalTypeId::MAP) rewriter.MismatchedTypes(arguments);
  return arguments[at]->return_type;
}

ExprPtr MapEntriesRule(Rewriter& rewriter, Exprs& arguments) {
  MapArgument(rewriter, arguments);
  return rewriter.Native("map_entries", std::move(arguments));
}
template <const char* kNative>
ExprPtr MapPartRule(Rewriter& rewriter, Exprs& arguments) {
  MapArgument(rewriter, arguments);
  return rewriter.Native(kNative, std::move(arguments));
}
constexpr char kMapKeys[] = "map_keys";
constexpr char kMapValues[] = "map_values";

void SplitEntries(const Values& entries, Values& keys, Values& values) {
  for (const Value& entry : entries) {
    const Values& members = duckdb::StructValue::GetChildren(entry);
    keys.push_back(members[0]);
    values.push_back(members[1]);
  }
}

ExprPtr MapFromEntriesRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType entry = ElementType(ListArgument(rewriter, arguments));
  if (entry.id() != LogicalTypeId::STRUCT || duckdb::StructType::GetChildCount(entry) != 2)
    rewriter.MismatchedTypes(arguments);
  const LogicalType type = LogicalType::MAP(duckdb::StructType::GetChildType(entry, 0),
                                            duckdb::StructType::GetChildType(entry, 1));
  return ValueCall(rewriter, std::move(arguments), type,
                   [](const Values& all, const LogicalType& map) {
                     Values keys;
                     Values values;
                     for (const Value& item : Elements(all[0])) {
                       if (item.IsNull()) return Value(map);
                     }
                     SplitEntries(Elements(all[0]), keys, values);
                     return MakeMap(map, std::move(keys), std::move(values));
                   });
}

ExprPtr MapFromArraysRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType type = LogicalType::MAP(ElementType(ListArgument(rewriter, arguments, 0)),
                                            ElementType(ListArgument(rewriter, arguments, 1)));
  return ValueCall(rewriter, std::move(arguments), type,
                   [](const Values& all, const LogicalType& map) {
                     if (Elements(all[0]).size() != Elements(all[1]).size()) {
                       throw InvalidInputException(
                           "[MAP_KEY_VALUE_DIFF_SIZES] The key array and value array of a map must "
                           "have the same length.");
                     }
                     return MakeMap(map, Elements(all[0]), Elements(all[1]));
                   });
}

ExprPtr MapConcatRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.empty()) return MapRule(rewriter, arguments);
  for (size_t i = 0; i < arguments.size(); ++i) MapArgument(rewriter, arguments, i);
  const LogicalType type = Unify(rewriter, arguments);
  return ValueCall(rewriter, std::move(arguments), type,
                   [](const Values& all, const LogicalType& map) {
                     Values keys;
                     Values values;
                     for (const Value& part : all)
                       SplitEntries(duckdb::MapValue::GetChildren(part), keys, values);
                     return MakeMap(map, std::move(keys), std::move(values));
                   });
}

ExprPtr MapContainsRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType map = MapArgument(rewriter, arguments);
  arguments[1] = rewriter.Coerce(std::move(arguments[1]), duckdb::MapType::KeyType(map));
  return ValueCall(rewriter, std::move(arguments), LogicalType::BOOLEAN,
                   [](const Values& all, const LogicalType&) {
                     Values keys;
                     Values values;
                     SplitEntries(duckdb::MapValue::GetChildren(all[0]), keys, values);
                     return Value::BOOLEAN(Has(keys, all[1]));
                   });
}

// The entries of two maps by key: struct<key, x, y>, NULL where a map lacks the key.
ExprPtr MapZipRule(Rewriter& rewriter, Exprs& arguments) {
  const LogicalType left = MapArgument(rewriter, arguments, 0);
  const LogicalType right = MapArgument(rewriter, arguments, 1);
  const LogicalType key =
      CommonType(rewriter, {duckdb::MapType::KeyType(left), duckdb::MapType::KeyType(right)});
  const LogicalType x = duckdb::MapType::ValueType(left);
  const LogicalType y = duckdb::MapType::ValueType(right);
  arguments[0] = rewriter.Cast(std::move(arguments[0]), LogicalType::MAP(key, x));
  arguments[1] = rewriter.Cast(std::move(arguments[1]), LogicalType::MAP(key, y));
  const LogicalType row = LogicalType::STRUCT({{"key", key}, {"x", x}, {"y", y}});
  return ValueCall(
      rewriter, std::move(arguments), LogicalType::LIST(row),
      [row, x, y](const Values& all, const LogicalType& type) {
        Values keys[2];
        Values values[2];
        for (size_t m = 0; m < 2; ++m)
          SplitEntries(duckdb::MapValue::GetChildren(all[m]), keys[m], values[m]);
        Values every;
        AddDistinct(every, keys[0]);
        AddDistinct(every, keys[1]);
        const auto find = [&](size_t m, const Value& wanted, const LogicalType& otherwise) {
          for (size_t i = 0; i < keys[m].size(); ++i) {
            if (Same(keys[m][i], wanted)) return values[m][i];
          }
          return Value(otherwise);
        };
        Values rows;
        for (const Value& wanted : every)
          rows.push_back(Value::STRUCT(row, {wanted, find(0, wanted, x), find(1, wanted, y)}));
        return MakeList(type, std::move(rows));
      });
}

ExprPtr TextToMapRule(Rewriter& rewriter, Exprs& arguments) {
  const char* const defaults[] = {nullptr, ",", ":"};
  while (arguments.size() < 3)
    arguments.push_back(rewriter.Constant(Value(defaults[arguments.size()])));
  for (auto& argument : arguments)
    argument = rewriter.Coerce(std::move(argument), LogicalType::VARCHAR);
  return ValueCall(
      rewriter, std::move(arguments), LogicalType::MAP(LogicalType::VARCHAR, LogicalType::VARCHAR),
      [](const Values& all, const LogicalType& map) {
        const auto pairs = Regex::Compile(all[1].ToString());
        const auto parts = Regex::Compile(all[2].ToString());
        for (const auto* regex : {&pairs, &parts}) {
          if (!regex->ok()) throw InvalidInputException("%s", base::Message(regex->status()));
        }
        Values keys;
        Values values;
        for (const std::string& pair : pairs->Split(all[0].ToString(), -1)) {
          const auto sides = parts->Split(pair, 2);
          keys.push_back(Value(sides[0]));
          values.push_back(sides.size() > 1 ? Value(sides[1]) : Value(LogicalType::VARCHAR));
        }
        return MakeMap(map, std::move(keys), std::move(values));
      });
}

// ---- aggregate(array, start, (state, element) -> state): a fold, whose state keeps the start's
// type

LogicalType BindFoldParameter(duckdb::ClientContext&, const duckdb::vector<LogicalType>& types,
                              idx_t parameter) {
  if (parameter == 0) return types[2];
  return IsNullType(types[0]) ? LogicalType::SQLNULL : ElementType(types[0]);
}

duckdb::unique_ptr<duckdb::FunctionData> BindFold(duckdb::ClientContext& context,
                                                  duckdb::ScalarFunction& function,
                                                  Exprs& arguments) {
  const Rewriter rewriter(context, "aggregate");
  auto& lambda = arguments[1]->Cast<duckdb::BoundLambdaExpression>();
  if (lambda.parameter_count != 2)
    throw BinderException(
        "[INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH] aggregate needs a function of two "
        "parameters.");
  const LogicalType state = arguments[2]->return_type;
  auto body = rewriter.Cast(std::move(lambda.lambda_expr), state);
  function.arguments = {arguments[0]->return_type, LogicalType::LAMBDA, state};
  function.SetReturnType(state);
  return duckdb::make_uniq<duckdb::ListLambdaBindData>(state, std::move(body), false, true);
}

// Arguments: the arrays, the starts, then what the lambda captures. The lambda's columns are
// (element, state, captures..): DuckDB numbers parameters from the last to the first.
void RunFold(duckdb::DataChunk& chunk, duckdb::ExpressionState& state, duckdb::Vector& result) {
  const auto& function = state.expr.Cast<duckdb::BoundFunctionExpression>();
  const auto& body = *function.bind_info->Cast<duckdb::ListLambdaBindData>().lambda_expr;
  const idx_t rows = chunk.size();
  duckdb::UnifiedVectorFormat lists;
  chunk.data[0].ToUnifiedFormat(rows, lists);
  const auto* entries = duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(lists);
  auto& elements = duckdb::ListVector::GetEntry(chunk.data[0]);

  auto folded = duckdb::make_uniq<duckdb::Vector>(result.GetType(), std::max<idx_t>(rows, 1));
  duckdb::VectorOperations::Copy(chunk.data[1], *folded, rows, 0, 0);
  duckdb::ExpressionExecutor executor(state.GetContext(), body);
  for (idx_t step = 0;; ++step) {
    duckdb::SelectionVector active(rows);
    duckdb::SelectionVector at(rows);
    idx_t count = 0;
    for (idx_t row = 0; row < rows; ++row) {
      const idx_t list = lists.sel->get_index(row);
      if (!lists.validity.RowIsValid(list) || entries[list].length <= step) continue;
      active.set_index(count, row);
      at.set_index(count++, entries[list].offset + step);
    }
    if (count == 0) break;
    duckdb::vector<duckdb::Vector> columns;
    columns.emplace_back(elements, at, count);
    columns.emplace_back(*folded, active, count);
    for (idx_t c = 2; c < chunk.ColumnCount(); ++c)
      columns.emplace_back(chunk.data[c], active, count);
    duckdb::vector<LogicalType> types;
    for (const auto& column : columns) types.push_back(column.GetType());
    duckdb::DataChunk input;
    input.InitializeEmpty(types);
    for (idx_t c = 0; c < columns.size(); ++c) input.data[c].Reference(columns[c]);
    input.SetCardinality(count);
    duckdb::Vector next(result.GetType(), count);
    executor.ExecuteExpression(input, next);
    // The rows that are done keep their state.
    auto merged = duckdb::make_uniq<duckdb::Vector>(result.GetType(), rows);
    duckdb::VectorOperations::Copy(*folded, *merged, rows, 0, 0);
    next.Flatten(count);
    for (idx_t i = 0; i < count; ++i)
      duckdb::VectorOperations::Copy(next, *merged, i + 1, i, active.get_index(i));
    folded = std::move(merged);
  }
  duckdb::VectorOperations::Copy(*folded, result, rows, 0, 0);
  for (idx_t row = 0; row < rows; ++row) {
    if (!lists.validity.RowIsValid(lists.sel->get_index(row)))
      duckdb::FlatVector::SetNull(result, row, true);
  }
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

void RegisterFold(duckdb::ExtensionLoader& loader) {
  duckdb::ScalarFunction fold(
      "spark_aggregate",
      {LogicalType::LIST(LogicalType::ANY), LogicalType::LAMBDA, LogicalType::ANY},
      LogicalType::ANY, RunFold, BindFold);
  fold.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  fold.SetBindLambdaCallback(BindFoldParameter);
  fold.SetFallible();
  loader.RegisterFunction(std::move(fold));
}

// ---- JSON

struct GetJsonObjectCall {
  absl::StatusOr<std::optional<std::string>> operator()(std::string_view json,
                                                        std::string_view path) const {
    return GetJsonObject(json, path);
  }
};
struct JsonFieldCall {
  std::optional<std::string> operator()(std::string_view json, std::string_view name) const {
    return JsonField(json, name);
  }
};
struct JsonArrayLengthCall {
  std::optional<int32_t> operator()(std::string_view json) const { return JsonArrayLength(json); }
};
struct JsonObjectKeysCall {
  std::optional<std::vector<std::string>> operator()(std::string_view json) const {
    return JsonObjectKeys(json);
  }
};

// A JSON value as `type`; nullopt where it does not fit.
std::optional<Value> FromJsonValue(const JsonValue& json, const LogicalType& type,
                                   const Zone& zone) {
  using Kind = JsonValue::Kind;
  if (json.kind == Kind::kNull) return Value(type);
  const bool is_text = json.kind == Kind::kString;
  const bool is_number = json.kind == Kind::kNumber;
  switch (type.id()) {
    case LogicalTypeId::VARCHAR:
      return Value(JsonText(json));
    case LogicalTypeId::BOOLEAN:
      if (json.kind != Kind::kBoolean) return std::nullopt;
      return Value::BOOLEAN(json.text == "true");
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
    case LogicalTypeId::BIGINT: {
      if (!is_number) return std::nullopt;
      const int bits = static_cast<int>(duckdb::GetTypeIdSize(type.InternalType())) * 8;
      const int64_t greatest =
          bits == 64 ? std::numeric_limits<int64_t>::max() : (int64_t{1} << (bits - 1)) - 1;
      const auto value = ParseInteger(json.text, -greatest - 1, greatest);
      if (!value) return std::nullopt;
      return Value::Numeric(type, *value);
    }
    case LogicalTypeId::FLOAT:
    case LogicalTypeId::DOUBLE: {
      std::optional<double> value;
      if (is_number) value = ParseDouble(json.text);
      if (is_text) {
        if (json.text == "NaN") value = std::numeric_limits<double>::quiet_NaN();
        if (json.text == "Infinity" || json.text == "INF" || json.text == "+INF" ||
            json.text == "+Infinity")
          value = std::numeric_limits<double>::infinity();
        if (json.text == "-Infinity" || json.text == "-INF")
          value = -std::numeric_limits<double>::infinity();
      }
      if (!value) return std::nullopt;
      return type.id() == LogicalTypeId::FLOAT ? Value::FLOAT(static_cast<float>(*value))
                                               : Value::DOUBLE(*value);
    }
    case LogicalTypeId::DECIMAL: {
      const DecimalShape shape = DecimalOf(type);
      Int128 unscaled = 0;
      if ((!is_number && !is_text) ||
          ParseDecimal(json.text, shape.precision, shape.scale, &unscaled) != DecimalParse::kOk)
        return std::nullopt;
      return Value::DECIMAL(ToHugeint(unscaled), 38, static_cast<uint8_t>(shape.scale))
          .DefaultCastAs(type);
    }
    case LogicalTypeId::DATE: {
      const auto date = is_text ? ParseDate(json.text) : std::nullopt;
      if (!date) return std::nullopt;
      return Value::DATE(duckdb::date_t(date->days));
    }
    case LogicalTypeId::TIMESTAMP_TZ: {
      if (is_number) {
        const auto seconds = ParseInteger(json.text, -9'000'000'000'000, 9'000'000'000'000);
        if (!seconds) return std::nullopt;
        return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(*seconds * kMicrosPerSecond));
      }
      const auto time = is_text ? ParseTimestamp(json.text, zone, std::nullopt) : std::nullopt;
      if (!time) return std::nullopt;
      return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(time->micros));
    }
    case LogicalTypeId::TIMESTAMP: {
      const auto time = is_text ? ParseLocalTimestamp(json.text) : std::nullopt;
      if (!time) return std::nullopt;
      return Value::TIMESTAMP(duckdb::timestamp_t(time->micros));
    }
    case LogicalTypeId::LIST: {
      if (json.kind != Kind::kArray) return std::nullopt;
      Values values;
      for (const JsonValue& item : json.items) {
        auto value = FromJsonValue(item, ElementType(type), zone);
        if (!value) return std::nullopt;
        values.push_back(*std::move(value));
      }
      return MakeList(type, std::move(values));
    }
    case LogicalTypeId::MAP: {
      if (json.kind != Kind::kObject || !IsString(duckdb::MapType::KeyType(type)))
        return std::nullopt;
      Values keys;
      Values values;
      for (const auto& [name, item] : json.members) {
        auto value = FromJsonValue(item, duckdb::MapType::ValueType(type), zone);
        if (!value) return std::nullopt;
        keys.push_back(Value(name));
        values.push_back(*std::move(value));
      }
      return MakeMap(type, std::move(keys), std::move(values));
    }
    case LogicalTypeId::STRUCT: {
      if (json.kind != Kind::kObject) return std::nullopt;
      Values members;
      for (const auto& [name, member_type] : duckdb::StructType::GetChildTypes(type)) {
        const JsonValue* item = json.Find(name);
        // A member that does not fit is NULL, the others stay.
        members.push_back(
            item == nullptr ? Value(member_type)
                            : FromJsonValue(*item, member_type, zone).value_or(Value(member_type)));
      }
      return Value::STRUCT(type, std::move(members));
    }
    default:
      return std::nullopt;
  }
}

// A struct of NULLs stands for a text that is not JSON.
Value EmptyRecord(const LogicalType& type) {
  if (type.id() != LogicalTypeId::STRUCT) return Value(type);
  Values members;
  for (const auto& member : duckdb::StructType::GetChildTypes(type))
    members.push_back(Value(member.second));
  return Value::STRUCT(type, std::move(members));
}

ExprPtr FromJsonRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 3) rewriter.Refuse("options are not supported");
  const std::string schema = rewriter.ConstantValue(*arguments[1], "the schema").ToString();
  const LogicalType type = ParseSparkSchema(schema);
  if (type.id() == LogicalTypeId::STRUCT) {
    for (const auto& member : duckdb::StructType::GetChildTypes(type)) {
      if (duckdb::StringUtil::CIEquals(member.first, "_corrupt_record"))
        rewriter.Refuse("_corrupt_record is not supported");
    }
  }
  if (duckdb::TypeVisitor::Contains(type, LogicalTypeId::BLOB))
    rewriter.Refuse("BINARY members are not supported");
  arguments[0] = rewriter.Coerce(std::move(arguments[0]), LogicalType::VARCHAR);
  const Zone* zone = &rewriter.zone;
  return ValueCall(rewriter, std::move(arguments), type,
                   [zone](const Values& all, const LogicalType& target) {
                     const std::string text = all[0].ToString();
                     const auto json = ParseJson(text);
                     // No value at all is NULL; what is no record is a record of NULLs.
                     if (text.find_first_not_of(" \t\r\n") == std::string::npos)
                       return Value(target);
                     if (!json || json->kind == JsonValue::Kind::kNull) return EmptyRecord(target);
                     return FromJsonValue(*json, target, *zone).value_or(EmptyRecord(target));
                   });
}

void AppendJson(const Value& value, const Zone& zone, std::string& out) {
  if (value.IsNull()) {
    out += "null";
    return;
  }
  switch (value.type().id()) {
    case LogicalTypeId::STRUCT: {
      const auto& types = duckdb::StructType::GetChildTypes(value.type());
      const Values& members = duckdb::StructValue::GetChildren(value);
      out += '{';
      bool is_first = true;
      for (size_t i = 0; i < members.size(); ++i) {
        if (members[i].IsNull()) continue;
        if (!is_first) out += ',';
        is_first = false;
        AppendJsonString(types[i].first, out);
        out += ':';
        AppendJson(members[i], zone, out);
      }
      out += '}';
      return;
    }
    case LogicalTypeId::LIST: {
      out += '[';
      const Values& values = Elements(value);
      for (size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out += ',';
        AppendJson(values[i], zone, out);
      }
      out += ']';
      return;
    }
    case LogicalTypeId::MAP: {
      Values keys;
      Values values;
      SplitEntries(duckdb::MapValue::GetChildren(value), keys, values);
      out += '{';
      for (size_t i = 0; i < keys.size(); ++i) {
        if (i > 0) out += ',';
        std::string key;
        AppendSparkText(keys[i], zone, key);
        AppendJsonString(key, out);
        out += ':';
        AppendJson(values[i], zone, out);
      }
      out += '}';
      return;
    }
    case LogicalTypeId::FLOAT:
    case LogicalTypeId::DOUBLE: {
      const double number = value.GetValue<double>();
      std::string text;
      AppendSparkText(value, zone, text);
      out += std::isfinite(number) ? text : "\"" + text + "\"";
      return;
    }
    case LogicalTypeId::DECIMAL: {
      std::string digits;
      AppendSparkText(value, zone, digits);
      out += JsonDecimal(digits);
      return;
    }
    case LogicalTypeId::TIMESTAMP_TZ: {
      static const DateTimePattern pattern =
          *DateTimePattern::Compile("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", DateTimePattern::Use::kFormat);
      AppendJsonString(pattern.Format({duckdb::TimestampValue::Get(value).value}, zone), out);
      return;
    }
    case LogicalTypeId::TIMESTAMP: {
      static const DateTimePattern pattern =
          *DateTimePattern::Compile("yyyy-MM-dd'T'HH:mm:ss.SSS", DateTimePattern::Use::kFormat);
      AppendJsonString(pattern.FormatLocal({duckdb::TimestampValue::Get(value).value}), out);
      return;
    }
    case LogicalTypeId::BLOB:
      AppendJsonString(base::Base64Encode(duckdb::StringValue::Get(value)), out);
      return;
    case LogicalTypeId::VARCHAR:
    case LogicalTypeId::DATE: {
      std::string text;
      AppendSparkText(value, zone, text);
      AppendJsonString(text, out);
      return;
    }
    default:
      out += value.ToString();
  }
}

ExprPtr ToJsonRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 2) rewriter.Refuse("options are not supported");
  if (!IsNested(arguments[0]->return_type)) rewriter.MismatchedTypes(arguments);
  const Zone* zone = &rewriter.zone;
  return ValueCall(rewriter, std::move(arguments), LogicalType::VARCHAR,
                   [zone](const Values& all, const LogicalType&) {
                     std::string json;
                     AppendJson(all[0], *zone, json);
                     return Value(json);
                   });
}

ExprPtr SchemaOfJsonRule(Rewriter& rewriter, Exprs& arguments) {
  if (arguments.size() == 2) rewriter.Refuse("options are not supported");
  const Value json = rewriter.ConstantValue(*arguments[0], "the JSON text");
  if (json.IsNull()) rewriter.Refuse("the JSON text must not be NULL");
  const auto schema = SchemaOfJson(json.ToString());
  if (!schema.ok()) throw BinderException("%s", base::Message(schema.status()));
  return rewriter.Constant(Value(*schema));
}

}  // namespace

void RegisterCollectionRules(duckdb::ExtensionLoader& loader) {
  RegisterRules(loader, {{"index", 2, 2, ElementRule<false, Missing::kError>},
                         {"get", 2, 2, ElementRule<false, Missing::kNull>},
                         {"element_at", 2, 2, ElementRule<true, Missing::kError>},
                         {"try_element_at", 2, 2, ElementRule<true, Missing::kNull>},
                         {"field", 2, 2, FieldRule},
                         {"explode_rows", 1, 1, ExplodeRowsRule<false>},
                         {"posexplode_rows", 1, 1, ExplodeRowsRule<true>},
                         {"array", 0, -1, ArrayRule},
                         {"map", 0, -1, MapRule},
                         {"named_struct", 2, -1, NamedStructRule},
                         {"array_append", 2, 2, WithElementRule<Append>},
                         {"array_prepend", 2, 2, WithElementRule<Prepend>},
                         {"array_remove", 2, 2, WithElementRule<Remove>},
                         {"array_compact", 1, 1, ListsRule<Compact>},
                         {"array_contains", 2, 2, ContainsRule},
                         {"array_distinct", 1, 1, ListsRule<Distinct>},
                         {"array_except", 2, 2, ListsRule<Among<false>>},
                         {"array_insert", 3, 3, InsertRule},
                         {"array_intersect", 2, 2, ListsRule<Among<true>>},
                         {"array_join", 2, 3, JoinRule},
                         {"array_max", 1, 1, ExtremeElementRule<true>},
                         {"array_min", 1, 1, ExtremeElementRule<false>},
                         {"array_position", 2, 2, PositionRule},
                         {"array_repeat", 2, 2, RepeatArrayRule},
                         {"array_size", 1, 1, SizeRule},
                         {"array_sort", 1, 1, ListsRule<SortNullsLast>},
                         {"array_union", 2, 2, ListsRule<Union>},
                         {"arrays_overlap", 2, 2, OverlapRule},
                         {"arrays_zip", 1, -1, ArraysZipRule},
                         {"flatten", 1, 1, FlattenRule},
                         {"reverse", 1, 1, ReverseRule},
                         {"sequence", 2, 3, SequenceRule},
                         {"size", 1, 1, SizeRule},
                         {"slice", 3, 3, SliceRule},
                         {"sort_array", 1, 2, SortArrayRule},
                         {"zip", 2, 2, ZipPairRule},
                         {"any_true", 1, 1, TruthRule<true>},
                         {"all_true", 1, 1, TruthRule<false>}});
  RegisterRules(loader, {{"map_concat", 0, -1, MapConcatRule},
                         {"map_contains_key", 2, 2, MapContainsRule},
                         {"map_entries", 1, 1, MapEntriesRule},
                         {"map_from_arrays", 2, 2, MapFromArraysRule},
                         {"map_from_entries", 1, 1, MapFromEntriesRule},
                         {"map_keys", 1, 1, MapPartRule<kMapKeys>},
                         {"map_values", 1, 1, MapPartRule<kMapValues>},
                         {"map_zip", 2, 2, MapZipRule},
                         {"str_to_map", 1, 3, TextToMapRule}});
  RegisterRules(loader, {{"get_json_object", 2, 2, KernelRule<GetJsonObjectCall>},
                         {"json_field", 2, 2, KernelRule<JsonFieldCall>},
                         {"json_array_length", 1, 1, KernelRule<JsonArrayLengthCall>},
                         {"json_object_keys", 1, 1, KernelRule<JsonObjectKeysCall>},
                         {"from_json", 2, 3, FromJsonRule},
                         {"to_json", 1, 2, ToJsonRule},
                         {"schema_of_json", 1, 2, SchemaOfJsonRule}});
  RegisterFold(loader);
}

}  // namespace smelt::duck
