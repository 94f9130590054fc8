#include "engine/duckdb/functions/kernel.h"

namespace smelt::duck {

void RegisterCollectionRules(duckdb::ExtensionLoader&) {}

}  // namespace smelt::duck
