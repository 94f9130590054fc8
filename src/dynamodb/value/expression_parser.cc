#include <algorithm>
#include <charconv>
#include <optional>

#include "base/status.h"
#include "dynamodb/value/expression_faults.h"
#include "dynamodb/value/expression_lexer.h"
#include "dynamodb/value/expression_tree.h"

namespace smelt::dynamodb::internal {
namespace {

constexpr size_t kMaxExpressionSizeBytes = 4096;
// The service's limit on operators and functions in an expression. Here it bounds the depth of the
// recursion too.
constexpr int kMaxOperators = 300;
constexpr size_t kMaxPathDepth = 32;

constexpr std::pair<std::string_view, Function> kFunctions[] = {
    {"attribute_exists", Function::kAttributeExists},
    {"attribute_not_exists", Function::kAttributeNotExists},
    {"attribute_type", Function::kAttributeType},
    {"begins_with", Function::kBeginsWith},
    {"contains", Function::kContains},
    {"size", Function::kSize},
};

constexpr std::pair<std::string_view, Comparator> kComparators[] = {
    {"=", Comparator::kEqual},   {"<>", Comparator::kNotEqual},
    {"<", Comparator::kLess},    {"<=", Comparator::kLessOrEqual},
    {">", Comparator::kGreater}, {">=", Comparator::kGreaterOrEqual},
};

bool EqualsIgnoringCase(std::string_view text, std::string_view upper) {
  return std::equal(text.begin(), text.end(), upper.begin(), upper.end(), [](char a, char b) {
    return (a >= 'a' && a <= 'z' ? static_cast<char>(a - ('a' - 'A')) : a) == b;
  });
}

// Whether it may stand beside a comparator. A function may: which ones is for Faults to say.
bool IsOperand(const ConditionNode& node) {
  return node.kind == NodeKind::kPath || node.kind == NodeKind::kValue ||
         node.kind == NodeKind::kFunction;
}

// Recursive descent: or > and > not > comparison > operand. Syntax errors end it at once; other
// faults are collected.
class Parser {
 public:
  Parser(std::string_view text, std::vector<Token> tokens, Placeholders* placeholders)
      : text_(text), tokens_(std::move(tokens)), placeholders_(placeholders) {}

  absl::StatusOr<ConditionNode> Condition() {
    SMELT_ASSIGN_OR_RETURN(ConditionNode node, Or());
    SMELT_RETURN_IF_ERROR(RequireCondition(node));
    if (Current().kind != TokenKind::kEnd) return Unexpected();
    SMELT_RETURN_IF_ERROR(faults_.First());
    return node;
  }

  absl::StatusOr<std::vector<Path>> Paths() {
    std::vector<Path> paths;
    do {
      SMELT_ASSIGN_OR_RETURN(Path path, PathHere());
      paths.push_back(std::move(path));
    } while (TakeSymbol(","));
    if (Current().kind != TokenKind::kEnd) return Unexpected();
    SMELT_RETURN_IF_ERROR(faults_.First());
    return paths;
  }

 private:
  absl::StatusOr<ConditionNode> Or() { return Chain(NodeKind::kOr, "OR", &Parser::And); }
  absl::StatusOr<ConditionNode> And() { return Chain(NodeKind::kAnd, "AND", &Parser::Not); }

  // One operand, or several of them joined by the keyword.
  absl::StatusOr<ConditionNode> Chain(NodeKind kind, std::string_view keyword,
                                      absl::StatusOr<ConditionNode> (Parser::*next)()) {
    SMELT_ASSIGN_OR_RETURN(ConditionNode first, (this->*next)());
    if (!IsKeyword(keyword)) return first;
    ConditionNode node{.kind = kind};
    SMELT_RETURN_IF_ERROR(RequireCondition(first));
    node.args.push_back(std::move(first));
    while (TakeKeyword(keyword)) {
      SMELT_RETURN_IF_ERROR(CountOperator());
      SMELT_ASSIGN_OR_RETURN(ConditionNode operand, (this->*next)());
      SMELT_RETURN_IF_ERROR(RequireCondition(operand));
      node.args.push_back(std::move(operand));
    }
    return node;
  }

  absl::StatusOr<ConditionNode> Not() {
    if (!TakeKeyword("NOT")) return Comparison();
    SMELT_RETURN_IF_ERROR(CountOperator());
    ConditionNode node{.kind = NodeKind::kNot};
    SMELT_ASSIGN_OR_RETURN(ConditionNode operand, Not());
    SMELT_RETURN_IF_ERROR(RequireCondition(operand));
    node.args.push_back(std::move(operand));
    return node;
  }

