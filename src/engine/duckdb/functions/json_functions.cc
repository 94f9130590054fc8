// Many lines because every unit that sees DuckDB's headers costs ten seconds and more to compile:
// functions of a kind share one.

#include "engine/duckdb/functions/json_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/status.h"
#include "engine/duckdb/functions/number_text.h"

namespace smelt::duck {
namespace {

constexpr int kDeepest = 1000;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  bool Value(JsonValue* value, int depth) {
    Skip();
    if (at_ >= text_.size() || depth > kDeepest) return false;
    const size_t start = at_;
    bool ok = false;
    switch (text_[at_]) {
      case '{':
        ok = Object(value, depth);
        break;
      case '[':
        ok = Array(value, depth);
        break;
      case '"':
      case '\'':
        value->kind = JsonValue::Kind::kString;
        ok = String(&value->text);
        break;
      case 't':
        ok = Word("true", JsonValue::Kind::kBoolean, value);
        break;
      case 'f':
        ok = Word("false", JsonValue::Kind::kBoolean, value);
        break;
      case 'n':
        ok = Word("null", JsonValue::Kind::kNull, value);
        break;
      case 'N':
        ok = Word("NaN", JsonValue::Kind::kNumber, value);
        break;
      default:
        ok = Number(value);
    }
    value->raw = text_.substr(start, at_ - start);
    return ok;
  }

 private:
  void Skip() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool Take(char c) {
    Skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool Word(std::string_view word, JsonValue::Kind kind, JsonValue* value) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    value->kind = kind;
    value->text = word;
    return at_ >= text_.size() || !std::isalnum(static_cast<unsigned char>(text_[at_]));
  }
  bool Digits() {
    const size_t start = at_;
    while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ > start;
  }
  bool Number(JsonValue* value) {
    const size_t start = at_;
    if (text_[at_] == '-') ++at_;
    if (text_.substr(at_, 8) == "Infinity") {
      at_ += 8;
    } else {
      const size_t digits = at_;
      if (!Digits()) return false;
      if (text_[digits] == '0' && at_ - digits > 1) return false;
      if (at_ < text_.size() && text_[at_] == '.') {
        ++at_;
        if (!Digits()) return false;
      }
      if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
        ++at_;
        if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
        if (!Digits()) return false;
      }
      // A number ends at white space or punctuation.
      if (at_ < text_.size() &&
          (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '.'))
        return false;
    }
    value->kind = JsonValue::Kind::kNumber;
    value->text = text_.substr(start, at_ - start);
    return true;
  }
  bool Unit(uint32_t* unit) {
    if (at_ + 4 > text_.size()) return false;
    *unit = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[at_++];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return false;
      *unit = *unit * 16 + static_cast<uint32_t>(digit);
    }
    return true;
  }
  bool String(std::string* out) {
    const char quote = text_[at_++];
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == quote) return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') {
        *out += c;
        continue;
      }
      if (at_ >= text_.size()) return false;
      const char escaped = text_[at_++];
      switch (escaped) {
        case 'b':
          *out += '\b';
          break;
        case 'f':
          *out += '\f';
          break;
        case 'n':
          *out += '\n';
          break;
        case 'r':
          *out += '\r';
          break;
        case 't':
          *out += '\t';
          break;
        case '"':
        case '\'':
        case '\\':
        case '/':
          *out += escaped;
          break;
        case 'u': {
          uint32_t code = 0;
          if (!Unit(&code)) return false;
          if (code >= 0xd800 && code < 0xdc00) {
            uint32_t low = 0;
            if (text_.substr(at_, 2) != "\\u") return false;
            at_ += 2;
            if (!Unit(&low) || low < 0xdc00 || low > 0xdfff) return false;
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          } else if (code >= 0xdc00 && code < 0xe000) {
            return false;
          }
          AppendUtf8(code, out);
          break;
        }
        default:
          return false;
      }
    }
    return false;
  }
  static void AppendUtf8(uint32_t code, std::string* out) {
    if (code < 0x80) {
      *out += static_cast<char>(code);
    } else if (code < 0x800) {
      *out += static_cast<char>(0xc0 | (code >> 6));
      *out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
      *out += static_cast<char>(0xe0 | (code >> 12));
      *out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
      *out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
      *out += static_cast<char>(0xf0 | (code >> 18));
      *out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
      *out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
      *out += static_cast<char>(0x80 | (code & 0x3f));
    }
  }
  bool Array(JsonValue* value, int depth) {
    value->kind = JsonValue::Kind::kArray;
    ++at_;
    if (Take(']')) return true;
    do {
      if (!Value(&value->items.emplace_back(), depth + 1)) return false;
    } while (Take(','));
    return Take(']');
  }
  bool Object(JsonValue* value, int depth) {
    value->kind = JsonValue::Kind::kObject;
    ++at_;
    if (Take('}')) return true;
    do {
      Skip();
      if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) return false;
      auto& [name, member] = value->members.emplace_back();
      if (!String(&name) || !Take(':') || !Value(&member, depth + 1)) return false;
    } while (Take(','));
    return Take('}');
  }

  std::string_view text_;
  size_t at_ = 0;
};

