#include "sql/diagnostic.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace smelt::sql {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Levenshtein's distance with transposed neighbours counted once, without regard to case.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> two_back, previous(b.size() + 1), row(b.size() + 1);
  std::iota(previous.begin(), previous.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = Lower(a[i - 1]) == Lower(b[j - 1]);
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && Lower(a[i - 1]) == Lower(b[j - 2]) &&
          Lower(a[i - 2]) == Lower(b[j - 1])) {
        row[j] = std::min(row[j], two_back[j - 2] + 1);
      }
    }
    two_back = previous;
    std::swap(previous, row);
  }
  return previous[b.size()];
}

// The white space that puts a caret under `column`: tabs stay tabs, so that both lines are shifted
// alike.
std::string Indent(std::string_view line, int column) {
  std::string indent;
  int at = 1;
  for (size_t i = 0; i < line.size() && at < column; ++i) {
    if ((static_cast<unsigned char>(line[i]) & 0xC0) == 0x80) continue;
    indent += line[i] == '\t' ? '\t' : ' ';
    ++at;
  }
  indent.append(std::max(0, column - at), ' ');
  return indent;
}

}  // namespace

Diagnostic MakeDiagnostic(const SourceText& source, Span span, std::string code,
                          std::string message, std::string hint) {
  const Position position = source.PositionOf(span.begin);
  const std::string_view line = source.Line(position.line);
  const int rest = static_cast<int>(CountCodePoints(line)) - position.column + 1;
  const Position end = source.PositionOf(span.end);
  const int length = end.line == position.line ? end.column - position.column : rest;
  return {.code = std::move(code),
          .message = std::move(message),
          .hint = std::move(hint),
          .file = source.file(),
          .line = position.line,
          .column = position.column,
          .length = std::max(1, std::min(length, rest)),
          .source_line = std::string(line)};
}

std::string RenderDiagnostic(const Diagnostic& diagnostic) {
  std::string out = fmt::format("{}:{}:{}: error: {}\n", diagnostic.file, diagnostic.line,
                                diagnostic.column, diagnostic.message);
  if (!diagnostic.source_line.empty()) {
    const std::string number = std::to_string(diagnostic.line);
    out += fmt::format("  {} | {}\n", number, diagnostic.source_line);
    out += fmt::format("  {} | {}^{}\n", std::string(number.size(), ' '),
                       Indent(diagnostic.source_line, diagnostic.column),
                       std::string(std::max(0, diagnostic.length - 1), '~'));
  }
  if (!diagnostic.hint.empty()) out += fmt::format("  hint: {}\n", diagnostic.hint);
  return out;
}

std::string RenderDiagnostics(std::vector<Diagnostic> diagnostics) {
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) {
                     return std::tie(a.file, a.line, a.column) < std::tie(b.file, b.line, b.column);
                   });
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += RenderDiagnostic(diagnostic);
  return out;
}

absl::Status ToStatus(const Diagnostic& diagnostic) {
  std::string message = RenderDiagnostic(diagnostic);
  message.pop_back();
  return diagnostic.code == kUnsupported ? base::Unimplemented("{}", message)
                                         : base::InvalidArgument("{}", message);
}

absl::Status ToStatus(const std::vector<Diagnostic>& diagnostics) {
  if (diagnostics.empty()) return absl::OkStatus();
  std::string message = RenderDiagnostics(diagnostics);
  message.pop_back();
  const bool unsupported =
      std::all_of(diagnostics.begin(), diagnostics.end(),
                  [](const Diagnostic& diagnostic) { return diagnostic.code == kUnsupported; });
  return unsupported ? base::Unimplemented("{}", message) : base::InvalidArgument("{}", message);
}

std::optional<std::string> NearestName(std::string_view name,
                                       const std::vector<std::string>& known) {
  // A third of the letters may be wrong, but not more than three.
  size_t best = std::min<size_t>(3, std::max<size_t>(1, name.size() / 3)) + 1;
  const std::string* nearest = nullptr;
  for (const std::string& candidate : known) {
    if (candidate.size() > name.size() + best || name.size() > candidate.size() + best) continue;
    const size_t distance = EditDistance(name, candidate);
    if (distance < best) {
      best = distance;
      nearest = &candidate;
    }
  }
  if (nearest == nullptr) return std::nullopt;
  return *nearest;
}

std::string SuggestName(std::string_view name, const std::vector<std::string>& known) {
  const std::optional<std::string> nearest = NearestName(name, known);
  return nearest ? fmt::format("did you mean '{}'?", *nearest) : std::string();
}

}  // namespace smelt::sql
