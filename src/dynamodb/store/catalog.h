#pragma once

// Catalog: which tables there are. Rows of `tables` in the file, and in memory what every request
// looks up. Finding is thread-safe; the functions that change the file run under the writer's lock
// (writer.h).

#include <absl/status/statusor.h>

#include <map>
#include <memory>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "dynamodb/store/connection.h"
#include "dynamodb/store/table.h"
#include "dynamodb/store/types.h"

namespace smelt::dynamodb::store {

// The file's schema, for state::Migrate.
inline constexpr int32_t kApplicationId = 0x534d4454;  // "SMDT"
std::span<const std::string_view> Migrations();

class Catalog {
 public:
  explicit Catalog(base::Clock* clock) : clock_(clock) {}

  absl::Status Load(Connection* connection);

  absl::StatusOr<std::shared_ptr<Table>> Find(const std::string& name) const;
  std::vector<std::string> Names() const;

  absl::StatusOr<TableDescription> Create(const TableSpec& spec, Connection* connection);
  absl::StatusOr<TableDescription> Update(const std::string& name, const TableChange& change,
                                          Connection* connection);
  absl::StatusOr<TableDescription> Delete(const std::string& name, Connection* connection);

 private:
  base::Clock* clock_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::shared_ptr<Table>, std::less<>> tables_;
};

}  // namespace smelt::dynamodb::store
