#pragma once

// ItemDecoder: one image of an item (an object of attribute names to DynamoDB JSON values) into
// typed columns.
//
// What fits which column, nothing ever losing a digit:
//   string     S as it is, N as its text            boolean   BOOL
//   integers and decimals     N that fits exactly   double    N, the nearest
//   date       S like 2024-02-29                    timestamp S like 2024-02-29T12:00:00Z
//   binary     B                                    array<T>  L, SS, NS, BS whose elements fit T
//   struct     M, members by name                   map<string, T>   M whose values fit T
// NULL and an absent attribute are SQL NULL. An attribute of which any part fits no column is
// written whole, as its DynamoDB JSON, into the row's rescued data; the parts that do fit stand in
// the columns too. One thread at a time.

#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dynamodb/export/attribute_json.h"
#include "dynamodb/export/column.h"
#include "dynamodb/export/member_index.h"
#include "dynamodb/export/text_arena.h"

namespace smelt::dynamodb {

class ItemDecoder {
 public:
  // `wanted[i]`: whether attribute i has a column; what is not wanted is not looked at, and not
  // rescued. Without `keep_rescued` nothing is. kUnimplemented, naming the column, for a type that
  // no item can fill.
  static absl::StatusOr<std::unique_ptr<ItemDecoder>> Create(const base::Schema& attributes,
                                                             const std::vector<bool>& wanted,
                                                             bool keep_rescued);
  ~ItemDecoder();

  // Appends one row to `columns`, one for each wanted attribute in order. False where the image is
  // not DynamoDB JSON: then the columns are in disorder beyond the rows they had, and the caller
  // truncates them. `text_end` is the end of the line that holds the image.
  bool Decode(ondemand::value image, const char* text_end, std::vector<Column>* columns,
              TextArena* arena);

  // Of the row decoded last: {"<attribute>": <its DynamoDB JSON>, ..}, or empty where everything
  // fitted.
  std::string_view rescued() const { return rescued_; }

 private:
  struct Node;
  struct Session;

  ItemDecoder() = default;
  static absl::Status CheckType(const base::DataType& type, const std::string& path);
  // Keeps an attribute's whole JSON. False where it nests too deep.
  bool Rescue(std::string_view escaped_name, const char* value_begin, const char* text_end);

  std::unique_ptr<MemberIndex> index_;
  std::vector<int> column_of_;  // by attribute; -1: not wanted
  std::vector<Node> nodes_;     // by column
  bool keep_rescued_ = true;
  std::string rescued_;
};

}  // namespace smelt::dynamodb
