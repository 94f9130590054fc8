#include "dynamodb/store/reader.h"

#include <algorithm>
#include <optional>

#include "base/status.h"
#include "dynamodb/store/capacity.h"
#include "dynamodb/store/item_codec.h"

namespace smelt::dynamodb::store {
namespace {

constexpr int64_t kPageSizeBytes = 1 << 20;

// One end of a range of sort keys.
struct Bound {
  std::string bytes;
  bool is_inclusive = true;
};

struct Range {
  std::optional<Bound> low;
  std::optional<Bound> high;
};

// The first byte string after all that begin with `prefix`; nullopt where none is.
std::optional<std::string> AfterPrefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

Range RangeOf(const KeyCondition::Sort& sort) {
  const std::string low = EncodeKeyValue(sort.low);
  switch (sort.op) {
    case SortOperator::kEqual:
      return {.low = Bound{low}, .high = Bound{low}};
    case SortOperator::kLess:
      return {.high = Bound{low, false}};
    case SortOperator::kLessOrEqual:
      return {.high = Bound{low}};
    case SortOperator::kGreater:
      return {.low = Bound{low, false}};
    case SortOperator::kGreaterOrEqual:
      return {.low = Bound{low}};
    case SortOperator::kBetween:
      return {.low = Bound{low}, .high = Bound{EncodeKeyValue(sort.high)}};
    case SortOperator::kBeginsWith: {
      Range range{.low = Bound{low}};
      if (std::optional<std::string> end = AfterPrefix(low)) range.high = Bound{*end, false};
      return range;
    }
  }
  return {};
}

// Gathers one page: until the limit, or the item with which 1 MB is reached.
class PageBuilder {
 public:
  PageBuilder(const Table& table, const PageRequest& request) : table_(table), request_(request) {}

  // Reads the statement's rows (size, item) and resets it.
  absl::StatusOr<Page> Read(state::Statement* rows) {
    const ResetAtEnd reset(rows);
    while (true) {
      SMELT_ASSIGN_OR_RETURN(const bool has_row, rows->Step());
      if (!has_row) break;
      SMELT_ASSIGN_OR_RETURN(Item item, DecodeItem(rows->Blob(1)));
      size_bytes_ += rows->Int(0);
      ++page_.scanned;
      if (page_.scanned == request_.limit || size_bytes_ >= kPageSizeBytes) {
        page_.last_key = ProjectKey(table_.key(), item);
        Add(std::move(item));
        break;
      }
      Add(std::move(item));
    }
    page_.read_units = ReadUnits(size_bytes_, request_.consistent);
    return std::move(page_);
  }

 private:
  void Add(Item item) {
    if (request_.filter != nullptr && !request_.filter->Holds(&item)) return;
    ++page_.count;
    if (request_.count_only) return;
    page_.items.push_back(request_.projection == nullptr ? std::move(item)
                                                         : request_.projection->Apply(item));
  }

  const Table& table_;
  const PageRequest& request_;
  Page page_;
  int64_t size_bytes_ = 0;
};

}  // namespace

class Readers::Borrowed {
 public:
  Borrowed(Readers* readers, std::unique_ptr<Connection> connection)
      : readers_(readers), connection_(std::move(connection)) {}
  ~Borrowed() { readers_->GiveBack(std::move(connection_)); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;

  Connection* operator->() { return connection_.get(); }

 private:
  Readers* readers_;
  std::unique_ptr<Connection> connection_;
};

absl::StatusOr<std::unique_ptr<Connection>> Readers::Take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  SMELT_ASSIGN_OR_RETURN(state::Database database,
                         state::Database::Open(file_, {.read_only = true}));
  return std::make_unique<Connection>(std::move(database));
}

void Readers::GiveBack(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
}

absl::StatusOr<GetResult> Readers::Get(const Table& table, const EncodedKey& key, bool consistent) {
  SMELT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Take());
  Borrowed borrowed(this, std::move(connection));
  SMELT_ASSIGN_OR_RETURN(
      state::Statement * select,
      borrowed->Statement(
          fmt::format("SELECT size, item FROM {} WHERE hash = ? AND partition = ? AND sort = ?",
                      table.items_table())));
  const ResetAtEnd reset(select);
  select->BindInt(0, HashOfPartition(key.partition)).BindBlob(1, key.partition);
  select->BindBlob(2, key.sort);
  SMELT_ASSIGN_OR_RETURN(const bool exists, select->Step());
  GetResult result{.read_units = ReadUnits(exists ? select->Int(0) : 0, consistent)};
  if (exists) {
    SMELT_ASSIGN_OR_RETURN(result.item, DecodeItem(select->Blob(1)));
  }
  return result;
}

absl::StatusOr<Page> Readers::Query(const Table& table, const QueryRequest& request) {
  const std::string partition = EncodeKeyValue(request.key.partition);
  Range range = request.key.sort ? RangeOf(*request.key.sort) : Range();
  if (!request.start_after.empty()) {
    SMELT_ASSIGN_OR_RETURN(EncodedKey start, KeyOfParameter(table.key(), request.start_after));
    // It lies inside the range, so it replaces the end where the page begins.
    (request.forward ? range.low : range.high) = Bound{std::move(start.sort), false};
  }
  std::string sql = fmt::format("SELECT size, item FROM {} WHERE hash = ? AND partition = ?",
                                table.items_table());
  if (range.low) sql += range.low->is_inclusive ? " AND sort >= ?" : " AND sort > ?";
  if (range.high) sql += range.high->is_inclusive ? " AND sort <= ?" : " AND sort < ?";
  sql += request.forward ? " ORDER BY sort" : " ORDER BY sort DESC";

  SMELT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Take());
  Borrowed borrowed(this, std::move(connection));
  SMELT_ASSIGN_OR_RETURN(state::Statement * select, borrowed->Statement(sql));
  select->BindInt(0, HashOfPartition(partition)).BindBlob(1, partition);
  int parameter = 2;
  if (range.low) select->BindBlob(parameter++, range.low->bytes);
  if (range.high) select->BindBlob(parameter++, range.high->bytes);
  return PageBuilder(table, request).Read(select);
}

absl::StatusOr<Page> Readers::Scan(const Table& table, const ScanRequest& request) {
  const auto [begin, end] = HashesOfSegment(request.segment, request.segments);
  EncodedKey start;
  if (!request.start_after.empty()) {
    SMELT_ASSIGN_OR_RETURN(start, KeyOfParameter(table.key(), request.start_after));
  }
  SMELT_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, Take());
  Borrowed borrowed(this, std::move(connection));
  const std::string condition =
      request.start_after.empty() ? "hash >= ?" : "(hash, partition, sort) > (?, ?, ?)";
  SMELT_ASSIGN_OR_RETURN(
      state::Statement * select,
      borrowed->Statement(fmt::format(
          "SELECT size, item FROM {} WHERE {} AND hash < ? ORDER BY hash, partition, sort",
          table.items_table(), condition)));
  if (request.start_after.empty()) {
    select->BindInt(0, begin).BindInt(1, end);
  } else {
    select->BindInt(0, HashOfPartition(start.partition));
    select->BindBlob(1, start.partition).BindBlob(2, start.sort).BindInt(3, end);
  }
  return PageBuilder(table, request).Read(select);
}

}  // namespace smelt::dynamodb::store
