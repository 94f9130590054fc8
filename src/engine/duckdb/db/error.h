#pragma once

// DuckDB's exceptions as absl::Status, and an absl::Status through DuckDB and back: a table
// function or the file system throws it with ThrowStatus, and whoever ran the query gets the same
// code and message.

#include <absl/status/status.h>

#include <exception>

namespace duckdb {
class ErrorData;
}

namespace smelt::duck {

[[noreturn]] void ThrowStatus(const absl::Status& status);

// Wrong SQL and values are kInvalidArgument (a Spark error class in brackets stays at the message's
// start), memory and disk that ran out kResourceExhausted, an interrupt kCancelled.
absl::Status ToStatus(const duckdb::ErrorData& error);
absl::Status ToStatus(const std::exception& exception);

// Runs `function`, which returns an absl::Status or a StatusOr, and turns what it throws into a
// Status.
template <typename Function>
auto CatchErrors(Function&& function) -> decltype(function()) {
  try {
    return function();
  } catch (const std::exception& exception) {
    return ToStatus(exception);
  }
}

}  // namespace smelt::duck
