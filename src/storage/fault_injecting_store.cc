#include "storage/fault_injecting_store.h"

#include <set>

namespace smelt::storage {

Fault Fault::Nth(Operation operation, int64_t n) {
  Fault fault;
  fault.of = operation;
  fault.when = [n](const std::string&, int64_t count) { return count == n; };
  return fault;
}

Fault Fault::Every(Operation operation, int64_t k) {
  Fault fault;
  fault.of = operation;
  fault.when = [k](const std::string&, int64_t count) { return count % k == 0; };
  return fault;
}

Fault Fault::OnKey(Operation operation, std::string part) {
  Fault fault;
  fault.of = operation;
  fault.when = [part = std::move(part)](const std::string& key, int64_t) {
    return key.find(part) != std::string::npos;
  };
  return fault;
}

Fault Fault::WithStatus(absl::Status new_status) && {
  status = std::move(new_status);
  return std::move(*this);
}

Fault Fault::Ambiguous() && {
  ambiguous = true;
  return std::move(*this);
}

void FaultInjectingStore::AddFault(Fault fault) {
  std::lock_guard lock(mutex_);
  rules_.push_back({std::move(fault), 0});
}

void FaultInjectingStore::ClearFaults() {
  std::lock_guard lock(mutex_);
  rules_.clear();
}

int64_t FaultInjectingStore::Count(Operation operation) const {
  std::lock_guard lock(mutex_);
  int64_t total = 0;
  for (const auto& [of, count] : counts_) {
    if (of.first == operation) total += count;
  }
  return total;
}

int64_t FaultInjectingStore::Count(Operation operation, const std::string& key) const {
  std::lock_guard lock(mutex_);
  const auto it = counts_.find({operation, key});
  return it == counts_.end() ? 0 : it->second;
}

std::vector<std::string> FaultInjectingStore::KeysRead() const {
  std::lock_guard lock(mutex_);
  std::set<std::string> keys;
  for (const auto& [of, count] : counts_) {
    if (of.first == Operation::kGet || of.first == Operation::kOpenRead) keys.insert(of.second);
  }
  return {keys.begin(), keys.end()};
}

void FaultInjectingStore::ResetCounts() {
  std::lock_guard lock(mutex_);
  counts_.clear();
}

FaultInjectingStore::Verdict FaultInjectingStore::Judge(Operation operation,
                                                        const std::string& key) {
  std::lock_guard lock(mutex_);
  ++counts_[{operation, key}];
  Verdict verdict;
  // Every rule counts every operation, so that rules do not shift one another.
  for (Rule& rule : rules_) {
    if (rule.fault.of != operation || !rule.fault.when(key, ++rule.seen)) continue;
    if (!verdict.before.ok() || !verdict.after.ok()) continue;
    (rule.fault.ambiguous ? verdict.after : verdict.before) = rule.fault.status;
  }
  return verdict;
}

// Calls the wrapped store unless a rule forbids it, and loses the answer where a rule says so.
template <typename Call>
auto FaultInjectingStore::Guard(Operation operation, const std::string& key, Call call)
    -> decltype(call()) {
  const Verdict verdict = Judge(operation, key);
  if (!verdict.before.ok()) return verdict.before;
  auto result = call();
  if (!verdict.after.ok()) return verdict.after;
  return result;
}

class FaultInjectingStore::Reader : public RandomAccessObject {
 public:
  Reader(FaultInjectingStore* store, std::string key, std::unique_ptr<RandomAccessObject> object)
      : store_(store), key_(std::move(key)), object_(std::move(object)) {}
  int64_t size_bytes() const override { return object_->size_bytes(); }
  int64_t modified_micros() const override { return object_->modified_micros(); }
  absl::StatusOr<int64_t> Read(int64_t offset, void* buffer, int64_t size) override {
    return store_->Guard(Operation::kRead, key_,
                         [&] { return object_->Read(offset, buffer, size); });
  }

 private:
  FaultInjectingStore* const store_;
  const std::string key_;
  const std::unique_ptr<RandomAccessObject> object_;
};

class FaultInjectingStore::Writer : public WritableObject {
 public:
  Writer(FaultInjectingStore* store, std::string key, std::unique_ptr<WritableObject> object)
      : store_(store), key_(std::move(key)), object_(std::move(object)) {}
  absl::Status Append(const void* bytes, int64_t size) override {
    return store_->Guard(Operation::kAppend, key_, [&] { return object_->Append(bytes, size); });
  }
  absl::Status Finish() override {
    return store_->Guard(Operation::kFinish, key_, [&] { return object_->Finish(); });
  }
  int64_t size_bytes() const override { return object_->size_bytes(); }

 private:
  FaultInjectingStore* const store_;
  const std::string key_;
  const std::unique_ptr<WritableObject> object_;
};

absl::StatusOr<std::string> FaultInjectingStore::Get(const std::string& key) {
  return Guard(Operation::kGet, key, [&] { return store_->Get(key); });
}

absl::StatusOr<ObjectInfo> FaultInjectingStore::Head(const std::string& key) {
  return Guard(Operation::kHead, key, [&] { return store_->Head(key); });
}

absl::Status FaultInjectingStore::Put(const std::string& key, std::string_view bytes,
                                      PutMode mode) {
  return Guard(Operation::kPut, key, [&] { return store_->Put(key, bytes, mode); });
}

absl::Status FaultInjectingStore::List(const std::string& prefix, const std::string& start_after,
                                       const std::function<bool(const ObjectInfo&)>& visit) {
  return Guard(Operation::kList, prefix, [&] { return store_->List(prefix, start_after, visit); });
}

absl::Status FaultInjectingStore::Delete(const std::string& key) {
  return Guard(Operation::kDelete, key, [&] { return store_->Delete(key); });
}

absl::StatusOr<std::unique_ptr<RandomAccessObject>> FaultInjectingStore::OpenRead(
    const std::string& key) {
  const auto open = [&]() -> absl::StatusOr<std::unique_ptr<RandomAccessObject>> {
    auto object = store_->OpenRead(key);
    if (!object.ok()) return object;
    return std::make_unique<Reader>(this, key, *std::move(object));
  };
  return Guard(Operation::kOpenRead, key, open);
}

absl::StatusOr<std::unique_ptr<WritableObject>> FaultInjectingStore::Wrap(
    const std::string& key, absl::StatusOr<std::unique_ptr<WritableObject>> object) {
  if (!object.ok()) return object;
  return std::make_unique<Writer>(this, key, *std::move(object));
}

absl::StatusOr<std::unique_ptr<WritableObject>> FaultInjectingStore::OpenWrite(
    const std::string& key) {
  return Guard(Operation::kOpenWrite, key, [&] { return Wrap(key, store_->OpenWrite(key)); });
}

absl::StatusOr<std::unique_ptr<WritableObject>> FaultInjectingStore::OpenStaged(
    const std::string& key) {
  return Guard(Operation::kOpenWrite, key, [&] { return Wrap(key, store_->OpenStaged(key)); });
}

absl::Status FaultInjectingStore::SyncStaged(std::span<const std::string> keys) {
  return Guard(Operation::kSync, "", [&] { return store_->SyncStaged(keys); });
}

}  // namespace smelt::storage
