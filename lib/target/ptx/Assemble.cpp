//===- Assemble.cpp - PTX to cubin ----------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/target/Images.h"
#include "rkc/target/LlvmProgram.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>

namespace rkc {

/// Reads the number before `unit` in `line`, as in "16 bytes smem".
static void numberBefore(llvm::StringRef line, llvm::StringRef unit,
                         uint32_t &number) {
  size_t at = line.find(unit);
  if (at == llvm::StringRef::npos)
    return;
  llvm::StringRef head = line.take_front(at).rtrim();
  size_t start = head.find_last_not_of("0123456789");
  llvm::StringRef digits =
      start == llvm::StringRef::npos ? head : head.drop_front(start + 1);
  uint32_t value = 0;
  if (!digits.getAsInteger(10, value))
    number = value;
}

bool parseResources(llvm::StringRef text, llvm::StringRef kernel,
                    KernelResources &resources) {
  resources = KernelResources();
  const std::string quoted = ("'" + kernel + "'").str();
  bool inEntry = false, inProperties = false, found = false;
  llvm::SmallVector<llvm::StringRef> lines;
  text.split(lines, '\n');
  for (llvm::StringRef line : lines) {
    if (line.contains("cannot be statically determined") &&
        line.contains(quoted))
      resources.stackIsUnbounded = true;
    if (line.contains("Compiling entry function")) {
      inEntry = line.contains(quoted);
      found |= inEntry;
    }
    if (line.contains("Function properties for"))
      inProperties = line.rtrim().ends_with((" " + kernel).str());
    if (inProperties && line.contains("bytes stack frame")) {
      numberBefore(line, "bytes stack frame", resources.stackFrameBytes);
      numberBefore(line, "bytes spill stores", resources.spillStoreBytes);
      numberBefore(line, "bytes spill loads", resources.spillLoadBytes);
    }
    if (inEntry && line.contains("registers")) {
      numberBefore(line, "registers", resources.registers);
      numberBefore(line, "barriers", resources.barriers);
      numberBefore(line, "bytes smem", resources.sharedBytes);
      numberBefore(line, "bytes cumulative stack size",
                   resources.cumulativeStackBytes);
    }
  }
  return found && resources.registers != 0;
}

static void raiseTo(KernelResources &most, const KernelResources &other) {
  for (uint32_t KernelResources::*number :
       {&KernelResources::registers, &KernelResources::stackFrameBytes,
        &KernelResources::cumulativeStackBytes,
        &KernelResources::spillStoreBytes, &KernelResources::spillLoadBytes,
        &KernelResources::sharedBytes, &KernelResources::barriers})
    most.*number = std::max(most.*number, other.*number);
  most.stackIsUnbounded |= other.stackIsUnbounded;
}

bool parseAllResources(llvm::StringRef text, KernelResources &resources) {
  if (!parseResources(text, gpuEntry, resources))
    return false;
  for (llvm::StringRef entry : {residentEntry, teamEntry}) {
    KernelResources other;
    if (parseResources(text, entry, other))
      raiseTo(resources, other);
  }
  return true;
}

bool assemble(llvm::StringRef ptx, const Target &target,
              const Toolchain &toolchain, bool lineInfo, std::string &cubin,
              KernelResources &resources, std::string &error) {
  std::string ptxas;
  if (!toolchain.findPtxas(ptxas, error))
    return false;
  TemporaryFolder folder;
  if (!folder) {
    error = "cannot make a temporary folder for ptxas";
    return false;
  }
  std::string input = folder.file("module.ptx");
  std::string output = folder.file("module.cubin");
  if (!writeFile(input, ptx, error))
    return false;
  std::vector<std::string> arguments = {"-v", "-arch=" + target.name, "-O3"};
  if (lineInfo)
    arguments.push_back("-lineinfo");
  arguments.insert(arguments.end(), {"-o", output, input});
  ProcessResult result = runProgram(ptxas, arguments);
  if (result.status != 0) {
    error = "ptxas refused the PTX for " + target.name;
    if (result.output.empty())
      error += " with exit status " + std::to_string(result.status);
    else
      error += ":\n" + llvm::StringRef(result.output).rtrim().str();
    return false;
  }
  if (!parseAllResources(result.output, resources)) {
    error = "ptxas did not report on 'rk_kernel':\n" + result.output;
    return false;
  }
  return readFile(output, cubin, error);
}

} // namespace rkc