bool IsFraction(std::string_view number) {
  return number.find_first_of(".eEnN") != std::string_view::npos;
}

// Without white space; fractions as Double.toString writes them.
void AppendCompact(const JsonValue& json, std::string& out) {
  switch (json.kind) {
    case JsonValue::Kind::kNull:
      out += "null";
      return;
    case JsonValue::Kind::kString:
      AppendJsonString(json.text, out);
      return;
    case JsonValue::Kind::kNumber:
      if (json.text == "NaN" || json.text == "Infinity" || json.text == "-Infinity") {
        out += '"' + json.text + '"';
      } else {
        out += IsFraction(json.text) ? JavaDouble(*ParseDouble(json.text))
               : json.text == "-0"   ? "0"
                                     : json.text;
      }
      return;
    case JsonValue::Kind::kBoolean:
      out += json.text;
      return;
    case JsonValue::Kind::kArray:
      out += '[';
      for (size_t i = 0; i < json.items.size(); ++i) {
        if (i > 0) out += ',';
        AppendCompact(json.items[i], out);
      }
      out += ']';
      return;
    case JsonValue::Kind::kObject:
      out += '{';
      for (size_t i = 0; i < json.members.size(); ++i) {
        if (i > 0) out += ',';
        AppendJsonString(json.members[i].first, out);
        out += ':';
        AppendCompact(json.members[i].second, out);
      }
      out += '}';
      return;
  }
}

std::optional<std::string> Show(const JsonValue& json) {
  if (json.kind == JsonValue::Kind::kNull) return std::nullopt;
  if (json.kind == JsonValue::Kind::kString) return json.text;
  std::string out;
  AppendCompact(json, out);
  return out;
}

struct Step {
  enum class Kind { kName, kIndex, kEvery };
  Kind kind = Kind::kName;
  std::string name;
  size_t index = 0;
};

