#include "engine/duckdb/dialect/translate.h"

#include "engine/duckdb/dialect/translator.h"

namespace smelt::duck {

sql::Parsed<std::string> Translate(const sql::Query& query, const sql::SourceText& source,
                                   const Resolver& resolver) {
  Translator translator(source, resolver);
  std::string text = translator.TranslateQuery(query);
  if (translator.error()) return *translator.error();
  return text;
}

sql::Parsed<std::string> TranslateExpression(const sql::Expr& expr, const sql::SourceText& source,
                                             const Resolver& resolver) {
  Translator translator(source, resolver);
  std::string text = translator.TranslateExpression(expr);
  if (translator.error()) return *translator.error();
  return text;
}

// ---- Translator ----

Translator::Translator(const sql::SourceText& source, const Resolver& resolver)
    : source_(source), resolver_(resolver) {}

std::string Translator::TranslateQuery(const sql::Query& query) { return QueryText(query); }
std::string Translator::TranslateExpression(const sql::Expr& expr) { return Text(expr); }

Translator::ScopeGuard::ScopeGuard(Translator& translator, Scope& scope) : translator_(translator) {
  scope.outer = translator_.scope_;
  translator_.scope_ = &scope;
}

Translator::ScopeGuard::~ScopeGuard() { translator_.scope_ = translator_.scope_->outer; }

void Translator::Refuse(sql::Span span, std::string message, std::string hint) {
  Fail(span, sql::kUnsupported, std::move(message), std::move(hint));
}

void Translator::Fail(sql::Span span, std::string code, std::string message, std::string hint) {
  if (error_) return;
  error_ = sql::MakeDiagnostic(source_, span, std::move(code), std::move(message), std::move(hint));
}

std::string Translator::UniqueName(std::string_view stem) {
  return fmt::format("smelt_{}_{}", stem, ++unique_);
}

// ---- Text ----

std::string Quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    text += c;
    if (c == '"') text += c;
  }
  return text + "\"";
}

std::string StringText(std::string_view value) {
  std::string text = "'";
  bool pieces = false;
  for (const char c : value) {
    if (c == '\0') {
      // DuckDB's parser ends at a NUL.
      text += "' || chr(0) || '";
      pieces = true;
      continue;
    }
    text += c;
    if (c == '\'') text += c;
  }
  text += "'";
  return pieces ? "(" + text + ")" : text;
}

std::string Joined(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

std::string QuotedList(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + Quoted(name);
  return text;
}

}  // namespace smelt::duck
