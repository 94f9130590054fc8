#include "dynamodb/value/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "dynamodb/value/value_json.h"

namespace smelt::dynamodb {
namespace {

using ::testing::HasSubstr;

Item FromText(const char* json) { return ItemFromText(json).value(); }

const Item& TheItem() {
  static const auto* const kItem = new Item(FromText(
      R"({"id":{"S":"k1"},"n":{"N":"10"},"price":{"N":"19.99"},"txt":{"S":"hello"},"bin":{"B":"AAEC"},"yes":{"BOOL":true},
          "nothing":{"NULL":true},"tags":{"SS":["a","b"]},"nums":{"NS":["1","2.50"]},"bins":{"BS":["AA=="]},
          "seq":{"L":[{"N":"1"},{"S":"two"},{"M":{"deep":{"L":[{"S":"x"}]}}}]},
          "doc":{"M":{"a":{"N":"1"},"b":{"M":{"c":{"S":"d"}}},"dotted.name":{"N":"7"}}}})"));
  return *kItem;
}

const Item& TheValues() {
  static const auto* const kValues = new Item(FromText(
      R"({":one":{"N":"1"},":ten":{"N":"10.0"},":eleven":{"N":"11"},":hel":{"S":"hel"},":hello":{"S":"hello"},":a":{"S":"a"},
          ":two":{"S":"two"},":S":{"S":"S"},":N":{"S":"N"},":L":{"S":"L"},":bin":{"B":"AAE="},":true":{"BOOL":true},
          ":null":{"NULL":true},":tags":{"SS":["b","a"]},":half":{"N":"2.5"},":zero":{"N":"0"},":b0":{"B":"AA=="},
          ":three":{"N":"3"}})"));
  return *kValues;
}

absl::StatusOr<Condition> Compile(std::string_view text,
                                  const std::map<std::string, std::string>& names = {}) {
  Placeholders placeholders(names, TheValues());
  return Condition::Compile("FilterExpression", text, &placeholders);
}

bool Holds(std::string_view text, const std::map<std::string, std::string>& names = {}) {
  const absl::StatusOr<Condition> condition = Compile(text, names);
  EXPECT_TRUE(condition.ok()) << text << ": " << condition.status();
  return condition.ok() && condition->Holds(&TheItem());
}

std::string Complaint(std::string_view text) {
  const absl::StatusOr<Condition> condition = Compile(text);
  EXPECT_FALSE(condition.ok()) << text;
  if (condition.ok()) return {};
  EXPECT_EQ(condition.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string message = base::Message(condition.status());
  constexpr std::string_view kPrefix = "Invalid FilterExpression: ";
  EXPECT_TRUE(message.starts_with(kPrefix)) << message;
  return message.substr(kPrefix.size());
}

TEST(Condition, ComparesNumbersStringsAndBytes) {
  for (const char* holds :
       {"n = :ten", "n < :eleven", "n <= :ten", "n > :one", ":one < n", "price > n", "n <> :one",
        "txt = :hello", "txt > :hel", "bin > :bin", "yes = :true", "nothing = :null",
        "tags = :tags", "id < :two", "n BETWEEN :ten AND :eleven", ":ten between :one and n",
        "n IN (:one, :ten)", "txt in (:a, absent, :hello)"}) {
    EXPECT_TRUE(Holds(holds)) << holds;
  }
  for (const char* fails :
       {"n <> :ten", "n < :ten", "n > :ten", "txt < :hel", "n = :hello", "n < :hello", "txt > :one",
        "n BETWEEN :eleven AND :eleven", "n IN (:one, :a)", "gone = :one", "gone < :one",
        "gone BETWEEN :one AND :ten", "gone IN (:one)", "gone = absent"}) {
    EXPECT_FALSE(Holds(fails)) << fails;
  }
}

TEST(Condition, WhatIsMissingOrOfAnotherTypeDiffers) {
  EXPECT_TRUE(Holds("gone <> :one"));
  EXPECT_TRUE(Holds("n <> :hello"));
  EXPECT_TRUE(Holds("NOT gone = :one"));
}

TEST(Condition, BindsNotOverAndOverOr) {
  EXPECT_TRUE(Holds("n = :ten OR n = :one AND n = :one"));
  EXPECT_FALSE(Holds("(n = :ten OR n = :one) AND n = :one"));
  EXPECT_TRUE(Holds("NOT n = :one AND n = :ten"));
  EXPECT_FALSE(Holds("NOT (n = :one OR n = :ten)"));
  EXPECT_TRUE(Holds("not not n = :ten and n = :ten Or n = :one"));
}

TEST(Condition, KnowsAllFunctions) {
  for (const char* holds :
       {"attribute_exists(n)", "attribute_not_exists(gone)", "attribute_exists(doc.b.c)",
        "attribute_type(n, :N)", "attribute_type(seq, :L)", "begins_with(txt, :hel)",
        "begins_with(bin, :bin)", "contains(txt, :hel)", "contains(tags, :a)",
        "contains(nums, :half)", "contains(seq, :two)", "contains(bins, :b0)", "size(txt) > :three",
        "size(seq) = :three", "size(doc) = :three", "size(bin) = :three", "size(tags) < :three",
        "n > size(txt)"}) {
    EXPECT_TRUE(Holds(holds)) << holds;
  }
  for (const char* fails :
       {"attribute_exists(gone)", "attribute_exists(doc.gone)", "attribute_not_exists(n)",
        "attribute_type(n, :S)", "attribute_type(gone, :S)", "begins_with(n, :hel)",
        "begins_with(txt, :two)", "contains(txt, :one)", "contains(n, :one)",
        "contains(gone, :one)", "size(n) = :one", "size(gone) = :zero"}) {
    EXPECT_FALSE(Holds(fails)) << fails;
  }
}

TEST(Condition, FollowsDocumentPaths) {
  EXPECT_TRUE(Holds("doc.a = :one"));
  EXPECT_TRUE(Holds("seq[0] = :one AND seq [ 1 ] = :two"));
  EXPECT_TRUE(Holds("attribute_exists(seq[2].deep[0])"));
  EXPECT_FALSE(Holds("attribute_exists(seq[3])"));
  EXPECT_FALSE(Holds("attribute_exists(txt.a)"));
  EXPECT_FALSE(Holds("attribute_exists(doc[0])"));
  // A dot in a placeholder's name is part of the name.
  EXPECT_TRUE(Holds("#m.#d > :one", {{"#m", "doc"}, {"#d", "dotted.name"}}));
  EXPECT_FALSE(Holds("attribute_exists(#d)", {{"#d", "doc.a"}}));
}

TEST(Condition, WithoutAnItemSeesNoAttributes) {
  EXPECT_TRUE(Compile("attribute_not_exists(id)")->Holds(nullptr));
  EXPECT_FALSE(Compile("id = :a")->Holds(nullptr));
}

TEST(Condition, NamesItsTopLevelAttributes) {
  const std::set<std::string> names =
      Compile("doc.a = :one AND contains(seq, n) OR NOT attribute_exists(txt)")->TopLevelNames();
  EXPECT_EQ(names, (std::set<std::string>{"seq", "doc", "n", "txt"}));
}

// The texts are the service's, as recorded by others against it.
TEST(Condition, ComplainsInTheServicesWords) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", "The expression can not be empty;"},
      {"a = ", "Syntax error; token: \"<EOF>\", near: \"= \""},
      {"a == :one", "Syntax error; token: \"=\", near: \"== :one\""},
      {"a = :one b", "Syntax error; token: \"b\", near: \":one b\""},
      {"a ! :one", "Syntax error; token: \"!\", near: \"a !\""},
      {"(a = :one", "Syntax error; token: \"<EOF>\", near: \":one\""},
      {"a", "Syntax error; token: \"<EOF>\", near: \"a\""},
      {"a IN :one", "Syntax error; token: \":one\", near: \"IN :one\""},
      {"a = :gone",
       "An expression attribute value used in expression is not defined; attribute value: :gone"},
      {"#a = :one",
       "An expression attribute name used in the document path is not defined; attribute name: #a"},
      {"a.Status = :one", "Attribute name is a reserved keyword; reserved keyword: Status"},
      {"foo(a)", "Invalid function name; function: foo"},
      {"ATTRIBUTE_EXISTS(a)", "Invalid function name; function: ATTRIBUTE_EXISTS"},
      {"attribute_exists(a, b)",
       "Incorrect number of operands for operator or function; operator or function: "
       "attribute_exists, number of operands: 2"},
      {"attribute_exists(:one)",
       "Operator or function requires a document path; operator or function: attribute_exists"},
      {"begins_with(a, :one)",
       "Incorrect operand type for operator or function; operator or function: begins_with, "
       "operand "
       "type: N"},
      {"a < :true",
       "Incorrect operand type for operator or function; operator or function: <, operand type: "
       "BOOL"},
      {"attribute_type(a, :hello)",
       "Invalid attribute type name found; type: hello, valid types: "
       "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
      {"attribute_type(a, b)",
       "Incorrect operand type for operator or function; operator or function: attribute_type, "
       "operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}"},
      {"size(a)",
       "The function is not allowed to be used this way in an expression; function: size"},
      {"a = contains(b, :one)",
       "The function is not allowed to be used this way in an expression; function: contains"},
      {"doc.a[1] = doc.a[1]",
       "The first operand must be distinct from the remaining operands for this operator or "
       "function; operator: =, first operand: [doc, a, [1]]"},
      {"a BETWEEN :ten AND :one",
       "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
       "lower "
       "bound operand: AttributeValue: {N:10}, upper bound operand: AttributeValue: {N:1}"},
      {"a BETWEEN :ten AND :hel",
       "The BETWEEN operator requires same data type for lower and upper bounds; lower bound "
       "operand: AttributeValue: {N:10}, upper bound operand: AttributeValue: {S:hel}"},
      {"((a = :one))", "The expression has redundant parentheses;"},
      {"((a = :one) AND ((b = :one)))", "The expression has redundant parentheses;"},
      // Of several faults, the service's order decides, not the text's.
      {"status = :gone AND foo(a)", "Invalid function name; function: foo"},
  };
  for (const auto& [text, complaint] : kCases) EXPECT_EQ(Complaint(text), complaint) << text;
}

TEST(Condition, TakesParenthesesThatAreNeeded) {
  EXPECT_TRUE(Holds("(n = :ten)"));
  EXPECT_TRUE(Holds("((n = :ten) AND (txt = :hello))"));
  EXPECT_TRUE(Holds("(n) = (:ten)"));
}

TEST(Condition, IsBoundedInSizeAndDepth) {
  EXPECT_THAT(
      Complaint(std::string(4097, ' ')),
      HasSubstr("Expression size has exceeded the maximum allowed size; expression size: 4097"));
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += "(";
  EXPECT_THAT(Complaint(deep), HasSubstr("more than 300 operators"));
  std::string nots;
  for (int i = 0; i < 900; ++i) nots += "not ";
  EXPECT_THAT(Complaint(nots + "a = :one"), HasSubstr("more than 300 operators"));
  std::string sizes;
  for (int i = 0; i < 800; ++i) sizes += "size(";
  EXPECT_THAT(Complaint(sizes), HasSubstr("more than 300 operators"));
  std::string path = "a";
  for (int i = 0; i < 40; ++i) path += "[1]";
  EXPECT_THAT(Complaint("attribute_exists(" + path + ")"), HasSubstr("nesting levels: 41"));
  EXPECT_THAT(Complaint("attribute_exists(a[99999999999999999999999])"), HasSubstr("List index"));
}

TEST(Placeholders, MustAllBeUsed) {
  Placeholders names({{"#a", "x"}, {"#b", "y"}, {"#c", "z"}}, {});
  ASSERT_TRUE(Condition::Compile("ConditionExpression", "attribute_exists(#b)", &names).ok());
  EXPECT_EQ(base::Message(names.CheckAllUsed()),
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #c}");
  Placeholders values({}, {{":a", Value("x")}});
  EXPECT_EQ(base::Message(values.CheckAllUsed()),
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:a}");
}

Item Project(std::string_view text, std::map<std::string, std::string> names = {}) {
  Placeholders placeholders(std::move(names), {});
  return Projection::Compile(text, &placeholders).value().Apply(TheItem());
}

TEST(Projection, KeepsWhatThePathsName) {
  EXPECT_EQ(Project("id, gone, yes"), FromText(R"({"id":{"S":"k1"},"yes":{"BOOL":true}})"));
  EXPECT_EQ(Project("doc.b.c, doc.a"),
            FromText(R"({"doc":{"M":{"a":{"N":"1"},"b":{"M":{"c":{"S":"d"}}}}}})"));
  EXPECT_EQ(Project("doc.gone, txt.x, seq[9]"), Item());
  EXPECT_EQ(Project("#m.#d", {{"#m", "doc"}, {"#d", "dotted.name"}}),
            FromText(R"({"doc":{"M":{"dotted.name":{"N":"7"}}}})"));
}

TEST(Projection, ElementsOfAListCloseUp) {
  EXPECT_EQ(Project("seq[2].deep[0], seq[0]"),
            FromText(R"({"seq":{"L":[{"N":"1"},{"M":{"deep":{"L":[{"S":"x"}]}}}]}})"));
}

TEST(Projection, ComplainsInTheServicesWords) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", "The expression can not be empty;"},
      {"a,", "Syntax error; token: \"<EOF>\", near: \",\""},
      {"a, year", "Attribute name is a reserved keyword; reserved keyword: year"},
      {"a.b, c, a",
       "Two document paths overlap with each other; must remove or rewrite one of these paths; "
       "path "
       "one: [a, b], path two: [a]"},
      {"a[1].b, a.c",
       "Two document paths conflict with each other; must remove or rewrite one of these paths; "
       "path "
       "one: [a, [1], b], path two: [a, c]"},
  };
  for (const auto& [text, complaint] : kCases) {
    Placeholders placeholders;
    EXPECT_EQ(base::Message(Projection::Compile(text, &placeholders).status()),
              std::string("Invalid ProjectionExpression: ") + complaint);
  }
}

absl::StatusOr<KeyCondition> CompileKey(std::string_view text) {
  KeySchema schema{.partition = {.name = "id", .type = ValueType::kString},
                   .sort = KeyAttribute{.name = "n", .type = ValueType::kNumber}};
  Placeholders placeholders({{"#id", "id"}}, TheValues());
  return KeyCondition::Compile(schema, text, &placeholders);
}

TEST(KeyCondition, TakesAPartitionAndPerhapsARange) {
  EXPECT_FALSE(CompileKey("id = :a")->sort.has_value());
  EXPECT_EQ(CompileKey("(#id = :a)")->partition, Value("a"));
  const KeyCondition between = CompileKey("n BETWEEN :one AND :ten AND id = :a").value();
  EXPECT_EQ(between.sort->op, SortOperator::kBetween);
  EXPECT_EQ(between.sort->low, TheValues().at(":one"));
  EXPECT_EQ(between.sort->high, TheValues().at(":ten"));
  EXPECT_EQ(CompileKey(":a = id AND (:one < n)")->sort->op, SortOperator::kGreater);
  EXPECT_EQ(CompileKey("id = :a AND n <= :one")->sort->op, SortOperator::kLessOrEqual);
}

TEST(KeyCondition, ComplainsInTheServicesWords) {
  constexpr char kType[] =
      "One or more parameter values were invalid: Condition parameter type does not match schema "
      "type";
  const std::pair<const char*, const char*> kCases[] = {
      {"n = :one", "Query condition missed key schema element: id"},
      {"id = :a AND x = :a", "Query condition missed key schema element: n"},
      {"id > :a", "Query key condition not supported"},
      {"id = :a AND id = :two", "KeyConditionExpressions must only contain one condition per key"},
      {"id = :a AND n <> :one", "Invalid operator used in KeyConditionExpression: <>"},
      {"id = :a OR n = :one", "Invalid operator used in KeyConditionExpression: OR"},
      {"NOT id = :a", "Invalid operator used in KeyConditionExpression: NOT"},
      {"id IN (:a)", "Invalid operator used in KeyConditionExpression: IN"},
      {"id = :a AND attribute_exists(n)",
       "Invalid operator used in KeyConditionExpression: attribute_exists"},
      {"id = :a AND n > size(x)", "KeyConditionExpressions cannot contain nested operations"},
      {"id = x",
       "Invalid condition in KeyConditionExpression: Multiple attribute names used in one "
       "condition"},
      {":a = :two", "Invalid condition in KeyConditionExpression: No key attribute specified"},
      {"id.x = :a", "KeyConditionExpressions cannot have conditions on nested attributes"},
      {"id = :a AND begins_with(:hello, n)",
       "Invalid condition in KeyConditionExpression: begins_with operator must have the key "
       "attribute as its first operand"},
      {"id = :one", kType},
      {"id = :a AND n = :a", kType},
      {"id = :gone",
       "Invalid KeyConditionExpression: An expression attribute value used in expression is not "
       "defined; attribute value: :gone"},
  };
  for (const auto& [text, complaint] : kCases) {
    EXPECT_EQ(base::Message(CompileKey(text).status()), complaint) << text;
  }
}

}  // namespace
}  // namespace smelt::dynamodb
