// Calls of functions, with the clauses that follow them, and windows.
// https://spark.apache.org/docs/latest/sql-ref-syntax-qry-select-window.html

#include <algorithm>
#include <utility>

#include "sql/query_parser_impl.h"

namespace smelt::sql {

Argument QueryParser::ParseArgument() {
  Argument argument;
  if (PeekName() && PeekOperator("=>", 1)) {
    argument.name = ExpectName("a name");
    Next();
  }
  argument.value = ParseExpression();
  return argument;
}

ExprPtr QueryParser::ParseCall(size_t first, NameParts name) {
  Nested nested(*this);
  FunctionCall call;
  call.name = std::move(name);
  ExpectOperator("(");
  if (!PeekOperator(")")) {
    if (AcceptWord("DISTINCT")) {
      call.distinct = true;
    } else if (PeekWord("ALL") && !PeekOperator(",", 1) && !PeekOperator(")", 1) &&
               !PeekOperator(".", 1)) {
      Next();
    }
    const bool named_values = EqualsIgnoreCase(call.name.back().text, "struct");
    do {
      Argument argument = ParseArgument();
      // struct(a AS b): the name is the field's.
      if (named_values && AcceptWord("AS")) argument.name = ExpectName("a field name");
      call.args.push_back(std::move(argument));
    } while (AcceptOperator(","));
    if (AcceptWords({"IGNORE", "NULLS"})) call.ignore_nulls = true;
    if (AcceptWords({"RESPECT", "NULLS"})) call.ignore_nulls = false;
    if (PeekWord("ORDER") && PeekWord("BY", 1)) {
      Unsupported(Peek().span, "ORDER BY within the arguments", "use WITHIN GROUP (ORDER BY ..)");
    }
  }
  ExpectOperator(")");
  ParseCallTail(call);
  return MakeExpr(first, std::move(call));
}

void QueryParser::ParseCallTail(FunctionCall& call) {
  if (PeekWord("WITHIN") && PeekWord("GROUP", 1)) {
    at_ += 2;
    ExpectOperator("(");
    ExpectWord("ORDER");
    ExpectWord("BY");
    call.within_group = ParseSortItems();
    ExpectOperator(")");
  }
  if (PeekWord("FILTER") && PeekOperator("(", 1)) {
    at_ += 2;
    ExpectWord("WHERE");
    call.filter = ParseExpression();
    ExpectOperator(")");
  }
  if (AcceptWords({"IGNORE", "NULLS"})) call.ignore_nulls = true;
  if (AcceptWords({"RESPECT", "NULLS"})) call.ignore_nulls = false;
  if (PeekWord("OVER") && (PeekOperator("(", 1) || PeekName(1))) {
    Next();
    call.over = std::make_unique<Window>(ParseWindow());
  }
}

ExprPtr QueryParser::ParseKeywordCall(size_t first, const Name& name) {
  const size_t start = at_;
  const size_t close = matching_[at_];
  // A separator word at the first level of the parentheses tells the keyword form from the plain
  // one.
  const auto has_word = [&](std::string_view word) {
    int depth = 0;
    for (size_t i = start + 1; i < std::min(close, tokens_.size()); ++i) {
      if (tokens_[i].IsOperator("(")) ++depth;
      if (tokens_[i].IsOperator(")")) --depth;
      if (depth == 0 && tokens_[i].IsWord(word)) return true;
    }
    return false;
  };
  const auto call = [&](std::string function, std::vector<ExprPtr> args) {
    ExpectOperator(")");
    FunctionCall node;
    node.name.push_back({std::move(function), name.span});
    for (ExprPtr& arg : args) node.args.push_back({std::nullopt, std::move(arg)});
    return MakeExpr(first, std::move(node));
  };
  std::vector<ExprPtr> args;
  if (EqualsIgnoreCase(name.text, "EXTRACT") && has_word("FROM")) {
    Next();
    const size_t field = at_;
    std::string text =
        Peek().kind == TokenKind::kString ? Next().value : ExpectName("a field").text;
    args.push_back(MakeExpr(field, Literal{Literal::Kind::kString, std::move(text)}));
    ExpectWord("FROM");
    args.push_back(ParseExpression());
    return call("extract", std::move(args));
  }
  if ((EqualsIgnoreCase(name.text, "SUBSTRING") || EqualsIgnoreCase(name.text, "SUBSTR")) &&
      has_word("FROM")) {
    Next();
    args.push_back(ParseExpression());
    ExpectWord("FROM");
    args.push_back(ParseExpression());
    if (AcceptWord("FOR")) args.push_back(ParseExpression());
    return call("substring", std::move(args));
  }
  if (EqualsIgnoreCase(name.text, "TRIM") && has_word("FROM")) {
    Next();
    std::string function = "btrim";
    if (AcceptWord("LEADING")) {
      function = "ltrim";
    } else if (AcceptWord("TRAILING")) {
      function = "rtrim";
    } else {
      AcceptWord("BOTH");
    }
    ExprPtr what = PeekWord("FROM") ? nullptr : ParseExpression();
    ExpectWord("FROM");
    ExprPtr from = ParseExpression();
    // Spark's functions: btrim(text, what), but ltrim(what, text).
    if (!what) {
      args.push_back(std::move(from));
    } else if (function == "btrim") {
      args.push_back(std::move(from));
      args.push_back(std::move(what));
    } else {
      args.push_back(std::move(what));
      args.push_back(std::move(from));
    }
    return call(std::move(function), std::move(args));
  }
  if (EqualsIgnoreCase(name.text, "POSITION") && has_word("IN")) {
    Next();
    args.push_back(ParseOperand());
    ExpectWord("IN");
    args.push_back(ParseExpression());
    return call("position", std::move(args));
  }
  if (EqualsIgnoreCase(name.text, "OVERLAY") && has_word("PLACING")) {
    Next();
    args.push_back(ParseExpression());
    ExpectWord("PLACING");
    args.push_back(ParseExpression());
    ExpectWord("FROM");
    args.push_back(ParseExpression());
    if (AcceptWord("FOR")) args.push_back(ParseExpression());
    return call("overlay", std::move(args));
  }
  return nullptr;
}

// ---- Windows ----

std::vector<SortItem> QueryParser::ParseSortItems() {
  std::vector<SortItem> items;
  do {
    SortItem item;
    item.value = ParseExpression();
    if (AcceptWord("DESC")) {
      item.descending = true;
    } else {
      AcceptWord("ASC");
    }
    if (AcceptWords({"NULLS", "FIRST"})) item.nulls_first = true;
    if (AcceptWords({"NULLS", "LAST"})) item.nulls_first = false;
    items.push_back(std::move(item));
  } while (AcceptOperator(","));
  return items;
}

Window QueryParser::ParseWindow() {
  Window window;
  if (!PeekOperator("(")) {
    window.base = ExpectName("the name of a window");
    return window;
  }
  Next();
  if (PeekName() &&
      !PeekAnyWord({"PARTITION", "ORDER", "DISTRIBUTE", "SORT", "CLUSTER", "ROWS", "RANGE"})) {
    // Spark's named windows are complete: nothing can be added to them.
    window.base = ExpectName("the name of a window");
    ExpectOperator(")");
    return window;
  }
  if (AcceptWords({"CLUSTER", "BY"})) {
    Unsupported(SpanFrom(at_ - 2), "CLUSTER BY in a window", "use PARTITION BY and ORDER BY");
  }
  if (AcceptWords({"PARTITION", "BY"}) || AcceptWords({"DISTRIBUTE", "BY"})) {
    window.partition_by = ParseExpressionList();
  }
  if (AcceptWords({"ORDER", "BY"}) || AcceptWords({"SORT", "BY"}))
    window.order_by = ParseSortItems();
  if (PeekAnyWord({"ROWS", "RANGE"})) window.frame = ParseFrame();
  ExpectOperator(")");
  return window;
}

Window::Frame QueryParser::ParseFrame() {
  Window::Frame frame;
  frame.rows = PeekWord("ROWS");
  Next();
  if (AcceptWord("BETWEEN")) {
    frame.start = ParseFrameBound();
    ExpectWord("AND");
    frame.end = ParseFrameBound();
  } else {
    frame.start = ParseFrameBound();
  }
  return frame;
}

FrameBound QueryParser::ParseFrameBound() {
  FrameBound bound;
  if (AcceptWords({"CURRENT", "ROW"})) return bound;
  const bool unbounded = AcceptWord("UNBOUNDED");
  if (!unbounded) bound.offset = ParseOperand();
  if (AcceptWord("PRECEDING")) {
    bound.kind = unbounded ? FrameBound::Kind::kUnboundedPreceding : FrameBound::Kind::kPreceding;
  } else if (AcceptWord("FOLLOWING")) {
    bound.kind = unbounded ? FrameBound::Kind::kUnboundedFollowing : FrameBound::Kind::kFollowing;
  } else {
    FailExpected("PRECEDING or FOLLOWING");
  }
  return bound;
}

}  // namespace smelt::sql
