//===- CapabilitiesTest.cpp - Target names and the table ------------------===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//

#include "rk/abi/Capabilities.h"

#include <cstdio>
#include <string_view>

using namespace rk::abi;

namespace {

int failures = 0;

#define EXPECT(condition)                                                      \
  ((condition)                                                                 \
       ? void()                                                                \
       : void((std::printf("%s:%d: %s\n", __FILE__, __LINE__, #condition),     \
               ++failures)))

constexpr bool parses(std::string_view name) {
  Target target;
  return parseTarget(name.data(), name.size(), target);
}

constexpr Target parsed(std::string_view name) {
  Target target{1, TargetSuffix::Family};
  parseTarget(name.data(), name.size(), target);
  return target;
}

// The parser is usable at compile time.
static_assert(parsed("sm_90a") == Target{90, TargetSuffix::Architecture});
static_assert(parsed("host").isHost());
static_assert(!parses("sm_91"));

void testNames() {
  for (std::string_view name :
       {"host", "sm_80", "sm_86", "sm_87", "sm_88", "sm_89", "sm_90", "sm_90a",
        "sm_100", "sm_100a", "sm_100f", "sm_103a", "sm_110f", "sm_120",
        "sm_120a", "sm_120f", "sm_121a"}) {
    EXPECT(parses(name));
    EXPECT(targetName(parsed(name)).text == name);
  }
  for (std::string_view name :
       {"",           "h",      "hosts",   "sm",
        "sm_",        "sm_a",   "sm_9",    "sm_090",
        "sm_80a",     "sm_90f", "sm_90b",  "sm_90aa",
        "sm_100af",   "sm_75",  "sm_1000", "sm_4294967376",
        "compute_90", "SM_90",  " sm_90",  "sm_90 "})
    EXPECT(!parses(name));
  Target untouched{90, TargetSuffix::None};
  EXPECT(!parseTarget("sm_91", 5, untouched));
  EXPECT((untouched == Target{90, TargetSuffix::None}));
}

bool has(std::string_view target, Feature feature, Gate gate) {
  return hasFeature(parsed(target), feature, gate);
}

void testFeatures() {
  EXPECT(has("sm_80", Feature::BFloat16, Gate::Policy));
  EXPECT(!has("sm_89", Feature::Float8, Gate::Policy));
  EXPECT(has("sm_89", Feature::Float8, Gate::Hardware));
  EXPECT(!has("sm_86", Feature::Float8, Gate::Hardware));
  EXPECT(has("sm_90", Feature::Float8, Gate::Policy));
  for (Feature feature : {Feature::Float6, Feature::Float4})
    for (Gate gate : {Gate::Policy, Gate::Hardware}) {
      EXPECT(!has("sm_90a", feature, gate));
      EXPECT(!has("sm_100", feature, gate));
      EXPECT(!has("sm_120", feature, gate));
      EXPECT(has("sm_100a", feature, gate));
      EXPECT(has("sm_100f", feature, gate));
      EXPECT(has("sm_120a", feature, gate));
    }
  EXPECT(!has("sm_89", Feature::Clusters, Gate::Hardware));
  EXPECT(has("sm_90", Feature::Clusters, Gate::Policy));
  for (uint32_t i = 0; i != FeatureCount; ++i)
    EXPECT(has("host", Feature(i), Gate::Policy));
}

/// A policy may ask for more than the hardware needs, never for less.
void testTable() {
  for (uint32_t i = 0; i != FeatureCount; ++i) {
    FeatureRow row = featureRow(Feature(i));
    EXPECT(row.policy >= row.hardware);
    EXPECT(isKnownTarget({row.policy, TargetSuffix::None}));
    EXPECT(isKnownTarget({row.hardware, TargetSuffix::None}));
  }
  EXPECT(targetPtxVersion(parsed("sm_90a")) == 80);
  EXPECT(targetPtxVersion(parsed("sm_100f")) == 88);
  EXPECT(targetPtxVersion(parsed("host")) == 0);
}

} // namespace

int main() {
  testNames();
  testFeatures();
  testTable();
  return failures ? 1 : 0;
}
