#include "publish/sink.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include "base/status.h"

namespace smelt::publish {
namespace {

using dynamodb::ValueType;

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// One option's text, with errors that name the option.
class OptionText {
 public:
  OptionText(const std::string& name, const std::string& value) : name_(name), value_(value) {}

  const std::string& value() const { return value_; }

  absl::Status Wrong(const std::string& expected) const {
    return base::InvalidArgument("option {} = '{}': expected {}", name_, value_, expected);
  }

  absl::StatusOr<bool> Bool() const {
    const std::string lower = Lower(value_);
    if (lower == "true") return true;
    if (lower == "false") return false;
    return Wrong("true or false");
  }

  absl::StatusOr<int64_t> PositiveInteger() const {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(value_.data(), value_.data() + value_.size(), number);
    if (error != std::errc() || end != value_.data() + value_.size() || number < 1) {
      return Wrong("a whole number above 0");
    }
    return number;
  }

  absl::StatusOr<double> Share() const {
    double number = 0;
    const auto [end, error] = std::from_chars(value_.data(), value_.data() + value_.size(), number);
    if (error != std::errc() || end != value_.data() + value_.size() ||
        !(number >= 0 && number <= 1)) {
      return Wrong("a share between 0 and 1");
    }
    return number;
  }

  template <typename Choice>
  absl::StatusOr<Choice> OneOf(std::vector<std::pair<std::string, Choice>> choices) const {
    std::string expected;
    for (const auto& [text, choice] : choices) {
      if (Lower(value_) == text) return choice;
      expected += (expected.empty() ? "'" : " or '") + text + "'";
    }
    return Wrong(expected);
  }

 private:
  const std::string& name_;
  const std::string& value_;
};

// "Naming rules": 3 to 255 of these characters.
bool IsTableName(const std::string& name) {
  return name.size() >= 3 && name.size() <= 255 &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '_' || c == '-' || c == '.';
         });
}

absl::Status ParseOption(const std::string& name, const OptionText& text, SinkOptions* options,
                         dynamodb::Throughput* throughput) {
  if (name == "table") {
    if (!IsTableName(text.value())) {
      return text.Wrong("a table name: 3 to 255 letters, digits, '_', '-' or '.'");
    }
    options->table = text.value();
  } else if (name == "capacity") {
    SMELT_ASSIGN_OR_RETURN(
        options->capacity,
        text.OneOf<CapacityMode>({{"auto", CapacityMode::kAuto}, {"none", CapacityMode::kNone}}));
  } else if (name == "read_capacity") {
    SMELT_ASSIGN_OR_RETURN(throughput->read_units, text.PositiveInteger());
  } else if (name == "write_capacity") {
    SMELT_ASSIGN_OR_RETURN(throughput->write_units, text.PositiveInteger());
  } else if (name == "max_write_capacity") {
    SMELT_ASSIGN_OR_RETURN(options->max_write_units, text.PositiveInteger());
  } else if (name == "adopt") {
    SMELT_ASSIGN_OR_RETURN(options->adopt, text.Bool());
  } else if (name == "max_delete_share") {
    SMELT_ASSIGN_OR_RETURN(options->max_delete_share, text.Share());
  } else if (name == "verify") {
    SMELT_ASSIGN_OR_RETURN(options->verify,
                           text.OneOf<VerifyMode>({{"auto", VerifyMode::kAuto},
                                                   {"full", VerifyMode::kFull},
                                                   {"sample", VerifyMode::kSample}}));
  } else {
    return base::InvalidArgument(
        "unknown option {}; there are table, capacity, read_capacity, write_capacity, "
        "max_write_capacity, adopt, max_delete_share and verify",
        name);
  }
  return absl::OkStatus();
}

absl::StatusOr<ValueType> KeyTypeFor(const base::Field& column) {
  switch (column.type.kind()) {
    case base::TypeKind::kString:
      return ValueType::kString;
    case base::TypeKind::kBinary:
      return ValueType::kBinary;
    case base::TypeKind::kByte:
    case base::TypeKind::kShort:
    case base::TypeKind::kInteger:
    case base::TypeKind::kLong:
    case base::TypeKind::kFloat:
    case base::TypeKind::kDouble:
    case base::TypeKind::kDecimal:
      return ValueType::kNumber;
    default:
      return base::InvalidArgument(
          "{} is {}: a DynamoDB key is a STRING, a number or BINARY; select "
          "CAST({} AS STRING) AS {}, or join several columns by dynamodb_key(..)",
          column.name, column.type.ToString(), column.name, column.name);
  }
}

absl::StatusOr<dynamodb::KeyAttribute> KeyAttributeFor(const base::Schema& columns,
                                                       const std::string& name) {
  const std::optional<size_t> at = base::FindField(columns, name);
  if (!at) {
    return base::InvalidArgument("there is no column {} among {}", name,
                                 base::SchemaToString(columns));
  }
  const base::Field& column = columns[*at];
  SMELT_ASSIGN_OR_RETURN(ValueType type, KeyTypeFor(column));
  return dynamodb::KeyAttribute{column.name, type};
}

}  // namespace

absl::StatusOr<SinkOptions> ParseSinkOptions(const std::string& sink,
                                             const std::map<std::string, std::string>& options) {
  SinkOptions parsed;
  dynamodb::Throughput throughput;
  for (const auto& [name, value] : options) {
    const OptionText text(name, value);
    SMELT_RETURN_IF_ERROR(
        base::Annotate(ParseOption(Lower(name), text, &parsed, &throughput), "sink {}", sink));
  }
  if (parsed.table.empty()) {
    return base::InvalidArgument("sink {}: OPTIONS must name the table (table = '..')", sink);
  }
  if ((throughput.read_units > 0) != (throughput.write_units > 0)) {
    return base::InvalidArgument("sink {}: read_capacity and write_capacity go together", sink);
  }
  if (throughput.write_units > 0) parsed.throughput = throughput;
  return parsed;
}

absl::StatusOr<dynamodb::KeySchema> KeySchemaFor(const base::Schema& columns,
                                                 const std::vector<std::string>& keys) {
  if (keys.empty() || keys.size() > 2) {
    return base::InvalidArgument(
        "KEYS names {} columns; a DynamoDB table has a partition key and at most one sort key "
        "(dynamodb_key(a, b, ..) makes one of several)",
        keys.size());
  }
  dynamodb::KeySchema schema;
  SMELT_ASSIGN_OR_RETURN(schema.partition, KeyAttributeFor(columns, keys[0]));
  if (keys.size() == 1) return schema;
  SMELT_ASSIGN_OR_RETURN(schema.sort, KeyAttributeFor(columns, keys[1]));
  if (schema.sort->name == schema.partition.name) {
    return base::InvalidArgument("KEYS names {} twice", schema.sort->name);
  }
  return schema;
}

}  // namespace smelt::publish
