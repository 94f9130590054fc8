#include "engine/duckdb/functions/regex.h"

#include <re2/re2.h>

#include <map>
#include <optional>

#include "base/status.h"

namespace smelt::duck {
namespace {

using duckdb_re2::RE2;
using duckdb_re2::StringPiece;

// Java's names of character classes that RE2 spells otherwise.
const std::map<std::string_view, std::string_view>& JavaClasses() {
  static const auto* classes =
      new std::map<std::string_view, std::string_view>{{"Lower", "a-z"},
                                                       {"Upper", "A-Z"},
                                                       {"ASCII", "\\x00-\\x7F"},
                                                       {"Alpha", "a-zA-Z"},
                                                       {"Digit", "0-9"},
                                                       {"Alnum", "a-zA-Z0-9"},
                                                       {"Punct", "!-/:-@\\[-`{-~"},
                                                       {"Graph", "!-~"},
                                                       {"Print", " -~"},
                                                       {"Blank", " \\t"},
                                                       {"Cntrl", "\\x00-\\x1F\\x7F"},
                                                       {"XDigit", "0-9a-fA-F"},
                                                       {"Space", " \\t\\n\\x0B\\f\\r"},
                                                       {"IsAlphabetic", "\\p{L}\\p{Nl}"},
                                                       {"IsLetter", "\\p{L}"},
                                                       {"IsDigit", "\\p{Nd}"},
                                                       {"IsUppercase", "\\p{Lu}"},
                                                       {"IsLowercase", "\\p{Ll}"},
                                                       {"IsPunctuation", "\\p{P}"},
                                                       {"IsLatin", "\\p{Latin}"}};
  return *classes;
}

absl::Status Unsupported(std::string_view pattern, std::string_view what) {
  return base::InvalidArgument(
      "[UNSUPPORTED_FEATURE] the regular expression '{}' uses {}, which is not supported", pattern,
      what);
}

// Rewrites Java's syntax to RE2's.
class Translator {
 public:
  explicit Translator(std::string_view pattern) : pattern_(pattern) {}

  absl::StatusOr<std::string> Run() {
    while (at_ < pattern_.size()) {
      const char c = pattern_[at_];
      if (c == '\\') {
        SMELT_RETURN_IF_ERROR(Escape(false));
      } else if (c == '[') {
        SMELT_RETURN_IF_ERROR(Class());
      } else if (c == '(' && Next(1) == '?') {
        SMELT_RETURN_IF_ERROR(Group());
      } else if ((c == '*' || c == '+' || c == '?' || c == '}') && Next(1) == '+') {
        return Unsupported(pattern_, "a possessive quantifier");
      } else {
        out_ += c;
        ++at_;
      }
    }
    return out_;
  }

 private:
  char Next(size_t ahead) const {
    return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0';
  }

  absl::Status Group() {
    const char kind = Next(2);
    if (kind == '=' || kind == '!') return Unsupported(pattern_, "look-ahead");
    if (kind == '>') return Unsupported(pattern_, "an atomic group");
    if (kind == '<') {
      if (Next(3) == '=' || Next(3) == '!') return Unsupported(pattern_, "look-behind");
      out_ += "(?P<";
      at_ += 3;
      return absl::OkStatus();
    }
    // Flags: RE2 knows i, m, s; Java's u is how RE2 works anyway.
    size_t end = at_ + 2;
    std::string flags;
    for (; end < pattern_.size() && pattern_[end] != ')' && pattern_[end] != ':'; ++end) {
      if (pattern_[end] == 'u' || pattern_[end] == 'U') continue;
      if (std::string_view("ims-").find(pattern_[end]) == std::string_view::npos) {
        return Unsupported(pattern_, std::string("the flag '") + pattern_[end] + "'");
      }
      flags += pattern_[end];
    }
    if (end == pattern_.size()) return Unsupported(pattern_, "an open group");
    if (!flags.empty() || pattern_[end] == ':') out_ += "(?" + flags + pattern_[end];
    at_ = end + 1;
    return absl::OkStatus();
  }

