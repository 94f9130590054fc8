#include "sql/query_walk.h"

#include <algorithm>
#include <set>
#include <utility>

#include "sql/token.h"

namespace smelt::sql {
namespace {

class Walker {
 public:
  explicit Walker(const QueryVisitor& visitor) : visitor_(visitor) {}
  virtual ~Walker() = default;

  void Visit(const ExprPtr& expr) {
    if (expr) Visit(*expr);
  }
  void Visit(const std::vector<ExprPtr>& list) {
    for (const ExprPtr& expr : list) Visit(expr);
  }
  void Visit(const std::vector<SortItem>& items) {
    for (const SortItem& item : items) Visit(item.value);
  }
  void Visit(const Expr& expr) {
    if (visitor_.expr) visitor_.expr(expr);
    if (const FunctionCall* call = expr.As<FunctionCall>()) {
      VisitCall(*call, expr.span);
    } else {
      std::visit([this](const auto& node) { Children(node); }, expr.node);
    }
  }

  virtual void Visit(const Query& query) {
    if (visitor_.query) visitor_.query(query);
    for (const Cte& cte : query.with) Visit(*cte.query);
    VisitBody(query);
  }

  void VisitBody(const Query& query) {
    if (const Select* select = query.As<Select>()) VisitSelect(*select);
    if (const InlineTable* table = query.As<InlineTable>()) Children(*table);
    if (const TableRef* table = query.As<TableRef>()) {
      VisitTable(*table, query.span);
    }
    if (const SetOperation* operation = query.As<SetOperation>()) {
      Visit(*operation->left);
      Visit(*operation->right);
    }
    Visit(query.order_by);
    Visit(query.sort_by);
    Visit(query.distribute_by);
    Visit(query.cluster_by);
    Visit(query.limit);
    Visit(query.offset);
  }

 protected:
  virtual void VisitTable(const TableRef& table, Span) {
    Visit(table.version);
    Visit(table.timestamp);
  }

 private:
  void VisitCall(const FunctionCall& call, Span span) {
    if (visitor_.call) visitor_.call(call, span);
    for (const Argument& argument : call.args) Visit(argument.value);
    Visit(call.within_group);
    Visit(call.filter);
    if (call.over) VisitWindow(*call.over);
  }

  void VisitWindow(const Window& window) {
    Visit(window.partition_by);
    Visit(window.order_by);
    if (window.frame) {
      Visit(window.frame->start.offset);
      Visit(window.frame->end.offset);
    }
  }

  void VisitSelect(const Select& select) {
    for (const SelectItem& item : select.items) Visit(item.value);
    for (const RelationPtr& relation : select.from) VisitRelation(*relation);
    for (const LateralView& view : select.lateral_views) VisitCall(view.generator, view.span);
    Visit(select.where);
    if (select.group_by) {
      for (const GroupingElement& element : select.group_by->elements) {
        for (const auto& set : element.sets) Visit(set);
      }
    }
    Visit(select.having);
    for (const NamedWindow& named : select.windows) VisitWindow(named.window);
    Visit(select.qualify);
  }

  void VisitRelation(const Relation& relation) {
    if (visitor_.relation) visitor_.relation(relation);
    if (const TableRef* table = relation.As<TableRef>()) {
      VisitTable(*table, relation.span);
    } else {
      std::visit([this](const auto& node) { Children(node); }, relation.node);
    }
  }

