#include "cli/output.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/status.h"

namespace smelt::cli {
namespace {

bool MayColour(bool is_terminal) {
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const term = std::getenv("TERM");
  return is_terminal && (no_color == nullptr || *no_color == '\0') &&
         (term == nullptr || std::string_view(term) != "dumb");
}

const char* Code(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kRed:
      return "\x1b[31m";
    case Style::kGreen:
      return "\x1b[32m";
    case Style::kYellow:
      return "\x1b[33m";
    case Style::kCyan:
      return "\x1b[36m";
  }
  return "";
}

std::string Styled(bool colour, Style style, std::string_view text) {
  if (!colour || style == Style::kPlain) return std::string(text);
  return Code(style) + std::string(text) + "\x1b[0m";
}

void Write(std::FILE* file, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), file);
  std::fflush(file);
}

}  // namespace

ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kDone;
    case absl::StatusCode::kInvalidArgument:
      return kWrongUse;
    case absl::StatusCode::kCancelled:
      return kInterrupted;
    default:
      return kFailed;
  }
}

Output::Output()
    : out_is_terminal_(isatty(STDOUT_FILENO) != 0),
      err_is_terminal_(isatty(STDERR_FILENO) != 0),
      colour_out_(MayColour(out_is_terminal_)),
      colour_err_(MayColour(err_is_terminal_)) {}

int Output::width() const {
  constexpr int kPageWidth = 160;
  winsize size{};
  if (!out_is_terminal_ || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
    return kPageWidth;
  }
  return size.ws_col;
}

std::string Output::OnOut(Style style, std::string_view text) const {
  return Styled(colour_out_, style, text);
}

std::string Output::OnErr(Style style, std::string_view text) const {
  return Styled(colour_err_, style, text);
}

void Output::Print(std::string_view text) const { Write(stdout, text); }

void Output::PrintJson(const base::OrderedJson& json) const {
  // Names of files need not be UTF-8; a message about one must not fail.
  Write(stdout, json.dump(2, ' ', false, base::OrderedJson::error_handler_t::replace) + "\n");
}

void Output::Note(std::string_view text) const { Write(stderr, std::string(text) + "\n"); }

ExitCode Output::Fail(const absl::Status& status) const {
  const std::string message = base::Message(status);
  if (json_) {
    PrintJson({{"errors",
                {{{"code", absl::StatusCodeToString(status.code())},
                  {"message", message},
                  {"file", ""},
                  {"line", 0},
                  {"column", 0}}}}});
  } else if (message.find(": error: ") != std::string::npos) {
    Note(message);  // a diagnostic says itself that it is an error
  } else {
    Note(OnErr(Style::kRed, "error: ") + message);
  }
  return ExitCodeOf(status);
}

ExitCode Output::Fail(const std::vector<sql::Diagnostic>& diagnostics) const {
  if (json_) {
    base::OrderedJson errors = base::OrderedJson::array();
    for (const sql::Diagnostic& diagnostic : diagnostics) errors.push_back(ToJson(diagnostic));
    PrintJson({{"errors", errors}});
  } else {
    Explain(diagnostics);
    Note(Counted(static_cast<int64_t>(diagnostics.size()), "mistake"));
  }
  return kWrongUse;
}

void Output::Explain(const std::vector<sql::Diagnostic>& diagnostics) const {
  std::string text = sql::RenderDiagnostics(diagnostics);
  if (colour_err_) {
    constexpr std::string_view kError = ": error: ";
    for (size_t at = 0; (at = text.find(kError, at)) != std::string::npos;) {
      const std::string coloured = ": " + OnErr(Style::kRed, "error:") + " ";
      text.replace(at, kError.size(), coloured);
      at += coloured.size();
    }
  }
  if (!text.empty()) text.pop_back();
  Note(text);
}

base::OrderedJson ToJson(const sql::Diagnostic& diagnostic) {
  return {{"code", diagnostic.code},
          {"message", diagnostic.message},
          {"hint", diagnostic.hint},
          {"file", diagnostic.file},
          {"line", diagnostic.line},
          {"column", diagnostic.column},
          {"source_line", diagnostic.source_line}};
}

std::string WithSeparators(int64_t number) {
  std::string digits = std::to_string(number);
  const size_t first = digits[0] == '-' ? 1 : 0;
  for (size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string Counted(int64_t number, std::string_view what) {
  return fmt::format("{} {}{}", WithSeparators(number), what, number == 1 ? "" : "s");
}

std::string Duration(int64_t micros) {
  constexpr int64_t kMilli = 1000, kSecond = 1'000'000, kMinute = 60 * kSecond;
  if (micros < kSecond) return fmt::format("{} ms", micros / kMilli);
  if (micros < kMinute) return fmt::format("{:.1f} s", static_cast<double>(micros) / kSecond);
  return fmt::format("{} min {} s", micros / kMinute, micros % kMinute / kSecond);
}

std::string Size(int64_t bytes) {
  constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB", "PB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes);
  size_t unit = 0;
  for (size /= 1000; size >= 999.95 && unit + 1 < std::size(kUnits); size /= 1000) ++unit;
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

}  // namespace smelt::cli