  absl::Status Class() {
    out_ += pattern_[at_++];
    if (Next(0) == '^') out_ += pattern_[at_++];
    bool is_first = true;
    for (; at_ < pattern_.size(); is_first = false) {
      const char c = pattern_[at_];
      if (c == ']' && !is_first) {
        out_ += c;
        ++at_;
        return absl::OkStatus();
      }
      if (c == '[') return Unsupported(pattern_, "a character class inside another");
      if (c == '&' && Next(1) == '&') return Unsupported(pattern_, "an intersection of classes");
      if (c == '\\') {
        SMELT_RETURN_IF_ERROR(Escape(true));
      } else {
        if (c == ']') out_ += '\\';
        out_ += c;
        ++at_;
      }
    }
    return base::InvalidArgument("[INVALID_PARAMETER_VALUE.PATTERN] '{}': a '[' is not closed",
                                 pattern_);
  }

  absl::Status Escape(bool in_class) {
    const char c = Next(1);
    if (c == '\0') {
      return base::InvalidArgument("[INVALID_PARAMETER_VALUE.PATTERN] '{}' ends with '\\'",
                                   pattern_);
    }
    if (c >= '1' && c <= '9') return Unsupported(pattern_, "a back-reference");
    switch (c) {
      case 'k':
        return Unsupported(pattern_, "a back-reference");
      case 'G':
      case 'X':
        return Unsupported(pattern_, std::string("'\\") + c + "'");
      case 'Z':
        out_ += "(?:\\n?\\z)";
        at_ += 2;
        return absl::OkStatus();
      case 'R':
        if (in_class) return Unsupported(pattern_, "'\\R' in a class");
        out_ += "(?:\\r\\n|[\\n\\x0B\\f\\r\\x{85}\\x{2028}\\x{2029}])";
        at_ += 2;
        return absl::OkStatus();
      case 'h':
        out_ +=
            in_class
                ? " \\t\\x{A0}\\x{1680}\\x{180E}\\x{2000}-\\x{200A}\\x{202F}\\x{205F}\\x{3000}"
                : "[ \\t\\x{A0}\\x{1680}\\x{180E}\\x{2000}-\\x{200A}\\x{202F}\\x{205F}\\x{3000}]";
        at_ += 2;
        return absl::OkStatus();
      case 's':
        // Java's has the vertical tab, RE2's has not.
        out_ += in_class ? "\\s\\x0B" : "[\\s\\x0B]";
        at_ += 2;
        return absl::OkStatus();
      case 'S':
        if (in_class) return Unsupported(pattern_, "'\\S' in a class");
        out_ += "[^\\s\\x0B]";
        at_ += 2;
        return absl::OkStatus();
      case 'e':
        out_ += "\\x1B";
        at_ += 2;
        return absl::OkStatus();
      case 'u':
        if (at_ + 6 > pattern_.size()) return Unsupported(pattern_, "an incomplete '\\u'");
        out_ += "\\x{" + std::string(pattern_.substr(at_ + 2, 4)) + "}";
        at_ += 6;
        return absl::OkStatus();
      case '0':
        return Unsupported(pattern_, "an octal character");
      case 'p':
      case 'P':
        if (Next(2) == '{') return Property(c == 'P', in_class);
        break;
      default:
        break;
    }
    if (c == '_' || c == '"' || c == '\'' || c == '/' || c == ' ' || c == '#' || c == '@' ||
        c == '%' || c == '&' || c == '~' || c == '`' || c == ':' || c == ';' || c == ',' ||
        c == '=' || c == '!' || c == '<' || c == '>') {
      out_ += c;  // RE2 refuses to escape some that need none
    } else {
      out_ += '\\';
      out_ += c;
    }
    at_ += 2;
    return absl::OkStatus();
  }

