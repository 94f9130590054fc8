#include "engine/duckdb/db/error.h"

#include <duckdb/common/error_data.hpp>
#include <duckdb/common/exception.hpp>
#include <string>

#include "base/status.h"

namespace smelt::duck {
namespace {

using duckdb::ExceptionType;

// Members of an exception's extra information: DuckDB carries them from the thread that threw to
// the result.
constexpr char kCodeKey[] = "smelt_status_code";
constexpr char kMessageKey[] = "smelt_status_message";

absl::StatusCode CodeOf(ExceptionType type, const std::string& message) {
  switch (type) {
    case ExceptionType::OUT_OF_MEMORY:
    case ExceptionType::OBJECT_SIZE:
      return absl::StatusCode::kResourceExhausted;
    case ExceptionType::INTERRUPT:
      return absl::StatusCode::kCancelled;
    case ExceptionType::NOT_IMPLEMENTED:
      return absl::StatusCode::kUnimplemented;
    case ExceptionType::PERMISSION:
      return absl::StatusCode::kPermissionDenied;
    case ExceptionType::TRANSACTION:
    case ExceptionType::CONNECTION:
    case ExceptionType::DEPENDENCY:
      return absl::StatusCode::kFailedPrecondition;
    case ExceptionType::SERIALIZATION:
      return absl::StatusCode::kDataLoss;
    case ExceptionType::IO:
      // DuckDB's own files are those of its temporary directory.
      return message.find("No space left") != std::string::npos
                 ? absl::StatusCode::kResourceExhausted
                 : absl::StatusCode::kUnavailable;
    case ExceptionType::FATAL:
    case ExceptionType::INTERNAL:
    case ExceptionType::INVALID:
    case ExceptionType::NULL_POINTER:
    case ExceptionType::SCHEDULER:
    case ExceptionType::EXECUTOR:
    case ExceptionType::OPTIMIZER:
    case ExceptionType::PLANNER:
      return absl::StatusCode::kInternal;
    default:
      return absl::StatusCode::kInvalidArgument;
  }
}

}  // namespace

void ThrowStatus(const absl::Status& status) {
  const std::string message = base::Message(status);
  duckdb::unordered_map<std::string, std::string> extra{
      {kCodeKey, std::to_string(static_cast<int>(status.code()))}, {kMessageKey, message}};
  throw duckdb::Exception(extra, ExceptionType::IO, message);
}

absl::Status ToStatus(const duckdb::ErrorData& error) {
  const auto& extra = error.ExtraInfo();
  const auto code = extra.find(kCodeKey);
  const auto carried = extra.find(kMessageKey);
  if (code != extra.end() && carried != extra.end()) {
    return absl::Status(static_cast<absl::StatusCode>(std::stoi(code->second)), carried->second);
  }
  std::string message = error.RawMessage();
  // The excerpt shows DuckDB's SQL, which the user did not write.
  if (const size_t excerpt = message.find("\n\nLINE "); excerpt != std::string::npos) {
    message.resize(excerpt);
  }
  return absl::Status(CodeOf(error.Type(), message), message);
}

absl::Status ToStatus(const std::exception& exception) {
  return ToStatus(duckdb::ErrorData(exception));
}

}  // namespace smelt::duck
