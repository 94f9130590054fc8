#include "dynamodb/export/item_decoder.h"

#include <chrono>
#include <limits>

#include "base/clock.h"
#include "base/digest.h"
#include "base/status.h"
#include "dynamodb/export/export_row.h"
#include "dynamodb/export/number_text.h"

namespace smelt::dynamodb {

namespace {

using base::DataType;
using base::TypeKind;

enum class Outcome {
  kFits,
  kMisfit,  // well-formed, but not all of it is in the column
  kBroken,  // not DynamoDB JSON
};

Outcome AppendMisfit(Column* column) {
  column->AppendNull();
  return Outcome::kMisfit;
}

template <typename Target>
Outcome AppendInteger(std::string_view text, Column* column) {
  const std::optional<int64_t> value = ToLong(text);
  if (!value || *value < std::numeric_limits<Target>::min() ||
      *value > std::numeric_limits<Target>::max()) {
    return AppendMisfit(column);
  }
  column->Append(static_cast<Target>(*value));
  return Outcome::kFits;
}

Outcome AppendDecimal(std::string_view text, Column* column) {
  const DataType& type = column->type();
  const std::optional<Int128> value = ToDecimal(text, type.precision(), type.scale());
  if (!value) return AppendMisfit(column);
  switch (column->width_bytes()) {
    case 2:
      column->Append(static_cast<int16_t>(*value));
      break;
    case 4:
      column->Append(static_cast<int32_t>(*value));
      break;
    case 8:
      column->Append(static_cast<int64_t>(*value));
      break;
    default:
      column->Append(*value);
  }
  return Outcome::kFits;
}

Outcome AppendFloating(std::string_view text, Column* column) {
  const std::optional<double> value = ToDouble(text);
  if (!value) return AppendMisfit(column);
  if (column->type().is(TypeKind::kFloat)) {
    column->Append(static_cast<float>(*value));
  } else {
    column->Append(*value);
  }
  return Outcome::kFits;
}

// "2024-02-29"
std::optional<int32_t> ParseDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int parts[3] = {0, 0, 0};
  for (size_t i = 0, part = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7) {
      ++part;
      continue;
    }
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    parts[part] = parts[part] * 10 + (text[i] - '0');
  }
  const std::chrono::year_month_day date{std::chrono::year(parts[0]),
                                         std::chrono::month(static_cast<unsigned>(parts[1])),
                                         std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!date.ok()) return std::nullopt;
  return static_cast<int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

Outcome AppendDate(std::string_view text, Column* column) {
  const std::optional<int32_t> days = ParseDate(text);
  if (!days) return AppendMisfit(column);
  column->Append(*days);
  return Outcome::kFits;
}

Outcome AppendTimestamp(std::string_view text, Column* column) {
  const absl::StatusOr<int64_t> micros = base::ParseIsoMicros(text);
  if (!micros.ok()) return AppendMisfit(column);
  column->Append(*micros);
  return Outcome::kFits;
}

}  // namespace

// What decoding needs beside a Column: the index of a struct's members. Shaped as the column is.
struct ItemDecoder::Node {
  std::unique_ptr<MemberIndex> members;  // of a struct
  std::vector<Node> children;

  explicit Node(const DataType& type) {
    if (type.is(TypeKind::kArray)) children.emplace_back(type.element());
    if (type.is(TypeKind::kMap)) {
      children.emplace_back(type.key());
      children.emplace_back(type.value());
    }
    if (type.is(TypeKind::kStruct)) {
      std::vector<std::string> names;
      for (const base::Field& field : type.fields()) {
        names.push_back(field.name);
        children.emplace_back(field.type);
      }
      members = std::make_unique<MemberIndex>(std::move(names));
    }
  }
};

// The decoding of one image.
struct ItemDecoder::Session {
  TextArena* arena;

