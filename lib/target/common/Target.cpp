//===- Target.cpp - The names of targets ----------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/target/Target.h"

#include "rk/abi/Capabilities.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Twine.h"

namespace rkc {

namespace abi = rk::abi;

std::string knownTargets() {
  std::string names;
  auto add = [&](uint16_t number, abi::TargetSuffix suffix) {
    abi::Target target;
    target.number = number;
    target.suffix = suffix;
    names += std::string(abi::targetName(target).text) + ", ";
  };
#define RK_TARGET(number, hasArchitecture, hasFamily, ptx)                     \
  add(number, abi::TargetSuffix::None);                                        \
  if (hasArchitecture)                                                         \
    add(number, abi::TargetSuffix::Architecture);                              \
  if (hasFamily)                                                               \
    add(number, abi::TargetSuffix::Family);
#include "rk/abi/Capabilities.def"
  return names + "host";
}

static char suffixLetter(abi::TargetSuffix suffix) {
  switch (suffix) {
  case abi::TargetSuffix::None:
    return 0;
  case abi::TargetSuffix::Architecture:
    return 'a';
  case abi::TargetSuffix::Family:
    return 'f';
  }
  return 0;
}

bool parseTarget(llvm::StringRef name, Target &target, std::string &error) {
  abi::Target parsed;
  if (!abi::parseTarget(name.data(), name.size(), parsed)) {
    error =
        ("unknown target '" + name + "'; known are: ").str() + knownTargets();
    return false;
  }
  target = Target{name.str(), parsed.number, suffixLetter(parsed.suffix)};
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
