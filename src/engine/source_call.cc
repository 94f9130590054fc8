#include "engine/source_call.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

namespace smelt::engine {
namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

// The text of a literal; nullopt for anything else.
std::optional<std::string> LiteralText(const sql::Expr& expr) {
  if (const auto* literal = expr.As<sql::Literal>()) {
    if (literal->kind == sql::Literal::Kind::kNull) return std::nullopt;
    return literal->text;
  }
  const auto* unary = expr.As<sql::Unary>();
  if (unary != nullptr && unary->op == sql::UnaryOp::kNegate) {
    const auto text = LiteralText(*unary->operand);
    if (text) return "-" + *text;
  }
  return std::nullopt;
}

}  // namespace

bool IsSourceFunction(const std::string& lower_name) {
  static const std::set<std::string> kFunctions = {
      "dynamodb_export", "read_files", "cloud_files", "dynamodb_scan", "dynamodb", "read_stream",
  };
  return kFunctions.contains(lower_name);
}

std::variant<SourceCall, sql::Diagnostic> EvaluateCall(const sql::TableFunction& function,
                                                       sql::Span span,
                                                       const sql::SourceText& source) {
  SourceCall call;
  call.function = function.LowerName();
  call.is_stream = function.is_stream;
  for (const sql::Argument& argument : function.args) {
    const auto text = LiteralText(*argument.value);
    if (!text) {
      return sql::MakeDiagnostic(source, argument.value->span, "source-argument",
                                 "an argument of " + call.function + " has to be a literal",
                                 "use ${name} for what the pipeline's configuration sets");
    }
    if (!argument.name) {
      call.positional.push_back(*text);
    } else if (!call.named.emplace(Lower(argument.name->text), *text).second) {
      return sql::MakeDiagnostic(source, argument.name->span, "source-argument",
                                 "argument " + argument.name->text + " is given twice");
    }
  }
  return call;
}

}  // namespace smelt::engine