  // The text of a JSON string, unescaped; false where it is none.
  bool TextOf(ondemand::value& value, TextRef* text) const {
    const std::optional<std::string_view> quoted = QuotedText(value);
    if (!quoted) return false;
    if (!HasEscape(*quoted)) {
      *text = {quoted->data(), quoted->size()};
      return true;
    }
    std::string_view unescaped;
    if (value.get_string().get(unescaped) != simdjson::SUCCESS) return false;
    *text = arena->Copy(unescaped);
    return true;
  }

  // The name of a member, unescaped; false where its escapes are wrong.
  bool NameOf(std::string_view escaped, std::string* buffer, std::string_view* name) const {
    if (!HasEscape(escaped)) {
      *name = escaped;
      return true;
    }
    std::optional<std::string> unescaped = UnescapedName(escaped);
    if (!unescaped) return false;
    *buffer = *std::move(unescaped);
    *name = *buffer;
    return true;
  }

  Outcome Decode(ondemand::value attribute, Node& node, Column* column) {
    Outcome outcome = Outcome::kBroken;
    const bool well_formed = VisitTyped(attribute, [&](ValueType type, ondemand::value value) {
      outcome = DecodeTyped(type, value, node, column);
      return outcome != Outcome::kBroken;
    });
    return well_formed ? outcome : Outcome::kBroken;
  }

  Outcome DecodeTyped(ValueType type, ondemand::value value, Node& node, Column* column) {
    switch (type) {
      case ValueType::kString:
      case ValueType::kNumber:
      case ValueType::kBinary: {
        TextRef text;
        if (!TextOf(value, &text)) return Outcome::kBroken;
        return AppendText(type, text, column);
      }
      case ValueType::kBool: {
        bool truth;
        if (value.get_bool().get(truth) != simdjson::SUCCESS) return Outcome::kBroken;
        if (!column->type().is(TypeKind::kBoolean)) return AppendMisfit(column);
        column->Append(static_cast<uint8_t>(truth));
        return Outcome::kFits;
      }
      case ValueType::kNull: {
        bool truth;
        if (value.get_bool().get(truth) != simdjson::SUCCESS || !truth) return Outcome::kBroken;
        column->AppendNull();
        return Outcome::kFits;
      }
      case ValueType::kMap:
        if (column->type().is(TypeKind::kStruct)) return DecodeStruct(value, node, column);
        if (column->type().is(TypeKind::kMap)) return DecodeMap(value, node, column);
        return AppendMisfit(column);
      case ValueType::kList:
        if (!column->type().is(TypeKind::kArray)) return AppendMisfit(column);
        return DecodeArray(value, column, [&](ondemand::value element, Column* elements) {
          return Decode(element, node.children[0], elements);
        });
      case ValueType::kStringSet:
      case ValueType::kNumberSet:
      case ValueType::kBinarySet: {
        if (!column->type().is(TypeKind::kArray)) return AppendMisfit(column);
        const ValueType element_type = type == ValueType::kStringSet   ? ValueType::kString
                                       : type == ValueType::kNumberSet ? ValueType::kNumber
                                                                       : ValueType::kBinary;
        return DecodeArray(value, column, [&](ondemand::value element, Column* elements) {
          TextRef text;
          if (!TextOf(element, &text)) return Outcome::kBroken;
          return AppendText(element_type, text, elements);
        });
      }
    }
    return Outcome::kBroken;
  }

