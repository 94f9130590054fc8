#include "cli/table_printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/status.h"
#include "cli/output.h"
#include "cli/text_width.h"

namespace smelt::cli {
namespace {

constexpr char kNull[] = "NULL";
constexpr char kDim[] = "\x1b[2m", kPlain[] = "\x1b[0m";
// A column is not made narrower than this before others are left out.
constexpr int kLeastWidth = 8;
// "│ " before each cell and " " behind it, "│" at the end.
constexpr int kCellFrame = 3, kEndFrame = 1;

class TableFormatter {
 public:
  TableFormatter(const TableData& data, const TableStyle& style) : data_(data), style_(style) {}

  std::string Run() {
    ChooseRows();
    MeasureColumns();
    ChooseColumns();
    Rule("┌", "┬", "┐");
    HeaderLine();
    if (HasTypes()) TypeLine();
    Rule("├", "┼", "┤");
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (hidden_rows_ > 0 && i == first_rows_) EllipsisLine();
      Line(data_.rows[rows_[i]]);
    }
    Rule("└", "┴", "┘");
    Footer();
    return std::move(text_);
  }

 private:
  // The first and the last rows, if there are too many.
  void ChooseRows() {
    const size_t count = data_.rows.size();
    const size_t most = style_.max_rows <= 0 ? count : static_cast<size_t>(style_.max_rows);
    rows_.resize(count);
    std::iota(rows_.begin(), rows_.end(), 0);
    if (count <= most) return;
    hidden_rows_ = count - most;
    first_rows_ = data_.is_cut ? most : (most + 1) / 2;
    rows_.erase(rows_.begin() + first_rows_, rows_.begin() + first_rows_ + hidden_rows_);
  }

  void MeasureColumns() {
    for (size_t i = 0; i < data_.columns.size(); ++i) {
      const TableColumn& column = data_.columns[i];
      int width = std::max(DisplayWidth(EscapeControls(column.name)), DisplayWidth(column.type));
      for (const size_t row : rows_)
        width = std::max(width, DisplayWidth(CellText(data_.rows[row][i])));
      widths_.push_back(std::max(width, 1));
    }
  }

  int TotalWidth() const {
    int total = kEndFrame;
    for (const size_t column : columns_) total += widths_[column] + kCellFrame;
    return total + (columns_.size() < widths_.size() ? 1 + kCellFrame : 0);
  }

  // Narrows the widest columns first; then leaves out columns from the middle.
  void ChooseColumns() {
    columns_.resize(widths_.size());
    std::iota(columns_.begin(), columns_.end(), 0);
    while (TotalWidth() > style_.width) {
      size_t widest = columns_.front();
      for (const size_t column : columns_) {
        if (widths_[column] > widths_[widest]) widest = column;
      }
      if (widths_[widest] <= kLeastWidth) break;
      --widths_[widest];
    }
    while (TotalWidth() > style_.width && columns_.size() > 1) {
      columns_.erase(columns_.begin() + static_cast<long>(columns_.size() / 2));
    }
    if (columns_.size() < widths_.size()) {
      gap_ = (columns_.size() + 1) / 2;
      // What leaving out has freed goes back to those that were narrowed.
      GiveBack();
    }
  }

  void GiveBack() {
    for (bool grew = true; grew && TotalWidth() < style_.width;) {
      grew = false;
      for (const size_t column : columns_) {
        int needed = DisplayWidth(data_.columns[column].name);
        for (const size_t row : rows_) {
          needed = std::max(needed, DisplayWidth(CellText(data_.rows[row][column])));
        }
        if (widths_[column] >= needed || TotalWidth() >= style_.width) continue;
        ++widths_[column];
        grew = true;
      }
    }
  }

  bool HasTypes() const {
    return std::any_of(data_.columns.begin(), data_.columns.end(),
                       [](const TableColumn& column) { return !column.type.empty(); });
  }

  static std::string CellText(const std::optional<std::string>& cell) {
    return cell ? EscapeControls(*cell) : kNull;
  }

  std::string Dim(std::string_view text) const {
    return style_.colour ? kDim + std::string(text) + kPlain : std::string(text);
  }

  static std::string Fill(std::string_view what, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += what;
    return text;
  }

