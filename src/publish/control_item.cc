#include "publish/control_item.h"

#include <utility>

#include "base/status.h"

namespace smelt::publish {
namespace {

using dynamodb::Item;
using dynamodb::KeyAttribute;
using dynamodb::KeySchema;
using dynamodb::Map;
using dynamodb::Number;
using dynamodb::Value;
using dynamodb::ValueType;

constexpr char kReservedKey[] = "_smelt_control";
constexpr char kLowestNumber[] = "-9.9999999999999999999999999999999999999E+125";
constexpr int64_t kFormat = 1;

Value ReservedValue(ValueType type) {
  if (type == ValueType::kNumber) return Value(Number::Parse(kLowestNumber).value());
  if (type == ValueType::kBinary) return Value(dynamodb::Binary{kReservedKey});
  return Value(kReservedKey);
}

Value Integer(int64_t number) { return Value(Number(number)); }

Value StateToValue(const SourceState& state) {
  Map versions;
  for (const auto& [table, version] : state.versions) versions.emplace(table, Integer(version));
  Map map;
  map.emplace("definition", Value(state.definition));
  map.emplace("versions", Value(std::move(versions)));
  return Value(std::move(map));
}

// Reads attributes by name and type; the first that is missing or wrong makes the whole reading
// fail.
class Reader {
 public:
  explicit Reader(const Map& map) : map_(map) {}

  const Value* Get(const char* name, ValueType type) {
    const auto found = map_.find(name);
    if (found != map_.end() && found->second.is(type)) return &found->second;
    if (wrong_.empty()) wrong_ = name;
    return nullptr;
  }
  bool Has(const char* name) const { return map_.find(name) != map_.end(); }

  int64_t Int(const char* name) {
    const Value* value = Get(name, ValueType::kNumber);
    if (value == nullptr) return 0;
    const std::optional<int64_t> number = value->number().ToInt64();
    if (!number && wrong_.empty()) wrong_ = name;
    return number.value_or(0);
  }
  bool Bool(const char* name) {
    const Value* value = Get(name, ValueType::kBool);
    return value != nullptr && value->boolean();
  }
  std::string String(const char* name) {
    const Value* value = Get(name, ValueType::kString);
    return value == nullptr ? "" : value->string();
  }

  absl::Status status() const {
    if (wrong_.empty()) return absl::OkStatus();
    return base::DataLoss("the control item's attribute {} is missing or not of its type", wrong_);
  }