  absl::StatusOr<ConditionNode> Comparison() {
    SMELT_ASSIGN_OR_RETURN(ConditionNode first, Primary());
    if (!IsOperand(first)) return first;
    for (const auto& [symbol, comparator] : kComparators) {
      if (!TakeSymbol(symbol)) continue;
      ConditionNode node{.kind = NodeKind::kCompare, .comparator = comparator};
      node.args.push_back(std::move(first));
      SMELT_RETURN_IF_ERROR(AddOperand(&node));
      faults_.CheckComparison(node);
      return Counted(std::move(node));
    }
    if (TakeKeyword("BETWEEN")) {
      ConditionNode node{.kind = NodeKind::kBetween};
      node.args.push_back(std::move(first));
      SMELT_RETURN_IF_ERROR(AddOperand(&node));
      if (!TakeKeyword("AND")) return Unexpected();
      SMELT_RETURN_IF_ERROR(AddOperand(&node));
      faults_.CheckBetween(node);
      return Counted(std::move(node));
    }
    if (TakeKeyword("IN")) {
      ConditionNode node{.kind = NodeKind::kIn};
      node.args.push_back(std::move(first));
      if (!TakeSymbol("(")) return Unexpected();
      SMELT_RETURN_IF_ERROR(AddOperands(&node));
      faults_.CheckIn(node);
      return Counted(std::move(node));
    }
    return first;
  }

  absl::StatusOr<ConditionNode> Primary() {
    if (!IsSymbol("(")) return Operand();
    SMELT_RETURN_IF_ERROR(CountOperator());
    const size_t open = at_++;
    SMELT_ASSIGN_OR_RETURN(ConditionNode node, Or());
    if (!IsSymbol(")")) return Unexpected();
    // "((..))": the pair inside opens right after this one and closes right before it.
    if (last_pair_ && last_pair_->first == open + 1 && last_pair_->second + 1 == at_) {
      faults_.Add(Fault::kRedundantParentheses, "The expression has redundant parentheses;");
    }
    last_pair_ = {open, at_++};
    return node;
  }

  absl::StatusOr<ConditionNode> Operand() {
    const Token token = Current();
    if (token.kind == TokenKind::kValue) {
      ++at_;
      ConditionNode node{.kind = NodeKind::kValue};
      const std::string placeholder(token.text);
      if (const Value* value = placeholders_->UseValue(placeholder)) {
        node.value = *value;
      } else {
        faults_.Add(Fault::kUndefinedPlaceholder,
                    "An expression attribute value used in expression is not defined; attribute "
                    "value: " +
                        placeholder);
      }
      return node;
    }
    if (token.kind == TokenKind::kIdentifier && tokens_[at_ + 1].text == "(" && !IsOperatorWord()) {
      return FunctionCall();
    }
    ConditionNode node{.kind = NodeKind::kPath};
    SMELT_ASSIGN_OR_RETURN(node.path, PathHere());
    return node;
  }

  absl::StatusOr<ConditionNode> FunctionCall() {
    const std::string_view name = Current().text;
    SMELT_RETURN_IF_ERROR(CountOperator());
    at_ += 2;
    ConditionNode node{.kind = NodeKind::kFunction};
    SMELT_RETURN_IF_ERROR(AddOperands(&node));
    const auto* function = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                        [&](const auto& entry) { return entry.first == name; });
    if (function == std::end(kFunctions)) {
      faults_.Add(Fault::kUnknownFunction,
                  fmt::format("Invalid function name; function: {}", name));
    } else {
      node.function = function->second;
      faults_.CheckFunction(node);
    }
    return node;
  }

  // "operand, operand)"
  absl::Status AddOperands(ConditionNode* node) {
    do {
      SMELT_RETURN_IF_ERROR(AddOperand(node));
    } while (TakeSymbol(","));
    return TakeSymbol(")") ? absl::OkStatus() : Unexpected();
  }

  absl::Status AddOperand(ConditionNode* node) {
    SMELT_ASSIGN_OR_RETURN(ConditionNode operand, Primary());
    if (!IsOperand(operand)) return Unexpected();
    node->args.push_back(std::move(operand));
    return absl::OkStatus();
  }

  absl::StatusOr<Path> PathHere() {
    Path path;
    SMELT_ASSIGN_OR_RETURN(std::string name, PathName());
    path.emplace_back(std::move(name));
    while (true) {
      if (TakeSymbol(".")) {
        SMELT_ASSIGN_OR_RETURN(std::string member, PathName());
        path.emplace_back(std::move(member));
      } else if (TakeSymbol("[")) {
        SMELT_ASSIGN_OR_RETURN(const size_t index, PathIndex());
        path.emplace_back(index);
      } else {
        break;
      }
    }
    if (path.size() > kMaxPathDepth) {
      return base::InvalidArgument(
          "The document path has too many nesting elements; nesting levels: {}", path.size());
    }
    return path;
  }

  absl::StatusOr<std::string> PathName() {
    const Token token = Current();
    std::string text(token.text);
    if (token.kind == TokenKind::kName) {
      ++at_;
      if (const std::string* name = placeholders_->UseName(text)) return *name;
      faults_.Add(
          Fault::kUndefinedPlaceholder,
          "An expression attribute name used in the document path is not defined; attribute "
          "name: " +
              text);
      return text;
    }
    if (token.kind != TokenKind::kIdentifier || IsOperatorWord()) return Unexpected();
    ++at_;
    if (IsReservedWord(text)) {
      faults_.Add(Fault::kReservedWord,
                  "Attribute name is a reserved keyword; reserved keyword: " + text);
    }
    return text;
  }

