#pragma once

// A piece of a source text: a query body or a predicate, kept with the file it came from so that a
// later complaint can point at it. Cheap to copy; immutable.

#include <memory>
#include <string_view>
#include <utility>

#include "sql/source.h"

namespace smelt::sql {

struct Fragment {
  std::shared_ptr<const SourceText> source;
  Span span;

  std::string_view text() const { return source ? source->Slice(span) : std::string_view(); }
  bool empty() const { return text().empty(); }
};

// A fragment that is a whole text of its own, for SQL that no file holds.
inline Fragment MakeFragment(std::string name, std::string text) {
  auto source = std::make_shared<const SourceText>(std::move(name), std::move(text));
  const Span all{0, static_cast<uint32_t>(source->text().size())};
  return {std::move(source), all};
}

}  // namespace smelt::sql
