#include "dynamodb/store/writer.h"

#include <utility>

#include "base/status.h"
#include "dynamodb/store/item_codec.h"
#include "dynamodb/value/item_size.h"

namespace smelt::dynamodb::store {
namespace {

// A transaction gathers no more than this, so that the first in it do not wait for all of a flood.
constexpr size_t kMaxGroupOps = 50'000;

absl::StatusOr<EncodedKey> KeyOf(const Table& table, const WriteOp& op) {
  if (op.kind == WriteKind::kDelete) return KeyOfParameter(table.key(), *op.item);
  SMELT_ASSIGN_OR_RETURN(EncodedKey key, KeyOfItem(table.key(), *op.item));
  SMELT_RETURN_IF_ERROR(CheckItemSize(*op.item));
  return key;
}

WriteResult Refused(absl::Status status) {
  return {.outcome = WriteOutcome::kRefused, .status = std::move(status)};
}

}  // namespace

Writer::Writer(Connection connection, const Catalog* catalog, const StoreOptions& options)
    : catalog_(catalog),
      options_(options),
      connection_(std::move(connection)),
      capacity_(options.clock),
      random_(options.faults.seed) {}

std::vector<WriteResult> Writer::Write(std::span<const WriteOp> ops) {
  Waiting mine{.ops = ops};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&mine);
  changed_.wait(lock, [&] { return mine.is_done || (!is_busy_ && waiting_.front() == &mine); });
  if (mine.is_done) return std::move(mine.results);

  std::vector<Waiting*> group;
  for (size_t count = 0; !waiting_.empty() && (group.empty() || count < kMaxGroupOps);) {
    count += waiting_.front()->ops.size();
    group.push_back(waiting_.front());
    waiting_.pop_front();
  }
  is_busy_ = true;
  lock.unlock();
  Execute(group);
  lock.lock();
  is_busy_ = false;
  for (Waiting* waiting : group) waiting->is_done = true;
  changed_.notify_all();
  return std::move(mine.results);
}

absl::StatusOr<TableDescription> Writer::Alone(
    const std::function<absl::StatusOr<TableDescription>(Connection*)>& change) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !is_busy_; });
  is_busy_ = true;
  lock.unlock();
  absl::StatusOr<TableDescription> result = change(&connection_);
  lock.lock();
  is_busy_ = false;
  changed_.notify_all();
  return result;
}

void Writer::Execute(const std::vector<Waiting*>& group) {
  Tallies tallies;
  const absl::Status status = ExecuteInTransaction(group, &tallies);
  if (!status.ok()) {
    for (Waiting* waiting : group) waiting->results.assign(waiting->ops.size(), Refused(status));
    return;
  }
  for (const auto& [table, tally] : tallies) table->Count(tally.items, tally.bytes);
}

absl::Status Writer::ExecuteInTransaction(const std::vector<Waiting*>& group, Tallies* tallies) {
  SMELT_ASSIGN_OR_RETURN(state::Transaction transaction,
                         state::Transaction::Begin(connection_.database()));
  for (Waiting* waiting : group) {
    waiting->results.resize(waiting->ops.size());
    for (size_t i = 0; i < waiting->ops.size(); ++i) {
      SMELT_RETURN_IF_ERROR(Apply(waiting->ops[i], &waiting->results[i], tallies));
    }
  }
  for (const auto& [table, tally] : *tallies) {
    SMELT_ASSIGN_OR_RETURN(
        state::Statement * update,
        connection_.Statement("UPDATE tables SET item_count = item_count + ?, size_bytes = "
                              "size_bytes + ? WHERE number = ?"));
    update->BindInt(0, tally.items).BindInt(1, tally.bytes).BindInt(2, table->number());
    SMELT_RETURN_IF_ERROR(update->Run());
  }
  return transaction.Commit();
}

absl::Status Writer::Apply(const WriteOp& op, WriteResult* result, Tallies* tallies) {
  const absl::StatusOr<std::shared_ptr<Table>> table = catalog_->Find(op.table);
  if (!table.ok()) {
    *result = Refused(table.status());
    return absl::OkStatus();
  }
  const absl::StatusOr<EncodedKey> key = KeyOf(**table, op);
  if (!key.ok()) {
    *result = Refused(key.status());
    return absl::OkStatus();
  }
  if (absl::Status refusal = DrawRefusal(); !refusal.ok()) {
    *result = Refused(std::move(refusal));
    return absl::OkStatus();
  }
  SMELT_RETURN_IF_ERROR(ApplyTo(*table, *key, op, result, tallies));
  if (result->outcome == WriteOutcome::kDone && DrawLostAnswer()) {
    *result = {.outcome = WriteOutcome::kUnknown,
               .status = base::DeadlineExceeded("the answer was lost")};
  }
  return absl::OkStatus();
}

