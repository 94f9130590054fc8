#include "sql/type_parser.h"

#include <array>
#include <charconv>
#include <set>
#include <string>
#include <utility>

#include "base/json.h"
#include "sql/lexer.h"

namespace smelt::sql {
namespace {

using base::DataType;
using base::TypeKind;

struct NamedKind {
  const char* name;
  TypeKind kind;
};
constexpr std::array<NamedKind, 21> kSimpleTypes = {{
    {"boolean", TypeKind::kBoolean},
    {"tinyint", TypeKind::kByte},
    {"byte", TypeKind::kByte},
    {"smallint", TypeKind::kShort},
    {"short", TypeKind::kShort},
    {"int", TypeKind::kInteger},
    {"integer", TypeKind::kInteger},
    {"bigint", TypeKind::kLong},
    {"long", TypeKind::kLong},
    {"float", TypeKind::kFloat},
    {"real", TypeKind::kFloat},
    {"double", TypeKind::kDouble},
    {"string", TypeKind::kString},
    {"binary", TypeKind::kBinary},
    {"date", TypeKind::kDate},
    {"timestamp", TypeKind::kTimestamp},
    {"timestamp_ltz", TypeKind::kTimestamp},
    {"timestamp_ntz", TypeKind::kTimestampNtz},
    {"void", TypeKind::kNull},
    {"variant", TypeKind::kVariant},
    {"null", TypeKind::kNull},
}};
constexpr std::array<const char*, 10> kTypesWithParameters = {
    "decimal", "dec",   "numeric", "char",   "character",
    "varchar", "array", "map",     "struct", "interval"};

std::vector<std::string> TypeNames() {
  std::vector<std::string> names;
  for (const NamedKind& simple : kSimpleTypes) names.emplace_back(simple.name);
  for (const char* name : kTypesWithParameters) names.emplace_back(name);
  return names;
}

class TypeParser {
 public:
  TypeParser(const SourceText& source, const std::vector<Token>& tokens, size_t at,
             std::vector<Diagnostic>* diagnostics)
      : source_(source), tokens_(tokens), at_(at), diagnostics_(diagnostics) {}

  size_t at() const { return at_; }
  const Token& Peek() const { return tokens_[at_]; }

  bool Fail(std::string message, std::string hint = {}) {
    diagnostics_->push_back(
        MakeDiagnostic(source_, Peek().span, kSyntax, std::move(message), std::move(hint)));
    return false;
  }

  bool ParseType(DataType* type) {
    // Deeper than any table, and far from the end of the stack.
    constexpr int kMaxDepth = 100;
    if (depth_ >= kMaxDepth) return Fail("types are nested too deeply");
    ++depth_;
    const bool ok = ParseTypeHere(type);
    --depth_;
    return ok;
  }

  // name [:] type [NOT NULL] [COMMENT '..'], .. up to but without the token that ends the list.
  bool ParseFields(std::vector<base::Field>* fields) {
    std::set<std::string> seen;
    while (true) {
      base::Field field;
      const Token& name = Peek();
      if (name.kind != TokenKind::kWord && name.kind != TokenKind::kQuotedIdentifier) {
        return Fail("expected a column name");
      }
      field.name = name.value;
      if (!seen.insert(ToLower(field.name)).second) {
        return Fail(fmt::format("the column '{}' is there twice", field.name));
      }
      ++at_;
      Accept(":");
      if (!ParseType(&field.type)) return false;
      if (Peek().IsWord("NOT")) {
        ++at_;
        if (!Peek().IsWord("NULL")) return Fail("expected NULL after NOT");
        ++at_;
        field.nullable = false;
      }
      if (Peek().IsWord("COMMENT")) {
        ++at_;
        if (Peek().kind != TokenKind::kString) return Fail("expected the comment as a string");
        field.metadata["comment"] = nlohmann::json(Peek().value).dump();
        ++at_;
      }
      fields->push_back(std::move(field));
      if (!Accept(",")) return true;
    }
  }

 private:
  bool Accept(std::string_view op) {
    if (!Peek().IsOperator(op)) return false;
    ++at_;
    return true;
  }

  bool Expect(std::string_view op, std::string_view where) {
    return Accept(op) || Fail(fmt::format("expected '{}' {}", op, where));
  }

  bool ParseTypeHere(DataType* type) {
    if (Peek().kind != TokenKind::kWord) return Fail("expected a type");
    const std::string name = ToLower(Peek().value);
    for (const NamedKind& simple : kSimpleTypes) {
      if (name != simple.name) continue;
      ++at_;
      *type = DataType(simple.kind);
      return true;
    }
    if (name == "decimal" || name == "dec" || name == "numeric") return ParseDecimal(type);
    if (name == "char" || name == "character" || name == "varchar") return ParseVarchar(type);
    if (name == "interval") return ParseInterval(type);
    if (name == "array") return ParseArray(type);
    if (name == "map") return ParseMap(type);
    if (name == "struct") return ParseStruct(type);
    return Fail(fmt::format("'{}' is not a type", Peek().value), SuggestName(name, TypeNames()));
  }

