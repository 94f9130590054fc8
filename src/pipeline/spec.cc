#include "pipeline/spec.h"

namespace smelt::pipeline {

const char* DatasetKindName(DatasetKind kind) {
  switch (kind) {
    case DatasetKind::kStreamingTable:
      return "STREAMING_TABLE";
    case DatasetKind::kMaterializedView:
      return "MATERIALIZED_VIEW";
    case DatasetKind::kTemporaryView:
      return "VIEW";
  }
  return "";
}

std::string Dataset::ToString() const {
  return kind == DatasetKind::kTemporaryView ? name.table : name.ToString();
}

bool Promise::Holds(double measured) const {
  switch (comparison) {
    case Comparison::kLess:
      return measured < value;
    case Comparison::kLessOrEqual:
      return measured <= value;
    case Comparison::kGreater:
      return measured > value;
    case Comparison::kGreaterOrEqual:
      return measured >= value;
  }
  return false;
}

}  // namespace smelt::pipeline