  // An S, N or B.
  Outcome AppendText(ValueType type, TextRef text, Column* column) {
    const std::string_view view(text.data, text.size);
    const TypeKind target = column->type().kind();
    if (type == ValueType::kString) {
      if (target == TypeKind::kString) {
        column->Append(text);
        return Outcome::kFits;
      }
      if (target == TypeKind::kDate) return AppendDate(view, column);
      if (target == TypeKind::kTimestamp) return AppendTimestamp(view, column);
      return AppendMisfit(column);
    }
    if (type == ValueType::kBinary) {
      if (target != TypeKind::kBinary) return AppendMisfit(column);
      const absl::StatusOr<std::string> bytes = base::Base64Decode(view);
      if (!bytes.ok()) return Outcome::kBroken;
      column->Append(arena->Copy(*bytes));
      return Outcome::kFits;
    }
    switch (target) {
      case TypeKind::kLong:
        return AppendInteger<int64_t>(view, column);
      case TypeKind::kInteger:
        return AppendInteger<int32_t>(view, column);
      case TypeKind::kShort:
        return AppendInteger<int16_t>(view, column);
      case TypeKind::kByte:
        return AppendInteger<int8_t>(view, column);
      case TypeKind::kDecimal:
        return AppendDecimal(view, column);
      case TypeKind::kDouble:
      case TypeKind::kFloat:
        return AppendFloating(view, column);
      case TypeKind::kString:
        if (!IsNumber(view)) return AppendMisfit(column);
        column->Append(text);
        return Outcome::kFits;
      default:
        return AppendMisfit(column);
    }
  }

  Outcome DecodeStruct(ondemand::value value, Node& node, Column* column) {
    const size_t row = column->size();
    Outcome outcome = Outcome::kFits;
    node.members->Rewind();
    const bool well_formed = VisitMembers(value, [&](std::string_view key, ondemand::value member) {
      std::string buffer;
      std::string_view name;
      if (!NameOf(key, &buffer, &name)) return false;
      const int position = node.members->Find(name);
      if (position == MemberIndex::kNone) {
        outcome = Outcome::kMisfit;
        return true;
      }
      Column& child = column->children()[static_cast<size_t>(position)];
      if (child.size() != row) return false;  // the name appears twice
      const Outcome decoded = Decode(member, node.children[static_cast<size_t>(position)], &child);
      if (decoded == Outcome::kMisfit) outcome = decoded;
      return decoded != Outcome::kBroken;
    });
    if (!well_formed) return Outcome::kBroken;
    for (Column& child : column->children()) {
      if (child.size() == row) child.AppendNull();
    }
    column->AppendStruct();
    return outcome;
  }

  Outcome DecodeMap(ondemand::value value, Node& node, Column* column) {
    Column& keys = column->children()[0];
    Column& values = column->children()[1];
    const uint64_t begin = keys.size();
    Outcome outcome = Outcome::kFits;
    const bool well_formed = VisitMembers(value, [&](std::string_view key, ondemand::value member) {
      std::string buffer;
      std::string_view name;
      if (!NameOf(key, &buffer, &name)) return false;
      for (uint64_t i = begin; i < keys.size(); ++i) {
        const TextRef earlier = keys.at<TextRef>(i);
        if (std::string_view(earlier.data, earlier.size) == name) return false;
      }
      keys.Append(buffer.empty() ? TextRef{name.data(), name.size()} : arena->Copy(name));
      const Outcome decoded = Decode(member, node.children[1], &values);
      if (decoded == Outcome::kMisfit) outcome = decoded;
      return decoded != Outcome::kBroken;
    });
    if (!well_formed) return Outcome::kBroken;
    column->Append(ListRange{begin, keys.size() - begin});
    return outcome;
  }

  template <typename DecodeElement>
  Outcome DecodeArray(ondemand::value value, Column* column, const DecodeElement& decode) {
    Column& elements = column->children()[0];
    const uint64_t begin = elements.size();
    Outcome outcome = Outcome::kFits;
    const bool well_formed = VisitElements(value, [&](ondemand::value element) {
      const Outcome decoded = decode(element, &elements);
      if (decoded == Outcome::kMisfit) outcome = decoded;
      return decoded != Outcome::kBroken;
    });
    if (!well_formed) return Outcome::kBroken;
    column->Append(ListRange{begin, elements.size() - begin});
    return outcome;
  }
};

ItemDecoder::~ItemDecoder() = default;

