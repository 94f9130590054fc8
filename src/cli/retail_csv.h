#pragma once

// The Online Retail data set (examples/retail/data/NOTICE), embedded in the program as .csv.xz, as
// rows. Immutable once loaded, so thread-safe.

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace smelt::cli {

struct RetailRow {
  std::string_view invoice;
  std::string_view stock_code;
  std::string_view description;
  std::string_view time;  // "2010-12-01 08:26:00"
  std::string_view country;
  int32_t quantity = 0;
  int32_t customer_id = 0;   // 0: a guest
  int64_t price_millis = 0;  // thousandths of a pound; negative ones are corrections of bad debt
  int32_t line = 0;          // within the invoice, from 1
};

class RetailCsv {
 public:
  // Unpacks the embedded file: half a second.
  static absl::StatusOr<RetailCsv> Load();
  // For tests: a CSV text with the same columns, of which the first line is the header.
  static absl::StatusOr<RetailCsv> Parse(std::string text);

  const std::vector<RetailRow>& rows() const { return rows_; }

 private:
  std::unique_ptr<std::string> text_;  // what the rows' texts point into
  std::vector<RetailRow> rows_;
};

}  // namespace smelt::cli
