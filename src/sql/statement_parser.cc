#include "sql/statement_parser.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "sql/flow_parser.h"
#include "sql/lexer.h"
#include "sql/relation_parser.h"
#include "sql/token_cursor.h"

namespace smelt::sql {
namespace {

// Statements of Spark and Databricks that a pipeline file cannot hold, or not yet.
struct KnownStatement {
  const char* word;
  const char* hint;
};
constexpr KnownStatement kKnownStatements[] = {
    {"ALTER", "change the CREATE statement itself: TBLPROPERTIES, COMMENT and columns are there"},
    {"GRANT", ""},
    {"REVOKE", ""},
    {"COMMENT", "write COMMENT '..' in the CREATE statement"},
    {"INSERT", "write CREATE FLOW name AS INSERT INTO table BY NAME query"},
    {"SELECT", "a pipeline's queries stand in views and flows; `smelt sql` runs a query"},
    {"WITH", "a pipeline's queries stand in views and flows; `smelt sql` runs a query"},
    {"MERGE", "AUTO CDC merges changes into a table"},
    {"UPDATE", "a pipeline's tables are what their flows and queries say"},
    {"DELETE", "a pipeline's tables are what their flows and queries say"},
    {"TRUNCATE", "a pipeline's tables are what their flows and queries say"},
    {"DROP", "take the CREATE statement out of the files"},
    {"USE", "name the catalog and schema of the pipeline in databricks.yml"},
    {"REFRESH", "`smelt run TABLE` brings a table up to date"},
    {"OPTIMIZE", ""},
    {"VACUUM", ""},
    {"ANALYZE", ""},
    {"DESCRIBE", ""},
    {"SHOW", ""},
    {"CALL", ""},
    {"COPY", "CREATE STREAMING TABLE .. AS SELECT * FROM STREAM read_files('..')"},
    {"DECLARE", ""},
    {"EXPLAIN", "`smelt plan` explains an update"},
};

// Whether a statement begins at tokens[i]; asked where a line begins, as a statement in the middle
// of another one means that a ';' is missing.
bool BeginsStatement(const std::vector<Token>& tokens, size_t i) {
  const auto next = [&](std::initializer_list<std::string_view> words) {
    return i + 1 < tokens.size() && std::any_of(words.begin(), words.end(), [&](auto word) {
             return tokens[i + 1].IsWord(word);
           });
  };
  if (tokens[i].IsWord("CREATE")) {
    return next({"OR", "STREAMING", "MATERIALIZED", "TEMPORARY", "TEMP", "LIVE", "FLOW", "SINK",
                 "PRIVATE", "VIEW", "TABLE", "FUNCTION"});
  }
  if (tokens[i].IsWord("APPLY")) return next({"CHANGES"});
  return false;
}

class FileParser {
 public:
  explicit FileParser(const std::shared_ptr<const SourceText>& source)
      : source_(source), lexed_(Lex(*source)) {
    result_.diagnostics = lexed_.diagnostics;
  }

  StatementFile Run() {
    const std::vector<Token>& tokens = lexed_.tokens;
    size_t begin = 0;
    while (tokens[begin].kind != TokenKind::kEnd) {
      if (tokens[begin].IsOperator(";")) {
        ++begin;
        continue;
      }
      size_t end = begin + 1;
      while (tokens[end].kind != TokenKind::kEnd && !tokens[end].IsOperator(";") &&
             !(IsFirstOfLine(end) && BeginsStatement(tokens, end))) {
        ++end;
      }
      const size_t mistakes = result_.diagnostics.size();
      ParseStatement(begin, end);
      const bool is_ended = tokens[end].kind == TokenKind::kEnd || tokens[end].IsOperator(";");
      if (!is_ended && result_.diagnostics.size() == mistakes) {
        result_.diagnostics.push_back(
            MakeDiagnostic(*source_, tokens[end].span, kSyntax,
                           fmt::format("expected ';' before {}", ToUpper(tokens[end].value)),
                           "the statement above has no ';' at its end"));
      }
      begin = end;
    }
    return std::move(result_);
  }

 private:
  bool IsFirstOfLine(size_t i) const {
    const size_t from = i == 0 ? 0 : lexed_.tokens[i - 1].span.end;
    return source_->text().substr(from, lexed_.tokens[i].span.begin - from).find('\n') !=
           std::string_view::npos;
  }