absl::Status ItemDecoder::CheckType(const DataType& type, const std::string& path) {
  switch (type.kind()) {
    case TypeKind::kNull:
    case TypeKind::kTimestampNtz:
    case TypeKind::kInterval:
    case TypeKind::kVariant:
      return base::Unimplemented("{}: no DynamoDB attribute can be read as {}", path,
                                 type.ToString());
    case TypeKind::kArray:
      return CheckType(type.element(), path + ".element");
    case TypeKind::kMap:
      if (!type.key().is(TypeKind::kString)) {
        return base::Unimplemented("{}: the keys of a DynamoDB map are strings, not {}", path,
                                   type.key().ToString());
      }
      return CheckType(type.value(), path + ".value");
    case TypeKind::kStruct:
      for (const base::Field& field : type.fields()) {
        SMELT_RETURN_IF_ERROR(CheckType(field.type, path + "." + field.name));
      }
      return absl::OkStatus();
    default:
      return absl::OkStatus();
  }
}

absl::StatusOr<std::unique_ptr<ItemDecoder>> ItemDecoder::Create(const base::Schema& attributes,
                                                                 const std::vector<bool>& wanted,
                                                                 bool keep_rescued) {
  std::unique_ptr<ItemDecoder> decoder(new ItemDecoder());
  decoder->keep_rescued_ = keep_rescued;
  std::vector<std::string> names;
  for (size_t i = 0; i < attributes.size(); ++i) {
    SMELT_RETURN_IF_ERROR(CheckType(attributes[i].type, attributes[i].name));
    names.push_back(attributes[i].name);
    decoder->column_of_.push_back(wanted[i] ? static_cast<int>(decoder->nodes_.size()) : -1);
    if (wanted[i]) decoder->nodes_.emplace_back(attributes[i].type);
  }
  decoder->index_ = std::make_unique<MemberIndex>(std::move(names));
  return decoder;
}

bool ItemDecoder::Rescue(std::string_view escaped_name, const char* value_begin,
                         const char* text_end) {
  if (!keep_rescued_) return true;
  const size_t size = JsonValueSize(value_begin, text_end);
  if (size == 0) return false;
  rescued_ += rescued_.empty() ? "{\"" : ",\"";
  rescued_ += escaped_name;
  rescued_ += "\":";
  rescued_.append(value_begin, size);
  return true;
}

bool ItemDecoder::Decode(ondemand::value image, const char* text_end, std::vector<Column>* columns,
                         TextArena* arena) {
  rescued_.clear();
  const size_t row = columns->empty() ? 0 : columns->front().size();
  Session session{arena};
  index_->Rewind();
  const bool well_formed =
      VisitMembers(image, [&](std::string_view key, ondemand::value attribute) {
        std::string buffer;
        std::string_view name;
        if (!session.NameOf(key, &buffer, &name)) return false;
        const int position = index_->Find(name);
        const char* const begin = attribute.raw_json_token().data();
        if (position == MemberIndex::kNone) {
          // Its own walk finds out whether it is whole.
          if (!VisitTyped(attribute, [](ValueType, ondemand::value) { return true; })) return false;
          return Rescue(key, begin, text_end);
        }
        const int target = column_of_[static_cast<size_t>(position)];
        if (target < 0) return true;
        Column& column = (*columns)[static_cast<size_t>(target)];
        if (column.size() != row) return false;  // the name appears twice
        const Outcome outcome =
            session.Decode(attribute, nodes_[static_cast<size_t>(target)], &column);
        if (outcome == Outcome::kMisfit) return Rescue(key, begin, text_end);
        return outcome == Outcome::kFits;
      });
  if (!well_formed) return false;
  for (Column& column : *columns) {
    if (column.size() == row) column.AppendNull();
  }
  if (!rescued_.empty()) rescued_ += '}';
  return true;
}

}  // namespace smelt::dynamodb
