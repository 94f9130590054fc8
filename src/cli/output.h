#pragma once

// What a command says: results to stdout, everything else to stderr; colours only on a terminal and
// without NO_COLOR; as text or as JSON. Thread-safe for Note; the rest belongs to the main thread.

#include <absl/status/status.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "sql/diagnostic.h"

namespace smelt::cli {

// The exit codes of every command.
enum ExitCode {
  kDone = 0,
  kFailed = 1,         // the work failed
  kWrongUse = 2,       // wrong arguments, or a wrong project
  kPromiseBroken = 3,  // FAIL UPDATE, a promise of smelt.yml
  kInterrupted = 130,  // and safe to run again
};

// What a status means to whoever called.
ExitCode ExitCodeOf(const absl::Status& status);

enum class Style { kPlain, kBold, kDim, kRed, kGreen, kYellow, kCyan };

class Output {
 public:
  Output();

  bool json() const { return json_; }
  void set_json(bool json) { json_ = json; }
  bool verbose() const { return verbose_; }
  void set_verbose(bool verbose) { verbose_ = verbose; }
  // Whether progress can be drawn in place.
  bool err_is_terminal() const { return err_is_terminal_; }
  bool out_is_terminal() const { return out_is_terminal_; }
  // Columns of the terminal that results go to; where they go to none, a width that fits a page.
  int width() const;

  // The text in that style where it goes to a terminal.
  std::string OnOut(Style style, std::string_view text) const;
  std::string OnErr(Style style, std::string_view text) const;

  // Results: text as it is, or a value as pretty JSON.
  void Print(std::string_view text) const;
  void PrintJson(const base::OrderedJson& json) const;
  // To stderr, with a line break.
  void Note(std::string_view text) const;

  // Says what went wrong, in JSON as {"errors": [..]} on stdout, and returns the exit code.
  ExitCode Fail(const absl::Status& status) const;
  ExitCode Fail(const std::vector<sql::Diagnostic>& diagnostics) const;
  // The diagnostics as a person reads them, to stderr.
  void Explain(const std::vector<sql::Diagnostic>& diagnostics) const;

 private:
  bool json_ = false;
  bool verbose_ = false;
  bool out_is_terminal_;
  bool err_is_terminal_;
  bool colour_out_;
  bool colour_err_;
};

base::OrderedJson ToJson(const sql::Diagnostic& diagnostic);

// "1,234,567".
std::string WithSeparators(int64_t number);
// "1 file", "3 files".
std::string Counted(int64_t number, std::string_view what);
// "820 ms", "4.2 s", "3 min 12 s".
std::string Duration(int64_t micros);
// "512 B", "3.4 MB".
std::string Size(int64_t bytes);

}  // namespace smelt::cli
