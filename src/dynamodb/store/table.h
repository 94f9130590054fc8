#pragma once

// Table: one DynamoDB table as the store holds it in memory, and where its items lie in the file.
//
// Items of table number N are rows of items_N, in the order (hash of the partition key, partition
// key, sort key), keys as dynamodb/value encodes them: a Query is one range of it, a Scan all of
// it, a Scan's segment a range of hashes.

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "dynamodb/store/types.h"

namespace smelt::dynamodb::store {

// Hashes lie in [0, kHashEnd). Part of the file's format.
inline constexpr int64_t kHashEnd = INT64_MAX;
int64_t HashOfPartition(std::string_view partition);
// The hashes [first, second) of one segment of a Scan.
std::pair<int64_t, int64_t> HashesOfSegment(int segment, int segments);

class Table {
 public:
  Table(int64_t number, TableDescription description)
      : number_(number),
        name_(description.spec.name),
        key_(description.spec.key),
        description_(std::move(description)) {}

  int64_t number() const { return number_; }
  const std::string& name() const { return name_; }
  const KeySchema& key() const { return key_; }
  std::string items_table() const;

  // Thread-safe.
  TableDescription description() const;
  void Replace(TableDescription description);
  // What a committed transaction changed.
  void Count(int64_t items, int64_t bytes);

 private:
  const int64_t number_;
  const std::string name_;
  const KeySchema key_;
  mutable std::mutex mutex_;
  TableDescription description_;
};

}  // namespace smelt::dynamodb::store
