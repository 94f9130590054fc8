#pragma once

// A Spark SQL query as a tree: what was written, before any name is resolved or any type known.
// Plain data that owns its children; every node keeps the span of the text that it came from. The
// parser guards the depth of expressions and of nested queries (kMaxDepth), so that walking the
// tree recursively is safe.
//
// Different spellings of one thing meet here: SUBSTRING(x FROM 2) is a call of substring, TRIM(BOTH
// a FROM b) of btrim, `x::INT` a cast, CURRENT_DATE a call without arguments, and `|>` pipes are
// the nested queries that they stand for.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/data_type.h"
#include "sql/source.h"

namespace smelt::sql {

inline constexpr int kMaxDepth = 400;

struct Expr;
struct Query;
struct Relation;
using ExprPtr = std::unique_ptr<Expr>;
using QueryPtr = std::unique_ptr<Query>;
using RelationPtr = std::unique_ptr<Relation>;

// One name as it was meant: without backticks, in the case in which it was written.
struct Name {
  std::string text;
  Span span;
};
// a.b.c
using NameParts = std::vector<Name>;

// ---- Expressions ----

struct Literal {
  enum class Kind {
    kNull,
    kBoolean,  // text "true" or "false"
    kInteger,  // without a suffix: the narrowest of int, bigint and decimal that holds it
    kTinyint,
    kSmallint,
    kBigint,
    kDecimal,  // 1.5 or with BD
    kFloat,
    kDouble,  // with an exponent or D
    kString,
    kBinary,  // text: the hexadecimal digits
    kDate,
    kTimestamp,
    kTimestampNtz,
    kTimestampLtz,
  };
  Kind kind = Kind::kNull;
  std::string text;  // a number with its sign; a typed literal's string
};

// INTERVAL '1' DAY 2 HOURS; INTERVAL '1-2' YEAR TO MONTH; INTERVAL '1 day 2 hours' (a part with no
// unit).
struct Interval {
  struct Part {
    std::string value;
    std::string
        unit;        // lower case, as written ("days"); empty when the value names its units itself
    std::string to;  // the unit after TO, else empty
  };
  std::vector<Part> parts;
};

struct ColumnRef {
  NameParts parts;  // table and column, column and member: only the tables in scope can tell
};

// *, t.*, s.* (of a struct), with EXCEPT.
struct Star {
  NameParts qualifier;
  std::vector<NameParts> except;
  std::vector<std::pair<ExprPtr, Name>> replace;  // |> SET only
};

enum class UnaryOp { kNot, kNegate, kPlus, kBitNot };
struct Unary {
  UnaryOp op;
  ExprPtr operand;
};

enum class BinaryOp {
  kOr,
  kAnd,
  kEqual,
  kEqualNullSafe,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kBitOr,
  kBitXor,
  kBitAnd,
  kShiftLeft,
  kShiftRight,
  kShiftRightUnsigned,
  kAdd,
  kSubtract,
  kConcat,
  kMultiply,
  kDivide,
  kModulo,
  kIntegerDivide,
};
struct Binary {
  BinaryOp op;
  ExprPtr left, right;
};

struct Between {
  bool negated;
  ExprPtr value, low, high;
};

struct InList {
  bool negated;
  ExprPtr value;
  std::vector<ExprPtr> list;
};

struct InSubquery {
  bool negated;
  ExprPtr value;
  QueryPtr query;
};

struct Like {
  enum class Kind { kLike, kILike, kRLike };
  enum class Quantifier { kNone, kAny, kAll };
  Kind kind;
  Quantifier quantifier;
  bool negated;
  ExprPtr value;
  std::vector<ExprPtr> patterns;  // one, unless there is a quantifier
  std::optional<std::string> escape;
};

struct Is {
  enum class Kind { kNull, kTrue, kFalse, kUnknown, kDistinctFrom };
  Kind kind;
  bool negated;
  ExprPtr value;
  ExprPtr other;  // of kDistinctFrom
};

struct Case {
  ExprPtr operand;  // may be null
  std::vector<std::pair<ExprPtr, ExprPtr>> branches;
  ExprPtr otherwise;  // may be null
};

struct Cast {
  ExprPtr value;
  base::DataType type;
  bool is_try = false;
};

struct SortItem {
  ExprPtr value;
  bool descending = false;
  std::optional<bool> nulls_first;  // as written

  // Spark's rule: NULL is the least value.
  bool NullsFirst() const { return nulls_first.value_or(!descending); }
};

struct FrameBound {
  enum class Kind { kUnboundedPreceding, kPreceding, kCurrentRow, kFollowing, kUnboundedFollowing };
  Kind kind = Kind::kCurrentRow;
  ExprPtr offset;  // of kPreceding and kFollowing
};

struct Window {
  std::optional<Name> base;  // OVER w: then there is nothing else
  std::vector<ExprPtr> partition_by;
  std::vector<SortItem> order_by;
  struct Frame {
    bool rows;  // else RANGE
    FrameBound start, end;
  };
  std::optional<Frame> frame;
};

struct Argument {
  std::optional<Name> name;  // name => value
  ExprPtr value;
};

struct FunctionCall {
  NameParts name;
  std::vector<Argument> args;  // count(*) has one Star
  bool distinct = false;
  std::optional<bool> ignore_nulls;  // IGNORE NULLS / RESPECT NULLS
  std::vector<SortItem> within_group;
  ExprPtr filter;  // may be null
  std::unique_ptr<Window> over;

