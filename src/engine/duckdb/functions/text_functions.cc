// Many lines because each is one of Spark's text functions, and they share their helpers.

#include "engine/duckdb/functions/text_functions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <numeric>
#include <utf8proc.hpp>

#include "base/status.h"

// The functions over characters; encodings and digests are in encodings.cc.

namespace smelt::duck {
namespace {

size_t SizeAt(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return std::min(size, text.size() - at);
}

// The text's characters, one view each.
std::vector<std::string_view> Characters(std::string_view text) {
  std::vector<std::string_view> characters;
  for (size_t at = 0; at < text.size();) {
    const size_t size = SizeAt(text, at);
    characters.push_back(text.substr(at, size));
    at += size;
  }
  return characters;
}

int32_t CodePoint(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]);
  int32_t code = static_cast<unsigned char>(character[0]) & (0xff >> (character.size() + 1));
  for (size_t i = 1; i < character.size(); ++i) {
    code = (code << 6) | (static_cast<unsigned char>(character[i]) & 0x3f);
  }
  return code;
}

void AppendCodePoint(int32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Unicode's special upper cases, which are more than one character long.
const std::map<int32_t, std::string_view>& SpecialUpper() {
  static const auto* special =
      new std::map<int32_t, std::string_view>{{0xdf, "SS"},
                                              {0x149, "\u02bcN"},
                                              {0x1f0, "J\u030c"},
                                              {0x390, "\u0399\u0308\u0301"},
                                              {0x3b0, "\u03a5\u0308\u0301"},
                                              {0x587, "\u0535\u0552"},
                                              {0x1e96, "H\u0331"},
                                              {0x1e97, "T\u0308"},
                                              {0x1e98, "W\u030a"},
                                              {0x1e99, "Y\u030a"},
                                              {0x1e9a, "A\u02be"},
                                              {0xfb00, "FF"},
                                              {0xfb01, "FI"},
                                              {0xfb02, "FL"},
                                              {0xfb03, "FFI"},
                                              {0xfb04, "FFL"},
                                              {0xfb05, "ST"},
                                              {0xfb06, "ST"}};
  return *special;
}

bool IsLetter(std::string_view character) {
  const int32_t code = CodePoint(character);
  return duckdb::utf8proc_toupper(code) != code || duckdb::utf8proc_tolower(code) != code;
}

char AsciiUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
char AsciiLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Characters of the set, for the trims.
struct CharacterSet {
  explicit CharacterSet(std::string_view characters) : members(Characters(characters)) {}
  bool Has(std::string_view character) const {
    return std::find(members.begin(), members.end(), character) != members.end();
  }
  std::vector<std::string_view> members;
};

std::string Pad(int32_t count, std::string_view pad) {
  const auto characters = Characters(pad);
  std::string out;
  for (int32_t i = 0; i < count; ++i) out += characters[static_cast<size_t>(i) % characters.size()];
  return out;
}

}  // namespace

