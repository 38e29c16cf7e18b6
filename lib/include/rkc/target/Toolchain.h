//===- Toolchain.h - Programs and files that emission uses -----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Where the device bitcode, libdevice, `ptxas` and the linker are, and how to
/// run a program.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace rkc {

/// The places in which emission looks. Nothing is looked up before it is
/// needed.
class Toolchain {
public:
  /// `resourceDir` is `<prefix>/lib/ringkernel`.
  explicit Toolchain(std::string resourceDir)
      : resourceDir(std::move(resourceDir)) {}

  /// Errors    each look-up returns false, and `error` names what is missing,
  ///           where it was looked for and what to do.

  /// Finds `rk_device_nvptx.bc` or `rk_device_host.bc`.
  bool findDeviceLibrary(bool gpu, std::string &path, std::string &error) const;
  /// Finds `libdevice.10.bc`: in the resource directory, then in CUDA.
  bool findLibdevice(std::string &path, std::string &error) const;
  /// Finds `ptxas`: `$RK_PTXAS`, `$CUDA_HOME/bin`, `/usr/local/cuda/bin`, the
  /// resource directory's `cuda/bin`, `$PATH`.
  bool findPtxas(std::string &path, std::string &error) const;
  /// Finds a linker for shared objects: `$RK_LD`, `ld.lld-22`, `ld.lld`, `ld`.
  bool findLinker(std::string &path, std::string &error) const;

  const std::string resourceDir;
};

/// Finds a program by its name in PATH, or by its path. Returns whether it can
/// be run.
bool findProgram(llvm::StringRef name, std::string &path);

/// What a program did.
struct ProcessResult {
  /// The exit status; negative when the program could not be started or was
  /// ended by a signal, and then `output` says why.
  int status = -1;
  /// Standard output and standard error, in the order written.
  std::string output;
};

/// Runs a program and waits for it. Standard input is empty.
ProcessResult runProgram(llvm::StringRef program,
                         llvm::ArrayRef<std::string> arguments);

/// A folder for temporary files, removed with all that is in it at the end.
class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;

  /// Whether the folder could be made.
  explicit operator bool() const { return !path.empty(); }
  std::string file(llvm::StringRef name) const;

private:
  llvm::SmallString<128> path;
};

/// Reads a whole file.
///
/// Errors    false; `error` names the file and the system's reason.
bool readFile(llvm::StringRef path, std::string &bytes, std::string &error);

/// Writes a whole file, or "-" for standard output. The file is complete or
/// untouched: it is written beside its place and then renamed.
///
/// Errors    false; `error` names the file and the system's reason.
bool writeFile(llvm::StringRef path, llvm::StringRef bytes, std::string &error);

} // namespace rkc
