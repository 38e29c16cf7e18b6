//===- Main.cpp - The compiler's program ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"
#include "Diagnostics.h"
#include "Driver.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace rkc::driver;

int main(int argc, char **argv) {
  // Build systems put long command lines in files: @file.
  llvm::BumpPtrAllocator memory;
  llvm::StringSaver saver(memory);
  llvm::SmallVector<const char *, 32> arguments(argv + 1, argv + argc);
  llvm::cl::ExpandResponseFiles(saver, llvm::cl::TokenizeGNUCommandLine,
                                arguments);
  CommandLine line;
  std::string error;
  if (!parseCommandLine(arguments, line, error)) {
    printError(error);
    return ExitUsage;
  }
  if (line.showHelp) {
    llvm::outs() << helpText();
    return ExitDone;
  }
  if (line.showVersion) {
    llvm::outs() << "rkc " RK_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
    return ExitDone;
  }
  static int anchor;
  return run(line, llvm::sys::fs::getMainExecutable(argv[0], &anchor));
}
