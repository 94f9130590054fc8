#pragma once

// SMELT_CHECK(condition, message..): an invariant that holds in release builds too. A failed check
// prints where and what, and aborts: the program is wrong, not its input. Input that is wrong is an
// absl::Status.

#include <fmt/format.h>

#include <string>

namespace smelt::base {

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition,
                              const std::string& message);

}  // namespace smelt::base

#define SMELT_CHECK(condition, ...)                                              \
  do {                                                                           \
    if (!(condition)) [[unlikely]] {                                             \
      ::smelt::base::CheckFailed(__FILE__, __LINE__, #condition,                 \
                                 ::smelt::base::internal::Message(__VA_ARGS__)); \
    }                                                                            \
  } while (false)

namespace smelt::base::internal {

inline std::string Message() { return {}; }
template <typename... Args>
std::string Message(fmt::format_string<Args...> format, Args&&... args) {
  return fmt::format(format, std::forward<Args>(args)...);
}

}  // namespace smelt::base::internal