  void Children(const Literal&) {}
  void Children(const Interval&) {}
  void Children(const ColumnRef&) {}
  void Children(const Star& star) {
    for (const auto& [value, name] : star.replace) Visit(value);
  }
  void Children(const Unary& node) { Visit(node.operand); }
  void Children(const Binary& node) { Visit(node.left), Visit(node.right); }
  void Children(const Between& node) { Visit(node.value), Visit(node.low), Visit(node.high); }
  void Children(const InList& node) { Visit(node.value), Visit(node.list); }
  void Children(const InSubquery& node) { Visit(node.value), Visit(*node.query); }
  void Children(const Like& node) { Visit(node.value), Visit(node.patterns); }
  void Children(const Is& node) { Visit(node.value), Visit(node.other); }
  void Children(const Case& node) {
    Visit(node.operand);
    for (const auto& [condition, value] : node.branches) Visit(condition), Visit(value);
    Visit(node.otherwise);
  }
  void Children(const Cast& node) { Visit(node.value); }
  void Children(const FunctionCall&) {}
  void Children(const Lambda& node) { Visit(node.body); }
  void Children(const Subscript& node) { Visit(node.base), Visit(node.index); }
  void Children(const FieldAccess& node) { Visit(node.base); }
  void Children(const ScalarSubquery& node) { Visit(*node.query); }
  void Children(const Exists& node) { Visit(*node.query); }
  void Children(const Row& node) { Visit(node.items); }

  void Children(const TableRef&) {}
  void Children(const TableFunction& node) {
    for (const Argument& argument : node.args) Visit(argument.value);
  }
  void Children(const Subquery& node) { Visit(*node.query); }
  void Children(const InlineTable& node) {
    for (const auto& row : node.rows) Visit(row);
  }
  void Children(const Join& node) {
    VisitRelation(*node.left);
    VisitRelation(*node.right);
    Visit(node.on);
  }
  void Children(const Pivot& node) {
    VisitRelation(*node.input);
    for (const Pivot::Aggregate& aggregate : node.aggregates) Visit(aggregate.value);
    for (const Pivot::Value& value : node.values) Visit(value.value);
  }
  void Children(const Unpivot& node) { VisitRelation(*node.input); }

  const QueryVisitor& visitor_;
};

// Knows which names WITH has defined around the place where it is.
class UseCollector : public Walker {
 public:
  UseCollector() : Walker(visitor_) {
    visitor_.call = [this](const FunctionCall& call, Span) { functions_.insert(call.LowerName()); };
    visitor_.relation = [this](const Relation& relation) {
      if (const TableFunction* function = relation.As<TableFunction>()) {
        uses_.table_functions.push_back(
            {function->LowerName(), function->is_stream, function, relation.span});
      }
    };
  }

  using Walker::Visit;
  void Visit(const Query& query) override {
    const size_t outer = defined_.size();
    for (const Cte& cte : query.with) {
      // A recursive one sees itself.
      if (query.recursive) defined_.push_back(ToLower(cte.name.text));
      Visit(*cte.query);
      if (!query.recursive) defined_.push_back(ToLower(cte.name.text));
    }
    VisitBody(query);
    defined_.resize(outer);
  }

  QueryUses Take() {
    uses_.functions.assign(functions_.begin(), functions_.end());
    return std::move(uses_);
  }

 protected:
  void VisitTable(const TableRef& table, Span span) override {
    Walker::VisitTable(table, span);
    const bool defined =
        table.name.size() == 1 &&
        std::find(defined_.begin(), defined_.end(), ToLower(table.name[0].text)) != defined_.end();
    if (defined) return;
    TableUse use{{}, table.is_stream, &table, span};
    for (const Name& part : table.name) use.name.push_back(part.text);
    uses_.tables.push_back(std::move(use));
  }

 private:
  QueryVisitor visitor_;
  QueryUses uses_;
  std::set<std::string> functions_;
  std::vector<std::string> defined_;
};

}  // namespace

void Walk(const Query& query, const QueryVisitor& visitor) { Walker(visitor).Visit(query); }
void Walk(const Expr& expr, const QueryVisitor& visitor) { Walker(visitor).Visit(expr); }

QueryUses CollectUses(const Query& query) {
  UseCollector collector;
  collector.Visit(query);
  return collector.Take();
}

QueryUses CollectUses(const Expr& expr) {
  UseCollector collector;
  collector.Visit(expr);
  return collector.Take();
}

}  // namespace smelt::sql
