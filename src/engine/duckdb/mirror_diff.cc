#include "engine/duckdb/mirror_diff.h"

#include <duckdb.hpp>

#include "base/status.h"
#include "engine/duckdb/db/error.h"
#include "engine/duckdb/db/type_mapping.h"
#include "publish/row_item.h"
#include "publish/sink.h"

namespace smelt::duck {
namespace {

constexpr char kTarget[] = "mirror_target";
constexpr double kFloatTolerance = 1e-9;

std::string BaseTable(size_t index) { return fmt::format("mirror_base_{}", index); }

std::string Column(const std::string& table, const std::string& name) {
  return table + "." + QuoteName(name);
}

absl::StatusOr<dynamodb::Value> ToItemValue(const ::duckdb::Value& value,
                                            const base::DataType& type);

absl::StatusOr<dynamodb::Value> ListValue(const ::duckdb::Value& value,
                                          const base::DataType& type) {
  dynamodb::List list;
  for (const ::duckdb::Value& element : ::duckdb::ListValue::GetChildren(value)) {
    if (element.IsNull()) {
      list.emplace_back();
      continue;
    }
    SMELT_ASSIGN_OR_RETURN(dynamodb::Value item, ToItemValue(element, type.element()));
    list.push_back(std::move(item));
  }
  return dynamodb::Value(std::move(list));
}

absl::StatusOr<dynamodb::Value> StructValue(const ::duckdb::Value& value,
                                            const base::DataType& type) {
  dynamodb::Map map;
  const auto& members = ::duckdb::StructValue::GetChildren(value);
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i].IsNull()) continue;
    const base::Field& field = type.fields()[i];
    SMELT_ASSIGN_OR_RETURN(dynamodb::Value member, ToItemValue(members[i], field.type));
    map.insert_or_assign(field.name, std::move(member));
  }
  return dynamodb::Value(std::move(map));
}

absl::StatusOr<dynamodb::Value> MapValue(const ::duckdb::Value& value, const base::DataType& type) {
  dynamodb::Map map;
  for (const ::duckdb::Value& entry : ::duckdb::MapValue::GetChildren(value)) {
    const auto& pair = ::duckdb::StructValue::GetChildren(entry);
    dynamodb::Value member;
    if (!pair[1].IsNull()) {
      SMELT_ASSIGN_OR_RETURN(member, ToItemValue(pair[1], type.value()));
    }
    map.insert_or_assign(pair[0].ToString(), std::move(member));
  }
  return dynamodb::Value(std::move(map));
}

absl::StatusOr<dynamodb::Value> ToItemValue(const ::duckdb::Value& value,
                                            const base::DataType& type) {
  using base::TypeKind;
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return publish::ValueFromBool(::duckdb::BooleanValue::Get(value));
    case TypeKind::kByte:
    case TypeKind::kShort:
    case TypeKind::kInteger:
    case TypeKind::kLong:
      return publish::ValueFromInteger(value.GetValue<int64_t>());
    case TypeKind::kFloat:
      return publish::ValueFromFloat(value.GetValue<float>());
    case TypeKind::kDouble:
      return publish::ValueFromDouble(value.GetValue<double>());
    case TypeKind::kDecimal:
      return publish::ValueFromDecimal(value.ToString());
    case TypeKind::kString:
      return publish::ValueFromString(::duckdb::StringValue::Get(value));
    case TypeKind::kBinary:
      return publish::ValueFromBinary(::duckdb::StringValue::Get(value));
    case TypeKind::kDate:
      return publish::ValueFromDate(::duckdb::DateValue::Get(value).days);
    case TypeKind::kTimestamp:
      return publish::ValueFromTimestamp(::duckdb::TimestampTZValue::Get(value).value);
    case TypeKind::kTimestampNtz:
      return publish::ValueFromTimestampNtz(::duckdb::TimestampValue::Get(value).value);
    case TypeKind::kArray:
      return ListValue(value, type);
    case TypeKind::kStruct:
      return StructValue(value, type);
    case TypeKind::kMap:
      return MapValue(value, type);
    case TypeKind::kNull:
    case TypeKind::kInterval:
    case TypeKind::kVariant:
      break;
  }
  return base::Unimplemented(
      "a value of type {} cannot be published to DynamoDB; cast it to a string", type.ToString());
}

}  // namespace

