#include "delta/pruning.h"

#include <strings.h>

#include <algorithm>

#include "base/json.h"
#include "delta/values.h"

namespace smelt::delta {
namespace {

using base::DataType;
using base::Field;
using base::Json;
using base::TypeKind;

const Field* FindByName(const std::vector<Field>& fields, const std::string& name) {
  for (const Field& field : fields) {
    if (strcasecmp(field.name.c_str(), name.c_str()) == 0) return &field;
  }
  return nullptr;
}

// Timestamps in statistics are cut to milliseconds by some writers (Spark among them, whose maximum
// may thus be up to a millisecond short), so the maximum is taken one higher.
constexpr int64_t kTimestampSlackMicros = 1'000;

// stats.<which>.<path>; null where there is none.
const Json* Find(const Json& stats, const char* which, const std::vector<std::string>& path) {
  const auto it = stats.find(which);
  const Json* at = it == stats.end() ? nullptr : &*it;
  for (const std::string& name : path) {
    if (at == nullptr || !at->is_object()) return nullptr;
    const auto member = at->find(name);
    at = member == at->end() ? nullptr : &*member;
  }
  return at;
}

std::optional<Value> BoundOf(const Json& stats, const char* which,
                             const std::vector<std::string>& path, const DataType& type) {
  const Json* bound = Find(stats, which, path);
  if (bound == nullptr || bound->is_null() || bound->is_structured()) return std::nullopt;
  if (bound->is_string()) return ParseValue(type, bound->get_ref<const std::string&>());
  // A number read as a double has lost digits that a long decimal has.
  if (type.is(TypeKind::kDecimal) && bound->is_number_float() && type.precision() > 15) {
    return std::nullopt;
  }
  return ParseValue(type, bound->dump());
}

std::optional<int64_t> NullCountOf(const Json& stats, const std::vector<std::string>& path) {
  const Json* count = Find(stats, "nullCount", path);
  if (count == nullptr || !count->is_number_integer()) return std::nullopt;
  return count->get<int64_t>();
}

}  // namespace

// A predicate with its column resolved and its literals read.
struct FilePruner::Condition {
  std::vector<std::string> path;  // as the schema spells it
  DataType type;
  bool is_partition = false;
  Comparison comparison = Comparison::kEqual;
  std::vector<Value> literals;

  // Whether a value between the bounds (each may be unknown) can satisfy the comparison.
  bool MayHold(const std::optional<Value>& min, const std::optional<Value>& max) const {
    const auto below_min = [&](const Value& literal) { return min && Compare(literal, *min) < 0; };
    const auto above_max = [&](const Value& literal) { return max && Compare(literal, *max) > 0; };
    const auto outside = [&](const Value& literal) {
      return below_min(literal) || above_max(literal);
    };
    const Value& first = literals.front();
    switch (comparison) {
      case Comparison::kEqual:
        return !outside(first);
      case Comparison::kIn:
        return !std::all_of(literals.begin(), literals.end(), outside);
      case Comparison::kNotEqual:
        return !(min && max && Compare(*min, first) == 0 && Compare(*max, first) == 0);
      case Comparison::kLess:
        return !(min && Compare(*min, first) >= 0);
      case Comparison::kLessOrEqual:
        return !(min && Compare(*min, first) > 0);
      case Comparison::kGreater:
        return !(max && Compare(*max, first) <= 0);
      case Comparison::kGreaterOrEqual:
        return !(max && Compare(*max, first) < 0);
      case Comparison::kIsNull:
      case Comparison::kIsNotNull:
        break;
    }
    return true;
  }

  bool MayMatchPartition(const AddFile& file) const {
    const auto it = file.partition_values.find(path.front());
    if (it == file.partition_values.end()) return true;
    const bool is_null = !it->second || it->second->empty();
    if (comparison == Comparison::kIsNull) return is_null;
    if (is_null) return false;  // NULL satisfies no comparison
    if (comparison == Comparison::kIsNotNull) return true;
    const std::optional<Value> value = ParseValue(type, *it->second);
    return !value || MayHold(value, value);
  }

  bool MayMatchStats(const Json& stats) const {
    const std::optional<int64_t> null_count = NullCountOf(stats, path);
    if (comparison == Comparison::kIsNull) return !null_count || *null_count > 0;
    const auto rows = stats.find("numRecords");
    if (null_count && rows != stats.end() && rows->is_number_integer() &&
        *null_count == rows->get<int64_t>()) {
      return false;  // only NULLs, or no row at all
    }
    if (comparison == Comparison::kIsNotNull) return true;
    std::optional<Value> max = BoundOf(stats, "maxValues", path, type);
    if (max && (type.is(TypeKind::kTimestamp) || type.is(TypeKind::kTimestampNtz))) {
      std::get<int64_t>(*max) += kTimestampSlackMicros;
    }
    std::optional<Value> min = BoundOf(stats, "minValues", path, type);
    if (type.is(TypeKind::kFloat) || type.is(TypeKind::kDouble)) {
      // NaN is above every number, and not every writer's maximum says that there is one.
      max.reset();
    }
    return MayHold(min, max);
  }
};

FilePruner::FilePruner(const base::Schema& schema,
                       const std::vector<std::string>& partition_columns,
                       const std::vector<Predicate>& predicates) {
  for (const Predicate& predicate : predicates) {
    Condition condition;
    condition.comparison = predicate.comparison;
    const std::vector<Field>* fields = &schema;
    const Field* field = nullptr;
    for (const std::string& name : predicate.column) {
      field = fields == nullptr ? nullptr : FindByName(*fields, name);
      if (field == nullptr) break;
      condition.path.push_back(field->name);
      fields = field->type.is(TypeKind::kStruct) ? &field->type.fields() : nullptr;
    }
    // What cannot be judged here is left to the engine's own filter.
    if (field == nullptr || field->type.is_nested() || field->type.is(TypeKind::kBinary)) continue;
    condition.type = field->type;
    condition.is_partition =
        condition.path.size() == 1 && std::find(partition_columns.begin(), partition_columns.end(),
                                                condition.path.front()) != partition_columns.end();
    bool readable = true;
    for (const std::string& text : predicate.literals) {
      std::optional<Value> value = ParseValue(condition.type, text);
      if (!value) {
        readable = false;
        break;
      }
      condition.literals.push_back(*std::move(value));
    }
    const bool needs_literal = predicate.comparison != Comparison::kIsNull &&
                               predicate.comparison != Comparison::kIsNotNull;
    if (!readable || (needs_literal && condition.literals.empty())) continue;
    conditions_.push_back(std::move(condition));
  }
}

FilePruner::~FilePruner() = default;
FilePruner::FilePruner(FilePruner&&) noexcept = default;
FilePruner& FilePruner::operator=(FilePruner&&) noexcept = default;

bool FilePruner::MayMatch(const AddFile& file) const {
  bool needs_stats = false;
  for (const Condition& condition : conditions_) {
    if (!condition.is_partition) {
      needs_stats = true;
    } else if (!condition.MayMatchPartition(file)) {
      return false;
    }
  }
  if (!needs_stats || file.stats.empty()) return true;
  const Json stats = Json::parse(file.stats, nullptr, /*allow_exceptions=*/false);
  if (!stats.is_object()) return true;
  return std::all_of(conditions_.begin(), conditions_.end(), [&](const Condition& condition) {
    return condition.is_partition || condition.MayMatchStats(stats);
  });
}

}  // namespace smelt::delta