  // A statement that the lexer already complained about would only give noise.
  bool HasLexicalMistake(Span span) const {
    const Position begin = source_->PositionOf(span.begin), end = source_->PositionOf(span.end);
    return std::any_of(
        lexed_.diagnostics.begin(), lexed_.diagnostics.end(), [&](const Diagnostic& diagnostic) {
          const auto at = std::tie(diagnostic.line, diagnostic.column);
          return std::tie(begin.line, begin.column) <= at && at <= std::tie(end.line, end.column);
        });
  }

  // Parentheses, so that what parses the parts need not care.
  bool CheckParentheses(const std::vector<Token>& tokens) {
    std::vector<Span> open;
    for (const Token& token : tokens) {
      if (token.IsOperator("(")) open.push_back(token.span);
      if (!token.IsOperator(")")) continue;
      if (open.empty()) {
        result_.diagnostics.push_back(
            MakeDiagnostic(*source_, token.span, kSyntax, "this ')' closes nothing"));
        return false;
      }
      open.pop_back();
    }
    if (open.empty()) return true;
    result_.diagnostics.push_back(
        MakeDiagnostic(*source_, open.back(), kSyntax, "this '(' is never closed"));
    return false;
  }

  void ParseStatement(size_t begin, size_t end) {
    std::vector<Token> tokens(lexed_.tokens.begin() + begin, lexed_.tokens.begin() + end);
    Token last = lexed_.tokens[end];
    last.kind = TokenKind::kEnd;
    // Where the ';' is missing, behind the last word.
    if (!lexed_.tokens[end].IsOperator(";")) {
      last.span = {tokens.back().span.end, tokens.back().span.end};
    }
    const Span span = Cover(tokens.front().span, tokens.back().span);
    const bool is_readable =
        !HasLexicalMistake({span.begin, last.span.end}) && CheckParentheses(tokens);
    tokens.push_back(std::move(last));

    std::vector<Diagnostic> mistakes;
    TokenCursor cursor(source_, std::move(tokens), &mistakes);
    ObjectName defines;
    std::optional<decltype(Statement::body)> body = ParseBody(cursor, &defines);
    if (is_readable && mistakes.empty() && body) {
      result_.statements.push_back({span, *std::move(body)});
      return;
    }
    if (is_readable) {
      result_.diagnostics.insert(result_.diagnostics.end(), mistakes.begin(), mistakes.end());
    }
    if (!defines.parts.empty()) result_.unread_names.push_back(std::move(defines));
  }

  std::optional<decltype(Statement::body)> ParseBody(TokenCursor& cursor, ObjectName* defines) {
    const auto wrap = [](auto statement) -> std::optional<decltype(Statement::body)> {
      if (!statement) return std::nullopt;
      return *std::move(statement);
    };
    if (cursor.At({"CREATE"})) return ParseCreate(cursor, defines);
    if (cursor.At({"APPLY", "CHANGES"}) || cursor.At({"AUTO", "CDC"})) {
      return wrap(ParseApplyChanges(cursor));
    }
    if (cursor.At({"SET"})) return wrap(ParseSet(cursor));
    for (const KnownStatement& known : kKnownStatements) {
      if (!cursor.At({known.word})) continue;
      cursor.Refuse(cursor.Peek().span, fmt::format("{} in a pipeline file", known.word),
                    known.hint);
      return std::nullopt;
    }
    cursor.FailExpected("a statement: CREATE .., APPLY CHANGES INTO .. or SET ..",
                        SuggestName(cursor.Peek().value, {"CREATE", "APPLY", "SET", "SELECT"}));
    return std::nullopt;
  }

  std::optional<decltype(Statement::body)> ParseCreate(TokenCursor& cursor, ObjectName* defines) {
    const auto wrap = [](auto statement) -> std::optional<decltype(Statement::body)> {
      if (!statement) return std::nullopt;
      return *std::move(statement);
    };
    cursor.Advance();
    if (cursor.Accept({"OR"}) && !cursor.Accept({"REFRESH"}) && !cursor.Accept({"REPLACE"})) {
      cursor.FailExpected("REFRESH after CREATE OR");
      return std::nullopt;
    }
    // The words of earlier versions: LIVE TABLE is a materialized view, LIVE VIEW a temporary one.
    const Span span = cursor.Peek().span;
    if (cursor.Accept({"STREAMING", "TABLE"}) || cursor.Accept({"STREAMING", "LIVE", "TABLE"})) {
      return wrap(ParseStreamingTable(cursor, defines));
    }
    if (cursor.Accept({"MATERIALIZED", "VIEW"}) || cursor.Accept({"LIVE", "TABLE"})) {
      return wrap(ParseMaterializedView(cursor, defines));
    }
    if (AcceptTemporaryView(cursor)) return wrap(ParseTemporaryView(cursor, defines));
    if (cursor.At({"FLOW"})) return wrap(ParseCreateFlow(cursor));
    if (cursor.Accept({"SINK"})) return wrap(ParseSink(cursor, defines));
    if (RefuseKnown(cursor, span)) return std::nullopt;
    cursor.FailExpected("STREAMING TABLE, MATERIALIZED VIEW, TEMPORARY VIEW, FLOW or SINK",
                        SuggestName(cursor.Peek().value,
                                    {"STREAMING", "MATERIALIZED", "TEMPORARY", "FLOW", "SINK"}));
    return std::nullopt;
  }

