#pragma once

// The fence: who wrote an item, as one string whose order is the order of publishers. A write is
// conditional on the item's fence being not above the writer's, so whoever took a table over can
// never be overwritten by who had it before.

#include <memory>
#include <string>

#include "dynamodb/client/client.h"

namespace smelt::publish {

// Twelve digits each, so that text order is numeric order.
std::string FormatFence(int64_t epoch, int64_t publish_number);

// Holds for an item that is absent or whose fence is not above `fence`; with `adopting` also for
// one without a fence.
std::shared_ptr<const dynamodb::Expression> FenceCondition(const dynamodb::KeySchema& key,
                                                           const std::string& fence, bool adopting);

// The item's fence, or empty where it has none: somebody else wrote it.
std::string FenceOf(const dynamodb::Item& item);

}  // namespace smelt::publish
