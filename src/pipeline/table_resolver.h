#pragma once

// What the names of a pipeline's queries mean: its own datasets first, then the tables that are
// there already. Pure.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/graph.h"
#include "pipeline/query_reads.h"
#include "pipeline/spec.h"

namespace smelt::pipeline {

class TableResolver {
 public:
  // All outlive the resolver. Datasets that are defined twice are said to `diagnostics`.
  TableResolver(const PipelineSpec& spec, const TableExists& exists,
                const std::vector<catalog::TableName>& external_tables,
                std::vector<sql::Diagnostic>* diagnostics);

  // The table or view that `query` names there; nullopt after a complaint, or where another mistake
  // is the cause.
  std::optional<TableRead> Resolve(const sql::Fragment& query,
                                   const NamedReads::Table& table) const;

  // The index of the dataset of that name; nullopt where there is none.
  std::optional<int> Find(const catalog::TableName& name) const;

  // "did you mean ..?", or empty.
  std::string Suggest(const std::vector<std::string>& parts) const;

 private:
  // The table whose rejected rows that name holds: <table>_quarantine.
  std::optional<int> TableOfQuarantine(const catalog::TableName& name) const;

  const PipelineSpec& spec_;
  const TableExists& exists_;
  const std::vector<catalog::TableName>& external_tables_;
  std::vector<sql::Diagnostic>* diagnostics_;
  std::map<catalog::TableName, int> datasets_;
};

// A mistake in the graph, at its place.
sql::Diagnostic GraphMistake(const Place& place, std::string message, std::string hint = {});
// "transformations/2_silver.sql:14".
std::string LineOf(const Place& place);

}  // namespace smelt::pipeline