  void Rule(const char* left, const char* middle, const char* right) {
    std::string line = left;
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) line += middle;
      if (gap_ > 0 && i == gap_) line += Fill("─", kCellFrame) + middle;
      line += Fill("─", widths_[columns_[i]] + 2);
    }
    text_ += Dim(line + right) + "\n";
  }

  // `cell` gives a column's text, whether it is right-aligned and whether it is dimmed.
  template <typename Cell>
  void AnyLine(const char* gap, Cell cell) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (gap_ > 0 && i == gap_) text_ += Dim("│") + " " + Dim(gap) + " ";
      const auto [full, is_right, is_dim] = cell(columns_[i]);
      const int width = widths_[columns_[i]];
      const std::string text = CutToWidth(full, width);
      const std::string space(width - DisplayWidth(text), ' ');
      text_ += Dim("│") + " ";
      if (is_right) text_ += space;
      text_ += is_dim ? Dim(text) : text;
      if (!is_right) text_ += space;
      text_ += " ";
    }
    text_ += Dim("│") + "\n";
  }

  struct Shown {
    std::string text;
    bool is_right;
    bool is_dim;
  };

  void HeaderLine() {
    AnyLine("…", [&](size_t i) {
      return Shown{EscapeControls(data_.columns[i].name), data_.columns[i].is_number, false};
    });
  }

  void TypeLine() {
    AnyLine(" ", [&](size_t i) {
      return Shown{data_.columns[i].type, data_.columns[i].is_number, true};
    });
  }

  void EllipsisLine() {
    AnyLine(" ", [&](size_t i) { return Shown{"…", data_.columns[i].is_number, true}; });
  }

  void Line(const std::vector<std::optional<std::string>>& row) {
    AnyLine("…", [&](size_t i) {
      return Shown{CellText(row[i]), data_.columns[i].is_number, !row[i].has_value()};
    });
  }

  void Footer() {
    const auto rows = static_cast<int64_t>(data_.rows.size());
    std::string line = data_.is_cut
                           ? fmt::format("the first {}, there are more", Counted(rows, "row"))
                           : Counted(rows, "row");
    if (hidden_rows_ > 0) line += fmt::format(" ({} shown)", rows_.size());
    if (columns_.size() < widths_.size()) {
      line += fmt::format(", {} of {} columns shown", columns_.size(), widths_.size());
    }
    text_ += Dim(line) + "\n";
  }

  const TableData& data_;
  const TableStyle& style_;
  std::vector<size_t> rows_;
  size_t hidden_rows_ = 0;
  size_t first_rows_ = 0;  // shown before the rows that are hidden
  std::vector<int> widths_;
  std::vector<size_t> columns_;  // shown
  size_t gap_ = 0;               // before the how manieth column something is left out; 0: nowhere
  std::string text_;
};

std::string CsvField(const std::string& text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string MarkdownCell(std::string_view text) {
  std::string escaped;
  for (const char c : EscapeControls(text)) {
    if (c == '|' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace

absl::StatusOr<TableFormat> ParseTableFormat(const std::string& name) {
  if (name == "table") return TableFormat::kTable;
  if (name == "json") return TableFormat::kJson;
  if (name == "csv") return TableFormat::kCsv;
  if (name == "markdown") return TableFormat::kMarkdown;
  return base::InvalidArgument("'{}' is not a format: table, json, csv or markdown", name);
}

std::string FormatTable(const TableData& data, const TableStyle& style) {
  if (data.columns.empty()) return Counted(static_cast<int64_t>(data.rows.size()), "row") + "\n";
  return TableFormatter(data, style).Run();
}

std::string FormatCsv(const TableData& data) {
  std::string text;
  for (size_t i = 0; i < data.columns.size(); ++i) {
    text += (i == 0 ? "" : ",") + CsvField(data.columns[i].name);
  }
  text += "\r\n";
  for (const auto& row : data.rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      text += (i == 0 ? "" : ",") + (row[i] ? CsvField(*row[i]) : std::string());
    }
    text += "\r\n";
  }
  return text;
}

std::string FormatMarkdown(const TableData& data) {
  std::string text = "|", rule = "|";
  for (const TableColumn& column : data.columns) {
    text += " " + MarkdownCell(column.name) + " |";
    rule += column.is_number ? " ---: |" : " --- |";
  }
  text += "\n" + rule + "\n";
  for (const auto& row : data.rows) {
    text += "|";
    for (const auto& cell : row)
      text += " " + (cell ? MarkdownCell(*cell) : std::string(kNull)) + " |";
    text += "\n";
  }
  return text;
}

}  // namespace smelt::cli
