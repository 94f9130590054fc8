#include "engine/duckdb/functions/catalogue.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <numeric>

#include "engine/duckdb/functions/catalogue_entries.h"

namespace smelt::duck {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

const std::map<std::string, const FunctionEntry*, std::less<>>& ByName() {
  static const auto* index = [] {
    auto* map = new std::map<std::string, const FunctionEntry*, std::less<>>;
    for (const FunctionEntry& entry : AllFunctions()) map->emplace(entry.name, &entry);
    return map;
  }();
  return *index;
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

const std::vector<FunctionEntry>& AllFunctions() {
  static const auto* entries = [] {
    auto* all = new std::vector<FunctionEntry>;
    AddScalarEntries(*all);
    AddCollectionEntries(*all);
    AddAggregateEntries(*all);
    AddRefusedEntries(*all);
    std::sort(all->begin(), all->end(),
              [](const FunctionEntry& a, const FunctionEntry& b) { return a.name < b.name; });
    return all;
  }();
  return *entries;
}

const FunctionEntry* FindFunction(std::string_view name) {
  const auto found = ByName().find(Lower(name));
  return found == ByName().end() ? nullptr : found->second;
}

std::vector<std::string> NearestFunctions(std::string_view name) {
  const std::string wanted = Lower(name);
  std::vector<std::pair<size_t, std::string>> near;
  for (const FunctionEntry& entry : AllFunctions()) {
    if (entry.kind == FunctionKind::kRefused) continue;
    const size_t distance = EditDistance(wanted, entry.name);
    if (distance <= std::max<size_t>(2, wanted.size() / 4)) near.emplace_back(distance, entry.name);
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string> names;
  for (size_t i = 0; i < near.size() && i < 3; ++i) names.push_back(near[i].second);
  return names;
}

}  // namespace smelt::duck
