//===- Target.cpp - The names of targets ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/target/Target.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

namespace rkc {

/// What both LLVM 22 and the ptxas of CUDA 13.0 take, from sm_80 on: the device
/// library is parsed for sm_80.
static constexpr llvm::StringLiteral gpuTargets[] = {
    "sm_80",   "sm_86",  "sm_87",   "sm_88",   "sm_89",  "sm_90",
    "sm_90a",  "sm_100", "sm_100a", "sm_100f", "sm_103", "sm_103a",
    "sm_103f", "sm_110", "sm_110a", "sm_110f", "sm_120", "sm_120a",
    "sm_120f", "sm_121", "sm_121a", "sm_121f"};

std::string knownTargets() {
  return llvm::join(llvm::ArrayRef(gpuTargets), ", ") + ", host";
}

bool parseTarget(llvm::StringRef name, Target &target, std::string &error) {
  if (name == "host") {
    target = Target{"host", 0, 0};
    return true;
  }
  if (!llvm::is_contained(gpuTargets, name)) {
    error =
        ("unknown target '" + name + "'; known are: ").str() + knownTargets();
    return false;
  }
  target.name = name.str();
  llvm::StringRef digits = name.drop_front(3);
  digits.consumeInteger(10, target.sm);
  target.suffix = digits.empty() ? 0 : digits.front();
  return true;
}

bool parseTargets(llvm::StringRef list, std::vector<Target> &targets,
                  std::string &error) {
  llvm::SmallVector<llvm::StringRef> names;
  list.split(names, ',');
  for (llvm::StringRef name : names) {
    Target target;
    if (!parseTarget(name.trim(), target, error))
      return false;
    auto same = [&](const Target &other) { return other.name == target.name; };
    if (llvm::none_of(targets, same))
      targets.push_back(std::move(target));
  }
  return true;
}

} // namespace rkc