absl::StatusOr<std::unique_ptr<MirrorDiff>> MirrorDiff::Build(
    std::unique_ptr<Connection> connection, const std::string& target_query,
    const std::vector<std::string>& base_queries, const std::vector<std::string>& keys) {
  std::unique_ptr<MirrorDiff> diff(new MirrorDiff(std::move(connection), keys));
  SMELT_RETURN_IF_ERROR(diff->Prepare(target_query, base_queries));
  return diff;
}

MirrorDiff::MirrorDiff(std::unique_ptr<Connection> connection, std::vector<std::string> keys)
    : connection_(std::move(connection)), keys_(std::move(keys)) {}

MirrorDiff::~MirrorDiff() = default;

std::string MirrorDiff::SameKey(const std::string& left, const std::string& right) const {
  std::string condition;
  for (const std::string& key : keys_) {
    if (!condition.empty()) condition += " AND ";
    condition += Column(left, key) + " = " + Column(right, key);
  }
  return condition;
}

std::string MirrorDiff::SameRow(const std::string& base_table) const {
  std::string condition = SameKey("t", base_table);
  for (const base::Field& field : schema_) {
    const std::string a = Column("t", field.name), b = Column(base_table, field.name);
    if (field.type.is(base::TypeKind::kDouble) || field.type.is(base::TypeKind::kFloat)) {
      condition += fmt::format(
          " AND ({0} IS NOT DISTINCT FROM {1} OR abs({0} - {1}) <= {2} * greatest(abs({0}), "
          "abs({1})))",
          a, b, kFloatTolerance);
    } else {
      condition += fmt::format(" AND {} IS NOT DISTINCT FROM {}", a, b);
    }
  }
  return condition;
}

absl::Status MirrorDiff::Prepare(const std::string& target_query,
                                 const std::vector<std::string>& base_queries) {
  SMELT_RETURN_IF_ERROR(
      connection_->Execute(fmt::format("CREATE TEMP TABLE {} AS {}", kTarget, target_query)));
  SMELT_ASSIGN_OR_RETURN(schema_, connection_->Describe(fmt::format("SELECT * FROM {}", kTarget)));
  SMELT_ASSIGN_OR_RETURN(key_schema_, publish::KeySchemaFor(schema_, keys_));
  SMELT_RETURN_IF_ERROR(CheckKeys());
  SMELT_ASSIGN_OR_RETURN(rows_,
                         connection_->QueryInt(fmt::format("SELECT count(*) FROM {}", kTarget)));

  puts_sql_ = fmt::format("SELECT t.* FROM {} t", kTarget);
  std::string same_everywhere, gone;
  for (size_t i = 0; i < base_queries.size(); ++i) {
    const std::string table = BaseTable(i);
    SMELT_RETURN_IF_ERROR(
        connection_->Execute(fmt::format("CREATE TEMP TABLE {} AS {}", table, base_queries[i])));
    if (i > 0) same_everywhere += " AND ", gone += " UNION ";
    same_everywhere += fmt::format("EXISTS (SELECT 1 FROM {0} WHERE {1})", table, SameRow(table));
    std::string columns;
    for (const std::string& key : keys_) {
      columns += (columns.empty() ? "" : ", ") + Column(table, key);
    }
    gone += fmt::format("SELECT {0} FROM {1} ANTI JOIN {2} t ON {3}", columns, table, kTarget,
                        SameKey(table, "t"));
  }
  if (!base_queries.empty()) {
    puts_sql_ += " WHERE NOT (" + same_everywhere + ")";
    deletes_sql_ = gone;
    SMELT_ASSIGN_OR_RETURN(
        unchanged_, connection_->QueryInt(fmt::format("SELECT count(*) FROM {} t WHERE {}", kTarget,
                                                      same_everywhere)));
  }
  return Rewind();
}

