#pragma once

// Items of the demo's DynamoDB table `customer_transactions`, made of rows of the data set: one
// item a row, with the faults that operational data has. Everything follows from the row's number,
// so the same item can be written again: as it was, changed, or under another event id. Immutable,
// so thread-safe.

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/retail_csv.h"

namespace smelt::cli {

// A number that looks random and is the same every time.
uint64_t ScatteredHash(std::string_view purpose, uint64_t number);

// Which item: the table's key, event_id, is made of all but the last three.
struct RetailItem {
  uint32_t row = 0;       // in the data set
  uint32_t revision = 1;  // 2 and up: the same transaction under another event id
  bool is_new =
      false;  // a transaction that the full export does not have: a row's contents under a new id
  uint32_t new_number = 0;   // of a new one
  std::string_view date;     // of a new one, in place of the row's
  int64_t extra_millis = 0;  // moves the amount away from zero
};

// The event id as a number; items are exported in its order.
uint64_t EventHash(const RetailItem& item);
// 16 hexadecimal digits.
std::string EventId(const RetailItem& item);

// Appends the item as DynamoDB JSON: {"amount":{"N":"15.3"},..}.
void AppendRetailItem(const RetailCsv& csv, const RetailItem& item, std::string* out);

// "uk", "europe", ..
std::string_view RegionOf(std::string_view country);
// "silver", ..
std::string_view SegmentOf(int32_t customer_id);

}  // namespace smelt::cli
