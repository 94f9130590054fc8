#pragma once

// The program: parses the command line and runs the command it names.

#include "storage/disk.h"

namespace smelt::cli {

// Returns the exit code. `disk` is what the lake's files are written through: the machine's, or a
// test's that can forget what was not synced; it outlives the call.
int RunProgram(int argc, char** argv, storage::Disk* disk);

}  // namespace smelt::cli