  absl::StatusOr<size_t> PathIndex() {
    const Token token = Current();
    if (token.kind != TokenKind::kIndex) return Unexpected();
    size_t index = 0;
    const auto [end, error] =
        std::from_chars(token.text.data(), token.text.data() + token.text.size(), index);
    if (error != std::errc()) {
      return base::InvalidArgument("List index is not within the allowable range; index: [{}]",
                                   token.text);
    }
    ++at_;
    if (!TakeSymbol("]")) return Unexpected();
    return index;
  }

  absl::Status RequireCondition(const ConditionNode& node) {
    if (node.kind == NodeKind::kPath || node.kind == NodeKind::kValue) return Unexpected();
    faults_.CheckIsCondition(node);
    return absl::OkStatus();
  }

  absl::Status CountOperator() {
    if (++operators_ <= kMaxOperators) return absl::OkStatus();
    return base::InvalidArgument("The expression contains more than {} operators", kMaxOperators);
  }
  absl::StatusOr<ConditionNode> Counted(ConditionNode node) {
    SMELT_RETURN_IF_ERROR(CountOperator());
    return node;
  }

  const Token& Current() const { return tokens_[at_]; }
  bool IsSymbol(std::string_view symbol) const {
    return Current().kind == TokenKind::kSymbol && Current().text == symbol;
  }
  bool TakeSymbol(std::string_view symbol) {
    if (!IsSymbol(symbol)) return false;
    ++at_;
    return true;
  }
  bool IsKeyword(std::string_view keyword) const {
    return Current().kind == TokenKind::kIdentifier && EqualsIgnoringCase(Current().text, keyword);
  }
  bool TakeKeyword(std::string_view keyword) {
    if (!IsKeyword(keyword)) return false;
    ++at_;
    return true;
  }
  // A word that the grammar keeps for itself: "a = AND" is a syntax error, not a reserved name.
  bool IsOperatorWord() const {
    for (const char* word : {"AND", "OR", "NOT", "BETWEEN", "IN"}) {
      if (IsKeyword(word)) return true;
    }
    return false;
  }
  absl::Status Unexpected() const { return SyntaxError(text_, tokens_, at_); }

  std::string_view text_;
  std::vector<Token> tokens_;
  Placeholders* placeholders_;
  size_t at_ = 0;
  int operators_ = 0;
  std::optional<std::pair<size_t, size_t>> last_pair_;  // of parentheses, as token positions
  Faults faults_;
};

absl::StatusOr<Parser> MakeParser(std::string_view text, Placeholders* placeholders) {
  if (text.empty()) return base::InvalidArgument("The expression can not be empty;");
  if (text.size() > kMaxExpressionSizeBytes) {
    return base::InvalidArgument(
        "Expression size has exceeded the maximum allowed size; expression size: {}", text.size());
  }
  SMELT_ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(text));
  return Parser(text, std::move(tokens), placeholders);
}

// Whether one of the paths leads through, or to, what the other names.
absl::Status CheckApart(const Path& one, const Path& two) {
  const size_t shared = std::min(one.size(), two.size());
  const char* relation = "overlap";
  for (size_t i = 0; i < shared; ++i) {
    if (one[i].index() != two[i].index()) {
      relation = "conflict";
      break;
    }
    if (one[i] != two[i]) return absl::OkStatus();
  }
  return base::InvalidArgument(
      "Two document paths {} with each other; must remove or rewrite one of these paths; path one: "
      "{}, path two: {}",
      relation, Describe(one), Describe(two));
}

}  // namespace

std::string_view NameOf(Function function) {
  for (const auto& [name, known] : kFunctions) {
    if (known == function) return name;
  }
  return {};
}

std::string_view NameOf(Comparator comparator) {
  for (const auto& [symbol, known] : kComparators) {
    if (known == comparator) return symbol;
  }
  return {};
}

absl::StatusOr<ConditionNode> ParseCondition(std::string_view text, Placeholders* placeholders) {
  SMELT_ASSIGN_OR_RETURN(Parser parser, MakeParser(text, placeholders));
  return parser.Condition();
}

absl::StatusOr<std::vector<Path>> ParsePaths(std::string_view text, Placeholders* placeholders) {
  SMELT_ASSIGN_OR_RETURN(Parser parser, MakeParser(text, placeholders));
  SMELT_ASSIGN_OR_RETURN(std::vector<Path> paths, parser.Paths());
  for (size_t i = 0; i < paths.size(); ++i) {
    for (size_t j = i + 1; j < paths.size(); ++j) {
      SMELT_RETURN_IF_ERROR(CheckApart(paths[i], paths[j]));
    }
  }
  return paths;
}

}  // namespace smelt::dynamodb::internal