absl::Status Writer::ApplyTo(const std::shared_ptr<Table>& table, const EncodedKey& key,
                             const WriteOp& op, WriteResult* result, Tallies* tallies) {
  const int64_t hash = HashOfPartition(key.partition);
  SMELT_ASSIGN_OR_RETURN(
      state::Statement * select,
      connection_.Statement(
          fmt::format("SELECT size, item FROM {} WHERE hash = ? AND partition = ? AND sort = ?",
                      table->items_table())));
  select->BindInt(0, hash).BindBlob(1, key.partition).BindBlob(2, key.sort);
  SMELT_ASSIGN_OR_RETURN(const bool exists, select->Step());
  const int64_t old_size = exists ? select->Int(0) : 0;
  std::optional<Item> old;
  if (exists && (op.condition != nullptr || op.return_old)) {
    absl::StatusOr<Item> decoded = DecodeItem(select->Blob(1));
    if (!decoded.ok()) {  // one damaged item stops the writes to it, not those beside them
      *result = Refused(decoded.status());
      select->Reset();
      return absl::OkStatus();
    }
    old = *std::move(decoded);
  }
  select->Reset();

  const bool is_put = op.kind == WriteKind::kPut;
  const int64_t size = is_put ? SizeBytes(*op.item) : 0;
  result->write_units = WriteUnits(std::max(size, old_size));
  if (options_.enforce_throughput && !capacity_.Take(*table, result->write_units)) {
    *result = Refused(base::ResourceExhausted(
        "The level of configured provisioned throughput for the table was exceeded. Consider "
        "increasing your provisioning level with the UpdateTable API."));
    return absl::OkStatus();
  }
  if (op.condition != nullptr && !op.condition->Holds(old ? &*old : nullptr)) {
    result->outcome = WriteOutcome::kConditionFailed;
    if (op.return_old_on_failure) result->old = std::move(old);
    return absl::OkStatus();
  }
  if (is_put) {
    SMELT_RETURN_IF_ERROR(Put(*table, hash, key, op, size));
  } else if (exists) {
    SMELT_RETURN_IF_ERROR(Delete(*table, hash, key));
  }
  Tally& tally = (*tallies)[table];
  tally.items += (is_put ? 1 : 0) - (exists ? 1 : 0);
  tally.bytes += size - old_size;
  result->outcome = WriteOutcome::kDone;
  if (op.return_old) result->old = std::move(old);
  return absl::OkStatus();
}

absl::Status Writer::Put(const Table& table, int64_t hash, const EncodedKey& key, const WriteOp& op,
                         int64_t size) {
  EncodeItem(*op.item, &buffer_);
  SMELT_ASSIGN_OR_RETURN(
      state::Statement * insert,
      connection_.Statement(fmt::format(
          "INSERT OR REPLACE INTO {} (hash, partition, sort, size, item) VALUES (?, ?, ?, ?, ?)",
          table.items_table())));
  insert->BindInt(0, hash).BindBlob(1, key.partition).BindBlob(2, key.sort);
  return insert->BindInt(3, size).BindBlob(4, buffer_).Run();
}

absl::Status Writer::Delete(const Table& table, int64_t hash, const EncodedKey& key) {
  SMELT_ASSIGN_OR_RETURN(
      state::Statement * remove,
      connection_.Statement(fmt::format(
          "DELETE FROM {} WHERE hash = ? AND partition = ? AND sort = ?", table.items_table())));
  return remove->BindInt(0, hash).BindBlob(1, key.partition).BindBlob(2, key.sort).Run();
}

absl::Status Writer::DrawRefusal() {
  const FaultPlan& plan = options_.faults;
  if (plan.error_share == 0 && plan.throttle_share == 0) return absl::OkStatus();
  const double drawn = std::uniform_real_distribution<double>()(random_);
  if (drawn < plan.error_share / 2) return base::Internal("Internal server error");
  if (drawn < plan.error_share) return base::Unavailable("The service is unavailable");
  if (drawn < plan.error_share + plan.throttle_share) {
    return base::ResourceExhausted("Throughput exceeds the current capacity of your table");
  }
  return absl::OkStatus();
}

bool Writer::DrawLostAnswer() {
  const double share = options_.faults.lost_answer_share;
  return share > 0 && std::uniform_real_distribution<double>()(random_) < share;
}

}  // namespace smelt::dynamodb::store