 private:
  const Map& map_;
  std::string wrong_;
};

absl::StatusOr<SourceState> StateFromValue(const Value& value) {
  if (!value.is(ValueType::kMap)) {
    return base::DataLoss("the control item has a source state that is no map");
  }
  Reader reader(value.map());
  SourceState state;
  state.definition = reader.String("definition");
  if (const Value* versions = reader.Get("versions", ValueType::kMap)) {
    Reader version_reader(versions->map());
    for (const auto& [table, version] : versions->map()) {
      state.versions[table] = version_reader.Int(table.c_str());
    }
    SMELT_RETURN_IF_ERROR(version_reader.status());
  }
  SMELT_RETURN_IF_ERROR(reader.status());
  return state;
}

}  // namespace

std::vector<SourceState> ControlItem::Bases() const {
  if (everything || !published) return {};
  std::vector<SourceState> bases = {*published};
  bases.insert(bases.end(), unfinished.begin(), unfinished.end());
  return bases;
}

Item ControlKey(const KeySchema& key) {
  Item item;
  item.emplace(key.partition.name, ReservedValue(key.partition.type));
  if (key.sort) item.emplace(key.sort->name, ReservedValue(key.sort->type));
  return item;
}

bool HasControlKey(const KeySchema& key, const Item& item) {
  const auto matches = [&](const KeyAttribute& attribute) {
    const auto found = item.find(attribute.name);
    return found != item.end() && found->second == ReservedValue(attribute.type);
  };
  return matches(key.partition) && (!key.sort || matches(*key.sort));
}

Item ToItem(const KeySchema& key, const ControlItem& control) {
  Item item = ControlKey(key);
  item.emplace("format", Integer(kFormat));
  item.emplace("epoch", Integer(control.epoch));
  item.emplace("beat", Integer(control.beat));
  item.emplace("held", Value(control.held));
  item.emplace("owner", Value(control.owner));
  item.emplace("lease_millis", Integer(control.lease_millis));
  item.emplace("lease_expires_millis", Integer(control.lease_expires_millis));
  item.emplace("publish_number", Integer(control.publish_number));
  item.emplace("item_count", Integer(control.item_count));
  item.emplace("everything", Value(control.everything));
  item.emplace("adopting", Value(control.adopting));
  if (control.published) item.emplace("published", StateToValue(*control.published));
  dynamodb::List unfinished;
  for (const SourceState& state : control.unfinished) unfinished.push_back(StateToValue(state));
  item.emplace("unfinished", Value(std::move(unfinished)));
  if (control.capacity) {
    Map capacity;
    capacity.emplace("read_units", Integer(control.capacity->before.read_units));
    capacity.emplace("write_units", Integer(control.capacity->before.write_units));
    capacity.emplace("raised_write_units", Integer(control.capacity->raised_write_units));
    capacity.emplace("expires_millis", Integer(control.capacity->expires_millis));
    item.emplace("capacity", Value(std::move(capacity)));
  }
  return item;
}

absl::StatusOr<ControlItem> ParseControlItem(const Item& item) {
  Reader reader(item);
  const int64_t format = reader.Int("format");
  if (format > kFormat) {
    return base::Unimplemented(
        "the control item has format {}, this Smelt writes {}: use the newer Smelt that wrote it",
        format, kFormat);
  }
  ControlItem control;
  control.epoch = reader.Int("epoch");
  control.beat = reader.Int("beat");
  control.held = reader.Bool("held");
  control.owner = reader.String("owner");
  control.lease_millis = reader.Int("lease_millis");
  control.lease_expires_millis = reader.Int("lease_expires_millis");
  control.publish_number = reader.Int("publish_number");
  control.item_count = reader.Int("item_count");
  control.everything = reader.Bool("everything");
  control.adopting = reader.Bool("adopting");
  if (reader.Has("published")) {
    SMELT_ASSIGN_OR_RETURN(control.published, StateFromValue(item.find("published")->second));
  }
  if (const Value* unfinished = reader.Get("unfinished", ValueType::kList)) {
    for (const Value& value : unfinished->list()) {
      SMELT_ASSIGN_OR_RETURN(SourceState state, StateFromValue(value));
      control.unfinished.push_back(std::move(state));
    }
  }
  if (reader.Has("capacity")) {
    if (const Value* map = reader.Get("capacity", ValueType::kMap)) {
      Reader capacity(map->map());
      control.capacity = CapacityLease{{capacity.Int("read_units"), capacity.Int("write_units")},
                                       capacity.Int("raised_write_units"),
                                       capacity.Int("expires_millis")};
      SMELT_RETURN_IF_ERROR(capacity.status());
    }
  }
  SMELT_RETURN_IF_ERROR(reader.status());
  return control;
}

absl::StatusOr<std::optional<ControlItem>> ReadControlItem(dynamodb::Client& client,
                                                           const std::string& table,
                                                           const KeySchema& key) {
  SMELT_ASSIGN_OR_RETURN(std::optional<Item> item,
                         client.GetItem({table, ControlKey(key), /*consistent=*/true}));
  if (!item) return std::optional<ControlItem>();
  absl::StatusOr<ControlItem> control = ParseControlItem(*item);
  if (!control.ok()) return base::Annotate(control.status(), "table {}", table);
  return std::optional<ControlItem>(*std::move(control));
}

}  // namespace smelt::publish
