#pragma once

// read_files as DuckDB SQL over a concrete list of files: columns typed as Spark's inference types
// them, by a pass over all values and not a sample; then the query that reads them.
//
// CSV: int, bigint, decimal(p,0), double, date, timestamp, boolean, string; NULL only: string. A
// value that does not fit a column whose type was given goes to the rescued column, as {"<column>":
// "<text>", "_file_path": ".."}, like columns that a given schema does not have. JSON and Parquet:
// DuckDB's types of the values, but that texts stay strings; a value that does not fit a given type
// is an error that names the file.

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/data_type.h"
#include "engine/duckdb/db/database.h"
#include "engine/duckdb/sources/source_options.h"

namespace smelt::duck {

struct SourceFile {
  std::string url;   // smelt://..
  std::string path;  // as _metadata shows it
  int64_t size_bytes = 0;
  int64_t modified_micros = 0;
};

struct FileQuery {
  base::Schema schema;  // without _metadata, with the rescued column
  // "(SELECT ..)": the schema's columns, then _metadata.
  std::string sql;
};

// Reads headers and, where types are inferred, the files once. `files` is not empty.
absl::StatusOr<FileQuery> PlanFileQuery(Connection& connection,
                                        const std::vector<SourceFile>& files,
                                        const FileOptions& options);

}  // namespace smelt::duck
