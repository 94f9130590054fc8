// smelt: from DynamoDB exports to Delta tables and back.

#include "cli/program.h"

int main(int argc, char** argv) {
  return smelt::cli::RunProgram(argc, argv, smelt::storage::PosixDisk::Get());
}
