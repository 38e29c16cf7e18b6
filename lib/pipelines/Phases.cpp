//===- Phases.cpp - The named steps of a compilation ----------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/pipelines/Phases.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

namespace rkc {

static constexpr llvm::StringLiteral names[] = {
    "check", "import", "analyze", "optimize", "lower", "emit", "pack"};

llvm::StringRef phaseName(Phase phase) { return names[unsigned(phase)]; }

std::optional<Phase> parsePhase(llvm::StringRef name) {
  const auto *found = llvm::find(names, name);
  if (found == std::end(names))
    return std::nullopt;
  return Phase(found - std::begin(names));
}

std::string phaseNames() { return llvm::join(llvm::ArrayRef(names), ", "); }

std::string programPipeline(Phase phase) {
  if (phase == Phase::Analyze)
    return "rk-number-program,rk-check-program,rk-choose-tiers";
  return phase == Phase::Optimize ? "rk-infer-halos,rk-plan-stencils" : "";
}

std::string targetPipeline(Phase phase, const Target &target, Gate gate) {
  if (phase == Phase::Analyze && target.isGpu())
    return "rk-gate{target=" + target.name +
           " gate=" + (gate == Gate::Policy ? "policy}" : "hardware}");
  if (phase == Phase::Lower)
    return "rk-lower-stencils{target=" + target.name +
           "},rk-generate-dispatch{serves-residents=" +
           (target.isGpu() ? "true" : "false") + "}," +
           std::string(target.isHost() ? "rk-to-host" : "rk-to-nvvm") +
           ",rk-verify-lowered{target=" + target.name + "}";
  return "";
}

std::string formatTimes(const std::vector<PhaseTime> &times) {
  double total = 0;
  for (const PhaseTime &time : times)
    if (!llvm::StringRef(time.name).contains(' '))
      total += time.milliseconds;
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << "phase                                 ms    share\n";
  for (const PhaseTime &time : times) {
    bool isStep = llvm::StringRef(time.name).contains(' ');
    std::string name = (isStep ? "  " : "") + time.name;
    stream << llvm::format("%-30s %9.1f  %5.1f %%\n", name.c_str(),
                           time.milliseconds,
                           total > 0 ? 100 * time.milliseconds / total : 0);
  }
  stream << llvm::format("%-30s %9.1f\n", "total", total);
  return text;
}

} // namespace rkc
