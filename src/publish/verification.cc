#include "publish/verification.h"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "base/status.h"
#include "publish/control_item.h"
#include "publish/fence.h"
#include "publish/row_item.h"

namespace smelt::publish {
namespace {

using dynamodb::Item;
using dynamodb::Value;

constexpr size_t kSampleSize = 1000;

// Mixes values in by type and content. Containers come in their own order, which is the same for
// equal ones.
class Digest {
 public:
  void AddMap(const dynamodb::Map& map) {
    AddWord(map.size());
    for (const auto& [name, value] : map) {
      AddText(name);
      AddValue(value);
    }
  }
  uint64_t value() const { return state_; }

 private:
  void AddValue(const Value& value) {
    AddWord(value.data().index());
    std::visit([this](const auto& content) { Add(content); }, value.data());
  }

  void Add(const dynamodb::Null&) {}
  void Add(bool content) { AddWord(content ? 1 : 0); }
  void Add(const std::string& text) { AddText(text); }
  void Add(const dynamodb::Binary& binary) { AddText(binary.bytes); }
  void Add(const dynamodb::Number& number) {
    AddWord(static_cast<uint64_t>(number.coefficient()));
    AddWord(static_cast<uint64_t>(number.coefficient() >> 64));
    AddWord((static_cast<uint64_t>(number.exponent()) << 1) | (number.is_negative() ? 1 : 0));
  }
  void Add(const dynamodb::Map& map) { AddMap(map); }
  void Add(const dynamodb::List& list) {
    AddWord(list.size());
    for (const Value& element : list) AddValue(element);
  }
  template <typename Element, typename... Rest>
  void Add(const std::set<Element, Rest...>& elements) {
    AddWord(elements.size());
    for (const Element& element : elements) Add(element);
  }

  void AddText(std::string_view text) { AddWord(std::hash<std::string_view>()(text)); }
  // The finalizer of splitmix64 over state and word.
  void AddWord(uint64_t word) {
    uint64_t mixed = (state_ + word) * 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    state_ = mixed ^ (mixed >> 31);
  }

  uint64_t state_ = 1;
};

absl::Status Differs(const Sink& sink, const std::string& what) {
  return base::DataLoss(
      "the table {} does not hold what was published: {}. Somebody else may be writing to it; the "
      "next publish writes everything again",
      sink.options.table, what);
}

}  // namespace

uint64_t DigestOf(const Item& item) {
  Digest digest;
  digest.AddMap(item);
  return digest.value();
}

void Written::AddPut(const Item& item) {
  digest_sum_ += DigestOf(item);
  Sample(item, ++puts_, &sampled_puts_);
}

void Written::AddDelete(const Item& key) { Sample(key, ++deletes_, &sampled_deletes_); }

void Written::Sample(const Item& item, int64_t seen, std::vector<Item>* sample) {
  if (sample->size() < kSampleSize) {
    sample->push_back(item);
    return;
  }
  const auto at = std::uniform_int_distribution<int64_t>(0, seen - 1)(random_);
  if (at < static_cast<int64_t>(kSampleSize)) (*sample)[at] = item;
}

absl::StatusOr<Census> TakeCensus(dynamodb::Client& client, const Sink& sink,
                                  const std::string& fence,
                                  const std::function<absl::Status()>& each_page,
                                  const std::function<void(const Item&)>& visit) {
  Census census;
  dynamodb::ScanRequest request;
  request.table = sink.options.table;
  request.consistent = true;
  while (true) {
    SMELT_ASSIGN_OR_RETURN(dynamodb::Page page, client.Scan(request));
    for (const Item& item : page.items) {
      if (HasControlKey(sink.key, item)) continue;
      const std::string theirs = FenceOf(item);
      if (theirs == fence) {
        ++census.ours;
        census.digest_sum += DigestOf(item);
      } else if (theirs.empty()) {
        ++census.foreign;
      } else {
        ++census.older;
      }
      if (visit) visit(item);
    }
    SMELT_RETURN_IF_ERROR(each_page());
    if (page.last_key.empty()) return census;
    request.start_after = std::move(page.last_key);
  }
}

absl::Status CheckCensus(const Sink& sink, const Census& census, const Written& written,
                         int64_t rows) {
  if (census.ours + census.older != rows) {
    return Differs(sink, fmt::format("it has {} items of the mirror, the source has {} rows",
                                     census.ours + census.older, rows));
  }
  if (census.ours != written.puts()) {
    return Differs(
        sink, fmt::format("{} items were put, {} of them are there", written.puts(), census.ours));
  }
  if (census.digest_sum != written.digest_sum()) {
    return Differs(sink, "items that were put have another content");
  }
  return absl::OkStatus();
}

absl::Status CheckSample(dynamodb::Client& client, const Sink& sink, const Written& written) {
  const std::string& table = sink.options.table;
  for (const Item& item : written.sampled_puts()) {
    SMELT_ASSIGN_OR_RETURN(
        std::optional<Item> found,
        client.GetItem({table, dynamodb::ProjectKey(sink.key, item), /*consistent=*/true}));
    if (!found) {
      return Differs(sink, fmt::format("{} is missing", DescribeKey(sink.key, item)));
    }
    for (const auto& [name, value] : item) {
      const auto theirs = found->find(name);
      if (theirs == found->end() || !(theirs->second == value)) {
        return Differs(sink, fmt::format("{} of {} differs", name, DescribeKey(sink.key, item)));
      }
    }
    if (found->size() != item.size()) {
      return Differs(sink, fmt::format("{} has more attributes", DescribeKey(sink.key, item)));
    }
  }
  for (const Item& key : written.sampled_deletes()) {
    SMELT_ASSIGN_OR_RETURN(std::optional<Item> found,
                           client.GetItem({table, key, /*consistent=*/true}));
    if (found) {
      return Differs(sink, fmt::format("{} is there again", DescribeKey(sink.key, key)));
    }
  }
  return absl::OkStatus();
}

}  // namespace smelt::publish