  bool ParseInteger(int* value, int least, int most, std::string_view what) {
    const Token& token = Peek();
    const char* const end = token.value.data() + token.value.size();
    const bool is_plain = token.kind == TokenKind::kInteger && token.suffix.empty();
    if (!is_plain || std::from_chars(token.value.data(), end, *value).ec != std::errc() ||
        *value < least || *value > most) {
      return Fail(fmt::format("expected the {}, a number from {} to {}", what, least, most));
    }
    ++at_;
    return true;
  }

  bool ParseDecimal(DataType* type) {
    ++at_;
    int precision = 10, scale = 0;
    if (Accept("(")) {
      constexpr int kMaxPrecision = 38;
      if (!ParseInteger(&precision, 1, kMaxPrecision, "precision")) return false;
      if (Accept(",") && !ParseInteger(&scale, 0, precision, "scale")) return false;
      if (!Expect(")", "after the precision and scale")) return false;
    }
    *type = DataType::Decimal(precision, scale);
    return true;
  }

  // Outside of tables Spark reads them as STRING; the statement parser refuses them for columns.
  bool ParseVarchar(DataType* type) {
    const std::string name = ToUpper(Peek().value);
    ++at_;
    int length = 0;
    if (!Expect("(", fmt::format("after {}", name)) ||
        !ParseInteger(&length, 1, 2147483647, "length") || !Expect(")", "after the length")) {
      return false;
    }
    *type = DataType(TypeKind::kString);
    return true;
  }

  bool ParseInterval(DataType* type) {
    ++at_;
    const auto unit = [this] {
      for (const char* word : {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"}) {
        if (Peek().IsWord(word)) return true;
      }
      return false;
    };
    if (unit()) {
      ++at_;
      if (Peek().IsWord("TO")) {
        ++at_;
        if (!unit()) return Fail("expected YEAR, MONTH, DAY, HOUR, MINUTE or SECOND");
        ++at_;
      }
    }
    *type = DataType(TypeKind::kInterval);
    return true;
  }

  bool ParseArray(DataType* type) {
    ++at_;
    DataType element;
    if (!Expect("<", "after ARRAY") || !ParseType(&element) ||
        !Expect(">", "after the array's element type")) {
      return false;
    }
    *type = DataType::Array(std::move(element));
    return true;
  }

  bool ParseMap(DataType* type) {
    ++at_;
    DataType key, value;
    if (!Expect("<", "after MAP") || !ParseType(&key) || !Expect(",", "after the map's key type") ||
        !ParseType(&value) || !Expect(">", "after the map's value type")) {
      return false;
    }
    *type = DataType::Map(std::move(key), std::move(value));
    return true;
  }

  bool ParseStruct(DataType* type) {
    ++at_;
    std::vector<base::Field> fields;
    if (!Accept("<>")) {
      if (!Expect("<", "after STRUCT")) return false;
      if (!Peek().IsOperator(">") && !ParseFields(&fields)) return false;
      if (!Expect(">", "or ',' after the struct's field")) return false;
    }
    *type = DataType::Struct(std::move(fields));
    return true;
  }

  const SourceText& source_;
  const std::vector<Token>& tokens_;
  size_t at_;
  std::vector<Diagnostic>* diagnostics_;
  int depth_ = 0;
};

// Runs `parse` over the whole of `text`.
template <typename Parse>
absl::Status ParseWhole(std::string_view text, const char* name, Parse parse) {
  const SourceText source(name, std::string(text));
  LexResult lexed = Lex(source);
  if (!lexed.ok()) return ToStatus(lexed.diagnostics);
  TypeParser parser(source, lexed.tokens, 0, &lexed.diagnostics);
  if (parse(parser) && parser.Peek().kind != TokenKind::kEnd) {
    parser.Fail(fmt::format("unexpected '{}'", source.Slice(parser.Peek().span)));
  }
  return ToStatus(lexed.diagnostics);
}

}  // namespace

absl::StatusOr<DataType> ParseType(std::string_view text) {
  DataType type;
  SMELT_RETURN_IF_ERROR(
      ParseWhole(text, "type", [&](TypeParser& parser) { return parser.ParseType(&type); }));
  return type;
}

absl::StatusOr<base::Schema> ParseSchema(std::string_view text) {
  base::Schema schema;
  SMELT_RETURN_IF_ERROR(ParseWhole(text, "schema", [&](TypeParser& parser) {
    if (parser.Peek().kind == TokenKind::kEnd) return true;
    const Token& first = parser.Peek();
    DataType type;
    // STRUCT<..> around the list, unless `struct` is the first column's name.
    const size_t behind = first.span.end;
    if (first.IsWord("STRUCT") && text.find_first_not_of(" \t\r\n", behind) != std::string::npos &&
        text[text.find_first_not_of(" \t\r\n", behind)] == '<') {
      if (!parser.ParseType(&type)) return false;
      schema = type.fields();
      return true;
    }
    return parser.ParseFields(&schema);
  }));
  return schema;
}

std::optional<DataType> ParseTypeTokens(const SourceText& source, const std::vector<Token>& tokens,
                                        size_t* at, std::vector<Diagnostic>* diagnostics) {
  TypeParser parser(source, tokens, *at, diagnostics);
  DataType type;
  const bool ok = parser.ParseType(&type);
  *at = parser.at();
  if (!ok) return std::nullopt;
  return type;
}

}  // namespace smelt::sql