  absl::Status Property(bool negated, bool in_class) {
    const size_t end = pattern_.find('}', at_);
    if (end == std::string_view::npos) return Unsupported(pattern_, "an open '\\p{'");
    const std::string_view name = pattern_.substr(at_ + 3, end - at_ - 3);
    const auto known = JavaClasses().find(name);
    if (known == JavaClasses().end()) {
      out_ += std::string(negated ? "\\P{" : "\\p{") + std::string(name) + "}";
    } else if (in_class) {
      if (negated) return Unsupported(pattern_, "a negated property in a class");
      out_ += known->second;
    } else {
      out_ += std::string(negated ? "[^" : "[") + std::string(known->second) + "]";
    }
    at_ = end + 1;
    return absl::OkStatus();
  }

  std::string_view pattern_;
  size_t at_ = 0;
  std::string out_;
};

size_t Utf8Length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

bool MatchAt(const RE2& re2, std::string_view text, size_t from, StringPiece* groups, int count) {
  return from <= text.size() && re2.Match(StringPiece(text.data(), text.size()), from, text.size(),
                                          RE2::UNANCHORED, groups, count);
}

// Calls `each`(groups) for every match; an empty match moves on by one character.
template <typename Each>
void ForEachMatch(const RE2& re2, std::string_view text, size_t from, int count, Each&& each) {
  std::vector<StringPiece> groups(static_cast<size_t>(count));
  while (MatchAt(re2, text, from, groups.data(), count)) {
    each(groups);
    const size_t end = static_cast<size_t>(groups[0].data() - text.data()) + groups[0].size();
    from = groups[0].empty() ? end + (end < text.size() ? Utf8Length(text[end]) : 1) : end;
  }
}

// One part of a replacement: a group, or text.
struct Part {
  int group = -1;
  std::string text;
};

absl::StatusOr<std::vector<Part>> ParseReplacement(const RE2& re2, std::string_view replacement) {
  std::vector<Part> parts;
  const auto add_text = [&](char c) {
    if (parts.empty() || parts.back().group >= 0) parts.push_back({});
    parts.back().text += c;
  };
  const int groups = re2.NumberOfCapturingGroups();
  for (size_t i = 0; i < replacement.size(); ++i) {
    const char c = replacement[i];
    if (c == '\\') {
      if (++i == replacement.size()) {
        return base::InvalidArgument("[INVALID_REGEXP_REPLACE] the replacement '{}' ends with '\\'",
                                     replacement);
      }
      add_text(replacement[i]);
    } else if (c != '$') {
      add_text(c);
    } else if (i + 1 < replacement.size() && replacement[i + 1] == '{') {
      const size_t end = replacement.find('}', i);
      const std::string name(
          replacement.substr(i + 2, end == std::string_view::npos ? 0 : end - i - 2));
      const auto found = re2.NamedCapturingGroups().find(name);
      if (found == re2.NamedCapturingGroups().end()) {
        return base::InvalidArgument("[INVALID_REGEXP_REPLACE] the replacement '{}' names no group",
                                     replacement);
      }
      parts.push_back({found->second, {}});
      i = end;
    } else {
      if (i + 1 == replacement.size() ||
          !std::isdigit(static_cast<unsigned char>(replacement[i + 1]))) {
        return base::InvalidArgument(
            "[INVALID_REGEXP_REPLACE] the replacement '{}' has a '$' without a group", replacement);
      }
      int group = replacement[++i] - '0';
      if (group > groups) {
        return base::InvalidArgument(
            "[INVALID_REGEXP_REPLACE] the replacement '{}' refers to group {} "
            "of {}",
            replacement, group, groups);
      }
      // More digits belong to it as long as there is such a group.
      while (i + 1 < replacement.size() &&
             std::isdigit(static_cast<unsigned char>(replacement[i + 1])) &&
             group * 10 + (replacement[i + 1] - '0') <= groups) {
        group = group * 10 + (replacement[++i] - '0');
      }
      parts.push_back({group, {}});
    }
  }
  return parts;
}

}  // namespace

absl::StatusOr<Regex> Regex::Compile(std::string_view pattern) {
  SMELT_ASSIGN_OR_RETURN(const std::string translated, Translator(pattern).Run());
  RE2::Options options;
  options.set_log_errors(false);
  auto re2 = std::make_shared<RE2>(StringPiece(translated.data(), translated.size()), options);
  if (!re2->ok()) {
    return base::InvalidArgument(
        "[INVALID_PARAMETER_VALUE.PATTERN] the regular expression '{}': {}", pattern, re2->error());
  }
  return Regex(std::move(re2));
}

int Regex::groups() const { return re2_->NumberOfCapturingGroups(); }

bool Regex::Find(std::string_view text) const { return MatchAt(*re2_, text, 0, nullptr, 0); }

bool Regex::FindGroups(std::string_view text, size_t from,
                       std::vector<std::string_view>* groups) const {
  std::vector<StringPiece> pieces(static_cast<size_t>(this->groups()) + 1);
  if (!MatchAt(*re2_, text, from, pieces.data(), static_cast<int>(pieces.size()))) return false;
  groups->clear();
  for (const StringPiece& piece : pieces) groups->emplace_back(piece.data(), piece.size());
  return true;
}

std::vector<std::string> Regex::FindAll(std::string_view text, int group) const {
  std::vector<std::string> all;
  ForEachMatch(*re2_, text, 0, group + 1, [&](const std::vector<StringPiece>& groups) {
    const StringPiece& found = groups[static_cast<size_t>(group)];
    all.emplace_back(found.data() == nullptr ? "" : std::string(found.data(), found.size()));
  });
  return all;
}

absl::StatusOr<std::string> Regex::Replace(std::string_view text, std::string_view replacement,
                                           size_t from) const {
  SMELT_ASSIGN_OR_RETURN(const auto parts, ParseReplacement(*re2_, replacement));
  std::string result;
  size_t copied = 0;
  ForEachMatch(*re2_, text, from, groups() + 1, [&](const std::vector<StringPiece>& groups) {
    const size_t start = static_cast<size_t>(groups[0].data() - text.data());
    result += text.substr(copied, start - copied);
    copied = start + groups[0].size();
    for (const Part& part : parts) {
      if (part.group < 0) {
        result += part.text;
      } else {
        const StringPiece& group = groups[static_cast<size_t>(part.group)];
        if (group.data() != nullptr) result.append(group.data(), group.size());
      }
    }
  });
  result += text.substr(copied);
  return result;
}

std::vector<std::string> Regex::Split(std::string_view text, int limit) const {
  std::vector<std::string> parts;
  size_t copied = 0;
  bool is_done = false;
  ForEachMatch(*re2_, text, 0, 1, [&](const std::vector<StringPiece>& groups) {
    const size_t start = static_cast<size_t>(groups[0].data() - text.data());
    const size_t end = start + groups[0].size();
    if (is_done || end == 0 || (start == text.size() && groups[0].empty())) return;
    if (limit > 0 && static_cast<int>(parts.size()) == limit - 1) {
      is_done = true;
      return;
    }
    parts.emplace_back(text.substr(copied, start - copied));
    copied = end;
  });
  parts.emplace_back(text.substr(copied));
  return parts;
}

absl::StatusOr<const Regex*> RegexCache::Get(std::string_view pattern) {
  if (regex_ == nullptr || pattern != pattern_) {
    SMELT_ASSIGN_OR_RETURN(Regex compiled, Regex::Compile(pattern));
    regex_ = std::make_unique<Regex>(std::move(compiled));
    pattern_ = pattern;
  }
  return regex_.get();
}

}  // namespace smelt::duck
