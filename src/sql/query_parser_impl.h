#pragma once

// The parser behind query_parser.h; of no use to anyone else. One class over one cursor, its
// methods in one file for each part of the language: query_parser_cursor.cc, _query.cc, _pipe.cc,
// _relation.cc (FROM), _expression.cc (operators), _primary.cc and _call.cc.
//
// Mistakes are sticky: the first one is kept and the cursor goes to the end, where nothing matches
// any more, so that every method returns at once with some node that nobody will look at. That
// spares a check behind every call.

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/diagnostic.h"
#include "sql/query_ast.h"
#include "sql/query_parser.h"
#include "sql/token.h"

namespace smelt::sql {

class QueryParser {
 public:
  QueryParser(const SourceText& source, std::span<const Token> tokens);

  QueryPtr ParseQuery();
  ExprPtr ParseExpression();

  // Complains if anything is left.
  void ExpectEnd();
  void AcceptSemicolon() { AcceptOperator(";"); }
  bool failed() const { return error_.has_value(); }
  const Diagnostic& error() const { return *error_; }
  size_t at() const { return at_; }
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }

 private:
  // ---- Cursor ----
  const Token& Peek(size_t ahead = 0) const;
  const Token& Next();
  bool PeekWord(std::string_view word, size_t ahead = 0) const { return Peek(ahead).IsWord(word); }
  bool PeekOperator(std::string_view op, size_t ahead = 0) const {
    return Peek(ahead).IsOperator(op);
  }
  bool AcceptWord(std::string_view word);
  // All of the words, or none.
  bool AcceptWords(std::initializer_list<std::string_view> words);
  bool AcceptOperator(std::string_view op);
  void ExpectWord(std::string_view word);
  void ExpectOperator(std::string_view op);
  bool PeekAnyWord(std::initializer_list<std::string_view> words, size_t ahead = 0) const;
  // An identifier of any kind, quoted or not.
  bool PeekName(size_t ahead = 0) const;
  Name ExpectName(std::string_view what);
  NameParts ExpectNameParts(std::string_view what);
  std::vector<Name> ExpectNameList(std::string_view what);  // (a, b)
  // A name that stands for itself without AS: not one of the words that go on with the clause.
  bool PeekImplicitAlias(size_t ahead = 0) const;

  Span SpanFrom(size_t first_token) const;
  void Fail(Span span, std::string code, std::string message, std::string hint = {});
  // "expected .., found ..".
  void FailExpected(std::string_view what, std::string hint = {});
  void Unsupported(Span span, std::string what, std::string hint = {});

  // Counts nesting of what recurses; fails when it is too deep.
  class Nested {
   public:
    explicit Nested(QueryParser& parser);
    ~Nested() { --parser_.nesting_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    QueryParser& parser_;
  };

  // ---- Queries ----
  static bool IsSetOperator(const Token& token);
  // Whether a query begins at the token `ahead`; decides for parentheses by what follows the
  // closing one.
  bool IsQueryStart(size_t ahead = 0) const;
  void ParseWith(Query& query);
  QueryPtr ParseQueryNoWith();
  QueryPtr ParseSetOperations(int min_precedence);
  void RefuseByName();
  // One level more over all of the query so far: a join, a set operation, a pipe.
  void Deepen();
  QueryPtr ParseQueryPrimary();
  Select ParseSelect();
  void ParseSelectTail(Select& select);
  void ParseFromClause(Select& select);
  std::vector<SelectItem> ParseSelectItems();
  SelectItem ParseSelectItem();
  void ParseOrganization(Query& query);
  GroupBy ParseGroupBy();
  GroupingElement ParseGroupingElement();
  std::vector<ExprPtr> ParseGroupingSet();
  std::vector<NamedWindow> ParseNamedWindows();
  LateralView ParseLateralView();
  // |> ..
  QueryPtr ParsePipes(QueryPtr query);
  QueryPtr ParsePipeOperator(QueryPtr input);
  QueryPtr ParsePipeAggregate(QueryPtr input);
  QueryPtr ParsePipeSetOperation(QueryPtr input);