  // The last part in lower case: built-in functions have no other.
  std::string LowerName() const;
};

struct Lambda {
  std::vector<Name> params;
  ExprPtr body;
};

struct Subscript {
  ExprPtr base, index;
};

// A member of what is not a plain name: f(x).a, (e).a, a[0].b.
struct FieldAccess {
  ExprPtr base;
  Name field;
};

struct ScalarSubquery {
  QueryPtr query;
};

struct Exists {
  QueryPtr query;
};

// (a, b): a struct of col1, col2.
struct Row {
  std::vector<ExprPtr> items;
};

struct Expr {
  using Node = std::variant<Literal, Interval, ColumnRef, Star, Unary, Binary, Between, InList,
                            InSubquery, Like, Is, Case, Cast, FunctionCall, Lambda, Subscript,
                            FieldAccess, ScalarSubquery, Exists, Row>;
  Span span;
  Node node;
  int depth = 1;  // of the tree below, subqueries included

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&node);
  }
};

// ---- Relations: what stands in FROM ----

struct TableRef {
  NameParts name;
  bool is_stream = false;  // STREAM t, STREAM(t)
  ExprPtr version;         // VERSION AS OF; may be null
  ExprPtr timestamp;       // TIMESTAMP AS OF; may be null
};

struct TableFunction {
  NameParts name;
  std::vector<Argument> args;
  bool is_stream = false;

  std::string LowerName() const;
};

struct Subquery {
  QueryPtr query;
};

struct InlineTable {
  std::vector<std::vector<ExprPtr>> rows;
};

enum class JoinKind { kInner, kCross, kLeft, kRight, kFull, kLeftSemi, kLeftAnti };
struct Join {
  JoinKind kind = JoinKind::kInner;
  bool natural = false;
  RelationPtr left, right;
  std::vector<Name> using_columns;
  ExprPtr on;  // may be null
};

struct Pivot {
  RelationPtr input;
  struct Aggregate {
    ExprPtr value;
    std::optional<Name> alias;
  };
  std::vector<Aggregate> aggregates;
  std::vector<Name> columns;  // FOR a, or FOR (a, b)
  struct Value {
    ExprPtr value;  // a Row for several columns
    std::optional<Name> alias;
  };
  std::vector<Value> values;
};

struct Unpivot {
  RelationPtr input;
  bool include_nulls = false;
  std::vector<Name> value_columns;
  Name name_column;
  struct Group {
    std::vector<NameParts> columns;
    std::optional<Name> alias;
  };
  std::vector<Group> groups;
};

struct Sample {
  enum class Kind { kPercent, kRows, kBuckets };
  Kind kind = Kind::kPercent;
  std::string amount;
  std::optional<std::string> repeatable;
};

struct Relation {
  using Node = std::variant<TableRef, TableFunction, Subquery, InlineTable, Join, Pivot, Unpivot>;
  Span span;
  Node node;
  bool lateral = false;
  std::optional<Sample> sample;
  std::optional<Name> alias;
  std::vector<Name> column_aliases;

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&node);
  }
};

// ---- Queries ----

struct SelectItem {
  ExprPtr value;
  std::vector<Name> aliases;  // AS (a, b) has several
  Span span;
};

struct LateralView {
  bool outer = false;
  FunctionCall generator;
  std::optional<Name> alias;
  std::vector<Name> columns;
  Span span;
};

struct GroupingElement {
  enum class Kind { kExpression, kRollup, kCube, kSets };
  Kind kind = Kind::kExpression;
  std::vector<std::vector<ExprPtr>> sets;  // kExpression: one set of one
};

struct GroupBy {
  bool all = false;
  std::vector<GroupingElement> elements;
  Span span;
};

struct NamedWindow {
  Name name;
  Window window;
};

struct Select {
  std::vector<std::string> hints;
  bool distinct = false;
  std::vector<SelectItem> items;
  std::vector<RelationPtr> from;
  std::vector<LateralView> lateral_views;
  ExprPtr where;
  std::optional<GroupBy> group_by;
  ExprPtr having;
  std::vector<NamedWindow> windows;
  ExprPtr qualify;
};

enum class SetOperator { kUnion, kExcept, kIntersect };
struct SetOperation {
  SetOperator op;
  bool all = false;
  QueryPtr left, right;
};

struct Cte {
  Name name;
  std::vector<Name> columns;
  QueryPtr query;
};

// A body with what may stand before and behind it. A query in parentheses is a Query again only
// where that matters (its own WITH, ORDER BY or LIMIT).
struct Query {
  using Body = std::variant<Select, SetOperation, InlineTable, TableRef>;
  Span span;
  bool recursive = false;
  std::vector<Cte> with;
  Body body;
  std::vector<SortItem> order_by;
  std::vector<SortItem> sort_by;
  std::vector<ExprPtr> distribute_by;
  std::vector<ExprPtr> cluster_by;
  ExprPtr limit;  // null: none, or ALL
  ExprPtr offset;
  int depth = 1;  // as an expression's

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&body);
  }
};

}  // namespace smelt::sql