// nullopt: no path of Spark's, which gives NULL.
std::optional<std::vector<Step>> ParsePath(std::string_view path) {
  if (path.empty() || path[0] != '$') return std::nullopt;
  std::vector<Step> steps;
  size_t at = 1;
  while (at < path.size()) {
    Step step;
    if (path[at] == '.') {
      const size_t end = std::min(path.find_first_of(".[", at + 1), path.size());
      step.name = path.substr(at + 1, end - at - 1);
      if (step.name.empty()) return std::nullopt;
      if (step.name == "*") return std::nullopt;
      at = end;
    } else if (path.substr(at, 2) == "['") {
      const size_t end = path.find("']", at + 2);
      if (end == std::string_view::npos) return std::nullopt;
      step.name = path.substr(at + 2, end - at - 2);
      at = end + 2;
    } else if (path[at] == '[') {
      const size_t end = path.find(']', at);
      if (end == std::string_view::npos) return std::nullopt;
      const std::string_view inside = path.substr(at + 1, end - at - 1);
      if (inside == "*") {
        step.kind = Step::Kind::kEvery;
      } else {
        const auto index = ParseInteger(inside, 0, 1'000'000'000);
        if (!index) return std::nullopt;
        step.kind = Step::Kind::kIndex;
        step.index = static_cast<size_t>(*index);
      }
      at = end + 1;
    } else {
      return std::nullopt;
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

// The values that the steps from `at` on lead to.
void Follow(const JsonValue& json, const std::vector<Step>& steps, size_t at,
            std::vector<const JsonValue*>& found) {
  if (at == steps.size()) {
    found.push_back(&json);
    return;
  }
  const Step& step = steps[at];
  if (step.kind == Step::Kind::kName) {
    if (json.kind != JsonValue::Kind::kObject) return;
    // The first of that name which leads anywhere.
    for (const auto& [name, member] : json.members) {
      if (name != step.name) continue;
      const size_t before = found.size();
      if (member.kind != JsonValue::Kind::kNull) Follow(member, steps, at + 1, found);
      if (found.size() > before) return;
    }
  } else if (json.kind == JsonValue::Kind::kArray) {
    if (step.kind == Step::Kind::kIndex) {
      if (step.index < json.items.size()) Follow(json.items[step.index], steps, at + 1, found);
    } else {
      for (const JsonValue& item : json.items) Follow(item, steps, at + 1, found);
    }
  }
}

// ---- schema_of_json

struct Inferred {
  enum class Kind { kNothing, kBoolean, kLong, kBig, kDouble, kString, kArray, kStruct };
  Kind kind = Kind::kNothing;
  size_t digits = 0;  // of kBig
  std::vector<Inferred> element;
  std::map<std::string, Inferred> members;
};

Inferred Merge(Inferred a, Inferred b) {
  using Kind = Inferred::Kind;
  if (a.kind == Kind::kNothing) return b;
  if (b.kind == Kind::kNothing) return a;
  if (a.kind == Kind::kArray && b.kind == Kind::kArray) {
    a.element[0] = Merge(a.element[0], b.element[0]);
    return a;
  }
  if (a.kind == Kind::kStruct && b.kind == Kind::kStruct) {
    for (auto& [name, member] : b.members) {
      const auto [found, is_new] = a.members.emplace(name, member);
      if (!is_new) found->second = Merge(found->second, member);
    }
    return a;
  }
  if (a.kind == b.kind) {
    a.digits = std::max(a.digits, b.digits);
    return a;
  }
  const auto is_number = [](const Inferred& type) {
    return type.kind == Kind::kLong || type.kind == Kind::kBig || type.kind == Kind::kDouble;
  };
  Inferred merged;
  merged.kind = Kind::kString;
  if (is_number(a) && is_number(b)) {
    merged.kind = a.kind == Kind::kDouble || b.kind == Kind::kDouble ? Kind::kDouble : Kind::kBig;
    merged.digits = std::max<size_t>({a.digits, b.digits, 20});
  }
  return merged;
}

Inferred Infer(const JsonValue& json) {
  Inferred type;
  switch (json.kind) {
    case JsonValue::Kind::kNull:
      break;
    case JsonValue::Kind::kBoolean:
      type.kind = Inferred::Kind::kBoolean;
      break;
    case JsonValue::Kind::kString:
      // An empty text says nothing.
      type.kind = json.text.empty() ? Inferred::Kind::kNothing : Inferred::Kind::kString;
      break;
    case JsonValue::Kind::kNumber:
      if (IsFraction(json.text)) {
        type.kind = Inferred::Kind::kDouble;
      } else if (ParseInteger(json.text, std::numeric_limits<int64_t>::min(),
                              std::numeric_limits<int64_t>::max())) {
        type.kind = Inferred::Kind::kLong;
      } else {
        type.digits = json.text.size() - (json.text[0] == '-');
        type.kind = type.digits <= 38 ? Inferred::Kind::kBig : Inferred::Kind::kDouble;
      }
      break;
    case JsonValue::Kind::kArray:
      type.kind = Inferred::Kind::kArray;
      type.element.emplace_back();
      for (const JsonValue& item : json.items)
        type.element[0] = Merge(type.element[0], Infer(item));
      break;
    case JsonValue::Kind::kObject:
      type.kind = Inferred::Kind::kStruct;
      for (const auto& [name, member] : json.members) type.members[name] = Infer(member);
      break;
  }
  return type;
}

std::string ShowType(const Inferred& type) {
  switch (type.kind) {
    case Inferred::Kind::kBoolean:
      return "BOOLEAN";
    case Inferred::Kind::kLong:
      return "BIGINT";
    case Inferred::Kind::kBig:
      return fmt::format("DECIMAL({},0)", type.digits);
    case Inferred::Kind::kDouble:
      return "DOUBLE";
    case Inferred::Kind::kArray:
      return "ARRAY<" + ShowType(type.element[0]) + ">";
    case Inferred::Kind::kStruct: {
      std::string text;
      for (const auto& [name, member] : type.members) {
        const bool is_plain = !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0])) &&
                              std::all_of(name.begin(), name.end(), [](char c) {
                                return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
                              });
        text += (text.empty() ? "" : ", ") + (is_plain ? name : "`" + name + "`") + ": " +
                ShowType(member);
      }
      return "STRUCT<" + text + ">";
    }
    default:
      return "STRING";
  }
}

}  // namespace

