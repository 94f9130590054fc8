#pragma once

// Errors are absl::Status, results absl::StatusOr. The canonical codes say what the caller will do:
//   kInvalidArgument    the user's input is wrong: show it, exit 2
//   kNotFound           what was named is not there
//   kAlreadyExists      put-if-absent lost
//   kAborted            a conflict: rebase and try again
//   kUnavailable        try again later
//   kResourceExhausted  throttled, or out of memory or disk
//   kFailedPrecondition refused: the world is not in the state that this needs
//   kUnimplemented      known, and not supported: named in the message
//   kDataLoss           stop and shout
//   kCancelled          the user interrupted
// Debian builds Abseil for C++14, so absl::string_view is not std's: messages go in through fmt and
// come out through Message().

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <fmt/format.h>

#include <string>
#include <utility>

namespace smelt::base {

// The message of a status as a std::string.
inline std::string Message(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

template <typename... Args>
absl::Status Error(absl::StatusCode code, fmt::format_string<Args...> format, Args&&... args) {
  return absl::Status(code, fmt::format(format, std::forward<Args>(args)...));
}

#define SMELT_DEFINE_ERROR(Name, code)                                           \
  template <typename... Args>                                                    \
  absl::Status Name(fmt::format_string<Args...> format, Args&&... args) {        \
    return absl::Status(code, fmt::format(format, std::forward<Args>(args)...)); \
  }
SMELT_DEFINE_ERROR(InvalidArgument, absl::StatusCode::kInvalidArgument)
SMELT_DEFINE_ERROR(NotFound, absl::StatusCode::kNotFound)
SMELT_DEFINE_ERROR(AlreadyExists, absl::StatusCode::kAlreadyExists)
SMELT_DEFINE_ERROR(Aborted, absl::StatusCode::kAborted)
SMELT_DEFINE_ERROR(Unavailable, absl::StatusCode::kUnavailable)
SMELT_DEFINE_ERROR(ResourceExhausted, absl::StatusCode::kResourceExhausted)
SMELT_DEFINE_ERROR(FailedPrecondition, absl::StatusCode::kFailedPrecondition)
SMELT_DEFINE_ERROR(Unimplemented, absl::StatusCode::kUnimplemented)
SMELT_DEFINE_ERROR(DataLoss, absl::StatusCode::kDataLoss)
SMELT_DEFINE_ERROR(Internal, absl::StatusCode::kInternal)
SMELT_DEFINE_ERROR(Cancelled, absl::StatusCode::kCancelled)
SMELT_DEFINE_ERROR(PermissionDenied, absl::StatusCode::kPermissionDenied)
SMELT_DEFINE_ERROR(DeadlineExceeded, absl::StatusCode::kDeadlineExceeded)
#undef SMELT_DEFINE_ERROR

// The same status with "context: " before its message; OK stays OK.
template <typename... Args>
absl::Status Annotate(const absl::Status& status, fmt::format_string<Args...> format,
                      Args&&... args) {
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      fmt::format(format, std::forward<Args>(args)...) + ": " + Message(status));
}

}  // namespace smelt::base

#define SMELT_CONCAT_INNER(a, b) a##b
#define SMELT_CONCAT(a, b) SMELT_CONCAT_INNER(a, b)

// Returns from the calling function if `expression`, an absl::Status, is not OK.
#define SMELT_RETURN_IF_ERROR(expression)          \
  do {                                             \
    absl::Status smelt_status_ = (expression);     \
    if (!smelt_status_.ok()) return smelt_status_; \
  } while (false)

// SMELT_ASSIGN_OR_RETURN(auto x, F()): assigns the value of a StatusOr or returns its status.
#define SMELT_ASSIGN_OR_RETURN(declaration, expression) \
  SMELT_ASSIGN_OR_RETURN_IMPL(SMELT_CONCAT(smelt_status_or_, __LINE__), declaration, expression)
#define SMELT_ASSIGN_OR_RETURN_IMPL(result, declaration, expression) \
  auto result = (expression);                                        \
  if (!result.ok()) return std::move(result).status();               \
  declaration = std::move(result).value()
