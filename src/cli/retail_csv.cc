#include "cli/retail_csv.h"

#include <lzma.h>

#include <array>
#include <charconv>
#include <cstring>

#include "base/status.h"

// The compressed file as it lies in the source tree; found through the include path, which begins
// at src/.
asm(R"(
    .section .rodata
    .balign 16
    .globl smelt_retail_csv_begin
smelt_retail_csv_begin:
    .incbin "../examples/retail/data/online_retail.csv.xz"
    .globl smelt_retail_csv_end
smelt_retail_csv_end:
    .byte 0
    .previous
)");
extern "C" {
extern const uint8_t smelt_retail_csv_begin[];
extern const uint8_t smelt_retail_csv_end[];
}

namespace smelt::cli {

namespace {

constexpr size_t kFieldCount = 8;
constexpr size_t kUnpackedBytes = 46
                                  << 20;  // a little more than the file: grown where that is wrong

absl::StatusOr<std::string> Unxz(const uint8_t* begin, const uint8_t* end) {
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_stream_decoder(&stream, UINT64_MAX, 0) != LZMA_OK) {
    return base::Internal("liblzma cannot decode");
  }
  std::string text(kUnpackedBytes, '\0');
  stream.next_in = begin;
  stream.avail_in = static_cast<size_t>(end - begin);
  lzma_ret result = LZMA_OK;
  while (result == LZMA_OK) {
    if (stream.total_out == text.size()) text.resize(text.size() * 2);
    stream.next_out = reinterpret_cast<uint8_t*>(text.data()) + stream.total_out;
    stream.avail_out = text.size() - stream.total_out;
    result = lzma_code(&stream, LZMA_FINISH);
  }
  text.resize(stream.total_out);
  lzma_end(&stream);
  if (result != LZMA_STREAM_END) return base::DataLoss("the embedded data set is broken");
  return text;
}

// Reads one field at `*at` and moves behind the delimiter after it. Doubled quotes are undone in
// place. False at a mistake.
bool ReadField(char* text, size_t size, size_t* at, bool is_last, std::string_view* field) {
  const char delimiter = is_last ? '\n' : ',';
  size_t i = *at;
  if (i < size && text[i] == '"') {
    const size_t begin = ++i;
    size_t end = begin;
    while (true) {
      if (i >= size) return false;
      if (text[i] == '"') {
        if (i + 1 < size && text[i + 1] == '"') {
          ++i;
        } else {
          break;
        }
      }
      text[end++] = text[i++];
    }
    ++i;
    *field = std::string_view(text + begin, end - begin);
  } else {
    const size_t begin = i;
    while (i < size && text[i] != ',' && text[i] != '\n') ++i;
    size_t end = i;
    if (is_last && end > begin && text[end - 1] == '\r') --end;
    *field = std::string_view(text + begin, end - begin);
  }
  if (is_last && i < size && text[i] == '\r') ++i;
  if (i < size && text[i] != delimiter) return false;
  if (i == size && !is_last) return false;
  *at = i + 1;
  return true;
}

bool ParseInt(std::string_view text, int32_t* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

// "2.55" as 2550; at most three decimals.
bool ParseMillis(std::string_view text, int64_t* millis) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int64_t value = 0;
  int decimals = -1;
  for (char c : text) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
    } else if (c >= '0' && c <= '9' && decimals < 3) {
      value = value * 10 + (c - '0');
      if (decimals >= 0) ++decimals;
    } else {
      return false;
    }
  }
  for (int i = decimals < 0 ? 0 : decimals; i < 3; ++i) value *= 10;
  *millis = negative ? -value : value;
  return !text.empty();
}

bool ParseRow(const std::array<std::string_view, kFieldCount>& fields, RetailRow* row) {
  row->invoice = fields[0];
  row->stock_code = fields[1];
  row->description = fields[2];
  row->time = fields[4];
  row->country = fields[7];
  // "17850.0": the spreadsheet had it as a floating-point number.
  std::string_view customer = fields[6];
  if (customer.ends_with(".0")) customer.remove_suffix(2);
  return row->time.size() == 19 && ParseInt(fields[3], &row->quantity) &&
         ParseMillis(fields[5], &row->price_millis) &&
         (customer.empty() || ParseInt(customer, &row->customer_id));
}

}  // namespace

absl::StatusOr<RetailCsv> RetailCsv::Load() {
  SMELT_ASSIGN_OR_RETURN(std::string text, Unxz(smelt_retail_csv_begin, smelt_retail_csv_end));
  return Parse(std::move(text));
}

absl::StatusOr<RetailCsv> RetailCsv::Parse(std::string csv) {
  RetailCsv result;
  result.text_ = std::make_unique<std::string>(std::move(csv));
  std::string& text = *result.text_;
  result.rows_.reserve(text.size() / 80);
  size_t at = text.find('\n');
  if (at == std::string::npos) return base::InvalidArgument("the data set has no header");
  ++at;
  while (at < text.size()) {
    std::array<std::string_view, kFieldCount> fields;
    bool well_formed = true;
    for (size_t i = 0; i < kFieldCount && well_formed; ++i) {
      well_formed = ReadField(text.data(), text.size(), &at, i + 1 == kFieldCount, &fields[i]);
    }
    RetailRow row;
    if (!well_formed || !ParseRow(fields, &row)) {
      return base::InvalidArgument("row {} of the data set is broken", result.rows_.size() + 1);
    }
    const bool same_invoice = !result.rows_.empty() && result.rows_.back().invoice == row.invoice;
    row.line = same_invoice ? result.rows_.back().line + 1 : 1;
    result.rows_.push_back(row);
  }
  return result;
}

}  // namespace smelt::cli
