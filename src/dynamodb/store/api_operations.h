#pragma once

// The operations behind Api, by subject. Each takes the request's members and gives the body of its
// answer; errors as store.h says, and kOutOfRange for JSON of the wrong shape
// (SerializationException).

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "dynamodb/store/api_parameters.h"
#include "dynamodb/store/store.h"

namespace smelt::dynamodb::store {

// An object's text, written member by member: items go in without a tree between.
class ReplyBody {
 public:
  void Add(std::string_view name, const base::Json& value);
  void AddItem(std::string_view name, const Item& item);
  void AddItems(std::string_view name, const std::vector<Item>& items);
  // JSON as it stands.
  void AddText(std::string_view name, std::string_view json);
  std::string Finish();

 private:
  void Name(std::string_view name);

  std::string text_ = "{";
};

// Where ReturnConsumedCapacity asks for it.
class ConsumedCapacity {
 public:
  explicit ConsumedCapacity(Parameters* parameters)
      : mode_(parameters->Enum("ReturnConsumedCapacity", {"NONE", "TOTAL", "INDEXES"})) {}

  bool is_wanted() const { return mode_ != "NONE"; }
  base::Json Of(const std::string& table, double units) const;
  void AddTo(ReplyBody* reply, const std::string& table, double units) const;

 private:
  std::string mode_;
};

struct Reply {
  int status = 200;
  std::string body;
  bool is_lost = false;
};

using Operation = absl::StatusOr<Reply> (*)(Store* store, Parameters* parameters);

// api_tables.cc
absl::StatusOr<Reply> CreateTable(Store* store, Parameters* parameters);
absl::StatusOr<Reply> DescribeTable(Store* store, Parameters* parameters);
absl::StatusOr<Reply> UpdateTable(Store* store, Parameters* parameters);
absl::StatusOr<Reply> DeleteTable(Store* store, Parameters* parameters);
absl::StatusOr<Reply> ListTables(Store* store, Parameters* parameters);

// api_items.cc
absl::StatusOr<Reply> PutItem(Store* store, Parameters* parameters);
absl::StatusOr<Reply> DeleteItem(Store* store, Parameters* parameters);
absl::StatusOr<Reply> GetItem(Store* store, Parameters* parameters);

// api_batches.cc
absl::StatusOr<Reply> BatchWriteItem(Store* store, Parameters* parameters);
absl::StatusOr<Reply> BatchGetItem(Store* store, Parameters* parameters);

// api_pages.cc
absl::StatusOr<Reply> Query(Store* store, Parameters* parameters);
absl::StatusOr<Reply> Scan(Store* store, Parameters* parameters);

}  // namespace smelt::dynamodb::store
