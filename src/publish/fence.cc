#include "publish/fence.h"

#include <fmt/format.h>

#include "publish/sink.h"

namespace smelt::publish {

std::string FormatFence(int64_t epoch, int64_t publish_number) {
  return fmt::format("{:012}-{:012}", epoch, publish_number);
}

std::shared_ptr<const dynamodb::Expression> FenceCondition(const dynamodb::KeySchema& key,
                                                           const std::string& fence,
                                                           bool adopting) {
  auto condition = std::make_shared<dynamodb::Expression>();
  condition->names["#fence"] = kFenceAttribute;
  condition->values.emplace(":mine", dynamodb::Value(fence));
  if (adopting) {
    condition->text = "attribute_not_exists(#fence) OR #fence <= :mine";
  } else {
    condition->text = "attribute_not_exists(#key) OR #fence <= :mine";
    condition->names["#key"] = key.partition.name;
  }
  return condition;
}

std::string FenceOf(const dynamodb::Item& item) {
  const auto fence = item.find(kFenceAttribute);
  return fence != item.end() && fence->second.is(dynamodb::ValueType::kString)
             ? fence->second.string()
             : "";
}

}  // namespace smelt::publish
