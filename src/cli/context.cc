#include "cli/context.h"

#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <cmath>

#include "base/status.h"
#include "sql/token.h"

namespace smelt::cli {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

void OnSignal(int) {
  if (interrupted.exchange(true)) _exit(kInterrupted);
}

}  // namespace

absl::StatusOr<int64_t> ParseSize(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  std::string unit = sql::ToLower(std::string_view(parsed.ptr, end - parsed.ptr));
  if (!unit.empty() && unit[0] == ' ') unit.erase(0, 1);
  const bool is_binary = unit.size() > 1 && unit[1] == 'i';
  const std::string letters = "kmgt";
  double scale = 1;
  if (!unit.empty() && unit != "b") {
    const size_t power = letters.find(unit[0]);
    const std::string rest = unit.substr(1);
    const bool is_unit = rest.empty() || rest == "b" || rest == "i" || rest == "ib";
    if (power == std::string::npos || !is_unit) scale = 0;
    scale *= std::pow(is_binary ? 1024.0 : 1000.0, static_cast<double>(power) + 1);
  }
  const double bytes = number * scale;
  if (parsed.ec != std::errc() || !(bytes >= 1) || bytes > 1e18) {
    return base::InvalidArgument("'{}' is not a size: write it as 512MB or 2GB", text);
  }
  return static_cast<int64_t>(bytes);
}

const std::atomic<bool>* Interrupted() { return &interrupted; }

void WatchInterrupts() {
  struct sigaction action {};
  action.sa_handler = OnSignal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

}  // namespace smelt::cli
