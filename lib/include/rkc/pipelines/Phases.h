//===- Phases.h - The named steps of a compilation -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The phases of a compilation, once: their names, the passes that each runs,
/// and how long each took. `rkc --stop-after`, `rkc --time`, tests and
/// documentation use these names.
///
//===----------------------------------------------------------------------===//

#pragma once

#include "rkc/target/Target.h"

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>
#include <vector>

namespace rkc {

/// In the order in which they run. `Check` and `Import` belong to the frontend.
enum class Phase {
  Check,    ///< C++ to AST: the rules of the language hold
  Import,   ///< AST to `rk` and `llvm`: every marker is an op
  Analyze,  ///< types are numbered and checked; every target can run them
  Optimize, ///< `rk` to `rk`
  Lower,    ///< for each target: no `rk` op is left
  Emit,     ///< for each target: an image, and what it needs
  Pack,     ///< the bytes of a module file
};

/// "check", "import", ...
llvm::StringRef phaseName(Phase phase);
/// The phase of that name.
std::optional<Phase> parsePhase(llvm::StringRef name);
/// All names, in order, separated by ", ".
std::string phaseNames();

/// Which table the capability gate reads: what we allow, or what exists.
enum class Gate { Policy, Hardware };

/// The passes that a phase runs once, as a textual pipeline that rk-opt takes
/// too. Empty: none.
std::string programPipeline(Phase phase);
/// The passes that a phase runs for each target: the capability gate in
/// `Analyze`, and all of `Lower`.
std::string targetPipeline(Phase phase, const Target &target, Gate gate);

/// How long something took.
struct PhaseTime {
  /// A phase's name, or "emit sm_90 optimize" for a step.
  std::string name;
  double milliseconds = 0;
};

/// Prints a table of times with a total. Steps (names of several words) are
/// indented below their phase and not counted twice.
std::string formatTimes(const std::vector<PhaseTime> &times);

} // namespace rkc
