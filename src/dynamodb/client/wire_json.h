#pragma once

// Requests to JSON text and answers from it: the wire forms of types.h (DynamoDB API Reference,
// version 2012-08-10). Pure.

#include <absl/status/statusor.h>

#include <string>

#include "base/json.h"
#include "dynamodb/client/types.h"

namespace smelt::dynamodb {

std::string CreateTableBody(const CreateTableRequest& request);
std::string UpdateTableBody(const UpdateTableRequest& request);
std::string TableNameBody(const std::string& table);
std::string GetItemBody(const GetItemRequest& request);
std::string QueryBody(const QueryRequest& request);
std::string ScanBody(const ScanRequest& request);
std::string WriteBody(const WriteOp& op);

// kDataLoss where the answer is not what the service's reference says.
absl::StatusOr<TableDescription> ParseTableDescription(const base::Json& description);
absl::StatusOr<Page> ParsePage(const base::Json& answer);
absl::StatusOr<Item> ParseItem(const base::Json& item);
// ConsumedCapacity.CapacityUnits, or 0 where it is absent.
double ParseCapacityUnits(const base::Json& answer);

}  // namespace smelt::dynamodb
