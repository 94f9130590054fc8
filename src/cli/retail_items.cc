#include "cli/retail_items.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>
#include <span>
#include <vector>

#include "base/status.h"
#include "dynamodb/value/value_json.h"

namespace smelt::cli {

namespace {

struct Category {
  std::string_view name;
  std::initializer_list<std::string_view>
      words;  // of a description; the first category that has one of them wins
};

constexpr char kFallback[] = "general";

const Category kCategories[] = {
    {"christmas", {"CHRISTMAS", "XMAS", "SANTA", "ADVENT", "REINDEER", "SNOWFLAKE"}},
    {"bags", {"BAG", "SHOPPER", "PURSE", "TOTE", "SATCHEL"}},
    {"lighting", {"LANTERN", "CANDLE", "CANDLES", "LAMP", "T-LIGHT", "LIGHTS"}},
    {"kitchen", {"MUG", "CUP", "BOWL", "CAKE", "TEA", "PLATE", "LUNCH", "BOTTLE", "JAR", "BAKING"}},
    {"stationery", {"CARD", "CARDS", "PAPER", "WRAP", "NOTEBOOK", "PENCILS", "TAPE", "RIBBONS"}},
    {"toys & games", {"GAME", "TOY", "PUZZLE", "DOLLY", "SKITTLES", "CHILDRENS"}},
    {"garden", {"GARDEN", "FLOWER", "PLANT", "BIRD", "WATERING"}},
    {"jewellery", {"NECKLACE", "BRACELET", "EARRINGS", "RING"}},
    {"storage", {"BOX", "TIN", "BASKET", "DRAWER", "CABINET", "STORAGE"}},
    {"home décor", {"SIGN", "FRAME", "CLOCK", "HEART", "MIRROR", "CUSHION", "DOORMAT", "HANGING"}},
};

std::vector<std::string_view> WordsOf(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::string_view CategoryOf(const RetailRow& row, const std::vector<std::string_view>& words) {
  for (const Category& category : kCategories) {
    for (const std::string_view word : words) {
      if (std::find(category.words.begin(), category.words.end(), word) != category.words.end()) {
        return category.name;
      }
    }
  }
  const bool is_article =
      !row.stock_code.empty() && row.stock_code[0] >= '0' && row.stock_code[0] <= '9';
  return is_article ? kFallback : "services";
}

char ToUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The category as people type it: in one of four cases, with blanks around it.
std::string Mistyped(std::string_view category, uint64_t noise) {
  std::string text(category);
  const uint64_t style = noise & 3;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins_word = i == 0 || text[i - 1] == ' ';
    if (style == 1 || (style == 2 && begins_word) || (style == 3 && i == 0))
      text[i] = ToUpper(text[i]);
  }
  const std::array<std::string_view, 4> before = {"", "", " ", "  "};
  const std::array<std::string_view, 4> after = {"", "", "", " "};
  return std::string(before[noise >> 2 & 3]) + text + std::string(after[noise >> 4 & 3]);
}

// Thousandths as the service writes a number: no needless zeros.
std::string MillisText(int64_t millis) {
  const int64_t magnitude = millis < 0 ? -millis : millis;
  std::string text =
      fmt::format("{}{}.{:03}", millis < 0 ? "-" : "", magnitude / 1000, magnitude % 1000);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

// Appends members of one item, in order of their names.
class ItemWriter {
 public:
  explicit ItemWriter(std::string* out) : out_(out) { *out_ += '{'; }
  void Number(std::string_view name, std::string_view digits) {
    Begin(name);
    *out_ += "{\"N\":\"";
    *out_ += digits;
    *out_ += "\"}";
  }
  void Number(std::string_view name, int64_t value) { Number(name, fmt::format_int(value).str()); }
  void Text(std::string_view name, std::string_view text) {
    Begin(name);
    *out_ += "{\"S\":";
    dynamodb::AppendJsonString(text, out_);
    *out_ += '}';
  }
  // A value that is DynamoDB JSON already.
  void Raw(std::string_view name, std::string_view json) {
    Begin(name);
    *out_ += json;
  }
  void BeginMap(std::string_view name) {
    Begin(name);
    *out_ += "{\"M\":{";
    first_ = true;
  }
  void EndMap() {
    *out_ += "}}";
    first_ = false;
  }
  void TextSet(std::string_view name, const std::set<std::string>& texts, size_t limit) {
    Begin(name);
    *out_ += "{\"SS\":[";
    size_t count = 0;
    for (const std::string& text : texts) {
      if (count == limit) break;
      if (count++ > 0) *out_ += ',';
      dynamodb::AppendJsonString(text, out_);
    }
    *out_ += "]}";
  }
  void Finish() { *out_ += '}'; }

 private:
  void Begin(std::string_view name) {
    *out_ += first_ ? "\"" : ",\"";
    first_ = false;
    *out_ += name;
    *out_ += "\":";
  }

  std::string* const out_;
  bool first_ = true;
};

uint64_t TransactionHash(const RetailItem& item) {
  return item.is_new ? ScatteredHash("new", item.new_number)
                     : ScatteredHash("transaction", item.row);
}

std::string TransactionId(const RetailItem& item) {
  return item.is_new ? fmt::format("N-{:07}", item.new_number) : fmt::format("T-{:07}", item.row);
}

constexpr std::string_view kNull = "{\"NULL\":true}";

// One in 2,000 items has the customer 0; guests are sometimes NULL and sometimes not there at all.
void WriteCustomer(const RetailRow& row, uint64_t hash, ItemWriter* writer) {
  if (hash % 10000 < 5) {
    writer->Number("customer_id", "0");
  } else if (row.customer_id != 0) {
    writer->Number("customer_id", row.customer_id);
  } else if ((hash >> 33 & 1) != 0) {
    writer->Raw("customer_id", kNull);
  }
}

void WriteCategory(const RetailRow& row, const std::vector<std::string_view>& words, uint64_t hash,
                   ItemWriter* writer) {
  const uint64_t chance = (hash >> 34) % 100;
  if (chance < 3) return;
  if (chance == 3) return writer->Raw("product_category", kNull);
  if (chance == 4) return writer->Text("product_category", (hash >> 42 & 1) != 0 ? "" : "  ");
  writer->Text("product_category", Mistyped(CategoryOf(row, words), hash >> 43));
}

// A date that is missing, impossible, or written another way in 9 of 10,000 items.
void WriteDate(const RetailItem& item, const RetailRow& row, uint64_t hash, ItemWriter* writer) {
  const uint64_t chance = hash % 10000;
  if (chance >= 5 && chance < 8) return;
  const std::string_view date = chance >= 8 && chance < 11    ? "2011-02-30"
                                : chance >= 11 && chance < 14 ? "12/01/2010"
                                : !item.date.empty()          ? item.date
                                                              : row.time.substr(0, 10);
  writer->Text("transaction_date", date);
}

void WriteTags(const std::vector<std::string_view>& words, uint64_t hash, ItemWriter* writer) {
  if ((hash >> 50 & 3) != 0) return;
  std::set<std::string> tags;
  for (const std::string_view word : words) {
    if (word.size() <= 3) continue;
    std::string tag(word);
    std::transform(tag.begin(), tag.end(), tag.begin(), ToLower);
    tags.insert(std::move(tag));
  }
  if (!tags.empty()) writer->TextSet("tags", tags, 1 + (hash >> 52) % 3);
}

void WriteAttributes(const RetailItem& item, const RetailRow& row, uint64_t hash,
                     ItemWriter* writer) {
  constexpr std::array<std::string_view, 4> kChannels = {"web", "phone", "store", "app"};
  constexpr std::array<std::string_view, 4> kMethods = {"ground", "air", "pickup", "locker"};
  writer->BeginMap("attributes");
  writer->Text("channel", kChannels[hash >> 14 & 3]);
  writer->Raw("gift", (hash >> 16 & 7) == 0 ? "{\"BOOL\":true}" : "{\"BOOL\":false}");
  writer->Number("hour", (row.time[11] - '0') * 10 + (row.time[12] - '0'));
  writer->Number("line", row.line);
  writer->Number("rev", item.revision);
  writer->BeginMap("ship");
  writer->Text("method", kMethods[hash >> 19 & 3]);
  writer->Number("weight_g", static_cast<int64_t>(50 + (hash >> 21) % 4000));
  writer->EndMap();
  writer->Text("stock_code", row.stock_code);
  writer->EndMap();
}

}  // namespace

uint64_t ScatteredHash(std::string_view purpose, uint64_t number) {
  uint64_t hash = 14695981039346656037u;
  for (const char c : purpose) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  hash ^= number * 0x9E3779B97F4A7C15u;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
  return hash ^ (hash >> 31);
}

uint64_t EventHash(const RetailItem& item) {
  return ScatteredHash("event", TransactionHash(item) + item.revision);
}

std::string EventId(const RetailItem& item) { return fmt::format("{:016x}", EventHash(item)); }

void AppendRetailItem(const RetailCsv& csv, const RetailItem& item, std::string* out) {
  const RetailRow& row = csv.rows()[item.row];
  const uint64_t hash = TransactionHash(item);
  const std::vector<std::string_view> words = WordsOf(row.description);
  int64_t amount_millis = row.quantity * row.price_millis;
  amount_millis += amount_millis >= 0 ? item.extra_millis : -item.extra_millis;

  ItemWriter writer(out);
  writer.Number("amount", MillisText(amount_millis));
  WriteAttributes(item, row, hash, &writer);
  writer.Text("country", row.country);
  WriteCustomer(row, hash, &writer);
  writer.Text("description", row.description);
  writer.Text("event_id", EventId(item));
  writer.Text("invoice", row.invoice);
  WriteCategory(row, words, hash, &writer);
  writer.Number("quantity", row.quantity);
  WriteTags(words, hash, &writer);
  WriteDate(item, row, hash, &writer);
  const uint64_t chance = hash % 10000;
  if (chance < 14 || chance >= 19) writer.Text("transaction_id", TransactionId(item));
  writer.Number("unit_price", MillisText(row.price_millis));
  writer.Finish();
}

std::string_view RegionOf(std::string_view country) {
  static const std::set<std::string_view> kEurope = {
      "Austria",   "Belgium", "Cyprus",     "Czech Republic", "Denmark", "European Community",
      "Finland",   "France",  "Germany",    "Greece",         "Iceland", "Italy",
      "Lithuania", "Malta",   "Norway",     "Netherlands",    "Poland",  "Portugal",
      "Spain",     "Sweden",  "Switzerland"};
  if (country == "United Kingdom") return "uk";
  if (country == "EIRE" || country == "Channel Islands") return "isles";
  if (kEurope.contains(country)) return "europe";
  if (country == "USA" || country == "Canada" || country == "Brazil") return "americas";
  if (country == "Australia" || country == "Japan" || country == "Singapore" ||
      country == "Hong Kong") {
    return "apac";
  }
  return "other";
}

std::string_view SegmentOf(int32_t customer_id) {
  constexpr std::array<std::string_view, 5> kSegments = {"bronze", "silver", "gold", "platinum",
                                                         "business"};
  return kSegments[ScatteredHash("segment", static_cast<uint64_t>(customer_id)) % kSegments.size()];
}

}  // namespace smelt::cli
