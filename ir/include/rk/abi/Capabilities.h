//===- Capabilities.h - Target names and what they can do ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Target names ("sm_90a", "sm_100f", "host") and the questions that compiler,
/// runtime and documentation ask about them. The answers are in
/// `Capabilities.def`.
///
//===----------------------------------------------------------------------===//

#pragma once

#include <stddef.h>
#include <stdint.h>

namespace rk::abi {

/// What a program may ask of a target.
enum class Feature : uint32_t {
#define RK_FEATURE(name, text, policy, hardware, needsSuffix, ptx) name,
#include "rk/abi/Capabilities.def"
};

inline constexpr uint32_t FeatureCount = 0
#define RK_FEATURE(name, text, policy, hardware, needsSuffix, ptx) +1
#include "rk/abi/Capabilities.def"
    ;

/// Which column of the table decides.
enum class Gate : uint32_t {
  Policy = 0,   ///< what rkc allows by default
  Hardware = 1, ///< whatever the instructions exist for
};

/// The letter behind an architecture's number.
enum class TargetSuffix : uint8_t {
  None = 0,
  Architecture = 1, ///< `a`: runs on exactly this architecture
  Family = 2,       ///< `f`: runs on this family
};

/// A compilation target: the host, or one GPU architecture.
struct Target {
  /// The number behind `sm_`; 0 is the host.
  uint16_t number = 0;
  TargetSuffix suffix = TargetSuffix::None;

  constexpr bool isHost() const { return number == 0; }
  constexpr bool operator==(const Target &) const = default;
};

/// A target's name, ending in a zero byte.
struct TargetName {
  char text[12] = {};
};

/// One row of the feature table.
struct FeatureRow {
  const char *name;
  const char *text;
  uint16_t policy;
  uint16_t hardware;
  bool needsSuffix;
  uint16_t ptx;
};

constexpr FeatureRow featureRow(Feature feature) {
  constexpr FeatureRow Rows[] = {
#define RK_FEATURE(name, text, policy, hardware, needsSuffix, ptx)             \
  {#name, text, policy, hardware, needsSuffix, ptx},
#include "rk/abi/Capabilities.def"
  };
  return Rows[uint32_t(feature)];
}

/// Returns whether `target` is in the table, suffix included.
constexpr bool isKnownTarget(Target target) {
  if (target.isHost())
    return target.suffix == TargetSuffix::None;
#define RK_TARGET(number_, hasArchitecture, hasFamily, ptx)                    \
  if (target.number == number_)                                                \
    return target.suffix == TargetSuffix::None ||                              \
           (target.suffix == TargetSuffix::Architecture && hasArchitecture) || \
           (target.suffix == TargetSuffix::Family && hasFamily);
#include "rk/abi/Capabilities.def"
  return false;
}

/// Reads a target's name.
///
/// Errors    false, and `target` is unchanged, if the name is not one of a
///           target in the table.
constexpr bool parseTarget(const char *text, size_t length, Target &target) {
  auto startsWith = [&](const char *prefix, size_t prefixLength) {
    if (length < prefixLength)
      return false;
    for (size_t i = 0; i != prefixLength; ++i)
      if (text[i] != prefix[i])
        return false;
    return true;
  };
  if (length == 4 && startsWith("host", 4)) {
    target = Target{};
    return true;
  }
  if (!startsWith("sm_", 3))
    return false;
  Target parsed;
  size_t at = 3;
  uint32_t number = 0;
  for (; at != length && text[at] >= '0' && text[at] <= '9'; ++at) {
    number = number * 10 + uint32_t(text[at] - '0');
    if (number > 999)
      return false;
  }
  if (at == 3 || text[3] == '0')
    return false;
  parsed.number = uint16_t(number);
  if (at != length) {
    if (text[at] == 'a')
      parsed.suffix = TargetSuffix::Architecture;
    else if (text[at] == 'f')
      parsed.suffix = TargetSuffix::Family;
    else
      return false;
    ++at;
  }
  if (at != length || !isKnownTarget(parsed))
    return false;
  target = parsed;
  return true;
}

/// Returns the name that `parseTarget` reads.
constexpr TargetName targetName(Target target) {
  TargetName name;
  if (target.isHost()) {
    name.text[0] = 'h', name.text[1] = 'o', name.text[2] = 's';
    name.text[3] = 't';
    return name;
  }
  name.text[0] = 's', name.text[1] = 'm', name.text[2] = '_';
  size_t at = 3;
  for (uint32_t unit = target.number >= 100 ? 100 : 10; unit; unit /= 10)
    name.text[at++] = char('0' + target.number / unit % 10);
  if (target.suffix == TargetSuffix::Architecture)
    name.text[at] = 'a';
  else if (target.suffix == TargetSuffix::Family)
    name.text[at] = 'f';
  return name;
}

/// Returns the least PTX version, major * 10 + minor, for the target; 0 for the
/// host and for a target not in the table.
constexpr uint32_t targetPtxVersion(Target target) {
#define RK_TARGET(number_, hasArchitecture, hasFamily, ptx)                    \
  if (target.number == number_)                                                \
    return target.suffix == TargetSuffix::Family && ptx < 88 ? 88 : ptx;
#include "rk/abi/Capabilities.def"
  return 0;
}

/// Returns the least sm number for `feature`.
constexpr uint16_t leastNumber(Feature feature, Gate gate) {
  const FeatureRow row = featureRow(feature);
  return gate == Gate::Policy ? row.policy : row.hardware;
}

/// Returns whether a program for `target` may use `feature`.
constexpr bool hasFeature(Target target, Feature feature, Gate gate) {
  if (target.isHost())
    return true;
  if (featureRow(feature).needsSuffix && target.suffix == TargetSuffix::None)
    return false;
  return target.number >= leastNumber(feature, gate);
}

} // namespace rk::abi