absl::Status MirrorDiff::CheckKeys() {
  std::string columns, absent;
  for (const std::string& key : keys_) {
    const std::string name = QuoteName(key);
    columns += (columns.empty() ? "" : ", ") + name;
    if (!absent.empty()) absent += " OR ";
    absent += name + " IS NULL";
    const auto at = base::FindField(schema_, key);
    if (at && schema_[*at].type.is(base::TypeKind::kString)) {
      absent += fmt::format(" OR {} = ''", name);
    } else if (at && schema_[*at].type.is(base::TypeKind::kBinary)) {
      absent += fmt::format(" OR octet_length({}) = 0", name);
    }
  }
  std::string key_list;
  for (const std::string& key : keys_) key_list += (key_list.empty() ? "" : ", ") + key;

  SMELT_ASSIGN_OR_RETURN(
      const int64_t missing,
      connection_->QueryInt(fmt::format("SELECT count(*) FROM {} WHERE {}", kTarget, absent)));
  if (missing > 0) {
    return base::InvalidArgument(
        "{} rows have a key ({}) that is NULL or empty, which DynamoDB cannot hold; nothing was "
        "written. dynamodb_key(..) makes a key of columns that may be NULL",
        missing, key_list);
  }
  const std::string repeated = fmt::format(
      "SELECT {0}, count(*) AS n FROM {1} GROUP BY {0} HAVING count(*) > 1", columns, kTarget);
  SMELT_ASSIGN_OR_RETURN(const int64_t keys_repeated,
                         connection_->QueryInt(fmt::format("SELECT count(*) FROM ({})", repeated)));
  if (keys_repeated == 0) return absl::OkStatus();
  constexpr int kShown = 3;
  SMELT_ASSIGN_OR_RETURN(
      auto result, connection_->Query(
                       fmt::format("{} ORDER BY n DESC, {} LIMIT {}", repeated, columns, kShown)));
  std::string examples;
  SMELT_ASSIGN_OR_RETURN(::duckdb::DataChunk * chunk, result->Next());
  for (::duckdb::idx_t row = 0; chunk != nullptr && row < chunk->size(); ++row) {
    examples += examples.empty() ? "" : "; ";
    for (size_t i = 0; i < keys_.size(); ++i) {
      examples +=
          fmt::format("{}{}='{}'", i ? ", " : "", keys_[i], chunk->GetValue(i, row).ToString());
    }
    examples += fmt::format(" ({} rows)", chunk->GetValue(keys_.size(), row).ToString());
  }
  return base::InvalidArgument(
      "the key ({}) is not unique: {} keys stand for several rows, such as {}; nothing was "
      "written. "
      "Add what tells the rows apart to KEYS, with dynamodb_key(..) if it is several columns",
      key_list, keys_repeated, examples);
}

absl::Status MirrorDiff::Rewind() {
  open_.reset();
  deleting_ = false;
  SMELT_ASSIGN_OR_RETURN(open_, connection_->Query(puts_sql_));
  return absl::OkStatus();
}

absl::Status MirrorDiff::Next(std::vector<publish::ItemChange>* batch) {
  batch->clear();
  while (open_ != nullptr) {
    SMELT_ASSIGN_OR_RETURN(::duckdb::DataChunk * chunk, open_->Next());
    if (chunk == nullptr) {
      open_.reset();
      if (deleting_ || deletes_sql_.empty()) return absl::OkStatus();
      deleting_ = true;
      SMELT_ASSIGN_OR_RETURN(open_, connection_->Query(deletes_sql_));
      continue;
    }
    const auto convert = [&]() -> absl::Status {
      publish::ItemBuilder builder(&key_schema_);
      for (::duckdb::idx_t row = 0; row < chunk->size(); ++row) {
        if (deleting_) {
          dynamodb::Item key;
          for (size_t i = 0; i < keys_.size(); ++i) {
            const base::Field& field = schema_[*base::FindField(schema_, keys_[i])];
            SMELT_ASSIGN_OR_RETURN(dynamodb::Value value,
                                   ToItemValue(chunk->GetValue(i, row), field.type));
            key.insert_or_assign(field.name, std::move(value));
          }
          batch->push_back({publish::ChangeKind::kDelete, std::move(key)});
          continue;
        }
        for (size_t column = 0; column < schema_.size(); ++column) {
          const ::duckdb::Value value = chunk->GetValue(column, row);
          if (value.IsNull()) continue;
          builder.Set(schema_[column].name, ToItemValue(value, schema_[column].type));
        }
        SMELT_ASSIGN_OR_RETURN(dynamodb::Item item, builder.Finish());
        batch->push_back({publish::ChangeKind::kPut, std::move(item)});
      }
      return absl::OkStatus();
    };
    SMELT_RETURN_IF_ERROR(CatchErrors(convert));
    if (!batch->empty()) return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace smelt::duck