  // ---- Relations ----
  RelationPtr ParseRelation();
  RelationPtr ParseRelationPrimary();
  RelationPtr ParseRelationAtom();
  RelationPtr ParseNamedRelation();
  bool AcceptJoin(Join& join);
  RelationPtr ParseJoin(RelationPtr left, Join join);
  RelationPtr ParsePivot(RelationPtr input);
  RelationPtr ParseUnpivot(RelationPtr input);
  void ParseUnpivotGroup(Unpivot& unpivot);
  void ParseTimeTravel(TableRef& table);
  Sample ParseSample();
  void ParseRelationAlias(Relation& relation);
  InlineTable ParseInlineTable();
  RelationPtr MakeRelation(size_t first_token, Relation::Node node) const;

  // ---- Expressions ----
  struct BinaryOperator {
    BinaryOp op;
    int precedence;
    size_t tokens;
  };
  ExprPtr ParseLogical(BinaryOp op);
  ExprPtr ParseBinary(int min_precedence);
  // What binds tighter than a comparison.
  ExprPtr ParseOperand();
  ExprPtr ContinueBinary(size_t first, ExprPtr left, int min_precedence);
  std::optional<BinaryOperator> PeekBinaryOperator() const;
  ExprPtr ParsePredicate();
  bool ParsePredicateSuffix(ExprPtr& left, size_t first);
  ExprPtr ParseNot();
  ExprPtr ParseUnary();
  ExprPtr ParsePostfix();
  ExprPtr ParsePrimary();
  ExprPtr ParseWordPrimary();
  ExprPtr ParseParenthesis();
  ExprPtr ParseNumber(bool negative);
  ExprPtr ParseStringLiteral();
  ExprPtr ParseTypedLiteral();
  ExprPtr ParseInterval();
  ExprPtr ParseCase();
  ExprPtr ParseCast(bool is_try);
  base::DataType ParseType();
  ExprPtr ParseLambda();
  bool PeekLambda() const;
  ExprPtr ParseStar(size_t first, NameParts qualifier);
  ExprPtr ParseIn(ExprPtr value, bool negated, size_t first);
  ExprPtr ParseLike(ExprPtr value, bool negated, size_t first);
  ExprPtr ParseIs(ExprPtr value, size_t first);
  // A call whose name was just read and whose ( comes next.
  ExprPtr ParseCall(size_t first, NameParts name);
  // EXTRACT, SUBSTRING .. FROM, TRIM, POSITION, OVERLAY: nullptr where the plain form was used.
  ExprPtr ParseKeywordCall(size_t first, const Name& name);
  // Whether it stands at the first level of the parentheses that open here.
  bool HasWordInParentheses(std::string_view word) const;
  std::vector<ExprPtr> ParseExtractArguments();
  std::vector<ExprPtr> ParseTrimArguments(std::string* function);
  void ParseCallTail(FunctionCall& call);
  Argument ParseArgument();
  std::vector<SortItem> ParseSortItems();
  Window ParseWindow();
  Window::Frame ParseFrame();
  FrameBound ParseFrameBound();
  std::vector<ExprPtr> ParseExpressionList();
  std::string ExpectString(std::string_view what);
  ExprPtr MakeExpr(size_t first_token, Expr::Node node);

  const SourceText& source_;
  std::vector<Token> tokens_with_end_;
  std::span<const Token> tokens_;  // without the end
  size_t at_ = 0;
  int nesting_ = 0;
  // Of the query that is being parsed: how deep the tree is that it has given so far.
  int depth_ = 0;
  std::vector<size_t> matching_;  // of an opening parenthesis: where it closes
  std::optional<Diagnostic> error_;
};

}  // namespace smelt::sql