  static bool AcceptTemporaryView(TokenCursor& cursor) {
    size_t ahead = 0;
    while (cursor.AtAhead(ahead, {"TEMPORARY"}) || cursor.AtAhead(ahead, {"TEMP"}) ||
           cursor.AtAhead(ahead, {"STREAMING"}) || cursor.AtAhead(ahead, {"LIVE"})) {
      ++ahead;
    }
    if (ahead == 0 || !cursor.AtAhead(ahead, {"VIEW"})) return false;
    cursor.Advance(ahead + 1);
    return true;
  }

  static bool RefuseKnown(TokenCursor& cursor, Span span) {
    struct Known {
      const char* word;
      const char* hint;
    };
    for (const Known& known :
         {Known{"VIEW", "CREATE TEMPORARY VIEW, or CREATE MATERIALIZED VIEW to keep its rows"},
          Known{"TABLE", "CREATE STREAMING TABLE or CREATE MATERIALIZED VIEW"},
          Known{"EXTERNAL", ""}, Known{"FUNCTION", ""},
          Known{"SCHEMA", "schemas need no statement"},
          Known{"DATABASE", "schemas need no statement"}, Known{"CATALOG", ""},
          Known{"CONNECTION", ""}, Known{"PRIVATE", "a temporary view is not published"}}) {
      if (!cursor.At({known.word})) continue;
      cursor.Refuse(span, fmt::format("CREATE {} in a pipeline file", known.word), known.hint);
      return true;
    }
    if (cursor.At({"TEMPORARY", "STREAMING", "TABLE"}) || cursor.At({"TEMPORARY", "TABLE"}) ||
        cursor.At({"TEMPORARY", "LIVE", "TABLE"})) {
      cursor.Refuse(span, "a temporary table", "a temporary view is not published");
      return true;
    }
    return false;
  }

  // SINK name USING kind OPTIONS (..)
  static std::optional<CreateSink> ParseSink(TokenCursor& cursor, ObjectName* defines) {
    CreateSink sink;
    cursor.Accept({"IF", "NOT", "EXISTS"});
    std::optional<ObjectName> name = cursor.ParseObjectName("the sink's name");
    if (!name) return std::nullopt;
    *defines = *name;
    sink.name = *std::move(name);
    if (!cursor.Expect({"USING"}, "after the sink's name")) return std::nullopt;
    std::optional<Text> kind = cursor.ParseIdentifier("the sink's kind");
    if (!kind) return std::nullopt;
    sink.kind = *std::move(kind);
    if (cursor.Accept({"OPTIONS"}) && !cursor.ParseProperties("options", &sink.options)) {
      return std::nullopt;
    }
    if (!cursor.AtEnd()) {
      cursor.FailExpected("OPTIONS or the statement's end",
                          SuggestName(cursor.Peek().value, {"OPTIONS"}));
      return std::nullopt;
    }
    return sink;
  }

  // SET key = value; the value is whatever stands there.
  static std::optional<SetParameter> ParseSet(TokenCursor& cursor) {
    cursor.Advance();
    const size_t begin = cursor.at();
    while (!cursor.AtEnd() && !cursor.At({"="})) cursor.Advance();
    const Fragment key = cursor.FragmentOf(begin, cursor.at());
    if (key.empty()) {
      cursor.FailExpected("SET key = value");
      return std::nullopt;
    }
    if (!cursor.Expect({"="}, "after the key")) return std::nullopt;
    const std::optional<Fragment> value = cursor.ParseUpTo(cursor.end(), "a value after '='");
    if (!value) return std::nullopt;
    return SetParameter{{std::string(key.text()), key.span},
                        {std::string(value->text()), value->span}};
  }

  const std::shared_ptr<const SourceText> source_;
  const LexResult lexed_;
  StatementFile result_;
};

}  // namespace

std::string ObjectName::ToString() const {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ".") + part;
  return text;
}

StatementFile ParseStatements(const std::shared_ptr<const SourceText>& source) {
  return FileParser(source).Run();
}

}  // namespace smelt::sql
