#pragma once

// FaultInjectingStore: wraps a store, counts what is asked of it, and fails where a test says so.
//
// A fault is a rule: which operations fail, and how. The first rule that fires decides.
// Thread-safe, as the wrapped store is.

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/object_store.h"

namespace smelt::storage {

enum class Operation {
  kGet,
  kHead,
  kPut,
  kList,
  kDelete,
  kOpenRead,
  kRead,
  kOpenWrite,  // and OpenStaged
  kAppend,
  kFinish,
  kSync,
};

struct Fault {
  Operation of = Operation::kGet;
  // Decides by key; `count`: which operation of this kind it is since the fault was added, from 1.
  std::function<bool(const std::string& key, int64_t count)> when;
  absl::Status status = absl::UnavailableError("injected fault");
  bool ambiguous = false;  // the operation takes effect, and then its answer is lost

  // The n-th operation of this kind from now, n from 1.
  static Fault Nth(Operation operation, int64_t n);
  // Every k-th operation of this kind.
  static Fault Every(Operation operation, int64_t k);
  // Every operation of this kind whose key contains `part`.
  static Fault OnKey(Operation operation, std::string part);
  Fault WithStatus(absl::Status new_status) &&;
  Fault Ambiguous() &&;
};

class FaultInjectingStore : public ObjectStore {
 public:
  // `store` outlives this one.
  explicit FaultInjectingStore(ObjectStore* store) : store_(store) {}

  void AddFault(Fault fault);
  void ClearFaults();

  // How often an operation was asked for, over all keys or on one.
  int64_t Count(Operation operation) const;
  int64_t Count(Operation operation, const std::string& key) const;
  // The keys of every object opened or got since the last ResetCounts, in byte order.
  std::vector<std::string> KeysRead() const;
  void ResetCounts();

  std::string Describe() const override { return store_->Describe(); }
  absl::StatusOr<std::string> Get(const std::string& key) override;
  absl::StatusOr<ObjectInfo> Head(const std::string& key) override;
  absl::Status Put(const std::string& key, std::string_view bytes, PutMode mode) override;
  absl::Status List(const std::string& prefix, const std::string& start_after,
                    const std::function<bool(const ObjectInfo&)>& visit) override;
  absl::Status Delete(const std::string& key) override;
  absl::StatusOr<std::unique_ptr<RandomAccessObject>> OpenRead(const std::string& key) override;
  absl::StatusOr<std::unique_ptr<WritableObject>> OpenWrite(const std::string& key) override;
  absl::StatusOr<std::unique_ptr<WritableObject>> OpenStaged(const std::string& key) override;
  absl::Status SyncStaged(std::span<const std::string> keys) override;

 private:
  class Reader;
  class Writer;
  struct Rule {
    Fault fault;
    int64_t seen = 0;
  };
  struct Verdict {
    absl::Status before;  // fail without effect
    absl::Status after;   // fail after the effect
  };

  // Counts the operation and asks the rules.
  Verdict Judge(Operation operation, const std::string& key);
  template <typename Call>
  auto Guard(Operation operation, const std::string& key, Call call) -> decltype(call());
  absl::StatusOr<std::unique_ptr<WritableObject>> Wrap(
      const std::string& key, absl::StatusOr<std::unique_ptr<WritableObject>> object);

  ObjectStore* const store_;
  mutable std::mutex mutex_;
  std::vector<Rule> rules_;
  std::map<std::pair<Operation, std::string>, int64_t> counts_;
};

}  // namespace smelt::storage
