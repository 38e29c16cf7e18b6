//===- HostBuild.h - The host part of a program ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Compiles sources with the user's own C++ compiler, and links programs.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "CommandLine.h"
#include "rkc/target/Toolchain.h"

#include "llvm/Support/Program.h"

namespace rkc::driver {

/// Returns those sources that have actors: that name the attribute
/// `rk::actor`, or include a file that does, by a name in quotes or below an -I
/// folder. Nothing is parsed here, so a source may be counted for a comment.
std::vector<std::string> sourcesWithActors(const CommandLine &line);

/// The host part of one program: sources compile side by side while the actors
/// are compiled.
class HostBuild {
public:
  HostBuild(const CommandLine &line, const std::string &includeDir,
            const std::string &libraryDir);
  ~HostBuild();

  /// Starts a compiler for every source.
  ///
  /// Errors    false; `error` says what is missing.
  bool start(std::string &error);
  /// Waits for the compilers. What they print goes to standard error, in the
  /// order of the sources.
  ///
  /// Errors    false; `error` names the sources that did not compile.
  bool wait(std::string &error);
  /// Links the program from the host objects, `moduleObject` (bytes) and the
  /// runtime.
  ///
  /// Errors    false; `error` says what failed.
  bool link(llvm::StringRef moduleObject, llvm::StringRef output,
            std::string &error);

private:
  struct Job {
    std::string source, object, log;
    llvm::sys::ProcessInfo process;
    bool isRunning = false;
  };
  bool findCompiler(std::string &error);
  std::vector<std::string> compileFlags() const;

  const CommandLine &line;
  const std::string includeDir, libraryDir;
  TemporaryFolder folder;
  std::string compiler;
  bool isClang = false;
  std::vector<Job> jobs;
};

} // namespace rkc::driver
