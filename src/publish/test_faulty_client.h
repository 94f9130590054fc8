#pragma once

// For tests: another Client with faults drawn from a seed. A crash makes every later call fail, as
// a process that is gone would; the call it strikes may or may not have taken effect.

#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "dynamodb/client/client.h"

namespace smelt::publish {

struct Faults {
  double throttle_share = 0;
  double lost_answer_share = 0;  // after the effect
  int64_t crash_at_call = -1;    // counted from 0, every operation of WriteMany by itself
  bool crash_after_effect = false;
  int64_t micros_per_write = 0;  // by which the clock moves
  uint64_t seed = 1;
};

// Not thread-safe.
class FaultyClient : public dynamodb::Client {
 public:
  FaultyClient(dynamodb::Client* inner, base::Clock* clock, Faults faults)
      : inner_(inner), clock_(clock), faults_(faults), random_(faults.seed) {}

  // Called before every write that gets through.
  std::function<void(const dynamodb::WriteOp&)> before_write;

  int64_t calls() const { return calls_; }

  std::string Describe() const override { return inner_->Describe(); }
  int64_t request_timeout_micros() const override { return inner_->request_timeout_micros(); }

  absl::StatusOr<dynamodb::TableDescription> CreateTable(
      const dynamodb::CreateTableRequest& request) override {
    return Call([&] { return inner_->CreateTable(request); });
  }
  absl::StatusOr<dynamodb::TableDescription> DescribeTable(const std::string& table) override {
    return Call([&] { return inner_->DescribeTable(table); });
  }
  absl::StatusOr<dynamodb::TableDescription> UpdateTable(
      const dynamodb::UpdateTableRequest& request) override {
    return Call([&] { return inner_->UpdateTable(request); });
  }
  absl::Status DeleteTable(const std::string& table) override { return inner_->DeleteTable(table); }
  absl::StatusOr<std::vector<std::string>> ListTables() override { return inner_->ListTables(); }
  absl::StatusOr<std::optional<dynamodb::Item>> GetItem(
      const dynamodb::GetItemRequest& request) override {
    return Call([&] { return inner_->GetItem(request); });
  }
  absl::StatusOr<dynamodb::Page> Query(const dynamodb::QueryRequest& request) override {
    return Call([&] { return inner_->Query(request); });
  }
  absl::StatusOr<dynamodb::Page> Scan(const dynamodb::ScanRequest& request) override {
    return Call([&] { return inner_->Scan(request); });
  }

  dynamodb::WriteResult Write(const dynamodb::WriteOp& op) override {
    using dynamodb::WriteOutcome;
    const bool strikes = calls_++ == faults_.crash_at_call;
    dynamodb::WriteResult lost;
    lost.outcome = WriteOutcome::kUnknown;
    lost.status = base::Unavailable("no answer");
    if (crashed_ || (strikes && !faults_.crash_after_effect)) {
      crashed_ = true;
      return lost;
    }
    clock_->SleepMicros(faults_.micros_per_write);
    if (Draw() < faults_.throttle_share) {
      dynamodb::WriteResult throttled;
      throttled.outcome = WriteOutcome::kThrottled;
      throttled.status = base::ResourceExhausted("throttled");
      return throttled;
    }
    if (before_write) before_write(op);
    dynamodb::WriteResult result = inner_->Write(op);
    crashed_ = strikes;
    return crashed_ || Draw() < faults_.lost_answer_share ? lost : result;
  }

  std::vector<dynamodb::WriteResult> WriteMany(std::span<const dynamodb::WriteOp> ops,
                                               const dynamodb::WriteManyOptions& options) override {
    std::vector<dynamodb::WriteResult> results;
    for (const dynamodb::WriteOp& op : ops) {
      const bool too_late = clock_->MonotonicMicros() >= options.stop_at_micros;
      results.push_back(too_late ? dynamodb::WriteResult() : Write(op));
    }
    return results;
  }

 private:
  template <typename Function>
  auto Call(Function call) -> decltype(call()) {
    const bool strikes = calls_++ == faults_.crash_at_call;
    if (!crashed_ && strikes && faults_.crash_after_effect) (void)call();
    crashed_ |= strikes;
    if (crashed_) return base::Unavailable("no answer");
    return call();
  }

  double Draw() { return std::uniform_real_distribution<double>(0, 1)(random_); }

  dynamodb::Client* const inner_;
  base::Clock* const clock_;
  const Faults faults_;
  std::mt19937_64 random_;
  int64_t calls_ = 0;
  bool crashed_ = false;
};

}  // namespace smelt::publish
