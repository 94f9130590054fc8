#include "state/migrations.h"

#include "base/status.h"

namespace smelt::state {
namespace {

absl::StatusOr<int64_t> Pragma(Database* database, std::string_view name) {
  SMELT_ASSIGN_OR_RETURN(Statement statement, database->Prepare(fmt::format("PRAGMA {}", name)));
  SMELT_ASSIGN_OR_RETURN(const bool found, statement.Step());
  return found ? statement.Int(0) : 0;
}

}  // namespace

absl::Status Migrate(Database* database, int32_t application_id,
                     std::span<const std::string_view> migrations) {
  SMELT_ASSIGN_OR_RETURN(const int64_t found_id, Pragma(database, "application_id"));
  SMELT_ASSIGN_OR_RETURN(const int64_t found_version, Pragma(database, "user_version"));
  SMELT_ASSIGN_OR_RETURN(const int64_t schema_version, Pragma(database, "schema_version"));
  const bool is_new = found_id == 0 && found_version == 0 && schema_version == 0;
  if (!is_new && found_id != application_id) {
    return base::FailedPrecondition("the file belongs to another application (id {:#x}, not {:#x})",
                                    found_id, application_id);
  }
  const auto known = static_cast<int64_t>(migrations.size());
  if (found_version > known) {
    return base::FailedPrecondition(
        "the file has schema version {}, and this version of smelt knows {}: use a newer smelt",
        found_version, known);
  }
  for (int64_t version = found_version; version < known; ++version) {
    SMELT_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(database));
    SMELT_RETURN_IF_ERROR(database->Execute(std::string(migrations[version])));
    SMELT_RETURN_IF_ERROR(database->Execute(fmt::format(
        "PRAGMA application_id = {}; PRAGMA user_version = {}", application_id, version + 1)));
    SMELT_RETURN_IF_ERROR(transaction.Commit());
  }
  return absl::OkStatus();
}

}  // namespace smelt::state
