#pragma once

// What every command is given: the options that all of them take, where to write, whether the user
// has interrupted, and where to leave the exit code.

#include <absl/status/statusor.h>

#include <atomic>
#include <string>
#include <vector>

#include "cli/output.h"
#include "storage/disk.h"

namespace smelt::cli {

struct GlobalOptions {
  std::string project;  // folder; empty: looked for upwards from here
  std::string target;
  std::vector<std::string> variables;  // name=value
  std::string lake;
  std::string memory;
  // What the lake's files are written through.
  storage::Disk* disk = storage::PosixDisk::Get();
};

struct Context {
  GlobalOptions options;
  Output output;
  int exit_code = kDone;
};

// "512MB", "2GiB", "1.5g": bytes. Units of 1000 unless they say i.
absl::StatusOr<int64_t> ParseSize(const std::string& text);

// Set by SIGINT and SIGTERM once WatchInterrupts was called; a second signal ends the program at
// once.
const std::atomic<bool>* Interrupted();
void WatchInterrupts();

}  // namespace smelt::cli
