#include "pipeline/parameters.h"

#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "sql/lexer.h"

namespace smelt::pipeline {
namespace {

using sql::Span;
using sql::Token;
using sql::TokenKind;

bool IsKeyStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsKeyByte(char c) { return IsKeyStart(c) || (c >= '0' && c <= '9') || c == '.' || c == '-'; }

class Replacer {
 public:
  Replacer(const std::shared_ptr<const sql::SourceText>& source,
           std::map<std::string, std::string> values, std::vector<sql::Diagnostic>* diagnostics)
      : source_(source), values_(std::move(values)), diagnostics_(diagnostics) {}

  std::shared_ptr<const sql::SourceText> Run() {
    const std::vector<Token> tokens = sql::Lex(*source_).tokens;
    size_t set = tokens.size();  // where the SET statement begins that we are in
    for (size_t i = 0; i < tokens.size(); ++i) {
      const bool begins = i == 0 || tokens[i - 1].IsOperator(";");
      if (begins && tokens[i].IsWord("SET")) set = i;
      const bool ends = tokens[i].IsOperator(";") || tokens[i].kind == TokenKind::kEnd;
      if (ends && set < i) {
        Set(tokens, set, i);
        set = tokens.size();
      }
      if (tokens[i].kind == TokenKind::kVariable || tokens[i].kind == TokenKind::kString ||
          tokens[i].kind == TokenKind::kQuotedIdentifier) {
        ReplaceIn(tokens[i].span);
      }
    }
    if (pieces_.empty()) return source_;
    const auto end = static_cast<uint32_t>(source_->text().size());
    pieces_.push_back({{done_, end}, std::nullopt});
    return std::make_shared<const sql::SourceText>(source_, pieces_);
  }

 private:
  // SET key = value, the tokens from `begin` up to `end`.
  void Set(const std::vector<Token>& tokens, size_t begin, size_t end) {
    size_t equals = begin;
    while (equals < end && !tokens[equals].IsOperator("=")) ++equals;
    if (equals <= begin + 1 || equals + 1 >= end)
      return;  // the statement parser says what is wrong
    const Span key = sql::Cover(tokens[begin + 1].span, tokens[equals - 1].span);
    const Span value = sql::Cover(tokens[equals + 1].span, tokens[end - 1].span);
    values_[std::string(source_->Slice(key))] = Replaced(value);
  }

  // A slice whose own parameters are replaced; these were complained about already.
  std::string Replaced(Span span) {
    std::string text(source_->Slice(span));
    size_t at = 0;
    while (const std::optional<Span> reference = Next(text, at)) {
      const auto value = values_.find(text.substr(reference->begin + 2, reference->size() - 3));
      if (value == values_.end()) {
        at = reference->end;
        continue;
      }
      text.replace(reference->begin, reference->size(), value->second);
      at = reference->begin + value->second.size();
    }
    return text;
  }

  // The next ${key} in `text`.
  static std::optional<Span> Next(std::string_view text, size_t from) {
    for (size_t at = from; (at = text.find("${", at)) != std::string_view::npos; at += 2) {
      size_t end = at + 2;
      if (end >= text.size() || !IsKeyStart(text[end])) continue;
      while (end < text.size() && IsKeyByte(text[end])) ++end;
      if (end < text.size() && text[end] == '}') {
        return Span{static_cast<uint32_t>(at), static_cast<uint32_t>(end + 1)};
      }
    }
    return std::nullopt;
  }

  void ReplaceIn(Span token) {
    const std::string_view text = source_->Slice(token);
    size_t at = 0;
    while (const std::optional<Span> found = Next(text, at)) {
      at = found->end;
      const Span reference{token.begin + found->begin, token.begin + found->end};
      std::string key(text.substr(found->begin + 2, found->size() - 3));
      const auto value = values_.find(key);
      if (value == values_.end()) Complain(key, reference);
      pieces_.push_back({{done_, reference.begin}, std::nullopt});
      // An unknown one becomes a word, so that the rest of the statement can be read.
      pieces_.push_back({reference, value == values_.end() ? "_" : value->second});
      done_ = reference.end;
    }
  }

  void Complain(const std::string& key, Span reference) {
    if (!unknown_.insert(key).second) return;
    std::vector<std::string> keys;
    for (const auto& [known, value] : values_) keys.push_back(known);
    std::string hint = sql::SuggestName(key, keys);
    if (hint.empty()) hint = "give it a value in the pipeline's configuration in databricks.yml";
    diagnostics_->push_back(sql::MakeDiagnostic(*source_, reference, "unknown-parameter",
                                                fmt::format("the parameter '{}' has no value", key),
                                                std::move(hint)));
  }

  const std::shared_ptr<const sql::SourceText>& source_;
  std::map<std::string, std::string> values_;
  std::vector<sql::Diagnostic>* diagnostics_;
  std::vector<sql::SourceText::Piece> pieces_;
  uint32_t done_ = 0;
  std::set<std::string> unknown_;
};

}  // namespace

std::shared_ptr<const sql::SourceText> ReplaceParameters(
    const std::shared_ptr<const sql::SourceText>& source, std::map<std::string, std::string> values,
    std::vector<sql::Diagnostic>* diagnostics) {
  return Replacer(source, std::move(values), diagnostics).Run();
}

}  // namespace smelt::pipeline
