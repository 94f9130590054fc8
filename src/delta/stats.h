#pragma once

// Statistics of a data file, as AddFile::stats carries them ("Per-file Statistics"). Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/data_type.h"

namespace smelt::delta {

// What the engine knows of one leaf column. Values are texts as DuckDB and Parquet's tools print
// them: 12.50, true, 2024-01-31, 2024-01-31 10:00:00.123456+00 (UTC), strings as they are.
struct ColumnStatistics {
  std::vector<std::string> path;  // {"a", "b"} for a.b
  std::optional<std::string> min;
  std::optional<std::string> max;
  std::optional<int64_t> null_count;
  bool has_nan = false;  // then max is not written: NaN is above every number
};

struct FileStatistics {
  int64_t num_records = 0;
  std::vector<ColumnStatistics> columns;
};

// The protocol's default: statistics for the first 32 leaf columns
// (delta.dataSkippingNumIndexedCols).
inline constexpr int kDefaultIndexedColumns = 32;

// {"numRecords":..,"minValues":{..},"maxValues":{..},"nullCount":{..}}. Strings are cut to 32
// characters (a maximum is then raised so that it stays one), timestamps to milliseconds (minimum
// down, maximum up). A value that does not read as its column's type is left out: missing
// statistics are safe, wrong ones are not. Partition columns, arrays, maps, binaries and booleans
// have no bounds. `indexed_columns` -1: all.
std::string StatsToJson(const base::Schema& schema, const FileStatistics& stats,
                        int indexed_columns = kDefaultIndexedColumns);

// numRecords of a stats text; nullopt where it has none.
std::optional<int64_t> NumRecords(const std::string& stats_json);

}  // namespace smelt::delta