int32_t CharCount(std::string_view text) {
  return static_cast<int32_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string_view CharRange(std::string_view text, int64_t start, int64_t end) {
  if (end <= start || end <= 0) return {};
  size_t at = 0;
  int64_t place = 0;
  for (; at < text.size() && place < start; ++place) at += SizeAt(text, at);
  const size_t first = at;
  for (; at < text.size() && place < end; ++place) at += SizeAt(text, at);
  return text.substr(first, at - first);
}

int32_t Ascii(std::string_view text) {
  return text.empty() ? 0 : CodePoint(text.substr(0, SizeAt(text, 0)));
}

std::string Chr(int64_t code) {
  if (code < 0) return "";
  std::string out;
  AppendCodePoint(static_cast<int32_t>(code & 0xff), out);
  return out;
}

std::string Upper(std::string_view text) {
  std::string out(text);
  if (IsAscii(text)) {
    std::transform(out.begin(), out.end(), out.begin(), AsciiUpper);
    return out;
  }
  out.clear();
  for (const std::string_view character : Characters(text)) {
    const int32_t code = CodePoint(character);
    if (const auto special = SpecialUpper().find(code); special != SpecialUpper().end()) {
      out += special->second;
    } else {
      AppendCodePoint(duckdb::utf8proc_toupper(code), out);
    }
  }
  return out;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  if (IsAscii(text)) {
    std::transform(out.begin(), out.end(), out.begin(), AsciiLower);
    return out;
  }
  out.clear();
  const auto characters = Characters(text);
  for (size_t i = 0; i < characters.size(); ++i) {
    const int32_t code = CodePoint(characters[i]);
    if (code == 0x130) {
      out += "i\u0307";
    } else if (code == 0x3a3 && i > 0 && IsLetter(characters[i - 1]) &&
               (i + 1 == characters.size() || !IsLetter(characters[i + 1]))) {
      out += "\u03c2";  // a sigma that ends a word
    } else {
      AppendCodePoint(duckdb::utf8proc_tolower(code), out);
    }
  }
  return out;
}

std::string InitCap(std::string_view text) {
  const std::string lower = Lower(text);
  std::string out;
  bool is_start = true;
  for (const std::string_view character : Characters(lower)) {
    if (is_start) {
      AppendCodePoint(duckdb::utf8proc_totitle(CodePoint(character)), out);
    } else {
      out += character;
    }
    is_start = character == " ";
  }
  return out;
}

std::string Reverse(std::string_view text) {
  const auto characters = Characters(text);
  std::string out;
  for (auto it = characters.rbegin(); it != characters.rend(); ++it) out += *it;
  return out;
}

std::string Repeat(std::string_view text, int32_t times) {
  std::string out;
  for (int32_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string Space(int32_t count) {
  return std::string(static_cast<size_t>(std::max(0, count)), ' ');
}

std::string_view SubstringFrom(std::string_view text, int32_t position) {
  return Substring(text, position, std::numeric_limits<int32_t>::max());
}

std::string_view Substring(std::string_view text, int32_t position, int32_t length) {
  const int64_t start = position > 0   ? position - 1
                        : position < 0 ? int64_t{CharCount(text)} + position
                                       : 0;
  return CharRange(text, start,
                   std::min<int64_t>(start + length, std::numeric_limits<int32_t>::max()));
}

std::string_view Left(std::string_view text, int32_t length) { return CharRange(text, 0, length); }

std::string_view Right(std::string_view text, int32_t length) {
  if (length <= 0) return {};
  const int32_t size = CharCount(text);
  return CharRange(text, std::max(0, size - length), size);
}

std::string_view SubstringIndex(std::string_view text, std::string_view delimiter, int32_t count) {
  if (count == 0 || delimiter.empty()) return {};
  if (count > 0) {
    size_t at = 0;
    for (int32_t i = 0; i < count; ++i) {
      at = text.find(delimiter, i == 0 ? 0 : at + 1);
      if (at == std::string_view::npos) return text;
    }
    return text.substr(0, at);
  }
  size_t at = std::string_view::npos;
  for (int32_t i = 0; i > count; --i) {
    if (at == 0) return text;
    at = text.rfind(delimiter, at == std::string_view::npos ? at : at - 1);
    if (at == std::string_view::npos) return text;
  }
  return text.substr(at + delimiter.size());
}

absl::StatusOr<std::string> SplitPart(std::string_view text, std::string_view delimiter,
                                      int32_t part) {
  if (part == 0)
    return base::InvalidArgument(
        "[INVALID_INDEX_OF_ZERO] The index 0 is invalid. An index shall be either < 0 or > 0 (the "
        "first element has index 1).");
  std::vector<std::string_view> parts;
  size_t start = 0;
  if (!delimiter.empty()) {
    for (size_t at = text.find(delimiter); at != std::string_view::npos;
         at = text.find(delimiter, start)) {
      parts.push_back(text.substr(start, at - start));
      start = at + delimiter.size();
    }
  }
  parts.push_back(text.substr(start));
  const int64_t index = part > 0 ? part - 1 : static_cast<int64_t>(parts.size()) + part;
  if (index < 0 || index >= static_cast<int64_t>(parts.size())) return std::string();
  return std::string(parts[static_cast<size_t>(index)]);
}

std::string Overlay(std::string_view text, std::string_view replacement, int32_t position,
                    int32_t length) {
  const int32_t replaced = length >= 0 ? length : CharCount(replacement);
  std::string out(Substring(text, 1, position - 1));
  out += replacement;
  out += SubstringFrom(text, position + replaced);
  return out;
}

std::string_view TrimLeft(std::string_view text, std::string_view characters) {
  const CharacterSet set(characters);
  while (!text.empty() && set.Has(text.substr(0, SizeAt(text, 0))))
    text.remove_prefix(SizeAt(text, 0));
  return text;
}

std::string_view TrimRight(std::string_view text, std::string_view characters) {
  const CharacterSet set(characters);
  while (!text.empty()) {
    size_t start = text.size() - 1;
    while (start > 0 && (text[start] & 0xc0) == 0x80) --start;
    if (!set.Has(text.substr(start))) break;
    text = text.substr(0, start);
  }
  return text;
}

std::string_view TrimBoth(std::string_view text, std::string_view characters) {
  return TrimRight(TrimLeft(text, characters), characters);
}

std::string PadLeft(std::string_view text, int32_t length, std::string_view pad) {
  const int32_t missing = length - CharCount(text);
  if (missing <= 0 || pad.empty()) return std::string(CharRange(text, 0, length));
  return Pad(missing, pad) + std::string(text);
}

std::string PadRight(std::string_view text, int32_t length, std::string_view pad) {
  const int32_t missing = length - CharCount(text);
  if (missing <= 0 || pad.empty()) return std::string(CharRange(text, 0, length));
  return std::string(text) + Pad(missing, pad);
}

int32_t Locate(std::string_view part, std::string_view text, int32_t start) {
  if (start < 1) return 0;
  if (part.empty()) return 1;
  const std::string_view skipped = CharRange(text, 0, start - 1);
  if (CharCount(skipped) < start - 1) return 0;
  const size_t found = text.find(part, skipped.size());
  return found == std::string_view::npos ? 0 : CharCount(text.substr(0, found)) + 1;
}

int32_t FindInSet(std::string_view word, std::string_view list) {
  if (word.find(',') != std::string_view::npos) return 0;
  int32_t place = 1;
  for (size_t start = 0;; ++place) {
    const size_t comma = list.find(',', start);
    if (list.substr(start, comma == std::string_view::npos ? comma : comma - start) == word)
      return place;
    if (comma == std::string_view::npos) return 0;
    start = comma + 1;
  }
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
bool StartsWith(std::string_view text, std::string_view part) {
  return text.substr(0, part.size()) == part;
}
bool EndsWith(std::string_view text, std::string_view part) {
  return text.size() >= part.size() && text.substr(text.size() - part.size()) == part;
}

std::string ReplaceText(std::string_view text, std::string_view search,
                        std::string_view replacement) {
  if (search.empty()) return std::string(text);
  std::string out;
  size_t start = 0;
  for (size_t at = text.find(search); at != std::string_view::npos; at = text.find(search, start)) {
    out += text.substr(start, at - start);
    out += replacement;
    start = at + search.size();
  }
  return out += text.substr(start);
}

std::string Translate(std::string_view text, std::string_view from, std::string_view to) {
  const auto from_characters = Characters(from);
  const auto to_characters = Characters(to);
  std::map<std::string_view, std::string_view> mapping;
  for (size_t i = 0; i < from_characters.size(); ++i) {
    mapping.emplace(from_characters[i],
                    i < to_characters.size() ? to_characters[i] : std::string_view());
  }
  std::string out;
  for (const std::string_view character : Characters(text)) {
    const auto found = mapping.find(character);
    out += found == mapping.end() ? character : found->second;
  }
  return out;
}

int32_t Levenshtein(std::string_view a, std::string_view b) {
  const auto left = Characters(a);
  const auto right = Characters(b);
  std::vector<int32_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= left.size(); ++i) {
    int32_t diagonal = row[0];
    row[0] = static_cast<int32_t>(i);
    for (size_t j = 1; j <= right.size(); ++j) {
      const int32_t substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[right.size()];
}

int32_t LevenshteinWithin(std::string_view a, std::string_view b, int32_t threshold) {
  const int32_t distance = Levenshtein(a, b);
  return distance > threshold ? -1 : distance;
}

std::string Soundex(std::string_view text) {
  static constexpr std::string_view kCodes =
      "01230127022455012623017202";  // of A to Z; 7: h and w do not part equal codes
  if (text.empty()) return "";
  const char first = AsciiUpper(text[0]);
  if (first < 'A' || first > 'Z') return std::string(text);
  std::string out(1, first);
  char last = kCodes[static_cast<size_t>(first - 'A')];
  for (const char c : text.substr(1)) {
    const char upper = AsciiUpper(c);
    if (upper < 'A' || upper > 'Z') {
      last = '0';
      continue;
    }
    const char code = kCodes[static_cast<size_t>(upper - 'A')];
    if (code == '7') continue;
    if (code != '0' && code != last) {
      out += code;
      if (out.size() == 4) break;
    }
    last = code;
  }
  out.resize(4, '0');
  return out;
}

bool LuhnCheck(std::string_view digits) {
  if (digits.empty()) return false;
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    const char c = digits[digits.size() - 1 - i];
    if (c < '0' || c > '9') return false;
    int digit = c - '0';
    if (i % 2 == 1 && (digit *= 2) > 9) digit -= 9;
    sum += digit;
  }
  return sum % 10 == 0;
}

std::string Mask(std::string_view text, const MaskCharacters& characters) {
  std::string out;
  for (const std::string_view character : Characters(text)) {
    const int32_t code = CodePoint(character);
    const bool is_digit = code >= '0' && code <= '9';
    const std::optional<std::string>& mask =
        duckdb::utf8proc_tolower(code) != code   ? characters.upper
        : duckdb::utf8proc_toupper(code) != code ? characters.lower
        : is_digit                               ? characters.digit
                                                 : characters.other;
    out += mask ? std::string_view(*mask) : character;
  }
  return out;
}

absl::StatusOr<std::vector<std::vector<std::string>>> Sentences(std::string_view text) {
  std::vector<std::vector<std::string>> sentences;
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  const auto end_sentence = [&] {
    end_word();
    if (!words.empty()) sentences.push_back(std::move(words));
    words.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : ' ';
    if (std::isalnum(static_cast<unsigned char>(c))) {
      word += c;
    } else if (c == ' ') {
      end_word();
    } else if (c == '!' || c == '?' || c == '.') {
      // Inside a word ("3.14", "e.g.") and before a small letter the rules go on.
      const size_t following = text.find_first_not_of(' ', i + 1);
      const bool is_plain =
          next == ' ' && (following == std::string_view::npos ||
                          std::isupper(static_cast<unsigned char>(text[following])));
      if (!is_plain)
        return base::InvalidArgument(
            "[UNSUPPORTED_FEATURE] sentences: this punctuation is not supported: '{}'", text);
      end_sentence();
    } else if ((c == ',' || c == ';' || c == '-') && next == ' ') {
      end_word();
    } else {
      return base::InvalidArgument(
          "[UNSUPPORTED_FEATURE] sentences: only plain ASCII sentences are supported: '{}'", text);
    }
  }
  end_sentence();
  return sentences;
}

std::string GroupThousands(std::string_view plain_number) {
  const bool negative = !plain_number.empty() && plain_number[0] == '-';
  std::string_view body = plain_number.substr(negative ? 1 : 0);
  const size_t point = body.find('.');
  const std::string_view whole = body.substr(0, point);
  std::string out = negative ? "-" : "";
  for (size_t i = 0; i < whole.size(); ++i) {
    if (i > 0 && (whole.size() - i) % 3 == 0) out += ',';
    out += whole[i];
  }
  if (point != std::string_view::npos) out += body.substr(point);
  return out;
}

}  // namespace smelt::duck