const JsonValue* JsonValue::Find(std::string_view name) const {
  for (auto it = members.rbegin(); it != members.rend(); ++it) {
    if (it->first == name) return &it->second;
  }
  return nullptr;
}

std::optional<JsonValue> ParseJson(std::string_view text) {
  JsonValue value;
  if (!Parser(text).Value(&value, 0)) return std::nullopt;
  return value;
}

absl::StatusOr<std::optional<std::string>> GetJsonObject(std::string_view json,
                                                         std::string_view path) {
  const auto steps = ParsePath(path);
  if (!steps) return std::optional<std::string>();
  const auto every = std::count_if(steps->begin(), steps->end(), [](const Step& step) {
    return step.kind == Step::Kind::kEvery;
  });
  if (every > 1)
    return base::InvalidArgument(
        "[UNSUPPORTED_FEATURE] get_json_object: more than one '[*]' is not supported: '{}'", path);
  const auto parsed = ParseJson(json);
  if (!parsed) return std::optional<std::string>();
  std::vector<const JsonValue*> found;
  Follow(*parsed, *steps, 0, found);
  if (found.empty()) return std::optional<std::string>();
  if (every == 0) return Show(*found[0]);
  // Several matches are an array of them; a single one is itself, as JSON.
  std::string out;
  for (const JsonValue* value : found) {
    if (!out.empty()) out += ',';
    AppendCompact(*value, out);
  }
  return std::optional<std::string>(found.size() == 1 ? out : "[" + out + "]");
}

std::optional<std::string> JsonField(std::string_view json, std::string_view name) {
  const auto parsed = ParseJson(json);
  if (!parsed || parsed->kind != JsonValue::Kind::kObject) return std::nullopt;
  const JsonValue* member = parsed->Find(name);
  return member == nullptr ? std::nullopt : Show(*member);
}

std::string JsonText(const JsonValue& json) { return Show(json).value_or("null"); }

std::optional<int32_t> JsonArrayLength(std::string_view json) {
  const auto parsed = ParseJson(json);
  if (!parsed || parsed->kind != JsonValue::Kind::kArray) return std::nullopt;
  return static_cast<int32_t>(parsed->items.size());
}

std::optional<std::vector<std::string>> JsonObjectKeys(std::string_view json) {
  const auto parsed = ParseJson(json);
  if (!parsed || parsed->kind != JsonValue::Kind::kObject) return std::nullopt;
  std::vector<std::string> keys;
  for (const auto& member : parsed->members) keys.push_back(member.first);
  return keys;
}

absl::StatusOr<std::string> SchemaOfJson(std::string_view json) {
  const auto parsed = ParseJson(json);
  if (!parsed)
    return base::InvalidArgument("[INVALID_JSON_SCHEMA] schema_of_json: the text is not JSON: '{}'",
                                 json);
  return ShowType(Infer(*parsed));
}

void AppendJsonString(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

std::string JsonDecimal(const std::string& plain) {
  const bool negative = plain[0] == '-';
  const std::string body = plain.substr(negative ? 1 : 0);
  const size_t point = body.find('.');
  if (point == std::string::npos) return plain;
  std::string digits = body.substr(0, point) + body.substr(point + 1);
  const size_t first = digits.find_first_not_of('0');
  digits = first == std::string::npos ? "0" : digits.substr(first);
  const auto scale = static_cast<int64_t>(body.size() - point - 1);
  const int64_t exponent = static_cast<int64_t>(digits.size()) - 1 - scale;
  if (exponent >= -6) return plain;
  std::string out = negative ? "-" : "";
  out += digits[0];
  if (digits.size() > 1) out += "." + digits.substr(1);
  return out + "E" + std::to_string(exponent);
}

}  // namespace smelt::duck
