#pragma once

// The parts of the catalogue, by area; only catalogue.cc calls them.

#include <vector>

#include "engine/duckdb/functions/catalogue.h"

namespace smelt::duck {

void AddScalarEntries(
    std::vector<FunctionEntry>& entries);  // numbers, text, time, digests, conditions
void AddCollectionEntries(
    std::vector<FunctionEntry>& entries);  // arrays, maps, structs, lambdas, generators, JSON
void AddAggregateEntries(std::vector<FunctionEntry>& entries);  // aggregates and windows
void AddRefusedEntries(std::vector<FunctionEntry>& entries);    // known, and not given

}  // namespace smelt::duck
