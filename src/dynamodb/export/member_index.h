#pragma once

// MemberIndex: from the members of a JSON object to the columns of the same names. DynamoDB writes
// members of all items in one order, so the next one is nearly always the next column, or one close
// after it. One thread at a time.

#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace smelt::dynamodb {

class MemberIndex {
 public:
  static constexpr int kNone = -1;

  explicit MemberIndex(std::vector<std::string> names) : names_(std::move(names)) {
    for (size_t i = 0; i < names_.size(); ++i) by_name_.emplace(names_[i], static_cast<int>(i));
  }
  MemberIndex(MemberIndex&&) = default;
  MemberIndex(const MemberIndex&) = delete;

  // Where the next object's first member is likely to be.
  void Rewind() { next_ = 0; }

  // The position of `name` (not escaped), or kNone.
  int Find(std::string_view name) {
    constexpr size_t kLookAhead = 4;
    for (size_t i = next_; i < names_.size() && i < next_ + kLookAhead; ++i) {
      const std::string& candidate = names_[i];
      if (candidate.size() == name.size() &&
          std::memcmp(candidate.data(), name.data(), name.size()) == 0) {
        next_ = i + 1;
        return static_cast<int>(i);
      }
    }
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return kNone;
    next_ = static_cast<size_t>(found->second) + 1;
    return found->second;
  }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string_view, int> by_name_;  // views into names_
  size_t next_ = 0;
};

}  // namespace smelt::dynamodb
