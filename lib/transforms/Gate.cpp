//===- Gate.cpp - Refuses what a target cannot do -------------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rkc/transforms/Passes.h"

#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using rk::abi::Feature;
using rk::abi::Target;
using rk::abi::TargetSuffix;

namespace rkc::transforms {

#define GEN_PASS_DEF_GATEPASS
#include "rkc/transforms/Passes.h.inc"

namespace {

std::string nameOf(Target target) { return rk::abi::targetName(target).text; }

/// Returns the least targets that have `feature`: "sm_100a or sm_100f".
std::string leastTargets(Feature feature, rk::abi::Gate gate) {
  Target least{rk::abi::leastNumber(feature, gate), TargetSuffix::None};
  if (!rk::abi::featureRow(feature).needsSuffix)
    return nameOf(least);
  least.suffix = TargetSuffix::Architecture;
  std::string text = nameOf(least);
  least.suffix = TargetSuffix::Family;
  return text + " or " + nameOf(least);
}

/// Returns how else the user can get there, or nothing.
std::string advice(Feature feature, Target target, rk::abi::Gate gate) {
  Target specific{target.number, TargetSuffix::Architecture};
  if (target.suffix == TargetSuffix::None && rk::abi::isKnownTarget(specific) &&
      rk::abi::hasFeature(specific, feature, gate))
    return ", which lacks its architecture's own instructions: compile for " +
           nameOf(specific);
  if (gate == rk::abi::Gate::Policy &&
      rk::abi::hasFeature(target, feature, rk::abi::Gate::Hardware))
    return ", whose hardware has it: --gate=hardware allows that";
  return "";
}

struct Gate : impl::GatePassBase<Gate> {
  using Base::Base;

  void runOnOperation() override {
    Target parsed;
    if (!rk::abi::parseTarget(target.data(), target.size(), parsed))
      return fail("unknown target '" + target +
                  "': give 'host', or a GPU as in 'sm_90a'");
    if (gate != "policy" && gate != "hardware")
      return fail("unknown gate '" + gate + "': give 'policy' or 'hardware'");
    auto column =
        gate == "policy" ? rk::abi::Gate::Policy : rk::abi::Gate::Hardware;
    bool ok = true;
    getOperation().walk([&](CapabilityOpInterface op) {
      Feature feature = op.getRequiredFeature();
      if (rk::abi::hasFeature(parsed, feature, column))
        return;
      std::string detail = op.getCapabilityDetail();
      op->emitError() << '\'' << op->getName() << '\''
                      << (detail.empty() ? "" : " ") << detail << " needs "
                      << leastTargets(feature, column) << "; the target is "
                      << nameOf(parsed) << advice(feature, parsed, column);
      ok = false;
    });
    if (!ok)
      signalPassFailure();
  }

  void fail(const std::string &message) {
    getOperation().emitError(message);
    signalPassFailure();
  }
};

} // namespace
} // namespace rkc::transforms
