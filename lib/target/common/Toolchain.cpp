//===- Toolchain.cpp - Programs and files that emission uses --------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/target/Toolchain.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>

namespace rkc {

using Paths = llvm::SmallVector<std::string, 8>;

static std::string environment(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

static std::string joined(llvm::StringRef folder, llvm::StringRef file) {
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, file);
  return std::string(path);
}

/// Takes the first path that exists. `error` becomes the list of all.
static bool firstExisting(const Paths &paths, std::string &found,
                          std::string &error) {
  for (const std::string &path : paths)
    if (llvm::sys::fs::exists(path)) {
      found = path;
      return true;
    }
  error = llvm::join(paths, ", ");
  return false;
}

bool findProgram(llvm::StringRef name, std::string &path) {
  llvm::ErrorOr<std::string> found = llvm::sys::findProgramByName(name);
  if (!found || !llvm::sys::fs::can_execute(*found))
    return false;
  path = *found;
  return true;
}

bool Toolchain::findDeviceLibrary(bool gpu, std::string &path,
                                  std::string &error) const {
  const char *name = gpu ? "rk_device_nvptx.bc" : "rk_device_host.bc";
  Paths paths = {joined(resourceDir, name)};
  if (firstExisting(paths, path, error))
    return true;
  error = "the device library " + std::string(name) +
          " is missing; looked for: " + error +
          "; install RingKernel again, or set --resource-dir";
  return false;
}

bool Toolchain::findLibdevice(std::string &path, std::string &error) const {
  const char *name = "libdevice.10.bc";
  Paths paths = {joined(resourceDir, name),
                 joined(resourceDir, "cuda/nvvm/libdevice/libdevice.10.bc")};
  if (std::string home = environment("CUDA_HOME"); !home.empty())
    paths.push_back(joined(home, "nvvm/libdevice/libdevice.10.bc"));
  paths.push_back("/usr/local/cuda/nvvm/libdevice/libdevice.10.bc");
  if (firstExisting(paths, path, error))
    return true;
  error = "libdevice.10.bc (math functions for GPUs) is missing; looked for: " +
          error + "; install CUDA 13.0, or set CUDA_HOME";
  return false;
}

bool Toolchain::findPtxas(std::string &path, std::string &error) const {
  if (path = environment("RK_PTXAS"); !path.empty()) {
    if (llvm::sys::fs::can_execute(path))
      return true;
    error = "RK_PTXAS names '" + path + "', which cannot be run";
    return false;
  }
  Paths paths;
  if (std::string home = environment("CUDA_HOME"); !home.empty())
    paths.push_back(joined(home, "bin/ptxas"));
  paths.push_back("/usr/local/cuda/bin/ptxas");
  paths.push_back(joined(resourceDir, "cuda/bin/ptxas"));
  if (firstExisting(paths, path, error))
    return true;
  if (findProgram("ptxas", path))
    return true;
  error = "ptxas (the assembler of CUDA) is missing; looked for: " + error +
          ", and in PATH; install CUDA 13.0, or set RK_PTXAS";
  return false;
}

bool Toolchain::findLinker(std::string &path, std::string &error) const {
  if (path = environment("RK_LD"); !path.empty()) {
    std::string name = path;
    if (findProgram(name, path))
      return true;
    error = "RK_LD names '" + path + "', which cannot be run";
    return false;
  }
  for (const char *name : {"ld.lld-22", "ld.lld", "ld"})
    if (findProgram(name, path))
      return true;
  error = "no linker found (ld.lld-22, ld.lld or ld in PATH); install lld-22 "
          "or binutils, or set RK_LD";
  return false;
}

ProcessResult runProgram(llvm::StringRef program,
                         llvm::ArrayRef<std::string> arguments) {
  ProcessResult result;
  TemporaryFolder folder;
  if (!folder) {
    result.output = "cannot make a temporary folder";
    return result;
  }
  std::string log = folder.file("output");
  llvm::SmallVector<llvm::StringRef, 16> words = {program};
  words.append(arguments.begin(), arguments.end());
  std::string message;
  result.status = llvm::sys::ExecuteAndWait(
      program, words, std::nullopt,
      {llvm::StringRef(""), llvm::StringRef(log), llvm::StringRef(log)}, 0, 0,
      &message);
  std::string ignored;
  readFile(log, result.output, ignored);
  if (result.status < 0)
    result.output += message;
  return result;
}

TemporaryFolder::TemporaryFolder() {
  if (llvm::sys::fs::createUniqueDirectory("rkc", path))
    path.clear();
}

TemporaryFolder::~TemporaryFolder() {
  if (!path.empty())
    llvm::sys::fs::remove_directories(path);
}

std::string TemporaryFolder::file(llvm::StringRef name) const {
  return joined(path, name);
}

bool readFile(llvm::StringRef path, std::string &bytes, std::string &error) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer) {
    error =
        ("cannot read '" + path + "': ").str() + buffer.getError().message();
    return false;
  }
  bytes = (*buffer)->getBuffer().str();
  return true;
}

bool writeFile(llvm::StringRef path, llvm::StringRef bytes,
               std::string &error) {
  llvm::Error failed =
      llvm::writeToOutput(path, [&](llvm::raw_ostream &stream) {
        stream << bytes;
        return llvm::Error::success();
      });
  if (!failed)
    return true;
  error = ("cannot write '" + path + "': ").str();
  llvm::handleAllErrors(
      std::move(failed),
      [&](const llvm::ErrorInfoBase &info) { error += info.message(); });
  return false;
}

} // namespace rkc
