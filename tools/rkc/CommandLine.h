//===- CommandLine.h - What rkc is asked to do -----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The command line of rkc, parsed and checked.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/pipelines/Phases.h"
#include "rkc/target/Target.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>
#include <vector>

namespace rkc::driver {

/// Exit codes of rkc.
enum ExitCode : int {
  ExitDone = 0,
  /// The input was refused, or a file could not be read or written.
  ExitRefused = 1,
  /// The command line makes no sense.
  ExitUsage = 2,
};

enum class Emit {
  Program,   ///< compile the host part too, and link
  Object,    ///< the module, embedded in an object
  Ast,       ///< actors, handlers and messages as text
  Rk,        ///< the program in the rk dialect
  Llvm,      ///< optimised LLVM IR of the first target
  Ptx,       ///< PTX of the first GPU target
  Cubin,     ///< machine code of the first GPU target
  HostImage, ///< the shared object for the CPU back end
  Module,    ///< the module file
};

/// Whether make should be told what the output depends on.
struct DependencyOptions {
  bool enabled = false;             ///< -MD or -MMD
  bool withoutSystem = false;       ///< -MMD
  bool phonyTargets = false;        ///< -MP
  std::string file;                 ///< -MF
  std::vector<std::string> targets; ///< -MT, and -MQ quoted
};

struct CommandLine {
  bool showHelp = false, showVersion = false;
  /// C++ sources, or one `.mlir` file.
  std::vector<std::string> sources;
  /// Objects, archives and linker flags, in the order given.
  std::vector<std::string> linkArguments;
  std::string output;
  Emit emit = Emit::Program;
  std::optional<Phase> stopAfter;
  std::vector<Target> targets;
  Gate gate = Gate::Policy;

  std::vector<std::string> includeDirs;
  /// -D, -U, -W..., -isystem and others that both compilers take.
  std::vector<std::string> languageFlags;
  /// For the host compiler only.
  std::vector<std::string> hostFlags;
  std::string standard = "c++20";
  unsigned optLevel = 3;
  bool debugInfo = false;
  bool sanitizeThread = false;
  DependencyOptions dependencies;

  std::string hostCompiler;
  std::string resourceDir;
  bool showTimes = false;
  /// --no-cache: compile whatever was compiled before.
  bool noCache = false;
  /// --remarks: a regular expression for names; empty for all.
  std::optional<std::string> remarks;
  /// For tests: a `.mlir` source is lowered for the only target.
  bool isLowered = false;
  /// For tests: crash at this phase or step, in this way.
  std::string crashStep, crashKind;
  /// The whole line, quoted for a shell.
  std::string text;

  bool fromMlir() const;
};

/// Parses `arguments` (without the program's name).
///
/// Errors    false; `error` is one line that says what is wrong.
bool parseCommandLine(llvm::ArrayRef<const char *> arguments, CommandLine &line,
                      std::string &error);

/// What `rkc --help` prints.
std::string helpText();

/// "actors" for "src/actors.cpp".
std::string stem(llvm::StringRef path);

/// Quotes a word for a shell, if it needs that.
std::string shellQuoted(llvm::StringRef word);

} // namespace rkc::driver
