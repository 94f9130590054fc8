#pragma once

// DuckDB's door to the object stores: a duckdb::FileSystem over StoreRegistry for
// "smelt://<store>/<key>".
//
// A file is read by position or written from start to end once; what a writer appended becomes
// visible and durable when its handle is closed, and is dropped if the handle is destroyed before.
// There are no folders: all exist, none is listed. Errors of a store come out of the query as they
// went in (error.h).

#include <memory>

#include "engine/duckdb/db/store_registry.h"

namespace duckdb {
class FileSystem;
}

namespace smelt::duck {

std::unique_ptr<duckdb::FileSystem> MakeStoreFileSystem(std::shared_ptr<StoreRegistry> stores);

}  // namespace smelt::duck
