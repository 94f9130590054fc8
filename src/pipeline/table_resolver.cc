#include "pipeline/table_resolver.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "sql/token.h"

namespace smelt::pipeline {
namespace {

constexpr std::string_view kQuarantineSuffix = "_quarantine";

std::string Joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ".") + part;
  return text;
}

}  // namespace

sql::Diagnostic GraphMistake(const Place& place, std::string message, std::string hint) {
  return sql::MakeDiagnostic(*place.source, place.span, "graph", std::move(message),
                             std::move(hint));
}

std::string LineOf(const Place& place) {
  const sql::Position position = place.source->PositionOf(place.span.begin);
  return fmt::format("{}:{}", place.source->file(), position.line);
}

TableResolver::TableResolver(const PipelineSpec& spec, const TableExists& exists,
                             const std::vector<catalog::TableName>& external_tables,
                             std::vector<sql::Diagnostic>* diagnostics)
    : spec_(spec), exists_(exists), external_tables_(external_tables), diagnostics_(diagnostics) {
  for (size_t i = 0; i < spec.datasets.size(); ++i) {
    const Dataset& dataset = spec.datasets[i];
    const auto [known, is_new] = datasets_.emplace(dataset.name, static_cast<int>(i));
    if (is_new) continue;
    diagnostics_->push_back(GraphMistake(dataset.place,
                                         fmt::format("'{}' is defined twice", dataset.ToString()),
                                         "first in " + LineOf(spec.datasets[known->second].place)));
  }
}

std::optional<int> TableResolver::Find(const catalog::TableName& name) const {
  const auto found = datasets_.find(name);
  if (found == datasets_.end()) return std::nullopt;
  return found->second;
}

std::optional<TableRead> TableResolver::Resolve(const sql::Fragment& query,
                                                const NamedReads::Table& table) const {
  TableRead read{.is_stream = table.is_stream, .span = table.span};
  const Place place{query.source, table.span};
  std::vector<std::string> parts = table.parts;
  if (parts.size() > 1 && sql::EqualsIgnoreCase(parts[0], "live")) parts.erase(parts.begin());
  if (parts.size() == 1) {
    read.name = {"", "", sql::ToLower(parts[0])};
    if (const std::optional<int> view = Find(read.name)) {
      read.dataset = *view;
      return read;
    }
    if (spec_.unread.contains(read.name)) return std::nullopt;
  }
  const auto name = catalog::ResolveName(parts, spec_.defaults);
  if (!name.ok()) {
    diagnostics_->push_back(GraphMistake(place, base::Message(name.status())));
    return std::nullopt;
  }
  read.name = *name;
  std::optional<int> dataset = Find(*name);
  // The rows that a table's rules set aside are a table as well, written with it.
  if (!dataset) dataset = TableOfQuarantine(*name);
  if (dataset) {
    read.dataset = *dataset;
    return read;
  }
  if (spec_.unread.contains(*name)) return std::nullopt;
  if (exists_ && exists_(*name)) return read;
  diagnostics_->push_back(GraphMistake(
      place, fmt::format("there is no table or view '{}'", Joined(parts)), Suggest(parts)));
  return std::nullopt;
}

std::optional<int> TableResolver::TableOfQuarantine(const catalog::TableName& name) const {
  if (!name.table.ends_with(kQuarantineSuffix)) return std::nullopt;
  catalog::TableName judged = name;
  judged.table.resize(judged.table.size() - kQuarantineSuffix.size());
  const std::optional<int> dataset = Find(judged);
  if (!dataset) return std::nullopt;
  const std::vector<Expectation>& rules = spec_.datasets[*dataset].expectations;
  const bool quarantines = std::any_of(rules.begin(), rules.end(), [](const Expectation& rule) {
    return rule.action == sql::ViolationAction::kQuarantine;
  });
  return quarantines ? dataset : std::nullopt;
}

std::string TableResolver::Suggest(const std::vector<std::string>& parts) const {
  // The right table in another schema before one that is spelled alike.
  std::vector<std::string> names;
  for (const Dataset& dataset : spec_.datasets) {
    const bool is_view = dataset.kind == DatasetKind::kTemporaryView;
    const std::string short_name =
        is_view ? dataset.name.table : dataset.name.schema + "." + dataset.name.table;
    if (dataset.name.table == sql::ToLower(parts.back())) {
      return fmt::format("did you mean '{}'?", short_name);
    }
    names.push_back(dataset.name.table);
    if (!is_view) names.insert(names.end(), {short_name, dataset.name.ToString()});
  }
  for (const catalog::TableName& name : external_tables_) {
    names.insert(names.end(), {name.table, name.schema + "." + name.table, name.ToString()});
  }
  // Of the names in as many parts as were written.
  names.erase(std::remove_if(names.begin(), names.end(),
                             [&](const std::string& name) {
                               const auto dots = std::count(name.begin(), name.end(), '.');
                               return static_cast<size_t>(dots) + 1 != parts.size();
                             }),
              names.end());
  return sql::SuggestName(sql::ToLower(Joined(parts)), names);
}

}  // namespace smelt::pipeline
