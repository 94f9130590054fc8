// Calls of functions, with the clauses that follow them, and windows.
// https://spark.apache.org/docs/latest/sql-ref-syntax-qry-select-window.html

#include <algorithm>
#include <array>
#include <utility>

#include "sql/query_parser_impl.h"

namespace smelt::sql {
namespace {

// Functions whose arguments may have words between them; FOR and what follows it can be left out.
struct KeywordForm {
  std::string_view name;
  std::string_view function;
  std::array<std::string_view, 3> words;
};
constexpr KeywordForm kKeywordForms[] = {
    {"substring", "substring", {"FROM", "FOR"}},
    {"substr", "substring", {"FROM", "FOR"}},
    {"overlay", "overlay", {"PLACING", "FROM", "FOR"}},
    {"position", "position", {"IN"}},
};

}  // namespace

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

bool QueryParser::HasWordInParentheses(std::string_view word) const {
  int depth = 0;
  for (size_t i = at_ + 1; i < std::min(matching_[at_], tokens_.size()); ++i) {
    if (tokens_[i].IsOperator("(")) ++depth;
    if (tokens_[i].IsOperator(")")) --depth;
    if (depth == 0 && tokens_[i].IsWord(word)) return true;
  }
  return false;
}

// A word between the arguments tells the keyword form of a function from the plain one.
ExprPtr QueryParser::ParseKeywordCall(size_t first, const Name& name) {
  std::string function = ToLower(name.text);
  std::vector<ExprPtr> args;
  if (function == "extract" && HasWordInParentheses("FROM")) {
    args = ParseExtractArguments();
  } else if (function == "trim" && HasWordInParentheses("FROM")) {
    args = ParseTrimArguments(&function);
  } else {
    const auto form = std::find_if(std::begin(kKeywordForms), std::end(kKeywordForms),
                                   [&](const KeywordForm& f) { return f.name == function; });
    if (form == std::end(kKeywordForms) || !HasWordInParentheses(form->words[0])) return nullptr;
    function = form->function;
    Next();
    args.push_back(ParseOperand());
    for (const std::string_view word : form->words) {
      if (word.empty() || (word == "FOR" && !PeekWord("FOR"))) break;
      ExpectWord(word);
      args.push_back(ParseOperand());
    }
  }
  ExpectOperator(")");
  FunctionCall call;
  call.name.push_back({std::move(function), name.span});
  for (ExprPtr& arg : args) call.args.push_back({std::nullopt, std::move(arg)});
  return MakeExpr(first, std::move(call));
}

// (field FROM value)
std::vector<ExprPtr> QueryParser::ParseExtractArguments() {
  std::vector<ExprPtr> args;
  Next();
  const size_t field = at_;
  std::string text = Peek().kind == TokenKind::kString ? Next().value : ExpectName("a field").text;
  args.push_back(MakeExpr(field, Literal{Literal::Kind::kString, std::move(text)}));
  ExpectWord("FROM");
  args.push_back(ParseExpression());
  return args;
}

// ([BOTH | LEADING | TRAILING] [what] FROM text): Spark's functions are btrim(text, what), but
// ltrim(what, text).
std::vector<ExprPtr> QueryParser::ParseTrimArguments(std::string* function) {
  Next();
  *function = AcceptWord("LEADING") ? "ltrim" : AcceptWord("TRAILING") ? "rtrim" : "btrim";
  if (*function == "btrim") AcceptWord("BOTH");
  std::vector<ExprPtr> args;
  if (!PeekWord("FROM")) args.push_back(ParseExpression());
  ExpectWord("FROM");
  args.push_back(ParseExpression());
  if (*function == "btrim" && args.size() == 2) std::swap(args[0], args[1]);
  return args;
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
