#include "sql/lexer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace smelt::sql {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsHighByte(char c) { return static_cast<unsigned char>(c) >= 0x80; }
bool IsWordByte(char c) { return IsLetter(c) || IsDigit(c) || c == '_' || IsHighByte(c); }
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// Longest first, so that the first match is the longest.
constexpr std::array<std::string_view, 12> kLongOperators = {
    "<=>", "==", "!=", "<>", "<=", ">=", "||", "|>", "::", "->", "=>", "<<"};
constexpr std::string_view kShortOperators = "+-*/%&|^~!=<>()[]{},.;:@";

// The length of the UTF-8 sequence at the start of `text`, 0 if it is not one.
size_t Utf8Length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (length == 1) return 1;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
      (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F)) {
    return 0;
  }
  return length;
}

void AppendUtf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// `digits` hexadecimal digits at `at`, if they are there.
std::optional<uint32_t> ParseHex(std::string_view text, size_t at, size_t digits) {
  if (at + digits > text.size()) return std::nullopt;
  uint32_t value = 0;
  for (size_t i = at; i < at + digits; ++i) {
    const char c = Upper(text[i]);
    if (!IsDigit(c) && !(c >= 'A' && c <= 'F')) return std::nullopt;
    value = value * 16 + (IsDigit(c) ? c - '0' : c - 'A' + 10);
  }
  return value;
}

class Lexer {
 public:
  explicit Lexer(const SourceText& source) : source_(source), text_(source.text()) {}

  LexResult Run() {
    while (at_ < text_.size()) LexOne();
    Emit(TokenKind::kEnd, at_);
    return std::move(result_);
  }

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool Looking(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  Token& Emit(TokenKind kind, size_t begin, std::string value = {}) {
    result_.tokens.push_back(
        {kind, {static_cast<uint32_t>(begin), static_cast<uint32_t>(at_)}, std::move(value), {}});
    return result_.tokens.back();
  }

  void Fail(size_t begin, size_t end, std::string code, std::string message,
            std::string hint = {}) {
    // A file that is not SQL at all would drown its reader.
    constexpr size_t kMostDiagnostics = 50;
    if (result_.diagnostics.size() >= kMostDiagnostics) return;
    result_.diagnostics.push_back(
        MakeDiagnostic(source_, {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)},
                       std::move(code), std::move(message), std::move(hint)));
  }

