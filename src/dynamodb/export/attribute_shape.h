#pragma once

// AttributeShape: what has been seen of one attribute (or of a member, an element) over many items,
// and the column type that follows from it. Adding and merging commute, so a result does not depend
// on how files were shared out among threads.
//
// The type is that of the kind seen most often (ties: S, N, BOOL, B, M, L, SS, NS, BS); values of
// other kinds are rescued when read, but for N in a string column. Only NULL seen: string. Numbers:
// bigint, decimal(38,s) with the most decimals seen, or string where neither holds every digit. A
// map is a struct of its members, or map<string, T> with more than kMaxStructMembers of them.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/data_type.h"
#include "dynamodb/export/attribute_json.h"
#include "dynamodb/export/number_text.h"

namespace smelt::dynamodb {

class AttributeShape;

// The members of an object by name, in order of first appearance.
class MemberShapes {
 public:
  MemberShapes();
  ~MemberShapes();
  MemberShapes(MemberShapes&&) noexcept;
  MemberShapes& operator=(MemberShapes&&) noexcept;

  // Adds an object of attribute names to DynamoDB JSON values; false where it is not that.
  bool Add(ondemand::value object, int depth);
  AttributeShape& At(std::string_view name);
  void Merge(const MemberShapes& other);

  size_t size() const { return names_.size(); }
  // Positions in byte order of the names.
  std::vector<size_t> Sorted() const;
  const std::string& name(size_t position) const { return *names_[position]; }
  const AttributeShape& shape(size_t position) const;

 private:
  // Behind pointers: by_name_ has views of the names.
  std::vector<std::unique_ptr<std::string>> names_;
  std::vector<std::unique_ptr<AttributeShape>> shapes_;
  std::unordered_map<std::string_view, size_t> by_name_;
};

class AttributeShape {
 public:
  static constexpr size_t kMaxStructMembers = 200;

  // Adds one value, `depth` lists and maps deep; false where it is not DynamoDB JSON or nests too
  // deep.
  bool Add(ondemand::value attribute, int depth);
  void Merge(const AttributeShape& other);
  base::DataType Type() const;
  int64_t count() const;

 private:
  bool AddTyped(ValueType type, ondemand::value value, int depth);
  bool AddMembers(ondemand::value value, int depth);
  // Makes one shape of all members' once there are too many of them.
  void Unite();

  std::array<int64_t, 10> counts_ = {};      // by ValueType
  NumberExtent numbers_;                     // N, and the elements of NS
  std::unique_ptr<AttributeShape> element_;  // of L
  std::unique_ptr<AttributeShape> united_;   // of M, once it has too many members
  MemberShapes members_;
};

}  // namespace smelt::dynamodb
