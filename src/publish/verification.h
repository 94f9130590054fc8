#pragma once

// Does the table hold what was published? Two ways to know:
//
//   full    every item is read, consistently: their number is the source's, and those with our
//   fence are, taken together,
//           the ones that were put (an order-free sum of digests). Costs the table's read units.
//   sample  up to 1,000 of the items put are read back and compared attribute by attribute, up to
//   1,000 of the deleted keys
//           are looked for in vain.

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "dynamodb/client/client.h"
#include "publish/sink.h"

namespace smelt::publish {

// What was written, remembered in bounded memory.
class Written {
 public:
  void AddPut(const dynamodb::Item& item);  // with its fence
  void AddDelete(const dynamodb::Item& key);

  int64_t puts() const { return puts_; }
  int64_t deletes() const { return deletes_; }
  uint64_t digest_sum() const { return digest_sum_; }
  const std::vector<dynamodb::Item>& sampled_puts() const { return sampled_puts_; }
  const std::vector<dynamodb::Item>& sampled_deletes() const { return sampled_deletes_; }

 private:
  // Reservoir sampling: each of `seen` so far is kept with the same chance.
  void Sample(const dynamodb::Item& item, int64_t seen, std::vector<dynamodb::Item>* sample);

  int64_t puts_ = 0;
  int64_t deletes_ = 0;
  uint64_t digest_sum_ = 0;
  std::vector<dynamodb::Item> sampled_puts_;
  std::vector<dynamodb::Item> sampled_deletes_;
  std::mt19937_64 random_{1};
};

// A number that differs, for all that matters, where two items differ.
uint64_t DigestOf(const dynamodb::Item& item);

// What a whole scan found.
struct Census {
  int64_t ours = 0;         // with the fence that was asked for
  int64_t older = 0;        // with another fence
  int64_t foreign = 0;      // without one; not the control item
  uint64_t digest_sum = 0;  // over `ours`
};

// `each_page` is called after every page (renews the lease); `visit` for every item but the control
// item.
absl::StatusOr<Census> TakeCensus(dynamodb::Client& client, const Sink& sink,
                                  const std::string& fence,
                                  const std::function<absl::Status()>& each_page,
                                  const std::function<void(const dynamodb::Item&)>& visit = {});

// kDataLoss says what differs. `rows`: of the source.
absl::Status CheckCensus(const Sink& sink, const Census& census, const Written& written,
                         int64_t rows);
absl::Status CheckSample(dynamodb::Client& client, const Sink& sink, const Written& written);

}  // namespace smelt::publish