  void LexOne() {
    const char c = Peek();
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      ++at_;
    } else if (Looking("--")) {
      LexLineComment();
    } else if (Looking("/*")) {
      LexBlockComment();
    } else if (c == '\'' || c == '"') {
      LexString(at_, /*raw=*/false);
    } else if ((c == 'r' || c == 'R') && (Peek(1) == '\'' || Peek(1) == '"')) {
      const size_t begin = at_++;
      LexString(begin, /*raw=*/true);
    } else if (c == '`') {
      LexQuotedIdentifier();
    } else if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)) && !FollowsName())) {
      LexNumber();
    } else if (IsHighByte(c)) {
      LexForeign();
    } else if (IsLetter(c) || c == '_') {
      LexWord();
    } else if (c == '?') {
      const size_t begin = at_++;
      Emit(TokenKind::kParameter, begin);
    } else if (Looking("${")) {
      LexVariable();
    } else {
      LexOperator();
    }
  }

  // Whether the token before touches this place and can end a name or value, so that `.` selects a
  // member of it.
  bool FollowsName() const {
    if (result_.tokens.empty()) return false;
    const Token& last = result_.tokens.back();
    if (last.span.end != at_ || last.IsNumber()) return false;
    return last.kind != TokenKind::kOperator || last.value == ")" || last.value == "]";
  }

  void LexLineComment() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  }

  void LexBlockComment() {
    const size_t begin = at_;
    const bool hint = Looking("/*+");
    at_ += hint ? 3 : 2;
    for (int depth = 1; depth > 0;) {
      if (at_ >= text_.size()) {
        Fail(begin, begin + 2, "unterminated-comment", "this comment is never closed",
             "close it with */; comments nest");
        return;
      }
      if (Looking("*/")) {
        --depth;
        at_ += 2;
      } else if (Looking("/*")) {
        ++depth;
        at_ += 2;
      } else {
        ++at_;
      }
    }
    if (hint) {
      Emit(TokenKind::kHint, begin, std::string(text_.substr(begin + 3, at_ - begin - 5)));
    }
  }

  // At the opening quote; `begin` is where the token begins (before the r of a raw literal).
  void LexString(size_t begin, bool raw) {
    const char quote = text_[at_];
    const size_t opening = at_++;
    std::string value;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == quote) {
        ++at_;
        if (raw || Peek() != quote) {
          Emit(TokenKind::kString, begin, std::move(value));
          return;
        }
        value += quote;  // doubled: the quote itself
        ++at_;
      } else if (c == '\\' && !raw && at_ + 1 < text_.size()) {
        AppendEscape(value);
      } else {
        value += c;
        ++at_;
      }
    }
    Fail(opening, opening + 1, "unterminated-string", "this string is never closed",
         fmt::format("close it with {0}, or write {0}{0} for a quote within it", quote));
  }

  // At a backslash that something follows.
  void AppendEscape(std::string& value) {
    const char c = text_[at_ + 1];
    if (c == 'u' || c == 'U') {
      const size_t digits = c == 'u' ? 4 : 8;
      const std::optional<uint32_t> code = ParseHex(text_, at_ + 2, digits);
      if (code) {
        const size_t begin = at_;
        at_ += 2 + digits;
        AppendCodePoint(value, *code, begin);
        return;
      }
    }
    if (c >= '0' && c <= '3' && at_ + 3 < text_.size()) {
      const char d = text_[at_ + 2], e = text_[at_ + 3];
      if (d >= '0' && d <= '7' && e >= '0' && e <= '7') {
        AppendUtf8(value, (c - '0') * 64 + (d - '0') * 8 + (e - '0'));
        at_ += 4;
        return;
      }
    }
    at_ += 2;
    switch (c) {
      case '0':
        value += '\0';
        break;
      case 'b':
        value += '\b';
        break;
      case 'n':
        value += '\n';
        break;
      case 'r':
        value += '\r';
        break;
      case 't':
        value += '\t';
        break;
      case 'Z':
        value += '\x1A';
        break;
      case '%':  // LIKE sees the backslash
      case '_':
        value += '\\';
        value += c;
        break;
      default:
        value += c;
    }
  }

  // Two \u escapes may be the halves of one character, as Java writes it.
  void AppendCodePoint(std::string& value, uint32_t code, size_t begin) {
    if (code >= 0xD800 && code < 0xDC00 && Looking("\\u")) {
      const std::optional<uint32_t> low = ParseHex(text_, at_ + 2, 4);
      if (low && *low >= 0xDC00 && *low < 0xE000) {
        at_ += 6;
        AppendUtf8(value, 0x10000 + ((code - 0xD800) << 10) + (*low - 0xDC00));
        return;
      }
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
      Fail(begin, at_, "invalid-escape", "this escape is not a Unicode character");
      return;
    }
    AppendUtf8(value, code);
  }

  void LexQuotedIdentifier() {
    const size_t begin = at_++;
    std::string value;
    while (at_ < text_.size()) {
      if (text_[at_] != '`') {
        value += text_[at_++];
      } else if (Peek(1) == '`') {
        value += '`';
        at_ += 2;
      } else {
        ++at_;
        if (value.empty()) Fail(begin, at_, "empty-identifier", "this name is empty");
        Emit(TokenKind::kQuotedIdentifier, begin, std::move(value));
        return;
      }
    }
    Fail(begin, begin + 1, "unterminated-identifier", "this quoted name is never closed",
         "close it with `");
  }

  void LexNumber() {
    const size_t begin = at_;
    TokenKind kind = TokenKind::kInteger;
    while (IsDigit(Peek())) ++at_;
    if (Peek() == '.' && !(IsWordByte(Peek(1)) && !IsDigit(Peek(1)) && !IsExponent(1))) {
      kind = TokenKind::kDecimal;
      ++at_;
      while (IsDigit(Peek())) ++at_;
    }
    if (IsExponent(0)) {
      kind = TokenKind::kExponent;
      at_ += IsDigit(Peek(1)) ? 1 : 2;
      while (IsDigit(Peek())) ++at_;
    }
    std::string value(text_.substr(begin, at_ - begin));
    const size_t suffix_begin = at_;
    while (IsWordByte(Peek())) ++at_;
    std::string suffix = ToUpper(text_.substr(suffix_begin, at_ - suffix_begin));
    const bool whole = kind == TokenKind::kInteger;
    const bool known = suffix.empty() || suffix == "D" || suffix == "F" || suffix == "BD" ||
                       (whole && (suffix == "L" || suffix == "S" || suffix == "Y"));
    if (known) {
      Emit(kind, begin, std::move(value)).suffix = std::move(suffix);
    } else if (value.find_first_of(".+-") == std::string::npos) {
      // Spark lets a name begin with a digit.
      Emit(TokenKind::kWord, begin, std::string(text_.substr(begin, at_ - begin)));
    } else {
      Fail(begin, at_, "invalid-number",
           fmt::format("'{}' is not a number", text_.substr(begin, at_ - begin)));
    }
  }

  // Whether an exponent starts `ahead` bytes from here.
  bool IsExponent(size_t ahead) const {
    if (Upper(Peek(ahead)) != 'E') return false;
    if (Peek(ahead + 1) == '+' || Peek(ahead + 1) == '-') return IsDigit(Peek(ahead + 2));
    return IsDigit(Peek(ahead + 1));
  }

  void LexWord() {
    const size_t begin = at_;
    while (at_ < text_.size() && IsWordByte(text_[at_])) {
      const size_t length = Utf8Length(text_.substr(at_));
      if (length == 0 || IsForeignPunctuation(text_.substr(at_, length))) break;
      at_ += length;
    }
    Emit(TokenKind::kWord, begin, std::string(text_.substr(begin, at_ - begin)));
  }

  static bool IsForeignSpace(std::string_view character) {
    return character == "\u00A0" || character == "\u2003" || character == "\u2009" ||
           character == "\u200B" || character == "\u202F" || character == "\u3000" ||
           character == "\uFEFF";
  }
  static bool IsForeignQuote(std::string_view character) {
    return character == "\u2018" || character == "\u2019" || character == "\u201C" ||
           character == "\u201D";
  }
  static bool IsForeignPunctuation(std::string_view character) {
    return IsForeignSpace(character) || IsForeignQuote(character);
  }

  // Beyond ASCII: a letter of a name, or what a word processor made of a space or quote.
  void LexForeign() {
    const size_t length = Utf8Length(text_.substr(at_));
    if (length == 0) {
      const size_t begin = at_++;
      while (at_ < text_.size() && IsHighByte(text_[at_]) && Utf8Length(text_.substr(at_)) == 0) {
        ++at_;
      }
      Fail(begin, at_, "invalid-utf8", "these bytes are not UTF-8", "save the file as UTF-8");
      return;
    }
    const std::string_view character = text_.substr(at_, length);
    if (IsForeignSpace(character)) {
      at_ += length;
    } else if (IsForeignQuote(character)) {
      Fail(at_, at_ + length, "unexpected-character",
           fmt::format("unexpected character '{}'", character),
           "SQL needs straight quotes: ' around a string, ` around a name");
      at_ += length;
    } else {
      LexWord();
    }
  }

  void LexVariable() {
    const size_t begin = at_;
    const size_t close = text_.find('}', at_);
    const size_t line_end = std::min(text_.find('\n', at_), text_.size());
    if (close == std::string_view::npos || close > line_end) {
      Fail(begin, begin + 2, "unterminated-variable", "this ${..} is never closed");
      at_ += 2;
      return;
    }
    at_ = close + 1;
    Emit(TokenKind::kVariable, begin, std::string(text_.substr(begin + 2, close - begin - 2)));
  }

  void LexOperator() {
    const size_t begin = at_;
    for (const std::string_view op : kLongOperators) {
      if (!Looking(op)) continue;
      at_ += op.size();
      Emit(TokenKind::kOperator, begin, std::string(op));
      return;
    }
    const char c = text_[at_++];
    if (kShortOperators.find(c) != std::string_view::npos) {
      Emit(TokenKind::kOperator, begin, std::string(1, c));
    } else {
      const bool printable = c > ' ' && c < 0x7F;
      Fail(begin, at_, "unexpected-character",
           printable ? fmt::format("unexpected character '{}'", c)
                     : fmt::format("unexpected byte 0x{:02X}", static_cast<unsigned char>(c)));
    }
  }

  const SourceText& source_;
  std::string_view text_;
  size_t at_ = 0;
  LexResult result_;
};

}  // namespace

LexResult Lex(const SourceText& source) { return Lexer(source).Run(); }

bool Token::IsWord(std::string_view word) const {
  return kind == TokenKind::kWord && EqualsIgnoreCase(value, word);
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return Upper(x) == Upper(y); });
}

std::string ToUpper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), Upper);
  return out;
}

std::string ToLower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string QuoteString(std::string_view value) {
  std::string out = "'";
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool pattern =
        c == '\\' && i + 1 < value.size() && (value[i + 1] == '%' || value[i + 1] == '_');
    if (c == '\'') {
      out += "\\'";
    } else if (c == '\\' && !pattern) {
      out += "\\\\";
    } else if (c == '\0') {
      out += "\\u0000";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string QuoteIdentifier(std::string_view name) {
  std::string out = "`";
  for (const char c : name) {
    out += c;
    if (c == '`') out += c;
  }
  return out + "`";
}

}  // namespace smelt::sql
