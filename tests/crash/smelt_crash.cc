// The program over a disk that loses power: SMELT_CRASH_AFTER=n undoes, right before the n-th
// operation that changes or syncs anything of the lake, all that was not synced, and ends the
// process as a power cut would. SMELT_COUNT_DISK_OPERATIONS=1 says at the end how many such
// operations there were. The embedded store's SQLite file is written past this disk.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "cli/program.h"
#include "storage/lossy_disk.h"

int main(int argc, char** argv) {
  constexpr int kKilled = 137;
  const std::string attic =
      std::filesystem::temp_directory_path() / ("smelt-crash-" + std::to_string(getpid()));
  int exit_code = 0;
  {
    smelt::storage::LossyDisk disk(attic);
    if (const char* after = std::getenv("SMELT_CRASH_AFTER")) {
      disk.CrashAfter(std::atoll(after), [] { _exit(kKilled); });
    }
    exit_code = smelt::cli::RunProgram(argc, argv, &disk);
    if (std::getenv("SMELT_COUNT_DISK_OPERATIONS")) {
      std::fprintf(stderr, "disk operations: %lld\n", static_cast<long long>(disk.operations()));
    }
  }
  std::error_code ignored;
  std::filesystem::remove_all(attic, ignored);
  return exit_code;
}
