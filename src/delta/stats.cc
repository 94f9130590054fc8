#include "delta/stats.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/json.h"
#include "delta/values.h"

namespace smelt::delta {
namespace {

using base::DataType;
using base::Field;
using base::OrderedJson;
using base::TypeKind;

constexpr size_t kMaxCharacters = 32;
constexpr int64_t kMicrosPerMs = 1'000;

enum class Bound { kMin, kMax };

// Leaves in the order in which the protocol counts them: depth first, structs opened; arrays and
// maps are leaves.
void CollectLeaves(const std::vector<Field>& fields, std::vector<std::string>& path,
                   std::vector<std::pair<std::vector<std::string>, DataType>>& leaves) {
  for (const Field& field : fields) {
    path.push_back(field.name);
    if (field.type.is(TypeKind::kStruct)) {
      CollectLeaves(field.type.fields(), path, leaves);
    } else {
      leaves.emplace_back(path, field.type);
    }
    path.pop_back();
  }
}

// The byte where character `count` of a UTF-8 text begins; the text's size where it has no more.
size_t OffsetOfCharacter(const std::string& text, size_t count) {
  size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (begins && count-- == 0) break;
  }
  return at;
}

// A cut minimum is a prefix, and so below; a cut maximum gets U+10FFFF appended, above which no
// character is.
std::string CutText(const std::string& text, Bound bound) {
  const size_t end = OffsetOfCharacter(text, kMaxCharacters);
  if (end == text.size()) return text;
  std::string cut = text.substr(0, end);
  if (bound == Bound::kMax) cut += "\xF4\x8F\xBF\xBF";
  return cut;
}

// "2024-01-31T10:00:00.123Z"; without 'Z' for a time without zone.
std::string CutTimestamp(int64_t micros, Bound bound, bool with_zone) {
  int64_t ms = micros / kMicrosPerMs;
  const int64_t rest = micros % kMicrosPerMs;
  if (rest < 0 && bound == Bound::kMin) --ms;
  if (rest > 0 && bound == Bound::kMax) ++ms;
  std::string text = FormatTimestamp(ms * kMicrosPerMs);
  text[text.find(' ')] = 'T';
  const size_t point = text.find('.');
  text = point == std::string::npos ? text + ".000" : text.substr(0, point + 4);
  return with_zone ? text + "Z" : text;
}

// A text as a JSON string; nullopt where it is not UTF-8.
std::optional<std::string> Quoted(const std::string& text) {
  try {
    return OrderedJson(text).dump();
  } catch (const OrderedJson::type_error&) {
    return std::nullopt;
  }
}

// A decimal as a JSON number: "5", "-0.50"; JSON has no ".5" and no "05".
std::string PlainDecimal(const DecimalValue& value) {
  std::string digits;
  for (auto rest = value.unscaled < 0 ? -value.unscaled : value.unscaled;
       rest != 0 || digits.size() <= static_cast<size_t>(value.scale); rest /= 10) {
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  }
  if (value.scale > 0) digits.insert(value.scale, ".");
  if (value.unscaled < 0) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

// A bound as a JSON text (a number of 38 digits would not survive a JSON library's doubles);
// nullopt where the text does not read as the type, or the type has no bounds.
std::optional<std::string> BoundToJson(const DataType& type, const std::string& text, Bound bound) {
  if (type.is(TypeKind::kBoolean) || type.is(TypeKind::kBinary)) return std::nullopt;
  const std::optional<Value> value = ParseValue(type, text);
  if (!value) return std::nullopt;
  switch (type.kind()) {
    case TypeKind::kString:
      return Quoted(CutText(text, bound));
    case TypeKind::kDate:
      return Quoted(FormatDate(std::get<int64_t>(*value)));
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampNtz:
      return Quoted(CutTimestamp(std::get<int64_t>(*value), bound, type.is(TypeKind::kTimestamp)));
    case TypeKind::kFloat:
    case TypeKind::kDouble: {
      const double number = std::get<double>(*value);
      if (!std::isfinite(number)) return std::nullopt;  // JSON has no infinities
      // A float keeps its own short form: 0.1, not 0.10000000149011612.
      const OrderedJson own = OrderedJson::parse(text, nullptr, /*allow_exceptions=*/false);
      return own.is_number() ? own.dump() : OrderedJson(number).dump();
    }
    case TypeKind::kDecimal:
      return PlainDecimal(std::get<DecimalValue>(*value));
    default:
      return std::to_string(std::get<int64_t>(*value));
  }
}

// A tree by path, whose leaves are JSON texts.
struct Node {
  std::string name;
  std::vector<Node> members;
  std::string json;  // of a leaf

  Node& At(const std::string& member) {
    for (Node& node : members) {
      if (node.name == member) return node;
    }
    Node& made = members.emplace_back();
    made.name = member;
    return made;
  }
  void Set(const std::vector<std::string>& path, std::string text) {
    Node* node = this;
    for (const std::string& member : path) node = &node->At(member);
    node->json = std::move(text);
  }
  std::string ToJson() const {
    if (!json.empty()) return json;
    std::string text = "{";
    for (const Node& node : members) {
      if (text.size() > 1) text += ',';
      text += OrderedJson(node.name).dump() + ":" + node.ToJson();
    }
    return text + "}";
  }
};

}  // namespace

std::string StatsToJson(const base::Schema& schema, const FileStatistics& stats,
                        int indexed_columns) {
  std::vector<std::pair<std::vector<std::string>, DataType>> leaves;
  std::vector<std::string> path;
  CollectLeaves(schema, path, leaves);
  if (indexed_columns >= 0 && leaves.size() > static_cast<size_t>(indexed_columns)) {
    leaves.resize(indexed_columns);
  }
  Node json;
  json.Set({"numRecords"}, std::to_string(stats.num_records));
  // Made before they are referred to: a new member moves its siblings.
  for (const char* name : {"minValues", "maxValues", "nullCount"}) json.At(name);
  Node& min_values = json.At("minValues");
  Node& max_values = json.At("maxValues");
  Node& null_counts = json.At("nullCount");
  const auto set = [](Node& bounds, const std::vector<std::string>& leaf, const DataType& type,
                      const std::string& text, Bound bound) {
    if (std::optional<std::string> json = BoundToJson(type, text, bound)) {
      bounds.Set(leaf, *std::move(json));
    }
  };
  for (const auto& [leaf, type] : leaves) {
    const auto it =
        std::find_if(stats.columns.begin(), stats.columns.end(),
                     [&leaf = leaf](const ColumnStatistics& c) { return c.path == leaf; });
    if (it == stats.columns.end()) continue;
    if (it->null_count) null_counts.Set(leaf, std::to_string(*it->null_count));
    if (it->min) set(min_values, leaf, type, *it->min, Bound::kMin);
    if (it->max && !it->has_nan) set(max_values, leaf, type, *it->max, Bound::kMax);
  }
  return json.ToJson();
}

std::optional<int64_t> NumRecords(const std::string& stats_json) {
  const base::Json stats = base::Json::parse(stats_json, nullptr, /*allow_exceptions=*/false);
  if (!stats.is_object()) return std::nullopt;
  const auto it = stats.find("numRecords");
  if (it == stats.end() || !it->is_number_integer()) return std::nullopt;
  return it->get<int64_t>();
}

}  // namespace smelt::delta
